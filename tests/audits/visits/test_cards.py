"""A criterion that is drawn once and written into looks as if it had been drawn for this visit alone."""

from dataclasses import replace

import pytest
from django.template import Context, Template
from django.utils import translation

from audits.fieldwork.visits import cards, sheet
from audits.fieldwork.visits.forms import SectionForm
from tests import sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

INCLUDE = '{% include "audits/visits/_card.html" with card=card visit=visit only %}'
DRAWN = Template("{% load cards %}{% drawnonce %}" + INCLUDE + "{% enddrawnonce %}")
PLAIN = Template(INCLUDE)
MARKED = "<b>\ue000note\ue001 & \ue000seen\ue001 {{ card }}"


@pytest.fixture(autouse=True)
def nothing_kept():
    cards._kept.clear()


@pytest.fixture
def visit(db):
    return sheets.started(worlds.places().counter, worlds.user("shopper", worlds.Role.SHOPPER))


def cards_of(visit):
    now = sheet.read(visit)
    return SectionForm(now, now.outline.criteria).cards


def both(visit, card):
    return [template.render(Context({"card": card, "visit": visit})) for template in (PLAIN, DRAWN)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_looks_as_if_drawn_alone_answered_or_not(visit, language):
    with translation.override(language):
        for _ in range(2):  # the second time from what is kept
            for card in cards_of(visit):
                plain, drawn = both(visit, card)
                assert drawn == plain
        kept = len(cards._kept)
        texts = {"note": MARKED, "photo_waiver": MARKED}
        answers = [entry("A1", "no", **texts), entry("A2", "na"), entry("B1", number=7, **texts), entry("B2", "b")]
        sheets.visits.save_answers(
            visit=visit, entries=[*answers, entry("Z1", "4"), entry("Z2", text=MARKED)], by=visit.shopper, at=NOW
        )
        for card in cards_of(visit):
            plain, drawn = both(visit, card)
            assert drawn == plain
    assert len(cards._kept) > kept > 0


def test_one_visit_never_shows_the_words_of_another(visit):
    [card, *_] = cards_of(visit)
    both(visit, replace(card, note="Của người khác.", waiver="Lý do riêng.", seen="7"))
    [kept] = cards._kept.values()
    assert "riêng" not in kept
    assert "người khác" not in kept
    _plain, mine = both(visit, replace(card, note="Của tôi.", waiver="Của tôi.", seen="8"))
    assert ("Của tôi." in mine, "người khác" in mine) == (True, False)
    assert len(cards._kept) == 1


def test_the_least_used_drawings_go_first(visit, monkeypatch):
    monkeypatch.setattr(cards, "KEPT", 2)
    one, two, three = cards_of(visit)[:3]
    for card in (one, two, one, three):
        both(visit, card)
    assert {key[2].code for key in cards._kept} == {one.code, three.code}
