"""The same picture under two ids is one photo, and what comes late under the second brings nothing back."""

from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from audits.fieldwork.sync import actions as sync
from audits.fieldwork.visits import actions as visits
from audits.models import Photo, PhotoTwin
from tests import sheets
from tests.audits.sync.test_photos_received import send, take_back

pytestmark = pytest.mark.django_db

FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")


@pytest.fixture
def twin(phone, visit):
    """What was told of the second."""
    send(phone, visit, id=str(FIRST))
    return send(phone, visit, id=str(SECOND))


def test_what_comes_again_under_the_second_id_is_answered_alike(phone, visit, twin):
    assert twin[1]["photo"]["id"] == str(FIRST)
    assert send(phone, visit, id=str(SECOND)) == twin
    assert (Photo.objects.count(), PhotoTwin.objects.count()) == (1, 1)


def test_a_late_repetition_brings_no_removed_photo_back(phone, visit, twin):
    Photo.objects.update(removed_at=timezone.now())
    status, told = send(phone, visit, id=str(SECOND))
    assert (status, told["photo"]["id"], told["photo"]["is_kept"]) == (200, str(FIRST), False)
    assert (Photo.objects.count(), Photo.objects.kept().count()) == (1, 0)
    assert send(phone, visit, id=str(uuid4()))[1]["photo"]["is_kept"]  # the same picture, chosen anew


@pytest.mark.parametrize("moment", ["photos.intake", "visits.save_answers"])
def test_nor_does_one_that_had_looked_before_the_second_was_known(phone, visit, monkeypatch, moment):
    where, name = moment.split(".")
    module = getattr(sync, where)
    goes_on = getattr(module, name)

    def meanwhile(*args, **named):
        monkeypatch.setattr(module, name, goes_on)
        send(phone, visit, id=str(FIRST))
        send(phone, visit, id=str(SECOND))
        Photo.objects.update(removed_at=timezone.now())
        return goes_on(*args, **named)

    monkeypatch.setattr(module, name, meanwhile)
    assert send(phone, visit, id=str(SECOND))[1]["photo"]["is_kept"] is False
    assert not Photo.objects.kept().exists()


def test_a_picture_that_came_first_under_another_id_meanwhile_is_its_twin(phone, visit, monkeypatch):
    goes_on = visits.save_answers

    def meanwhile(**named):
        monkeypatch.setattr(visits, "save_answers", goes_on)
        send(phone, visit, id=str(FIRST))
        return goes_on(**named)

    monkeypatch.setattr(visits, "save_answers", meanwhile)
    assert send(phone, visit, id=str(SECOND))[1]["photo"]["id"] == str(FIRST)
    Photo.objects.update(removed_at=timezone.now())
    assert send(phone, visit, id=str(SECOND))[1]["photo"]["is_kept"] is False


def test_the_second_id_is_of_that_question_and_visit_alone(phone, places, people, visit, twin):
    assert send(phone, visit, id=str(SECOND), code="TK-A2") == (409, {"refused": "changed"})
    other = sheets.started(places.other_counter, people.shopper)
    assert send(phone, other, id=str(SECOND)) == (409, {"refused": "changed"})


def test_who_takes_the_second_back_keeps_the_first(phone, visit, twin):
    assert take_back(phone, visit, SECOND)[1]["received"]["photos"] == 1
    assert Photo.objects.kept().get().public_id == FIRST
    assert send(phone, visit, id=str(SECOND)) == twin
