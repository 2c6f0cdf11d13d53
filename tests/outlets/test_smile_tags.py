"""The filters and tags of every template, as their texts are read."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from outlets.templatetags import smile

pytestmark = pytest.mark.once

TODAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def vietnamese():
    with translation.override("vi"):
        yield


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (date(2026, 11, 12), "Thứ Năm, 12/11/2026"),
        (date(2026, 11, 15), "Chủ Nhật, 15/11/2026"),
        (datetime(2026, 11, 12, 16, 59, tzinfo=UTC), "Thứ Năm, 12/11/2026"),  # 23:59 in Vietnam
        (datetime(2026, 11, 12, 17, 0, tzinfo=UTC), "Thứ Sáu, 13/11/2026"),  # 00:00 in Vietnam
    ],
)
def test_a_day_is_named_with_its_weekday(moment, shown):
    assert smile.long_day(moment) == shown


def test_a_day_is_named_in_english():
    with translation.override("en"):
        assert smile.long_day(TODAY) == "Thursday, 12/11/2026"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (date(2026, 11, 1), "11 ngày trước"),
        (date(2026, 11, 10), "2 ngày trước"),
        (date(2026, 11, 11), "hôm qua"),
        (date(2026, 11, 12), "hôm nay"),
        (datetime(2026, 11, 12, 16, 59, tzinfo=UTC), "hôm nay"),
        (datetime(2026, 11, 12, 17, 0, tzinfo=UTC), "ngày mai"),
        (date(2026, 11, 14), "sau 2 ngày"),
    ],
)
def test_a_day_is_told_from_today(moment, words):
    assert smile.relative_day(moment, TODAY) == words


@pytest.mark.parametrize(
    ("percent", "shown"), [(None, ""), (0, "0,0"), (875_000, "87,5"), (874_500, "87,5"), (874_499, "87,4")]
)
def test_a_score_has_one_decimal_half_up(percent, shown):
    assert smile.score(percent) == shown


@pytest.mark.parametrize(("percent", "shown"), [(None, ""), (875_000, "87,5000"), (1, "0,0001")])
def test_an_exact_score_has_four_decimals(percent, shown):
    assert smile.exact(percent) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), ("", ""), (0, "0"), (1234567, "1.234.567"), ("2.50", "2,5"), ("100", "100")]
)
def test_a_number_is_grouped_without_needless_zeros(value, shown):
    assert smile.number(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "length"), [(0, 0, "0"), (0, 35, "0.00"), (13, 35, "37.14"), (35, 35, "100.00")]
)
def test_a_length_has_a_point_whatever_the_language(part, whole, length):
    assert smile.share(part, whole) == length


def test_an_icon_is_decoration_unless_it_has_a_label():
    shown = Template("{% icon 'met' %}{% icon 'met' label %}").render(Context({"label": "<Đủ>"}))
    assert shown == (
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="/static/img/icons.svg#met"/></svg>'
        '<svg class="icon" viewBox="0 0 20 20" role="img" aria-label="&lt;Đủ&gt;">'
        '<use href="/static/img/icons.svg#met"/></svg>'
    )


@pytest.mark.parametrize(
    ("stored", "dialled"),
    [("+842437958888", "+842437958888"), ("+8418001091", "+8418001091"), ("024 37xx xx88", ""), ("", "")],
)
def test_only_a_number_that_rings_is_linked(stored, dialled):
    assert smile.dialled(stored) == dialled


@pytest.mark.parametrize(
    ("percent", "shown"), [(None, ""), (33_000, "+3,3"), (-4_200, "−0,4"), (0, "0,0"), (-400, "0,0"), (400, "0,0")]
)
def test_a_difference_has_its_sign_unless_it_reads_nought(percent, shown):
    assert smile.signed(percent) == shown


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (666_500, "66,7"),
        (666_499, "66,6"),
        (1_000_000, "100,0"),
        (-500, "-0,1"),
        (-499, "0,0"),
        (-12_500, "-1,3"),
    ],
)
def test_a_percentage_is_rounded_half_away_from_zero(percent, shown):
    assert smile.score(percent) == shown
