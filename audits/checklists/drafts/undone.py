"""What a version would take back of what other versions changed, once it runs; and what others would take back of it.

A draft holds what it was copied from. What came into force since, or comes into force by another draft, it does not
hold: putting it in force takes that back, without anybody having said so. Here that is found out, to be said aloud.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import date

from audits.checklists import content
from audits.checklists.drafts import compare
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline

State = ChecklistVersion.State


@dataclass(frozen=True)
class Undone:
    """What is taken back where two versions follow each other that do not build on each other.

    `other` runs, or is approved for its day. It comes into force before this one, so that this one takes back what
    `comparison` lists; or, where `is_later`, after it, and takes back what this one changed. `mark` stands for the
    whole content of both: who says that this is meant says it of that.
    """

    other: ChecklistVersion
    is_later: bool
    comparison: compare.Comparison
    mark: str


def undone(version: ChecklistVersion, *, today: date) -> tuple[Undone, ...]:
    """What `version` would take back if it were approved today, and what would be taken back of it later.

    One query; where it does not build on one of the others, those of the outlines of both and of what they share.
    """
    rows = {each.pk: each for each in ChecklistVersion.objects.filter(checklist=version.checklist_id)}
    return tuple(_found(rows[version.pk], rows, max(version.effective_on or today, today)))


def _found(version: ChecklistVersion, rows: Mapping[int, ChecklistVersion], day: date) -> Iterator[Undone]:
    others = [each for each in rows.values() if each.state in (State.PUBLISHED, State.APPROVED) and each != version]
    for other in sorted(
        others, key=lambda each: (each.state != State.PUBLISHED, each.effective_on or day, each.number)
    ):
        is_later = other.state == State.APPROVED and (other.effective_on or day) > day
        base = _shared(version, other, rows)
        first, second = (version, other) if is_later else (other, version)
        if base == first:
            continue  # the second holds all of it: what it changes, it changes knowingly
        found = compare.undone(outline(base) if base else None, outline(first), outline(second))
        if not found.is_same:
            yield Undone(other, is_later, found, _digest(is_later, says(other), says(version)))


def _shared(
    one: ChecklistVersion, two: ChecklistVersion, rows: Mapping[int, ChecklistVersion]
) -> ChecklistVersion | None:
    """The latest version that both hold the whole of; either of them may be it."""
    of_two = _lineage(two, rows)
    return next((each for each in _lineage(one, rows) if each in of_two), None)


def _lineage(version: ChecklistVersion, rows: Mapping[int, ChecklistVersion]) -> list[ChecklistVersion]:
    """The version, and all that it holds the whole of, the latest first.

    A copy holds the whole of what stood still when it was made. What was changed after that it does not hold, but it
    holds what that one had been copied from.
    """
    found, child = [version], version
    while child.based_on_id is not None:
        parent = rows[child.based_on_id]
        settled_at = parent.proposed_at or parent.published_at
        if settled_at is not None and settled_at <= child.created_at:
            found.append(parent)
        child = parent
    return found


def mark_of(version: ChecklistVersion) -> str:
    """Stands for everything that whoever decides on a version is shown of it: another mark, another content."""
    return _digest(says(version))


def says(version: ChecklistVersion) -> list[object]:
    """Everything a version says, as plain data: its content, its grades, its words, its day."""
    now = outline(version)
    day = version.effective_on and version.effective_on.isoformat()
    return [content.of_version(now), [content.shortest(bound) for bound in astuple(now.bands)], version.note, day]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
