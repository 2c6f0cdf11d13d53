"""Photos of no question as phones send them: a proof with its kind, a door after its report."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.arrival import actions as arrival
from audits.fieldwork.sync import apart
from audits.fieldwork.visits import actions as visits
from audits.models import Photo, Visit
from tests import sheets, worlds
from tests.audits.sync.test_photos_received import send
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

FIRST = UUID("11111111-1111-4111-8111-111111111111")


def remove(phone, visit, id):
    address = reverse("audits:photo_remove", args=[visit.public_id, id])
    return phone.post(address, {"user": str(visit.shopper.public_id)}, content_type="application/json").status_code


def kept():
    return list(Photo.objects.kept().values_list("public_id", "proof", "criterion"))


def proof(phone, visit, kind="ticket", **changed):
    return send(phone, visit, code="proof", kind=kind, **changed)


def report(visit):
    visits.report_not_possible(visit=visit, reason="closed", note="Cửa khóa.", by=visit.shopper, at=NOW)


def test_a_proof_is_kept_once_in_place_of_the_one_before(phone, visit):
    assert proof(phone, visit, id=str(FIRST)) == proof(phone, visit, id=str(FIRST))
    assert kept() == [(FIRST, "ticket", None)]
    status, told = proof(phone, visit, "sign", colour="gold")
    assert status == 200
    assert kept() == [(UUID(told["photo"]["id"]), "sign", None)]
    assert proof(phone, visit, id=str(FIRST))[1]["photo"]["is_kept"] is False  # a late repetition brings nothing back
    assert [row[1] for row in kept()] == ["sign"]


def test_a_proof_that_was_taken_back_before_it_came_removes_nothing(phone, visit):
    assert remove(phone, visit, FIRST) == 200
    status, told = proof(phone, visit, "sign", colour="gold")
    assert status == 200
    assert proof(phone, visit, id=str(FIRST))[0] == 409
    assert kept() == [(UUID(told["photo"]["id"]), "sign", None)]


def test_the_slower_of_two_tries_at_once_does_not_remove_the_proof(visit):
    """It had looked before the first was there."""
    for _ in range(2):
        clean = visits.photo_files.intake(sheets.picture())
        arrival.give_proof(visit=visit, kind="ticket", photo=clean, id=FIRST, by=visit.shopper, at=NOW)
    assert kept() == [(FIRST, "ticket", None)]


@pytest.mark.parametrize("kind", ["", "passport"])
def test_a_proof_says_what_it_shows(phone, visit, kind):
    status, told = proof(phone, visit, kind)
    assert (status, told) == (422, {"refused": "photo", "errors": ["Vui lòng chọn ảnh chụp gì."]})
    assert not Photo.objects.exists()


def test_a_proof_is_taken_back_under_its_id_and_no_later_one(phone, visit):
    proof(phone, visit, id=str(FIRST))
    proof(phone, visit, "sign", id=str(uuid4()), colour="gold")
    assert remove(phone, visit, FIRST) == 200
    assert [row[1] for row in kept()] == ["sign"]
    assert remove(phone, visit, kept()[0][0]) == 200
    assert kept() == []


def test_after_submitting_a_proof_stays(phone, visit):
    sheets.complete(visit, visit.shopper)
    proof(phone, visit, id=str(FIRST), colour="gold")
    visits.submit(visit=visit, by=visit.shopper, at=NOW)
    assert proof(phone, visit, colour="tomato")[0] == 409
    assert remove(phone, visit, FIRST) == 409
    assert FIRST in [row[0] for row in kept()]


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_door_comes_after_its_report(phone, places, people, monkeypatch, has_begun):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    make = sheets.started if has_begun else sheets.assigned
    visit = make(places.counter, people.shopper)
    assert send(phone, visit, code="door")[0] == 409
    report(visit)
    assert send(phone, visit, code="door", id=str(FIRST)) == send(phone, visit, code="door", id=str(FIRST))
    assert kept() == [(FIRST, "", None)]
    for _ in range(7):
        send(phone, visit, code="door", data=sheets.picture(size=(60 + Photo.objects.count(), 60)).read())
    status, told = send(phone, visit, colour="gold", code="door")
    assert (status, told["errors"]) == (422, ["Mỗi câu tối đa 8 ảnh."])


def test_a_visit_that_has_been_given_to_another_takes_no_door(phone, visit):
    report(visit)
    given = Visit.objects.get(pk=visit.pk)
    Visit.objects.update(shopper=worlds.User.objects.get(username="shopper2"))
    with pytest.raises(apart.StaleState):
        apart._give_door(given, visits.NewPhoto("", visits.photo_files.intake(sheets.picture())), visit.shopper, NOW)
    assert not Photo.objects.exists()


def test_a_door_that_was_the_proof_before_is_kept_as_a_door(phone, visit):
    told = proof(phone, visit, id=str(FIRST))[1]["photo"]
    report(visit)
    second = uuid4()
    assert send(phone, visit, code="door", id=str(second))[1]["photo"]["id"] == str(second) != told["id"]
    assert kept() == [(FIRST, "ticket", None), (second, "", None)]


def test_a_proof_that_is_the_door_of_before_is_kept_as_a_proof(phone, visit):
    report(visit)
    send(phone, visit, code="door", id=str(FIRST))
    Visit.objects.update(state="in_progress")
    second = uuid4()
    assert proof(phone, visit, id=str(second))[1]["photo"]["id"] == str(second)
    assert kept() == [(FIRST, "", None), (second, "ticket", None)]
    assert proof(phone, visit, id=str(FIRST), colour="gold") == (409, {"refused": "changed"})  # the door's id


def test_the_same_door_twice_is_one_also_where_no_more_fit(phone, visit):
    report(visit)
    for number in range(8):
        send(phone, visit, code="door", data=sheets.picture(size=(60 + number, 60)).read())
    assert send(phone, visit, code="door", data=sheets.picture(size=(60, 60)).read())[0] == 200
    assert len(kept()) == 8
