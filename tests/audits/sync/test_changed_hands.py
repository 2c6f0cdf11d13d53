"""A visit that goes to somebody else while a phone sends is gone for its sender: nothing of it is touched."""

from uuid import uuid4

import pytest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.states import VisitState
from audits.fieldwork.sync import posting_views, views
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import views as visit_views
from audits.models import Answer, Photo, PostedForm, TakenBack, Visit
from tests import pages, sheets
from tests.audits.sync import test_changes as changes
from tests.audits.sync import test_forms_received as forms
from tests.audits.sync import test_photos_received as photos
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

GONE = (404, {"refused": "gone"})


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something happen after the visit was read and before its row is held."""

    def happens(act):
        def after(*given, **named):
            found = get_object_or_404(*given, **named)
            act()
            return found

        for module in (views, posting_views, visit_views):
            monkeypatch.setattr(module, "get_object_or_404", after)

    return happens


@pytest.fixture
def waiting(places, people, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return sheets.assigned(places.counter, people.shopper)


def give(visit, shopper):
    assignments.assign(visit=Visit.objects.get(pk=visit.pk), shopper=shopper, by=None, at=NOW)


def state_of(visit):
    return Visit.objects.values_list("state", "shopper").get(pk=visit.pk)


def test_a_report_does_not_end_the_visit_of_the_shopper_who_has_it_now(phone, people, waiting, meanwhile):
    meanwhile(lambda: give(waiting, people.shopper2))
    assert forms.send(phone, waiting, "not_possible", forms.CLOSED) == GONE
    assert state_of(waiting) == (VisitState.ASSIGNED, people.shopper2.pk)
    assert not PostedForm.objects.exists()


def test_nor_does_one_end_a_visit_that_is_nobodys_now(phone, people, waiting, meanwhile):
    meanwhile(lambda: assignments.withdraw(visit=Visit.objects.get(pk=waiting.pk), by=None, at=NOW))
    assert forms.send(phone, waiting, "not_possible", forms.CLOSED) == GONE
    assert state_of(waiting) == (VisitState.PLANNED, None)


def test_a_report_from_the_page_shows_its_text_and_nothing_of_the_visit(phone, people, waiting, monkeypatch):
    report = visits.report_not_possible

    def after(**given):
        give(waiting, people.shopper2)
        return report(**given)

    monkeypatch.setattr(visits, "report_not_possible", after)
    answer = phone.post(reverse("audits:visit_not_possible", args=[waiting.public_id]), forms.CLOSED)
    assert answer.status_code == 404
    assert forms.CLOSED["note"] in pages.words(answer)
    assert state_of(waiting) == (VisitState.ASSIGNED, people.shopper2.pk)


def take_back(phone, visit):
    return photos.take_back(phone, visit, uuid4())


SENDS = {
    "changes": lambda phone, visit: changes.send(phone, visit, changes.change()),
    "a photo": photos.send,
    "a proof": lambda phone, visit: photos.send(phone, visit, code="proof", kind="sign"),
    "a removal": take_back,
    "who was met": lambda phone, visit: forms.send(phone, visit, "met", forms.MET),
    "later answers": lambda phone, visit: forms.send(phone, visit, "follow_up", {}),
}


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
def test_whatever_comes_for_a_visit_that_has_changed_hands_is_told_that_it_is_gone(
    phone, people, visit, meanwhile, send
):
    mine = Visit.objects.get(pk=visit.pk)
    meanwhile(lambda: Visit.objects.update(shopper=people.shopper2))
    assert send(phone, mine) == GONE
    left = [model.objects.exists() for model in (Answer, Photo, PostedForm, TakenBack)]
    assert (left, Visit.objects.get().met_description) == ([False] * 4, "")


def test_a_door_comes_only_from_who_reported(phone, people, visit, meanwhile):
    assert forms.send(phone, visit, "not_possible", forms.CLOSED)[0] == 200
    meanwhile(lambda: Visit.objects.update(shopper=people.shopper2))
    assert photos.send(phone, visit, code="door") == GONE
    assert not Photo.objects.exists()


def test_a_section_for_a_visit_that_has_changed_hands_shows_what_was_typed(phone, people, visit, meanwhile):
    meanwhile(lambda: Visit.objects.update(shopper=people.shopper2))
    section = reverse("audits:section_edit", args=[visit.public_id, "A"])
    answer = phone.post(section, {"TK-A2": "not_met", "TK-A2-note": "Không ai chào tôi."})
    assert answer.status_code == 404
    assert "Không ai chào tôi." in pages.words(answer)
    assert not Answer.objects.exists()
