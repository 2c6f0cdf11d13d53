"""Units held against each other: places, shades, the map, and the page that shows them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from audits import scoring
from audits.results import charts, comparison, facts, scorecard
from audits.results.months import SpanKind
from audits.results.statistics import Pile, Range
from outlets.listing import Column, listing_of
from outlets.organisation import provinces
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
STATIC = Path(__file__).resolve().parents[3] / "static/css"
EIGHTY = Range(800_000, 750_000, 850_000)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


def visited(outlet, people, answers, times=3):
    for number in range(times):
        shopper = people.shopper2 if number == times - 1 else people.shopper
        published.approved(outlet, shopper, OCTOBER + timedelta(days=2 + number), answers[number % len(answers)])


@kept
def october(at, people):
    """Long Xuyên's two counters: nine visits that met everything, nine that met nothing; a third with three."""
    third = plans.outlets_below(at.long_xuyen, 1)[0]
    visited(at.counter, people, ["yy"], 9)
    visited(at.other_counter, people, ["nn"], 9)
    visited(third, people, ["yy", "nn"], 3)
    visited(at.far_counter, people, ["ny"], 9)
    published.closed(OCTOBER)
    return third


def read(unit):
    return scorecard.read(unit, OCTOBER, kind=SpanKind.MONTH, top=unit)


def test_places_are_what_ranges_allow_among_those_with_nine_visits(october, at):
    card = read(at.long_xuyen)
    found = comparison.rows(card.detail, card.span, {at.counter.pk: 1, at.other_counter.pk: 1, october.pk: 2})
    by_name = {row.name: row for row in found}
    best, worst, few = by_name["ĐGD Long Xuyên"], by_name["ĐGD Chợ Mới"], by_name[october.unit.name]
    assert [(row.best, row.worst, row.placed) for row in (best, worst, few)] == [(1, 1, 2), (2, 2, 2), (None, None, 2)]
    assert [row.coverage for row in (best, few)] == [100, 50]


def test_units_whose_ranges_overlap_share_their_places(at, people):
    for outlet in (at.counter, at.other_counter):
        visited(outlet, people, ["yy", "ny", "yn"], 9)
    published.closed(OCTOBER)
    card = read(at.long_xuyen)
    assert {(row.best, row.worst) for row in comparison.rows(card.detail, card.span, {})} == {(1, 2)}


def test_units_without_outlets_of_the_channel_are_left_out(october, at):
    card = read(at.an_giang)
    assert [row.name for row in comparison.rows(card.detail, card.span, {})] == ["Phòng bán hàng Long Xuyên"]


def test_open_outlets_of_a_channel_are_counted_below_each_unit(october, at):
    assert comparison.outlets_below([at.an_giang, at.ha_noi], "counter") == {at.an_giang.pk: 3, at.ha_noi.pk: 1}


@pytest.mark.parametrize(
    ("points", "level"), [(-11, 1), (-10, 2), (-4, 2), (-3, 3), (2, 3), (3, 4), (9, 4), (10, 5), (None, 0)]
)
def test_a_cell_is_shaded_by_its_distance_from_the_mean_above(points, level):
    part = facts.PartRow("A", "A", 10, EIGHTY, None, 0)
    figure = None if points is None else comparison.Figure(visits=1, total=800_000 + 10_000 * points)
    assert comparison._cell(figure, part).level == level


def test_a_cell_of_few_visits_is_hatched_however_far_off_it_lies():
    part = facts.PartRow("A", "A", 10, EIGHTY, None, 0)
    few, enough = (
        comparison._cell(comparison.Figure(visits=visits, total=600_000 * visits), part) for visits in (8, 9)
    )
    assert [(each.visits, each.look) for each in (few, enough)] == [(8, "is-few"), (9, "heat-1")]


def test_there_is_a_map_from_three_provinces_on(october, at, people):
    assert comparison.province_map(read(at.group).detail.children, scoring.DEFAULT_BANDS) is None
    hue = worlds.unit("HUE", "VNPT Huế", "province", at.group)
    worlds.outlet("HUE-01", "ĐGD Huế", hue, province=worlds.province("46", "Huế"))
    drawn = comparison.province_map(read(at.group).detail.children, scoring.DEFAULT_BANDS)
    tiles = {tile.code: tile for tile in drawn.tiles}
    assert len(tiles) == 34
    assert [(tiles[code].percent, tiles[code].visits, tiles[code].is_for_reference) for code in ("91", "01", "46")] == [
        (523_810, 21, False),
        (750_000, 9, False),
        (None, 0, True),
    ]
    assert (tiles["91"].level, tiles["01"].level, tiles["46"].level, tiles["79"].children) == (2, 3, 0, ())
    assert [name for name, _, _ in drawn.islands] == [("Hoàng", "Sa"), ("Trường", "Sa")]


def test_the_map_has_a_shade_for_each_grade_and_its_legend_says_the_bounds(october, at):
    bands = scoring.Bands(to_improve=Decimal("52.5"))
    drawn = comparison.ProvinceMap((), (), bands, 1, 1)
    with translation.override("en"):
        assert drawn.legend == [
            ("level-5", "Excellent", Decimal(90), Decimal(100)),
            ("level-4", "Good", Decimal(80), Decimal(90)),
            ("level-3", "Fair", Decimal(65), Decimal(80)),
            ("level-2", "To improve", Decimal("52.5"), Decimal(65)),
            ("level-1", "Needs support", None, Decimal("52.5")),
        ]


def test_a_province_without_figures_looks_unlike_every_grade_and_the_map_says_so(october, at, people):
    hue = worlds.unit("HUE", "VNPT Huế", "province", at.group)
    worlds.outlet("HUE-01", "ĐGD Huế", hue, province=worlds.province("46", "Huế"))
    drawn = comparison.province_map(read(at.group).detail.children, scoring.DEFAULT_BANDS)
    (tile,) = (tile for tile in drawn.tiles if tile.code == "46")
    assert tile.look not in {look for look, *_ in drawn.legend}
    with translation.override("vi"):
        shown = render_to_string("audits/results/_province_map.html", {"map": drawn, "query": "", "label": "x"})
    assert "chưa có số liệu" in shown.partition("</svg>\n<ul")[2]
    css = (STATIC / "comparison.css").read_text()
    assert "stroke-dasharray" in css.partition(".level-0 {")[2].partition("}")[0]


def test_every_province_of_the_list_in_force_has_its_square(db):
    provinces.install()
    codes = set(provinces.in_force_on(worlds.TODAY).values_list("code", flat=True))
    assert {tile["code"] for tile in comparison._drawn()["tiles"]} == codes
    squares = [(tile["col"], tile["row"]) for tile in comparison._drawn()["tiles"]]
    assert len(set(squares)) == 34


class TestFunnelChart:
    POINTS = [(9, 700_000, "is-help", "a"), (36, 820_000, "", "b"), (100, 800_000, "", "c")]

    def chart(self):
        def limits(visits):
            return 800_000 - 900_000 // visits, 800_000 + 900_000 // visits

        return charts.funnel(self.POINTS, 800_000, limits, charts.WIDE)

    def test_more_visits_lie_further_right_and_better_scores_higher_up(self):
        dots = self.chart().dots
        assert [dot.of for dot in dots] == ["a", "b", "c"]
        assert float(dots[0].x) < float(dots[1].x) < float(dots[2].x) == charts.WIDE.width - 24
        assert float(dots[1].y) < float(dots[2].y) < float(dots[0].y)

    def test_the_mean_lies_on_the_centre_line_and_the_area_closes(self):
        chart = self.chart()
        assert chart.dots[2].y == chart.centre
        assert chart.inside.startswith("M") and chart.inside.endswith("Z")

    def test_counts_are_named_up_to_the_most(self):
        assert [each.text for each in self.chart().counts] == ["9", "30", "100"]


def page(client, user, unit, **query):
    client.force_login(user)
    return client.get(reverse("audits:scorecard_units", args=[unit.public_id], query=query))


def test_the_page_places_units_and_draws_them(client, october, at, people):
    shown = page(client, people.manager, at.long_xuyen)
    text = pages.words(shown)
    for words in ("ĐGD Long Xuyên", "Chỉ tham khảo", "1/2", "2/2", "Vị trí có thể", "Mặt tiền"):
        assert words in text
    piles = {row.name: row.child.pile for row in shown.context["listing"].page}
    assert piles == {"ĐGD Long Xuyên": Pile.WITHIN, "ĐGD Chợ Mới": Pile.WITHIN, october.unit.name: None}


def test_sorting_paging_and_narrowing_land_at_the_table(client, october, at, people):
    shown = page(client, people.manager, at.long_xuyen, q="long", sort="visits").content.decode()
    assert '<form class="listing-tools" method="get" action="#units"' in shown
    for link in ("sort=score#units", "sort=-visits#units"):
        assert link in shown
    assert re.search(r'href="[^"]*#units">Xem tất cả', shown)
    other = client.get(reverse("audits:scorecard_list"), {"q": "long"}).content.decode()
    assert 'method="get" role="search"' in other
    assert "#units" not in other


def test_units_are_sorted_and_searched_within_the_span_that_was_asked_for(client, october, at, people):
    shown = page(client, people.manager, at.long_xuyen, sort="score", span="12-months")
    assert next(row.name for row in shown.context["listing"].page) == "ĐGD Chợ Mới"
    assert '<input type="hidden" name="span" value="12-months">' in shown.content.decode()
    assert [row.name for row in page(client, people.manager, at.long_xuyen, q="cho moi").context["listing"].page] == [
        "ĐGD Chợ Mới"
    ]
    assert "Không có đơn vị nào khớp" in pages.words(page(client, people.manager, at.long_xuyen, q="xyz"))


def test_a_unit_with_nothing_below_leads_to_its_scorecard(client, october, at, people):
    answer = page(client, people.manager, at.counter.unit)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("audits:scorecard_detail", args=[at.counter.unit.public_id]))


def test_the_page_has_the_same_queries_with_one_unit_and_with_three(
    client, october, at, people, django_assert_num_queries
):
    for unit in (at.dong_da, at.long_xuyen):
        page(client, people.office, unit)
        with django_assert_num_queries(16):
            client.get(reverse("audits:scorecard_units", args=[unit.public_id]))


def test_few_visits_are_put_in_no_order(rf, people):
    """Sorted by anything but their names, they come last and by their names."""
    rows = [
        SimpleNamespace(name=name, code=name, position=number, score=score, is_few=is_few)
        for number, (name, score, is_few) in enumerate(
            [("A", 60, True), ("B", 90, False), ("C", 95, True), ("D", 70, False)]
        )
    ]

    def order(sort):
        columns = [Column("name", "Name", ("position",)), Column("score", "Score", ("score",))]
        found = listing_of(rf.get("/", {"sort": sort}), rows, columns=columns, default="name", apart="is_few")
        return "".join(row.name for row in found.page)

    assert {sort: order(sort) for sort in ("name", "-name", "score", "-score")} == {
        "name": "ABCD",
        "-name": "DCBA",
        "score": "DBAC",
        "-score": "BDAC",
    }


def test_where_nobody_has_nine_visits_twelve_months_are_offered(client, at, people):
    visited(at.counter, people, ["yy", "ny"])
    published.closed(OCTOBER)
    month, year = ({"span": span, "level": "outlets"} for span in ("month", "12-months"))
    link = 'href="?span=12-months&amp;month=2026-10&amp;checklist=TQ&amp;level=outlets">Xem 12 tháng</a>'
    assert link in page(client, people.manager, at.an_giang, **month).content.decode()
    assert "Xem 12 tháng" not in page(client, people.manager, at.an_giang, **year).content.decode()
