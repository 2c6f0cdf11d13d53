"""Photos in HEIC, as iPhones and many Android phones keep them: taken like the others, or refused with a reason."""

import io
import struct
import subprocess
import sys

import pillow_heif
import pytest
from PIL import ExifTags, Image

from audits import photos
from tests.audits.photos.pictures import (
    BLUE,
    GREEN,
    GREY,
    RED,
    SECRET,
    corners,
    exif_with_everything,
    opened,
    pattern,
    refusal,
    scene,
    take,
)

pytestmark = [pytest.mark.once]
TOP = {1: RED, 2: GREEN, 3: GREY, 4: BLUE, 5: RED, 6: BLUE, 7: GREY, 8: GREEN}


def heic(*pictures: Image.Image, **options: object) -> bytes:
    container = pillow_heif.HeifFile()
    for picture in pictures:
        container.add_from_pillow(picture)
    buffer = io.BytesIO()
    container.save(buffer, quality=90, **options)
    return buffer.getvalue()


def claiming(data: bytes, width: int, height: int) -> bytes:
    """The same file, its picture said to have another size."""
    claim = data.index(b"ispe") + 8
    return data[:claim] + struct.pack(">II", width, height) + data[claim + 8 :]


def test_heic_is_kept_as_a_jpeg() -> None:
    photo = take(heic(pattern(3)))
    kept = opened(photo.jpeg)
    assert (kept.format, kept.size, (photo.width, photo.height)) == ("JPEG", (900, 700), (900, 700))
    assert opened(photo.thumbnail).size == (320, 249)


def test_place_owner_and_camera_are_gone() -> None:
    data = heic(scene(), exif=exif_with_everything().tobytes(), xmp=b"<x:xmpmeta>" + SECRET)
    assert SECRET in data
    photo = take(data)
    for kept in (photo.jpeg, photo.thumbnail):
        assert SECRET not in kept
        assert not opened(kept).getexif() and not set(opened(kept).info) & {"exif", "xmp", "icc_profile", "comment"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_turned_once(orientation: int) -> None:
    """A phone notes it twice, in the container and in the Exif data; the container's alone counts."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = heic(scene(), exif=exif.tobytes())
    assert (b"irot" in data or b"imir" in data) == (orientation != 1)
    photo = opened(take(data).jpeg)
    assert photo.size == ((400, 300) if orientation < 5 else (300, 400))
    assert corners(photo)[0] == TOP[orientation]


def test_first_picture_counts_and_no_other_is_read() -> None:
    assert corners(opened(take(heic(scene(), *[scene().rotate(180)] * 30)).jpeg)) == [RED, GREEN, BLUE, GREY]


def test_small_picture_inside_is_not_taken_for_the_photo() -> None:
    data = heic(scene(2400, 1800), thumbnails=[2000])
    assert data.count(b"ispe") == 2
    with pillow_heif.HeifImageFile(io.BytesIO(data)) as picture:
        assert picture.draft("RGB", (1600, 1200)) is None
    assert take(data).width == 1600


def test_transparent_parts_become_white() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    assert opened(take(heic(clear)).jpeg).getpixel((100, 100)) == (255, 255, 255)


# --- Refused ----------------------------------------------------------------------------------


def test_cut_anywhere_it_did_not_arrive_whole() -> None:
    data = heic(pattern(3))
    assert {refusal(data[: len(data) * part // 100]) for part in range(5, 100, 5)} == {"not_whole"}


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((9_000, 9_000), "too_many_megapixels"),
        ((0xFFFFFFFF, 0xFFFFFFFF), "too_many_megapixels"),
        ((40, 400), "too_small"),
        ((0, 0), "not_whole"),
    ],
)
def test_size_is_checked_before_any_pixel(size: tuple[int, int], code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_decode", None)
    assert refusal(claiming(heic(scene()), *size)) == code


def test_limit_is_that_of_pictures_decoded_at_once() -> None:
    assert refusal(heic(scene(1200, 1000)), megapixels_at_once=1) == "too_many_megapixels"


def test_more_pixels_than_claimed_are_never_decoded() -> None:
    assert refusal(claiming(heic(scene(2_000, 1_500)), 100, 100)) == "not_whole"


def test_hidden_second_picture_may_not_be_too_large_either() -> None:
    data = heic(scene(), scene(500, 400))
    other = data.rindex(b"ispe") + 8
    assert refusal(data[:other] + struct.pack(">II", 9_000, 9_000) + data[other + 8 :]) == "too_many_megapixels"


def test_overlays_and_thousands_of_pictures_are_unusual() -> None:
    data = heic(scene())
    assert refusal(data.replace(b"hvc1", b"iovl", 1)) == "unusual"
    start = data.index(b"meta") - 4
    length = int.from_bytes(data[start : start + 4], "big")
    filling = struct.pack(">I", 8) + b"infe"
    many = struct.pack(">I", length + 8 * 1_001) + data[start + 4 : start + length] + filling * 1_001
    assert refusal(data[:start] + many + data[start + length :]) == "unusual"


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_only_the_beginning_of_one_is_not_whole(brand: bytes) -> None:
    assert refusal(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(100)) == "not_whole"


def test_bytes_changed_at_random_end_in_a_photo_or_a_reason() -> None:
    data = bytearray(heic(scene()))
    for place in range(0, len(data), 3):
        changed = data.copy()
        changed[place] ^= 0xFF
        try:
            take(bytes(changed))
        except photos.PhotoRefused as refused:
            assert refused.message  # either outcome is right, anything else is not


MEASURE = """
import io, resource, sys
from django.conf import settings
settings.configure()
from audits.photos import intake
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
intake(io.BytesIO(data))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_largest_photo_fits_into_little_memory() -> None:
    data = heic(scene(4_600, 3_450))  # 15.9 megapixels
    run = subprocess.run([sys.executable, "-c", MEASURE], input=data, capture_output=True, check=True)
    assert int(run.stdout) < 200  # MB: 12 bytes a pixel
