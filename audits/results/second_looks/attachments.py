"""What a unit may send along: photos, through the one door for photos, and PDF documents. Pure.

A document is kept as it came, so it is checked and never shown: who opens it takes it as a file. What is compressed
inside it is not looked into, but for the parts in which a PDF names its scripts.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits import photos as photo_files

FILES = 5  # of one request
MEGABYTES = 10  # of one document
TOGETHER = 30  # megabytes of all files of one request; below what the server receives at all
INFLATED = 8_000_000  # bytes of a document's compressed names that are looked at
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z])")

_MESSAGES: dict[str, Promise | str] = {
    "too_many_bytes": _("The document is larger than %(limit)d MB. Please send fewer pages, or a photo of them."),
    "not_whole": _("The document did not arrive whole. Please send it again."),
    "locked": _("The document is locked with a password. Please send one that opens without."),
    "active": _("The document holds a script or another file. Please print it to a new PDF, or send a photo of it."),
}


class DocumentRefused(Exception):
    """The file is no document that can be kept. `code` names the reason, `message` tells the person what to do."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        return str(_MESSAGES[self.code]) % self.params

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Document:
    """A PDF that may be kept."""

    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> int:
        return len(self.data)


Attachment = Document | photo_files.CleanPhoto


def intake(file: photo_files.Upload) -> Attachment:
    """The photo or the document in `file`, told by its content, never by its name.

    Raises PhotoRefused, DocumentRefused.
    """
    file.seek(0)
    if file.read(5) != b"%PDF-":
        return photo_files.intake(file)
    file.seek(0)
    data = file.read(MEGABYTES * 1_000_000 + 1)
    if len(data) > MEGABYTES * 1_000_000:
        raise DocumentRefused("too_many_bytes", limit=MEGABYTES)
    if b"%%EOF" not in data[-1024:]:
        raise DocumentRefused("not_whole")
    if _holds(data, re.compile(rb"/Encrypt(?![A-Za-z])")):
        raise DocumentRefused("locked")
    if _holds(data, _ACTIVE):
        raise DocumentRefused("active")
    return Document(data)


def _holds(data: bytes, wanted: re.Pattern[bytes]) -> bool:
    """Whether a name stands in the document outside its pictures and pages, also where letters are written as #6A."""
    return any(wanted.search(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), part)) for part in _parts(data))


def _parts(data: bytes) -> list[bytes]:
    """What is not compressed, and the compressed parts that hold names, as far as INFLATED goes."""
    parts, position, room = [], 0, INFLATED
    while (start := data.find(b"stream", position)) >= 0 and (end := data.find(b"endstream", start + 6)) >= 0:
        head = data[position:start]
        parts.append(head)
        if b"/ObjStm" in head[-600:] and room > 0:
            parts.append(_inflated(data[start + 6 : end].lstrip(b"\r\n"), room))
            room -= len(parts[-1])
        position = end + 9
    return [*parts, data[position:]]


def _inflated(data: bytes, at_most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, at_most)
    except zlib.error:
        return b""
