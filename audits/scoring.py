"""The arithmetic of a visit's score: what was answered goes in, figures with their workings come out.

Pure: no Django, no clock, no database. Every quotient is an exact fraction until it is stored, so no result depends on
the order of additions or on a decimal context.

Units. A *result* is 0 to 100, what one answer is worth. A stored *percent*, *share* or *lost* share is an integer,
per cent x `SCALE`: 100 % is 1,000,000 and 87.5 % is 875,000. A *weight* is any positive decimal.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

RULES = "1"  # version of the rules below, stored with each result; a change that can alter a figure needs a new one
SCALE = 10_000  # stored figures are per cent x SCALE
WHOLE = 100 * SCALE  # 100 %, as stored
NOT_APPLICABLE = "na"  # the value of an answer that says the criterion does not apply


class Kind(StrEnum):
    """How a criterion is answered."""

    YES_NO = "yes_no"
    THREE_STEP = "three_step"
    CHOICE = "choice"
    MEASURED = "measured"
    RATING = "rating"
    TEXT = "text"
    __hash__ = str.__hash__  # Enum's own is written in Python, and every answer of a recount is looked up by its kind

    @property
    def is_scored(self) -> bool:
        """False for ratings and texts: they are read, they do not count."""
        return self is not Kind.RATING and self is not Kind.TEXT


class Grade(StrEnum):
    """The word for a percentage, best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    TO_IMPROVE = "to_improve"
    NEEDS_SUPPORT = "needs_support"


class Outcome(StrEnum):
    """What became of a criterion. Of the scored: result 100 is met, 0 is not met, anything between is partly."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNANSWERED = "unanswered"
    NOT_SCORED = "not_scored"
    __hash__ = str.__hash__


_Coded = TypeVar("_Coded", "Rule", "Answer")
_weight = lru_cache(4096)(Decimal)  # a checklist has few, and closing a month reads a million
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
CAP = Grade.TO_IMPROVE  # the best grade of a visit that failed a critical criterion

# Results of the kinds whose answers are the same for every criterion. Only these kinds can be critical.
FIXED_RESULTS: dict[Kind, dict[str, int]] = {
    Kind.YES_NO: {"yes": 100, "no": 0},
    Kind.THREE_STEP: {"met": 100, "partly": 50, "not_met": 0},
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A step of a measured criterion: numbers up to and including `upper` are worth `result`; None is no bound."""

    upper: Decimal | None
    result: int


@dataclass(frozen=True, slots=True)
class Bands:
    """Lower bounds of the grades, inclusive, compared with the figure as shown (one decimal).

    Raises ValueError unless 100 >= excellent > good > fair > to_improve >= 0.
    """

    excellent: Decimal = Decimal(90)
    good: Decimal = Decimal(80)
    fair: Decimal = Decimal(65)
    to_improve: Decimal = Decimal(50)

    def __post_init__(self) -> None:
        if not 100 >= self.excellent > self.good > self.fair > self.to_improve >= 0:
            raise ValueError("the bounds of the grades must fall from 100 to 0")


DEFAULT_BANDS = Bands()


@dataclass(frozen=True, slots=True)
class Rule:
    """One criterion as the arithmetic needs it.

    `options` are (code, result) pairs of a choice, `thresholds` the steps of a measured number, smallest first, the
    last one without an upper bound. The weight of a kind that is not scored is ignored.
    Raises ValueError for what cannot be scored: a weight that is not a positive number, a result outside 0 to 100, a
    choice without options or with the same code twice, thresholds out of order, a critical criterion of another kind
    than yes/no or three-step.
    """

    code: str
    section: str
    theme: str | None
    kind: Kind
    weight: Decimal
    critical: bool = False
    by_person: bool = False
    options: tuple[tuple[str, int], ...] = ()
    thresholds: tuple[Threshold, ...] = ()

    def __post_init__(self) -> None:
        if not self.weight.is_finite() or (self.kind.is_scored and self.weight <= 0):
            raise ValueError(f"{self.code}: the weight must be greater than 0, not {self.weight}")
        if self.critical and self.kind not in FIXED_RESULTS:
            raise ValueError(f"{self.code}: only yes/no and three-step criteria can be critical")
        results = [result for _, result in self.options] + [threshold.result for threshold in self.thresholds]
        if any(not 0 <= result <= 100 for result in results):
            raise ValueError(f"{self.code}: a result must be between 0 and 100")
        if self.kind is Kind.CHOICE:
            self._check_options()
        if self.kind is Kind.MEASURED:
            self._check_thresholds()

    def _check_options(self) -> None:
        codes = [code for code, _ in self.options]
        if not codes or len(set(codes)) < len(codes):
            raise ValueError(f"{self.code}: a choice needs options, each with a code of its own")
        if "" in codes or NOT_APPLICABLE in codes:
            raise ValueError(f"{self.code}: an option cannot have an empty code or the code {NOT_APPLICABLE!r}")

    def _check_thresholds(self) -> None:
        bounds = [threshold.upper for threshold in self.thresholds]
        if not bounds or bounds[-1] is not None:
            raise ValueError(f"{self.code}: the last threshold must have no upper bound")
        uppers = [upper for upper in bounds[:-1] if upper is not None and upper.is_finite()]
        if len(uppers) < len(bounds) - 1 or any(a >= b for a, b in pairwise(uppers)):
            raise ValueError(f"{self.code}: the thresholds must rise")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shopper answered: a `value` ("yes", "partly", an option's code, "na") or, when measured, a `number`.
    No value (None or empty) and no number means unanswered. Raises ValueError for a number that is not finite.
    """

    code: str
    value: str | None = None
    number: Decimal | None = None

    def __post_init__(self) -> None:
        if self.number is not None and not self.number.is_finite():
            raise ValueError(f"{self.code}: {self.number} is not a number")


@dataclass(frozen=True, slots=True)
class Line:
    """The workings of one criterion.

    `share` is its part of the eligible weight, `lost` what it took from 100 %: per cent x SCALE, 0 outside the sums.
    The words of a text are not kept: workings stay for ever, and words may name people.
    """

    code: str
    section: str
    theme: str | None
    weight: Decimal
    by_person: bool
    value: str | None
    number: Decimal | None
    result: int | None
    outcome: Outcome
    share: int
    lost: int
    critical_failed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section or a theme: its own `percent` (None when nothing in it is eligible), eligible `weight`, `lost` share.
    The sections' lost shares add up to what the visit lost; their percentages need not add up to anything.
    """

    code: str
    percent: int | None
    weight: Decimal
    lost: int


@dataclass(frozen=True, slots=True)
class Score:
    """A visit's result with its workings.
    `percent`, `grade` and `personal` (criteria a person controls) are None when nothing is eligible. `critical_failed`
    names every failed critical criterion; `capped` is True when that lowered the grade. Sections, themes and lines are
    in the checklist's order; `earned` is the sum of weight x result, `eligible_weight` the same lines' sum of weights.
    """

    percent: int | None
    grade: Grade | None
    capped: bool
    critical_failed: tuple[str, ...]
    personal: int | None
    sections: tuple[Part, ...]
    themes: tuple[Part, ...]
    lines: tuple[Line, ...]
    eligible_weight: Decimal
    earned: Decimal
    rules: str = RULES


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the arithmetic: weight x result = product."""

    code: str
    weight: Decimal
    result: int
    product: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """The arithmetic as a page prints it: `earned` / `eligible_weight` = `quotient`, per cent to four decimals."""

    terms: tuple[Term, ...]
    earned: Decimal
    eligible_weight: Decimal
    quotient: Decimal | None


def result_of(rule: Rule, answer: Answer) -> int | None:
    """What an answer is worth, 0 to 100; None when it is unanswered, not applicable or not scored.

    Whether a criterion may be "not applicable" is the checklist's rule and not checked here.
    Raises ValueError for the answer of another criterion, a value the kind does not know, and a number beside a value.
    """
    if answer.code != rule.code:
        raise ValueError(f"{rule.code}: this is the answer to {answer.code}")
    if not rule.kind.is_scored:
        return None
    if answer.number is not None and (rule.kind is not Kind.MEASURED or answer.value):
        raise ValueError(f"{rule.code}: a number is not expected here")
    if answer.value == NOT_APPLICABLE:
        return None
    if answer.number is not None:
        return next(step.result for step in rule.thresholds if step.upper is None or answer.number <= step.upper)
    if not answer.value:
        return None
    results = FIXED_RESULTS.get(rule.kind) or dict(rule.options if rule.kind is Kind.CHOICE else ())
    if answer.value not in results:
        raise ValueError(f"{rule.code}: {answer.value!r} is not an answer to this criterion")
    return results[answer.value]


def score(rules: Sequence[Rule], answers: Iterable[Answer], bands: Bands = DEFAULT_BANDS) -> Score:
    """The score of a visit: percent = 100 x sum(weight x result / 100) / sum(weight) over the eligible criteria.

    Eligible is what has a result: "not applicable", unanswered and not scored leave both sums. `rules` is the checklist
    in its order; the order of the answers does not matter. Stored figures round half up.
    Raises ValueError for a code that occurs twice, an answer without its criterion, and whatever `result_of` refuses.
    """
    given = _by_code(answers, "answers")
    if unknown := given.keys() - _by_code(rules, "criteria").keys():
        raise ValueError(f"no such criterion: {', '.join(sorted(unknown))}")
    weights, unit = _in_units([rule.weight if rule.kind.is_scored else Decimal(0) for rule in rules])
    lines = _lines(rules, given, weights)
    weighed = list(zip(lines, weights, strict=True))
    earned, weight = _sums(weighed)
    percent = _quotient(earned, weight)
    failed = tuple(line.code for line in lines if line.critical_failed)
    uncapped = None if percent is None else grade_of(percent, bands)
    # The worse of the two by position: grades are strings, and their alphabet is not their order.
    grade = max(uncapped, CAP, key=list(Grade).index) if uncapped is not None and failed else uncapped
    return Score(
        percent=percent,
        grade=grade,
        capped=grade is not uncapped,
        critical_failed=failed,
        personal=_quotient(*_sums(each for each in weighed if each[0].by_person)),
        sections=_parts(weighed, unit, attrgetter("section")),
        themes=_parts(weighed, unit, attrgetter("theme")),
        lines=lines,
        eligible_weight=_decimal(weight, unit),
        earned=_decimal(earned, unit),
    )


def quotient(earned: int, weight: int) -> int:
    """Per cent x SCALE, half up: the sum of weight x result divided by the sum of weights, both in one unit."""
    return (2 * earned * SCALE + weight) // (2 * weight)


def shown(percent: int) -> Decimal:
    """The figure people read: a stored figure to one decimal, half up (899,500 is 90.0).

    It rounds what is stored, not the exact fraction, so that page, export and roll-up cannot differ. With whole
    weights of less than 1,000 in all, both ways give the same figure.
    """
    return Decimal(f"{(percent * 10 + SCALE // 2) // SCALE}E-1")


def detailed(percent: int) -> Decimal:
    """A stored figure with all its four decimals, as the workings print it (875,000 is 87.5000)."""
    return Decimal(f"{percent}E-4")


def grade_of(percent: int, bands: Bands = DEFAULT_BANDS) -> Grade:
    """The grade of a stored percentage, from the figure as shown: what reads 90.0 is graded as 90."""
    bounds = (bands.excellent, bands.good, bands.fair, bands.to_improve, Decimal(0))
    return next(grade for grade, bound in zip(Grade, bounds, strict=True) if shown(percent) >= bound)


def apportion(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split `total` in proportion to the weights into integers that add up to it exactly, by largest remainder.

    Each part is less than 1 away from its exact share, a weight of 0 gets 0; of equal remainders the earlier is served
    first. Raises ValueError for a negative total or weight, and for a total that has nowhere to go.
    """
    return _split(total, _in_units(weights)[0])


def _split(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    if total < 0 or min(weights, default=0) < 0 or (total > 0 and whole == 0):
        raise ValueError("only a total of 0 or more can be split, by weights that are not negative and not all 0")
    if total == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    for i in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[: total - sum(parts)]:
        parts[i] += 1  # of equal ones the earlier: a reversed sort leaves them in their order
    return parts


def explain(lines: Iterable[Line]) -> Explanation:
    """The arithmetic behind a figure, from stored lines: all of a score's, or those of a section, theme or person."""
    eligible = [(line, line.result) for line in lines if line.result is not None]
    weights, unit = _in_units([line.weight for line, _result in eligible])
    terms = tuple(
        Term(line.code, line.weight, result, _decimal(weight * result, unit))
        for (line, result), weight in zip(eligible, weights, strict=True)
    )
    earned, weight = _sums(zip(terms, weights, strict=True))
    percent = _quotient(earned, weight)
    return Explanation(
        terms=terms,
        earned=_decimal(earned, unit),
        eligible_weight=_decimal(weight, unit),
        quotient=None if percent is None else detailed(percent),
    )


def workings(score: Score) -> dict[str, Any]:
    """A score as JSON-ready data: decimals as strings; sections, themes and lines as tables with named columns."""
    plain = {field.name: _plain(getattr(score, field.name)) for field in fields(score)}
    tables = {"sections": _table(Part, score.sections), "themes": _table(Part, score.themes)}
    return plain | tables | {"critical_failed": list(score.critical_failed), "lines": _table(Line, score.lines)}


def from_workings(data: dict[str, Any]) -> Score:
    """The score that `workings` wrote, read and not recomputed, whatever version of the rules made it.
    Raises KeyError or TypeError for anything else.
    """
    typed = {
        "rules": data["rules"],
        "grade": None if data["grade"] is None else Grade(data["grade"]),
        "critical_failed": tuple(data["critical_failed"]),
        "sections": tuple(map(_read_part, _rows(Part, data["sections"]))),
        "themes": tuple(map(_read_part, _rows(Part, data["themes"]))),
        "lines": tuple(map(_read_line, _rows(Line, data["lines"]))),
        "eligible_weight": Decimal(data["eligible_weight"]),
        "earned": Decimal(data["earned"]),
    }
    return Score(**{**data, **typed})


def _by_code(items: Iterable[_Coded], what: str) -> dict[str, _Coded]:
    found: dict[str, _Coded] = {}
    for item in items:
        if item.code in found:
            raise ValueError(f"{item.code}: two {what} with this code")
        found[item.code] = item
    return found


def _outcome(rule: Rule, answer: Answer, result: int | None) -> Outcome:
    if result is not None:
        return Outcome.MET if result == 100 else Outcome.PARTLY if result else Outcome.NOT_MET
    if not rule.kind.is_scored:
        return Outcome.NOT_SCORED
    return Outcome.NOT_APPLICABLE if answer.value == NOT_APPLICABLE else Outcome.UNANSWERED


def _in_units(weights: Sequence[Decimal] | Sequence[Fraction]) -> tuple[list[int], int]:
    """The weights as whole multiples of 1/unit: exact, and much faster than adding fractions."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    unit = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (unit // denominator) for numerator, denominator in ratios], unit


def _sums(weighed: Iterable[tuple[Line | Term, int]]) -> tuple[int, int]:
    """Sum of weight x result and sum of weight over one list: the lines that have a result. Weights in one unit."""
    earned = weight = 0
    for line, each in weighed:
        if line.result is not None:
            earned += each * line.result
            weight += each
    return earned, weight


def _quotient(earned: int, weight: int) -> int | None:
    """Per cent x SCALE, half up; None when nothing is eligible."""
    return None if weight == 0 else quotient(earned, weight)


@lru_cache(4096)  # a checklist's few sums come back in visit after visit
def _decimal(number: int, unit: int) -> Decimal:
    """number/unit, a sum of decimals, exactly. Decimal's own addition would round beyond the context's 28 digits."""
    places = 0
    while number * 10**places % unit:
        places += 1
    return Decimal(f"{number * 10**places // unit}E-{places}")


def _lines(rules: Sequence[Rule], answers: dict[str, Answer], weights: Sequence[int]) -> tuple[Line, ...]:
    """One line for each rule; `weights` are theirs in one unit."""
    pairs = [(rule, answers.get(rule.code) or Answer(rule.code)) for rule in rules]
    results = [result_of(rule, answer) for rule, answer in pairs]
    eligible = [0 if result is None else weight for weight, result in zip(weights, results, strict=True)]
    missed = [weight * (100 - (result or 0)) for weight, result in zip(eligible, results, strict=True)]
    whole = sum(eligible)
    percent = _quotient(100 * whole - sum(missed), whole)
    shares = _split(0 if percent is None else WHOLE, eligible)
    losses = _split(0 if percent is None else WHOLE - percent, missed)
    lines = []
    for (rule, answer), result, share, lost in zip(pairs, results, shares, losses, strict=True):
        asked = (rule.code, rule.section, rule.theme, rule.weight, rule.by_person)
        value = None if rule.kind is Kind.TEXT else answer.value or None
        outcome, failed = _outcome(rule, answer, result), rule.critical and result == 0
        # By position: names double the time, and a recount of the country makes some twenty million lines.
        lines.append(Line(*asked, value, answer.number, result, outcome, share, lost, failed))
    return tuple(lines)


def _parts(weighed: Iterable[tuple[Line, int]], unit: int, name_of: Callable[[Line], str | None]) -> tuple[Part, ...]:
    """One part for each name, in the order the checklist first uses it; lines without a name belong to none."""
    groups: dict[str, list[int]] = {}  # earned, weight and lost of each
    for line, each in weighed:
        if (name := name_of(line)) is not None:
            sums = groups.setdefault(name, [0, 0, 0])
            if line.result is not None:
                sums[0] += each * line.result
                sums[1] += each
                sums[2] += line.lost
    return tuple(
        Part(name, _quotient(earned, weight), _decimal(weight, unit), lost)
        for name, (earned, weight, lost) in groups.items()
    )


def _table(kind: type[Line] | type[Part], items: Iterable[Line | Part]) -> dict[str, Any]:
    columns = [field.name for field in fields(kind)]
    return {"columns": columns, "rows": [[_plain(getattr(item, name)) for name in columns] for item in items]}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def _rows(kind: type[Line] | type[Part], table: dict[str, Any]) -> Iterable[Sequence[Any]]:
    """The rows with their values in the order of the fields. Raises TypeError for other columns than those."""
    names, columns = [field.name for field in fields(kind)], table["columns"]
    if sorted(columns) != sorted(names):
        raise TypeError(f"not the columns of a {kind.__name__}: {', '.join(columns)}")
    return map(itemgetter(*map(columns.index, names)), table["rows"])


def _read_part(row: Sequence[Any]) -> Part:
    return Part(row[0], row[1], _weight(row[2]), row[3])


def _read_line(row: Sequence[Any]) -> Line:
    code, section, theme, weight, by_person, value, number, result, outcome, *rest = row
    number = None if number is None else Decimal(number)
    return Line(code, section, theme, _weight(weight), by_person, value, number, result, _OUTCOMES[outcome], *rest)
