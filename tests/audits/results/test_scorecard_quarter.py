"""Whether the quarter is better than the one before, and what rounding leaves of it."""

import copy
from dataclasses import replace
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from audits.results import comparing, facts, scorecard, statistics, wording
from audits.results.months import SpanKind, span
from tests import pages, published, worlds
from tests.audits.results.scorecards import OCTOBER, SEPTEMBER, block, read, two_months
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    two_months(at, people)


def test_the_quarter_under_way_is_held_against_all_of_the_one_before(october, at):
    (headline,) = read(at.an_giang).headlines
    found = headline.quarter
    assert (found.span, found.before) == (span(SpanKind.QUARTER, OCTOBER), span(SpanKind.QUARTER, date(2026, 9, 1)))
    assert (found.visits, found.range, found.visits_before, found.range_before.mean) == (3, headline.range, 3, 750_000)
    assert found.change == headline.change
    answer = read(at.an_giang).quarter
    assert (answer.span, answer.before, answer.better, answer.worse) == (found.span, found.before, (), ())
    assert [each.quarter for each in answer.told] == [found]


def test_without_a_quarter_before_there_is_nothing_to_hold_against(october, at):
    september = scorecard.read(at.an_giang, date(2026, 9, 1), top=at.group, kind=SpanKind.MONTH)
    assert (len(september.headlines), september.quarter.told) == (1, ())
    with translation.override("en"):
        assert wording.quarter_answer(september.quarter) == (
            "Quarter 3 of 2026 cannot be held against quarter 2 of 2026 yet: nothing is published of one of them."
        )


@pytest.mark.parametrize(
    ("language", "kind", "said"),
    [
        ("en", SpanKind.MONTH, "October 2026"),
        ("en", SpanKind.TWELVE, "12 months to October 2026"),
        ("en", SpanKind.QUARTER, "Quarter 4 of 2026, to October 2026"),
        ("vi", SpanKind.MONTH, "Tháng 10/2026"),
        ("vi", SpanKind.TWELVE, "12 tháng đến tháng 10/2026"),
        ("vi", SpanKind.QUARTER, "Quý 4/2026, đến tháng 10/2026"),
    ],
)
def test_a_month_is_named_as_its_language_does(language, kind, said):
    with translation.override(language):
        assert wording.span_label(span(kind, OCTOBER)) == said


def quarter_of(headline, code, difference, *, is_clear, visits=30):
    """The same headline of another channel whose quarter changed so much, from 80."""
    mean = 800_000 + difference
    return replace(
        headline,
        checklist=replace_name(headline.checklist, code),
        quarter=replace(
            headline.quarter,
            visits=visits,
            range=replace(headline.quarter.range, mean=mean),
            range_before=replace(headline.quarter.range_before, mean=800_000),
            change=statistics.Change(
                difference, difference - 1 if is_clear else -1, difference + 1 if is_clear else 99_000, is_clear
            ),
        ),
    )


@pytest.mark.parametrize(("high", "is_said"), [(-17_000, True), (17_000, False)])
def test_a_range_of_few_visits_that_leaves_out_nought_is_for_reference_only(october, at, high, is_said):
    card = read(at.an_giang)
    change = statistics.Change(-110_000, -204_000, high, is_clear=False)
    headline = replace(card.shown, quarter=replace(card.shown.quarter, change=change))
    told = replace(card, headlines=(headline,), shown=headline)
    with translation.override("vi"):
        shown = render_to_string("audits/results/_quarter.html", {"card": told, "unit": at.an_giang, "number": 1})
    assert ("Chỉ tham khảo: một trong hai quý dưới 9 lượt" in shown) == is_said


def replace_name(checklist, name):
    other = copy.copy(checklist)
    other.name_vi = other.name_en = name
    return other


def test_one_sentence_says_whether_the_quarter_is_better(october, at):
    (headline,) = read(at.an_giang).headlines
    up, down = (quarter_of(headline, name, by, is_clear=True) for name, by in (("A", 21_000), ("B", -30_000)))
    same = quarter_of(headline, "C", 90_000, is_clear=False, visits=90)

    def said(*headlines):
        answer = facts.quarter_answer(headlines, headlines[0], headline.quarter.span)
        return wording.quarter_answer(answer), [each.checklist.name for each in answer.told]

    with translation.override("vi"):
        assert said(up) == ("Quý 4/2026 tốt hơn quý 3/2026: 82,1 so với 80,0, thay đổi rõ rệt.", ["A"])
        others = "(thay đổi rõ rệt); các kênh khác chưa đủ để kết luận."
        assert said(same, up) == (f"Quý 4/2026 so với quý 3/2026: tốt hơn ở A 82,1 so với 80,0 {others}", ["A"])
        assert said(same, down) == (f"Quý 4/2026 so với quý 3/2026: thấp hơn ở B 77,0 so với 80,0 {others}", ["B"])
        both = "Quý 4/2026 tốt hơn quý 3/2026: A 82,1 so với 80,0; A 82,1 so với 80,0, thay đổi rõ rệt."
        assert said(up, up) == (both, ["A", "A"])
        new = replace(same, quarter=None)  # it compares with nothing, so it takes nothing from the others
        assert said(up, new) == ("Quý 4/2026 tốt hơn quý 3/2026: A 82,1 so với 80,0, thay đổi rõ rệt.", ["A"])
        assert said(down) == ("Quý 4/2026 thấp hơn quý 3/2026: 77,0 so với 80,0, thay đổi rõ rệt.", ["B"])
        assert said(same) == ("Chưa đủ để kết luận quý 4/2026 cao hơn hay thấp hơn quý 3/2026.", ["C"])
        few = replace(down, quarter=replace(down.quarter, change=replace(down.quarter.change, is_clear=False)))
        assert said(few) == ("Quá ít lượt để kết luận quý 4/2026 cao hơn hay thấp hơn quý 3/2026.", ["B"])
        mixed = "Quý 4/2026 so với quý 3/2026: tốt hơn ở A 82,1 so với 80,0; thấp hơn ở B 77,0 so với 80,0."
        assert said(down, up) == (f"{mixed} Thay đổi rõ rệt.", ["B", "A"])
        rest = "Các thay đổi này rõ rệt; các kênh khác chưa đủ để kết luận."
        assert said(same, down, up) == (f"{mixed} {rest}", ["B", "A"])


def test_the_quarter_went_the_way_of_all_that_clearly_changed(october, at):
    (headline,) = read(at.an_giang).headlines
    up, down = (quarter_of(headline, "A", by, is_clear=True) for by in (21_000, -30_000))
    same = quarter_of(headline, "C", 90_000, is_clear=False)
    ways = {"up": [(up,), (up, same)], "down": [(down,), (same, down)], "same": [(same,), (up, down)]}
    for way, cases in ways.items():
        for some in cases:
            assert facts.quarter_answer(some, some[0], headline.quarter.span).direction == way


@pytest.mark.parametrize("compares", [True, False])
def test_a_quarter_under_way_is_told_where_it_is_held_against_another(october, at, compares):
    card = read(at.an_giang)
    headline = card.shown if compares else replace(card.shown, quarter=None)
    told = replace(card, headlines=(headline,), shown=headline)
    with translation.override("en"):
        shown = render_to_string("audits/results/_quarter.html", {"card": told, "unit": at.an_giang, "number": 1})
    assert ("Quarter 4 of 2026 is under way: 1 of its 3 months is in it (October 2026).</p>" in shown) == compares
    assert "is under way" not in shown or compares


def test_home_and_card_say_whether_the_quarter_is_better(client, october, at, people):
    client.force_login(people.manager)
    address = reverse("audits:scorecard_detail", args=[at.an_giang.public_id])
    for shown in (client.get(address), client.get(reverse("home"))):
        words = pages.words(shown)
        for expected in (
            "Có tốt hơn quý trước không?",
            "Chưa đủ để kết luận quý 4/2026 cao hơn hay thấp hơn quý 3/2026.",
            "mới có số liệu 1 trong 3 tháng (tháng 10/2026)",
            "; 3 lượt)",
        ):
            assert expected in words
        page = shown.content.decode()
        assert page.index('class="panel answer"') < page.index('class="channels')
        assert "?span=quarter&amp;month=2026-10&amp;checklist=TQ" in page
    whole = client.get(address, {"span": "quarter"})
    assert "Có tốt hơn quý trước không?" in pages.words(whole)
    assert "So với quý trước, đầy đủ" not in pages.words(whole)


ROUNDED = "Các số được làm tròn riêng nên tổng hoặc chênh lệch có thể lệch 0,1."


def test_where_printed_differences_do_not_add_up_the_page_says_so_once(client, at, people):
    """66,7 less 33,3 is 33,3: of 66,6667, 33,3333 and 33,3333."""
    block(at.counter, people, SEPTEMBER, "yy", "nn", "nn")
    published.closed(SEPTEMBER)
    block(at.counter, people, OCTOBER, "yy", "yy", "nn")
    published.closed(OCTOBER)
    client.force_login(people.manager)
    address = reverse("audits:scorecard_detail", args=[at.an_giang.public_id])
    for shown in (reverse("home"), address, f"{address}?span=quarter"):
        words = pages.words(client.get(shown))
        assert words.count(ROUNDED) == 1, shown
    assert read(at.an_giang).rounded_in == "quarter"
    assert replace(read(at.an_giang), headlines=()).rounded_in == "trend"


def test_where_they_do_nothing_is_said_of_rounding(client, october, at, people):
    client.force_login(people.manager)
    for shown in (reverse("home"), reverse("audits:scorecard_detail", args=[at.an_giang.public_id])):
        assert ROUNDED not in pages.words(client.get(shown))


@pytest.mark.parametrize(
    ("before", "after", "difference", "adds_up"),
    [
        (750_000, 666_667, -83_333, True),
        (666_500, 750_400, 83_900, False),
        (750_400, 666_500, -83_900, False),
        (333_333, 333_333, 0, True),
    ],
)
def test_a_difference_adds_up_as_printed_or_not(before, after, difference, adds_up):
    assert comparing.adds_up(before, after, difference) is adds_up
