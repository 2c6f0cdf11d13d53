"""Every figure of every unit is the same number on the page, in both files, for a program, and where it is explained.

Over all units of a small country with four checklists and a merger, month by month and over spans.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from outlets.models import Role, Unit
from tests import same_figures as same
from tests import worlds
from tests.national.conftest import country, country_world
from vnpt_smile.bench.country import reader

__all__ = ["country", "country_world"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]

VIEWS = [{"span": "month"}, {"span": "3-months"}, {"span": "12-months", "tree": "then"}]


@pytest.fixture
def office():
    client = Client()
    client.force_login(reader())
    return client


@pytest.fixture
def program(monkeypatch):
    return same.program_of(reader(), monkeypatch)


def units() -> Iterator[Unit]:
    yield from Unit.objects.open().order_by("pk")


@pytest.mark.parametrize("query", VIEWS, ids=lambda query: query["span"])
def test_headlines_criteria_and_sections_are_the_same_everywhere(office, program, query):
    seen = 0
    for unit in units():
        page = same.text(office, "scorecard_detail", unit, query)
        if 'class="channel' not in page:
            continue
        told = program.get(same.address("api_scorecard", unit, query)).json()
        same.same_file(told, same.tables_of(office.get(same.address("scorecard_export", unit, query)).content))
        seen += same.same_headlines(page, told)
        if told["detail"] is None:
            continue
        same.same_detail(page, told)
        of_checklist = query | {"checklist": told["detail"]["checklist"]}
        same.explained(same.text(office, "scorecard_explain", unit, of_checklist), told)
    assert seen > 40


@pytest.mark.parametrize("query", VIEWS, ids=lambda query: query["span"])
def test_units_below_are_the_same_everywhere(office, program, query):
    seen = 0
    for unit in units():
        if hasattr(unit, "outlet"):
            continue
        rows = program.get(same.address("api_rows", unit, query)).json()["rows"]
        files = (same.taken(office, unit, query, format=form) for form in ("csv", "xlsx"))
        told = program.get(same.address("api_scorecard", unit, query)).json()
        seen += same.same_rows(rows, *files, told["detail"])
        if told["detail"] and told["detail"]["units"]:
            same.same_comparison(office, unit, query, told)
    assert seen > 10


def test_outlets_month_by_month_are_the_same_everywhere(office, program):
    top, query = Unit.objects.get(code="VNPT"), {"span": "3-months"}
    told = program.get(same.address("api_rows", top, query | {"of": "outlets", "months": "each"})).json()["rows"]
    text_rows = same.lines(same.taken(office, top, query, of="outlets", months="each", format="csv"))[1:]
    sheet = same.sheet_of(same.taken(office, top, query, of="outlets", months="each"))
    assert len(told) == len(text_rows) == len(sheet) > 60
    for row, written, cells in zip(told, text_rows, sheet, strict=True):
        assert [row["code"], row["visits"], row["score"], row["change"]] == [cells[1], cells[5], cells[6], cells[10]]
        assert [written[6], written[10]] == [same.vietnamese(row["score"]), same.vietnamese(row["change"])]
        outlet = Unit.objects.get(code=row["code"])
        of_month = program.get(same.address("api_scorecard", outlet, {"span": "month", "month": row["month"]})).json()
        headline = next(each for each in of_month["headlines"] if each["checklist"] == row["checklist"])
        assert {name: headline[name] for name in ("score", "low", "high", "grade", "change")} == {
            name: row[name] for name in ("score", "low", "high", "grade", "change")
        }


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_the_list_of_all_outlets_is_the_same(office, program):
    top, query = Unit.objects.get(code="VNPT"), {"span": "12-months"}
    shown: dict[str, list[str]] = {}
    for number in range(1, 20):
        page = same.text(office, "scorecard_units", top, query | {"level": "outlets", "page": number})
        some = {same.unit_of(row): same.cells_of(row) for row in same.rows_of(page, "units")}
        if some.keys() <= shown.keys():
            break
        shown |= some
    checklist = program.get(same.address("api_scorecard", top, query)).json()["detail"]["checklist"]
    told = program.get(same.address("api_rows", top, query | {"of": "outlets", "checklist": checklist})).json()["rows"]
    ids = dict(Unit.objects.values_list("code", "public_id"))
    of_checklist = [row for row in told if row["checklist"] == checklist and row["score"] is not None]
    assert len(of_checklist) > 5
    for row in of_checklist:
        score, low, high = (same.vietnamese(row[name]) for name in ("score", "low", "high"))
        found = shown[str(ids[row["code"]])]
        assert found[:2] == [f"{score} {low}–{high}", str(row["visits"])]
        assert ("–" if row["change"] is None else same.signed(row["change"])) in found[2]


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_reports_and_sheets_are_the_same(office, program):
    query, reports, sheets = {"span": "month"}, 0, 0
    for unit in units():
        told = program.get(same.address("api_scorecard", unit, query)).json()
        if not any(headline["score"] is not None for headline in told["headlines"]):
            continue
        table = same.rows_of(same.text(office, "report_detail", unit, query), "how-good")
        names = [headline["checklist_name"] for headline in told["headlines"]]
        assert [same.head_of(row) for row in table] == names
        for headline, row in zip(told["headlines"], map(same.cells_of, table), strict=True):
            if headline["score"] is None:
                continue
            reports += 1
            score, low, high = (same.vietnamese(headline[name]) for name in ("score", "low", "high"))
            assert row[:3] == [score, f"{low}–{high}", str(headline["visits"])]
        if told["detail"] is None or not told["detail"]["units"]:
            continue
        page = same.text(office, "scorecard_sheets", unit, query)
        below = {row["name"]: row for row in told["detail"]["units"]}
        for sheet in re.findall(r'<article class="paper chapter".*?</article>', page, re.DOTALL):
            sheets += 1
            row = below[same.plain(re.search(r"<h2[^>]*>(.*?)</h2>", sheet, re.DOTALL)[1])]
            score, low, high = (same.vietnamese(row[name]) for name in ("score", "low", "high"))
            words = same.plain(sheet)
            assert f" {score} %" in words and f"{low}–{high} · {row['visits']} lượt" in words
    assert reports > 40
    assert sheets > 10


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_homes_are_the_same(program):
    seen = 0
    for number, unit in enumerate(units()):
        told = program.get(same.address("api_scorecard", unit, {})).json()
        manager = Client()
        manager.force_login(worlds.user(f"head{number}", Role.MANAGER, unit))
        shown = same.channels_of(manager.get(reverse("home")).content.decode())
        for headline in told["headlines"]:
            if headline["score"] is not None:
                seen += 1
                figures = [same.vietnamese(headline[name]) for name in ("score", "low", "high")]
                assert shown[headline["checklist_name"]][:4] == [*figures, str(headline["visits"])], unit
    assert seen > 40
