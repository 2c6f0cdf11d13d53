"""`manage.py bench`: every figure is printed, and the database in use is left alone."""

import os
import re

import pytest
from django.core.management import CommandError, call_command

from tests.processes import run_python

pytestmark = pytest.mark.once

# A country as small as it can be that still has two years to compare, and a merger.
SIZES = [f"--{name}={size}" for name, size in {"months": 24, "provinces": 1, "units": 12, "outlets": 4}.items()]
SIZES += ["--visits=288", "--patterns=25"]


def printed(tmp_path, *arguments: str) -> list[str]:
    """The lines that the bench prints; there is no other database than its own while it runs, and none after."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'in-use.sqlite3'}"}
    run = run_python(["manage.py", "bench", *arguments], env=environment, stdout=-1)
    lines = run.communicate()[0].decode().splitlines()
    assert run.returncode == 0
    assert list(tmp_path.iterdir()) == []
    return lines


def whats(lines: list[str]) -> list[str]:
    """What each line is a figure of, without the numbers in it."""
    return [line.partition("  ")[0].partition(",")[0].partition("(")[0].strip() for line in lines]


def test_every_figure_of_the_form_is_printed(tmp_path):
    first, *lines = printed(tmp_path, "form", "--rounds", "1")
    assert first.startswith("sqlite")
    assert whats(lines) == [
        "section page ÷ empty page",
        "sync of one answer ÷ bare upsert through the same stack",
        "submit of 35 answers",
        "submit of 35 answers",
        "photo intake ÷ full decode",
        "section pages a second",
        "section pages a second",
    ]


def test_a_what_if_is_measured(tmp_path):
    (line,) = printed(tmp_path, "whatif", "--visits", "60")
    assert line.startswith("sqlite: 60 visits scored under another version in ")


def test_an_editors_what_if_of_the_demo_is_measured(tmp_path):
    _machine, waits, takes = printed(tmp_path, "whatif", "--demo", "1")
    assert re.search(r"an editor's what-if, 1 months of the demo, [1-9]\d* published visits", waits)
    assert takes.startswith("memory that it takes")


def test_every_figure_of_scorecards_is_printed(tmp_path):
    first, *lines = printed(tmp_path, "scorecard", *SIZES, "--rounds", "1")
    assert "24 closed months, 288 visits" in first
    assert whats(lines) == [
        "group scorecard ÷ empty page",
        "province scorecard ÷ empty page",
        "office scorecard ÷ empty page",
        "outlet scorecard ÷ empty page",
        "group scorecard seen before ÷ empty page",
        "province scorecard seen before ÷ empty page",
        "office scorecard seen before ÷ empty page",
        "outlet scorecard seen before ÷ empty page",
        "group scorecard ÷ outlet scorecard",
        "queries of the group scorecard",
        "queries of the province scorecard",
        "queries of the office scorecard",
        "queries of the outlet scorecard",
        "group scorecard ÷ empty page",
        "the four questions of the answers",
    ]


def test_every_figure_of_exports_is_printed(tmp_path):
    first, *lines = printed(tmp_path, "export", *SIZES)
    assert "24 closed months, 288 visits" in first
    kinds = [
        [f"{form} of 48 rows", f"memory that the {form} needs more", f"rows of the {form} a second"]
        for form in ("xlsx", "csv")
    ]
    printing = [["printing the group scorecard"]] if len(lines) > 6 else []  # where a Chromium is there
    assert whats(lines) == [what for some in kinds + printing for what in some]


def test_every_figure_of_closing_is_printed(tmp_path):
    first, *lines = printed(tmp_path, "close", *SIZES, "--processes", "1", "--seconds", "0")
    assert "23 closed months, 288 visits" in first
    assert whats(lines)[:4] == [
        "closing a month of 12 visits",
        "memory that closing needs more",
        "p95 of other pages while it runs ÷ before",
        "recount of 24 months",
    ]


def test_growth_is_measured_between_two_countries(tmp_path):
    lines = printed(tmp_path, "growth", *SIZES, "--rounds", "1", "--visits", "864")
    assert "86 visits" in lines[0]
    assert "864 visits" in lines[1]
    assert whats(lines[2:]) == [f"{name} scorecard" for name in ("group", "province", "office", "outlet")]


@pytest.mark.django_db
def test_a_database_that_is_not_the_country_is_not_measured():
    with pytest.raises(CommandError, match="not filled by seed_national"):
        call_command("bench", "scorecard", "--here")
