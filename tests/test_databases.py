"""The PostgreSQL server that the tests start: it works, and it goes."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.databases import NoDatabase, temporary_postgresql
from tests.processes import ROOT

pytestmark = pytest.mark.once


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path: the path of a socket may not be longer than 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="smile-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


def test_server_speaks_utf8_and_leaves_nothing_behind(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    try:
        with temporary_postgresql() as url, contextlib.closing(psycopg2.connect(url)) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT current_setting('server_encoding'), lower('ĐẶNG'), current_setting('fsync')")
            assert cursor.fetchone() == ("UTF8", "đặng", "off")
            assert not answers(url.replace("//postgres:", "//postgres:wrong"))
    except NoDatabase as missing:
        pytest.skip(str(missing))
    assert not answers(url)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv, from util-linux, ties the server to us")
def test_server_ends_when_the_tests_are_killed(folder):
    program = "import time; from tests.databases import temporary_postgresql as start\n"
    program += "with start() as url: print(url, flush=True); time.sleep(60)"
    tests = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = tests.stdout.readline().strip()
    was_there = answers(url) if url else False
    tests.kill()
    _, complaint = tests.communicate()
    if "NoDatabase" in complaint:
        pytest.skip(complaint.splitlines()[-1])
    give_up = time.monotonic() + 10
    while answers(url) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert (was_there, answers(url)) == (True, False)
