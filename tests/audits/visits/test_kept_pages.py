"""Which pages a phone may keep: whose they are is said in a header, and what is done is not kept."""

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import kept_pages, sheet
from audits.models import Visit
from tests import sheets, worlds
from vnpt_smile.offline import FILES

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return worlds.people(worlds.places())


@pytest.fixture
def counter(people):
    return worlds.Outlet.objects.get(unit__code="AGG-LX-01")


def owner(client, address):
    return client.get(address).get(kept_pages.HEADER)


def test_every_page_of_an_open_visit_says_whose_it_is(client, people, counter):
    visit = sheets.started(counter, people.shopper)
    client.force_login(people.shopper)
    pages = kept_pages.pages(sheet.read(visit))
    assert len(pages) == 11
    for page in pages:
        assert owner(client, page) == str(people.shopper.public_id)


def test_a_visit_that_has_not_begun_keeps_what_reports_a_closed_door(client, people, counter):
    visit = sheets.assigned(counter, people.shopper)
    client.force_login(people.shopper)
    pages = kept_pages.pages_before(visit)
    assert [page.rstrip("/").rpartition("/")[2] for page in pages] == ["visits", str(visit.public_id), "not-possible"]
    assert f'data-pages="{" ".join(pages)}"' in client.get(pages[1]).content.decode()
    for page in pages:
        assert owner(client, page) == str(people.shopper.public_id)
    Visit.objects.update(state=VisitState.NOT_POSSIBLE, not_possible_reason="closed")
    visit.refresh_from_db()
    assert kept_pages.pages_before(visit) == []


def test_a_returned_visit_keeps_the_sections_with_remarks(client, people, counter):
    visit = sheets.returned(sheets.submitted(counter, people.shopper), "B1")
    client.force_login(people.shopper)
    pages = kept_pages.pages(sheet.read(visit))
    assert [page.rstrip("/").rpartition("/")[2] for page in pages[2:]] == ["check", "missing", "proof", "B"]
    for page in pages:
        assert owner(client, page) == str(people.shopper.public_id)


def test_of_a_submitted_visit_what_is_still_to_be_answered_is_kept(client, people, counter):
    visit = sheets.submitted(counter, people.shopper)
    client.force_login(people.shopper)
    detail = reverse("audits:visit_detail", args=[visit.public_id])
    assert owner(client, detail) == str(people.shopper.public_id)
    assert owner(client, f"{detail}check/") is None
    visits.save_answers(visit=visit, entries=[sheets.entry("B3", "yes")], by=people.shopper, at=sheets.NOW)
    visits.submit_follow_up(visit=visit, by=people.shopper, at=sheets.NOW)
    assert owner(client, detail) is None
    assert kept_pages.pages(sheet.read(visit)) == []


def test_a_page_with_a_message_is_not_kept(client, people, counter):
    visit = sheets.started(counter, people.shopper)
    client.force_login(people.shopper)
    met = {"visited_on": worlds.TODAY.isoformat(), "description": "Quầy 2"}
    answer = client.post(reverse("audits:visit_met", args=[visit.public_id]), met, follow=True)
    assert answer.status_code == 200
    assert answer.context["messages"]
    assert kept_pages.HEADER not in answer


def stamp(visit):
    return kept_pages.stamp(visit, len(sheet.read(visit).remarks))


def test_the_stamp_changes_with_what_is_asked(people, counter):
    visit = sheets.submitted(counter, people.shopper)
    stamps = {stamp(visit)}
    stamps.add(stamp(sheets.returned(visit, "B1")))
    stamps.add(stamp(sheets.returned(visit, "A1")))
    assert len(stamps) == 3


def test_the_worker_keeps_every_file_that_a_visit_needs(client, people, counter):
    visit = sheets.started(counter, people.shopper)
    client.force_login(people.shopper)
    worker = client.get("/sw.js")
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    for page in kept_pages.pages(sheet.read(visit)):
        html = client.get(page).content.decode()
        named = {part.split('"')[0] for part in html.split('"/static/')[1:]}
        named = {name.partition("#")[0] for name in named}
        assert {name for name in named if f"/static/{name}" not in worker.content.decode()} == set()
    assert [name for name in FILES if finders.find(name) is None] == []


def test_the_page_without_a_network_names_nobody(client, people):
    plain = client.get("/offline/").content
    client.force_login(people.shopper)
    assert client.get("/offline/").content == plain
