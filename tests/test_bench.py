"""`manage.py bench`: every figure is printed, and the database in use is left alone."""

import os

import pytest

from tests.processes import run_python

pytestmark = pytest.mark.once


def test_every_figure_of_the_form_is_printed_and_no_database_is_left(tmp_path):
    file = tmp_path / "in-use.sqlite3"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}"}
    run = run_python(["manage.py", "bench", "form", "--rounds", "1"], env=environment, stdout=-1)
    printed = run.communicate()[0].decode()
    assert run.returncode == 0
    lines = printed.splitlines()
    assert lines[0].startswith("sqlite")
    assert [line.partition("  ")[0].partition(",")[0] for line in lines[1:]] == [
        "section page ÷ empty page",
        "sync of one answer ÷ bare upsert through the same stack",
        "submit of 35 answers",
        "submit of 35 answers",
        "photo intake ÷ full decode",
        "section pages a second",
        "section pages a second",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_what_if_is_measured_and_no_database_is_left(tmp_path):
    file = tmp_path / "in-use.sqlite3"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}"}
    run = run_python(["manage.py", "bench", "whatif", "--visits", "60"], env=environment, stdout=-1)
    printed = run.communicate()[0].decode()
    assert run.returncode == 0
    assert printed.startswith("sqlite: 60 visits scored under another version in ")
    assert list(tmp_path.iterdir()) == []
