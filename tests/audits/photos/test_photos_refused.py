"""What photo intake refuses: each file by the code of its message, within two seconds."""

import io
import random
import struct
import zlib

import pytest
from django.utils import translation
from PIL import Image

from audits.photos import LIMITS, PhotoRefused, intake
from tests.audits.photos.pictures import (
    animated_png,
    as_bytes,
    chunk,
    exif_with_everything,
    jpeg_of_many_scans,
    jpeg_that_claims,
    pattern,
    png_of_zeros,
    refusal,
    scene,
    segment,
    take,
    webp_that_claims,
    with_segments,
)

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]


HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
REFUSED = {
    "no bytes": ("empty", lambda: b""),
    "HTML": ("not_a_photo", lambda: HTML),
    "SVG": ("not_a_photo", lambda: SVG),
    "PDF": ("not_a_photo", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    "MP4": ("not_a_photo", lambda: b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"),
    "WebM": ("not_a_photo", lambda: b"\x1aE\xdf\xa3" + bytes(100)),
    "AVI": ("not_a_photo", lambda: b"RIFF\x10\0\0\0AVI LIST" + bytes(100)),
    "Word": ("not_a_photo", lambda: b"PK\3\4" + bytes(100)),
    "zeros": ("not_a_photo", lambda: bytes(100_000)),
    "one byte": ("not_a_photo", lambda: b"\xff"),
    "AVIF": ("not_supported", lambda: as_bytes(scene(), "AVIF") if "AVIF" in Image.SAVE else b"\0\0\0\x1cftypavif"),
    "GIF": ("not_supported", lambda: as_bytes(scene(), "GIF")),
    "animated GIF": ("not_supported", lambda: as_bytes(scene(), "GIF", save_all=True, append_images=[scene()] * 5)),
    "TIFF": ("not_supported", lambda: as_bytes(scene(), "TIFF")),
    "BMP": ("not_supported", lambda: as_bytes(scene(), "BMP")),
    "1 x 1": ("too_small", lambda: as_bytes(scene(1, 1))),
    "1 x 60000": ("too_small", lambda: as_bytes(scene(1, 60_000))),
    "49 x 400": ("too_small", lambda: as_bytes(scene(49, 400), "PNG")),
    "25000 x 60": ("too_long", lambda: as_bytes(scene(25_000, 60))),
    "0 x 0": ("too_small", lambda: jpeg_that_claims(0, 0)),
    "PNG bomb of 81 megapixels": ("too_many_megapixels", lambda: png_of_zeros(9000, 9000)),
    "PNG bomb of 10^12 pixels": (
        "too_many_megapixels",
        lambda: png_of_zeros(60, 60).replace(struct.pack(">II", 60, 60), struct.pack(">II", 10**6, 10**6)),
    ),
    "108 megapixels": ("too_many_megapixels", lambda: jpeg_that_claims(12_000, 9_000)),
    "177 megapixels": ("too_many_megapixels", lambda: jpeg_that_claims(13_300, 13_300)),
    "200 megapixels": ("too_many_megapixels", lambda: jpeg_that_claims(16_320, 12_240)),
    "progressive 50 megapixels": ("too_many_megapixels", lambda: jpeg_that_claims(8_000, 6_250, progressive=True)),
    "WebP bomb": ("too_many_megapixels", lambda: webp_that_claims(16_383, 16_383)),
    "animated PNG of 10,000 frames": ("unusual", lambda: animated_png(10_000)),
    "PNG of a million parts": ("unusual", lambda: png_of_zeros(60, 60)[:33] + chunk(b"prVt", b"") * 1_000_000),
    "JPEG of 5,000 scans": ("unusual", lambda: jpeg_of_many_scans(5_000)),
    "JPEG of a million parts": ("unusual", lambda: with_segments(as_bytes(scene()), segment(0xE5, b"") * 1_000_000)),
    "JPEG with 10 MB of filling": ("unusual", lambda: with_segments(as_bytes(scene()), b"\xff" * 10_000_000)),
    "JPEG with 10 MB of rubbish": (
        "unusual",
        lambda: with_segments(as_bytes(scene()), segment(0xFE, b""), bytes(10_000_000)),
    ),
    "JPEG of three bytes": ("not_whole", lambda: b"\xff\xd8\xff"),
    "JPEG without picture": ("not_whole", lambda: as_bytes(scene())[:20] + b"\xff\xd9"),
    "PNG of eight bytes": ("not_whole", lambda: b"\x89PNG\r\n\x1a\n"),
    "PNG with a flipped bit": (
        "not_whole",
        lambda: (d := as_bytes(scene(), "PNG"))[:-40] + bytes([d[-40] ^ 1]) + d[-39:],
    ),
    "PNG with a text bomb": (
        "not_whole",
        lambda: (
            (d := as_bytes(scene(), "PNG"))[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000))) + d[33:]
        ),
    ),
    "WebP of twelve bytes": ("not_whole", lambda: b"RIFF\0\0\0\0WEBP"),
    "WebP without picture": ("not_whole", lambda: webp_that_claims(100, 100)),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_reason(kind: str) -> None:
    code, make = REFUSED[kind]
    assert refusal(make()) == code


@pytest.mark.parametrize(
    "data",
    [
        as_bytes(pattern(3)),
        as_bytes(pattern(3), progressive=True),
        as_bytes(pattern(3), "PNG"),
        as_bytes(pattern(3), "WEBP"),
    ],
    ids=["JPEG", "progressive JPEG", "PNG", "WebP"],
)
def test_photo_cut_anywhere_did_not_arrive_whole(data: bytes) -> None:
    # Behind the last pixel a PNG has only its end mark, so it may lack those 12 bytes.
    assert {refusal(data[: len(data) * part // 100]) for part in range(5, 100, 5)} == {"not_whole"}


def test_every_cut_of_a_small_jpeg_is_noticed() -> None:
    data = as_bytes(scene(64, 64))
    assert {refusal(data[:length]) for length in range(3, len(data))} == {"not_whole"}


def test_bytes_are_counted_before_anything_is_read() -> None:
    photo = as_bytes(scene())
    assert take(photo + bytes(1_000_000 - len(photo)), megabytes=1).width == 400
    assert refusal(photo + bytes(1_000_001 - len(photo)), megabytes=1) == "too_many_bytes"


def test_endless_file_is_left_unread() -> None:
    class Endless(io.RawIOBase):
        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0
            return bytes(size)

    with pytest.raises(PhotoRefused) as refused:
        intake(Endless())
    assert refused.value.code == "too_many_bytes"


def test_limits_stay_below_the_decoders_own_alarm() -> None:
    assert LIMITS.megapixels * 1_000_000 < (Image.MAX_IMAGE_PIXELS or 0)


def test_mutilated_files_are_taken_or_refused_but_never_fail() -> None:
    dice = random.Random(20261031)
    small = [
        as_bytes(scene(64, 56), "JPEG", exif=exif_with_everything()),
        as_bytes(scene(64, 56), "PNG"),
        as_bytes(scene(64, 56), "WEBP"),
    ]
    outcomes = set()
    for _ in range(400):
        data = bytearray(dice.choice(small))
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(12, len(data))] = dice.randrange(256)
        try:
            take(bytes(data))
            outcomes.add("taken")
        except PhotoRefused as refused:
            outcomes.add(refused.code)
    assert {"taken", "not_whole"} <= outcomes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.4", "This file is a PDF document, not a photo. Please choose a photo."),
        (SVG, "This file is an SVG drawing, not a photo. Please choose a photo."),
        (HTML, "This file is a web page, not a photo. Please choose a photo."),
        (b"\0\0\0\x14ftypqt  ", "This file is a video, not a photo. Please choose a photo."),
        (b"GIF89a", "GIF pictures cannot be used. Please send a JPEG, PNG, WebP or HEIC photo."),
        (
            jpeg_that_claims(16_320, 12_240),
            "The photo has 200 megapixels; at most 60 are possible. "
            "Please choose a smaller size in the camera settings and take it again.",
        ),
    ],
)
def test_message_says_what_the_file_is_and_what_to_do(data: bytes, message: str) -> None:
    with translation.override("en"), pytest.raises(PhotoRefused) as refused:
        take(data)
    with translation.override("en"):
        assert str(refused.value) == message
