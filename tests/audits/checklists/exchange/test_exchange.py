"""Checklists as XLSX: the same draft comes back, and a broken file is told by row and column."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts import actions as drafts
from audits.checklists.exchange import workbook
from audits.checklists.exchange.table import COLUMNS, NAMES, Faulty
from audits.checklists.outline import outline
from audits.models import Checklist, ChecklistVersion
from outlets.models import Role
from tests import pages, sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

THEMES = ["smile", "knowledge"]


def file_of(data: bytes, name: str = "bo-tieu-chi.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def running():
    return sheets.every_kind().versions.get()


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


def test_the_four_default_checklists_come_back_as_they_went():
    checklists.install_defaults(by=None, at=NOW)
    for checklist in Checklist.objects.all():
        version = checklist.versions.get()
        went = content.of_version(outline(version))
        themes = [each.code for each in outline(version).themes] if hasattr(outline(version), "themes") else None
        themes = themes or [each["theme"] for part in went for each in part["criteria"] if each["theme"]]
        read = workbook.read(file_of(workbook.written(went)), themes, f"{checklist.code}-")
        draft = checklists.draft_of(version=version, sections=read, by=None, at=NOW)
        assert content.of_version(outline(draft)) == went


def test_odd_texts_come_back_as_they_went(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    odd = {"text_vi": "=1+1 | “Đặng” \\ 100%\nhai dòng", "text_en": "'+x", "guidance_vi": "-5 @ a\tb"}
    drafts.edit_criterion(version=draft, code="TK-A1", changed=odd, seen=0, by=None, at=NOW)
    labels = [
        {"code": "a", "label_vi": "A | B \\", "label_en": "", "result": 7},
        {"code": "b", "label_vi": "=C", "label_en": "c", "result": 0},
    ]
    drafts.edit_criterion(
        version=draft, code="TK-B2", changed={"options": labels, "weight": "0.125"}, seen=0, by=None, at=NOW
    )
    drafts.add_section(version=draft, name_vi="Trống", by=None, at=NOW)
    went = content.of_version(outline(draft))
    read = workbook.read(file_of(workbook.written(went)), [], "TK-")
    again = checklists.draft_of(version=running, sections=read, by=None, at=NOW)
    assert content.of_version(outline(again)) == went


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (2.125, "2.125"),
        (1000, "1000"),
        (4.0, "4"),
        ("0.125", "0.125"),
        ("2,5", "2.5"),
        ("2.25", "2.25"),
        ("1000", "1000"),
    ],
)
def test_a_weight_is_read_as_it_was_meant(running, written, read):
    data = broken(running, cell(2, "weight", written))
    assert workbook.read(file_of(data), [], "TK-")[0]["criteria"][0]["weight"] == read


# --- Broken files ---------------------------------------------------------------------------------

Change = Callable[[Workbook], None]


def cell(row: int, column: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        book.worksheets[0].cell(row, NAMES.index(column) + 1).value = value

    return change


def heading(column: str, value: object) -> Change:
    return cell(1, column, value)


def _merged(book: Workbook) -> None:
    place = NAMES.index("code") + 1
    book.worksheets[0].merge_cells(start_row=2, start_column=place, end_row=3, end_column=place)


def _merged_names(book: Workbook) -> None:
    sheet, place = book.worksheets[0], NAMES.index("section_name_vi") + 1
    for row in (2, 3):
        sheet.cell(row, place + 1).value = "Section A"
    sheet.merge_cells(start_row=2, start_column=place, end_row=3, end_column=place)


def _apart(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.append([each.value for each in sheet[2]])
    sheet.cell(sheet.max_row, NAMES.index("code") + 1, "TK-A9")


def _long(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.delete_rows(4, 90)
    for number in range(420):
        sheet.append(["A", "Mục A", "", f"TK-A{number + 10}", "x", "", "", "", "yes_no", 1])


def _many(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.delete_rows(4, 90)
    for number in range(160):
        sheet.append(["A", "Mục A", "", f"TK-A{number + 10}", "x", "", "", "", "yes_no", 1])


# (what is done to a sound file, what the message names)
BROKEN: dict[str, tuple[Change, tuple[str, ...]]] = {
    "no code": (cell(2, "code", None), ("Dòng 2", "code")),
    "a code of another checklist": (cell(2, "code", "XX-A1"), ("Dòng 2", "code", "TK-")),
    "a code twice": (cell(3, "code", "TK-A1"), ("Dòng 3", "code", "2")),
    "a code with a blank": (cell(2, "code", "TK-A 1"), ("Dòng 2", "code")),
    "no section": (cell(2, "section", None), ("Dòng 2", "section", "Ô này trống")),
    "a long section": (cell(2, "section", "ABCDEFGHI"), ("Dòng 2", "section")),
    "a section apart": (_apart, ("section",)),
    "another name of the section": (cell(3, "section_name_vi", "Khác"), ("Dòng 3", "section_name_vi")),
    "an unknown kind": (cell(2, "kind", "yesno"), ("Dòng 2", "kind", "yes_no")),
    "no kind": (cell(2, "kind", None), ("Dòng 2", "kind")),
    "weight 0": (cell(2, "weight", 0), ("Dòng 2", "weight")),
    "weight below 0": (cell(2, "weight", -3), ("Dòng 2", "weight")),
    "weight 1e9": (cell(2, "weight", 1e9), ("Dòng 2", "weight")),
    "weight 1.234,5": (cell(2, "weight", "1.234,5"), ("Dòng 2", "weight", "1.234,5")),
    "weight 1.000 as a text": (cell(2, "weight", "1.000"), ("Dòng 2", "weight", "“1.000”", "hai cách")),
    "weight 2,125 as a text": (cell(2, "weight", " 2,125 "), ("Dòng 2", "weight", "“2,125”", "hai cách")),
    "a bound of 1.000": (cell(4, "thresholds", "1.000: 50\n*: 0"), ("Dòng 4", "thresholds", "hai cách")),
    "weight of words": (cell(2, "weight", "bốn"), ("Dòng 2", "weight", "bốn")),
    "weight with four decimals": (cell(2, "weight", 1.2345), ("Dòng 2", "weight")),
    "weight nan": (cell(2, "weight", "NaN"), ("Dòng 2", "weight")),
    "weight 1e999999999": (cell(2, "weight", "1e999999999"), ("Dòng 2", "weight")),
    "a result of 1e999999999": (cell(4, "thresholds", "5: 1e999999999\n*: 0"), ("Dòng 4", "thresholds")),
    "a formula": (cell(2, "weight", "=1+1"), ("Dòng 2", "weight")),
    "an error of Excel": (cell(2, "weight", "#REF!"), ("Dòng 2", "weight")),
    "a flag of words": (cell(2, "critical", "có lẽ"), ("Dòng 2", "critical")),
    "critical where nothing can fail": (cell(4, "critical", "x"), ("Dòng 4", "critical")),
    "an unknown theme": (cell(2, "theme", "nụ cười"), ("Dòng 2", "theme")),
    "an unknown photo rule": (cell(2, "photo", "must"), ("Dòng 2", "photo")),
    "no unit of a measured number": (cell(4, "measure", None), ("Dòng 4", "measure")),
    "thresholds of a yes or no": (cell(2, "thresholds", "5: 100"), ("Dòng 2", "thresholds")),
    "a threshold without result": (cell(4, "thresholds", "5"), ("Dòng 4", "thresholds")),
    "a threshold's bound of words": (cell(4, "thresholds", "năm: 100"), ("Dòng 4", "thresholds")),
    "a threshold's result of 101": (cell(4, "thresholds", "5: 101\n*: 0"), ("Dòng 4", "thresholds")),
    "an option of three parts": (cell(5, "options", "a | Một | 100"), ("Dòng 5", "options")),
    "an option twice": (cell(5, "options", "a | Một | | 100\na | Hai | | 0"), ("Dòng 5", "options")),
    "5,000 letters": (cell(2, "text_vi", "x" * 5000), ("Dòng 2", "text_vi", "500")),
    "a weight that the form refuses, too": (cell(2, "weight", 1000.5), ("Dòng 2", "weight", "1000")),
    "too many options": (cell(5, "options", "\n".join(f"o{n} | x | | 1" for n in range(21))), ("Dòng 5", "20")),
    "too many thresholds": (cell(4, "thresholds", "\n".join(f"{n}: 1" for n in range(21))), ("Dòng 4", "20")),
    "merged cells": (_merged, ("Dòng 3", "code")),
    "a merged name of a section": (_merged_names, ("Dòng 3", "section_name_vi", "Ô này trống (ô gộp?)")),
    "a column twice": (heading("text_en", "text_vi"), ("Dòng 1", "text_vi")),
    "no heading of a column": (heading("weight", "Trọng số"), ("Dòng 1", "weight")),
    "more than 400 rows": (_long, ("Dòng", "400")),
    "more than 150 criteria": (_many, ("dài",)),
    "nothing below the headings": (lambda book: book.worksheets[0].delete_rows(2, 90), ("Dòng 2",)),
    "the wrong sheet": (lambda book: book.remove(book.worksheets[0]), ("Dòng 1", "section")),
}


def broken(running, change: Change) -> bytes:
    book = load_workbook(io.BytesIO(workbook.written(content.of_version(outline(running)))))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def posted(client, running, data: bytes, name: str = "bo-tieu-chi.xlsx"):
    return client.post(reverse("audits:version_import", args=[running.public_id]), {"file": file_of(data, name)})


@pytest.mark.parametrize(("change", "named"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_by_its_place_and_makes_no_draft(client, editor, running, change, named):
    answer = posted(client, running, broken(running, change))
    shown = pages.words(answer)
    assert answer.status_code == 422
    assert "Chưa lưu gì" in shown
    for word in named:
        assert word in shown, (word, [str(fault) for fault in answer.context["faults"]])
    assert ChecklistVersion.objects.count() == 1


def test_a_formula_is_one_fault(client, editor, running):
    for column in ("weight", "code", "section"):
        answer = posted(client, running, broken(running, cell(2, column, "=1+1")))
        assert [(each.row, each.column) for each in answer.context["faults"]] == [(2, column)]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name.replace("__", "/").replace("_types", "[Content_Types].xml"), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "rỗng"),
        (b"\xd0\xcf\x11\xe0 an old .xls", "không phải tệp Excel"),
        (b"section;code\nA;TK-A1", "không phải tệp Excel"),
        (zipped(other=b"x"), "không phải tệp Excel"),
        (zipped(_types=b"<x/>", other=b"x"), "không đọc được"),
        (zipped(_types=b"<x/>", bomb=b"0" * 30_000_000), "nhiều hơn hẳn"),
        (b"x" * 2_500_000, "2 MB"),
    ],
    ids=["empty", "xls", "csv", "another zip", "no workbook", "bomb", "too large"],
)
def test_what_is_no_checklist_file_is_told(client, editor, running, data, named):
    answer = posted(client, running, data)
    assert answer.status_code == 422
    assert named in pages.words(answer)


def test_entities_that_expand_themselves_are_not_expanded(running):
    book = workbook.written(content.of_version(outline(running)))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/sharedStrings.xml":
                head = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
                data = data.replace(b"<sst", head + b"<sst", 1)
            new.writestr(part, data)
    with pytest.raises(Faulty):
        workbook.read(file_of(out.getvalue()), THEMES, "TK-")


def test_a_file_is_read_for_trial_and_then_becomes_a_draft(client, editor, running):
    exported = client.get(reverse("audits:version_export", args=[running.public_id]))
    assert exported["Content-Type"].endswith("spreadsheetml.sheet")
    data = broken(running, cell(2, "weight", "7,5"))
    trial = posted(client, running, data)
    assert trial.status_code == 200
    assert "3 mục, 7 tiêu chí" in pages.words(trial)
    assert ChecklistVersion.objects.count() == 1
    address = reverse("audits:version_import", args=[running.public_id])
    client.post(address, {"read": trial.context["read"]})
    draft = ChecklistVersion.objects.get(state="draft")
    assert (str(outline(draft).by_code["TK-A1"].weight), draft.based_on) == ("7.500", running)
    forged = client.post(address, {"read": "forged"}, follow=True)
    assert "chọn lại tệp" in pages.words(forged)
    assert ChecklistVersion.objects.count() == 2


def test_what_was_read_makes_one_draft_of_its_checklist_by_who_read_it(client, editor, running):
    other = sheets.every_kind("XX").versions.get()
    addresses = [reverse("audits:version_import", args=[each.public_id]) for each in (running, other)]
    read = {"read": posted(client, running, broken(running, cell(2, "weight", "7,5"))).context["read"]}
    elsewhere = client.post(addresses[1], read, follow=True)
    assert "bộ tiêu chí khác" in pages.words(elsewhere)
    client.force_login(worlds.user("bientap2", Role.EDITOR))
    assert "bởi người khác" in pages.words(client.post(addresses[0], read, follow=True))
    assert ChecklistVersion.objects.filter(state="draft").count() == 0
    client.force_login(editor)
    first = client.post(addresses[0], read)
    again = client.post(addresses[0], read, follow=True)
    assert again.redirect_chain[0][0] == first.url
    assert "đã được tạo thành bản nháp rồi" in pages.words(again)
    assert ChecklistVersion.objects.filter(state="draft").count() == 1


def test_what_each_column_means_stands_in_the_file(running):
    book = load_workbook(io.BytesIO(workbook.written(content.of_version(outline(running)))))
    assert [row[0].value for row in book.worksheets[1].iter_rows()] == [column.name for column in COLUMNS]
