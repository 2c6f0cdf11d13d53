"""Ranges, changes and piles against published tables and examples, and against sums done by hand.

A stored percentage of 800_000 is 80 %. None of the expected figures comes from the code.
"""

from fractions import Fraction

import pytest

from audits.results.statistics import (
    ENOUGH,
    WIDEST,
    Change,
    Pile,
    Pooled,
    Range,
    Rung,
    Sums,
    change,
    funnel,
    of_blocks,
    pooled,
    range_of,
    rung_of,
    t_quantile,
    used_spread,
    wilson,
)
from audits.scoring import SCALE, WHOLE

pytestmark = pytest.mark.once

USUAL = Pooled((12 * SCALE) ** 2, 200)  # a standard deviation of 12 %


def visits(*percents: float) -> Sums:
    return Sums.of(round(percent * SCALE) for percent in percents)


def unit(n: int, mean: int, deviation: int) -> Sums:
    """Sums of n visits with exactly this mean and standard deviation, in per cent."""
    return Sums(n, n * mean * SCALE, (n * mean**2 + (n - 1) * deviation**2) * SCALE**2)


def percent(figure: int) -> float:
    return figure / SCALE


# --- Sums


def test_sums_of_visits():
    assert Sums.of([1, 2, 6]) == Sums(3, 9, 41)


def test_sums_add():
    assert Sums.of([1, 2]) + Sums.of([6]) == Sums.of([1, 2, 6])


def test_nothing_is_the_start_of_a_sum():
    assert sum([Sums.of([1, 2]), Sums.of([6])], Sums()) == Sums(3, 9, 41)


def test_mean_and_variance_are_exact():
    sums = Sums.of([1, 2, 6, 7, 7, 8])  # squared deviations from 31/6: (625 + 361 + 25 + 121 + 121 + 289) / 36
    assert (sums.mean, sums.variance) == (Fraction(31, 6), Fraction(1542, 36) / 5)


def test_variance_of_a_whole_country_loses_nothing():
    """Floats would answer 0 here: the squares agree in their first fifteen digits."""
    sums = Sums(10**7, 10**7 * 999_999 + 1, 10**7 * 999_999**2 + 2 * 999_999 + 1)
    assert sums.variance == (1 - Fraction(1, 10**7)) / (10**7 - 1)


@pytest.mark.parametrize(("sums", "mean"), [(Sums(), None), (Sums.of([5]), Fraction(5))])
def test_one_visit_has_no_variance(sums, mean):
    assert (sums.mean, sums.variance) == (mean, None)


@pytest.mark.parametrize("sums", [(-1, 0, 0), (0, 5, 0), (0, 0, 5), (2, 10, 49), (1, 0, -1)])
def test_sums_that_no_visits_can_have_are_refused(sums):
    with pytest.raises(ValueError, match="no visits"):
        Sums(*sums)


# --- Student's t

# Snedecor and Cochran, Statistical Methods, table A4 (and every other table of t).
T_TABLE = [
    (0.9, 1, 3.078),
    (0.975, 1, 12.706),
    (0.995, 2, 9.925),
    (0.975, 4, 2.776),
    (0.975, 8, 2.306),
    (0.995, 10, 3.169),
    (0.95, 15, 1.753),
    (0.75, 20, 0.687),
    (0.975, 30, 2.042),
    (0.975, 60, 2.000),
    (0.975, 120, 1.980),
    (0.975, 10**6, 1.960),
]


@pytest.mark.parametrize(("p", "df", "expected"), T_TABLE)
def test_quantile_is_that_of_the_printed_table(p, df, expected):
    assert round(t_quantile(p, df), 3) == expected


@pytest.mark.parametrize(("p", "df"), [(0.5, 5), (0.4, 5), (1.0, 5), (0.975, 0.5), (0.975, 0), (float("nan"), 5)])
def test_quantile_outside_its_domain_is_refused(p, df):
    with pytest.raises(ValueError, match="no t-quantile"):
        t_quantile(p, df)


# --- The spread within units


def test_pooled_spread_leaves_out_what_lies_between_units():
    """Deviations 2 and 8 about means 2 and 52, with 1 and 2 degrees; one visit alone says nothing about spread."""
    assert pooled([Sums.of([1, 3]), Sums.of([50, 52, 54]), Sums.of([900]), Sums()]) == Pooled(Fraction(10, 3), 3)


@pytest.mark.parametrize("groups", [[], [Sums()], [Sums.of([5]), Sums.of([9])]])
def test_there_is_no_pooled_spread_without_two_visits_in_one_unit(groups):
    assert pooled(groups) is None


@pytest.mark.parametrize(("variance", "df"), [(-1, 3), (5, 0)])
def test_an_impossible_spread_is_refused(variance, df):
    with pytest.raises(ValueError, match="no spread"):
        Pooled(variance, df)


# --- Ranges of means


def test_nine_visits_stand_on_their_own_spread():
    """2.30600 x 15 / 3 = 11.53002 each way."""
    assert range_of(unit(9, 80, 15), USUAL) == Range(800_000, 684_699, 915_301)


def test_eight_visits_stand_on_the_usual_spread():
    """1.97190 x 12 / sqrt(8) = 8.36606 each way, however far the eight lie apart."""
    assert range_of(unit(8, 80, 40), USUAL) == Range(800_000, 716_339, 883_661)


def test_one_visit_has_a_range_too():
    """1.97190 x 12 = 23.66276 each way."""
    assert range_of(visits(60), USUAL) == Range(600_000, 363_372, 836_628)


def test_range_stays_within_what_percentages_can_be():
    assert [range_of(visits(each), USUAL) for each in (95, 3)] == [
        Range(950_000, 713_372, WHOLE),
        Range(30_000, 0, 266_628),
    ]


def test_no_visits_have_no_range():
    assert range_of(Sums(), USUAL) is None


def test_mean_rounds_half_up_and_lies_within_the_range():
    assert range_of(Sums(2, 1_000_001, 500_001_000_001), Pooled(1, 10**6)) == Range(
        500_001,
        499_999,
        500_002,
    )


def test_nine_visits_alike_are_not_certain():
    """Their variance counts as 4/9 of the usual 12^2: 2.30600 x 8 / 3 = 6.14934 each way."""
    assert range_of(visits(*[90] * 9), USUAL) == Range(900_000, 838_506, 961_494)


def test_floor_is_the_variance_of_one_stray_visit_among_usual_ones():
    """Half the visits 24 % from the others make the usual 12 %; one such stray among sixteen makes the floor, 6 %."""
    stray = visits(*[90] * 15, 66)
    assert stray.variance == used_spread(stray, USUAL).variance == (6 * SCALE) ** 2
    nearer = visits(*[90] * 15, 66.1)
    assert nearer.variance < used_spread(nearer, USUAL).variance == (6 * SCALE) ** 2


def test_floor_lets_go_where_the_visits_differ_more():
    """With nine visits the floor is a standard deviation of 8 %."""
    used = [used_spread(unit(9, 80, own), USUAL).variance for own in (7, 8, 9)]
    assert used == [(own * SCALE) ** 2 for own in (8, 8, 9)]


def blocks_of(*groups):
    """An outlet's sums with the squares of its blocks' means, rounded up as they are kept, and its blocks."""
    made = [Sums.of(int(each * SCALE) for each in some) for some in groups]
    squares = sum(-(-(each.total**2) // each.n) for each in made)
    return Sums(sum(each.n for each in made), sum(each.total for each in made), squares), len(made)


def test_a_usual_spread_comes_from_the_means_of_blocks():
    """Two outlets of six blocks, means 70, 80, 90 twice and 10 less: 2 x 3 x 4 x 100 points squared over 10 degrees."""
    one = blocks_of(*[(mean - 5, mean, mean + 5) for mean in (70, 80, 90)] * 2)
    other = blocks_of(*[(mean - 30, mean, mean + 10, mean) for mean in (65, 75, 85)] * 2)
    found = of_blocks([one, other, blocks_of((1, 2, 3))])
    assert found.df == 10
    assert abs(found.variance - (3 * 400 + 4 * 400) * SCALE**2 // 10) <= 2


def test_too_few_blocks_show_no_usual_spread():
    assert of_blocks([]) is None
    assert of_blocks([blocks_of(*[(70, 80, 90)] * 9)]) is None
    assert of_blocks([blocks_of(*[(70, 80, 90)] * 10)]) is not None


def test_blocks_all_alike_show_a_spread_of_one_point():
    assert of_blocks([blocks_of(*[(100, 100, 50)] * 12)]) == Pooled(SCALE**2, 11)


def test_without_a_usual_spread_the_own_one_serves_from_two_visits():
    """12.70620 x 60 / sqrt(2) is more than 100; 2.57058 x 45 / sqrt(6) = 47.22460."""
    assert [range_of(unit(n, 50, own), None) for n, own in ((2, 60), (6, 45))] == [
        Range(500_000, 0, WHOLE),
        Range(500_000, 27_753, 972_247),
    ]


def test_without_a_usual_spread_visits_alike_are_taken_for_the_widest():
    """Nine: 2.30600 x (50 x 2/3) / 3 = 25.62227 each way. Three: 4.30265 x 50 / sqrt(3), more than 100."""
    assert [range_of(visits(*[50] * n), None) for n in (9, 3)] == [
        Range(500_000, 243_777, 756_223),
        Range(500_000, 0, WHOLE),
    ]


@pytest.mark.parametrize("usual", [None, Pooled(0, 2)], ids=["missing", "zero"])
def test_one_visit_without_a_usual_spread_says_nothing(usual):
    assert range_of(visits(80), usual) == Range(800_000, 0, WHOLE)


def test_a_usual_spread_of_zero_is_not_believed():
    """Nine visits of 100 % in the first month are no proof; without a usual spread the half-width is 25.62227."""
    alike = visits(*[100] * 9)
    assert range_of(alike, pooled([alike])) == Range(WHOLE, 743_777, WHOLE)


def test_widest_spread_is_that_of_half_at_each_end():
    assert Sums.of([0, WHOLE] * 500_000).deviation / 10**6 == WIDEST


# --- Changes

# NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.3, miles per gallon (AUTO83B.DAT): 249 cars with mean 20.14458
# and standard deviation 6.41470, 79 with 30.48101 and 6.10771. T = -12.94627 with 136.8750 degrees of freedom.
US = Sums(249, 5016 * SCALE, 111_250 * SCALE**2)
JAPAN = Sums(79, 2408 * SCALE, 76_308 * SCALE**2)


def test_nist_sums_are_those_printed():
    printed = [
        (round(float(cars.mean) / SCALE, 5), round(float(cars.variance) ** 0.5 / SCALE, 5)) for cars in (US, JAPAN)
    ]
    assert printed == [(20.14458, 6.41470), (30.48101, 6.10771)]


def test_change_is_welchs():
    """Half the range is |difference / T| x t(0.975, 136.8750) = 10.33643 / 12.94627 x 1.97749 = 1.57885."""
    found = change(US, JAPAN, pooled([US, JAPAN]))
    assert [round(percent(each), 3) for each in (found.difference, found.low, found.high)] == [10.336, 8.758, 11.915]
    assert found.is_clear


def test_change_of_few_visits_stands_on_the_usual_spread():
    """1.97190 x 12 x sqrt(1/4 + 1/9) = 14.21955, however far the visits lie apart."""
    assert change(unit(4, 70, 40), unit(9, 80, 1), USUAL) == Change(100_000, -42_196, 242_196, is_clear=False)


def test_change_is_clear_when_its_range_leaves_out_zero():
    assert [change(unit(4, 70, 9), unit(9, after, 9), USUAL).is_clear for after in (55, 56, 84, 85)] == [
        True,
        False,
        False,
        True,
    ]


def test_change_from_one_perfect_month_to_the_next_is_not_exact():
    """Nine visits alike on both sides: v/n = 8^2/9 each, 16 degrees, 2.11991 x sqrt(128/9) = 7.99466."""
    found = change(visits(*[96] * 9), visits(*[100] * 9), USUAL)
    assert found == Change(40_000, -39_947, 119_947, is_clear=False)


def test_change_without_a_usual_spread_is_welchs_from_two_visits():
    """v/n = 50^2/4 each, at the floor, and 6 degrees: 2.44691 x sqrt(1250) = 86.51140."""
    found = change(unit(4, 40, 40), unit(4, 60, 40), None)
    assert found == Change(200_000, -665_114, WHOLE, is_clear=False)


def test_change_from_one_visit_without_a_usual_spread_says_nothing():
    assert change(visits(0), visits(*[100] * 20), None) == Change(WHOLE, -WHOLE, WHOLE, is_clear=False)


@pytest.mark.parametrize(("before", "after"), [(Sums(), unit(9, 80, 5)), (unit(9, 80, 5), Sums())])
def test_there_is_no_change_from_nothing_or_to_nothing(before, after):
    assert change(before, after, USUAL) is None


# --- Shares

# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("successes", "n", "low", "high"), NEWCOMBE)
def test_range_of_a_share_is_that_printed(successes, n, low, high):
    assert tuple(round(each, 4) for each in wilson(successes, n)) == (low, high)


@pytest.mark.parametrize("n", [1, 3, 7, 10, 49, 1000])
def test_range_of_none_begins_at_0_and_of_all_ends_at_1(n):
    (low, above), (below, high) = wilson(0, n), wilson(n, n)
    assert (low, high) == (0.0, 1.0)
    assert above == pytest.approx(1 - below)


def test_share_of_nothing_has_no_range():
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_what_is_not_a_share_is_refused(successes, n):
    with pytest.raises(ValueError, match="not a share"):
        wilson(successes, n)


# --- Piles

CENTRE = 80 * SCALE
# Sixteen visits with a standard deviation of 4 %: a standard error of 1 %, so that a mean of 80 + z % has just that z.
LOW, WITHIN, HIGH = Pile.LOW, Pile.WITHIN, Pile.HIGH


def children(*scores: int) -> list[Sums]:
    return [unit(16, 80 + z, 4) for z in scores]


def test_without_over_dispersion_limits_are_3_09_standard_errors():
    """The deciles of six scores are 0 and 1.5: phi is 4.25 / 6, less than 1."""
    found = funnel(children(0, 0, 0, -1, 0, 4), CENTRE)
    assert (found.inflation, found.limits(16), found.piles) == (1.0, (769_097, 830_903), (WITHIN,) * 5 + (HIGH,))


def test_over_dispersion_widens_the_limits():
    """Eleven scores, so that the deciles are the second from each end: 9 counts as 4.

    phi = (4 x 16 + 2 x (9 + 4 + 1)) / 11 = 92/11, more than 1 + 2 sqrt(2/11) = 1.853. Limits: 3.0902 x sqrt(92/11) =
    8.937 standard errors. Without winsorising they would be 13.9, without over-dispersion 3.09: neither places as here.
    """
    found = funnel(children(-9, -4, -3, -2, -1, 0, 1, 2, 3, 4, 9), CENTRE)
    assert found.inflation == pytest.approx(92 / 11)
    assert found.limits(16) == (710_630, 889_370)
    assert found.piles == (LOW, *[WITHIN] * 9, HIGH)


def test_scatter_that_chance_explains_does_not_widen_the_limits():
    """Five scores: the ninth decile is 1 + 0.6 x 3 = 2.8, phi = (3 + 7.84) / 5 = 2.168 < 1 + 2 sqrt(2/5) = 2.265.

    With it the limit would be 4.55 standard errors, and 4 within.
    """
    found = funnel(children(-1, -1, 0, 1, 4), CENTRE)
    assert (found.inflation, found.piles) == (1.0, (WITHIN, WITHIN, WITHIN, WITHIN, HIGH))


def test_children_below_nine_visits_are_for_reference_and_sway_nothing():
    few = [unit(ENOUGH - 1, 20, 4), Sums(), unit(1, 100, 0)]
    beside = funnel([*children(-1, -1, 0, 1, 4), *few], CENTRE)
    assert beside.piles == (WITHIN, WITHIN, WITHIN, WITHIN, HIGH, None, None, None)
    assert beside.limits(16) == funnel(children(-1, -1, 0, 1, 4), CENTRE).limits(16)


def test_nine_visits_are_placed():
    assert funnel([unit(ENOUGH, 20, 4)], CENTRE).piles == (LOW,)


def test_limits_narrow_with_visits_and_stay_within_0_to_100():
    """3.09023 x 4 / sqrt(n) about 99: 12.36093, 3.09023, 0.30902; from below nine visits too, for a plot."""
    found = funnel([unit(16, 99, 4)], 99 * SCALE)
    assert [found.limits(n) for n in (1, 16, 1600)] == [
        (866_390, WHOLE),
        (959_097, WHOLE),
        (986_909, 993_091),
    ]


def test_a_mean_on_the_limit_is_within():
    found = funnel(children(0, 0), CENTRE)
    low, high = found.limits(16)
    on, beyond = ([Sums.of([edge] * 16) for edge in edges] for edges in ((low, high), (low - 1, high + 1)))
    assert [found.pile(each) for each in (*on, *beyond)] == [WITHIN, WITHIN, LOW, HIGH]


def test_children_without_any_spread_are_not_sorted_by_it():
    """With a standard deviation of 50 %, twelve visits lie within 80 -+ 44.6 %."""
    found = funnel([visits(*[each] * 12) for each in (70, 80, 90)], CENTRE)
    assert (found.limits(12), found.piles) == ((353_963, WHOLE), (WITHIN, WITHIN, WITHIN))


@pytest.mark.parametrize(
    ("pile", "low", "high", "rung"),
    [
        (LOW, 700, 790, Rung.LOW),
        (WITHIN, 700, 799, Rung.LOWER),
        (WITHIN, 700, 800, Rung.WITHIN),
        (WITHIN, 800, 900, Rung.WITHIN),
        (WITHIN, 801, 900, Rung.HIGHER),
        (HIGH, 790, 900, Rung.HIGH),
        (None, 801, 900, None),
    ],
)
def test_a_range_that_leaves_out_the_mean_is_a_milder_rung_within_the_limits(pile, low, high, rung):
    assert rung_of(pile, Range(low, low, high), 800) is rung
    assert rung_of(pile, None, 800) is None


def test_no_children_have_no_piles():
    assert funnel([], CENTRE).piles == ()


def test_limits_need_a_visit():
    with pytest.raises(ValueError, match="need a visit"):
        funnel(children(0, 0), CENTRE).limits(0)


@pytest.mark.parametrize("centre", [-1, WHOLE + 1])
def test_a_centre_outside_0_to_100_is_refused(centre):
    with pytest.raises(ValueError, match="not a percentage"):
        funnel([], centre)
