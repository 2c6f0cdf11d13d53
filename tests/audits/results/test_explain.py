"""Every step of an explained figure adds up to the last decimal."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt

import pytest
from django.urls import reverse
from django.utils import formats, translation

from audits.checklists.models import ChecklistVersion
from audits.models import PeriodChecklist
from audits.results import kept, scorecard
from audits.results.explain import explained
from audits.results.months import SpanKind
from audits.results.reading import Tree
from audits.scoring import WHOLE
from outlets.models import Unit
from outlets.organisation import actions as organisation
from outlets.people.permissions import Scope
from tests import pages, published, worlds
from tests.audits.results.scorecards import block
from tests.kept import kept as kept_world

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@kept_world
def at():
    return worlds.places()


@kept_world
def people(at):
    return worlds.people(at)


@kept_world
def two_months(at, people):
    for month, answers in ((SEPTEMBER, ("ny", "yn", "yy")), (OCTOBER, ("yy", "n-", "yn", "-y", "nn"))):
        for outlet in (at.counter, at.far_counter):
            for number, each in enumerate(answers):
                shopper = people.shopper2 if number % 2 else people.shopper
                published.approved(outlet, shopper, month + timedelta(days=3 + number), each)
        published.closed(month)


def read(unit, tree=Tree.TODAY):
    card = scorecard.read(
        unit,
        OCTOBER,
        kind=SpanKind.TWELVE,
        top=Unit.objects.get(code="VNPT"),
        tree=tree,
        scope=Scope(unit_ids=frozenset({unit.pk})),
    )
    return card, card.detail


@pytest.mark.parametrize("tree", list(Tree))
def test_months_units_and_losses_add_up_for_every_unit_under_both_trees(two_months, at, tree):
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 11, 2), by=None, at=moment)
    seen = 0
    for unit in Unit.objects.all():
        card, detail = read(unit, tree)
        if detail is None:
            continue
        seen += 1
        found = explained(card, detail)
        assert sum(step.visits for step in found.months) == found.visits
        assert sum(step.total for step in found.months) == found.total
        if found.units:
            assert (sum(step.visits for step in found.units), sum(step.total for step in found.units)) == (
                found.visits,
                found.total,
            )
        assert sum(step.lost for step in found.losses) == found.lost == WHOLE * found.visits - found.total
        assert sum(step.share for step in found.losses) == found.missing
        assert [step.is_given for step in found.grades].count(True) == 1
    assert seen >= 5


def test_the_steps_of_one_month_by_hand(two_months, at):
    """October: 100, 0, 25, 100, 0 in percent; the mean is 45."""
    card = scorecard.read(at.counter.unit, OCTOBER, kind=SpanKind.MONTH, top=at.group)
    found = explained(card, card.detail)
    assert (found.visits, found.total, found.mean, found.missing) == (5, 2_250_000, 450_000, 550_000)
    assert not found.range.is_own


def page(client, user, unit):
    client.force_login(user)
    return client.get(reverse("audits:scorecard_explain", args=[unit.public_id], query={"span": "month"}))


def test_the_page_divides_in_front_of_the_reader_and_names_no_visit(client, two_months, at, people):
    text = pages.words(page(client, people.manager, at.counter.unit))
    assert "225,0000 ÷ 5 = 45,0000" in text
    assert "Từng lượt" not in text
    assert not re.search(r"\d\d/10/2026", text)


def test_each_weight_of_the_span_stands_with_its_criterion(client, two_months, at, people):
    """A2 weighs 3, and 1 from the next version on; both stand where the span has months of both."""
    published.next_version(ChecklistVersion.objects.get(), {"A2": 1})
    november = date(2026, 11, 1)
    for number in range(3):
        shopper = people.shopper2 if number % 2 else people.shopper
        published.approved(at.counter, shopper, november + timedelta(days=3 + number), "yn")
    published.closed(november)

    def weights(span):
        card = scorecard.read(at.counter.unit, november, kind=span, top=at.group)
        found = explained(card, card.detail)
        return [step.row.weights for step in found.losses], found.weights

    assert weights(SpanKind.MONTH) == ([(1,), (1,)], (2,))
    assert weights(SpanKind.TWELVE) == ([(1,), (3, 1), ()], (4, 2))  # last what is folded
    client.force_login(people.manager)
    address = reverse("audits:scorecard_explain", args=[at.counter.unit.public_id], query={"span": "12-months"})
    text = pages.words(client.get(address))
    assert "3 / 1" in text
    assert "bản trước đứng trước" in text
    assert "bản trước đứng trước" not in pages.words(page(client, people.manager, at.counter.unit))
    assert "Trọng số" in text


def test_the_percentages_add_up_to_a_sum_that_is_no_percentage(client, two_months, at, people):
    assert "Tổng điểm của 5 lượt đã công bố là 225,0000." in pages.words(page(client, people.manager, at.counter.unit))


def test_it_says_why_a_criterion_is_told_of_fewer_visits(client, two_months, at, people):
    """In October each did not apply once, so A1 is folded to tell neither visit; in September both always applied."""
    client.force_login(people.manager)
    address = reverse("audits:scorecard_explain", args=[at.counter.unit.public_id])
    october = client.get(address, {"month": "2026-10", "span": "month"})
    september = client.get(address, {"month": "2026-09", "span": "month"})
    assert [step.row.code for step in october.context["found"].losses] == ["A2", ""]
    assert "chưa đủ 5 lượt" in pages.words(october)
    assert not september.context["found"].has_gaps
    assert "ít hơn 3 lượt" not in pages.words(september)


def test_the_office_is_led_down_to_the_visits_of_an_outlet(client, two_months, at, people):
    shown = page(client, people.office, at.counter.unit)
    assert [each.percent for each in shown.context["visits"]] == [1_000_000, 0, 250_000, 1_000_000, 0]
    assert reverse("audits:revision_list", args=[shown.context["visits"][0].visit.public_id]) in shown.content.decode()
    assert page(client, people.office, at.long_xuyen).context["visits"] is None


def test_without_figures_it_leads_back_to_the_scorecard(client, two_months, at, people):
    answer = page(client, people.manager, at.other_counter.unit)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("audits:scorecard_detail", args=[at.other_counter.unit.public_id]))


def test_every_headline_leads_to_its_explanation(client, two_months, at, people):
    client.force_login(people.manager)
    shown = client.get(reverse("audits:scorecard_detail", args=[at.an_giang.public_id])).content.decode()
    assert reverse("audits:scorecard_explain", args=[at.an_giang.public_id]) in shown


def test_the_page_takes_at_most_fifteen_queries(client, two_months, at, people, django_assert_max_num_queries):
    for unit in (at.group, at.counter.unit):
        page(client, people.office, unit)
        with django_assert_max_num_queries(15):
            client.get(reverse("audits:scorecard_explain", args=[unit.public_id], query={"span": "month"}))


def test_the_range_is_made_in_front_of_the_reader(client, at, people):
    """Nine visits of October in three blocks, whose means lie apart; 100, 75, 25 at each of two, 100, 0, 0 at one."""
    for outlet, answers in ((at.counter, "yy ny yn"), (at.other_counter, "yy ny yn"), (at.far_counter, "yy nn nn")):
        block(outlet, people, OCTOBER, *answers.split())
    published.closed(OCTOBER)
    card = scorecard.read(at.group, OCTOBER, kind=SpanKind.MONTH, top=at.group)
    sure = explained(card, card.detail).range
    shown = card.shown.range
    assert (sure.blocks, sure.is_own, sure.is_cut) == (3, True, False)
    assert sure.half - 2 <= sure.t * sure.deviation / 3 <= sure.half + 1
    assert abs(shown.mean - sure.half - shown.low) <= 1 and abs(shown.mean + sure.half - shown.high) <= 1
    usual = card.detail.spread
    between = sum(
        3 * (mean - Fraction(5_000_000, 9)) ** 2 for mean in (Fraction(2_000_000, 3),) * 2 + (Fraction(1_000_000, 3),)
    )
    assert sure.deviation == round(sqrt((between + 6 * usual.variance) / 8))
    text = pages.words(page(client, people.office, at.group))
    with translation.override("vi"):
        half, low = (formats.number_format(Decimal(each) / 10_000, 4) for each in (sure.half, shown.low))
    assert f"± {half} cho khoảng 95%, từ {low}" in text
    assert "Các lượt thuộc 3 cụm" in text
    assert "nên tạm lấy độ lệch chuẩn 12,5000 điểm" in text
    PeriodChecklist.objects.update(variance=10**10, degrees=20)
    kept.forget()
    text = pages.words(page(client, people.manager, at.an_giang))
    assert "tạm lấy" not in text


def test_the_grade_is_told_with_both_its_bounds(client, two_months, at, people):
    """45 of five visits; the best grade has no upper bound."""
    text = pages.words(page(client, people.manager, at.counter.unit))
    assert "45,0 thuộc mức “Cần hỗ trợ”: từ 0 đến dưới 50. Chỉ tham khảo: dưới chín lượt." in text
    card = scorecard.read(at.counter.unit, OCTOBER, kind=SpanKind.MONTH, top=at.group)
    assert [step.below for step in explained(card, card.detail).grades] == [None, 90, 80, 65, 50]
