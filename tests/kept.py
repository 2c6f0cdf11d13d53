"""Rows that the tests of a module start from, written once: each test's own are taken back to them.

    @kept
    def places():
        return worlds.places()

    @kept
    def visit(places):
        return sheets.submitted(places.counter, worlds.user("shopper", Role.SHOPPER))

are fixtures like any other, but for their rows and photos, which stay until the module ends; each test gets copies of
what they returned. A test that asks for none of them must not meet their rows: so tests run in the order of how many
they ask for, and what a module keeps has to be a chain.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ONCE = "_once"


def kept(build: Callable[..., Any]) -> Any:
    """A fixture over other kept ones whose rows are written once for a module."""
    name, needs = build.__name__, list(inspect.signature(build).parameters)

    def once(kept_rows: Path, django_db_blocker: Any, **given: Any) -> Any:
        from django.db import connection  # noqa: PLC0415 (settings are not ready when this file is read)
        from django.test import override_settings  # noqa: PLC0415

        with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=kept_rows):
            built = build(**{need: given[f"{need}{ONCE}"] for need in needs})
            connection.check_constraints()  # now, or PostgreSQL does it again at the end of every test
            return built

    def own(db: None, **given: Any) -> Any:
        return copy.deepcopy(given[f"{name}{ONCE}"])

    _signed(once, "kept_rows", "django_db_blocker", *(f"{need}{ONCE}" for need in needs))
    _signed(own, "db", f"{name}{ONCE}")
    build.__globals__[f"{name}{ONCE}"] = pytest.fixture(scope="module", name=f"{name}{ONCE}")(once)
    return pytest.fixture(name=name)(own)


def _signed(function: Any, *names: str) -> None:
    """pytest reads from a fixture's signature what it needs, and makes what lives longest first."""
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    function.__signature__ = inspect.Signature(parameters)


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Path]:
    """A transaction around the tests of a module, and the folder of the photos that belong to its rows."""
    from django.db import transaction  # noqa: PLC0415 (settings are not ready when this file is read)

    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
    yield tmp_path_factory.mktemp("kept")
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, those of each module that ask for less before those that ask for more. Raises UsageError."""
    asked = {item: _kept_by(item) for item in items}
    chains: dict[Any, set[frozenset[str]]] = {}
    first: dict[Any, int] = {}
    for number, item in enumerate(items):
        marker, module = item.get_closest_marker("django_db"), item.getparent(pytest.Module)
        if asked[item] and marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid} commits what it writes: it cannot start from kept rows")
        first.setdefault(module, number)
        chains.setdefault(module, set()).add(asked[item])
    for module, sets in chains.items():
        if any(not less <= more for less, more in pairwise(sorted(sets, key=len))):
            raise pytest.UsageError(f"{module}: its tests ask for kept fixtures that do not contain one another")
    return sorted(items, key=lambda item: (first[item.getparent(pytest.Module)], len(asked[item])))


def _kept_by(item: pytest.Item) -> frozenset[str]:
    return frozenset(name for name in getattr(item, "fixturenames", ()) if name.endswith(ONCE))
