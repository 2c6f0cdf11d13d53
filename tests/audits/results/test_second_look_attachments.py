"""What a unit sends along is told by its content: clean pixels, or a PDF that holds no script and no other file."""

import io
import zlib

import pytest

from audits.photos import CleanPhoto, PhotoRefused
from audits.results.second_looks import attachments
from audits.results.second_looks.attachments import Document, DocumentRefused
from tests.second_looks import pdf, photo

pytestmark = pytest.mark.once


def taken(data):
    return attachments.intake(io.BytesIO(data))


def refusal(data):
    with pytest.raises(DocumentRefused) as refused:
        taken(data)
    return refused.value.code


def compressed(names: bytes, kind: bytes = b"/Type /ObjStm") -> bytes:
    return pdf(b"<< " + kind + b" /Filter /FlateDecode >>\nstream\r\n" + zlib.compress(names) + b"\nendstream")


def test_a_photo_is_taken_as_everywhere_without_what_its_file_says_besides():
    kept = taken(photo(comment=b"Camera 3, 14:07"))
    assert isinstance(kept, CleanPhoto)
    assert b"Camera" not in kept.jpeg


def test_a_document_is_kept_as_it_came():
    assert taken(pdf()) == Document(pdf())
    assert taken(pdf(b"<< /Type /Page /JSON 1 /OpenAction [1 0 R /Fit] >>")).size > 0


@pytest.mark.parametrize(
    "name", [b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/EmbeddedFiles", b"/XFA", b"/RichMedia"]
)
def test_a_document_with_a_script_or_a_file_in_it_is_refused(name):
    assert refusal(pdf(b"<< " + name + b" (app.alert(1)) >>")) == "active"
    assert refusal(compressed(b"1 0 << " + name + b" 2 0 R >>")) == "active"


def test_also_where_the_name_is_written_otherwise():
    assert refusal(pdf(b"<< /J#61vaScript 3 0 R >>")) == "active"


def test_what_a_picture_happens_to_hold_is_no_name():
    assert taken(pdf(b"<< /Length 9 >>\nstream\n/JS /XFA \nendstream")).size > 0
    assert taken(compressed(b"/JS of a page's text", b"/Type /Page")).size > 0
    assert taken(pdf(b"<< /Type /ObjStm >>\nstream\nnot compressed\nendstream")).size > 0


def test_no_document_takes_long_to_look_through():
    """Nested openings, and a stream that inflates beyond all measure."""
    assert taken(pdf(b"<<" * 1_000_000)).size > 2_000_000
    assert taken(pdf(b"stream" * 300_000)).size > 1_000_000
    bomb = compressed(b" " * 60_000_000 + b"/JS")
    assert taken(bomb).size < 100_000  # what lies so deep is not looked at


def test_what_is_locked_cut_off_or_too_large_is_refused_in_words():
    assert refusal(pdf(b"<< /Encrypt 5 0 R >>")) == "locked"
    assert refusal(pdf()[:-8]) == "not_whole"
    large = pdf(b"<< >>\nstream\n" + bytes(attachments.MEGABYTES * 1_000_000) + b"\nendstream")
    with pytest.raises(DocumentRefused, match="10 MB"):
        taken(large)


@pytest.mark.parametrize("data", [b"", b"PK\3\4....", b"<html>", b"\n%PDF-1.7 late %%EOF", b"GIF89a......"])
def test_anything_else_meets_the_door_for_photos(data):
    with pytest.raises(PhotoRefused):
        taken(data)
