"""What every test may use. Who the people and places are is in worlds.py."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import coordinator
from tests.databases import url_of
from tests.kept import in_order, kept_rows
from tests.processes import Server, gunicorn

__all__ = ["kept_rows"]  # a fixture, for the modules that keep rows

ONLY_TELLS = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")

# The first is the same browser without its windows: pages take three fifths of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("both", "sqlite", "postgresql"),
        default="both",
        help="the database to test on; with one of them this is a plain pytest run",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if coordinator.RUNNING_ON in os.environ or any(config.getoption(name, None) for name in ONLY_TELLS):
        return None
    return coordinator.run(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    with coordinator.tidy_ending():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs one database only runs on SQLite; with both at work in a run of its own beside the others.

    The browser's tests run on PostgreSQL when that alone is asked for.
    """
    share, is_postgresql = os.environ.get(coordinator.SHARE), os.environ.get(coordinator.RUNNING_ON) == "postgresql"
    other_browser = set(sorted({item.path for item in items if _in_browser(item)})[::2])

    def share_of(item: pytest.Item) -> str:
        if _in_browser(item):
            return coordinator.BROWSER_TOO if item.path in other_browser else coordinator.BROWSER
        return coordinator.ONCE if _is_once(item) else coordinator.EACH

    def is_elsewhere(item: pytest.Item) -> bool:
        return share != share_of(item) if share else _is_once(item) and is_postgresql and not _in_browser(item)

    elsewhere = {item for item in items if is_elsewhere(item)}
    if elsewhere:
        config.hook.pytest_deselected(items=[item for item in items if item in elsewhere])
        items[:] = [item for item in items if item not in elsewhere]
    items[:] = in_order(items)


def _is_once(item: pytest.Item) -> bool:
    return item.get_closest_marker("once") is not None


def _in_browser(item: pytest.Item) -> bool:
    return _is_once(item) and item.get_closest_marker("browser") is not None


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: looking for garbage in it again and again takes time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    coordinator.write_counts(terminalreporter.stats)


@pytest.fixture(scope="session")
def database() -> str:
    """The database these tests run on: "sqlite" or "postgresql"."""
    return os.environ[coordinator.RUNNING_ON]


@pytest.fixture(scope="module")
def migrated(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Path:
    """A SQLite file of its own with every table and nothing in them, for a process that would have to migrate first."""
    from django.db import connection  # noqa: PLC0415 (settings are not ready when this file is read)

    file = tmp_path_factory.mktemp("migrated") / "smile.sqlite3"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    return file


@pytest.fixture(autouse=True)
def media_root(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Path:
    """Each test keeps its photos in a folder of its own, where those of kept rows are already."""
    settings.MEDIA_ROOT = tmp_path / "media"
    if "kept_rows" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("kept_rows"), settings.MEDIA_ROOT)
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def cache_dir(settings: Any, tmp_path: Path) -> Path:
    """Each test keeps figures in a folder of its own."""
    settings.CACHE_DIR = tmp_path / "cache"
    figures = settings.CACHES["figures"] | {"LOCATION": str(settings.CACHE_DIR)}
    settings.CACHES = settings.CACHES | {"figures": figures}
    return settings.CACHE_DIR


@pytest.fixture(autouse=True)
def language_of_the_product() -> None:
    """Each test starts in the product's language: a page answered in another leaves its thread in that one."""
    from django.utils import translation  # noqa: PLC0415 (settings are not ready when this file is read)

    translation.deactivate()


@pytest.fixture(autouse=True)
def nothing_kept_of_other_months() -> None:
    """A process keeps what it read of published months by the keys of rows, and each test has the same keys again."""
    from audits.results import kept  # noqa: PLC0415 (settings are not ready when this file is read)

    kept.forget()


@pytest.fixture
def live_process(transactional_db: None, media_root: Path, cache_dir: Path, tmp_path: Path) -> Iterator[Server]:
    """The product served by gunicorn as in production: 2 processes of 4 threads, on the test database."""
    from django.db import connection  # noqa: PLC0415 (settings are not ready when this file is read)

    folders = {"MEDIA_ROOT": str(media_root), "CACHE_DIR": str(cache_dir)}
    env = {"DATABASE_URL": url_of(connection.settings_dict)} | folders
    with gunicorn("vnpt_smile.wsgi:application", log=tmp_path / "server.log", env=env) as server:
        yield server


@pytest.fixture(scope="session")
def chromium_options() -> dict[str, Any]:
    """How Playwright starts the installed Chromium."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        _no_browser("no Chromium on PATH, and CHROMIUM does not name one")
    quiet = ("quic", "background-networking", "component-update", "sync", "gpu")
    arguments = ["--no-first-run", *(f"--disable-{feature}" for feature in quiet)]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": program, "args": arguments}


@pytest.fixture(scope="session")
def chromium(chromium_options: dict[str, Any]) -> Iterator[Any]:
    """Playwright's Browser on the installed Chromium. Each test opens, and closes, a context of its own."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 (in requirements-dev.txt only)
    except ImportError:
        _no_browser("playwright is not installed: it is in requirements-dev.txt")
    # Playwright's own event loop runs in this thread, which Django takes for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options)
        yield browser
        browser.close()


def _no_browser(reason: str) -> None:
    """CI has a browser: there, a missing one hides tests that nobody would miss."""
    (pytest.fail if coordinator.in_ci() else pytest.skip)(reason)
