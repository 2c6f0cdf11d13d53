"""Counting again from the answers, and corrections of what was published."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audits.models import Answer, Period, PublishedVisit, Revision, UnitCriterionScore, UnitScore
from audits.results import actions as results
from audits.results.actions import CorrectedValue
from audits.results.recount import Recount, of_period, of_periods
from audits.results.tallies import Kind
from tests import published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
DAY = date(2026, 10, 14)
AT = published.moment(date(2026, 11, 9))


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def block(at, people):
    """Two visits of 100 % and one of 25 %, published in October."""
    visits = [
        published.approved(at.counter, people.shopper, DAY, "yy"),
        published.approved(at.counter, people.shopper, DAY + timedelta(days=1), "yy"),
        published.approved(at.counter, people.shopper2, DAY + timedelta(days=2), "yn"),
    ]
    published.closed(OCTOBER)
    return visits


def drifts():
    return [(each.what, each.stored, each.counted) for each in of_period(Period.objects.get(), Recount())]


def test_what_was_closed_has_no_drift(block):
    assert drifts() == []


def test_the_command_says_so_and_ends_well(block, capsys):
    call_command("recount", "2026-10")
    assert capsys.readouterr().out == "3 visits and 16 figures counted again: 0 drift\n"


@pytest.mark.parametrize(
    ("model", "column"), [(UnitScore, "total"), (UnitScore, "visits"), (UnitCriterionScore, "lost")]
)
def test_a_row_changed_by_hand_is_found(block, capsys, model, column):
    row = model.objects.order_by("pk").first()
    model.objects.filter(pk=row.pk).update(**{column: getattr(row, column) + 1})
    with pytest.raises(SystemExit) as ended:
        call_command("recount")
    assert ended.value.code == 1
    assert "1 drift" in capsys.readouterr().out


def test_a_row_deleted_or_an_answer_changed_is_found(block):
    UnitScore.objects.filter(kind=Kind.SECTION).first().delete()
    assert len(drifts()) == 1
    Answer.objects.filter(visit=block[0], criterion__code="A2").update(value="no")
    assert f"visit {block[0].public_id}" in {what for what, _stored, _counted in drifts()}


def corrected(visit, people, **values):
    values = {code: CorrectedValue(value) for code, value in values.items()}
    return results.correct(visit=visit, values=values, reason="Ảnh cho thấy đã đạt", by=people.office, at=AT)


def test_a_correction_moves_every_figure_and_the_answer_stays(block, at, people):
    revision = corrected(block[2], people, A2="yes")
    assert (revision.number, revision.percent, revision.grade) == (1, 1_000_000, "excellent")
    for unit in (at.counter.unit, at.long_xuyen, at.an_giang, at.group):
        total = UnitScore.objects.get(unit=unit, kind=Kind.TOTAL)
        assert (total.visits, total.total, total.squares) == (3, 3_000_000, 3 * 10**12)
    assert Answer.objects.get(visit=block[2], criterion__code="A2").value == "no"
    assert drifts() == []


def test_the_figures_before_a_correction_stay_readable(block, at, people):
    revision = corrected(block[2], people, A2="yes")
    assert [at.group.pk, 3, 2_250_000, 3_000_000] in revision.effects
    assert block[2].submissions.get().percent == 250_000


def test_a_second_correction_stands_on_the_first(block, people):
    corrected(block[2], people, A2="yes")
    corrected(block[2], people, A1="no")
    assert PublishedVisit.objects.get(pk=block[2].pk).percent == 750_000
    assert list(Revision.objects.order_by("number").values_list("number", "percent")) == [(1, 1_000_000), (2, 750_000)]
    assert drifts() == []


@pytest.fixture
def larger_block(at, people):
    """Three visits by each of two shoppers, all of 75 %."""
    visits = [
        published.approved(
            at.counter, (people.shopper, people.shopper2)[number % 2], DAY + timedelta(days=number), "ny"
        )
        for number in range(6)
    ]
    published.closed(OCTOBER)
    return visits


def test_a_visit_may_lose_or_gain_its_score(larger_block, at, people):
    corrected(larger_block[2], people, A1="na", A2="na")
    total = UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL)
    assert (total.visits, total.unscored, total.total) == (5, 1, 3_750_000)
    assert drifts() == []
    corrected(larger_block[2], people, A1="yes")
    assert UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL).visits == 6
    assert drifts() == []


def test_a_criterion_that_stops_applying_hides_what_it_would_give_away(larger_block, at, people):
    """One visit without A1 would be told by subtraction, so A1 or A2 is folded; nothing is lost of the sum."""
    before = UnitCriterionScore.objects.filter(unit=at.group).count()
    corrected(larger_block[2], people, A1="na")
    rows = UnitCriterionScore.objects.filter(unit=at.group)
    assert (before, rows.count()) == (2, 3)
    total = UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL).total
    assert sum(rows.values_list("lost", flat=True)) == 6_000_000 - total
    assert {row.code for row in rows if row.met + row.partly + row.not_met} == {"A2"}
    assert drifts() == []


@pytest.mark.parametrize("values", [{"A1": "na", "A2": "na"}, {"A2": "na"}])
def test_a_correction_that_leaves_too_few_visits_is_refused(block, at, people, values):
    """The whole would rest on two visits, or A2 would."""
    before = list(UnitScore.objects.order_by("pk").values()), list(UnitCriterionScore.objects.order_by("pk").values())
    with pytest.raises(results.TooFewLeft) as refused:
        corrected(block[2], people, **values)
    assert refused.value.codes == (() if "A1" in values else ("A2",))
    after = list(UnitScore.objects.order_by("pk").values()), list(UnitCriterionScore.objects.order_by("pk").values())
    assert before == after
    assert not Revision.objects.exists()


def test_a_correction_that_leaves_one_shopper_is_refused(at, people):
    days = [DAY + timedelta(days=number) for number in range(4)]
    visits = [published.approved(at.counter, people.shopper, day, "yy") for day in days[:3]]
    visits.append(published.approved(at.counter, people.shopper2, days[3], "yn"))
    published.closed(OCTOBER)
    with pytest.raises(results.TooFewLeft):
        corrected(visits[3], people, A2="na")
    corrected(visits[0], people, A2="no")
    assert drifts() == []


def test_the_rule_of_a_correction_is_that_of_its_month(block, people, settings):
    settings.BLOCK_VISITS = 1
    with pytest.raises(results.TooFewLeft):
        corrected(block[2], people, A2="na")


def test_only_published_visits_are_corrected_and_only_to_something_else(block, at, people):
    waiting = published.approved(at.counter, people.shopper, DAY)
    with pytest.raises(results.NotPublished):
        corrected(waiting, people, A1="no")
    with pytest.raises(results.NothingCorrected):
        corrected(block[0], people, A1="yes")
    with pytest.raises(ValueError):
        corrected(block[0], people, A1="perhaps")
    assert not Revision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_counting_again_waits_for_nobody_who_writes():
    """On SQLite a transaction begins as a writer unless it says that it only reads."""
    period = Period.objects.create(month=OCTOBER, closed_at=AT, least_visits=3, least_shoppers=2)
    writes, counted = Event(), Event()

    def write():
        try:
            with transaction.atomic():
                Period.objects.update(least_visits=4)
                writes.set()
                return counted.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert writes.wait(10)
        assert list(of_periods([period], Recount())) == []
        counted.set()
        assert writing.result()
