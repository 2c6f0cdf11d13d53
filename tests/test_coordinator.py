"""What a run on two databases comes to, and where its servers find them."""

import environ
import pytest

from tests.coordinator import BROWSER, ONCE, Result, closing_lines, exit_code
from tests.databases import url_of

pytestmark = pytest.mark.once


def test_closing_lines_say_how_many_ran_on_each_database_and_in_all():
    results = [
        Result("sqlite", 1, {"passed": 812, "failed": 1, "skipped": 3}),
        Result("postgresql", 1, {"passed": 790, "error": 2, "xfailed": 1}),
    ]
    assert closing_lines(results) == [
        "SQLite: 812 passed, 1 failed, 3 skipped",
        "PostgreSQL: 790 passed, 2 error, 1 xfailed",
        "1602 passed, 3 failed, 3 skipped",
    ]


def test_closing_lines_name_what_ran_once_where_it_had_something_to_do():
    run = [Result("sqlite", 0, {"passed": 5}), Result("sqlite", 0, {"passed": 2}, share=ONCE)]
    assert closing_lines(run) == ["SQLite: 5 passed", "SQLite, what runs once: 2 passed", "7 passed, 0 failed"]
    drawn = Result("sqlite", 0, {"passed": 3}, share=BROWSER)
    assert closing_lines([run[0], drawn])[1] == "SQLite, in the browser: 3 passed"
    assert closing_lines([run[0], Result("sqlite", 5, share=ONCE)]) == ["SQLite: 5 passed", "5 passed, 0 failed"]


def test_closing_lines_count_a_run_that_broke_off_as_failed():
    results = [Result("sqlite", 0, {"passed": 5}), Result("postgresql", 3, reason="broke off with exit code 3")]
    assert closing_lines(results)[1:] == ["PostgreSQL: broke off with exit code 3", "5 passed, 1 failed"]


@pytest.mark.parametrize(
    ("codes", "together"),
    [((0, 0), 0), ((0, 1), 1), ((2, 1), 2), ((0, 5), 0), ((5, 1), 1), ((5, 5), 5), ((0, -9), -9), ((4, 4), 4)],
)
def test_exit_code_is_the_worst_and_only_no_tests_at_all_is_no_tests(codes, together):
    assert exit_code([Result("sqlite", codes[0]), Result("postgresql", codes[1])]) == together


@pytest.mark.parametrize(
    "named",
    [
        {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tmp/smile/test.sqlite3"},
        {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": "127.0.0.1",
            "PORT": 5433,
            "USER": "smile test",
            "PASSWORD": "p@ss/wörd:1",
            "NAME": "test_smile",
        },
    ],
)
def test_server_process_opens_the_same_database(named):
    read_back = environ.Env.db_url_config(url_of(named))
    assert {name: read_back[name] for name in named} == named
