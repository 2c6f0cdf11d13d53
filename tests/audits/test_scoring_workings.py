"""The figures people read, the arithmetic shown to them, and the workings as they are stored."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from audits import scoring
from audits.scoring import Bands, Explanation, Grade, Term
from tests.audits.criteria import pick, rating, s3, score_of, text, wait, yn

pytestmark = pytest.mark.once

EXCELLENT, GOOD, FAIR, TO_IMPROVE, NEEDS_SUPPORT = Grade

# Figures as shown, grades, shares


@pytest.mark.parametrize(
    ("percent", "figure"),
    [
        (0, "0.0"),
        (499, "0.0"),
        (500, "0.1"),
        (899_499, "89.9"),
        (899_500, "90.0"),
        (899_900, "90.0"),
        (900_499, "90.0"),
        (999_499, "99.9"),
        (999_500, "100.0"),
        (1_000_000, "100.0"),
    ],
)
def test_shown_has_one_decimal_rounded_half_up(percent, figure):
    assert str(scoring.shown(percent)) == figure


def test_detailed_always_has_four_decimals():
    assert [str(scoring.detailed(percent)) for percent in (0, 1, 875_000, 666_667, 1_000_000)] == [
        "0.0000",
        "0.0001",
        "87.5000",
        "66.6667",
        "100.0000",
    ]


def test_bands_can_be_set_and_are_compared_with_the_figure_as_shown():
    strict = Bands(excellent=Decimal("95.5"), good=Decimal(85), fair=Decimal(70), to_improve=Decimal(60))
    grades = [
        scoring.grade_of(percent, strict) for percent in (954_500, 954_499, 849_500, 699_500, 599_500, 599_499, 0)
    ]
    assert grades == [EXCELLENT, GOOD, GOOD, FAIR, TO_IMPROVE, NEEDS_SUPPORT, NEEDS_SUPPORT]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, (1, 1, 1), [4, 3, 3]),
        (11, (1, 1, 1), [4, 4, 3]),
        (10, (1, 2, 4), [1, 3, 6]),
        (100, (0, 3, 0), [0, 100, 0]),
        (2, (0, 1, 1, 1), [0, 1, 1, 0]),
        (0, (5, 7), [0, 0]),
        (0, (0, 0), [0, 0]),
        (0, (), []),
    ],
)
def test_apportion_gives_the_odd_units_to_the_largest_remainders(total, weights, parts):
    assert scoring.apportion(total, [Fraction(weight) for weight in weights]) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, ()), (1, (0, 0)), (1, (2, -1)), (-1, (1, 1)), (0, (-1,))])
def test_apportion_refuses_what_cannot_be_split(total, weights):
    with pytest.raises(ValueError):
        scoring.apportion(total, [Fraction(weight) for weight in weights])


# The arithmetic shown, the workings stored


def test_explain_lists_the_terms_their_sums_and_the_quotient_to_four_decimals():
    score = score_of([s3("A", "1.5", "partly"), wait("B", 6, 12), yn("C", 3, "na"), text("Z", "…"), yn("D", 2, "yes")])
    assert scoring.explain(score.lines) == Explanation(
        terms=(
            Term("A", Decimal("1.5"), 50, Decimal(75)),
            Term("B", Decimal(6), 40, Decimal(240)),
            Term("D", Decimal(2), 100, Decimal(200)),
        ),
        earned=Decimal(515),
        eligible_weight=Decimal("9.5"),
        quotient=Decimal("54.2105"),
    )


def test_explain_can_show_one_section_alone():
    score = score_of(
        [yn("A1", 1, "no", section="A"), yn("B1", 2, "yes", section="B"), s3("B2", 1, "partly", section="B")]
    )
    explanation = scoring.explain(line for line in score.lines if line.section == "B")
    assert explanation == Explanation(
        terms=(Term("B1", Decimal(2), 100, Decimal(200)), Term("B2", Decimal(1), 50, Decimal(50))),
        earned=Decimal(250),
        eligible_weight=Decimal(3),
        quotient=Decimal("83.3333"),
    )


def test_explain_of_nothing_eligible_has_no_quotient():
    score = score_of([yn("A", 1, "na")])
    assert scoring.explain(score.lines) == Explanation((), Decimal(0), Decimal(0), None)


def test_workings_are_plain_json():
    rows = [yn("A1", "1.50", "no", theme="smile", critical=True), wait("A2", "0.5", "7.25", by_person=True)]
    columns = ["code", "percent", "weight", "lost"]
    expected = {
        "rules": "1",
        "percent": 175_000,
        "grade": "needs_support",
        "capped": False,
        "critical_failed": ["A1"],
        "personal": 700_000,
        "eligible_weight": "2",
        "earned": "35",
        "sections": {"columns": columns, "rows": [["S", 175_000, "2", 825_000]]},
        "themes": {"columns": columns, "rows": [["smile", 0, "1.5", 750_000]]},
        "lines": {
            "columns": [
                *("code", "section", "theme", "weight", "by_person", "value", "number", "result", "outcome"),
                *("share", "lost", "critical_failed"),
            ],
            "rows": [
                ["A1", "S", "smile", "1.50", False, "no", None, 0, "not_met", 750_000, 750_000, True],
                ["A2", "S", None, "0.5", True, None, "7.25", 70, "partly", 250_000, 75_000, False],
            ],
        },
    }
    assert json.loads(json.dumps(scoring.workings(score_of(rows)))) == expected


def test_workings_keep_no_words_of_a_text():
    assert "Ánh" not in json.dumps(scoring.workings(score_of([text("Z", "Chị Ánh")])), ensure_ascii=False)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [yn("A", 1, "na")],
        [
            pick("A", "0.333", "weak", theme="smile"),
            wait("B", 6, "5.01", by_person=True),
            text("C", "Tốt"),
            rating("D", "4"),
        ],
        [yn("A", 5, "no", critical=True), s3("B", 90, "met", section="T"), s3("C", 5)],
    ],
    ids=["no criteria", "not scored", "every kind", "capped"],
)
def test_workings_read_back_are_the_same_score(rows):
    score = score_of(rows)
    assert scoring.from_workings(json.loads(json.dumps(scoring.workings(score)))) == score


def test_stored_workings_are_read_and_not_recomputed():
    data = scoring.workings(score_of([yn("A", 1, "yes")]))
    older = scoring.from_workings(data | {"rules": "0", "percent": 123_456})
    assert (older.rules, older.percent) == ("0", 123_456)


@pytest.mark.parametrize("missing", ["rules", "percent", "lines", "earned"])
def test_incomplete_workings_are_refused(missing):
    data = scoring.workings(score_of([yn("A", 1, "yes")]))
    del data[missing]
    with pytest.raises((KeyError, TypeError)):
        scoring.from_workings(data)
