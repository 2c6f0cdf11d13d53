"""A checklist as a table, one row a criterion, and back. Pure: cells in, content out, or every fault with its place.

Columns are found by the names in the first row, in any order. A row without a criterion's code is a section without
criteria. Several options or thresholds of a criterion stand in one cell, a line each:
`code | Vietnamese | English | result` and `upper bound: result`, the last bound being `*`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.checklists.content import Content, shortest
from audits.checklists.models import MOST_ROWS, MOST_WEIGHT, Criterion
from outlets.text import clean

LONGEST = {"name": 200, "text": 500, "guidance": 2000, "label": 120, "code": 16, "section": 8}
MOST_DIGITS = 12  # 1e999999999 is a number, too, and takes a gigabyte to write out
YES, NO = frozenset({"x", "1", "yes", "true", "có"}), frozenset({"", "0", "no", "false", "không"})
REST = "*"
_EMPTY = gettext_lazy("This cell is empty (merged cells?). Write into each cell.")
_PERHAPS_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Column:
    """One column: its name in the first row, and what may stand in it."""

    name: str
    says: str | Promise
    choices: tuple[str, ...] = ()
    is_needed: bool = False


COLUMNS = (
    Column("section", gettext_lazy("Code of the section; rows of one section stand together"), is_needed=True),
    Column("section_name_vi", gettext_lazy("Name of the section, Vietnamese"), is_needed=True),
    Column("section_name_en", gettext_lazy("Name of the section, English")),
    Column("code", gettext_lazy("Code of the criterion; the same in all versions"), is_needed=True),
    Column("text_vi", gettext_lazy("Text, Vietnamese"), is_needed=True),
    Column("text_en", gettext_lazy("Text, English")),
    Column("guidance_vi", gettext_lazy("Guidance, Vietnamese")),
    Column("guidance_en", gettext_lazy("Guidance, English")),
    Column("kind", gettext_lazy("How it is answered"), tuple(Criterion.Kind.values), is_needed=True),
    Column("weight", gettext_lazy("Weight; 0 for what is not scored"), is_needed=True),
    Column("critical", gettext_lazy("x: critical")),
    Column("allows_na", gettext_lazy("x: “not applicable” is possible")),
    Column("photo", gettext_lazy("Photo"), tuple(Criterion.Photo.values)),
    Column("photo_is_private", gettext_lazy("x: photos of papers, never shown to a unit")),
    Column("note_rule", gettext_lazy("Note"), tuple(Criterion.NoteRule.values)),
    Column("controlled_by", gettext_lazy("Who decides it"), tuple(Criterion.ControlledBy.values)),
    Column("theme", gettext_lazy("Code of the theme")),
    Column("stage", gettext_lazy("When it is answered"), tuple(Criterion.Stage.values)),
    Column("measure", gettext_lazy("Unit of a measured number"), tuple(Criterion.Measure.values)),
    Column("options", gettext_lazy("A line each: code | Vietnamese | English | result")),
    Column("thresholds", gettext_lazy("A line each: upper bound: result; the last bound is *")),
    Column("picture", gettext_lazy("x: keep its example picture, which stays in the system; empty: without one")),
)
NAMES = tuple(column.name for column in COLUMNS)
_BY_NAME = {column.name: column for column in COLUMNS}
_DEFAULTS = {"photo": "none", "note_rule": "optional", "controlled_by": "unit", "stage": "during", "measure": ""}


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: `row` counts as the spreadsheet does, `column` is a name or empty."""

    row: int
    column: str
    text: str


class Faulty(Exception):
    """The table is no checklist; `faults` say why, the first ones first."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__(len(self.faults))


def rows_of(sections: Iterable[Content]) -> Iterator[list[object]]:
    """The rows below the headings, in the order of COLUMNS."""
    for section in sections:
        head: Content = {
            "section": section["code"],
            "section_name_vi": section["name_vi"],
            "section_name_en": section["name_en"],
        }
        for plain in section["criteria"] or [{}]:
            row = head | _written(plain)
            yield [row.get(name) for name in NAMES]


def _written(plain: Content) -> Content:
    if not plain:
        return {}
    row = dict(plain)
    for flag in ("critical", "allows_na", "photo_is_private", "picture"):
        row[flag] = "x" if plain[flag] else None
    row["weight"] = Decimal(plain["weight"])
    row["options"] = "\n".join(
        " | ".join(_escaped(part) for part in (each["code"], each["label_vi"], each["label_en"], str(each["result"])))
        for each in plain["options"]
    )
    row["thresholds"] = "\n".join(f"{each['upper'] or REST}: {each['result']}" for each in plain["thresholds"])
    return row


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("|", "\\|")


def _parts(line: str) -> list[str]:
    """The parts of an option's line; a bar after a backslash is a letter of the text."""
    found = [""]
    letters = iter(line)
    for letter in letters:
        if letter == "\\":
            found[-1] += next(letters, "")
        elif letter == "|":
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]


@dataclass
class _Reader:
    """Reads rows one by one and keeps what is wrong with them."""

    themes: frozenset[str]
    stem: str  # with which every new code of the checklist begins
    known: Mapping[str, str | None]  # the criteria that the version has, by code, with their pictures
    has_pictures: bool = True  # the table has their column
    faults: list[Fault] = field(default_factory=list)
    sections: list[Content] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    row: int = 0
    cells: dict[str, str] = field(default_factory=dict)
    numeric: frozenset[str] = frozenset()  # the columns whose cell holds a number, not a text

    def fault(self, column: str, text: str) -> None:
        self.faults.append(Fault(self.row, column, text))

    def text(self, column: str, longest: int) -> str:
        written = clean(self.cells.get(column, ""))
        if len(written) > longest:
            self.fault(column, _("Longer than %(limit)d characters.") % {"limit": longest})
        return written[:longest]

    def one_of(self, column: str) -> str:
        written = self.cells.get(column, "").strip().casefold() or _DEFAULTS.get(column, "")
        choices = _BY_NAME[column].choices
        if written not in choices and not (column == "measure" and not written):
            says = _("“%(written)s” is not one of: %(choices)s.")
            self.fault(column, says % {"written": written[:40], "choices": ", ".join(choices)})
            return choices[0]
        return written

    def flag(self, column: str) -> bool:
        written = self.cells.get(column, "").strip().casefold()
        if written not in YES | NO:
            self.fault(column, _("“%(written)s”: write x, or leave the cell empty.") % {"written": written[:40]})
        return written in YES

    def number(self, column: str, written: str) -> Decimal | None:
        """A number with a comma or a point before its decimals; thousands are not grouped.

        A text that could be meant as thousands is asked about, as on a page: `1.000` of a cell that holds a text.
        """
        if column not in self.numeric and _PERHAPS_GROUPED.fullmatch(written.strip()):
            says = _("“%(written)s” can be read in two ways. Type it as a number, not as text.")
            self.fault(column, says % {"written": written.strip()})
            return None
        try:
            found = Decimal(written.strip().replace(",", "."))
            if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS:
                raise InvalidOperation
        except InvalidOperation:
            self.fault(column, _("“%(written)s” is no number. Write 2.5 or 2,5.") % {"written": written[:40]})
            return None
        return found

    def result(self, column: str, written: str) -> int:
        found = self.number(column, written)
        if found is not None and (found != int(found) or not 0 <= found <= 100):
            self.fault(column, _("“%(written)s”: a result is a whole number from 0 to 100.") % {"written": written})
            return 0
        return int(found or 0)

    def section(self) -> Content | None:
        code = self.cells.get("section", "").strip()
        if not code:
            self.fault("section", str(_EMPTY))
            return None
        if len(code) > LONGEST["section"] or not _CODE.fullmatch(code):
            self.fault("section", _("The section needs a code of at most 8 letters and digits."))
            return None
        names = {
            "name_vi": self.text("section_name_vi", LONGEST["name"]),
            "name_en": self.text("section_name_en", LONGEST["name"]),
        }
        if self.sections and self.sections[-1]["code"] == code:
            if any(names.values()):
                self.refuse_other_names(names)
            return self.sections[-1]
        if any(each["code"] == code for each in self.sections):
            self.fault("section", _("Rows of section %(code)s stand apart: move them together.") % {"code": code})
            return None
        self.sections.append({"code": code, **names, "criteria": []})
        return self.sections[-1]

    def refuse_other_names(self, names: Content) -> None:
        above = self.sections[-1]
        for name in (name for name, written in names.items() if written != above[name]):
            says = _("The section has another name in a row above.") if names[name] else _EMPTY
            self.fault(f"section_{name}", str(says))

    def criterion(self) -> Content | None:
        code = self.cells.get("code", "").strip()
        if not code:
            if any(self.cells.get(name) for name in ("text_vi", "kind", "weight")):
                self.fault("code", _("The criterion needs its code."))
            return None
        is_ours = code.startswith(self.stem) or code in self.known
        if len(code) > LONGEST["code"] or not _CODE.fullmatch(code) or not is_ours:
            self.fault("code", _("A code begins with %(stem)s and has at most 16 characters.") % {"stem": self.stem})
            return None
        if code in self.codes:
            says = _("The code %(code)s stands in row %(row)d already.")
            self.fault("code", says % {"code": code, "row": self.codes[code]})
            return None
        self.codes[code] = self.row
        kind = Criterion.Kind(self.one_of("kind"))
        theme = self.cells.get("theme", "").strip()
        if theme and theme not in self.themes:
            says = _("“%(written)s” is not one of: %(choices)s.")
            self.fault("theme", says % {"written": theme[:40], "choices": ", ".join(sorted(self.themes))})
        plain: Content = {
            "code": code,
            "kind": kind.value,
            "weight": self.weight(kind),
            "theme": theme or None,
            "options": self.options(kind),
            "thresholds": self.thresholds(kind),
            "picture": self.picture(code),
        }
        for name in ("text_vi", "text_en", "guidance_vi", "guidance_en"):
            plain[name] = self.text(name, LONGEST[name.partition("_")[0]])
        for name in ("critical", "allows_na", "photo_is_private"):
            plain[name] = self.flag(name)
        for name in _DEFAULTS:
            plain[name] = self.one_of(name)
        if plain["critical"] and kind not in (Criterion.Kind.YES_NO, Criterion.Kind.THREE_STEP):
            self.fault("critical", _("Only yes/no and three-step criteria can be critical."))
        if bool(plain["measure"]) != (kind == Criterion.Kind.MEASURED):
            self.fault("measure", _("A measured number needs its unit; nothing else has one."))
        return plain

    def picture(self, code: str) -> str | None:
        """That of the version, unless the cell is empty; without the column, always."""
        there = self.known.get(code)
        if not self.has_pictures or not self.flag("picture"):
            return None if self.has_pictures else there
        if there is None:
            self.fault("picture", _("The criterion has no picture to keep: a file brings none. Leave the cell empty."))
        return there

    def weight(self, kind: Criterion.Kind) -> str:
        written = self.cells.get("weight", "").strip()
        is_scored = kind not in (Criterion.Kind.RATING, Criterion.Kind.TEXT)
        found = self.number("weight", written or "0")
        if found is None:
            return "1"
        if is_scored and not 0 < found <= MOST_WEIGHT:
            self.fault("weight", _("A weight is greater than 0 and at most %(most)d.") % {"most": MOST_WEIGHT})
        elif is_scored and found != round(found, 3):
            self.fault("weight", _("A weight has at most three decimals."))
        elif not is_scored and found:
            self.fault("weight", _("What is not scored has the weight 0."))
        return shortest(found)

    def lines(self, column: str, kind: Criterion.Kind, wanted: Criterion.Kind) -> list[str]:
        lines = [line for line in self.cells.get(column, "").splitlines() if line.strip()]
        if lines and kind != wanted:
            self.fault(column, _("Criteria of the kind “%(kind)s” have none.") % {"kind": kind.value})
            return []
        if len(lines) > MOST_ROWS:
            self.fault(column, _("More than %(most)d lines.") % {"most": MOST_ROWS})
        return lines[:MOST_ROWS]

    def options(self, kind: Criterion.Kind) -> list[Content]:
        found: list[Content] = []
        for line in self.lines("options", kind, Criterion.Kind.CHOICE):
            parts = _parts(line)
            if len(parts) != 4:
                self.fault(
                    "options", _("“%(line)s”: write code | Vietnamese | English | result.") % {"line": line[:60]}
                )
                continue
            code, label_vi, label_en, result = parts
            if not _CODE.fullmatch(code) or len(code) > LONGEST["code"] or any(each["code"] == code for each in found):
                self.fault("options", _("“%(line)s”: each option needs a code of its own.") % {"line": line[:60]})
            if max(len(label_vi), len(label_en)) > LONGEST["label"]:
                self.fault("options", _("Longer than %(limit)d characters.") % {"limit": LONGEST["label"]})
            found.append(
                {"code": code, "label_vi": label_vi, "label_en": label_en, "result": self.result("options", result)}
            )
        return found

    def thresholds(self, kind: Criterion.Kind) -> list[Content]:
        found: list[Content] = []
        for line in self.lines("thresholds", kind, Criterion.Kind.MEASURED):
            bound, colon, result = line.partition(":")
            if not colon:
                self.fault("thresholds", _("“%(line)s”: write upper bound: result.") % {"line": line[:60]})
                continue
            upper = None if bound.strip() == REST else self.number("thresholds", bound)
            if upper is not None and (not 0 <= upper < 10_000_000 or upper != round(upper, 2)):
                says = _("“%(line)s”: a bound is at least 0 and has at most two decimals.")
                self.fault("thresholds", says % {"line": line[:60]})
                upper = Decimal(0)
            found.append(
                {"upper": None if upper is None else shortest(upper), "result": self.result("thresholds", result)}
            )
        return found


def read(
    headings: Mapping[int, str],
    rows: Iterable[tuple[int, Mapping[int, Any]]],
    themes: Iterable[str],
    stem: str,
    known: Mapping[str, str | None] | None = None,
) -> list[Content]:
    """The sections that a table says, as `fill_draft` takes them. `headings` and each row's cells are by position.

    `rows` come with their numbers. `known` are the criteria that the version has, by code, with the public ids of their
    pictures: a file holds no picture, so a criterion keeps the one it has. Raises Faulty with every fault found.
    """
    missing = [column.name for column in COLUMNS if column.is_needed and column.name not in headings.values()]
    if missing:
        says = _("The first row has no column: %(names)s. Is it the right sheet?") % {"names": ", ".join(missing)}
        raise Faulty([Fault(1, "", says)])
    reader = _Reader(frozenset(themes), stem, known or {}, has_pictures="picture" in headings.values())
    for number, cells in rows:
        reader.row = number
        reader.cells = {headings[place]: str(cell) for place, cell in cells.items() if place in headings}
        reader.numeric = frozenset(headings[place] for place, cell in cells.items() if not isinstance(cell, str))
        if not any(value.strip() for value in reader.cells.values()):
            continue
        section, criterion = reader.section(), reader.criterion()
        if section is not None and criterion is not None:
            section["criteria"].append(criterion)
    if not reader.faults and not reader.sections:
        raise Faulty([Fault(2, "", _("There is no criterion in the sheet."))])
    if reader.faults:
        raise Faulty(reader.faults)
    return reader.sections
