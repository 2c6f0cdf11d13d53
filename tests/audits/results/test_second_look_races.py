"""Two people act on one request, or on one criterion, at the same moment: one is done, the other is told."""

from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest

from audits.models import (
    Block,
    Correction,
    PublishedVisit,
    Revision,
    SecondLook,
    SecondLookEvent,
    SecondLookFile,
    UnitCriterionScore,
    UnitScore,
)
from audits.results.actions import CorrectedValue
from audits.results.second_looks import actions
from audits.results.tallies import Kind
from outlets.models import Role
from tests import published, second_looks, worlds
from tests.races import TIMES, rounds
from tests.second_looks import RULED_AT

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8 * TIMES


@pytest.fixture
def at(transactional_db):
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def block(at, people):
    for number, answers in enumerate(("yy", "yy", "yn")):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(date(2026, 10, 1))
    return Block.objects.select_related("period").get()


def test_of_two_managers_who_ask_at_once_one_asks_and_the_other_is_led_there(block, people, media_root):
    def settle(outcomes):
        (made,) = [each for each in outcomes if isinstance(each, SecondLook)]
        (refused,) = [each for each in outcomes if isinstance(each, actions.AlreadyAsked)]
        assert refused.second_look == made == SecondLook.objects.get()
        assert SecondLookEvent.objects.count() == 1
        assert sorted(path.name for path in media_root.rglob("*.pdf")) == [
            name.rpartition("/")[2]
            for name in SecondLookFile.objects.filter(thumbnail="").values_list("file", flat=True)
        ]
        for model in (SecondLookEvent, SecondLookFile, SecondLook):
            model.objects.all().delete()
        for path in media_root.rglob("*.*"):
            path.unlink()

    acts = [partial(second_looks.asked, block, by, with_files=True) for by in (people.outlethead, people.manager)]
    rounds(ROUNDS, acts, settle, (actions.AlreadyAsked,))


def test_withdrawn_upheld_and_kept_at_once_one_of_them_is_so_and_figures_follow(block, people):
    look = second_looks.asked(block, people.outlethead)
    visit = second_looks.doubted(look).visit
    office2 = worlds.user("office2", Role.OFFICE)
    won: Counter[str] = Counter()

    def fresh():
        return SecondLook.objects.select_related("criterion").get(pk=look.pk)

    acts = [
        lambda: actions.withdraw(second_look=fresh(), by=people.outlethead, at=RULED_AT),
        lambda: actions.keep(second_look=fresh(), ruling="Giữ nguyên như cũ", by=office2, at=RULED_AT),
        lambda: actions.uphold(
            second_look=fresh(),
            ruling="Đơn vị nói đúng",
            values={visit: CorrectedValue("yes")},
            by=people.office,
            at=RULED_AT,
        ),
    ]

    def settle(outcomes):
        assert sum(isinstance(each, actions.Moved) for each in outcomes) == 2
        now = SecondLook.objects.get(pk=look.pk)
        assert [event.kind for event in now.events.all()] == ["asked", now.state]
        is_upheld = now.state == SecondLook.State.UPHELD
        assert (Revision.objects.count(), now.revisions.count()) == (int(is_upheld), int(is_upheld))
        total = UnitScore.objects.get(unit=block.outlet_id, kind=Kind.TOTAL).total
        assert total == (3_000_000 if is_upheld else 2_250_000)
        won[now.state] += 1
        now.revisions.clear()
        for model in (Correction, Revision):
            model.objects.all().delete()
        if is_upheld:
            PublishedVisit.objects.filter(pk=visit.pk).update(percent=250_000)
            for model, some in rows.items():
                model.objects.all().delete()
                model.objects.bulk_create(some)
        now.events.exclude(kind="asked").delete()
        SecondLook.objects.filter(pk=look.pk).update(state="asked", ruling="", read_at=None)

    rows = {model: list(model.objects.all()) for model in (UnitScore, UnitCriterionScore)}
    rounds(ROUNDS, acts, settle, (actions.Moved,))
    assert won.total() == ROUNDS


def test_of_two_who_have_read_it_the_first_counts(block, people):
    look = second_looks.kept(second_looks.asked(block, people.outlethead), people.office)

    def settle(outcomes):
        assert sum(isinstance(each, actions.Moved) for each in outcomes) == 1
        assert SecondLookEvent.objects.filter(kind="read").count() == 1
        SecondLookEvent.objects.filter(kind="read").delete()
        SecondLook.objects.update(read_at=None)

    acts = [
        partial(actions.mark_read, second_look=look, by=by, at=RULED_AT) for by in (people.outlethead, people.manager)
    ]
    rounds(ROUNDS, acts, settle, (actions.Moved,))
