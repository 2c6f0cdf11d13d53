"""What the national data set is made of: alike for a seed, refused where it cannot be, and closed as months are."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from django.db import transaction

from audits.models import (
    Answer,
    Block,
    Period,
    PeriodChecklist,
    PeriodUnit,
    PublishedVisit,
    Submission,
    UnitCriterionScore,
    UnitScore,
    Visit,
    VisitEvent,
)
from audits.results import actions as results
from audits.results.recount import Recount, of_period, of_periods
from outlets.models import Channel, Outlet, Unit, UnitEvent, UnitName, UnitParent, User
from outlets.organisation import actions as organisation
from outlets.organisation import provinces, reference
from tests.national.conftest import SMALL
from vnpt_smile.demo.dates import local
from vnpt_smile.national import organisation as national
from vnpt_smile.national.organisation import Place
from vnpt_smile.national.scale import Scale
from vnpt_smile.national.seed import seed
from vnpt_smile.national.visits import closed_at

OCTOBER = SMALL.last
TINY = replace(SMALL, months=2, visits=2 * 24 * 3)

FIGURES = {
    Visit: ("public_id", "outlet__unit__code", "shopper__shopper_code", "visited_on", "submitted_at", "state"),
    Submission: ("receipt", "visit__public_id", "percent", "grade", "workings__earned"),
    Answer: ("visit__public_id", "criterion__code", "value", "number", "note", "changed_at", "result", "lost"),
    VisitEvent: ("visit__public_id", "kind", "from_state", "to_state", "at"),
    Block: ("period__month", "outlet__unit__code", "checklist__code", "visits"),
    PublishedVisit: ("visit__public_id", "submission__receipt", "percent", "critical_failures", "is_late"),
    PeriodUnit: ("period__month", "unit__code", "parent__code", "name"),
    PeriodChecklist: ("period__month", "checklist__code", "version__number", "variance", "degrees"),
    UnitScore: (
        "period__month",
        "unit__code",
        "checklist__code",
        "kind",
        "code",
        "visits",
        "outlets",
        "total",
        "squares",
    ),
    UnitCriterionScore: ("period__month", "unit__code", "checklist__code", "code", "met", "not_applicable", "lost"),
}


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Everything that a seed decides, without keys, in an order of its own."""
    return {model.__name__: sorted(model.objects.values_list(*columns), key=repr) for model, columns in FIGURES.items()}


@cache
def closed_country() -> dict[str, list[tuple[object, ...]]]:
    """The rows of TINY, made once."""
    return made(TINY)


def made(scale: Scale) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a country that is taken back at once."""
    with transaction.atomic():
        list(seed(scale))
        found = rows()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_country_and_another_another():
    assert made(TINY) == closed_country()
    assert made(replace(TINY, seed=8)) != closed_country()


@pytest.mark.django_db
def test_a_month_left_open_and_closed_by_the_office_is_the_month_that_was_made_closed():
    closed = closed_country()
    list(seed(replace(TINY, leaves_open=True)))
    assert Visit.objects.filter(state="approved").count() == 72
    assert set(Period.objects.values_list("month", flat=True)) == set(TINY.all_months[:-1])
    office = User.objects.get(username="national-office")
    done = results.close_month(month=OCTOBER, by=office, at=closed_at(OCTOBER))
    assert (done.blocks, done.visits, done.late, done.waiting) == (24, 72, 0, 0)
    assert rows() == closed
    assert [drift for period in Period.objects.all() for drift in of_period(period, Recount())] == []


@pytest.mark.django_db
def test_what_is_opened_has_the_rows_that_the_actions_write():
    reference.install()
    provinces.install()
    by = User.objects.create_user("installer", full_name="Người lập")
    region = national.regions(1)[0]
    day = date(2020, 1, 1)
    former = region.formers[0]
    opened = [
        Place("TOP", "Tập đoàn", "group", ""),
        Place("ONE", "Điểm giao dịch Một", "transaction_point", "TOP", 0, former, Channel.COUNTER),
    ]

    def told() -> list[list[tuple[object, ...]]]:
        unit = ("unit__code", "unit__name", "unit__search_text", "unit__sort_key", "unit__opened_on", "unit__closed_on")
        return [
            list(UnitName.objects.order_by("unit__code").values_list(*unit, "name", "valid_from", "valid_to")),
            list(UnitParent.objects.values_list("unit__code", "parent__code", "valid_from", "valid_to")),
            list(UnitEvent.objects.order_by("unit__code").values_list("unit__code", "kind", "at", "by", "detail")),
            list(Outlet.objects.values_list("unit__code", "channel", "province", "former_province", "phone")),
            sorted(Unit.objects.values_list("code", "descendant_links__descendant__code", "descendant_links__depth")),
        ]

    with transaction.atomic():
        national._open(opened, [region], day, by)
        ours = told()
        transaction.set_rollback(True)
    kinds = {place.code: reference.UnitType.objects.get(code=place.kind) for place in opened}
    facts = {"opened_on": day, "by": by, "at": local(day, 8)}
    top = organisation.open_unit(code="TOP", name="Tập đoàn", unit_type=kinds["TOP"], parent=None, **facts)
    organisation.open_outlet(
        code="ONE",
        name="Điểm giao dịch Một",
        unit_type=kinds["ONE"],
        parent=top,
        channel=Channel.COUNTER,
        province=region.province,
        former_province=former,
        **facts,
    )
    assert ours == told()


@pytest.mark.parametrize(
    "sizes", [{"provinces": 0}, {"provinces": 35}, {"outlets": 0}, {"months": 0}, {"visits": 8, "months": 3}]
)
def test_sizes_that_nothing_can_be_made_of_are_refused(sizes):
    with pytest.raises(ValueError):
        replace(SMALL, **sizes)


@pytest.mark.django_db
def test_too_few_units_for_the_provinces_are_refused_with_the_least_number():
    with pytest.raises(ValueError, match="23 units"):
        list(seed(replace(SMALL, units=22)))


@pytest.mark.django_db(transaction=True)
def test_two_processes_make_and_recount_the_country_that_one_makes(database):
    """On PostgreSQL: SQLite lets one write at a time."""
    if database == "sqlite":
        pytest.skip("one process writes to SQLite")
    alone = closed_country()
    told = [progress.visits for progress in seed(TINY, processes=2)]
    assert told == [0, 72, 144]
    assert rows() == alone
    count = Recount()
    assert list(of_periods(list(Period.objects.order_by("month")), count, processes=2)) == []
    assert count.visits == 144
