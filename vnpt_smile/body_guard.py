"""No request reaches Django before its whole body is here.

gunicorn hands over what has arrived when a connection closes in mid-upload, and Django parses it:
half a comment, a section without its photo, saved and answered with success. So the body is
received first, and Django sees a complete one or none: docs/decisions/0004.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from vnpt_smile import endpoints

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

log = logging.getLogger(__name__)

# What is held in memory for one request; the rest is in a temporary file.
MEMORY_BYTES = 1_000_000
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What the person reads when nothing is handed on, in both languages: none has been chosen yet."""

    status: str
    vi: str
    en: str


CUT = Answer(
    "400 Bad Request",
    "Kết nối bị ngắt trước khi gửi xong, nên chưa có gì được lưu. Anh/Chị quay lại trang trước và gửi lại.",
    "The connection closed before everything had arrived, so nothing was saved. Go back to the page and send it again.",
)
NO_LENGTH = Answer(
    "411 Length Required",
    "Nội dung gửi lên không cho biết độ dài, nên chưa có gì được lưu. Anh/Chị quay lại trang trước và gửi lại.",
    "What was sent does not say how long it is, so nothing was saved. Go back to the page and send it again.",
)
NO_ROOM = Answer(
    "503 Service Unavailable",
    "Máy chủ tạm thời chưa nhận được, nên chưa có gì được lưu. Anh/Chị giữ trang này và gửi lại sau ít phút.",
    "The server cannot take this just now, so nothing was saved. Keep the page and send it again in a few minutes.",
)


def too_large(limit: int) -> Answer:
    """The answer to a body over `limit` bytes."""
    megabytes = f"{limit / 1_000_000:g}"
    return Answer(
        "413 Content Too Large",
        f"Nội dung gửi lên lớn hơn {megabytes.replace('.', ',')} MB, nên chưa có gì được lưu. "
        "Anh/Chị quay lại trang trước và gửi ít ảnh hơn trong một lần.",
        f"What was sent is larger than {megabytes} MB, so nothing was saved. "
        "Go back to the page and send fewer photos at a time.",
    )


class Refused(Exception):
    """The body will not be handed on; the person reads `answer`."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class BodyGuard:
    """A WSGI application that receives and checks each body before `application` is called.

    Answers 400 if the body ends before Content-Length, 411 if it tells no length, 413 if it is
    longer than `max_bytes`, 503 if there is no room to keep it; `application` then does not run.
    """

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self.application = application
        self.max_bytes = max_bytes

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            length = self._length(environ)
            if length == 0:
                return self.application(environ, start_response)
            body = _received(environ["wsgi.input"], length)
        except Refused as refused:
            log.warning("%s: body of %r %r", refused, environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            if endpoints.is_endpoint(environ.get("PATH_INFO", "")):
                return _json(refused.answer, start_response)
            return _page(refused.answer, start_response)
        environ["wsgi.input"] = body
        return _ThenClose(self.application(environ, start_response), body)

    def _length(self, environ: Environ) -> int:
        """The length that the client announced, 0 for no body. Raises Refused."""
        announced = environ.get("CONTENT_LENGTH") or "0"
        is_number = announced.isascii() and announced.isdigit() and len(announced) < 20
        if not is_number or environ.get("HTTP_TRANSFER_ENCODING", "identity").lower() != "identity":
            raise Refused(NO_LENGTH)
        if int(announced) > self.max_bytes:
            raise Refused(too_large(self.max_bytes))
        return int(announced)


def _received(source: IO[bytes], length: int) -> IO[bytes]:
    """All `length` bytes, as a file read from its beginning. Raises Refused."""
    body = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 (closed after the response)
    missing = length
    while missing:
        chunk = _read(source, min(missing, CHUNK_BYTES))
        if not chunk:
            raise Refused(CUT)
        missing -= len(chunk)
        try:
            body.write(chunk)
        except OSError as error:
            log.exception("No room for a body of %s bytes", length)
            raise Refused(NO_ROOM) from error
    body.seek(0)
    return body


def _read(source: IO[bytes], size: int) -> bytes:
    """The next bytes, none at the end or where the connection broke: each server has its own exception for that."""
    try:
        return source.read(size)
    except Exception:
        return b""


def _page(answer: Answer, start_response: StartResponse) -> list[bytes]:
    """A page that needs nothing else: Django, its templates and the reader's language are not at hand."""
    page = f"""<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chưa lưu – VNPT Smile</title>
</head>
<body>
<main>
<h1>Chưa lưu</h1>
<p>{answer.vi}</p>
<div lang="en">
<h2>Not saved</h2>
<p>{answer.en}</p>
</div>
</main>
</body>
</html>
""".encode()
    return _answer(answer, "text/html; charset=utf-8", page, start_response)


def _json(answer: Answer, start_response: StartResponse) -> list[bytes]:
    return _answer(answer, endpoints.JSON, endpoints.body_of(int(answer.status.split()[0])), start_response)


def _answer(answer: Answer, content_type: str, body: bytes, start_response: StartResponse) -> list[bytes]:
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store, private"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ]
    start_response(answer.status, headers)
    return [body]


class _ThenClose:
    """The application's response, after which the received body is closed too."""

    def __init__(self, response: Iterable[bytes], body: IO[bytes]) -> None:
        self.response = response
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> None:
        try:
            if hasattr(self.response, "close"):
                self.response.close()
        finally:
            self.body.close()
