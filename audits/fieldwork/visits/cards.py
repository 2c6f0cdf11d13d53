"""Criteria of the phone form as HTML. Each is drawn once by a process, and the visit's own texts are laid over it.

A published version never changes, so neither does what its criteria look like with one answer chosen: only what
somebody wrote differs from visit to visit. A criterion with photos, a remark or something to mend is drawn anew.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from threading import Lock

from django.utils.html import escape
from django.utils.translation import get_language

from audits.fieldwork.visits.forms import Card

KEPT = 2048  # drawings of about 2 kB: the criteria of the running checklists, each with each of its answers
# Between two characters that no text has a use for.
_PLACE = re.compile("\ue000(number|text|note|waiver|reason|seen)\ue001")
_kept: OrderedDict[Hashable, str] = OrderedDict()
_lock = Lock()


def drawn(card: Card, where: str, draw: Callable[[Card], str]) -> str:
    """The card as `draw` makes it. `where` names the template that draws."""
    if card.photos or card.removed or card.errors or card.conflict or card.remark:
        return draw(card)
    texts = {"number": card.number, "text": card.text, "note": card.note, "waiver": card.waiver}
    texts |= {"reason": card.na_reason, "seen": card.seen}
    shape = replace(
        card,
        number=_place("number", card.number),
        text=_place("text", card.text),
        note=_place("note", card.note),
        waiver=_place("waiver", card.waiver),
        na_reason=_place("reason", card.na_reason),
        seen=_place("seen", card.seen),
    )
    key = (where, get_language(), shape)
    with _lock:
        html = _kept.pop(key, None)
    if html is None:
        html = draw(shape)
    with _lock:
        _kept[key] = html  # the last to be used is the last to go
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return _PLACE.sub(lambda place: escape(texts[place[1]]), html)


def _place(name: str, written: str) -> str:
    return f"\ue000{name}\ue001" if written else ""
