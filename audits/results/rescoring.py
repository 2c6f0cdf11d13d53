"""Published visits scored anew from the shoppers' answers, with the corrections laid over: what must count.

This reads answers, never stored workings or figures, so that a recount proves those.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.fieldwork.models import Answer
from audits.results.blocks import Place
from audits.results.closing import CHUNK
from audits.results.folding import BlockVisit
from audits.results.models import Correction, Period, PublishedVisit

Answers = dict[str, scoring.Answer]  # by the criterion's code


def given_answers(visits: Sequence[PublishedVisit]) -> Mapping[int, Answers]:
    """What counts as answered, by visit and code: the latest correction, or else the shopper's answer. Two queries.

    Answers without value and number, and those of texts, are not there.
    """
    return _given([visit.pk for visit in visits])


def _given(keys: Sequence[int]) -> Mapping[int, Answers]:
    given = _answered(keys)
    corrections = Correction.objects.filter(revision__published__in=keys).order_by("revision__number")
    for visit_id, code, value, number in corrections.values_list(
        "revision__published_id", "criterion__code", "value", "number"
    ):
        given[visit_id][code] = scoring.Answer(code, value or None, number)
    return given


def shoppers_answers(visits: Sequence[PublishedVisit]) -> dict[int, Answers]:
    """What the shoppers answered, by visit and code, whatever has been corrected since. One query."""
    return _answered([visit.pk for visit in visits])


def _answered(keys: Sequence[int]) -> dict[int, Answers]:
    given: dict[int, Answers] = defaultdict(dict)
    # One row for each criterion, so their order does not matter.
    rows = Answer.objects.filter(visit__in=keys).order_by()
    for visit_id, code, value, number in rows.values_list("visit_id", "criterion__code", "value", "number"):
        if value or number is not None:
            given[visit_id][code] = scoring.Answer(code, value or None, number)
    return given


@dataclass(frozen=True, slots=True)
class Rescored:
    """A published visit of a month, as stored and scored anew from its answers."""

    public_id: UUID
    place: Place
    percent: int | None
    critical_failures: int
    visit: BlockVisit


def rescored(period: Period) -> Iterator[Rescored]:
    """Every visit of a closed month, block by block. A query, two for each 500 visits, and those of the outlines."""
    versions = {
        version.pk: version
        for version in ChecklistVersion.objects.filter(visits__published__block__period=period).distinct()
    }
    rows = PublishedVisit.objects.filter(block__period=period).order_by("block", "pk").values_list(*_COLUMNS)
    found = rows.iterator(chunk_size=CHUNK)
    while some := list(islice(found, CHUNK)):
        given = _given([row[0] for row in some])
        for key, public_id, outlet, checklist, version, shopper, percent, failures in some:
            asked = outline(versions[version])
            score = scoring.score(asked.rules, given[key].values(), asked.bands)
            visit = BlockVisit(shopper, score, asked.critical_codes)
            yield Rescored(public_id, (outlet, checklist), percent, failures, visit)


_COLUMNS = (
    *("pk", "visit__public_id", "block__outlet", "block__checklist", "visit__version", "visit__shopper"),
    *("percent", "critical_failures"),
)


def counted(published: PublishedVisit) -> scoring.Score:
    """The score that counts now as it was stored: of the latest revision, or of the submission. One query."""
    latest = published.revisions.order_by("-number").first()
    return scoring.from_workings((latest or published.submission).workings)


def block_visit(published: PublishedVisit, score: scoring.Score) -> BlockVisit:
    """A published visit as its block's figures need it, with the score that counts. No query, besides the outlines'."""
    asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
    return BlockVisit(published.visit.shopper_id, score, asked.critical_codes)  # type: ignore[arg-type]  # it has a shopper
