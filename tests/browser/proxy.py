"""A network as bad as a street's: a proxy that loses answers on their way back and cuts what is sent to the server."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding")


@dataclass
class Pace:
    """How a network carries an answer: `latency` in seconds for each request, then so many `bits` a second."""

    latency: float = 0.0
    bits: float = float("inf")

    def carry(self, content: bytes, write: Callable[[bytes], object]) -> None:
        """Hands the content over in parts of a tenth of a second."""
        part = max(1, int(self.bits / 80)) if self.bits != float("inf") else len(content)
        for start in range(0, len(content), part or 1):
            write(content[start : start + part])
            time.sleep(0.0 if self.bits == float("inf") else 0.1)


SLOW_3G = Pace(latency=0.4, bits=400_000)


@contextmanager
def slow_network(target: str) -> Iterator[tuple[str, Pace]]:
    """Yields its address and its pace, which begins as that of any wire and may be changed."""
    pace = Pace()
    with bad_network(target, lost=0, cut=0, seed=0, pace=pace) as (address, _done):
        yield address, pace


@contextmanager
def bad_network(
    target: str, *, lost: float, cut: float, seed: int, pace: Pace | None = None
) -> Iterator[tuple[str, Counter[str]]]:
    """Yields its address and what it has done so far: "lost", "cut" and "whole", of all that is sent by POST.

    `lost` of the answers never come back although the server has acted; `cut` of the bodies end half-way.
    """
    pace = pace or Pace()
    chance, done, lock = random.Random(seed), Counter(), threading.Lock()
    host, port = urlsplit(target).hostname, urlsplit(target).port

    class Proxy(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                fate = chance.random() if self.command == "POST" else 1.0
                what = "cut" if fate < cut else "lost" if fate < cut + lost * (1 - cut) else "whole"
                done[what] += self.command == "POST"
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            server = http.client.HTTPConnection(host, port, timeout=30)
            self.close_connection = True
            if what == "cut":
                server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    server.putheader(name, value)
                server.endheaders(body[: len(body) // 2])
                server.close()
                return
            time.sleep(pace.latency)
            server.request(self.command, self.path, body, headers)
            answer = server.getresponse()
            content = answer.read()
            server.close()
            if what == "lost":
                return
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if answer.getheader("Content-Length") is None:
                self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            pace.carry(content, self.wfile.write)

        do_GET = do_HEAD = do_POST = handle_any  # noqa: N815 (http.server's names)

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the browser has given up
                super().handle()

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{proxy.server_port}", done
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
