"""Dates and numbers of the pages: day before month in both languages, whatever Django's own catalogue says."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.utils import formats, timezone, translation

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True, params=["vi", "en"])
def language(request: pytest.FixtureRequest):
    with translation.override(request.param):
        yield request.param


def render(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("05/03/2025", date(2025, 3, 5)),
        ("5/3/2025", date(2025, 3, 5)),
        ("31/12/2025", date(2025, 12, 31)),
        ("05-03-2025", date(2025, 3, 5)),
        ("05.03.2025", date(2025, 3, 5)),
        ("05/03/25", date(2025, 3, 5)),
        ("2025-03-05", date(2025, 3, 5)),
    ],
)
def test_typed_date_has_the_day_before_the_month(typed: str, day: date) -> None:
    assert forms.DateField().clean(typed) == day


@pytest.mark.parametrize(
    "typed", ["31/02/2025", "12/31/2025", "00/00/0000", "05/03/20255", "2025-13-01", "5 March 2025"]
)
def test_date_that_does_not_exist_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean(typed)


@pytest.mark.parametrize("typed", ["05/03/2025 23:59", "23:59 05/03/2025", "2025-03-05T23:59"])
def test_typed_moment_is_local_time(typed: str) -> None:
    moment = datetime(2025, 3, 5, 23, 59, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert forms.DateTimeField().clean(typed) == moment
    assert timezone.localdate(moment) == date(2025, 3, 5)


@pytest.mark.parametrize(("typed", "clock"), [("14:07", time(14, 7)), ("14h07", time(14, 7)), ("9h", time(9))])
def test_typed_time_is_of_24_hours(typed: str, clock: time) -> None:
    assert forms.TimeField().clean(typed) == clock


def test_dates_are_shown_as_they_are_typed() -> None:
    day = date(2025, 3, 5)
    assert render("{{ day }} {{ day|date:'SHORT_DATE_FORMAT' }}", day=day) == "05/03/2025 05/03/2025"
    assert str(forms.DateInput().format_value(day)) == "05/03/2025"


def test_moments_are_shown_in_local_time_of_24_hours() -> None:
    moment = datetime(2025, 12, 31, 17, 30, tzinfo=ZoneInfo("UTC"))
    assert render("{{ moment }}", moment=moment) == "00:30 01/01/2026"


def test_month_is_named_in_the_language(language: str) -> None:
    named = {"vi": "tháng 03/2025", "en": "March 2025"}
    assert render("{{ day|date:'YEAR_MONTH_FORMAT' }}", day=date(2025, 3, 5)) == named[language]


def test_figures_have_the_decimal_sign_of_the_language_and_years_no_separator(language: str) -> None:
    figure = {"vi": "87,5 8,5 2025", "en": "87.5 8.5 2025"}
    assert render("{{ a|floatformat:1 }} {{ b }} {{ year }}", a=87.46, b=8.5, year=2025) == figure[language]
    grouped = {"vi": "1.234.567,5", "en": "1,234,567.5"}
    assert formats.number_format(1234567.5, 1, force_grouping=True) == grouped[language]


def test_week_starts_on_monday() -> None:
    assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
