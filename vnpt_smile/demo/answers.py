"""What a shopper of the demo answers: chance, bent by how good the outlet, the person and the season are. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline, Outline
from audits.scoring import Kind, Outcome
from vnpt_smile.demo import words
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.loader import Said, Shot
from vnpt_smile.demo.pictures import MOTIF_OF, Picture

# Brand identity and the knowledge of new services are the published weak spots of the programme.
THEMES = {
    "brand": -0.06,
    "waiting": -0.05,
    "appearance": 0.07,
    "attitude": -0.01,
    "knowledge": -0.06,
    "selling": -0.09,
    "process": 0.03,
    "integrity": 0.08,
    "aftercare": -0.04,
}
# How often what may be "not applicable" is, by criterion; those that go together share their chance's name.
NOT_APPLICABLE = {
    "TQ-C1": ("guard", 0.35),
    "TQ-F5": ("sure", 0.5),
    "TQ-G1": ("counter", 0.55),
    "TQ-G2": ("counter", 0.55),
    "TQ-G3": ("counter", 0.55),
    "TQ-H1": ("account", 0.5),
    "DT-C3": ("trouble", 0.4),
    "DT-D5": ("offer", 0.2),
    "DT-E1": ("hold", 0.6),
    "DT-E2": ("hold", 0.6),
    "DT-E3": ("transfer", 0.75),
    "DT-E4": ("solved", 0.5),
    "DT-F1": ("account", 0.35),
    "DT-G3": ("promise", 0.35),
    "KT-D2": ("height", 0.4),
    "KT-F2": ("cost", 0.7),
    "BH-A3": ("phone", 0.12),
    "BH-E3": ("no deal", 0.6),
    "BH-E4": ("no deal", 0.6),
    "BH-F3": ("no deal", 0.6),
    "BH-G2": ("no call", 0.1),
}
PUNCTUAL = Decimal(10)  # minutes; who comes no later has nothing to announce (KT-A4)
STAGE = Criterion.Stage


@dataclass(frozen=True)
class Service:
    """How good the service was that day: chances, 0 to 1, that a criterion is met."""

    place: float  # criteria that the unit controls
    person: float
    all_not_applicable: bool = False  # everything that may be
    fails: tuple[str, ...] = ()  # criteria that fail for certain


@dataclass(frozen=True)
class Sheet:
    """What one visit holds so far."""

    said: tuple[Said, ...]
    shots: tuple[Shot, ...]


def fill_in(
    rng: Random,
    asked: Outline,
    service: Service,
    pictures: Mapping[str, Sequence[Picture]],
    *,
    started: datetime,
    left: datetime,
    saved: Sequence[datetime],
) -> Sheet:
    """All that is asked during a visit from `started` to when the shopper `left`; section by section as `saved`."""
    chances = _Chances(rng, asked.channel, service)
    said: list[Said] = []
    shots: list[Shot] = []
    results: dict[str, int | None] = {}
    numbers: dict[str, Decimal] = {}
    for section, at in zip(asked.sections, saved, strict=True):
        for criterion in section.criteria:
            if criterion.stage == STAGE.FOLLOW_UP:
                continue
            if criterion.kind in (Kind.TEXT, Kind.RATING):
                said.append(_unscored(rng, criterion, asked, results, numbers, started, left, at))
                continue
            value, number = chances.answer(criterion, numbers)
            results[criterion.code] = _result(criterion, value, number)
            if number is not None:
                numbers[criterion.code] = number
            taken = _photos(rng, criterion, value, pictures, started, at)
            shots += taken
            said.append(_said(rng, criterion, at, value, number, has_photo=bool(taken)))
    return Sheet(tuple(said), tuple(shots))


def follow_up(rng: Random, asked: Outline, service: Service, *, at: datetime) -> tuple[Said, ...]:
    """The answers that are given days later."""
    chances = _Chances(rng, asked.channel, service)
    later = [criterion for criterion in asked.criteria if criterion.stage == STAGE.FOLLOW_UP]
    return tuple(_said(rng, criterion, at, *chances.answer(criterion, {}), has_photo=True) for criterion in later)


class _Chances:
    """One visit's draws, so that criteria that go together go the same way."""

    def __init__(self, rng: Random, channel: str, service: Service) -> None:
        self._rng, self._channel, self._service = rng, channel, service
        self._drawn: dict[str, bool] = {}

    def answer(self, criterion: CriterionOutline, numbers: Mapping[str, Decimal]) -> tuple[str, Decimal | None]:
        """A value, or a number for what is measured."""
        if criterion.allows_na and self._is_na(criterion, numbers):
            return scoring.NOT_APPLICABLE, None
        rng = self._rng
        chance = self._chance(criterion)
        if criterion.code in self._service.fails:
            return ("no" if criterion.kind == Kind.YES_NO else "not_met"), None
        if criterion.kind == Kind.MEASURED:
            return "", _number(rng, criterion, chance)
        if criterion.kind == Kind.CHOICE:
            return (criterion.options[0] if rng.random() < chance else rng.choice(criterion.options)).code, None
        missed = 1 - chance
        if criterion.critical:
            missed *= 0.07 if criterion.kind == Kind.YES_NO else 0.6
        if criterion.kind == Kind.YES_NO:
            return ("no" if rng.random() < missed else "yes"), None
        if rng.random() >= missed:
            return "met", None
        return ("not_met" if rng.random() < (0.12 if criterion.critical else 0.3) else "partly"), None

    def _chance(self, criterion: CriterionOutline) -> float:
        service = self._service
        is_person = criterion.controlled_by == Criterion.ControlledBy.PERSON
        chance = (service.person if is_person else service.place) + _ease(criterion.code, criterion.theme or "")
        return min(0.985, max(0.05, chance))

    def _is_na(self, criterion: CriterionOutline, numbers: Mapping[str, Decimal]) -> bool:
        if self._service.all_not_applicable:
            return True
        if criterion.code == "KT-A4":
            return numbers.get("KT-A3", Decimal(0)) <= PUNCTUAL
        name, share = NOT_APPLICABLE.get(criterion.code, (criterion.code, 0.3))
        if name not in self._drawn:
            self._drawn[name] = self._rng.random() < share
        return self._drawn[name]


@cache
def _ease(code: str, theme: str) -> float:
    """How much easier than others a criterion is, in every visit alike; negative when harder."""
    return THEMES.get(theme, 0.0) + dice(code).gauss(0, 0.03)


def _result(criterion: CriterionOutline, value: str, number: Decimal | None) -> int | None:
    return scoring.result_of(criterion.rule, scoring.Answer(criterion.code, value or None, number))


def _number(rng: Random, criterion: CriterionOutline, chance: float) -> Decimal:
    """A whole number within one of the thresholds: the first by `chance`, the later ones ever rarer."""
    place = 0
    while place < len(criterion.thresholds) - 1 and rng.random() > chance:
        place += 1
    below = criterion.thresholds[place - 1].upper if place else Decimal(0)
    upper = criterion.thresholds[place].upper
    low = int(below or 0) + 1
    high = int(upper) if upper is not None else int(low * 1.6) + 2
    return Decimal(rng.randint(min(low, high), high))


def _said(
    rng: Random, criterion: CriterionOutline, at: datetime, value: str, number: Decimal | None, *, has_photo: bool
) -> Said:
    note, na_reason, waiver = "", "", ""
    result = _result(criterion, value, number)
    if value == scoring.NOT_APPLICABLE:
        na_reason = words.note(rng, criterion.code, Outcome.NOT_APPLICABLE)
    elif result == 0:
        note = words.note(rng, criterion.code, Outcome.NOT_MET, number)
    elif result is not None and result < 100 and number is None and rng.random() < 0.6:
        note = words.note(rng, criterion.code, Outcome.PARTLY)
    if criterion.photo == Criterion.Photo.REQUIRED and value != scoring.NOT_APPLICABLE and not has_photo:
        waiver = rng.choice(words.WAIVERS)
    return Said(criterion.code, at, value, number, note=note, na_reason=na_reason, photo_waiver=waiver)


def _photos(
    rng: Random,
    criterion: CriterionOutline,
    value: str,
    pictures: Mapping[str, Sequence[Picture]],
    started: datetime,
    at: datetime,
) -> list[Shot]:
    """Outside and inside are taken on the spot; each picture at most once for a criterion."""
    share = {Criterion.Photo.REQUIRED: 0.93, Criterion.Photo.OPTIONAL: 0.25}.get(criterion.photo, 0.0)
    motif = pictures.get(MOTIF_OF.get(criterion.code, "counter"), ())
    if value == scoring.NOT_APPLICABLE or not motif or rng.random() >= share:
        return []
    number = 2 if len(motif) > 1 and rng.random() < 0.08 else 1
    first = started + timedelta(minutes=rng.randint(1, 8), seconds=rng.randint(0, 59))
    return [
        Shot(criterion.code, min(first + timedelta(seconds=20 * place), at), picture)
        for place, picture in enumerate(rng.sample(list(motif), number))
    ]


def _unscored(
    rng: Random,
    criterion: CriterionOutline,
    asked: Outline,
    results: Mapping[str, int | None],
    numbers: Mapping[str, Decimal],
    started: datetime,
    left: datetime,
    at: datetime,
) -> Said:
    """Ratings and texts agree with what was answered before."""
    if criterion.kind == Kind.RATING:
        scored = [result for result in results.values() if result is not None]
        mean = sum(scored) / len(scored) if scored else 60
        return Said(criterion.code, at, str(min(5, max(1, round(mean / 20 + rng.gauss(0, 0.4))))))
    is_praise = criterion.code.endswith("Z3")
    text = (
        words.praise(rng, asked.rules, results)
        if is_praise
        else words.narrative(rng, asked.channel, results, numbers, started, left)
    )
    return Said(criterion.code, at, text=text)
