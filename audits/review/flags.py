"""What wants a second look in a submission: the kinds of flag, what each says, and what a text gives away. Pure.

A flag is no finding. It says where to look; a reviewer decides what it means.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outlets import text
from outlets.phone import PhoneRefused, parse_phone


class Kind(StrEnum):
    TOO_FAST = "too_fast"
    LATE_ANSWERS = "late_answers"
    SAME_PICTURE = "same_picture"
    SAME_NOTE = "same_note"
    NAMES_OR_NUMBERS = "names_or_numbers"


class Told(StrEnum):
    """What a text may give away."""

    PHONE = "phone"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class Flag:
    """One thing to look at. `codes` are the criteria concerned, empty for the visit as a whole.

    `detail` by kind: minutes · days, and hours when known and fewer than two days' · visit (public id of the other
    visit, empty for the same one), code and exact · visit, code and, when it is so, is_others · told (values of Told).
    Another shopper is never named in it.
    """

    kind: Kind
    codes: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What to look at, in the reader's language."""
        return _WORDS[self.kind](self.detail)

    def as_row(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "codes": list(self.codes), "detail": dict(self.detail)}


def from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Flag, ...]:
    """The flags that a Screening holds."""
    return tuple(Flag(Kind(row["kind"]), tuple(row["codes"]), row["detail"]) for row in rows)


def _too_fast(detail: Mapping[str, Any]) -> str:
    minutes = detail["minutes"]
    return ngettext(
        "Filled in within %(minutes)d minute: does it hold enough of what was seen?",
        "Filled in within %(minutes)d minutes: does it hold enough of what was seen?",
        minutes,
    ) % {"minutes": minutes}


def _late(detail: Mapping[str, Any]) -> str:
    if hours := detail.get("hours"):
        return ngettext(
            "Submitted %(hours)d hour after the visit: are times and wording still exact?",
            "Submitted %(hours)d hours after the visit: are times and wording still exact?",
            hours,
        ) % {"hours": hours}
    days = detail["days"]
    return ngettext(
        "Submitted %(days)d day after the visit: are times and wording still exact?",
        "Submitted %(days)d days after the visit: are times and wording still exact?",
        days,
    ) % {"days": days}


def _same_picture(detail: Mapping[str, Any]) -> str:
    code = detail["code"]
    if not detail["visit"]:
        return _("The photo looks like the one of %(code)s in this visit.") % {"code": code}
    if detail["exact"]:
        return _("The photo has been used in another visit before.")
    return _("The photo looks like one of another visit.")


def _same_note(detail: Mapping[str, Any]) -> str:
    if detail.get("is_others"):
        return _("Another shopper wrote the same text about this outlet.")
    return _("The same shopper wrote the same text in another visit.")


def in_words(told: Iterable[str]) -> str:
    """What a text gives away (values of Told), in the reader's language."""
    says = {
        Told.PHONE: _("a telephone number"),
        Told.NUMBER: _("the number of a ticket or receipt"),
        Told.NAME: _("the name of a staff member"),
    }
    return ", ".join(says[Told(each)] for each in told)


def _told(detail: Mapping[str, Any]) -> str:
    return _("The text seems to hold %(what)s: leave it out of what the unit reads.") % {
        "what": in_words(detail["told"])
    }


_WORDS = {
    Kind.TOO_FAST: _too_fast,
    Kind.LATE_ANSWERS: _late,
    Kind.SAME_PICTURE: _same_picture,
    Kind.SAME_NOTE: _same_note,
    Kind.NAMES_OR_NUMBERS: _told,
}


# --- What a text gives away -------------------------------------------------------------------

SAME_FROM = 25  # characters of a folded text; shorter ones repeat by nature
_PERHAPS_PHONE = re.compile(r"(?<![\w+])(?:\+?84|0)(?:[ .()-]{0,2}[0-9]){8,12}")
_HOTLINES = ("+841800", "+841900")  # everybody's numbers
# In folded text: a paper, then its number; or a number that nothing but a paper has. Amounts and times are neither.
_PAPER_NUMBER = re.compile(
    r"\b(?:so thu tu|stt|so phieu|phieu|ma phieu|ma don|ma khach hang|ma thue bao|ma hop dong|ma giao dich|hop dong|"
    r"bien lai|bien nhan|hoa don|ve so|so ve|cccd|cmnd|can cuoc)\W{0,3}(?:so|la)?\W{0,3}[a-z]{0,4}-?[0-9]{3,}"
    r"(?![.,]?[0-9]|\s*(?:d|dong|vnd|k|nghin|ngan|trieu|phut|giay|gio|ngay|thang)\b)"
)
_LONG_NUMBER = re.compile(r"(?<![\w.,])(?:[a-z]{1,4}-?[0-9]{5,}|[0-9]{9,})(?![\w]|[.,][0-9])")
_TITLES = "anh|chị|em|cô|chú|bác|bạn|ông|bà|nhân viên|giao dịch viên|điện thoại viên"


def told(written: str, names: Iterable[str]) -> tuple[Told, ...]:
    """What `written` gives away; `names` are the full names of those who work at the outlet.

    A name counts in full, with or without its marks; and, written with its capitals, as the last two words or as
    the tên after a word of address.
    """
    if not written:
        return ()
    found = []
    folded = text.fold(written)
    if any(_holds_phone(match.group()) for match in _PERHAPS_PHONE.finditer(written)):
        found.append(Told.PHONE)
    elif _PAPER_NUMBER.search(folded) or _LONG_NUMBER.search(folded):
        found.append(Told.NUMBER)
    if any(_names(name, written, folded) for name in names):
        found.append(Told.NAME)
    return tuple(found)


def _holds_phone(written: str) -> bool:
    """Whether the digits begin with a number that belongs to one person; another figure may follow at once."""
    digits = [place for place, character in enumerate(written) if character.isdigit()]
    ends = [place + 1 for place in digits if not written[place + 1 : place + 2].isdigit()]
    for end in ends:
        try:
            if not parse_phone(written[:end]).e164.startswith(_HOTLINES):
                return True
        except PhoneRefused:
            continue
    return False


def _names(name: str, written: str, folded: str) -> bool:
    words = text.clean(name, multiline=False).split()
    if len(words) < 2:
        return False
    if re.search(rf"\b{re.escape(text.fold(name))}\b", folded):
        return True
    if len(words) > 2 and re.search(rf"\b{re.escape(' '.join(words[-2:]))}\b", written):
        return True
    return re.search(rf"\b(?i:{_TITLES})\s+{re.escape(words[-1])}\b", written) is not None
