"""A reminder about safety: at once, to all outlets around, and also when nothing was seen."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from audits.models import Answer, ChecklistVersion, Criterion
from audits.results import safety
from outlets.models import Channel
from outlets.people.permissions import Right, Scope, access_of
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 3)
SEEN_AT = published.moment(DAY)
BY_CHANCE = safety.begins_by_chance
HEADING = "Nhắc chung về an toàn"


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def crews(at):
    """Three crews of An Giang, two in one office and one elsewhere; one of Hà Nội."""
    made = [worlds.outlet(f"AGG-KT-{n}", f"Tổ {n}", at.long_xuyen, Channel.TECHNICIAN) for n in (1, 2)]
    made.append(worlds.outlet("AGG-KT-3", "Tổ 3", at.an_giang, Channel.TECHNICIAN))
    return [*made, worlds.outlet("HNI-KT-1", "Tổ Hà Nội", at.dong_da, Channel.TECHNICIAN)]


@pytest.fixture
def checklist(crews, settings):
    """Of technicians; A2 is critical."""
    made = plans.checklist("KT", Channel.TECHNICIAN, is_running=False)
    Criterion.objects.filter(version__checklist=made, code="A2").update(critical=True)
    ChecklistVersion.objects.filter(checklist=made).update(state="published", published_at=worlds.NOW)
    settings.SAFETY_CRITERIA = ["A2"]
    return made


@pytest.fixture(autouse=True)
def nothing_by_chance(monkeypatch):
    monkeypatch.setattr(safety, "begins_by_chance", lambda *given: False)


@pytest.fixture
def missed(checklist, crews, people):
    """The first crew did not meet what its safety rests on."""
    return published.approved(crews[0], people.shopper, DAY, "yn", of=checklist)


def reminded(user, at=SEEN_AT):
    found = safety.reminders(access_of(user).scope(Right.READ_UNIT_RESULTS), at)
    return [(unit.name, each.criterion.code) for each in found for unit in each.units]


def test_all_crews_of_the_nearest_unit_with_three_are_reminded_at_once(missed, people, at):
    assert reminded(people.manager) == [("VNPT An Giang", "A2")]
    assert reminded(people.manager, SEEN_AT - timedelta(seconds=1)) == []
    assert reminded(people.manager2) == [("Tập đoàn VNPT", "A2")]  # whose crew has no two others nearer


def test_the_heads_of_all_crews_around_read_the_same(missed, people, crews):
    told = []
    for crew in crews[:3]:
        people.outlethead.memberships.update(unit=crew.unit)
        told.append(reminded(people.outlethead))
    assert told == [[("VNPT An Giang", "A2")]] * 3


def test_it_stays_two_weeks_also_when_the_visit_is_published(missed, people):
    last = SEEN_AT + safety.SHOWN_FOR - timedelta(seconds=1)
    type(missed).objects.filter(pk=missed.pk).update(state="published")
    assert reminded(people.manager, last) == [("VNPT An Giang", "A2")]
    assert reminded(people.manager, last + timedelta(seconds=1)) == []


@pytest.mark.parametrize("change", ["met", "not critical", "not approved", "not named"])
def test_nothing_else_reminds(missed, people, settings, change):
    if change == "met":
        Answer.objects.filter(criterion__code="A2").update(result=100)
    elif change == "not approved":
        type(missed).objects.filter(pk=missed.pk).update(state="submitted")
    elif change == "not named":
        settings.SAFETY_CRITERIA = []
    else:
        settings.SAFETY_CRITERIA = ["A1"]
        Answer.objects.filter(criterion__code="A1").update(result=0)
    assert reminded(people.manager) == []


def test_the_page_names_no_outlet_and_no_visit(client, missed, people, crews, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: SEEN_AT)
    client.force_login(people.manager)
    words = pages.words(client.get("/"))
    for expected in (HEADING, "Tiêu chí 2", "kiểm tra lại trong hôm nay: VNPT An Giang."):
        assert expected in words
    assert crews[0].unit.name not in words.partition(HEADING)[2].partition("Ý kiến")[0][:200]
    client.force_login(people.observer)
    assert HEADING not in pages.words(client.get("/"))


def test_reminders_come_as_well_when_nothing_was_seen(checklist, at, monkeypatch, settings):
    """About a third of the time, and on any day: so that one of them tells nothing."""
    monkeypatch.setattr(safety, "begins_by_chance", BY_CHANCE)
    settings.SECRET_KEY = "always the same chance"
    at.an_giang.public_id = UUID(int=1)
    at.an_giang.save()
    scope = Scope(unit_ids=frozenset({at.an_giang.pk}))
    unit, hours = at.an_giang, range(0, 24 * 7 * 600, 7)
    shown = [safety.begins_by_chance(unit, "A2", SEEN_AT + timedelta(hours=hour)) for hour in hours]
    assert 0.2 < sum(shown) / len(shown) < 0.45
    begins = [hour for hour, before, now in zip(hours[1:], shown, shown[1:], strict=False) if now and not before]
    assert len({(SEEN_AT + timedelta(hours=hour)).weekday() for hour in begins}) == 7
    on = next(hour for hour, is_shown in zip(hours, shown, strict=True) if is_shown)
    assert [each.units for each in safety.reminders(scope, SEEN_AT + timedelta(hours=on))] == [(unit,)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow_with_crews_and_misses(
    missed, checklist, crews, people, count, django_assert_num_queries
):
    for crew in crews[1:count]:
        published.approved(crew, people.shopper2, DAY, "yn", of=checklist)
    scope = access_of(people.manager).scope(Right.READ_UNIT_RESULTS)
    with django_assert_num_queries(7):
        assert len(safety.reminders(scope, SEEN_AT)) == 1
