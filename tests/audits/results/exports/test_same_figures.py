"""Every figure of every unit is the same number on the page, in both files, for a program, and where it is explained.

Over all units of a small country with four checklists and a merger, month by month and over spans.
"""

import csv
import html
import io
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from outlets.models import Role, Unit
from outlets.people import tokens
from outlets.templatetags import smile
from tests import worlds
from tests.national.conftest import country, country_world
from vnpt_smile.bench.country import reader

__all__ = ["country", "country_world"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]

VIEWS = [{"span": "month"}, {"span": "3-months"}, {"span": "12-months", "tree": "then"}]
TAG = re.compile(r"<[^>]*>")


@pytest.fixture
def office():
    client = Client()
    client.force_login(reader())
    return client


@pytest.fixture
def program(monkeypatch):
    monkeypatch.setattr("audits.results.exports.api.AT_MOST", 10**6)
    key = tokens.make(user=reader(), name="BI", at=worlds.NOW)
    return Client(headers={"authorization": f"Bearer {key}"})


def address(name, unit, query) -> str:
    return reverse(f"audits:{name}", args=[unit.public_id], query=query)


def text(client, name, unit, query) -> str:
    return client.get(address(name, unit, query)).content.decode()


def plain(part: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", part)).split())


def vietnamese(figure: float | None) -> str:
    """A number as pages and text files write it."""
    return "" if figure is None else f"{abs(figure):.1f}".replace(".", ",")


def channels_of(page: str) -> dict[str, list[str]]:
    """Of each channel's card on the page, by its name: score, range, visits, and the change in words and points."""
    found = {}
    for card in re.findall(r'<li class="channel.*?</li>', page, re.DOTALL):
        name = plain(re.search(r"<h2>(.*?)</h2>", card, re.DOTALL)[1])
        found[name] = re.findall(
            r"[−+]?\d+(?:,\d+)?", plain(re.sub(r"<h2>.*?</h2>|<svg.*?</svg>", "", card, flags=re.DOTALL))
        )
    return found


def cells_of(row: str) -> list[str]:
    return [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


def rows_of(page: str, heading: str) -> list[str]:
    """The rows of the table that stands under a heading."""
    table = page[page.index(f'aria-labelledby="{heading}"') :]
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    return re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)


def unit_of(part: str) -> str:
    """The public id of the unit whose scorecard is linked first."""
    return re.search(r"/results/([0-9a-f-]{36})/", part)[1]


def children_of(page: str) -> dict[str, list[str]]:
    """Of each unit below on the page of comparisons, by its name: score, range, visits, change."""
    table = page[page.index('<table class="data kids">') :]
    table = table[: table.index("</table>")]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table[table.index("<tbody>") :], re.DOTALL):
        name = plain(re.search(r"<a [^>]*>(.*?)</a>", row, re.DOTALL)[1])
        found[name] = cells_of(row)[:3]
    return found


def taken(client, unit, query, **given) -> bytes:
    form = {"of": "units", "months": "span", "format": "xlsx"} | given
    answer = client.post(address("export_create", unit, query), form)
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def lines(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_of(body: bytes) -> list[tuple]:
    return list(load_workbook(io.BytesIO(body), read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True))


def units() -> Iterator[Unit]:
    yield from Unit.objects.open().order_by("pk")


@pytest.mark.parametrize("query", VIEWS, ids=lambda query: query["span"])
def test_headlines_criteria_and_sections_are_the_same_everywhere(office, program, query):
    seen = 0
    for unit in units():
        page = text(office, "scorecard_detail", unit, query)
        if 'class="channel' not in page:
            continue
        told = program.get(address("api_scorecard", unit, query)).json()
        file = lines(office.get(address("scorecard_export", unit, query)).content)
        shown = channels_of(page)
        for headline in told["headlines"]:
            score, low, high = (vietnamese(headline[name]) for name in ("score", "low", "high"))
            row = next(row for row in file if row[:1] == [headline["checklist_name"]] and len(row) > 2)
            assert row[1:5] == [score, low, high, str(headline["visits"])]
            if headline["score"] is not None:
                seen += 1
                assert shown[headline["checklist_name"]][:4] == [score, low, high, str(headline["visits"])], unit
        if told["detail"] is None:
            continue
        same_detail(page, told, file)
        explained(office, unit, query, told)
    assert seen > 40


def same_detail(page, told, file) -> None:
    detail = told["detail"]
    words = plain(page)
    for row in detail["criteria"]:
        lost = vietnamese(row["lost"])
        found = next(each for each in file if each[:1] == [row["text"]] and len(each) == 7)
        counts = [row[name] for name in ("met", "partly", "not_met", "not_applicable")]
        assert found[2:] == ["" if each is None else str(each) for each in counts] + [lost]
        if row["lost"]:
            assert re.search(rf"{re.escape(row['text'])}.*?{lost}", words)
    for part in [*detail["sections"], *detail["themes"]]:
        found = next(each for each in file if each[:1] == [part["name"]] and len(each) == 10)
        score, low, high = (vietnamese(part[name]) for name in ("score", "low", "high"))
        held, visits = [vietnamese(part[name]) for name in ("group", "group_low", "group_high")], part["group_visits"]
        assert found[1:4] == [score, low, high]
        assert found[5:] == [*held, str(visits or ""), vietnamese(part["lost"])]
        if score:
            row = f"{part['name']} {score} {low}–{high} {part['visits']}"
            assert (f"{row} {held[0]} {held[1]}–{held[2]}; {smile.number(visits)} lượt" if visits else row) in words
    for point in detail["trend"]:
        month = "/".join(reversed(point["month"].split("-")))
        found = next(each for each in file if each[:1] == [month])
        assert found[1:4] == [vietnamese(point[name]) for name in ("score", "low", "high")]
        assert found[5:9] == [
            *(vietnamese(point[name]) for name in ("group", "group_low", "group_high")),
            str(point["group_visits"] or ""),
        ]


def explained(office, unit, query, told) -> None:
    checklist = told["detail"]["checklist"]
    page = text(office, "scorecard_explain", unit, query | {"checklist": checklist})
    words = plain(page)
    headline = next(each for each in told["headlines"] if each["checklist"] == checklist)
    assert vietnamese(headline["score"]) in plain(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1])
    exact = [float(each.replace(",", ".")) for each in re.findall(r"\d+,\d{4}", words)]
    for name in ("score", "low", "high"):
        assert any(abs(each - headline[name]) <= 0.05001 for each in exact), (unit, name)


@pytest.mark.parametrize("query", VIEWS, ids=lambda query: query["span"])
def test_units_below_are_the_same_everywhere(office, program, query):
    seen = 0
    for unit in units():
        if hasattr(unit, "outlet"):
            continue
        told = program.get(address("api_rows", unit, query)).json()["rows"]
        text_rows = lines(taken(office, unit, query, format="csv"))[1:]
        sheet = sheet_of(taken(office, unit, query))
        assert len(told) == len(text_rows) == len(sheet)
        on_card = program.get(address("api_scorecard", unit, query)).json()["detail"]
        children = children_of(text(office, "scorecard_units", unit, query)) if on_card and on_card["units"] else {}
        for row, written, cells in zip(told, text_rows, sheet, strict=True):
            figures = [row[name] for name in ("score", "low", "high")]
            changes = [row[name] for name in ("change", "change_low", "change_high")]
            assert [row["code"], row["visits"], *figures, *changes] == [cells[1], *cells[5:9], *cells[10:13]]
            assert written[6:9] == [vietnamese(figure) for figure in figures]
            assert [each.lstrip("-") for each in written[10:13]] == [vietnamese(figure) for figure in changes]
            if on_card and row["checklist"] == on_card["checklist"]:
                seen += 1
                child = next(each for each in on_card["units"] if each["code"] == row["code"])
                assert {name: child[name] for name in ("visits", "score", "low", "high", "change")} == {
                    name: row[name] for name in ("visits", "score", "low", "high", "change")
                }
                if row["unit"] in children:
                    low, high = written[7:9]
                    assert children[row["unit"]][:2] == [f"{written[6]} {low}–{high}", str(row["visits"])]
    assert seen > 10


def test_outlets_month_by_month_are_the_same_everywhere(office, program):
    top, query = Unit.objects.get(code="VNPT"), {"span": "3-months"}
    told = program.get(address("api_rows", top, query | {"of": "outlets", "months": "each"})).json()["rows"]
    text_rows = lines(taken(office, top, query, of="outlets", months="each", format="csv"))[1:]
    sheet = sheet_of(taken(office, top, query, of="outlets", months="each"))
    assert len(told) == len(text_rows) == len(sheet) > 60
    for row, written, cells in zip(told, text_rows, sheet, strict=True):
        assert [row["code"], row["visits"], row["score"], row["change"]] == [cells[1], cells[5], cells[6], cells[10]]
        assert [written[6], written[10].lstrip("-")] == [vietnamese(row["score"]), vietnamese(row["change"])]
        outlet = Unit.objects.get(code=row["code"])
        of_month = program.get(address("api_scorecard", outlet, {"span": "month", "month": row["month"]})).json()
        headline = next(each for each in of_month["headlines"] if each["checklist"] == row["checklist"])
        assert {name: headline[name] for name in ("score", "low", "high", "grade", "change")} == {
            name: row[name] for name in ("score", "low", "high", "grade", "change")
        }


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_the_list_of_all_outlets_is_the_same(office, program):
    top, query = Unit.objects.get(code="VNPT"), {"span": "12-months"}
    shown: dict[str, list[str]] = {}
    for number in range(1, 20):
        page = text(office, "scorecard_units", top, query | {"level": "outlets", "page": number})
        some = {unit_of(row): cells_of(row) for row in rows_of(page, "units")}
        if some.keys() <= shown.keys():
            break
        shown |= some
    checklist = program.get(address("api_scorecard", top, query)).json()["detail"]["checklist"]
    told = program.get(address("api_rows", top, query | {"of": "outlets", "checklist": checklist})).json()["rows"]
    ids = dict(Unit.objects.values_list("code", "public_id"))
    of_checklist = [row for row in told if row["checklist"] == checklist and row["score"] is not None]
    assert len(of_checklist) > 5
    for row in of_checklist:
        score, low, high = (vietnamese(row[name]) for name in ("score", "low", "high"))
        found = shown[str(ids[row["code"]])]
        assert found[:2] == [f"{score} {low}–{high}", str(row["visits"])]
        assert ("–" if row["change"] is None else vietnamese(row["change"])) in found[2]


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_reports_and_sheets_are_the_same(office, program):
    query, reports, sheets = {"span": "month"}, 0, 0
    for unit in units():
        told = program.get(address("api_scorecard", unit, query)).json()
        if not any(headline["score"] is not None for headline in told["headlines"]):
            continue
        table = rows_of(text(office, "report_detail", unit, query), "how-good")
        names = [headline["checklist_name"] for headline in told["headlines"]]
        assert [plain(re.search(r"<th[^>]*>(.*?)</th>", row, re.DOTALL)[1]) for row in table] == names
        for headline, row in zip(told["headlines"], map(cells_of, table), strict=True):
            if headline["score"] is None:
                continue
            reports += 1
            score, low, high = (vietnamese(headline[name]) for name in ("score", "low", "high"))
            assert row[:3] == [score, f"{low}–{high}", str(headline["visits"])]
        if told["detail"] is None or not told["detail"]["units"]:
            continue
        page = text(office, "scorecard_sheets", unit, query)
        below = {row["name"]: row for row in told["detail"]["units"]}
        for sheet in re.findall(r'<article class="paper chapter".*?</article>', page, re.DOTALL):
            sheets += 1
            row = below[plain(re.search(r"<h2[^>]*>(.*?)</h2>", sheet, re.DOTALL)[1])]
            score, low, high = (vietnamese(row[name]) for name in ("score", "low", "high"))
            words = plain(sheet)
            assert f" {score} %" in words and f"{low}–{high} · {row['visits']} lượt" in words
    assert reports > 40
    assert sheets > 10


@pytest.mark.once  # what other tests hold to be the same on both databases, drawn once more
def test_homes_are_the_same(program):
    seen = 0
    for number, unit in enumerate(units()):
        told = program.get(address("api_scorecard", unit, {})).json()
        manager = Client()
        manager.force_login(worlds.user(f"head{number}", Role.MANAGER, unit))
        shown = channels_of(manager.get(reverse("home")).content.decode())
        for headline in told["headlines"]:
            if headline["score"] is not None:
                seen += 1
                figures = [vietnamese(headline[name]) for name in ("score", "low", "high")]
                assert shown[headline["checklist_name"]][:4] == [*figures, str(headline["visits"])], unit
    assert seen > 40
