"""What photo intake takes from a phone: only pixels remain, upright and small, whatever the file carried."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from audits.photos import CleanPhoto, intake
from tests.audits.photos.pictures import (
    BLUE,
    GREEN,
    GREY,
    RED,
    SECRET,
    animated_png,
    animated_webp,
    as_bytes,
    corners,
    exif_with_everything,
    looping_exif,
    opened,
    pattern,
    scene,
    segment,
    take,
    with_segments,
)

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]


def png_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET.decode()}</x:xmpmeta>")
    return info


TALKATIVE = {
    "JPEG with Exif, GPS and serial number": lambda: as_bytes(scene(), exif=exif_with_everything()),
    "JPEG with comment": lambda: as_bytes(scene(), comment=SECRET),
    "JPEG with XMP": lambda: as_bytes(scene(), xmp=b"<x:xmpmeta>" + SECRET),
    "JPEG with colour profile": lambda: as_bytes(scene(), icc_profile=SECRET * 20),
    "JPEG with IPTC": lambda: with_segments(as_bytes(scene()), segment(0xED, b"Photoshop 3.0\0" + SECRET)),
    "JPEG with thumbnail inside": lambda: with_segments(
        as_bytes(scene()),
        segment(0xE1, b"Exif\0\0" + exif_with_everything().tobytes()[6:] + as_bytes(scene(64, 48), comment=SECRET)),
    ),
    "JPEG with bytes behind its end": lambda: as_bytes(scene()) + SECRET,
    "JPEG with a page behind its end": lambda: as_bytes(scene()) + b"<script>" + SECRET + b"</script>",
    "MPO with a second picture": lambda: (
        as_bytes(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)], comment=SECRET) + SECRET
    ),
    "PNG with text": lambda: as_bytes(scene(), "PNG", pnginfo=png_text()),
    "PNG with Exif and profile": lambda: as_bytes(scene(), "PNG", exif=exif_with_everything(), icc_profile=SECRET * 20),
    "PNG with a script behind its end": lambda: as_bytes(scene(), "PNG") + b"<script>" + SECRET + b"</script>",
    "animated PNG": lambda: animated_png(40) + SECRET,
    "WebP with Exif, XMP and profile": lambda: as_bytes(
        scene(), "WEBP", exif=exif_with_everything(), xmp=b"<x:xmpmeta>" + SECRET, icc_profile=SECRET * 20
    ),
    "animated WebP of 10,000 frames": lambda: animated_webp(10_000),
}


@pytest.mark.parametrize("kind", TALKATIVE)
def test_nothing_but_pixels_remains(kind: str) -> None:
    photo = take(TALKATIVE[kind]())
    for kept in (photo.jpeg, photo.thumbnail):
        picture = opened(kept)
        assert corners(picture) == [RED, GREEN, BLUE, GREY]
        assert set(picture.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not any(mark in kept for mark in (SECRET, b"Exif", b"GPS", b"xmp", b"ICC_PROFILE", b"<script", b"MPF"))
        assert kept.endswith(b"\xff\xd9")
        assert kept.count(b"\xff\xd9") == 1


ORIENTED = {1: (), 2: ("FLIP_LEFT_RIGHT",), 3: ("ROTATE_180",), 4: ("FLIP_TOP_BOTTOM",), 5: ("TRANSPOSE",)}
ORIENTED |= {6: ("ROTATE_90",), 7: ("TRANSVERSE",), 8: ("ROTATE_270",)}


@pytest.mark.parametrize("orientation", ORIENTED)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_each_orientation_ends_upright(orientation: int, format_: str) -> None:
    as_held = scene(2000, 1500)
    for turn in ORIENTED[orientation]:
        as_held = as_held.transpose(Image.Transpose[turn])
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = take(as_bytes(as_held, format_, exif=exif))
    assert (photo.width, photo.height) == (1600, 1200)
    assert corners(opened(photo.jpeg)) == corners(opened(photo.thumbnail)) == [RED, GREEN, BLUE, GREY]


def test_exif_that_goes_in_circles_is_read_once() -> None:
    photo = take(with_segments(as_bytes(scene()), segment(0xE1, looping_exif())))
    assert (photo.width, photo.height) == (300, 400)


@pytest.mark.parametrize("note", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xa5" * 500])
def test_unreadable_exif_does_not_cost_the_photo(note: bytes) -> None:
    assert corners(opened(take(with_segments(as_bytes(scene()), segment(0xE1, note))).jpeg)) == [RED, GREEN, BLUE, GREY]


@pytest.mark.parametrize(
    "picture",
    [
        as_bytes(scene(mode="CMYK")),
        as_bytes(scene(), progressive=True),
        as_bytes(scene(), subsampling=0, quality=100),
        as_bytes(scene(), "PNG"),
        as_bytes(scene(mode="P"), "PNG"),
        as_bytes(scene(mode="RGBA"), "PNG"),
        as_bytes(scene(), "WEBP", lossless=True),
        as_bytes(scene(mode="RGBA"), "WEBP"),
        as_bytes(scene(), "WEBP"),
    ],
    ids=["CMYK", "progressive", "4:4:4", "PNG", "palette", "RGBA", "WebP lossless", "WebP alpha", "WebP"],
)
def test_every_colour_model_keeps_its_colours(picture: bytes) -> None:
    assert corners(opened(take(picture).jpeg)) == [RED, GREEN, BLUE, GREY]


@pytest.mark.parametrize("mode", ["L", "1", "LA", "I;16"])
def test_grey_pictures_keep_their_brightness(mode: str) -> None:
    white, black = ((65535, 0) if mode == "I;16" else (255, 0)) if mode != "LA" else ((255, 255), (0, 255))
    picture = Image.new(mode, (200, 100), black)
    picture.paste(white, (0, 0, 100, 100))
    kept = opened(take(as_bytes(picture, "PNG")).jpeg)
    assert kept.mode == "RGB"
    assert [kept.getpixel((x, 50)) for x in (50, 150)] == [(255, 255, 255), (0, 0, 0)]


def test_sixteen_bits_of_grey_are_scaled_not_clipped() -> None:
    half = opened(take(as_bytes(Image.new("I;16", (100, 100), 32768), "PNG")).jpeg).getpixel((50, 50))
    assert half == (128, 128, 128)


@pytest.mark.parametrize(
    "transparent", [Image.new("RGBA", (100, 100), (0, 0, 0, 0)), Image.new("LA", (100, 100), (0, 0))]
)
def test_transparent_parts_become_white(transparent: Image.Image) -> None:
    assert opened(take(as_bytes(transparent, "PNG")).jpeg).getpixel((50, 50)) == (255, 255, 255)


def test_transparent_colour_of_a_palette_becomes_white() -> None:
    assert (
        opened(take(as_bytes(Image.new("P", (100, 100), 0), "PNG", transparency=0)).jpeg).getpixel((50, 50))
        == (255,) * 3
    )


@pytest.mark.parametrize(
    ("size", "kept", "thumbnail"),
    [
        ((400, 300), (400, 300), (320, 240)),
        ((60, 50), (60, 50), (60, 50)),
        ((1601, 900), (1600, 899), (320, 180)),
        ((1500, 2000), (1200, 1600), (240, 320)),
        ((12000, 60), (1600, 8), (320, 2)),
    ],
)
def test_long_side_ends_at_1600_and_is_never_enlarged(
    size: tuple[int, int], kept: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    photo = take(as_bytes(scene(*size)))
    assert (photo.width, photo.height) == opened(photo.jpeg).size == kept
    assert opened(photo.thumbnail).size == thumbnail


def test_photo_of_a_phone_with_12_megapixels() -> None:
    photo = take(as_bytes(scene(4032, 3024)))
    assert (photo.width, photo.height) == (1600, 1200)
    assert corners(opened(photo.jpeg)) == [RED, GREEN, BLUE, GREY]


TAKE_AND_TELL_MEMORY = """
import re, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from audits.photos import intake
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1024
before = peak()
with open(sys.argv[1], "rb") as file:
    photo = intake(file)
print(photo.width, photo.height, peak() - before)
"""


@pytest.mark.parametrize(
    ("format_", "size", "megabytes"),
    [("JPEG", (8940, 6705), 100), ("WEBP", (4618, 3464), 300)],
    ids=["JPEG of 60 megapixels, shrunk while it is decoded", "WebP of 16 megapixels, decoded whole"],
)
def test_largest_photos_fit_into_little_memory(
    tmp_path: Path, format_: str, size: tuple[int, int], megabytes: int
) -> None:
    file = tmp_path / "photo"
    scene(*size).save(file, format_, quality=50, method=0)
    told = subprocess.run(
        [sys.executable, "-c", TAKE_AND_TELL_MEMORY, file], check=True, capture_output=True, text=True
    )
    width, height, peak = map(int, told.stdout.split())
    assert (width, height) == (1600, 1200)
    assert peak < megabytes


def test_checksums_are_of_the_bytes_sent_and_of_the_bytes_kept() -> None:
    sent = as_bytes(scene())
    photo = take(sent)
    assert photo.sha256 == hashlib.sha256(sent).hexdigest()
    assert photo.stored_sha256 == hashlib.sha256(photo.jpeg).hexdigest()
    assert take(sent) == photo


def test_intake_reads_from_the_beginning() -> None:
    file = io.BytesIO(as_bytes(scene()))
    file.seek(100)
    assert intake(file).width == 400


def bits_apart(one: CleanPhoto, other: CleanPhoto) -> int:
    return (int(one.phash, 16) ^ int(other.phash, 16)).bit_count()


def test_same_picture_in_another_size_quality_and_format_has_nearly_the_same_hash() -> None:
    original = take(as_bytes(pattern(1)))
    again = [
        as_bytes(pattern(1), quality=30),
        as_bytes(pattern(1).resize((450, 350)), "PNG"),
        as_bytes(pattern(1), "WEBP", quality=50),
    ]
    assert len(original.phash) == 16
    assert all(bits_apart(original, take(data)) <= 3 for data in again)


def test_other_pictures_have_other_hashes() -> None:
    photos = [take(as_bytes(pattern(seed))) for seed in range(8)]
    assert min(bits_apart(a, b) for a in photos for b in photos if a is not b) > 10
