"""Photos that a phone sends in the background, one at a time."""

import hashlib
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.sync import actions as sync
from audits.models import Photo
from tests import sheets

pytestmark = pytest.mark.django_db

FIRST = UUID("11111111-1111-4111-8111-111111111111")


def send(phone, visit, colour="steelblue", **changed):
    """The status and the body of the answer. `changed` are fields that differ from a phone's."""
    data = changed.pop("data", None) or sheets.picture(colour).read()
    fields = {
        "user": str(visit.shopper.public_id),
        "id": str(uuid4()),
        "code": "TK-A1",
        "sha256": hashlib.sha256(data).hexdigest(),
        "photo": SimpleUploadedFile("anh.jpg", data, "image/jpeg"),
    }
    answer = phone.post(reverse("audits:photo_receive", args=[visit.public_id]), fields | changed)
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def test_a_photo_is_kept_under_the_phones_id(phone, visit):
    status, told = send(phone, visit, id=str(FIRST))
    assert (status, told["photo"]["id"], told["received"]["photos"]) == (200, str(FIRST), 1)
    assert phone.get(told["photo"]["thumbnail"]).status_code == 200


def test_a_photo_sent_again_is_answered_alike_and_kept_once(phone, visit):
    assert send(phone, visit, id=str(FIRST)) == send(phone, visit, id=str(FIRST))
    assert Photo.objects.count() == 1


def test_the_same_picture_under_another_id_is_the_one_that_is_there(phone, visit):
    send(phone, visit, id=str(FIRST))
    assert send(phone, visit)[1]["photo"]["id"] == str(FIRST)
    assert Photo.objects.count() == 1


def test_a_photo_removed_since_is_not_brought_back_by_a_late_repetition(phone, visit):
    send(phone, visit, id=str(FIRST))
    Photo.objects.update(removed_at=timezone.now())
    status, told = send(phone, visit, id=str(FIRST))
    assert (status, told["photo"]["is_kept"]) == (200, False)
    assert not Photo.objects.kept().exists()


@pytest.mark.parametrize("moment", ["photos.intake", "visits.save_answers"])
@pytest.mark.parametrize("is_removed", [False, True])
def test_a_photo_sent_again_while_the_first_try_is_taken_in_is_answered_as_kept(
    phone, visit, monkeypatch, moment, is_removed
):
    """A phone whose page was left does not know that its first try goes on."""
    where, name = moment.split(".")
    module = getattr(sync, where)
    goes_on = getattr(module, name)

    def meanwhile(*args, **named):
        monkeypatch.setattr(module, name, goes_on)
        assert send(phone, visit, id=str(FIRST))[0] == 200
        if is_removed:
            Photo.objects.update(removed_at=timezone.now())
        return goes_on(*args, **named)

    monkeypatch.setattr(module, name, meanwhile)
    status, told = send(phone, visit, id=str(FIRST))
    assert (status, told["photo"]["id"], told["photo"]["is_kept"]) == (200, str(FIRST), not is_removed)
    assert Photo.objects.count() == 1


def test_a_photo_that_did_not_arrive_whole_is_told(phone, visit):
    assert send(phone, visit, sha256="0" * 64) == (422, {"refused": "not_whole"})
    half = sheets.picture(size=(900, 900)).read()[:2000]
    status, told = send(phone, visit, data=half)
    assert (status, told["refused"]) == (422, "photo")
    assert told["errors"]
    assert not Photo.objects.exists()


def test_more_photos_than_a_question_may_have_are_told(phone, visit):
    colours = ("red", "green", "blue", "gold", "pink", "navy", "teal", "gray", "tan")
    answers = [send(phone, visit, colour) for colour in colours]
    assert [status for status, _ in answers] == [200] * 8 + [422]
    assert "8" in answers[-1][1]["errors"][0]


def test_a_photo_for_what_may_not_change_is_told(phone, places, people, visit):
    done = sheets.submitted(places.other_counter, people.shopper)
    assert send(phone, done, "gold") == (409, {"refused": "changed"})
    assert send(phone, visit, code="TK-X9") == (409, {"refused": "changed"})
    assert send(phone, sheets.assigned(places.counter, people.shopper)) == (409, {"refused": "not_started"})


def test_an_id_of_another_visits_photo_is_not_taken(phone, places, people, visit):
    send(phone, visit, id=str(FIRST))
    other = sheets.started(places.other_counter, people.shopper)
    assert send(phone, other, "gold", id=str(FIRST)) == (409, {"refused": "changed"})


def test_another_users_photo_is_not_taken(phone, visit, people):
    assert send(phone, visit, user=str(people.shopper2.public_id)) == (403, {"refused": "another_user"})
    other = Client()
    other.force_login(people.shopper2)
    assert send(other, visit, user=str(people.shopper.public_id)) == (403, {"refused": "another_user"})


@pytest.mark.parametrize("changed", [{"id": "x"}, {"id": ""}, {"photo": ""}])
def test_what_no_phone_sends_is_unreadable(phone, visit, changed):
    assert send(phone, visit, **changed) == (400, {"refused": "unreadable"})


# --- Taken back -----------------------------------------------------------------------------------


def take_back(phone, visit, id, user=None, body=None):
    address = reverse("audits:photo_remove", args=[visit.public_id, id])
    sent = {"user": str(user or visit.shopper.public_id)} if body is None else body
    answer = phone.post(address, sent, content_type="application/json")
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def test_a_photo_is_taken_back_once_or_again(phone, visit):
    send(phone, visit, id=str(FIRST))
    first = take_back(phone, visit, FIRST)
    assert (first[0], first[1]["removed"], first[1]["received"]["photos"]) == (200, True, 0)
    assert take_back(phone, visit, FIRST) == first
    assert (Photo.objects.count(), Photo.objects.kept().count()) == (1, 0)


def test_a_photo_taken_back_before_it_came_is_not_kept_when_it_comes(phone, visit):
    first = take_back(phone, visit, FIRST)
    assert (first[0], take_back(phone, visit, FIRST)) == (200, first)
    status, told = send(phone, visit, id=str(FIRST))
    assert (status, told["photo"], told["received"]["photos"]) == (200, {"id": str(FIRST), "is_kept": False}, 0)
    assert not Photo.objects.exists()
    assert send(phone, visit)[1]["photo"]["is_kept"]  # the same picture, chosen anew


@pytest.mark.parametrize("moment", ["photos.intake", "visits.on_disk"])
def test_a_photo_taken_back_while_it_is_taken_in_is_not_kept(phone, visit, monkeypatch, media_root, moment):
    where, name = moment.split(".")
    module = getattr(sync, where)
    goes_on = getattr(module, name)

    def meanwhile(*args, **named):
        assert take_back(phone, visit, FIRST)[0] == 200
        return goes_on(*args, **named)

    monkeypatch.setattr(module, name, meanwhile)
    status, told = send(phone, visit, id=str(FIRST))
    assert (status, told["photo"]["is_kept"]) == (200, False)
    assert not Photo.objects.exists()
    assert not [file for file in media_root.rglob("*") if file.is_file()]


def test_an_id_taken_back_in_another_visit_says_nothing_here(phone, places, people, visit):
    take_back(phone, sheets.started(places.other_counter, people.shopper), FIRST)
    assert send(phone, visit, id=str(FIRST))[1]["photo"]["is_kept"]


def test_what_a_phone_holds_for_sent_and_has_taken_back_is_told_as_removed(phone, visit, people):
    sheets.complete(visit, people.shopper)
    take_back(phone, visit, FIRST)
    found = sync.difference(visit, sync.Declared(photos={FIRST: ("TK-A1", "0" * 64)}))
    assert (found.missing, found.removed, found.codes) == (set(), {FIRST}, {"TK-A1"})


def test_a_photo_of_what_may_not_change_stays(phone, places, people):
    done = sheets.submitted(places.counter, people.shopper)
    photo = done.photos.first()
    assert take_back(phone, done, photo.public_id) == (409, {"refused": "changed"})
    assert Photo.objects.kept().filter(pk=photo.pk).exists()


def test_a_photo_of_another_visit_is_not_taken_back(phone, places, people, visit):
    other = sheets.started(places.other_counter, people.shopper)
    send(phone, other, id=str(FIRST))
    assert take_back(phone, visit, FIRST)[0] == 200
    assert Photo.objects.kept().count() == 1


def test_what_takes_nothing_back_says_why(phone, visit, places, people):
    assert take_back(phone, visit, FIRST, user=people.shopper2.public_id) == (403, {"refused": "another_user"})
    assert take_back(phone, visit, FIRST, body=[]) == (400, {"refused": "unreadable"})
    assert take_back(phone, sheets.assigned(places.counter, people.shopper), FIRST)[1] == {"refused": "not_started"}
