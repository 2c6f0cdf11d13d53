"""Different visits to a checklist, each answered by chance and scored once.

All visits of the country are drawn of them. They lie on levels of quality, so that a visit to a good outlet is drawn
from good ones. The shoppers' words and answers are the demo's, the scores those of `audits.scoring`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from audits import scoring
from audits.checklists.outline import Outline
from audits.fieldwork.visits import completeness
from audits.fieldwork.visits.completeness import NOTHING, Given
from outlets.rows import stored
from vnpt_smile.demo import answers, words
from vnpt_smile.demo.answers import Service
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local
from vnpt_smile.demo.loader import CENT, Said

LEVELS = 25
WORST, BEST = 0.44, 0.97  # the chances that a criterion is met, on the first level and on the last
ANY_DAY = date(2026, 1, 5)  # patterns keep times since midnight


class Incomplete(Exception):
    """A pattern that could not have been submitted."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A visit without its place and day. Times are since midnight.

    `answers` holds, for each answer, which of `moments` it was given at and the values of `ANSWERED`.
    """

    version_id: int
    started: timedelta
    submitted: timedelta
    moments: tuple[timedelta, ...]
    met: str
    answers: tuple[tuple[int, tuple[Any, ...]], ...]
    score: scoring.Score
    workings: str
    critical: frozenset[str]  # codes of the version's critical criteria


ANSWERED = ("criterion_id", "value", "number", "text", "note", "na_reason", "photo_waiver", "result", "lost")

Patterns = Sequence[Sequence[Pattern]]  # by level, worst first


def build(asked: Outline, number: int, seed: int) -> Patterns:
    """About `number` patterns of a version, the same number on each level, at least one. Raises Incomplete."""
    rng = dice(f"{seed} patterns {asked.checklist_code} {asked.number}")
    return tuple(
        tuple(_pattern(rng, asked, _chance(level)) for _ in range(max(1, number // LEVELS))) for level in range(LEVELS)
    )


def level_of(quality: float) -> int:
    """The level on which a criterion is met with this chance, or the nearest."""
    return min(LEVELS - 1, max(0, round((quality - WORST) / (BEST - WORST) * (LEVELS - 1))))


def _chance(level: int) -> float:
    return WORST + (BEST - WORST) * level / (LEVELS - 1)


def _pattern(rng: Random, asked: Outline, chance: float) -> Pattern:
    midnight = local(ANY_DAY)
    started = local(ANY_DAY, rng.randint(8, 15), rng.randint(0, 59))
    left = started + timedelta(minutes=rng.randint(14, 38))
    saved = _saved(rng, left, len(asked.sections))
    service = Service(place=chance + rng.gauss(0, 0.02), person=chance + rng.gauss(0, 0.02))
    said = answers.fill_in(rng, asked, service, {}, started=started, left=left, saved=saved).said
    said += answers.follow_up(rng, asked, service, at=saved[-1])
    score = _score(asked, said)
    lines = {line.code: line for line in score.lines}
    moments = tuple(sorted({each.at for each in said}))
    return Pattern(
        version_id=asked.version_id,
        started=started - midnight,
        submitted=saved[-1] + timedelta(minutes=rng.randint(2, 6)) - midnight,
        moments=tuple(moment - midnight for moment in moments),
        met=words.met(rng, asked.channel),
        answers=tuple((moments.index(each.at), _answer(asked, each, lines[each.code])) for each in said),
        score=score,
        workings=json.dumps(scoring.workings(score), ensure_ascii=False, separators=(",", ":")),
        critical=frozenset(criterion.code for criterion in asked.criteria if criterion.critical),
    )


def _saved(rng: Random, left: datetime, sections: int) -> list[datetime]:
    """When each section was saved, soon after the shopper left."""
    at = left + timedelta(minutes=rng.randint(3, 45))
    moments = []
    for _ in range(sections):
        at += timedelta(seconds=rng.randint(50, 200))
        moments.append(at)
    return moments


def _score(asked: Outline, said: Sequence[Said]) -> scoring.Score:
    """The score that submitting these answers gives."""
    given = {
        each.code: Given(
            value=each.value,
            number=None if each.number is None else each.number.quantize(CENT),
            text=each.text,
            note=each.note,
            na_reason=each.na_reason,
            photo_waiver=each.photo_waiver,
        )
        for each in said
    }
    if gaps := completeness.gaps(asked.criteria, given):
        raise Incomplete(f"{asked.checklist_code}: {len(gaps)} gaps, first {gaps[0]}")
    answered = [
        completeness.scored_answer(criterion, given.get(criterion.code, NOTHING)) for criterion in asked.criteria
    ]
    return scoring.score(asked.rules, answered, asked.bands)


def _answer(asked: Outline, said: Said, line: scoring.Line) -> tuple[Any, ...]:
    """The values of ANSWERED."""
    return (
        asked.by_code[said.code].id,
        said.value,
        stored(said.number),
        said.text,
        said.note,
        said.na_reason,
        said.photo_waiver,
        line.result,
        line.lost if line.result is not None else None,
    )
