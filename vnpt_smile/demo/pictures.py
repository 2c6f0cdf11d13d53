"""A pool of small drawn pictures for the demo's photos: signs, counters, cables, never people.

Every picture is drawn once, goes through the same door as a shopper's photo, and lies once on the disk;
thousands of rows share its file. The same Pillow draws the same bytes each time.
"""

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from audits import photos
from vnpt_smile.demo.chance import dice

WIDTH, HEIGHT = 640, 480
FOLDER = "demo"
VARIANTS = 2
BLUE, SUN, PAPER, INK = "#0066b3", "#f7b512", "#f7f5ef", "#27333f"
WALLS = ("#d9d5c8", "#c9d3d6", "#dcd0c4", "#cfd6c8")
FLOORS = ("#9a948a", "#8b9197", "#a3968a", "#8f938a")

Colour = str | tuple[int, int, int]
Draw = ImageDraw.ImageDraw


@dataclass(frozen=True)
class Picture:
    """A picture of the pool as the rows name it: paths below MEDIA_ROOT, and what the door found."""

    file: str
    thumbnail: str
    sha256: str
    phash: str
    width: int
    height: int
    size: int


def pool(root: str | os.PathLike[str]) -> Mapping[str, tuple[Picture, ...]]:
    """Draws the pool below `root` where it is missing; the pictures of each motif."""
    return {motif: tuple(_stored(Path(root), motif, number) for number in range(VARIANTS)) for motif in MOTIFS}


def examples(root: str | os.PathLike[str]) -> Mapping[str, Picture]:
    """Draws what stands beside a question as an example, one more of each motif; by the criterion's code."""
    return {code: _stored(Path(root), MOTIF_OF[code], VARIANTS) for code in EXAMPLES}


def are_there(root: str | os.PathLike[str]) -> bool:
    """No picture is missing: neither of the pool nor an example. Each has a thumbnail."""
    pictures = VARIANTS * len(MOTIFS) + len({MOTIF_OF[code] for code in EXAMPLES})
    return len(list((Path(root) / FOLDER).glob("*.jpg"))) >= 2 * pictures


def draw(motif: str, number: int) -> bytes:
    """One picture as a phone would send it, a JPEG."""
    rng = dice(f"{motif} {number}")
    canvas = _room(rng)
    MOTIFS[motif](ImageDraw.Draw(canvas), rng)
    canvas = canvas.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=rng.choice(WALLS))
    canvas = Image.blend(canvas.filter(ImageFilter.GaussianBlur(0.8)), _grain(rng), 0.06)
    buffer = io.BytesIO()
    canvas.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


@cache
def _clean(motif: str, number: int) -> photos.CleanPhoto:
    return photos.intake(io.BytesIO(draw(motif, number)))


def _stored(root: Path, motif: str, number: int) -> Picture:
    clean = _clean(motif, number)
    name = f"{FOLDER}/{motif}-{number + 1}"
    paths = photos.StoredPaths(file=f"{name}.jpg", thumbnail=f"{name}-{photos.THUMBNAIL_SIDE}.jpg")
    for path, data in ((paths.file, clean.jpeg), (paths.thumbnail, clean.thumbnail)):
        file = root / path
        if not file.exists() or file.read_bytes() != data:
            file.parent.mkdir(mode=photos.FOLDER_MODE, parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(photos.FILE_MODE)
    return Picture(
        file=paths.file,
        thumbnail=paths.thumbnail,
        sha256=clean.sha256,
        phash=clean.phash,
        width=clean.width,
        height=clean.height,
        size=len(clean.jpeg),
    )


# --- The ground --------------------------------------------------------------------------------


def _room(rng: Random) -> Image.Image:
    """A wall above a floor, lit from one side."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(WALLS))
    pencil = ImageDraw.Draw(canvas)
    horizon = rng.randint(350, 385)
    pencil.rectangle((0, horizon, WIDTH, HEIGHT), fill=rng.choice(FLOORS))
    pencil.line((0, horizon, WIDTH, horizon), fill="#6f6a62", width=3)
    light = Image.linear_gradient("L").rotate(rng.choice((90, 270, 180))).resize((WIDTH, HEIGHT))
    return Image.composite(
        canvas, Image.new("RGB", canvas.size, "#3a3f45"), light.point(lambda v: 150 + v * 105 // 255)
    )


def _grain(rng: Random) -> Image.Image:
    grey = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), rng.randbytes(WIDTH * HEIGHT // 4))
    return grey.resize((WIDTH, HEIGHT)).convert("RGB")


def _write(
    pencil: Draw, at: tuple[float, float], text: str, size: int, fill: Colour = "white", anchor: str = "mm"
) -> None:
    pencil.text(at, text, fill=fill, font=ImageFont.load_default(size), anchor=anchor)


def _lines(pencil: Draw, box: tuple[int, int, int, int], rows: int, fill: Colour, rng: Random) -> None:
    """Rows of grey that read as writing from afar."""
    left, top, right, bottom = box
    step = (bottom - top) / rows
    for row in range(rows):
        y = top + step * row
        pencil.line(
            (left, y, left + (right - left) * rng.uniform(0.55, 1.0), y), fill=fill, width=max(2, int(step / 3))
        )


def _sheet(pencil: Draw, x: int, y: int, width: int, height: int, rng: Random, head: Colour = BLUE) -> None:
    pencil.rectangle((x + 3, y + 4, x + width + 3, y + height + 4), fill="#8d8a84")
    pencil.rectangle((x, y, x + width, y + height), fill=PAPER)
    pencil.rectangle((x, y, x + width, y + height // 6), fill=head)
    _lines(pencil, (x + 8, y + height // 4, x + width - 8, y + height - 6), 7, "#9aa0a6", rng)


# --- The motifs --------------------------------------------------------------------------------


def _sign(pencil: Draw, rng: Random) -> None:
    top = rng.randint(60, 90)
    pencil.rectangle((60, top + 110, 580, 430), fill="#5d7480")
    for x in range(70, 580, 128):
        pencil.rectangle((x, top + 122, x + 112, 422), fill="#a9c0cb", outline="#e8ecee", width=4)
        pencil.line((x + 20, top + 300, x + 90, top + 150), fill="#cfdee5", width=5)
    pencil.rectangle((40, top, 600, top + 105), fill=BLUE)
    pencil.ellipse((66, top + 18, 136, top + 88), fill=SUN)
    pencil.arc((82, top + 30, 120, top + 74), 20, 160, fill=BLUE, width=6)
    _write(pencil, (350, top + 40), "VNPT  VinaPhone", 46)
    _write(pencil, (350, top + 84), "1800 1091", 22, SUN)


def _board(pencil: Draw, rng: Random) -> None:
    x = rng.randint(150, 210)
    pencil.rectangle((x, 60, x + 280, 400), fill="#dfe6ea", outline="#7f8a92", width=8)
    _write(pencil, (x + 140, 108), "7:30 - 17:00", 40, BLUE)
    _write(pencil, (x + 140, 160), "T2 - T6", 28, INK)
    _write(pencil, (x + 140, 218), "7:30 - 11:30", 40, BLUE)
    _write(pencil, (x + 140, 270), "T7", 28, INK)
    _lines(pencil, (x + 40, 320, x + 240, 385), 4, "#8f9aa1", rng)


def _parking(pencil: Draw, rng: Random) -> None:
    pencil.polygon(((0, 480), (0, 330), (640, 300), (640, 480)), fill="#7b7f83")
    for number in range(7):
        x = 40 + number * 82 + rng.randint(-6, 6)
        pencil.line((x - 20, 470, x + 8, 320), fill="#e8e4d8", width=4)
        if number % 3 != 1:
            for wheel in (x + 14, x + 52):
                pencil.ellipse((wheel, 408, wheel + 30, 438), outline="#22262a", width=7)
            body = rng.choice(("#a33b2e", "#2e5d8a", "#3d4a3f", "#b5b8ba"))
            pencil.polygon(((x + 22, 410), (x + 40, 372), (x + 74, 378), (x + 70, 412)), fill=body)
    pencil.rectangle((0, 120, 640, 150), fill="#b9b2a2")


def _interior(pencil: Draw, rng: Random) -> None:
    for x in (90, 270, 450):
        pencil.rectangle((x, 36, x + 100, 52), fill="#fffbe6")
    pencil.rectangle((70, 220, 570, 370), fill="#b98a5a")
    pencil.rectangle((60, 206, 580, 226), fill="#e9e2d2")
    for number, x in enumerate(range(120, 560, 160)):
        pencil.rectangle((x, 130, x + 84, 200), fill="#39444d", outline="#15191d", width=4)
        pencil.rectangle((x + 20, 96, x + 64, 122), fill=BLUE)
        _write(pencil, (x + 42, 109), f"{number + 1:02}", 20)
    for x in range(90, 560, 90):
        y = rng.randint(402, 412)
        pencil.rounded_rectangle((x, y, x + 62, y + 46), 8, fill="#2f6f9f")


def _counter(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((0, 260, 640, 480), fill="#c39a6b")
    pencil.rectangle((0, 250, 640, 272), fill="#eadfc8")
    x = rng.randint(330, 380)
    pencil.rectangle((x, 90, x + 210, 226), fill="#1f262c", outline="#0f1316", width=6)
    pencil.rectangle((x + 90, 226, x + 120, 256), fill="#1f262c")
    pencil.polygon(((70, 340), (250, 330), (262, 420), (60, 430)), fill=PAPER)
    _lines(pencil, (86, 352, 240, 412), 5, "#9aa0a6", rng)
    pencil.rounded_rectangle((300, 350, 360, 362), 5, fill="#1d3a5f")
    pencil.polygon(((90, 250), (210, 250), (196, 196), (104, 196)), fill=BLUE)
    _write(pencil, (150, 224), "02", 34)


def _shelf(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((140, 50, 500, 430), fill="#6e5a44")
    for row in range(3):
        for column in range(4):
            x, y = 158 + column * 84, 66 + row * 120
            cover = rng.choice((BLUE, SUN, "#2d8f6f", "#c4473a", "#e6e1d5"))
            pencil.rectangle((x, y, x + 70, y + 92), fill=cover)
            pencil.ellipse((x + 18, y + 14, x + 52, y + 48), fill="#f3efe2")
            _lines(pencil, (x + 8, y + 60, x + 62, y + 88), 3, "#f7f5ef", rng)
        pencil.rectangle((148, 158 + row * 120, 492, 170 + row * 120), fill="#4d3e2e")


def _notice(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((50, 40, 590, 400), fill="#8a6b48")
    pencil.rectangle((64, 54, 576, 386), fill="#3f6f58" if rng.random() < 0.5 else "#4a6178")
    for column in range(4):
        for row in range(2):
            if rng.random() < 0.92:
                x, y = 78 + column * 124 + rng.randint(-3, 3), 66 + row * 160 + rng.randint(-3, 3)
                _sheet(pencil, x, y, 106, 142, rng, rng.choice((BLUE, SUN, "#c4473a")))


def _papers(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((0, 0, 640, 480), fill="#a57c52")
    for x, y in ((90, 60), (210, 90), (320, 50)):
        _sheet(pencil, x + rng.randint(-12, 12), y, 230, 330, rng)
    pencil.ellipse((392, 300, 470, 372), outline="#c4473a", width=6)
    pencil.rounded_rectangle((120, 420, 300, 434), 6, fill="#1d3a5f")


def _cable(pencil: Draw, rng: Random) -> None:
    points = [(40, rng.randint(80, 110)), (500, rng.randint(80, 110)), (506, 360)]
    pencil.line(points, fill="#f4f2ec", width=12, joint="curve")
    pencil.line(points, fill="#bdbab2", width=3, joint="curve")
    for x in range(90, 480, 78):
        pencil.rectangle((x, 78, x + 20, 118), fill="#e3dfd4", outline="#a8a499", width=2)
    pencil.rectangle((452, 330, 560, 410), fill="#efece4", outline="#a8a499", width=4)
    pencil.ellipse((492, 356, 520, 384), fill="#3c4248")


def _modem(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((80, 350, 560, 372), fill="#7a5b3d")
    x = rng.randint(180, 230)
    for antenna in (x + 20, x + 220):
        pencil.rectangle((antenna, 130, antenna + 14, 290), fill="#20262b")
    pencil.rounded_rectangle((x, 270, x + 254, 350), 14, fill="#f1f1ee", outline="#c1c1bb", width=3)
    for number in range(6):
        light = "#39b54a" if rng.random() < 0.85 else "#c9c9c3"
        pencil.ellipse((x + 26 + number * 30, 300, x + 38 + number * 30, 312), fill=light)
    pencil.rectangle((x + 206, 292, x + 244, 330), fill=SUN)
    _write(pencil, (x + 126, 334), "1800 1091", 14, INK)


def _speed(pencil: Draw, rng: Random) -> None:
    pencil.rounded_rectangle((200, 20, 440, 460), 26, fill="#14181b")
    pencil.rectangle((214, 56, 426, 424), fill="#0e2a40")
    pencil.arc((238, 110, 402, 274), 150, 390, fill="#2d8f6f", width=18)
    down = rng.uniform(88, 149)
    _write(pencil, (320, 196), f"{down:.1f}", 44)
    _write(pencil, (320, 236), "Mbps", 20, "#b8c7d1")
    _write(pencil, (270, 330), f"{down * 0.9:.0f}", 26, SUN)
    _write(pencil, (370, 330), f"{rng.randint(3, 9)} ms", 26, SUN)
    _lines(pencil, (240, 372, 400, 410), 3, "#3f5a6d", rng)


def _floor(pencil: Draw, rng: Random) -> None:
    pencil.rectangle((0, 140, 640, 480), fill="#c9c3b6")
    for x in range(-200, 900, 110):
        pencil.line((x, 480, 320 + (x - 320) // 3, 140), fill="#a9a395", width=3)
    for y in (180, 230, 300, 390):
        pencil.line((0, y, 640, y), fill="#a9a395", width=3)
    pencil.rectangle((rng.randint(60, 120), 60, 240, 140), fill="#6f553b")
    pencil.rectangle((400, 90, 520, 140), fill="#4f6d80")


def _door(pencil: Draw, rng: Random) -> None:
    for y in range(90, 440, 18):
        pencil.rectangle((130, y, 510, y + 13), fill="#8f979d" if y // 18 % 2 else "#a4abb0")
    pencil.rectangle((120, 40, 520, 92), fill=BLUE)
    _write(pencil, (320, 66), "VNPT", 34)
    pencil.rectangle((300, 250, 340, 296), fill="#caa13a")
    _sheet(pencil, rng.randint(360, 400), 200, 90, 110, rng, "#c4473a")


MOTIFS: dict[str, Callable[[Draw, Random], None]] = {
    "sign": _sign,
    "board": _board,
    "parking": _parking,
    "interior": _interior,
    "counter": _counter,
    "shelf": _shelf,
    "notice": _notice,
    "papers": _papers,
    "cable": _cable,
    "modem": _modem,
    "speed": _speed,
    "floor": _floor,
    "door": _door,
}

# What a photo of a criterion shows.
MOTIF_OF = {
    "TQ-A1": "sign",
    "TQ-A2": "sign",
    "TQ-A3": "board",
    "TQ-A4": "parking",
    "TQ-B1": "interior",
    "TQ-B2": "shelf",
    "TQ-B3": "notice",
    "TQ-B4": "counter",
    "TQ-G3": "papers",
    "KT-D3": "cable",
    "KT-D4": "modem",
    "KT-D5": "speed",
    "KT-E3": "papers",
    "KT-G1": "floor",
    "BH-B3": "shelf",
    "BH-F1": "papers",
}

# Criteria that show how they are met; their motifs differ.
EXAMPLES = ("TQ-A1", "KT-D3")
