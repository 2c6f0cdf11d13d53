"""Requests whose connection ends before their body does."""

import random
import socket
import struct
import time
from collections.abc import Mapping


def send_cut(port: int, path: str, headers: Mapping[str, str], body: bytes, length: int, ending: str) -> int | None:
    """POST the first `length` bytes of `body`, then end with "FIN" or "RST". The status; None after a reset."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode() + body[:length])
        if ending == "RST":
            time.sleep(0.01)  # a reset before the server looks would never reach the application
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return None
        connection.shutdown(socket.SHUT_WR)
        return int(connection.makefile("rb").readline().split()[1])


def cut_everywhere(port: int, path: str, headers: Mapping[str, str], body: bytes, ending: str) -> set[int | None]:
    """Stop the body at 50 positions, its ends among them. The statuses that came back."""
    lengths = [0, 1, len(body) - 1, *random.sample(range(2, len(body) - 1), 47)]
    return {send_cut(port, path, headers, body, length, ending) for length in lengths}
