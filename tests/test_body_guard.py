"""The body guard as a plain WSGI application, without a server."""

import io
import tempfile
from collections.abc import Iterator

import pytest

from vnpt_smile.body_guard import MEMORY_BYTES, BodyGuard, too_large

pytestmark = pytest.mark.once


class Site:
    """An application that remembers the bodies it was given and whether its response was closed."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.is_closed = False

    def __call__(self, environ, start_response):
        self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield b"done"

    def close(self) -> None:
        self.is_closed = True


class BrokenConnection(io.RawIOBase):
    def read(self, size=-1):
        raise ConnectionResetError


def answer(site: Site, body, **environ: str) -> tuple[str, str]:
    """The status and the page for one request."""
    statuses = []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": body} | environ
    response = BodyGuard(site, max_bytes=2_500_000)(environ, lambda status, headers: statuses.append(status))
    page = b"".join(response).decode()
    if hasattr(response, "close"):
        response.close()
    return statuses[0], page


def test_whole_body_is_handed_on_and_nothing_of_the_next_request():
    site = Site()
    assert answer(site, io.BytesIO(b"comment=hayGET /"), CONTENT_LENGTH="11") == ("200 OK", "done")
    assert site.bodies == [b"comment=hay"]
    assert site.is_closed


@pytest.mark.parametrize("body", [io.BytesIO(b"comment"), io.BytesIO(), BrokenConnection()])
def test_short_body_is_not_handed_on(body):
    site = Site()
    status, page = answer(site, body, CONTENT_LENGTH="11")
    assert (status, site.bodies) == ("400 Bad Request", [])
    assert "nên chưa có gì được lưu" in page
    assert "so nothing was saved" in page


@pytest.mark.parametrize("length", ["-1", "+5", "5 ", "0x5", "٥", "9" * 5000])
def test_length_that_is_no_number_is_refused(length):
    site = Site()
    assert answer(site, io.BytesIO(b"comment=hay"), CONTENT_LENGTH=length)[0] == "411 Length Required"
    assert site.bodies == []


def test_chunked_body_is_refused_even_with_a_length():
    site = Site()
    status, _ = answer(site, io.BytesIO(b"a=1"), CONTENT_LENGTH="3", HTTP_TRANSFER_ENCODING="chunked")
    assert (status, site.bodies) == ("411 Length Required", [])


def test_limit_itself_is_allowed_and_one_byte_more_is_not():
    site = Site()
    assert answer(site, io.BytesIO(bytes(2_500_000)), CONTENT_LENGTH="2500000")[0] == "200 OK"
    assert answer(site, io.BytesIO(bytes(2_500_001)), CONTENT_LENGTH="2500001")[0] == "413 Content Too Large"
    assert len(site.bodies) == 1


def test_limit_is_written_as_each_language_writes_numbers():
    assert "lớn hơn 2,5 MB" in too_large(2_500_000).vi
    assert "larger than 2.5 MB" in too_large(2_500_000).en


def test_body_that_finds_no_room_is_refused_and_the_page_says_to_keep_it(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    site = Site()
    status, page = answer(site, io.BytesIO(bytes(MEMORY_BYTES + 1)), CONTENT_LENGTH=str(MEMORY_BYTES + 1))
    assert (status, site.bodies) == ("503 Service Unavailable", [])
    assert "Keep the page" in page
