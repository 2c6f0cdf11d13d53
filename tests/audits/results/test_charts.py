"""Where the lines of a chart lie, and that a change of the checklist is drawn as one."""

from dataclasses import replace
from datetime import date

import pytest
from django.template.loader import render_to_string

from audits.results import charts
from audits.scoring import SCALE

pytestmark = pytest.mark.once


def samples(*means, breaks=()):
    """Months with these means in per cent, None for none; `breaks` are those in which another version began."""
    return [
        charts.Sample(date(2026, 1 + index, 1), None if mean is None else mean * SCALE, is_break=index in breaks)
        for index, mean in enumerate(means)
    ]


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW])
def test_a_new_version_is_marked_between_its_month_and_the_one_before(size):
    chart = charts.trend(samples(80, 82, 70, 72, breaks={2}), size)
    [mark] = chart.breaks
    before, after = float(chart.dots[1].x), float(chart.dots[2].x)
    assert float(mark.x) == pytest.approx((before + after) / 2, abs=0.1)
    assert f'<path class="break" d="M{mark.x} ' in render_to_string(
        "audits/results/_trend_chart.html", {"chart": chart}
    )


def test_no_line_reaches_over_a_new_version_or_a_month_without_a_figure():
    chart = charts.trend(samples(80, 82, 70, None, 72, 74, breaks={2}), charts.WIDE)
    assert [line.count("L") + 1 for line in chart.lines] == [2, 1, 2]
    assert len(chart.dots) == 5


def test_without_a_new_version_nothing_is_marked():
    chart = charts.trend(samples(80, 82, 70), charts.WIDE)
    assert (chart.breaks, len(chart.lines)) == ((), 1)
    assert "break" not in render_to_string("audits/results/_trend_chart.html", {"chart": chart})


def test_months_with_figures_are_ticked_and_corrected_ones_marked_on_the_axis():
    some = [replace(each, is_corrected=index == 2) for index, each in enumerate(samples(80, None, 82))]
    chart = charts.trend(some, charts.WIDE)
    assert [mark.x for mark in chart.published] == [dot.x for dot in chart.dots]
    assert [(mark.x, mark.y) for mark in chart.corrected] == [(chart.dots[1].x, f"{chart.bottom:.1f}")]
