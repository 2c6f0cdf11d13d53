"""The text inside a form that Django refused to read.

Django stops at its limits for fields, files and text and drops everything. The body itself is still
there, whole (vnpt_smile.body_guard received it), so its text can be read once more and kept for the
person who typed it. Files are passed over.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.http.multipartparser import (
    FIELD,
    FILE,
    ChunkIter,
    LazyStream,
    MultiPartParserError,
    Parser,
)
from django.utils.http import parse_header_parameters

_CHUNK_BYTES = 64 * 1024
_BYTES_A_CHARACTER = 4


@dataclass(frozen=True)
class RefusedText:
    """The text fields of a refused form, and whether files came with them."""

    fields: dict[str, list[str]]
    had_files: bool


def text_of(request: HttpRequest, *, at_most: int) -> RefusedText | None:
    """The text of the request's body, or None where it cannot be read again or is longer than `at_most` characters."""
    source = request.META.get("wsgi.input")
    if source is None or not getattr(source, "seekable", lambda: False)():
        return None
    source.seek(0)
    if request.content_type == "application/x-www-form-urlencoded":
        return _urlencoded(source, at_most * _BYTES_A_CHARACTER * 3)
    if request.content_type == "multipart/form-data":
        return _multipart(source, request.META.get("CONTENT_TYPE", ""), at_most * _BYTES_A_CHARACTER)
    return None


def _urlencoded(source: Any, most_bytes: int) -> RefusedText | None:
    body = source.read(most_bytes + 1)
    if len(body) > most_bytes:
        return None
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"):
        fields.setdefault(name, []).append(value)
    return RefusedText(fields, had_files=False)


def _multipart(source: Any, content_type: str, most_bytes: int) -> RefusedText | None:
    boundary = parse_header_parameters(content_type)[1].get("boundary", "")
    fields: dict[str, list[str]] = {}
    had_files, left = False, most_bytes
    try:
        for kind, headers, stream in Parser(LazyStream(ChunkIter(source, _CHUNK_BYTES)), boundary.encode("ascii")):
            name = _name(headers)
            if kind == FIELD and name:
                value = stream.read(left + 1)
                left -= len(value)
                if left < 0:
                    return None
                fields.setdefault(name, []).append(value.decode("utf-8", "replace"))
            else:
                had_files = had_files or kind == FILE
                deque(stream, maxlen=0)
    except (MultiPartParserError, UnicodeEncodeError):
        return None
    return RefusedText(fields, had_files)


def _name(headers: dict[str, Any]) -> str:
    """The name of the field whose headers these are, empty when it has none."""
    _, options = headers.get("content-disposition", ("", {}))
    name: bytes = options.get("name", b"")
    return name.decode("utf-8", "replace").strip()
