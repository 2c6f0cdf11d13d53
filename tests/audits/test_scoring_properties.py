"""What holds for every checklist and every set of answers, tried on random ones."""

import json
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest

from audits import scoring
from audits.scoring import SCALE, WHOLE, Answer, Grade, Kind, Outcome, Rule, Threshold

hypothesis = pytest.importorskip("hypothesis", reason="property tests need hypothesis (requirements-dev.txt)")
st = pytest.importorskip("hypothesis.strategies", reason="property tests need hypothesis (requirements-dev.txt)")

pytestmark = pytest.mark.once

# No deadline: on a busy machine a slow example says nothing about the arithmetic.
many = hypothesis.settings(deadline=None, max_examples=100)

WEIGHTS = st.one_of(
    st.integers(1, 10).map(Decimal),
    st.sampled_from([Decimal("0.333"), Decimal("0.001"), Decimal(10_000)]),
    st.integers(1, 10_000_000).map(lambda thousandths: Decimal(thousandths) / 1000),
)
NUMBERS = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)
OPTIONS = [(100, 30, 0), (100,), (0, 0, 7), (99, 1)]
STEPS = [[(5, 100), (10, 70), (15, 40), (None, 0)], [(None, 33)], [("0.5", 0), ("99.99", 100), (None, 50)]]


@st.composite
def rules_of(draw, code, kinds):
    kind = draw(st.sampled_from(kinds))
    options = draw(st.sampled_from(OPTIONS)) if kind is Kind.CHOICE else ()
    steps = draw(st.sampled_from(STEPS)) if kind is Kind.MEASURED else []
    return Rule(
        code=code,
        section=draw(st.sampled_from("ABC")),
        theme=draw(st.sampled_from(["smile", "wait", None])),
        kind=kind,
        weight=draw(WEIGHTS),
        critical=kind in scoring.FIXED_RESULTS and draw(st.booleans()),
        by_person=draw(st.booleans()),
        options=tuple((f"o{i}", result) for i, result in enumerate(options)),
        thresholds=tuple(Threshold(None if upper is None else Decimal(upper), result) for upper, result in steps),
    )


def values(rule):
    """Every kind of answer to a criterion that has a result."""
    if rule.kind is Kind.MEASURED:
        return NUMBERS.map(lambda number: Answer(rule.code, number=number))
    codes = scoring.FIXED_RESULTS.get(rule.kind) or dict(rule.options) or ["3"]
    return st.sampled_from(list(codes)).map(lambda code: Answer(rule.code, code))


@st.composite
def visits(draw, kinds=tuple(Kind)):
    """(rules, answers, position): up to 10 criteria, an answer to each, and the place of one criterion."""
    rules = [draw(rules_of(f"c{i}", kinds)) for i in range(draw(st.integers(1, 10)))]
    answers = [draw(values(rule) | st.sampled_from([Answer(rule.code, "na"), Answer(rule.code)])) for rule in rules]
    return rules, answers, draw(st.integers(0, len(rules) - 1))


def with_answer(answers, position, answer):
    return [*answers[:position], answer, *answers[position + 1 :]]


@many
@hypothesis.given(visits())
def test_lost_shares_and_percent_add_up_to_exactly_100(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    whole = 0 if score.percent is None else WHOLE
    lost = sum(line.lost for line in score.lines)
    assert lost + (score.percent or 0) == whole
    assert sum(part.lost for part in score.sections) == lost
    assert sum(line.share for line in score.lines) == whole


@many
@hypothesis.given(visits())
def test_every_figure_lies_between_0_and_100(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    figures = [score.percent, score.personal, *(part.percent for part in score.sections + score.themes)]
    assert all(figure is None or 0 <= figure <= WHOLE for figure in figures)
    assert all(0 <= line.lost <= WHOLE and 0 <= line.share <= WHOLE for line in score.lines)


@many
@hypothesis.given(visits())
def test_percent_equals_the_same_quotient_in_long_decimals(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    with localcontext(prec=60):
        eligible = [(line.weight, line.result) for line in score.lines if line.outcome in ("met", "partly", "not_met")]
        weight = sum(weight for weight, _ in eligible)
        expected = None
        if weight:
            quotient = sum(weight * result for weight, result in eligible) / weight
            expected = int((quotient * SCALE).quantize(Decimal(1), ROUND_HALF_UP))
    assert score.percent == expected


@many
@hypothesis.given(visits())
def test_a_lost_share_is_at_most_a_unit_and_a_half_from_the_exact_one(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    for line in score.lines:
        missed = 0 if line.result is None else 100 - line.result
        exact = missed and Fraction(line.weight) * missed * SCALE / Fraction(score.eligible_weight)
        assert abs(line.lost - exact) < Fraction(3, 2)
        assert missed or line.lost == 0


@many
@hypothesis.given(visits())
def test_not_applicable_leaves_both_sums_and_no_other_result_changes(visit):
    rules, answers, position = visit
    before = scoring.score(rules, answers)
    after = scoring.score(rules, with_answer(answers, position, Answer(rules[position].code, "na")))
    old, new = before.lines[position], after.lines[position]
    counted = old.weight if old.result is not None else Decimal(0)
    others = [(a.result, b.result) for a, b in zip(before.lines, after.lines, strict=True) if a is not old]
    assert (new.result, new.share, new.lost) == (None, 0, 0)
    assert all(a == b for a, b in others)
    assert after.eligible_weight == before.eligible_weight - counted
    assert after.earned == before.earned - counted * (old.result or 0)


@many
@hypothesis.given(visits())
def test_a_criterion_that_does_not_apply_might_as_well_not_be_there(visit):
    rules, answers, position = visit
    na = scoring.score(rules, with_answer(answers, position, Answer(rules[position].code, "na")))
    gone = scoring.score(rules[:position] + rules[position + 1 :], answers[:position] + answers[position + 1 :])
    assert (na.percent, na.grade, na.personal) == (gone.percent, gone.grade, gone.personal)
    assert [line.lost for line in na.lines if line.code != rules[position].code] == [line.lost for line in gone.lines]


@many
@hypothesis.given(visits(), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(visit, random):
    rules, answers, _ = visit
    shuffled = random.sample(answers, len(answers))
    assert scoring.score(rules, shuffled) == scoring.score(rules, answers)


@many
@hypothesis.given(visits(), st.sampled_from(["0.001", "0.5", "3", "7.77", "10000"]).map(Decimal))
def test_weights_times_a_constant_give_the_same_figures(visit, factor):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    scaled = scoring.score([replace(rule, weight=rule.weight * factor) for rule in rules], answers)
    assert scaled == replace(
        score,
        sections=tuple(replace(part, weight=part.weight * factor) for part in score.sections),
        themes=tuple(replace(part, weight=part.weight * factor) for part in score.themes),
        lines=tuple(replace(line, weight=line.weight * factor) for line in score.lines),
        eligible_weight=score.eligible_weight * factor,
        earned=score.earned * factor,
    )


@many
@hypothesis.given(visits(), st.data())
def test_a_better_answer_never_lowers_a_figure_or_the_grade(visit, data):
    rules, answers, position = visit
    changed = rules[position]
    hypothesis.assume(changed.kind.is_scored)
    worse, better = sorted(
        (data.draw(values(changed)), data.draw(values(changed))), key=lambda answer: scoring.result_of(changed, answer)
    )
    low = scoring.score(rules, with_answer(answers, position, worse))
    high = scoring.score(rules, with_answer(answers, position, better))
    order = list(Grade)
    assert low.percent <= high.percent
    assert order.index(low.grade) >= order.index(high.grade)
    assert (low.personal or 0) <= (high.personal or 0)
    assert all(a.percent is None or a.percent <= b.percent for a, b in zip(low.sections, high.sections, strict=True))


@many
@hypothesis.given(visits(kinds=tuple(scoring.FIXED_RESULTS)))
def test_a_failed_critical_criterion_caps_the_grade_and_nothing_else_does(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    critical = {rule.code for rule in rules if rule.critical}
    failed = [line.code for line in score.lines if line.code in critical and line.outcome is Outcome.NOT_MET]
    by_figure = None if score.percent is None else scoring.grade_of(score.percent)
    is_lowered = bool(failed) and by_figure in (Grade.EXCELLENT, Grade.GOOD, Grade.FAIR)
    assert score.critical_failed == tuple(failed)
    assert (score.grade, score.capped) == (Grade.TO_IMPROVE if is_lowered else by_figure, is_lowered)


@many
@hypothesis.given(visits())
def test_stored_workings_read_back_are_the_same_score(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    assert scoring.from_workings(json.loads(json.dumps(scoring.workings(score)))) == score


@many
@hypothesis.given(visits())
def test_the_explained_quotient_is_the_stored_figure(visit):
    rules, answers, _ = visit
    score = scoring.score(rules, answers)
    explained = scoring.explain(score.lines)
    assert (explained.earned, explained.eligible_weight) == (score.earned, score.eligible_weight)
    assert sum((Fraction(term.product) for term in explained.terms), Fraction(0)) == Fraction(score.earned)
    assert explained.quotient == (None if score.percent is None else Decimal(score.percent) / SCALE)


@many
@hypothesis.given(st.integers(0, WHOLE))
def test_shown_is_the_stored_figure_rounded_half_up(percent):
    assert scoring.shown(percent) == (Decimal(percent) / SCALE).quantize(Decimal("0.1"), ROUND_HALF_UP)


@many
@hypothesis.given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)), min_size=1, max_size=20))
def test_with_ordinary_weights_the_shown_figure_is_the_exact_one_rounded(pairs):
    rules = [
        Rule(f"c{i}", "S", None, Kind.CHOICE, Decimal(weight), options=(("o", 10 * tenth),))
        for i, (weight, tenth) in enumerate(pairs)
    ]
    score = scoring.score(rules, [Answer(rule.code, "o") for rule in rules])
    exact = Fraction(sum(weight * tenth * 10 for weight, tenth in pairs), sum(weight for weight, _ in pairs))
    assert scoring.shown(score.percent) * 10 == (exact * 10 + Fraction(1, 2)).__floor__()


@many
@hypothesis.given(st.integers(0, WHOLE), st.lists(st.fractions(0, 1000, max_denominator=1000), min_size=1, max_size=30))
def test_apportioned_parts_add_up_and_stay_within_one_of_their_share(total, weights):
    hypothesis.assume(any(weights))
    parts = scoring.apportion(total, weights)
    shares = [total * weight / sum(weights) for weight in weights]
    assert sum(parts) == total
    assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))
