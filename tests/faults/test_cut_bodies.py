"""A body that stops in mid-upload saves nothing: real servers, real sockets, a site that writes down what it gets.

The site is saving_app.py, so these tests are about the guard alone. The two tests of unguarded
servers keep the reason for it in view: should gunicorn stop handing over cut bodies, they say so.
"""

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults.connections import cut_everywhere
from tests.processes import ROOT, Server, gunicorn, run_python, stop
from vnpt_smile.body_guard import MEMORY_BYTES

pytestmark = [pytest.mark.once, pytest.mark.server]

COMMENT = "Nhân viên chào khách hàng trước. " * 125
MULTIPART = "multipart/form-data; boundary=b0undary"


def multipart(photo_bytes: int) -> bytes:
    """A section as the phone sends it: a comment and a photo."""
    return b"".join(
        [
            b'--b0undary\r\nContent-Disposition: form-data; name="comment"\r\n\r\n',
            COMMENT.encode(),
            b'\r\n--b0undary\r\nContent-Disposition: form-data; name="photo"; filename="quay.jpg"\r\n',
            b"Content-Type: image/jpeg\r\n\r\n",
            random.randbytes(photo_bytes),
            b"\r\n--b0undary--\r\n",
        ]
    )


FORMS = {
    "multipart": (MULTIPART, multipart(100_000)),
    "urlencoded": ("application/x-www-form-urlencoded", urlencode({"comment": COMMENT}).encode()),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the site writes each form that it was handed."""
    (tmp_path / "saved").mkdir()
    return tmp_path / "saved"


def serve(application: str, folder: Path, worker_class: str = "gthread") -> contextlib.AbstractContextManager[Server]:
    return gunicorn(
        f"tests.faults.saving_app:{application}",
        log=folder.with_name("server.log"),
        env={"SAVED": str(folder)},
        worker_class=worker_class,
        ready="/",
    )


def saved(folder: Path) -> list[dict[str, object]]:
    return [json.loads(form.read_text()) for form in folder.iterdir()]


def cut(port: int, form: str, ending: str) -> set[int | None]:
    content_type, body = FORMS[form]
    return cut_everywhere(port, "/", {"Content-Type": content_type}, body, ending)


@pytest.mark.parametrize("worker_class", ["gthread", "sync"])
@pytest.mark.parametrize("form", FORMS)
def test_closed_connection_saves_nothing_and_is_never_answered_with_success(folder, form, worker_class):
    with serve("guarded", folder, worker_class) as server:
        assert cut(server.port, form, "FIN") == {400}
        server.finish()
    assert saved(folder) == []


@pytest.mark.parametrize("worker_class", ["gthread", "sync"])
@pytest.mark.parametrize("form", FORMS)
def test_reset_connection_saves_nothing(folder, form, worker_class):
    with serve("guarded", folder, worker_class) as server:
        cut(server.port, form, "RST")
        server.finish()
        seen = server.log.read_text().count("400 Bad Request: body of 'POST' '/'")
    assert saved(folder) == []
    assert seen > 25, "the resets came too early to prove anything"


@pytest.mark.parametrize("worker_class", ["gthread", "sync"])
@pytest.mark.parametrize("form", FORMS)
def test_without_the_guard_gunicorn_hands_over_every_cut_body(folder, form, worker_class):
    with serve("unguarded", folder, worker_class) as server:
        assert cut(server.port, form, "FIN") == {201}
        server.finish()
    handed_over = saved(folder)
    whole = {"comment": COMMENT, "photos": [100_000] if form == "multipart" else []}
    assert len(handed_over) == 50
    assert handed_over.count(whole) < 5, "a cut in the last boundary leaves the form itself whole, others do not"


@contextlib.contextmanager
def development_server(folder: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = run_python(
        ["-m", "tests.faults.saving_app", str(port)],
        env=os.environ | {"SAVED": str(folder)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        stop(process)


def test_development_server_saves_nothing_of_a_cut_body_either(folder):
    with development_server(folder) as port:
        for form in FORMS:
            assert cut(port, form, "FIN") == {400}
    assert saved(folder) == []


def post(server: Server, body: object, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("photo_bytes", [0, 100_000, MEMORY_BYTES, 3_000_000])
def test_whole_body_is_saved_whole(folder, photo_bytes):
    with serve("guarded", folder) as server:
        assert post(server, multipart(photo_bytes), {"Content-Type": MULTIPART}) == (201, "saved")
    assert saved(folder) == [{"comment": COMMENT, "photos": [photo_bytes]}]


def test_body_that_arrives_slowly_on_a_kept_connection_is_saved(folder):
    content_type, body = FORMS["urlencoded"]
    connection_headers = {"Content-Type": content_type, "Content-Length": str(len(body))}
    with serve("guarded", folder) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for _ in range(2):
            connection.putrequest("POST", "/")
            for name, value in connection_headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            for start in range(0, len(body), 5_000):
                connection.send(body[start : start + 5_000])
                time.sleep(0.02)
            assert connection.getresponse().read() == b"saved"
        connection.close()
    assert saved(folder) == [{"comment": COMMENT, "photos": []}] * 2


def test_post_without_a_body_reaches_the_site(folder):
    with serve("guarded", folder) as server:
        assert post(server, None, {}) == (201, "saved")


def test_body_over_the_limit_is_refused_with_a_page_that_names_the_limit(folder):
    with serve("guarded", folder) as server:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000001\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(head)  # and nothing of the body: the answer does not wait for it
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            page = answer.read().decode()
    assert answer.status == 413
    assert "lớn hơn 5 MB, nên chưa có gì được lưu" in page
    assert "larger than 5 MB, so nothing was saved" in page
    assert saved(folder) == []


def test_body_without_a_length_is_refused(folder):
    with serve("guarded", folder) as server:
        status, page = post(server, iter([b"comment=", b"hay"]), {"Transfer-Encoding": "chunked"})
    assert status == 411
    assert "nothing was saved" in page
    assert saved(folder) == []
