"""What is forgotten first is asked first."""

from dataclasses import replace

import pytest

from audits.checklists import actions as checklists
from audits.checklists.models import Criterion
from audits.checklists.outline import outline
from audits.fieldwork.visits.forgetting import LABELS, Fading, fading, forgotten_first
from audits.models import Checklist
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter():
    checklists.install_defaults(by=None, at=worlds.NOW)
    return outline(Checklist.objects.get(code="TQ").versions.get())


def test_numbers_and_words_come_before_what_the_place_still_shows(counter):
    found = [criterion.short_code for criterion in forgotten_first(counter.criteria)]
    assert found[:4] == ["C3", "G2", "Z2", "Z3"]
    assert found[4:8] == ["D1", "D2", "E1", "E2"]
    assert found[-12:] == ["C1", "C2", "Z1", "A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "G3"]
    assert len(found) == len(counter.criteria)


def test_a_number_stays_a_number_though_a_photo_goes_with_it(counter):
    wait = counter.by_code["TQ-C3"]
    assert fading(replace(wait, photo=Criterion.Photo.REQUIRED)) == Fading.NUMBER
    assert fading(replace(counter.by_code["TQ-E1"], photo=Criterion.Photo.OPTIONAL)) == Fading.STILL_THERE


def test_each_step_has_its_words():
    assert set(LABELS) == set(Fading)
