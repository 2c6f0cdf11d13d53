"""Other processes that the tests start: real web servers, and how each of them ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import gunicorn_hooks

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A gunicorn with its workers. `pid` is the master's; `log` is what it wrote."""

    url: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def finish(self) -> None:
        """Stop as a deployment does: answer the requests that have begun, then end."""
        stop(self.process, signal.SIGTERM, patience=35)


@contextlib.contextmanager
def gunicorn(
    application: str,
    *,
    log: Path,
    env: Mapping[str, str],
    worker_class: str = "gthread",
    workers: int = 2,
    threads: int = 4,
    ready: str = "/healthz",
    preload: bool = False,
    cwd: Path = ROOT,
) -> Iterator[Server]:
    """Serve `application` ("module:name") on a free loopback port until the block ends.

    `env` is added to this process's environment. With `preload` workers are forked from a process that has loaded it
    already. Waits until every worker is up and `ready` answers
    200; raises RuntimeError with the end of the log if that takes more than 30 seconds.
    """
    options = [f"--worker-class={worker_class}", f"--workers={workers}", f"--threads={threads}"]
    options += ["--no-control-socket", "--timeout=60", f"--config={gunicorn_hooks.__file__}"]
    options += ["--preload"] if preload else []
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, log.open("wb") as output:
        port = listener.getsockname()[1]
        options.append(f"--bind=fd://{listener.fileno()}")
        process = subprocess.Popen(
            [*dies_with_us("TERM"), sys.executable, "-m", "gunicorn", *options, application],
            env=os.environ | dict(env),
            cwd=cwd,
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the tests; the server stops after them
        )
    server = Server(f"http://127.0.0.1:{port}", port, log, process)
    try:
        _wait_until_ready(server, workers, ready)
        yield server
    finally:
        stop(process, signal.SIGTERM)  # a worker of threads may hang on SIGQUIT


def _wait_until_ready(server: Server, workers: int, path: str) -> None:
    # All of them, not the first: a worker that is still starting does not hear that it should stop.
    give_up = time.monotonic() + 30
    answer: object = "no answer"
    while time.monotonic() < give_up and server.process.poll() is None:
        time.sleep(0.05)
        if server.log.read_text(errors="replace").count(gunicorn_hooks.WORKER_READY) < workers:
            continue
        try:
            with urllib.request.urlopen(server.url + path, timeout=10):
                return
        except OSError as refused:
            answer = refused
    raise RuntimeError(f"{path} is not ready: {answer}\n{server.log.read_text(errors='replace')[-3000:]}")


def dies_with_us(name: str) -> list[str]:
    """A command prefix: send the process this signal when we are gone, even killed. Linux only."""
    return ["setpriv", f"--pdeathsig={name}"] if shutil.which("setpriv") else []


def stop(process: subprocess.Popen[Any] | None, *signals: signal.Signals, patience: float = 10) -> None:
    """Send each signal in turn, then SIGKILL, until the process has ended; `patience` seconds for each."""
    for number in (*signals, signal.SIGKILL):
        if process is None or process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def run_python(arguments: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start this Python with `arguments`; it is told to leave when we are gone."""
    return subprocess.Popen([*dies_with_us("TERM"), sys.executable, *arguments], **options)
