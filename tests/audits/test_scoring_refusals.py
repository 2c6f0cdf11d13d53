"""What the arithmetic refuses: criteria that cannot be scored, and answers that do not fit."""

from decimal import Decimal

import pytest

from audits import scoring
from audits.scoring import Answer, Bands, Kind, Rule
from tests.audits.criteria import ADVICE, WAIT, pick, s3, score_of, steps, wait, yn

pytestmark = pytest.mark.once


@pytest.mark.parametrize("weight", ["0", "-1", "-0.001", "NaN", "Infinity"])
def test_a_scored_criterion_needs_a_positive_weight(weight):
    with pytest.raises(ValueError, match="A: the weight must be greater than 0"):
        yn("A", weight)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Kind.MEASURED, {}, "last threshold"),
        (Kind.MEASURED, {"thresholds": steps((5, 100), (10, 0))}, "last threshold"),
        (Kind.MEASURED, {"thresholds": steps((10, 70), (5, 100), (None, 0))}, "must rise"),
        (Kind.MEASURED, {"thresholds": steps((5, 100), (5, 70), (None, 0))}, "must rise"),
        (Kind.MEASURED, {"thresholds": steps((None, 100), (5, 70), (None, 0))}, "must rise"),
        (Kind.MEASURED, {"thresholds": steps(("NaN", 100), (None, 0))}, "must rise"),
        (Kind.MEASURED, {"thresholds": steps((5, 101), (None, 0))}, "between 0 and 100"),
        (Kind.MEASURED, {"thresholds": WAIT, "critical": True}, "can be critical"),
        (Kind.CHOICE, {}, "needs options"),
        (Kind.CHOICE, {"options": (("a", 100), ("a", 0))}, "code of its own"),
        (Kind.CHOICE, {"options": (("a", 100), ("na", 0))}, "the code 'na'"),
        (Kind.CHOICE, {"options": (("a", 100), ("", 0))}, "empty code"),
        (Kind.CHOICE, {"options": (("a", -1),)}, "between 0 and 100"),
        (Kind.CHOICE, {"options": ADVICE, "critical": True}, "can be critical"),
    ],
)
def test_a_criterion_that_cannot_be_scored_is_refused(kind, fields, message):
    with pytest.raises(ValueError, match=message):
        Rule("A", "S", None, kind, Decimal(1), **fields)


@pytest.mark.parametrize(
    "answered",
    [
        yn("A", 1, "met"),
        yn("A", 1, "YES"),
        yn("A", 1, "yes", number=1),
        s3("A", 1, "yes"),
        pick("A", 1, "excellent"),
        wait("A", 1, value="5"),
        wait("A", 1, 5, value="na"),
    ],
)
def test_an_answer_that_its_kind_does_not_know_is_refused(answered):
    with pytest.raises(ValueError, match="A: "):
        score_of([answered])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_must_be_finite(number):
    with pytest.raises(ValueError, match="is not a number"):
        Answer("A", number=Decimal(number))


def test_result_of_refuses_the_answer_to_another_criterion():
    rule, _ = yn("A", 1)
    with pytest.raises(ValueError, match="A: this is the answer to B"):
        scoring.result_of(rule, Answer("B", "yes"))


@pytest.mark.parametrize(
    ("rules", "answers", "message"),
    [
        ("AA", "", "A: two criteria"),
        ("A", "AA", "A: two answers"),
        ("A", "ACB", "no such criterion: B, C"),
    ],
)
def test_codes_must_match_one_to_one(rules, answers, message):
    with pytest.raises(ValueError, match=message):
        scoring.score([yn(code, 1)[0] for code in rules], [Answer(code, "yes") for code in answers])


@pytest.mark.parametrize("bounds", [(80, 80, 65, 50), (101, 80, 65, 50), (90, 80, 65, -1), (50, 65, 80, 90)])
def test_the_bounds_of_the_grades_must_fall(bounds):
    with pytest.raises(ValueError):
        Bands(*map(Decimal, bounds))
