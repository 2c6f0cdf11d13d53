"""What phones sent that did not become an answer, for the quality office to read."""

from dataclasses import dataclass
from datetime import datetime

from audits.checklists.outline import CriterionOutline
from audits.fieldwork.models import Answer
from audits.fieldwork.sync.actions import Sent, read_fields
from audits.fieldwork.sync.models import Change
from audits.fieldwork.visits import sheet, wording
from audits.fieldwork.visits.sheet import Sheet


@dataclass(frozen=True)
class SetAside:
    """A text that stands beside an answer.

    `is_late`: it came when the question could not be changed any more; `is_left`: its writer leaves it to the reviewer.
    """

    criterion: CriterionOutline
    said: str
    received_at: datetime
    is_late: bool = False
    is_left: bool = False


def set_aside(now: Sheet) -> tuple[SetAside, ...]:
    """What was sent and is not the answer, in the order it came. One query.

    A conflict is over once its writer has saved the question again: what stands there then has been decided.
    """
    found: list[SetAside] = []
    rows = list(Change.objects.filter(visit=now.visit).order_by("pk"))
    decided = {row.criterion_id: row.pk for row in rows if row.outcome == Change.Outcome.SAVED}
    by_id = {criterion.id: criterion for criterion in now.outline.criteria}
    for row in rows:
        criterion = by_id[row.criterion_id]
        for content in (row.content, row.parked):
            if not content or (row.outcome == Change.Outcome.CONFLICT and decided.get(row.criterion_id, 0) > row.pk):
                continue
            said = _in_words(now, criterion, content, row)
            if said != wording.in_full(criterion, now.given[criterion.code]):
                is_late, is_left = row.outcome == Change.Outcome.REFUSED, row.outcome == Change.Outcome.ASIDE
                found.append(SetAside(criterion, said, row.received_at, is_late, is_left))
    return tuple(found)


def _in_words(now: Sheet, criterion: CriterionOutline, content: dict[str, str], row: Change) -> str:
    """As an answer reads; what cannot be read as one, as it was typed."""
    sent = Sent(row.public_id, criterion.code, content)
    entries = read_fields(now, [sent]).entries()
    if not entries:
        return " · ".join(value for name, value in content.items() if value and name != sent.seen_name)
    (entry,) = entries
    answer = Answer(
        value=entry.value,
        number=entry.number,
        text=entry.text,
        note=entry.note,
        na_reason=entry.na_reason,
        photo_waiver=entry.photo_waiver,
    )
    return wording.in_full(criterion, sheet.given_of(answer, 0))
