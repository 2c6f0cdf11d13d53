"""What is written: numbers as numbers, texts as texts, the same in a workbook and in a text file."""

import csv
import io
import re
import zipfile
from datetime import datetime

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from audits.models import Export
from audits.results import wording
from audits.results.exports import making
from outlets.models import Unit
from tests import worlds
from tests.audits.results.exports.worlds import OCTOBER, publish
from tests.kept import kept

pytestmark = pytest.mark.django_db

FORMULA = '=HYPERLINK("http://evil","x")'


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def figures(at, people):
    publish(at, people)


def taken(client, user, unit, query=None, **given):
    """The body of the file that the form gives at once."""
    client.force_login(user)
    form = {"of": "outlets", "months": "span", "format": "xlsx"} | given
    answer = client.post(reverse("audits:export_create", args=[unit.public_id], query=query or {"span": "month"}), form)
    assert answer.status_code == 200, answer.content.decode()
    return answer


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def workbook(answer):
    return load_workbook(io.BytesIO(body(answer)))


def lines(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(answer).decode("utf-8")[1:], newline=""), delimiter=";"))


def test_a_workbook_holds_real_numbers_under_a_frozen_heading_with_filters(client, figures, at, people):
    answer = taken(client, people.manager, at.an_giang)
    assert answer["Content-Disposition"] == (
        'attachment; filename="vnpt-an-giang-tat-ca-diem-phuc-vu-truc-thuoc-thang-10-2026.xlsx"'
    )
    book = workbook(answer)
    sheet = book.worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", f"A1:Q{sheet.max_row}")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.print_title_rows) == (
        "landscape",
        9,
        "$1:$1",
    )
    for each in book.worksheets:
        assert (each.sheet_properties.pageSetUpPr.fitToPage, each.page_setup.fitToHeight) == (True, 0)
    row = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == at.counter.unit.code)
    assert [row[index].data_type for index in (0, 1, 5, 6, 7, 8, 10, 14)] == ["s", "s", *["n"] * 6]
    assert row[6].number_format == "0.0"
    assert row[6].value == round(row[6].value, 1)
    assert row[5].value == 10


def test_months_are_dates_in_a_workbook(client, figures, at, people):
    sheet = workbook(taken(client, people.manager, at.an_giang, {"span": "12-months"}, months="each")).worksheets[0]
    months = [row[4] for row in sheet.iter_rows(min_row=2) if row[5].value]
    assert [cell.value for cell in months] == [datetime(2026, 9, 1), datetime(2026, 10, 1)]  # noqa: DTZ001
    assert {cell.number_format for cell in months} == {"mm/yyyy"}


def test_the_column_of_months_holds_no_text_for_units_without_figures(client, figures, at, people):
    book = workbook(taken(client, people.manager, at.an_giang, {"span": "12-months"}, months="each"))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    empty = [row for row in rows if row[5].value is None]
    assert empty
    assert {row[4].value for row in empty} == {None}


def test_the_second_sheet_explains_the_figures_and_says_who_took_them(client, figures, at, people):
    sheet = workbook(taken(client, people.manager, at.an_giang)).worksheets[1]
    said = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    for words in ("VNPT An Giang (AGG)", "Tháng 10/2026", people.manager.shown_name, "ít nhất 3 lượt", "03/11/2026"):
        assert words in said
    assert "10/2026: 1" in said  # the version


def test_the_second_sheet_explains_every_group_of_units(client, figures, at, people):
    sheet = workbook(taken(client, people.manager, at.an_giang)).worksheets[1]
    (said,) = {str(row[1]).lower() for row in sheet.iter_rows(values_only=True) if row[0] == "Nhóm"}
    for label in wording.RUNGS.values():
        assert str(label).lower() in said


def test_a_file_tells_no_author_and_not_when_it_was_made(client, figures, at, people):
    with zipfile.ZipFile(io.BytesIO(body(taken(client, people.manager, at.an_giang)))) as parts:
        core = parts.read("docProps/core.xml").decode()
    assert "2000-01-01" in core
    assert str(datetime.now().year) not in core  # noqa: DTZ005
    assert people.manager.shown_name not in core


def test_both_files_say_the_same(client, figures, at, people):
    for given in ({"of": "units"}, {"of": "outlets"}, {"of": "outlets", "months": "each"}):
        sheet = workbook(taken(client, people.office, at.group, {"span": "12-months"}, **given)).worksheets[0]
        text = lines(taken(client, people.office, at.group, {"span": "12-months"}, **given, format="csv"))
        assert [[written(cell) for cell in row] for row in sheet.iter_rows()] == text
        assert len(text) >= 3


def written(cell) -> str:
    if cell.value is None:
        return ""
    if isinstance(cell.value, datetime):
        return f"{cell.value:%m/%Y}"
    return f"{cell.value:.1f}".replace(".", ",") if cell.number_format == "0.0" else str(cell.value)


def test_a_text_file_is_as_vietnamese_excel_opens_it(client, figures, at, people):
    answer = taken(client, people.manager, at.an_giang, format="csv")
    raw = body(answer)
    assert raw.startswith("\ufeff".encode())
    assert raw.count(b"\r\n") == raw.count(b"\n")
    rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
    counter = next(row for row in rows if row[1] == at.counter.unit.code)
    assert counter[5] == "10"
    figures = [*counter[6:9], *counter[10:13]]
    assert all(re.fullmatch(r"-?[0-9]+,[0-9]", figure) for figure in figures), figures


@pytest.mark.parametrize("name", [FORMULA, "+1", "-1", "@x", "\tx"])
def test_a_name_that_looks_like_a_formula_stays_text(client, figures, at, people, name):
    Unit.objects.filter(pk=at.counter.unit.pk).update(name=name)
    sheet = workbook(taken(client, people.manager, at.an_giang)).worksheets[0]
    cell = next(row[0] for row in sheet.iter_rows(min_row=2) if row[1].value == at.counter.unit.code)
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    rows = lines(taken(client, people.manager, at.an_giang, format="csv"))
    assert next(row[0] for row in rows if row[1] == at.counter.unit.code) == f"'{name}"


def test_nothing_is_left_of_a_file_that_was_given(client, figures, at, people):
    for form in ("xlsx", "csv"):
        body(taken(client, people.manager, at.an_giang, format=form))
    assert list(making.folder().iterdir()) == []


def test_what_was_taken_is_put_down(client, figures, at, people):
    taken(client, people.manager, at.an_giang, {"span": "12-months", "tree": "then"}, months="each")
    made = Export.objects.get()
    assert (made.unit, made.made_by, made.of, made.format) == (at.an_giang, people.manager, "outlets", "xlsx")
    assert (f"{made.first:%Y-%m}", made.last, made.by_month, made.as_then) == ("2025-11", OCTOBER, True, True)
    assert (made.state, made.rows) == ("done", 2)
    client.get(reverse("audits:scorecard_export", args=[at.an_giang.public_id]))
    assert Export.objects.filter(of="scorecard", state="done", made_by=people.manager).count() == 1
