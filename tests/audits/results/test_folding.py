"""Which criteria, sections and themes of a block may be shown."""

from decimal import Decimal

import pytest

from audits import scoring
from audits.results.blocks import Rule
from audits.results.folding import BlockVisit, of_block, shown_too_thin
from audits.results.tallies import OTHERS, CriterionFigure, Kind
from audits.scoring import Answer

pytestmark = pytest.mark.once

RULE = Rule(visits=3, shoppers=2)
# Sections A and B; a theme across both; weights of 3, 1, 2, 2.
RULES = [
    scoring.Rule("A1", "A", "smile", scoring.Kind.YES_NO, Decimal(3)),
    scoring.Rule("A2", "A", None, scoring.Kind.YES_NO, Decimal(1), critical=True),
    scoring.Rule("B1", "B", "smile", scoring.Kind.YES_NO, Decimal(2)),
    scoring.Rule("B2", "B", None, scoring.Kind.YES_NO, Decimal(2)),
]
VALUES = {"y": "yes", "n": "no", "-": "na"}


def block(*answers):
    """A visit for each word, one letter for each criterion; every other visit is the second shopper's."""
    scores = [
        scoring.score(RULES, [Answer(rule.code, VALUES[x]) for rule, x in zip(RULES, each, strict=True)])
        for each in answers
    ]
    return [BlockVisit(number % 2, score, {"A2"}) for number, score in enumerate(scores)]


def told(tally):
    return {code for code, figure in tally.criteria.items() if figure.visits}


def parts(tally):
    return {code for kind, code in tally.figures if kind is not Kind.TOTAL}


def lost(tally):
    return sum(figure.lost for figure in tally.criteria.values())


def test_where_everything_applied_everything_is_shown():
    tally = of_block(block("yyyy", "nyyn", "ynyy"), RULE)
    assert told(tally) == {"A1", "A2", "B1", "B2"}
    assert parts(tally) == {"A", "B", "smile"}
    assert OTHERS not in tally.criteria
    assert tally.figures[Kind.TOTAL, ""].critical_failures == 1


def test_a_criterion_that_applied_in_one_visit_is_folded_together_with_another():
    """Alone, what the total lost beyond the other criteria would be its own."""
    tally = of_block(block("yyyn", "nyy-", "yny-"), RULE)
    assert told(tally) == {"A1", "A2"}
    assert tally.criteria[OTHERS] == CriterionFigure(lost=tally.criteria[OTHERS].lost)
    assert "B2" not in tally.criteria
    assert parts(tally) == {"A"}
    assert lost(tally) == 3 * 1_000_000 - tally.figures[Kind.TOTAL, ""].total


def test_one_visit_without_a_criterion_is_not_told_by_subtraction():
    """B2 may be shown, but the visit without it weighs the rest otherwise: so something is kept back that hides it."""
    tally = of_block(block("yyyn", "nyyy", "ynyy", "nny-"), RULE)
    assert told(tally) == {"A1", "A2", "B1"}
    assert parts(tally) == {"A", "smile"}


def test_visits_enough_of_each_kind_need_no_folding():
    tally = of_block(block("yyyn", "nyyy", "ynyy", "nny-", "nyy-", "ynn-"), RULE)
    assert told(tally) == {"A1", "A2", "B1", "B2"}
    assert OTHERS not in tally.criteria


def test_one_shoppers_visits_are_as_few_as_one():
    visits = block("yyyn", "n-yy", "ynyy", "n-yy", "nyyn")
    assert {visit.shopper_id for visit in visits if len(visit.lines) == 4} == {0}
    assert "A2" not in told(of_block(visits, RULE))
    assert "A2" in told(of_block(visits, Rule(visits=3, shoppers=1)))


def test_a_folded_critical_criterion_is_not_counted():
    tally = of_block(block("ynyy", "n-yy", "y-ny"), RULE)
    assert "A2" not in told(tally)
    assert tally.figures[Kind.TOTAL, ""].critical_failures == 0


def test_what_was_met_does_not_change_what_is_shown():
    shapes = ["yyyy", "yyy-", "yy-y", "yyyy"]
    shown = {frozenset(told(of_block(block(*shapes), RULE)))}
    for answers in (["nnnn", "nnn-", "nn-n", "nnnn"], ["ynyn", "nyn-", "ny-n", "nnyy"]):
        shown.add(frozenset(told(of_block(block(*answers), RULE))))
    assert len(shown) == 1


def test_a_visit_without_a_score_is_counted_in_no_criterion():
    tally = of_block(block("yyyy", "nyyn", "ynyy", "----"), RULE)
    assert all(figure.not_applicable == 0 for figure in tally.criteria.values())
    assert told(tally) == {"A1", "A2", "B1", "B2"}


def test_a_shown_criterion_may_become_too_thin():
    shown = of_block(block("yyyy", "nyyn", "ynyy"), RULE)
    assert shown_too_thin(block("yyyy", "nyy-", "ynyy"), shown, RULE) == {"B2"}
    assert shown_too_thin(block("yyyy", "nyyy", "ynyy"), shown, RULE) == set()
