"""What a scorecard says, computed by hand."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists.models import ChecklistVersion, Criterion, Section, Theme
from audits.fieldwork.models import Visit
from audits.results import actions as results
from audits.results import comparing, facts, wording
from audits.results import kept as kept_figures
from audits.results.beside import Held
from audits.results.models import PeriodChecklist, UnitScore
from audits.results.months import SpanKind
from audits.results.reading import Tree
from audits.results.statistics import Pooled, Sums, range_of, usual_range
from audits.results.tallies import CriterionFigure, Kind
from outlets.organisation import actions as organisation
from outlets.people.permissions import Scope
from tests import pages, plans, published, worlds
from tests.audits.results.scorecards import OCTOBER, SEPTEMBER, block, read, two_months
from tests.kept import kept

pytestmark = pytest.mark.django_db

EVERYTHING = Scope(is_everything=True)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    two_months(at, people)


def test_the_headline_has_its_range_its_visits_and_the_group_beside_it(october, at):
    card = read(at.an_giang)
    (headline,) = card.headlines
    assert (headline.visits, headline.range.mean, headline.grade, headline.group) == (3, 666_667, "fair", 666_667)
    assert headline.range.low < 666_667 < headline.range.high
    assert headline.is_for_reference
    assert (headline.visits_before, headline.change.difference, headline.change.is_clear) == (3, -83_333, False)


def test_lost_shares_add_up_to_the_parents_and_to_one_hundred_less_the_mean(october, at):
    for unit in (at.counter.unit, at.long_xuyen, at.an_giang, at.ha_noi, at.group):
        detail = read(unit).detail
        assert sum(row.lost for row in detail.criteria) == detail.headline.lost
        assert sum(row.lost for row in detail.sections) == detail.headline.lost
        assert sum(map(printed, detail.criteria)) + scoring.shown(detail.headline.range.mean) == 100


def test_themes_with_what_has_none_and_what_is_folded_lose_as_much_as_the_whole(at, people):
    """A1 has a theme, A2 none; in October each did not apply once, so A1 is folded there."""
    made = plans.checklist(is_running=False)
    theme = Theme.objects.create(code="greeting", name_vi="Chào hỏi", name_en="Greeting", position=0)
    Criterion.objects.filter(code="A1").update(theme=theme)
    made.versions.update(state=ChecklistVersion.State.PUBLISHED, published_at=worlds.NOW - timedelta(days=60))
    block(at.counter, people, SEPTEMBER, "ny", "yn", "ny")
    published.closed(SEPTEMBER)
    block(at.counter, people, OCTOBER, "nn", "n-", "yn", "-y", "nn")
    published.closed(OCTOBER)
    with translation.override("vi"):
        detail = read(at.group, SpanKind.TWELVE).detail
    names = ["Chào hỏi", "Tiêu chí không có chủ đề", "Các tiêu chí quá ít lượt (gộp chung)"]
    assert [row.name for row in detail.themes] == names
    assert all(row.lost for row in detail.themes)
    assert sum(row.lost for row in detail.themes) == detail.headline.lost


def test_sections_of_earlier_versions_lose_what_they_lost_in_a_line_of_their_own(at, people):
    """A2 stands in a section of its own, which the next version has no more."""
    made = plans.checklist(is_running=False)
    first = made.versions.get()
    other = Section.objects.create(version=first, code="B", name_vi="Bên trong", name_en="Inside", position=2)
    Criterion.objects.filter(code="A2").update(section=other)
    made.versions.update(state=ChecklistVersion.State.PUBLISHED, published_at=worlds.NOW - timedelta(days=60))
    block(at.counter, people, SEPTEMBER, "ny", "nn", "yn")
    published.closed(SEPTEMBER)
    second = checklists.draft_from(version=first, by=None, at=worlds.NOW)
    Criterion.objects.filter(version=second, code="A2").delete()
    Section.objects.filter(version=second, code="B").delete()
    ChecklistVersion.objects.filter(pk=first.pk).update(state="retired", retired_at=worlds.NOW)
    ChecklistVersion.objects.filter(pk=second.pk).update(state="published", published_at=worlds.NOW)
    block(at.counter, people, OCTOBER, "y", "n", "y")
    published.closed(OCTOBER)
    with translation.override("vi"):
        detail = read(at.group, SpanKind.TWELVE).detail
    assert [row.name for row in detail.sections] == ["Mặt tiền", "Tiêu chí của các bản trước"]
    assert all(row.lost for row in detail.sections)
    assert sum(row.lost for row in detail.sections) == sum(row.lost for row in detail.themes) == detail.headline.lost


def test_ranges_of_sections_tell_nothing_of_how_their_own_visits_lie(at, people):
    """Two spans' ranges would else tell the squares of the one block between them."""
    block(at.counter, people, OCTOBER, *["yy", "yn", "ny"] * 3)
    published.closed(OCTOBER)
    before = [read(unit).detail.sections for unit in (at.counter.unit, at.group)]
    assert before[0][0].range.low < before[0][0].range.mean < before[0][0].range.high
    UnitScore.objects.exclude(kind=Kind.TOTAL).update(squares=F("squares") + 10**12)
    kept_figures.forget()
    assert [read(unit).detail.sections for unit in (at.counter.unit, at.group)] == before


def printed(row):
    """As it is printed, to one decimal."""
    return scoring.shown(row.lost)


def test_criteria_are_listed_by_what_they_cost_and_by_how_often_they_are_met(october, at):
    detail = read(at.group).detail
    assert [(row.short_code, row.figure, row.lost) for row in detail.to_improve] == [
        ("A2", CriterionFigure(met=4, not_met=2, results=400, lost=1_500_000), 250_000),
        ("A1", CriterionFigure(met=4, not_met=2, results=400, lost=500_000), 83_000),
    ]
    assert detail.strengths == ()


def test_the_trend_has_twelve_months_and_gaps_where_nothing_was_published(october, at):
    trend = read(at.an_giang).detail.trend
    assert (len(trend), trend[-1].month) == (12, OCTOBER)
    assert [point.range and point.range.mean for point in trend[-3:]] == [None, 750_000, 666_667]
    assert [point.group for point in trend[-2:]] == [750_000, 666_667]


def test_children_are_in_the_order_of_their_names_and_not_placed_below_nine_visits(october, at):
    detail = read(at.group).detail
    assert [(row.name, row.figure.visits, row.range.mean, row.pile) for row in detail.children] == [
        ("VNPT An Giang", 3, 666_667, None),
        ("VNPT Hà Nội", 3, 666_667, None),
    ]


def test_a_quarter_and_a_year_sum_their_months(october, at):
    assert read(at.an_giang, SpanKind.QUARTER).headlines[0].visits == 3
    year = read(at.an_giang, SpanKind.TWELVE).headlines[0]
    assert (year.visits, year.range.mean) == (6, 708_333)


def test_the_unit_at_the_top_is_held_against_nothing(october, at):
    card = read(at.group)
    assert (card.is_top, card.headlines[0].group) == (True, None)
    detail = card.detail
    assert {row.group for row in (*detail.trend, *detail.sections, *detail.themes)} == {None}
    assert not read(at.an_giang).is_top


def test_a_unit_whose_children_alone_changed_can_be_seen_as_it_was(october, at):
    """Nothing moved in or out: the sums are the same, the rows below are not."""
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.counter.unit, parent=at.an_giang, effective_on=date(2026, 11, 2), by=None, at=moment)
    then, today = read(at.an_giang, tree=Tree.THEN, scope=EVERYTHING), read(at.an_giang)
    assert then.is_regrouped
    assert then.headlines == today.headlines
    assert [row.name for row in then.detail.children] != [row.name for row in today.detail.children]
    assert not read(at.ha_noi).is_regrouped


def test_a_change_is_called_clear_from_nine_visits_on(at, people):
    for month, answers in ((SEPTEMBER, "nn"), (OCTOBER, "yy")):
        block(at.counter, people, month, *[answers] * (9 if month == OCTOBER else 8))
        block(at.far_counter, people, month, *[answers] * 9)
        published.closed(month)
    few, enough = read(at.counter.unit).headlines[0].change, read(at.far_counter.unit).headlines[0].change
    assert (few.difference, enough.difference) == (1_000_000, 1_000_000)
    assert few.low > 0
    assert (few.is_clear, enough.is_clear) == (False, True)
    assert [wording.change_label(each) for each in (few, enough)] == ["Chỉ tham khảo (ít lượt)", "Tăng rõ rệt"]


def test_a_unit_without_published_visits_has_no_detail(october, at):
    card = read(at.other_counter.unit)
    assert (card.headlines, card.detail) == ((), None)


def test_without_a_span_the_shortest_one_with_figures_is_shown(october, at, people):
    assert read(at.an_giang, None).span.kind is SpanKind.MONTH
    published.closed(date(2026, 11, 1))
    assert read(at.an_giang, None, date(2026, 11, 1)).span.kind is SpanKind.QUARTER
    assert read(at.other_counter.unit, None).span.kind is SpanKind.TWELVE


def test_one_more_visit_that_waits_changes_nothing_at_any_level(october, at, people):
    units = (at.counter.unit, at.long_xuyen, at.an_giang, at.group)
    before = [read(unit).headlines for unit in units]
    published.approved(at.counter, people.shopper, date(2026, 10, 29), "nn")
    assert [read(unit).headlines for unit in units] == before


def test_then_and_today_after_a_move(october, at):
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 11, 2), by=None, at=moment)
    then, today = read(at.ha_noi, tree=Tree.THEN, scope=EVERYTHING), read(at.ha_noi)
    assert (then.is_regrouped, today.is_regrouped, read(at.group).is_regrouped) == (True, True, False)
    assert not read(at.other_counter.unit).is_regrouped
    assert (then.headlines[0].visits, today.headlines[0].visits) == (3, 6)
    assert [row.name for row in today.detail.children] == ["Phòng bán hàng Đống Đa", "Phòng bán hàng Long Xuyên"]
    assert [row.name for row in then.detail.children] == ["Phòng bán hàng Đống Đa"]
    assert read(at.an_giang).detail is None
    assert read(at.an_giang, tree=Tree.THEN).headlines[0].visits == 3


def test_units_that_stand_elsewhere_today_are_shown_to_those_who_may_see_them(october, at):
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 11, 2), by=None, at=moment)
    everything, own, unsaid = (
        read(at.an_giang, tree=Tree.THEN, **given).detail
        for given in ({"scope": EVERYTHING}, {"scope": Scope(unit_ids=frozenset({at.an_giang.pk}))}, {})
    )
    assert ("Phòng bán hàng Long Xuyên" in [row.name for row in everything.children], everything.elsewhere) == (True, 0)
    for each in (own, unsaid):
        assert "Phòng bán hàng Long Xuyên" not in [row.name for row in each.children]
    assert own.elsewhere == 1
    assert own.headline.visits == 3


def test_children_bring_a_unit_what_they_brought_while_they_stood_there(at, people):
    """Moved in the middle of the year, an outlet counts here before and there after, and nowhere twice."""
    block(at.counter, people, SEPTEMBER, "ny", "ny", "ny")
    block(at.far_counter, people, SEPTEMBER, "yy", "yy", "nn")
    published.closed(SEPTEMBER)
    moment = published.moment(date(2026, 10, 3))
    organisation.move(unit=at.counter.unit, parent=at.dong_da, effective_on=date(2026, 10, 2), by=None, at=moment)
    block(at.counter, people, OCTOBER, "yy", "ny", "yn")
    block(at.other_counter, people, OCTOBER, "yy", "ny", "yn")
    published.closed(OCTOBER)
    for unit, parts in ((at.long_xuyen, (3, 3)), (at.dong_da, (3, 3))):
        detail = read(unit, SpanKind.TWELVE, tree=Tree.THEN, scope=EVERYTHING).detail
        assert tuple(row.figure.visits for row in detail.children) == parts
        assert detail.headline.visits == sum(parts)
        assert detail.headline.figure.total == sum(row.figure.total for row in detail.children)
    assert read(at.dong_da, SpanKind.TWELVE).headlines[0].visits == 9


def test_a_version_published_after_the_visits_changes_nothing_in_their_month(at, people):
    block(at.counter, people, OCTOBER, "yy", "ny", "yn")
    version = ChecklistVersion.objects.get()
    retired = {"state": ChecklistVersion.State.RETIRED, "retired_at": published.moment(date(2026, 11, 2))}
    ChecklistVersion.objects.filter(pk=version.pk).update(**retired)
    later = ChecklistVersion.objects.create(checklist=version.checklist, number=2, created_at=worlds.NOW)
    Section.objects.create(version=later, code="N", name_vi="Mục mới", position=0)
    ChecklistVersion.objects.filter(pk=later.pk).update(
        state=ChecklistVersion.State.PUBLISHED, published_at=published.moment(date(2026, 11, 2))
    )
    published.closed(OCTOBER)
    detail = read(at.counter.unit).detail
    assert detail.trend[-1].version == 1
    assert sum(row.lost for row in detail.sections) == detail.headline.lost


def test_before_and_after_a_reorganisation_the_sums_are_equal(october, at, people):
    units = [at.long_xuyen, at.dong_da]
    before = sum(read(unit, SpanKind.TWELVE).headlines[0].figure.total for unit in units)
    organisation.merge(
        predecessors=[at.long_xuyen],
        successor=at.dong_da,
        effective_on=date(2026, 11, 2),
        by=None,
        at=published.moment(date(2026, 11, 3)),
    )
    assert read(at.dong_da, SpanKind.TWELVE).headlines[0].figure.total == before


def test_the_number_of_queries_does_not_depend_on_the_size_of_the_unit(october, at, people, django_assert_num_queries):
    read(at.group)  # the outline is read once by each process
    for unit in (at.counter.unit, at.an_giang, at.ha_noi, at.group):
        with django_assert_num_queries(7 if unit != at.counter.unit else 6):
            read(unit)


def test_a_unit_is_held_against_the_rest_of_the_group_and_not_against_itself(october, at):
    (headline,) = read(at.an_giang).headlines
    assert (headline.rest.mean, headline.rest.change.difference) == (666_667, 0)
    assert read(at.group).headlines[0].rest is None


def test_what_a_figure_is_held_against_has_its_range_and_its_visits(october, at):
    card = read(at.an_giang)
    (headline,) = card.headlines
    month = card.detail.trend[-1].of_group
    for held, visits in ((headline.of_group, 6), (month, 6), (headline.rest, 3)):
        assert (held.mean, held.visits) == (666_667, visits)
        assert held.range.low < held.mean < held.range.high
    assert month == headline.of_group
    assert (
        headline.of_group.range.high - headline.of_group.range.low < headline.rest.range.high - headline.rest.range.low
    )


def test_a_section_has_its_range_from_the_usual_spread_of_the_checklist(at, people):
    """Three visits and six elsewhere; the only section holds all of the weight."""
    block(at.counter, people, OCTOBER, "yy", "ny", "yn")
    for outlet in (at.far_counter, plans.outlets_below(at.dong_da, 1)[0]):
        block(outlet, people, OCTOBER, "yy", "yy", "nn")
    published.closed(OCTOBER)
    PeriodChecklist.objects.update(variance=(30 * scoring.SCALE) ** 2, degrees=20)
    frozen = PeriodChecklist.objects.get()
    usual, own = frozen.spread, Sums.of([1_000_000, 750_000, 250_000])
    whole = Sums.of([1_000_000, 750_000, 250_000, *[1_000_000, 1_000_000, 0] * 2])
    (row,) = read(at.an_giang).detail.sections
    assert (row.visits, row.percent, row.group) == (3, 666_667, 666_667)
    assert row.range == usual_range(own, usual) == range_of(own, usual)
    assert row.of_group == Held(usual_range(whole, usual), 9)
    (top,) = read(at.group).detail.sections
    assert (top.range, top.of_group) == (row.of_group.range, None)


def test_the_less_weight_a_section_holds_the_wider_its_range():
    assert comparing.spread_of_part(Pooled(100, 8), Fraction(1, 4)) == Pooled(400, 8)
    assert comparing.spread_of_part(Pooled(100, 8), Fraction(0)) is None
    assert comparing.spread_of_part(None, Fraction(1)) is None


def test_without_a_usual_spread_the_range_of_a_section_rests_on_the_assumed_one(october, at):
    """1.95997 x 12.5 / sqrt(3) = 14.14489 each way."""
    (row,) = read(at.an_giang).detail.sections
    assert (row.range.low, row.range.high) == (525_218, 808_116)


def test_units_beside_one_are_told_together_from_three_on(at, people):
    outlets = [at.counter, at.other_counter, *plans.outlets_below(at.long_xuyen, 2)]
    for outlet, answers in zip(outlets, ("yy", "ny", "yn", "nn"), strict=True):
        block(outlet, people, OCTOBER, *[answers] * 3)
    published.closed(OCTOBER)
    (headline,) = read(at.counter.unit, above=at.long_xuyen).headlines
    assert (headline.beside.mean, headline.beside.change.difference) == (333_333, 666_667)
    assert read(at.counter.unit).headlines[0].beside is None
    assert read(at.long_xuyen, above=at.an_giang).headlines[0].beside is None


def test_of_two_units_beside_one_nothing_is_told(october, at, people):
    block(at.other_counter, people, date(2026, 11, 1), "yy", "ny", "yn")
    published.closed(date(2026, 11, 1))
    assert read(at.counter.unit, SpanKind.QUARTER, date(2026, 11, 1), above=at.long_xuyen).headlines[0].beside is None


@pytest.mark.parametrize("months", [12, 24, 36])
def test_a_trend_is_as_long_as_asked_for(october, at, months):
    trend = read(at.an_giang, trend=months).detail.trend
    assert (len(trend), trend[-1].month, trend[-2].figure.visits) == (months, OCTOBER, 3)


def test_how_well_outlets_are_told_apart_is_kept_with_the_month(october, at):
    """Four visits would give 0.80 where outlets differ as much as their visits do; three give 0.75."""
    rows = PeriodChecklist.objects.filter(period__month=OCTOBER)
    detail = read(at.counter.unit).detail
    assert (detail.parts, detail.reliability, detail.visits_needed) == (None, None, None)
    for between, expected in ((0, (0, None)), (10**10, (75, 4))):
        rows.update(variance=10**10, degrees=20, between=between)
        kept_figures.forget()
        detail = read(at.counter.unit).detail
        assert detail.parts.between == between
        assert (detail.reliability, detail.visits_needed) == expected


def test_a_section_of_few_visits_is_for_reference():
    assert facts.PartRow("A", "A", 8, None, None, 0).is_for_reference
    assert not facts.PartRow("A", "A", 9, None, None, 0).is_for_reference


def test_praise_rests_on_nine_visits_where_the_unit_has_them(october, at):
    detail = read(at.group).detail
    (row, *_) = detail.criteria
    seldom = replace(row, figure=CriterionFigure(met=3, results=300), code="few", lost=0)
    often = replace(row, figure=CriterionFigure(met=9, results=900), code="often", lost=0)
    many = replace(detail.headline, figure=replace(detail.headline.figure, visits=30))
    assert replace(detail, headline=many, criteria=(seldom, often)).strengths == (often,)
    few = replace(detail.headline, figure=replace(detail.headline.figure, visits=3))
    assert replace(detail, headline=few, criteria=(seldom, often)).strengths == (seldom, often)


def test_what_stands_open_among_the_losses_is_no_strength(october, at):
    detail = read(at.group).detail
    (row, *_) = detail.criteria
    often = CriterionFigure(met=9, not_met=1, results=1000)
    rows = tuple(replace(row, code=f"C{number}", figure=often, lost=10 * number) for number in range(9))
    many = replace(detail.headline, figure=replace(detail.headline.figure, visits=30))
    found = replace(detail, headline=many, criteria=rows)
    assert [each.code for each in found.to_improve[: facts.LISTED]] == ["C8", "C7", "C6", "C5", "C4", "C3"]
    assert {each.code for each in found.strengths} == {"C0", "C1", "C2"}


def test_losses_add_up_one_by_one_to_all_of_them(october, at):
    losses = read(at.group).detail.losses
    assert [(loss.row.short_code, loss.together) for loss in losses] == [("A2", 75), ("A1", 100)]


def test_a_month_says_when_it_was_published(october, at):
    nothing, earlier, latest = [point.published_on for point in read(at.an_giang).detail.trend[-3:]]
    assert (nothing, earlier.month, latest.month) == (None, 10, 11)


def test_a_corrected_month_is_marked_with_its_day_wherever_it_counts(client, october, at, people):
    client.force_login(people.office)

    def page(unit):
        return client.get(reverse("audits:scorecard_detail", args=[unit.public_id]))

    assert "đã đính chính" not in pages.words(page(at.an_giang))
    visit = Visit.objects.filter(outlet=at.counter, published__block__period__month=OCTOBER).earliest("pk")
    values = {"A1": results.CorrectedValue("no"), "A2": results.CorrectedValue("no")}
    results.correct(visit=visit, values=values, reason="Xem lại", by=people.office, at=worlds.NOW)
    day = f"{timezone.localdate(worlds.NOW):%d/%m/%Y}"
    for unit in (at.counter.unit, at.an_giang, at.group):
        shown = page(unit)
        assert "đã đính chính" in pages.words(shown) and day in pages.words(shown)
        assert shown.content.decode().count('class="corrected"') == 3  # two charts and their legend
    assert "đã đính chính" not in pages.words(page(at.ha_noi))
