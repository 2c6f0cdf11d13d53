"""Pictures and files for the tests of photo intake, all made here."""

import io
import random
import struct
import time
import zlib

import pytest
from PIL import ExifTags, Image

from audits.photos import LIMITS, CleanPhoto, Limits, PhotoRefused, intake

SECRET = b"SECRET-21.0285N-105.8542E"
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 160, 60), (40, 60, 200), (120, 120, 120)


def scene(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red top left, green top right, blue bottom left, grey bottom right."""
    quarters = Image.new("RGB", (2, 2))
    for place, colour in zip(((0, 0), (1, 0), (0, 1), (1, 1)), (RED, GREEN, BLUE, GREY), strict=True):
        quarters.putpixel(place, colour)
    return quarters.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def as_bytes(picture: Image.Image, format_: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def take(data: bytes, **limits: int) -> CleanPhoto:
    """Intake of `data`, which may never take two seconds, however it ends."""
    started = time.process_time()
    try:
        return intake(io.BytesIO(data), at_most=Limits(**limits) if limits else LIMITS)
    finally:
        assert time.process_time() - started < 2


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(PhotoRefused) as refused:
        take(data, **limits)
    assert refused.value.message
    return refused.value.code


def opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    """The colours of the four quarters, rounded: JPEG changes them a little."""
    width, height = picture.size
    places = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    found = [picture.getpixel((int(width * x), int(height * y))) for x, y in places]
    return [
        min((RED, GREEN, BLUE, GREY), key=lambda c: sum(abs(a - b) for a, b in zip(c, f, strict=True))) for f in found
    ]


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png_of_zeros(width: int, height: int) -> bytes:
    """A valid PNG of one bit a pixel, all black: a few kB for any size."""
    pack = zlib.compressobj(9)
    rows = b"".join(pack.compress(bytes(1 + (width + 7) // 8)) for _ in range(height)) + pack.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int, **options: object) -> bytes:
    data = as_bytes(scene(64, 64), **options)
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: frame + 5] + struct.pack(">HH", height, width) + data[frame + 9 :]


def jpeg_of_many_scans(count: int) -> bytes:
    data = as_bytes(scene(200, 200), progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def webp_that_claims(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated_webp(frames: int) -> bytes:
    data = as_bytes(scene(80, 60), "WEBP", save_all=True, append_images=[scene(80, 60).rotate(180)])
    first = data.index(b"ANMF")
    end = first + 8 + struct.unpack("<I", data[first + 4 : first + 8])[0]
    body = data[8:end] + data[first:end] * (frames - 1)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated_png(frames: int) -> bytes:
    plain = as_bytes(scene(80, 60), "PNG")
    data = plain[plain.index(b"IDAT") - 4 : plain.index(b"IEND") - 4]
    control = struct.pack(">IIIIHHBB", 80, 60, 0, 0, 1, 10, 0, 0)
    pixels = data[8:-4]
    parts = [
        plain[:33],
        chunk(b"acTL", struct.pack(">II", frames, 0)),
        chunk(b"fcTL", struct.pack(">I", 0) + control),
        data,
    ]
    for frame in range(1, frames):
        parts += [
            chunk(b"fcTL", struct.pack(">I", 2 * frame - 1) + control),
            chunk(b"fdAT", struct.pack(">I", 2 * frame) + pixels),
        ]
    return b"".join([*parts, chunk(b"IEND", b"")])


def exif_with_everything() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = exif[ExifTags.Base.Artist] = exif[ExifTags.Base.ImageDescription] = SECRET.decode()
    exif[ExifTags.Base.Orientation] = 1
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = SECRET.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (21.0, 1.0, 42.6),
            ExifTags.GPS.GPSMapDatum: SECRET.decode(),
        }
    )
    return exif


def looping_exif() -> bytes:
    """One directory that names itself as its part and as the one after it, with orientation 6."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 8)


def pattern(seed: int) -> Image.Image:
    rough = Image.frombytes("RGB", (6, 6), random.Random(seed).randbytes(108))
    return rough.resize((900, 700), Image.Resampling.BICUBIC)
