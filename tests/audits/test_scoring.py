"""Scores computed by hand. Every figure below was worked out first and written down; none comes from the code.

A stored percent of 875_000 is 87.5 %.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

import pytest

from audits import scoring
from audits.scoring import Answer, Bands, Grade, Kind, Line, Outcome, Part, Score
from tests.audits.criteria import pick, rating, row, s3, score_of, text, wait, yn

pytestmark = pytest.mark.once


@dataclass(frozen=True)
class Expected:
    """What the table pins down; `lost` is one figure for each criterion, in order."""

    percent: int | None
    shown: str | None
    grade: Grade | None
    lost: list[int]
    failed: tuple[str, ...] = ()
    capped: bool = False
    personal: int | None = None


def seen(score: Score) -> Expected:
    return Expected(
        percent=score.percent,
        shown=None if score.percent is None else str(scoring.shown(score.percent)),
        grade=score.grade,
        lost=[line.lost for line in score.lines],
        failed=score.critical_failed,
        capped=score.capped,
        personal=score.personal,
    )


EXCELLENT, GOOD, FAIR, TO_IMPROVE, NEEDS_SUPPORT = Grade
NOTHING = None, None, None

CASES = {
    # One criterion
    "one criterion that is met is 100": ([yn("A", 3, "yes")], Expected(1_000_000, "100.0", EXCELLENT, [0])),
    "one criterion that is not met is 0": ([yn("A", 3, "no")], Expected(0, "0.0", NEEDS_SUPPORT, [1_000_000])),
    "one criterion met partly is 50": ([s3("A", 3, "partly")], Expected(500_000, "50.0", TO_IMPROVE, [500_000])),
    "the weight of a lone criterion does not matter": (
        [s3("A", "0.333", "partly")],
        Expected(500_000, "50.0", TO_IMPROVE, [500_000]),
    ),
    # Weights
    "weights 3 and 1, the small one missed: 3 of 4": (
        [yn("A", 3, "yes"), yn("B", 1, "no")],
        Expected(750_000, "75.0", FAIR, [0, 250_000]),
    ),
    "three equal weights, one missed: two thirds, rounded up": (
        [yn("A", 1, "yes"), yn("B", 1, "yes"), yn("C", 1, "no")],
        Expected(666_667, "66.7", FAIR, [0, 0, 333_333]),
    ),
    "three equal weights, two missed: the odd unit goes to the earlier one": (
        [yn("A", 1, "yes"), yn("B", 1, "no"), yn("C", 1, "no")],
        Expected(333_333, "33.3", NEEDS_SUPPORT, [0, 333_334, 333_333]),
    ),
    "three equal weights, all partly: two odd units, given to the first two": (
        [s3("A", 1, "partly"), s3("B", 1, "partly"), s3("C", 1, "partly")],
        Expected(500_000, "50.0", TO_IMPROVE, [166_667, 166_667, 166_666]),
    ),
    "weights of a third written 0.333 are still equal": (
        [yn("A", "0.333", "yes"), yn("B", "0.333", "yes"), yn("C", "0.333", "no")],
        Expected(666_667, "66.7", FAIR, [0, 0, 333_333]),
    ),
    "weights 0.333, 0.333, 0.334 add up to 1": (
        [yn("A", "0.333", "yes"), yn("B", "0.333", "yes"), yn("C", "0.334", "no")],
        Expected(666_000, "66.6", FAIR, [0, 0, 334_000]),
    ),
    "weights 1.5 and 2.5, the first met partly: 325 / 4": (
        [s3("A", "1.5", "partly"), yn("B", "2.5", "yes")],
        Expected(812_500, "81.3", GOOD, [187_500, 0]),
    ),
    "seven equal weights, one missed: six sevenths": (
        [yn("A", 2, "no"), *(yn(code, 2, "yes") for code in "BCDEFG")],
        Expected(857_143, "85.7", GOOD, [142_857, 0, 0, 0, 0, 0, 0]),
    ),
    "seven equal weights, one met: six lost shares, one of them a unit larger": (
        [yn("A", 2, "yes"), *(yn(code, 2, "no") for code in "BCDEFG")],
        Expected(142_857, "14.3", NEEDS_SUPPORT, [0, 142_858, 142_857, 142_857, 142_857, 142_857, 142_857]),
    ),
    "the larger remainder is served before the earlier line": (
        [yn("A", 3, "yes"), s3("B", 1, "partly"), yn("C", 1, "no"), yn("D", 1, "yes")],
        Expected(750_000, "75.0", FAIR, [0, 83_333, 166_667, 0]),
    ),
    "weight 10,000 beside a missed 1: reads 100.0, and the loss is kept": (
        [yn("A", 10_000, "yes"), yn("B", 1, "no")],
        Expected(999_900, "100.0", EXCELLENT, [0, 100]),
    ),
    "a missed weight of 10,000 beside a met 1: reads 0.0": (
        [yn("A", 10_000, "no"), yn("B", 1, "yes")],
        Expected(100, "0.0", NEEDS_SUPPORT, [999_900, 0]),
    ),
    "a loss below half a unit is not stored, in the percent or the share": (
        [yn("A", 10_000, "yes"), yn("B", "0.001", "no")],
        Expected(1_000_000, "100.0", EXCELLENT, [0, 0]),
    ),
    # Rounding and the bounds of the grades
    "89.95 reads 90.0 and is excellent": (
        [yn("A", "89.95", "yes"), yn("B", "10.05", "no")],
        Expected(899_500, "90.0", EXCELLENT, [0, 100_500]),
    ),
    "89.949 reads 89.9 and is good": (
        [yn("A", "89.949", "yes"), yn("B", "10.051", "no")],
        Expected(899_490, "89.9", GOOD, [0, 100_510]),
    ),
    "89.94996 is stored as 89.9500, and what is stored is what is shown": (
        [yn("A", "89.94996", "yes"), yn("B", "10.05004", "no")],
        Expected(899_500, "90.0", EXCELLENT, [0, 100_500]),
    ),
    "90 exactly is excellent": (
        [yn("A", 9, "yes"), yn("B", 1, "no")],
        Expected(900_000, "90.0", EXCELLENT, [0, 100_000]),
    ),
    "79.95 reads 80.0 and is good": (
        [yn("A", "79.95", "yes"), yn("B", "20.05", "no")],
        Expected(799_500, "80.0", GOOD, [0, 200_500]),
    ),
    "79.94 reads 79.9 and is fair": (
        [yn("A", "79.94", "yes"), yn("B", "20.06", "no")],
        Expected(799_400, "79.9", FAIR, [0, 200_600]),
    ),
    "64.95 reads 65.0 and is fair": (
        [yn("A", "64.95", "yes"), yn("B", "35.05", "no")],
        Expected(649_500, "65.0", FAIR, [0, 350_500]),
    ),
    "64.94 reads 64.9 and is to be improved": (
        [yn("A", "64.94", "yes"), yn("B", "35.06", "no")],
        Expected(649_400, "64.9", TO_IMPROVE, [0, 350_600]),
    ),
    "49.95 reads 50.0 and is to be improved": (
        [yn("A", "49.95", "yes"), yn("B", "50.05", "no")],
        Expected(499_500, "50.0", TO_IMPROVE, [0, 500_500]),
    ),
    "49.94 reads 49.9 and needs support": (
        [yn("A", "49.94", "yes"), yn("B", "50.06", "no")],
        Expected(499_400, "49.9", NEEDS_SUPPORT, [0, 500_600]),
    ),
    "half a unit in the fifth decimal is stored rounded up": (
        [yn("A", "12.34565", "yes"), yn("B", "87.65435", "no")],
        Expected(123_457, "12.3", NEEDS_SUPPORT, [0, 876_543]),
    ),
    # What leaves both sums
    "no criteria: not scored": ([], Expected(*NOTHING, [])),
    "every criterion not applicable: not scored": (
        [yn("A", 3, "na"), s3("B", 2, "na"), pick("C", 1, "na"), wait("D", 6, value="na")],
        Expected(*NOTHING, [0, 0, 0, 0]),
    ),
    "nothing answered: not scored": ([yn("A", 3), wait("B", 6)], Expected(*NOTHING, [0, 0])),
    "an empty answer is unanswered": (
        [yn("A", 3, ""), s3("B", 1, "met")],
        Expected(1_000_000, "100.0", EXCELLENT, [0, 0]),
    ),
    "only a rating and a text: not scored": ([rating("Y", "5"), text("Z", "Rất tốt")], Expected(*NOTHING, [0, 0])),
    "not applicable leaves both sums: 3 of 4, not 3 or 8 of 9": (
        [yn("A", 3, "yes"), yn("B", 5, "na"), yn("C", 1, "no")],
        Expected(750_000, "75.0", FAIR, [0, 0, 250_000]),
    ),
    "a follow-up still open leaves both sums": (
        [yn("A", 3, "yes"), wait("B", 5), yn("C", 1, "no")],
        Expected(750_000, "75.0", FAIR, [0, 0, 250_000]),
    ),
    "a rating of 1 and a text change nothing": (
        [yn("A", 3, "yes"), rating("Y", "1"), text("Z", "Chờ lâu"), yn("C", 1, "no")],
        Expected(750_000, "75.0", FAIR, [0, 0, 0, 250_000]),
    ),
    "the one criterion that applies decides alone": (
        [yn("A", 3, "na"), yn("B", 1, "no"), yn("C", 9, "na")],
        Expected(0, "0.0", NEEDS_SUPPORT, [0, 1_000_000, 0]),
    ),
    # Measured numbers and choices
    "0 minutes is 100": ([wait("A", 6, 0)], Expected(1_000_000, "100.0", EXCELLENT, [0])),
    "5 minutes, at the bound, is still 100": ([wait("A", 6, 5)], Expected(1_000_000, "100.0", EXCELLENT, [0])),
    "5.01 minutes is 70": ([wait("A", 6, "5.01")], Expected(700_000, "70.0", FAIR, [300_000])),
    "10.0 minutes, at the bound, is still 70": ([wait("A", 6, "10.0")], Expected(700_000, "70.0", FAIR, [300_000])),
    "15 minutes, at the last bound, is 40": ([wait("A", 6, 15)], Expected(400_000, "40.0", NEEDS_SUPPORT, [600_000])),
    "15.5 minutes is past all bounds: 0": ([wait("A", 6, "15.5")], Expected(0, "0.0", NEEDS_SUPPORT, [1_000_000])),
    "12 minutes of waiting cost 60 % of a weight of 6 in 100": (
        [yn("A", 94, "yes"), wait("B", 6, 12)],
        Expected(964_000, "96.4", EXCELLENT, [0, 36_000]),
    ),
    "a choice is worth what its option says: 160 / 3": (
        [pick("A", 2, "weak"), yn("B", 1, "yes")],
        Expected(533_333, "53.3", TO_IMPROVE, [466_667, 0]),
    ),
    # Critical criteria
    "a critical no keeps 95 % and caps the grade": (
        [yn("A", 5, "no", critical=True), yn("B", 95, "yes")],
        Expected(950_000, "95.0", TO_IMPROVE, [50_000, 0], failed=("A",), capped=True),
    ),
    "a critical three-step not met caps too": (
        [s3("A", 30, "not_met", critical=True), yn("B", 70, "yes")],
        Expected(700_000, "70.0", TO_IMPROVE, [300_000, 0], failed=("A",), capped=True),
    ),
    "critical met partly does not cap": (
        [s3("A", 10, "partly", critical=True), yn("B", 90, "yes")],
        Expected(950_000, "95.0", EXCELLENT, [50_000, 0]),
    ),
    "the cap does not raise: 40 % still needs support": (
        [yn("A", 60, "no", critical=True), yn("B", 40, "yes")],
        Expected(400_000, "40.0", NEEDS_SUPPORT, [600_000, 0], failed=("A",)),
    ),
    "the cap leaves 55 % where it is": (
        [yn("A", 45, "no", critical=True), yn("B", 55, "yes")],
        Expected(550_000, "55.0", TO_IMPROVE, [450_000, 0], failed=("A",)),
    ),
    "critical but not applicable does not cap": (
        [yn("A", 5, "na", critical=True), yn("B", 95, "yes")],
        Expected(1_000_000, "100.0", EXCELLENT, [0, 0]),
    ),
    "critical and unanswered does not cap": (
        [yn("A", 5, critical=True), yn("B", 95, "yes")],
        Expected(1_000_000, "100.0", EXCELLENT, [0, 0]),
    ),
    "a no that is not critical does not cap": (
        [yn("A", 5, "no"), yn("B", 95, "yes")],
        Expected(950_000, "95.0", EXCELLENT, [50_000, 0]),
    ),
    "all failed critical criteria are named, in the checklist's order": (
        [yn("B", 10, "no", critical=True), s3("A", 10, "not_met", critical=True), yn("C", 80, "yes")],
        Expected(800_000, "80.0", TO_IMPROVE, [100_000, 100_000, 0], failed=("B", "A"), capped=True),
    ),
    # Personal score
    "the personal score counts only what the person controls": (
        [yn("A", 2, "yes", by_person=True), yn("B", 2, "no")],
        Expected(500_000, "50.0", TO_IMPROVE, [0, 500_000], personal=1_000_000),
    ),
    "the personal score has its own denominator": (
        [yn("A", 1, "yes", by_person=True), s3("B", 2, "not_met", by_person=True), yn("C", 9, "yes")],
        Expected(833_333, "83.3", GOOD, [0, 166_667, 0], personal=333_333),
    ),
    "no personal score when all the person controls is not applicable": (
        [yn("A", 2, "na", by_person=True), yn("B", 2, "yes")],
        Expected(1_000_000, "100.0", EXCELLENT, [0, 0], personal=None),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES.keys())
def test_score(rows, expected):
    assert seen(score_of(rows)) == expected


# Sections and themes


def test_each_section_has_its_own_percent_and_the_lost_shares_of_its_lines():
    score = score_of([yn("A1", 1, "yes", section="A"), yn("B1", 3, "no", section="B"), yn("B2", 4, "yes", section="B")])
    assert score.percent == 625_000
    assert score.sections == (Part("A", 1_000_000, Decimal(1), 0), Part("B", 571_429, Decimal(7), 375_000))


def test_a_theme_gathers_its_criteria_from_all_sections_and_skips_those_without_one():
    rows = [
        yn("A1", 1, "yes", section="A", theme="smile"),
        yn("B1", 3, "no", section="B", theme="smile"),
        yn("B2", 4, "yes", section="B"),
    ]
    assert score_of(rows).themes == (Part("smile", 250_000, Decimal(4), 375_000),)


def test_a_section_without_anything_eligible_has_no_percent_and_the_others_keep_theirs():
    rows = [
        wait("A1", 6, value="na", section="A"),
        s3("A2", 2, section="A"),
        yn("B1", 1, "yes", section="B"),
        row(Kind.TEXT, "Z1", 0, "Tốt", section="Z"),
    ]
    assert score_of(rows).sections == (
        Part("A", None, Decimal(0), 0),
        Part("B", 1_000_000, Decimal(1), 0),
        Part("Z", None, Decimal(0), 0),
    )


def test_sections_keep_the_order_of_the_checklist_even_when_interleaved():
    rows = [yn("1", 1, "no", section="B"), yn("2", 2, "yes", section="A"), yn("3", 1, "yes", section="B")]
    assert score_of(rows).sections == (Part("B", 500_000, Decimal(2), 250_000), Part("A", 1_000_000, Decimal(2), 0))


# Whole values


def test_a_score_carries_its_workings():
    rows = [
        s3("A1", "1.5", "not_met", section="A", theme="smile", critical=True),
        wait("A2", "2.5", "4.5", section="A", theme="wait", by_person=True),
        yn("B1", 3, "na", section="B", theme="smile"),
        wait("B2", 6, section="B"),
        text("Z1", "Chị Ánh rất nhiệt tình"),
        rating("Z2", "4"),
    ]
    d = Decimal
    assert score_of(rows) == Score(
        percent=625_000,
        grade=Grade.TO_IMPROVE,
        capped=False,
        critical_failed=("A1",),
        personal=1_000_000,
        sections=(Part("A", 625_000, d(4), 375_000), Part("B", None, d(0), 0), Part("S", None, d(0), 0)),
        themes=(Part("smile", 0, d("1.5"), 375_000), Part("wait", 1_000_000, d("2.5"), 0)),
        lines=(
            Line("A1", "A", "smile", d("1.5"), False, "not_met", None, 0, Outcome.NOT_MET, 375_000, 375_000, True),
            Line("A2", "A", "wait", d("2.5"), True, None, d("4.5"), 100, Outcome.MET, 625_000, 0, False),
            Line("B1", "B", "smile", d(3), False, "na", None, None, Outcome.NOT_APPLICABLE, 0, 0, False),
            Line("B2", "B", None, d(6), False, None, None, None, Outcome.UNANSWERED, 0, 0, False),
            Line("Z1", "S", None, d(0), False, None, None, None, Outcome.NOT_SCORED, 0, 0, False),
            Line("Z2", "S", None, d(0), False, "4", None, None, Outcome.NOT_SCORED, 0, 0, False),
        ),
        eligible_weight=d(4),
        earned=d(250),
        rules="1",
    )


def test_weight_shares_add_up_to_the_whole_although_thirds_do_not():
    score = score_of([yn("A", 1, "yes"), yn("B", 1, "na"), yn("C", 1, "no"), yn("D", 1, "no")])
    assert [line.share for line in score.lines] == [333_334, 0, 333_333, 333_333]


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (yn("A", 1, "yes"), Outcome.MET),
        (s3("A", 1, "partly"), Outcome.PARTLY),
        (yn("A", 1, "no"), Outcome.NOT_MET),
        (pick("A", 1, "weak"), Outcome.PARTLY),
        (wait("A", 1, 16), Outcome.NOT_MET),
        (wait("A", 1, value="na"), Outcome.NOT_APPLICABLE),
        (wait("A", 1), Outcome.UNANSWERED),
        (rating("A", "na"), Outcome.NOT_SCORED),
        (text("A"), Outcome.NOT_SCORED),
    ],
)
def test_outcome_follows_from_the_result(answered, outcome):
    assert score_of([answered]).lines[0].outcome == outcome


def test_a_criterion_without_any_answer_is_unanswered():
    rule, _ = yn("A", 1)
    assert scoring.score([rule], []) == scoring.score([rule], [Answer("A")])


def test_sums_are_exact_beyond_the_precision_of_decimals():
    weights = Decimal("10000000000000000000000000000"), Decimal("0.001")
    score = score_of([yn("A", weights[0], "yes"), yn("B", weights[1], "yes")])
    assert (score.eligible_weight, score.earned) == (
        Decimal("10000000000000000000000000000.001"),
        Decimal("1000000000000000000000000000000.100"),
    )


def test_figures_do_not_depend_on_the_decimal_context():
    rows = [yn("A", "89.95", "yes"), yn("B", "10.05", "no")]
    with localcontext(prec=2):
        score = score_of(rows)
        explanation = scoring.explain(score.lines)
    assert seen(score) == Expected(899_500, "90.0", EXCELLENT, [0, 100_500])
    assert (explanation.earned, explanation.quotient) == (Decimal(8995), Decimal("89.9500"))


def test_a_score_uses_the_bands_of_its_version():
    rows = [yn("A", 92, "yes"), yn("B", 8, "no")]
    assert score_of(rows, Bands(excellent=Decimal(95))).grade == GOOD
