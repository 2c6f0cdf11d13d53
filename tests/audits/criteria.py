"""Builders of criteria with their answers: `yn("A", 3, "no")` is a yes/no criterion of weight 3, answered no."""

from decimal import Decimal

from audits import scoring
from audits.scoring import Answer, Kind, Rule, Score, Threshold


def steps(*pairs) -> tuple[Threshold, ...]:
    return tuple(Threshold(None if upper is None else Decimal(upper), result) for upper, result in pairs)


WAIT = steps((5, 100), (10, 70), (15, 40), (None, 0))
ADVICE = (("good", 100), ("weak", 30), ("none", 0))

Row = tuple[Rule, Answer]


def row(kind, code, weight, value=None, *, number=None, section="S", theme=None, **rule) -> Row:
    number = None if number is None else Decimal(number)
    return Rule(code, section, theme, kind, Decimal(weight), **rule), Answer(code, value, number)


def yn(code, weight, value=None, **more) -> Row:
    return row(Kind.YES_NO, code, weight, value, **more)


def s3(code, weight, value=None, **more) -> Row:
    return row(Kind.THREE_STEP, code, weight, value, **more)


def pick(code, weight, value=None, **more) -> Row:
    return row(Kind.CHOICE, code, weight, value, options=ADVICE, **more)


def wait(code, weight, minutes=None, value=None, **more) -> Row:
    return row(Kind.MEASURED, code, weight, value, number=minutes, thresholds=WAIT, **more)


def text(code, value=None) -> Row:
    return row(Kind.TEXT, code, 0, value)


def rating(code, value=None) -> Row:
    return row(Kind.RATING, code, 0, value)


def score_of(rows, bands=scoring.DEFAULT_BANDS) -> Score:
    return scoring.score([rule for rule, _ in rows], [answer for _, answer in rows], bands)
