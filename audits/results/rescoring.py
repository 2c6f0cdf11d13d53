"""Published visits scored anew from the shoppers' answers, with the corrections laid over: what must count.

This reads answers, never stored workings or figures, so that a recount proves those.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from audits import scoring
from audits.checklists.outline import outline
from audits.fieldwork.models import Answer
from audits.results.closing import CHUNK
from audits.results.folding import BlockVisit
from audits.results.models import Correction, PublishedVisit

Answers = dict[str, scoring.Answer]  # by the criterion's code


def given_answers(visits: Sequence[PublishedVisit]) -> Mapping[int, Answers]:
    """What counts as answered, by visit and code: the latest correction, or else the shopper's answer. Two queries.

    Answers without value and number, and those of texts, are not there.
    """
    given = shoppers_answers(visits)
    keys = [visit.pk for visit in visits]
    corrections = Correction.objects.filter(revision__published__in=keys).order_by("revision__number")
    for visit_id, code, value, number in corrections.values_list(
        "revision__published_id", "criterion__code", "value", "number"
    ):
        given[visit_id][code] = scoring.Answer(code, value or None, number)
    return given


def shoppers_answers(visits: Sequence[PublishedVisit]) -> dict[int, Answers]:
    """What the shoppers answered, by visit and code, whatever has been corrected since. One query."""
    given: dict[int, Answers] = defaultdict(dict)
    rows = Answer.objects.filter(visit__in=[visit.pk for visit in visits]).order_by("pk")
    for visit_id, code, value, number in rows.values_list("visit_id", "criterion__code", "value", "number"):
        if value or number is not None:
            given[visit_id][code] = scoring.Answer(code, value or None, number)
    return given


def rescored(visits: Iterable[PublishedVisit]) -> Iterator[tuple[PublishedVisit, scoring.Score]]:
    """Each visit with its score from answers. `visits` come with `visit__version`; two queries for each 500."""
    batch: list[PublishedVisit] = []
    for visit in visits:
        batch.append(visit)
        if len(batch) == CHUNK:
            yield from _rescored(batch)
            batch = []
    yield from _rescored(batch)


def _rescored(batch: Sequence[PublishedVisit]) -> Iterator[tuple[PublishedVisit, scoring.Score]]:
    given = given_answers(batch)
    for published in batch:
        asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
        yield published, scoring.score(asked.rules, given[published.pk].values(), asked.bands)


def counted(published: PublishedVisit) -> scoring.Score:
    """The score that counts now as it was stored: of the latest revision, or of the submission. One query."""
    latest = published.revisions.order_by("-number").first()
    return scoring.from_workings((latest or published.submission).workings)


def block_visit(published: PublishedVisit, score: scoring.Score) -> BlockVisit:
    """A published visit as its block's figures need it, with the score that counts. No query, besides the outlines'."""
    asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
    critical = frozenset(criterion.code for criterion in asked.criteria if criterion.critical)
    return BlockVisit(published.visit.shopper_id, score, critical)  # type: ignore[arg-type]  # it has a shopper
