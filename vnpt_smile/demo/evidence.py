"""Photos and notes of the demo that are each visit's own, so that a reviewer's flags mean something.

The pictures come from a small pool and the notes from a list of sentences. Left alone, nearly every visit would seem
to use again what another has used. A few are left so: they are what a reviewer should find.
"""

from dataclasses import replace
from random import Random

from django.utils import timezone

from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.loader import Kind, Life, Said, Shot

USED_AGAIN = 0.02  # of all photos, and of the notes that a reviewer has before them
GIVES_AWAY = 0.05  # of the visits that wait hold a number that leads to a person
_REVIEWED = {Kind.APPROVED, Kind.NOT_POSSIBLE, Kind.VOIDED}


def of_its_own(life: Life) -> Life:
    """The same life with photos that no other visit has; while it waits for review, with words of its own as well."""
    rng = dice(f"evidence {life.key}")
    shots = tuple(_shot(rng, shot) for shot in life.shots)
    said = life.said if life.steps[-1].kind in _REVIEWED else _own_words(rng, life.said)
    return replace(life, shots=shots, said=said)


def _shot(rng: Random, shot: Shot) -> Shot:
    if rng.random() < USED_AGAIN:
        return shot
    picture = replace(shot.picture, sha256=f"{rng.getrandbits(256):064x}", phash=f"{rng.getrandbits(64):016x}")
    return replace(shot, picture=picture)


def _own_words(rng: Random, said: tuple[Said, ...]) -> tuple[Said, ...]:
    """Each text with when it was written down; what was mended keeps its beginning."""
    number = rng.choice([each.code for each in said if each.note] or [""]) if rng.random() < GIVES_AWAY else ""
    again = {each.code for each in said if rng.random() < USED_AGAIN}
    own = []
    for each in said:
        written = f" Tôi ghi lại lúc {timezone.localtime(each.at):%H:%M ngày %d/%m}."
        if each.code == number:
            written += " Nhân viên đưa danh thiếp, số 0912 345 678."
        note, text = (
            words and words + written if each.code not in again or each.code == number else words
            for words in (each.note, each.text)
        )
        own.append(replace(each, note=note, text=text))
    return tuple(own)
