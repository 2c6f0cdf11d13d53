"""One command, two databases: `pytest` starts itself once for each and adds the results up.

Settings are read before any conftest, so the database cannot be chosen inside the process that
runs the tests. The process that the person started only prepares the databases and the
environment, runs the two others side by side and prints the closing lines.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.databases import NAMES, NoDatabase, is_postgresql, temporary_postgresql, temporary_sqlite
from tests.processes import run_python, stop

RUNNING_ON = "TEST_RUNS_ON"
COUNTS_FILE = "TEST_COUNTS_FILE"
SHARE = "TEST_RUNS"
MIGRATED = "TEST_MIGRATED"  # the SQLite file that others are copies of: tests/management/commands/migrate.py
# The tests in a browser run once, too. They wait half of the time: two runs of them use what the others leave.
EACH, ONCE, BROWSER, BROWSER_TOO = "each", "once", "browser", "browser too"
RUNS = (("sqlite", EACH), ("postgresql", EACH), ("sqlite", ONCE), ("sqlite", BROWSER), ("sqlite", BROWSER_TOO))
ALSO = {ONCE: ", what runs once", BROWSER: ", in the browser", BROWSER_TOO: ", in another browser"}
PATIENCE = 300  # seconds; the slowest test takes a minute on a busy machine
NOTHING_RAN = pytest.ExitCode.NO_TESTS_COLLECTED
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


@dataclass(frozen=True)
class Result:
    """What one run came to. `reason` is set where it did not run or broke off."""

    database: str
    exit_code: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    share: str = EACH

    @property
    def line(self) -> str:
        counted = ", ".join(f"{number} {word}" for word, number in self.counts.items())
        return (
            f"{name_of(self.database, self.share)}: {'; '.join(filter(None, [counted, self.reason])) or 'no tests ran'}"
        )

    @property
    def failed(self) -> int:
        """Failures and errors; a run that ended badly without naming one counts as one."""
        named = self.counts.get("failed", 0) + self.counts.get("error", 0)
        return named or int(self.exit_code not in (0, NOTHING_RAN))


def name_of(database: str, share: str) -> str:
    return NAMES[database] + ALSO.get(share, "")


def closing_lines(results: list[Result]) -> list[str]:
    """How many ran on each database and, last and alone, how many in all."""
    results = [each for each in results if each.share not in ALSO or each.exit_code != NOTHING_RAN]
    passed = sum(result.counts.get("passed", 0) + result.counts.get("xpassed", 0) for result in results)
    skipped = sum(result.counts.get("skipped", 0) for result in results)
    total = f"{passed} passed, {sum(result.failed for result in results)} failed"
    return [*(result.line for result in results), total + (f", {skipped} skipped" if skipped else "")]


def exit_code(results: list[Result]) -> int:
    """The worst of the exit codes. One run without tests is fine as long as the other had some."""
    codes = [result.exit_code for result in results if result.exit_code != NOTHING_RAN]
    return max(codes, key=abs) if codes else int(NOTHING_RAN)


def run(config: pytest.Config) -> int:
    """Run the tests on the databases that --database names. Returns the exit code."""
    asked = config.getoption("database")
    if asked == "both" and (config.getoption("usepdb") or config.getoption("trace")):
        raise pytest.UsageError("a debugger needs one run: add --database=sqlite or --database=postgresql")
    arguments = [str(argument) for argument in config.invocation_params.args] + _same_seed(config) + _patience(config)
    try:
        with tidy_ending(), contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smile-tests-")))
            shared = _shared(config, folder)
            if asked != "both":
                prepared = stack.enter_context(_prepared(asked))
                return _wait(stack.enter_context(_started(config, asked, arguments, prepared | shared)))
            results = _run_both(config, stack, arguments, folder, shared)
    except NoDatabase as missing:
        raise pytest.UsageError(str(missing)) from missing
    except KeyboardInterrupt:
        return int(pytest.ExitCode.INTERRUPTED)
    print("", *closing_lines(results), sep="\n", flush=True)
    return exit_code(results)


def _run_both(
    config: pytest.Config, stack: contextlib.ExitStack, arguments: list[str], folder: Path, shared: dict[str, str]
) -> list[Result]:
    """All runs side by side. SQLite's output is shown as it comes, the others' after it."""
    started: list[tuple[str, str, Path, subprocess.Popen[bytes] | NoDatabase]] = []
    for number, (database, share) in enumerate(RUNS):
        output = folder / f"{number}.txt"
        try:
            environment = stack.enter_context(_prepared(database))
        except NoDatabase as missing:
            started.append((database, share, output, missing))
            continue
        environment |= shared | {COUNTS_FILE: str(output.with_suffix(".json")), SHARE: share}
        if number == 0:
            _heading(name_of(database, share))
        stdout = stack.enter_context(output.open("wb")) if number else None
        run = _started(config, database, arguments, environment, share=share, stdin=subprocess.DEVNULL, stdout=stdout)
        started.append((database, share, output, stack.enter_context(run)))
    return [_ended(*each) for each in started]


def _ended(database: str, share: str, output: Path, run: "subprocess.Popen[bytes] | NoDatabase") -> Result:
    """Waits for a run, showing what it writes, and reads what it came to."""
    if isinstance(run, NoDatabase):
        return Result(database, 1 if in_ci() else int(NOTHING_RAN), reason=f"did not run: {run}", share=share)
    if not output.exists():
        return _result(database, share, _wait(run), output)
    _heading(name_of(database, share))
    return _result(database, share, _wait(run, output), output)


def _shared(config: pytest.Config, folder: Path) -> dict[str, str]:
    """What the runs, and the many processes that they start, need not each make for themselves.

    Bytecode is kept from one command to the next, also where Python has been told to write none: without it half of
    what a server takes to start goes into compiling.
    """
    kept = config.rootpath / ".pytest_cache" if config.pluginmanager.hasplugin("cacheprovider") else folder
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(kept / "bytecode")}
    return bytecode | {MIGRATED: str(folder / "migrated.sqlite3")}


@contextlib.contextmanager
def _prepared(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment in which tests on this database run. Raises NoDatabase."""
    with contextlib.ExitStack() as stack:
        if database == "sqlite":
            url = stack.enter_context(temporary_sqlite())
        elif is_postgresql(given := os.environ.get("TEST_DATABASE_URL", "")):
            url = given
        else:
            url = stack.enter_context(_own_server_or_given())
        media = stack.enter_context(tempfile.TemporaryDirectory(prefix="smile-media-", ignore_cleanup_errors=True))
        yield {
            "DATABASE_URL": url,
            "MEDIA_ROOT": media,
            RUNNING_ON: database,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DEBUG": "0",
            "DEMO": "0",
            "HTTPS": "0",
            "SECRET_KEY": "only-for-tests-" * 5,
            "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        }


@contextlib.contextmanager
def _own_server_or_given() -> Iterator[str]:
    """A server of our own; only without its programs, tests in a database of their own on DATABASE_URL's."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(temporary_postgresql())
        except NoDatabase:
            url = os.environ.get("DATABASE_URL", "")
            if not is_postgresql(url):
                raise
        yield url


@contextlib.contextmanager
def _started(
    config: pytest.Config,
    database: str,
    arguments: list[str],
    environment: dict[str, str],
    share: str = "",
    **options: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """A pytest process on one database. If we leave before its end it is asked to tidy up and leave too."""
    own = []
    if config.pluginmanager.hasplugin("cacheprovider"):
        cache = f"{config.rootpath}/.pytest_cache/{'-'.join(filter(None, (database, share)))}"
        own += ["-o", f"cache_dir={cache}"]  # --lf keeps the runs apart
    if config.getoption("color") == "auto" and sys.stdout.isatty():
        own.append("--color=yes")
    process = run_python(
        ["-m", "pytest", *own, *arguments],
        env=os.environ | environment,
        cwd=config.invocation_params.dir,
        **options,
    )
    try:
        yield process
    except KeyboardInterrupt:
        # Ctrl-C in a terminal has reached the child as well; a second one would cut its tidying short.
        if sys.stdin.isatty():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        raise
    finally:
        stop(process, signal.SIGTERM, patience=30)


@contextlib.contextmanager
def tidy_ending() -> Iterator[None]:
    """Let a polite kill unwind like Ctrl-C, so that servers are stopped and folders deleted."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # nohup, or a shell's background job
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _same_seed(config: pytest.Config) -> list[str]:
    """Both runs shuffle alike, and the seed that repeats them is printed once by each."""
    if not config.pluginmanager.hasplugin("randomly") or config.getoption("randomly_seed") != "default":
        return []
    return [f"--randomly-seed={int.from_bytes(os.urandom(4), 'big')}"]


def _patience(config: pytest.Config) -> list[str]:
    """No test waits for ever: a hung one is named, where it hangs, and the others go on."""
    if not config.pluginmanager.hasplugin("timeout") or config.getoption("timeout") is not None:
        return []
    return [f"--timeout={PATIENCE}"]


def _wait(process: subprocess.Popen[bytes], output: Path | None = None) -> int:
    """Wait for the end and return the exit code, copying what is written to `output` as it grows."""
    if output is None:
        return process.wait()
    with output.open("rb") as written:
        while True:
            ended = process.poll() is not None
            shutil.copyfileobj(written, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            if ended:
                return process.returncode
            time.sleep(0.2)


def _heading(name: str) -> None:
    print(f"\n{f' {name} ':#^80}\n", flush=True)


def _result(database: str, share: str, code: int, output: Path) -> Result:
    try:
        counts = json.loads(output.with_suffix(".json").read_text())
    except FileNotFoundError:
        return Result(database, code or 1, reason=f"broke off with exit code {code}", share=share)
    return Result(database, code, counts, share=share)


def in_ci() -> bool:
    """Whether a missing database or browser is a failure."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def write_counts(stats: dict[str, list[Any]]) -> None:
    """Tell the coordinating process, if there is one, how many tests ended how."""
    if path := os.environ.get(COUNTS_FILE):
        counts = {word: len(stats[word]) for word in COUNTED if stats.get(word)}
        Path(path).write_text(json.dumps(counts))
