"""Photos at the door: a file from a phone becomes a clean JPEG with a thumbnail, or is refused with a reason.

What is kept are pixels, never the file: no place, time, owner or serial number, no comment, no second
picture behind the first. Nothing here knows the database.
"""

import errno
import hashlib
import io
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

import pillow_heif
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

LONG_SIDE = 1600
THUMBNAIL_SIDE = 320
QUALITY = 82
FILE_MODE, FOLDER_MODE = 0o640, 0o750


@dataclass(frozen=True)
class Limits:
    """What a photo may be, checked before any decoder sees it.

    A JPEG shrinks while it is decoded. What must be decoded at full size first (PNG, WebP, HEIC, progressive
    JPEG) takes up to 12 bytes of memory a pixel, so it may have fewer.
    """

    megabytes: int = 20
    megapixels: int = 60
    megapixels_at_once: int = 16
    short_side: int = 50
    long_side: int = 20_000


LIMITS = Limits()
# Beyond these a file is made to keep the server busy: cameras write about ten scans and a few hundred parts.
_SCANS, _PARTS, _JUNK = 20, 10_000, 65_536
_ITEMS = 1_000  # a phone writes a photo of 48 megapixels as about 200 tiles

# Of a HEIC only the picture itself is read, never a small one beside it, which may show anything; and by one
# thread, for the others belong to other requests.
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
pillow_heif.options.DECODE_THREADS = 1


@dataclass(frozen=True)
class CleanPhoto:
    """A photo ready to be stored. `sha256` is of the bytes as sent, `stored_sha256` of `jpeg`; both hexadecimal.

    `phash` is a difference hash of 64 bits in 16 hexadecimal digits: the same picture at another size or
    quality differs in a few bits only.
    """

    jpeg: bytes
    thumbnail: bytes
    sha256: str
    stored_sha256: str
    width: int
    height: int
    phash: str


@dataclass(frozen=True)
class StoredPaths:
    """Where a photo lies below the media folder."""

    file: str
    thumbnail: str


_MESSAGES: dict[str, Promise | str] = {
    "empty": _("The file is empty. Please take the photo again or choose another one."),
    "not_a_photo": _("This file is %(kind)s, not a photo. Please choose a photo."),
    "not_supported": _("%(kind)s pictures cannot be used. Please send a JPEG, PNG, WebP or HEIC photo."),
    "not_whole": _("The photo did not arrive whole. Please send it again."),
    "unusual": _("This file is built in an unusual way. Please take the photo again with the camera."),
    "too_many_bytes": _(
        "The photo is larger than %(limit)d MB. Please choose a smaller size in the camera settings and take it again."
    ),
    "too_many_megapixels": _(
        "The photo has %(megapixels)d megapixels; at most %(limit)d are possible. "
        "Please choose a smaller size in the camera settings and take it again."
    ),
    "too_long": _(
        "The photo is %(width)d × %(height)d pixels; at most %(limit)d on a side are possible. "
        "Please take it again without panorama."
    ),
    "too_small": _(
        "The photo is only %(width)d × %(height)d pixels; at least %(limit)d on each side are needed. "
        "Please choose the original photo or take it again."
    ),
}


class NoRoomOnDisk(Exception):
    """The server has no room for a photo; no file of it is left."""


class PhotoRefused(Exception):
    """The file is no photo that can be kept. `code` names the reason, `message` tells the person what to do."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        """The reason and the remedy, in the language active now."""
        return str(_MESSAGES[self.code]) % self.params

    def __str__(self) -> str:
        return self.message


class Upload(Protocol):
    """A file as Django hands it over, or any other open binary file."""

    def seek(self, offset: int, /) -> Any: ...
    def read(self, size: int, /) -> bytes: ...


def intake(file: Upload, *, at_most: Limits = LIMITS) -> CleanPhoto:
    """The photo in `file`, upright, on white, at most 1600 px on its long side, without any metadata.

    The name and the declared type of the file are never looked at. Of several pictures in one file the
    first counts. Raises PhotoRefused.
    """
    file.seek(0)
    data = file.read(at_most.megabytes * 1_000_000 + 1)
    if not data:
        raise PhotoRefused("empty")
    if len(data) > at_most.megabytes * 1_000_000:
        raise PhotoRefused("too_many_bytes", limit=at_most.megabytes)
    format_ = _recognise(data)
    header = format_.read_header(data)
    _check_size(header, at_most)
    try:
        picture = _decode(data, format_, header)
    except PhotoRefused:
        raise
    except Exception as failure:  # a decoder may raise anything over bytes from outside
        raise PhotoRefused("not_whole") from failure
    jpeg = _encode(picture)
    thumbnail = picture.resize(within(picture.size, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return CleanPhoto(
        jpeg=jpeg,
        thumbnail=_encode(thumbnail),
        sha256=hashlib.sha256(data).hexdigest(),
        stored_sha256=hashlib.sha256(jpeg).hexdigest(),
        width=picture.width,
        height=picture.height,
        phash=_difference_hash(thumbnail),
    )


# --- Which kind of file -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Header:
    """What a file says of itself. `at_once`: it cannot be shrunk while it is decoded."""

    width: int
    height: int
    at_once: bool = True


@dataclass(frozen=True)
class _Format:
    """One of the accepted formats: how to read its header, and the only decoder that may open it.

    `Image.open` is not used: it would try further formats, and hand a JPEG with two pictures to another decoder.
    """

    read_header: Callable[[bytes], _Header]
    decoder: Callable[[IO[bytes]], Image.Image]


def _recognise(data: bytes) -> _Format:
    """The format by the first bytes of the file; refuses all but JPEG, PNG, WebP and HEIC, saying what it is."""
    if data.startswith(b"\xff\xd8\xff"):
        return _Format(_jpeg_header, JpegImageFile)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _Format(_png_header, PngImageFile)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _Format(_webp_header, WebPImageFile)
    for start, name in ((b"GIF8", "GIF"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"BM", "BMP")):
        if data.startswith(start):
            raise PhotoRefused("not_supported", kind=name)
    brands = data[8:40] if data[4:8] == b"ftyp" else b""
    if b"avif" in brands:
        raise PhotoRefused("not_supported", kind="AVIF")
    if any(brand in brands for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")):
        return _Format(_heif_header, _heif_decoder)
    raise PhotoRefused("not_a_photo", kind=_kind(data, is_film=bool(brands)))


def _kind(data: bytes, *, is_film: bool) -> Promise | str:
    beginning = data[:1024].lower()
    if is_film or data[:4] in (b"\x1aE\xdf\xa3", b"\0\0\1\xba") or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        return _("a video")
    if b"%pdf-" in beginning:
        return _("a PDF document")
    if data.startswith(b"PK\3\4"):
        return _("an Office document or a compressed folder")
    if b"<svg" in beginning:
        return _("an SVG drawing")
    if b"<html" in beginning or b"<!doctype html" in beginning:
        return _("a web page")
    return _("another kind of file")


# A marker of a JPEG that has a length. FF 00 is data, FF D0 to FF D7 only divide data, and a decoder either
# ignores or refuses the markers below FF C0.
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_HEIF_SIZE = re.compile(rb"\x00\x00\x00\x14ispe.{4}(.{8})", re.DOTALL)
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg_header(data: bytes) -> _Header:
    """Walks over the markers as the decoder will, to learn the size and how much work the file is."""
    position, parts, scans, junk = 2, 0, 0, 0
    size = None
    while match := _JPEG_MARKER.search(data, position):
        marker = data[match.end() - 1]
        if marker == 0xD9:  # end of the picture
            break
        if not scans:
            junk += match.start() - position
        head = data[match.end() : match.end() + 7]  # length, bits a sample, height, width
        position = match.end() + int.from_bytes(head[:2], "big")
        parts += 1
        if marker in _JPEG_FRAMES and size is None and len(head) == 7:
            size = int.from_bytes(head[5:7], "big"), int.from_bytes(head[3:5], "big")
        scans += marker == 0xDA
        if parts > _PARTS or scans > _SCANS or junk > _JUNK:
            raise PhotoRefused("unusual")
    if size is None:
        raise PhotoRefused("not_whole")
    return _Header(*size, at_once=scans > 1)


def _png_header(data: bytes) -> _Header:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise PhotoRefused("not_whole")
    position, parts = 8, 0
    while position < len(data) and data[position + 4 : position + 8] != b"IEND":
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        parts += 1
        if parts > _PARTS:
            raise PhotoRefused("unusual")
    return _Header(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))


def _webp_header(data: bytes) -> _Header:
    chunk, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise PhotoRefused("not_whole")
    if chunk == b"VP8X":
        return _Header(int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1)
    if chunk == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return _Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return _Header(int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF)


_heif_decoder: Callable[[IO[bytes]], Image.Image] = pillow_heif.HeifImageFile


def _heif_header(data: bytes) -> _Header:
    """The size of the main picture, upright. A file of which any picture or tile is too large says that one's.

    The decoder refuses pixels beyond the size that a picture claims, so the claims (`ispe`) are what counts.
    """
    start = data.find(b"meta") - 4
    head = data[start : start + int.from_bytes(data[start : start + 4], "big")] if start > 0 else b""
    claims = [(int.from_bytes(c[:4], "big"), int.from_bytes(c[4:], "big")) for c in _HEIF_SIZE.findall(head)]
    if not claims:
        raise PhotoRefused("not_whole")
    # An overlay has each picture that it names decoded, however often: no camera makes one.
    if head.count(b"infe") > _ITEMS or len(claims) > _ITEMS or b"iovl" in head:
        raise PhotoRefused("unusual")
    largest = max(claims, key=lambda claim: claim[0] * claim[1])
    if largest[0] * largest[1] > LIMITS.megapixels_at_once * 1_000_000:
        return _Header(*largest)
    try:
        with _heif_decoder(io.BytesIO(data)) as source:
            return _Header(*source.size)
    except Exception as failure:  # as below: a decoder may raise anything
        raise PhotoRefused("not_whole") from failure


def _check_size(header: _Header, at_most: Limits) -> None:
    width, height = header.width, header.height
    if min(width, height) < at_most.short_side:
        raise PhotoRefused("too_small", width=width, height=height, limit=at_most.short_side)
    limit = at_most.megapixels_at_once if header.at_once else at_most.megapixels
    if width * height > limit * 1_000_000:
        raise PhotoRefused("too_many_megapixels", megapixels=-(-width * height // 1_000_000), limit=limit)
    if max(width, height) > at_most.long_side:
        raise PhotoRefused("too_long", width=width, height=height, limit=at_most.long_side)


# --- Pixels -----------------------------------------------------------------------------------


def _decode(data: bytes, format_: _Format, header: _Header) -> Image.Image:
    """The pixels of the first picture, upright, shrunk, in a new RGB image that holds nothing else."""
    with format_.decoder(io.BytesIO(data)) as source:
        if source.size != (header.width, header.height):
            raise PhotoRefused("not_whole")
        box = within(source.size, LONG_SIDE)
        # Only JPEG can: it then decodes at 1/2, 1/4 or 1/8 of its size. The box has the picture's own
        # shape, because a square one would forbid the halving of most photos.
        source.draft(source.mode, box)
        source.load()
        picture = _flat(source).resize(box, Image.Resampling.BICUBIC, reducing_gap=2.0)
        clean = Image.new("RGB", box, "white")
        clean.paste(picture, mask=picture if picture.mode == "RGBA" else None)
        orientation = _orientation(source)
    clean.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(clean)


def _flat(source: Image.Image) -> Image.Image:
    """As RGB, or as RGBA when parts are transparent, with 8 bits a channel."""
    if source.mode.startswith("I"):  # 16 bits of grey, which convert() would clip instead of scale
        return source.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    wanted = "RGBA" if source.has_transparency_data else "RGB"
    return source if source.mode == wanted else source.convert(wanted)


def _orientation(source: Image.Image) -> int:
    """The orientation of 1 to 8 that the camera noted; 1 when the note cannot be read, for the photo still can."""
    try:
        noted = source.getexif().get(ExifTags.Base.Orientation)
    except Exception:
        noted = None
    return noted if isinstance(noted, int) else 1


def within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same shape whose long side is at most `side`."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _difference_hash(picture: Image.Image) -> str:
    """Whether each of 8 × 8 fields is brighter than its right neighbour, as 16 hexadecimal digits."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(0, 72, 9):
        for column in range(row, row + 8):
            bits = bits << 1 | (grey[column] > grey[column + 1])
    return f"{bits:016x}"


# --- Files ------------------------------------------------------------------------------------


def store(photo: CleanPhoto, root: str | os.PathLike[str], at: datetime) -> StoredPaths:
    """Writes both pictures below `root` in the folder of the month of `at`; they survive a power cut on return.

    Names are random: they tell nothing, and two visits never share a file. Raises NoRoomOnDisk, or another
    OSError, and then leaves no file behind. A file `.*.part` is what a killed process left.
    """
    name = f"{at:%Y/%m}/{secrets.token_hex(16)}"
    paths = StoredPaths(file=f"{name}.jpg", thumbnail=f"{name}-{THUMBNAIL_SIDE}.jpg")
    _store({paths.file: photo.jpeg, paths.thumbnail: photo.thumbnail}, root)
    return paths


def store_document(pdf: bytes, root: str | os.PathLike[str], at: datetime) -> StoredPaths:
    """Writes a document as `store` does a photo; it has no thumbnail."""
    paths = StoredPaths(file=f"{at:%Y/%m}/{secrets.token_hex(16)}.pdf", thumbnail="")
    _store({paths.file: pdf}, root)
    return paths


def _store(files: Mapping[str, bytes], root: str | os.PathLike[str]) -> None:
    """All the files, of one month's folder, or none."""
    month = (Path(root) / next(iter(files))).parent
    folders = (Path(root), month.parent, month)
    for folder in folders:
        _make_folder(folder)
    try:
        for path, data in files.items():
            _write(Path(root) / path, data)
        # All three each time: another process may have made a folder a moment ago and not got so far.
        for folder in reversed(folders):
            _sync_folder(folder)
    except BaseException as failure:
        for path in files:
            (Path(root) / path).unlink(missing_ok=True)
        if isinstance(failure, OSError) and failure.errno in _NO_ROOM:
            raise NoRoomOnDisk from failure
        raise


def open_stored(path: str, root: str | os.PathLike[str]) -> IO[bytes]:
    """The stored file for reading. Raises FileNotFoundError, also for a path that leads out of `root`."""
    folder = Path(root).resolve()
    file = (folder / path).resolve()
    if not file.is_relative_to(folder):
        raise FileNotFoundError(path)
    return file.open("rb")


def remove(paths: StoredPaths, root: str | os.PathLike[str]) -> None:
    """Deletes the files; one that is not there is no fault."""
    for path in filter(None, (paths.file, paths.thumbnail)):
        (Path(root) / path).unlink(missing_ok=True)


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What `store` and `store_document` name their files, and what they leave when they are killed.
_STORED = re.compile(rf"[0-9a-f]{{32}}((-{THUMBNAIL_SIDE})?\.jpg|\.pdf)")
_LEFT = re.compile(rf"\.[0-9a-f]{{32}}((-{THUMBNAIL_SIDE})?\.jpg|\.pdf)\.part")


def stored_before(root: str | os.PathLike[str], at: datetime) -> tuple[set[str], set[str]]:
    """What `store` wrote below `root` and nobody touched since `at`: whole files, and parts that never became one.

    Paths as `StoredPaths` has them. Files with other names, or in other folders, are not ours and are not named.
    """
    whole: set[str] = set()
    parts: set[str] = set()
    for file in Path(root).glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*"):
        kind = whole if _STORED.fullmatch(file.name) else parts if _LEFT.fullmatch(file.name) else None
        if kind is not None and file.stat().st_mtime < at.timestamp():
            kind.add(file.relative_to(root).as_posix())
    return whole, parts


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(FOLDER_MODE)


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: first under another name, then on the disk, then renamed."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("xb") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
