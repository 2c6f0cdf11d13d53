"""Somebody who reads every published cell, of all months, units and trees, cannot single a visit or a shopper out.

Two steps. First: every cell that a scorecard gives, of any unit, month, span and tree, is a sum over whole blocks of
the cells of their outlets' own scorecards. So the most that anybody has is each block's cells. Second: with all cells
of a block as equations, one unknown for each visit and criterion that counted, no combination of them speaks of fewer
visits than the rule allows, nor of one shopper's alone. The equations are not written down here: they are found by
answering the block's visits otherwise, many times, and reading what its scorecard says then.

Topics of outlets whose visits wait are no sums. Of them it is shown that each could have come up whatever was seen.
"""

import csv
import io
import random
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest

from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.models import Period, UnitCriterionScore, UnitScore
from audits.results import blocks, closing, early, figures, folding, scorecard
from audits.results.blocks import Candidate, Rule
from audits.results.exports import card as exports
from audits.results.months import SpanKind
from audits.results.reading import Tree
from audits.results.tallies import Kind
from outlets.models import Unit
from outlets.organisation import actions as organisation
from tests import published, worlds
from tests.attacks import asked_checklist, checklist, equations, random_block, tells, told, visits_of

# Linear reasoning over cells that the walks prove equal on both databases.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture
def asked(at):
    return outline(ChecklistVersion.objects.select_related("checklist").get(checklist=checklist()))


def cells(card):
    """Every figure of a scorecard that is a sum over visits, by name; means are given with their visits."""
    found = {}
    for headline in card.headlines:
        figure = headline.figure
        found |= {"visits": figure.visits, "total": figure.total, "critical": figure.critical_failures}
    for row in card.detail.sections + card.detail.themes if card.detail else ():
        if row.percent is not None:
            found[f"part {row.code}"], found[f"visits {row.code}"] = row.percent * row.visits, row.visits
    for row in card.detail.criteria if card.detail else ():
        each = row.figure
        counts = {"met": each.met, "partly": each.partly, "missed": each.not_met, "left out": each.not_applicable}
        counts |= {"lost": each.lost, "results": each.results}
        found |= {f"{row.code} {name}": value for name, value in counts.items()}
    return found


def read(unit, month=OCTOBER, kind=SpanKind.MONTH, tree=Tree.THEN):
    return scorecard.read(unit, month, kind=kind, top=Unit.objects.get(code="VNPT"), tree=tree)


# --- Second step: a block ---------------------------------------------------------------------------


def of_tally(tally):
    found = {f"{kind} {code}": figure.total for (kind, code), figure in tally.figures.items()}
    found["critical"] = tally.figures[Kind.TOTAL, ""].critical_failures
    for code, each in tally.criteria.items():
        found |= {f"{code} met": each.met, f"{code} missed": each.not_met, f"{code} lost": each.lost}
    return found


def attack(asked, seed, folded_by):
    """What the stored cells of a random block tell, folded by one rule and judged by the one in force."""
    rng, rule = random.Random(seed), closing.rule()
    words, shoppers = random_block(rng, rule)
    matrix, visit_of = equations(
        lambda answers: of_tally(folding.of_block(visits_of(asked, answers, shoppers), folded_by)), words, rng
    )
    return told(matrix, visit_of, shoppers, rule)


def test_no_combination_of_a_blocks_cells_tells_a_visit_two_or_one_shoppers(asked):
    assert [(seed, found) for seed in range(120) if (found := attack(asked, seed, closing.rule()))] == []


@pytest.mark.parametrize("seed", range(8))
def test_nor_does_any_combination_of_what_its_scorecard_says(seed, asked, at):
    rng, rule = random.Random(1000 + seed), closing.rule()
    words, shoppers = random_block(rng, rule)
    people = worlds.people(at)  # any block will do, so that the month has its tree and versions
    for number, who in enumerate([people.shopper, people.shopper, people.shopper2]):
        published.approved(at.counter, who, OCTOBER + timedelta(days=number), "yyyyy", of=asked_checklist())
    published.closed(OCTOBER)
    period = Period.objects.get()
    place = at.counter.pk, asked_checklist().pk

    def read_cells(answers):
        UnitScore.objects.all().delete()
        UnitCriterionScore.objects.all().delete()
        figures.write(period, {place: folding.of_block(visits_of(asked, answers, shoppers), rule)})
        return cells(read(at.counter.unit))

    matrix, visit_of = equations(read_cells, words, rng)
    assert matrix.size
    assert told(matrix, visit_of, shoppers, rule) == []


@pytest.mark.parametrize("half", [{"visits": 1}, {"visits": 2}, {"shoppers": 1}])
def test_the_attack_finds_something_where_either_half_of_the_rule_is_loosened(asked, half):
    rule = closing.rule()
    looser = Rule(**({"visits": rule.visits, "shoppers": rule.shoppers} | half))
    assert any(attack(asked, seed, looser) for seed in range(120))


@pytest.mark.parametrize(
    ("shoppers", "looser"), [([1, 2], {"visits": 2}), ([1, 1, 1], {"shoppers": 1}), ([1], {"visits": 1, "shoppers": 1})]
)
def test_nor_may_the_whole_of_a_block_be_smaller(asked, shoppers, looser):
    """Such visits wait; by a looser rule they are published, and the attack finds them."""
    rule = closing.rule()
    some = [Candidate(number, 1, 1, who, OCTOBER, number, 1) for number, who in enumerate(shoppers)]
    assert not blocks.split(some, rule, {}).published
    looser = Rule(**({"visits": rule.visits, "shoppers": rule.shoppers} | looser))
    assert blocks.split(some, looser, {}).published
    words = ["yyyyy"] * len(shoppers)
    matrix, visit_of = equations(
        lambda answers: of_tally(folding.of_block(visits_of(asked, answers, shoppers), looser)),
        words,
        random.Random(1),
    )
    assert told(matrix, visit_of, shoppers, rule)


def test_visits_all_alike_tell_the_block_and_nothing_less(asked):
    """So that the attack is not blind to what it may see: the whole block is told."""
    rule, words, shoppers = closing.rule(), ["yyyyy"] * 3, [1, 1, 2]
    matrix, visit_of = equations(
        lambda answers: of_tally(folding.of_block(visits_of(asked, answers, shoppers), rule)), words, random.Random(1)
    )
    assert tells(matrix, visit_of, {0, 1, 2})
    assert told(matrix, visit_of, shoppers, rule) == []


# --- First step: everything else is a sum of blocks ---------------------------------------------------


def test_every_cell_of_every_unit_month_span_and_tree_is_a_sum_over_whole_blocks(asked, at):
    rng, people = random.Random(7), worlds.people(at)
    outlets = [at.counter, at.other_counter, at.far_counter]
    for month in (SEPTEMBER, OCTOBER):
        for outlet in outlets:
            for number in range(rng.choice([1, 3, 4])):
                word = "".join(rng.choice("yyn-") for _ in range(5))
                who = (people.shopper, people.shopper2)[number % 2]
                published.approved(outlet, who, month + timedelta(days=number), word, of=asked_checklist())
        published.closed(month)
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 11, 2), by=None, at=moment)
    each_block = {
        (outlet.pk, month): cells(read(outlet.unit, month)) for outlet in outlets for month in (SEPTEMBER, OCTOBER)
    }
    each_block = {place: found for place, found in each_block.items() if found.get("visits")}
    assert len(each_block) >= 3
    sums = [
        {name: sum(each.get(name, 0) for each in some) for name in {name for each in some for name in each}}
        for size in range(len(each_block) + 1)
        for some in combinations(each_block.values(), size)
    ]
    units = [at.group, at.an_giang, at.ha_noi, at.long_xuyen, at.dong_da, *(outlet.unit for outlet in outlets)]
    seen = 0
    for unit in units:
        for month in (SEPTEMBER, OCTOBER):
            for kind in SpanKind:
                for tree in Tree:
                    found = cells(read(unit, month, kind, tree))
                    seen += bool(found.get("visits"))
                    assert any(alike(found, each) for each in sums), (unit, month, kind, tree)
    assert seen > 20


def alike(found, other):
    """Equal, but for the rounding of a mean."""
    return all(
        abs(found.get(name, 0) - other.get(name, 0)) <= (50 if name.startswith("part") else 0)
        for name in found.keys() | other.keys()
    )


def test_the_file_says_of_the_criteria_what_the_scorecard_says_and_no_more(asked, at):
    people = worlds.people(at)
    for number, word in enumerate(["ynyyn", "yyny-", "nyyn-", "yynnn"]):
        who = (people.shopper, people.shopper2)[number % 2]
        published.approved(at.counter, who, OCTOBER + timedelta(days=number), word, of=asked_checklist())
    published.closed(OCTOBER)
    card = read(at.counter.unit)
    lines = list(csv.reader(io.StringIO(exports.scorecard_csv(card).lstrip("\ufeff")), delimiter=";"))
    rows = {line[1]: line for line in lines if len(line) == 7}
    told_ones = {row.code: row.figure for row in card.detail.criteria if not row.is_rest}
    assert len(told_ones) < 5
    assert {code for code in rows if code in {each.code for each in asked.criteria}} == set(told_ones)
    for code, figure in told_ones.items():
        assert rows[code][2:6] == [str(n) for n in (figure.met, figure.partly, figure.not_met, figure.not_applicable)]
    assert rows[""][2:6] == ["", "", "", ""]
    assert sum(row.lost for row in card.detail.criteria) == card.detail.headline.lost
    assert sum(row.lost for row in card.detail.sections) == card.detail.headline.lost


# --- Topics while results wait ------------------------------------------------------------------------


def chance_of_topics(here, channel):
    """The exact chance of each three topics, drawn one after the other as `early.topics` draws them."""
    found = {((), ()): Fraction(1)}
    for kind, seen, weights in (("again", here.again, channel.again),) * 2 + (("well", here.well, channel.well),):
        longer = {}
        for (again, well), chance in found.items():
            next_ones = early.chances(seen, weights, again + well)
            for theme, weight in next_ones.items():
                key = ((*again, theme), well) if kind == "again" else (again, (*well, theme))
                longer[key] = longer.get(key, Fraction(0)) + chance * Fraction(weight, sum(next_ones.values()))
        found = longer
    return found


def sightings(themes, rng):
    """What waiting visits may have shown: nothing, everything, and some of all that lies between."""
    yield early.Here()
    yield early.Here(well=frozenset(themes))
    yield early.Here(again=frozenset(themes))
    for _ in range(25):
        kinds = {theme: rng.choice(("well", "again", "")) for theme in themes}
        yield early.Here(*(frozenset(t for t in themes if kinds[t] == kind) for kind in ("well", "again")))


MIXED = early.channel(
    {"a": 900, "b": 50, "c": 50, "d": 0, "e": 0, "f": 0},
    {"a": 0, "b": 5, "c": 9, "d": 9, "e": 9, "f": 9},
    dict.fromkeys("abcdef", 9),
)


def test_no_topics_rule_out_anything_that_waiting_visits_may_hold():
    """Whatever three topics are read, each visit may still have been anything, and may not have been at all.

    Nor does anything follow when a block tells its sums later: what was possible with them alone stays possible.
    """
    every = [chance_of_topics(here, MIXED) for here in sightings("abcdef", random.Random(3))]
    assert all(sum(chances.values()) == 1 for chances in every)
    outcomes = set(every[0])
    assert len(outcomes) == 6 * 5 * 4
    assert all(set(chances) == outcomes and min(chances.values()) > 0 for chances in every)


def test_how_much_likelier_topics_make_anything_is_bounded():
    """The figure of docs/decisions/0015: one topic, at worst, of the theme that comes up least by itself."""
    rng = random.Random(4)
    worst = Fraction(1)
    for here in sightings("abcdef", rng):
        for weights, seen in ((MIXED.again, here.again), (MIXED.well, here.well)):
            with_it, without = early.chances(seen, weights, ()), early.chances((), weights, ())
            for theme in weights:
                ratio = Fraction(with_it[theme], sum(with_it.values())) / Fraction(
                    without[theme], sum(without.values())
                )
                worst = max(worst, ratio, 1 / ratio)
    assert worst < 7


def test_the_attack_finds_something_where_the_channels_half_is_left_out(monkeypatch):
    """So that it is not blind: topics that come from the visits alone rule out most of what they may hold."""
    monkeypatch.setattr(
        early, "chances", lambda here, weights, taken: dict.fromkeys((set(here) or set(weights)) - set(taken), 1)
    )
    every = [set(chance_of_topics(here, MIXED)) for here in sightings("abcdef", random.Random(3))]
    assert any(each != every[0] for each in every)


def test_the_choice_and_the_words_of_topics_depend_on_themes_alone(asked):
    """Equal in what two visits by two shoppers have alike, visits give equal chances, whatever else they hold."""
    told = [
        early.WaitingVisit(who, visit.score.lines) for who, visit in enumerate(visits_of(asked, ["nyyyn"] * 2, [1, 2]))
    ]
    other = [
        early.WaitingVisit(who, visit.score.lines) for who, visit in enumerate(visits_of(asked, ["nyyny"] * 2, [1, 2]))
    ]
    assert early.seen_here(told) == early.seen_here(other)
    assert early.seen_here(told[:1]) == early.Here()
