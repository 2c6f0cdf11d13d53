"""Codes for what is new. A code stays with what it means in all versions, so none is ever given a second time."""

import re
from collections.abc import Iterator
from itertools import product
from string import ascii_uppercase

from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import Checklist, Criterion, Section

_LAST_LETTER = "Z"  # by custom the section of general impressions, last of all


def next_section(checklist: Checklist) -> str:
    """A letter, or two, that no section of any version has had. Two queries."""
    used = set(Section.objects.filter(version__checklist=checklist).values_list("code", flat=True))
    used |= _changed(checklist, DraftChange.Part.SECTION)
    return next(code for code in _letters() if code not in used)


def next_criterion(checklist: Checklist, section: str) -> str:
    """The checklist's code, the section's, and one number more than any version has had: "TQ-F7". Two queries."""
    used = set(Criterion.objects.filter(version__checklist=checklist).values_list("code", flat=True))
    used |= _changed(checklist, DraftChange.Part.CRITERION)
    stem = f"{checklist.code}-{section}"
    numbers = [int(code.removeprefix(stem)) for code in used if re.fullmatch(rf"{re.escape(stem)}[0-9]+", code)]
    return f"{stem}{max(numbers, default=0) + 1}"


def _letters() -> Iterator[str]:
    yield from (letter for letter in ascii_uppercase if letter != _LAST_LETTER)
    yield from ("".join(pair) for pair in product(ascii_uppercase, repeat=2))


def _changed(checklist: Checklist, part: DraftChange.Part) -> set[str]:
    return set(DraftChange.objects.filter(version__checklist=checklist, part=part).values_list("code", flat=True))
