"""How the benches measure: in turns, in a database of their own, so that what else the machine does meets both sides.

Every figure is a ratio of medians over rounds that take turns, or a quantity that has a bar.
"""

import os
import pickle
import platform
import resource
import select
import statistics
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

import django
from django.conf import settings
from django.db import connection, connections
from django.test import Client, override_settings

from outlets.models import User

ROUNDS = 40
T = TypeVar("T")


@dataclass(frozen=True)
class Ratio:
    """One line of a result: milliseconds of the product's and of the floor, and how many times is allowed."""

    what: str
    ours: float
    floor: float
    at_most: float

    @property
    def times(self) -> float:
        return self.ours / self.floor

    def __str__(self) -> str:
        verdict = "" if self.times <= self.at_most else "  missed"
        sides = f"{self.ours:8.2f} / {self.floor:8.2f} = {self.times:5.2f}"
        return f"{self.what:<74} {sides}  (at most {self.at_most:g}){verdict}"


@dataclass(frozen=True)
class Amount:
    """One line of a result that is no ratio. With `at_least` the bar is below."""

    what: str
    value: float
    unit: str
    bar: float
    is_least: bool = False

    def __str__(self) -> str:
        is_kept = self.value >= self.bar if self.is_least else self.value <= self.bar
        bound = "least" if self.is_least else "most"
        verdict = "" if is_kept else "  missed"
        return f"{self.what:<74} {self.value:,.2f} {self.unit}  (at {bound} {self.bar:,g}){verdict}"


def medians(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """Milliseconds of each act: the median over rounds in which they take turns. The first round is not counted."""
    return [statistics.median(times) for times in turns(rounds, *acts)]


def turns(rounds: int, *acts: Callable[[], object]) -> list[list[float]]:
    """Milliseconds of each act in every round but the first."""
    taken: list[list[float]] = [[] for _ in acts]
    for turn in range(rounds + 1):
        for act, times in zip(acts, taken, strict=True):
            begun = time.perf_counter()
            act()
            if turn:
                times.append(1000 * (time.perf_counter() - begun))
    return taken


def p95(times: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(times)[max(0, -(-95 * len(times) // 100) - 1)]


@contextmanager
def own_database() -> Iterator[None]:
    """A database made for this run on the engine in use, and gone after it; photos and kept figures go too."""
    name = connection.settings_dict["NAME"]
    with TemporaryDirectory(prefix="smile-bench-") as folder:
        own = f"{folder}/bench.sqlite3" if connection.vendor == "sqlite" else f"bench_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = own
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            kept = settings.CACHES["figures"] | {"LOCATION": f"{folder}/cache"}
            caches = settings.CACHES | {"figures": kept}
            with with_floors(), override_settings(MEDIA_ROOT=folder, CACHE_DIR=f"{folder}/cache", CACHES=caches):
                yield
        finally:
            connections.close_all()
            connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def with_floors() -> Iterator[None]:
    """The addresses of the floors, for clients of this process."""
    with override_settings(ROOT_URLCONF="vnpt_smile.bench.floors", ALLOWED_HOSTS=["testserver"], DEBUG=False):
        yield


def client_of(user: User) -> Client:
    """A browser in which that account is logged in."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


class Beside(Generic[T]):
    """A forked process that does something: so that what it needs is not counted here, or while this one measures."""

    def __init__(self, act: Callable[[], T]) -> None:
        connections.close_all()  # each process opens its own
        self._reading, writing = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            _do(act, writing)
        os.close(writing)

    @property
    def is_done(self) -> bool:
        """Whether the result is there, or the process has failed."""
        return bool(select.select([self._reading], [], [], 0)[0])

    def result(self) -> T:
        """Waits for it, once. Raises RuntimeError where the process failed."""
        with os.fdopen(self._reading, "rb") as pipe:
            told = pipe.read()
        if os.waitpid(self._child, 0)[1] or not told:
            raise RuntimeError("the other process failed")
        return pickle.loads(told)  # noqa: S301 - our own child wrote it


def _do(act: Callable[[], object], writing: int) -> None:
    """In the forked process: never returns."""
    code = 1
    try:
        told = pickle.dumps(act())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(told)
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> str:
    """What the figures were measured on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version()" if connection.vendor == "postgresql" else "SELECT 'SQLite ' || sqlite_version()"
        )
        database = " ".join(cursor.fetchone()[0].split()[:2])
    return (
        f"{os.cpu_count()} cores{_processor()}, {_memory():.0f} GB, Python {platform.python_version()}, "
        f"Django {django.get_version()}, {database}"
    )


def _processor() -> str:
    facts = _facts("/proc/cpuinfo")
    name, speed = facts.get("model name", ""), facts.get("cpu MHz", "")
    return f" of {name or 'an unknown kind'}" + (f" at {float(speed) / 1000:.1f} GHz" if speed else "")


def _memory() -> float:
    """Gigabytes of the machine, 0 where they cannot be read."""
    return float(_facts("/proc/meminfo").get("MemTotal", "0").split()[0]) / 2**20


def _facts(path: str) -> dict[str, str]:
    """The first value of each name in one of Linux's files of facts; empty elsewhere."""
    file = Path(path)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    pairs = (line.split(":", 1) for line in reversed(lines) if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}
