"""Every figure of every unit of the whole demo is the same number on its pages, in all files, for a program, explained.

All twelve months, all units and outlets that are open, as the office reads them; the last closed month, its quarter and
twelve months; each checklist with figures. The programs' address and the scorecard's file are asked for every unit in
each span. Its page, the page that explains it and that of the units below are drawn for every unit that is no outlet
and every fifth outlet, a third of them in each span (for the others the steps of the explanation are summed); the files
of the units below for every fourth unit that is no outlet, others in each span, and those of all outlets. What an
address asks for is read once for all of these (`asking.asked`, the one way to a scorecard).
"""

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from audits.results import asking
from outlets.models import Unit, User
from outlets.people.permissions import Right, access_of
from tests import same_figures as same
from vnpt_smile.demo.seed import seed

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("db", "whole_demo")]

SPANS = ("month", "quarter", "12-months")


@pytest.fixture(scope="module")
def demo_day():
    """The last quarter is whole then, and lies behind a whole one."""
    return date(2026, 10, 15)


@pytest.fixture(scope="module")
def whole_demo(django_db_setup, django_db_blocker, demo_media, demo_day):
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", demo_media)
        yield seed(today=demo_day)
        transaction.set_rollback(True)


@pytest.fixture
def office(settings):
    settings.DEMO = True
    client = Client()
    client.force_login(User.objects.get(username="office"))
    return client


@pytest.fixture
def program(monkeypatch):
    return same.program_of(User.objects.get(username="office"), monkeypatch)


@pytest.fixture
def read(monkeypatch):
    """Reads a scorecard once for each address, unit and scope, here and in the views: the demo stands still."""
    found = {}

    def asked(given, unit, scope, as_of=None):
        key = (*sorted((name, given[name]) for name in given), unit.pk, scope)
        if key not in found:
            found[key] = asking.asked(given, unit, scope, as_of)
        return found[key]

    for module in ("views", "exports.views", "exports.api"):
        monkeypatch.setattr(f"audits.results.{module}.asked", asked)
    return asked


def units(span: str) -> Iterator[tuple[Unit, bool]]:
    """Every open unit, and whether its pages are drawn in this span: every fifth outlet and all others, once each."""
    outlets = drawn = 0
    for unit in Unit.objects.open().select_related("outlet", "unit_type").order_by("pk"):
        outlets += hasattr(unit, "outlet")
        is_drawn = not hasattr(unit, "outlet") or outlets % 5 == 0
        drawn += is_drawn
        yield unit, is_drawn and drawn % len(SPANS) == SPANS.index(span)


def views(program: Client, unit: Unit, span: str) -> Iterator[tuple[dict[str, str], dict]]:
    """The address of each checklist with figures, and what a program is told there; first the one shown unasked."""
    query = {"span": span}
    first = program.get(same.address("api_scorecard", unit, query)).json()
    if first["detail"] is None:
        return
    yield query, first
    for headline in first["headlines"]:
        if headline["score"] is not None and headline["checklist"] != first["detail"]["checklist"]:
            other = query | {"checklist": headline["checklist"]}
            yield other, program.get(same.address("api_scorecard", unit, other)).json()


@pytest.mark.parametrize("span", SPANS)
def test_every_figure_of_every_unit_is_the_same_everywhere(office, program, read, span):
    scope = access_of(User.objects.get(username="office")).scope(Right.READ_UNIT_RESULTS)
    told_of, in_file, drawn = {}, {}, 0
    for unit, is_drawn in units(span):
        for query, told in views(program, unit, span):
            file = same.tables_of(office.get(same.address("scorecard_export", unit, query)).content)
            same.same_file(told, file)
            if is_drawn:
                drawn += 1
                on_pages(office, unit, query, told)
            else:
                same.steps_add_up(read(query, unit, scope).card, told)
            key = unit.code, told["detail"]["checklist"]
            told_of[key] = told
            in_file[key] = {line[1]: line[11:] for line in file[6][1:]} if told["detail"]["units"] else {}
    assert len(told_of) > 150
    assert drawn > 30
    assert below_as_of_itself(told_of, in_file) > 100


def on_pages(office: Client, unit: Unit, query: dict[str, str], told: dict) -> None:
    page = same.text(office, "scorecard_detail", unit, query)
    same.same_headlines(page, told)
    same.same_detail(page, told)
    same.explained(same.text(office, "scorecard_explain", unit, query), told)
    if told["detail"]["units"]:
        same.same_comparison(office, unit, query, told)


def below_as_of_itself(told_of, in_file) -> int:
    """A unit's figures stand above it as on its own scorecard, its months as in its own trend; how many do."""
    seen = 0
    for (code, checklist), told in told_of.items():
        for child in told["detail"]["units"]:
            own = told_of.get((child["code"], checklist))
            assert (own is None) == (child["score"] is None)
            if own:
                seen += 1
                names = ("visits", *same.RANGE, *same.CHANGES, "failures")
                headline = same.headline_of(own)
                assert {name: headline[name] for name in names} == {name: child[name] for name in names}
                months = [same.vietnamese(point["score"]) for point in own["detail"]["trend"][-6:]]
                assert in_file[code, checklist][child["code"]] == months
    return seen


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.usefixtures("read")
def test_every_row_of_the_files_is_the_same_everywhere(office, program, span):
    query = {"span": span}
    every = [unit for unit, _drawn in units(span) if not hasattr(unit, "outlet")]
    seen = 0
    for unit in every[SPANS.index(span) :: 4]:
        told = program.get(same.address("api_rows", unit, query)).json()["rows"]
        on_card = program.get(same.address("api_scorecard", unit, query)).json()["detail"]
        seen += same.same_rows(told, *both(office, unit, query), on_card)
    top = Unit.objects.get(code="VNPT")
    told = program.get(same.address("api_rows", top, query | {"of": "outlets"})).json()["rows"]
    same.same_rows(told, *both(office, top, query, of="outlets"), None)
    assert seen > 20
    assert len(told) > 100


def both(office: Client, unit: Unit, query: dict[str, str], **given: str) -> Iterator[bytes]:
    return (same.taken(office, unit, query, format=form, **given) for form in ("csv", "xlsx"))
