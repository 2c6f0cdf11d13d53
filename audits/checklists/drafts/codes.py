"""Codes for what is new. A code stays with what it means in all versions, so none is ever given a second time."""

import re
from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase, ascii_uppercase

from audits.checklists.content import Content
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import Checklist, Criterion, CriterionOption, Section

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


def with_codes(checklist: Checklist, criterion: str, before: list[Content], after: list[Content]) -> list[Content]:
    """The options `after` a change of a criterion, each with a code of its own.

    One that stood there `before` keeps its code. Any other gets a code that no option of this criterion has had, in any
    version or step: answers are stored by it. Two queries, none when all stood there before.
    """
    stood = {each["code"] for each in before}
    if all(each["code"] in stood for each in after):
        return after
    in_versions = CriterionOption.objects.filter(criterion__version__checklist=checklist, criterion__code=criterion)
    used = set(in_versions.values_list("code", flat=True)) | stood
    for step in DraftChange.objects.filter(
        version__checklist=checklist, part=DraftChange.Part.CRITERION, code=criterion
    ).values_list("before", "after"):
        used |= {option["code"] for plain in step if plain for option in plain["options"]}
    found = []
    for each in after:
        code = each["code"]
        if code not in stood and (not code or code in used):
            code = next(letters for letters in _words(ascii_lowercase) if letters not in used)
        used.add(code)
        found.append(each | {"code": code})
    return found


def _letters() -> Iterator[str]:
    yield from (letter for letter in ascii_uppercase if letter != _LAST_LETTER)
    yield from ("".join(pair) for pair in product(ascii_uppercase, repeat=2))


def _words(letters: str) -> Iterator[str]:
    """a, b, … z, aa, ab, …"""
    yield from ("".join(each) for length in count(1) for each in product(letters, repeat=length))


def _changed(checklist: Checklist, part: DraftChange.Part) -> set[str]:
    return set(DraftChange.objects.filter(version__checklist=checklist, part=part).values_list("code", flat=True))
