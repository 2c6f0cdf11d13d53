"""A page of an earlier release, with its scripts, meets a newer server: what is typed there arrives all the same."""

import re

import pytest
from django.urls import reverse

from audits.fieldwork.sync import views as sync_views
from audits.models import Photo
from tests.browser.phones import SENT, choose, opened, photos_say, says, section, stored

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# What the first release's page and scripts did not have yet.
NEW_FIELDS = re.compile(rb'<input type="hidden" name="[\w-]+-(reason|waiver)"[^>]*>')


@pytest.fixture
def stale(phone, visit):
    """A phone whose page of the form and whose outbox are older than the server."""
    context = phone()

    def page_of_then(route):
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
        body, dropped = NEW_FIELDS.subn(b"", answer.body())
        assert dropped
        route.fulfill(status=answer.status, headers=headers, body=body)

    def script_of_then(route):
        body, dropped = re.subn(r"\n\s+after: record.after \?\? \[\],", "", route.fetch().text())
        assert dropped
        route.fulfill(body=body.replace("|| told.form", ""), content_type="text/javascript")

    context.route(f"**{section(visit)}", page_of_then)
    context.route("**/js/phone/outbox.js", script_of_then)
    return context


@pytest.fixture
def newer_server(monkeypatch):
    """It says more than the page knows, of each change and of all."""
    told = sync_views._told

    def more(received):
        body = told(received)
        for change in body["changes"]:
            change["since"] = "v2"
        return body | {"release": 2, "notice": {"text": "Bản mới"}}

    monkeypatch.setattr(sync_views, "_told", more)


def test_a_stale_page_delivers_its_answers_and_photos(stale, newer_server, visit, tmp_path):
    page = opened(stale, visit)
    assert page.locator("[name$=-reason]").count() == 0
    page.check("#TK-A2-not_met")
    page.fill("#TK-A2-note", "Không ai chào tôi.")
    says(page, "A2", SENT)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    assert (stored(visit, "A2").value, stored(visit, "A2").note, Photo.objects.count()) == (
        "not_met",
        "Không ai chào tôi.",
        1,
    )


def test_a_stale_page_keeps_working_beside_a_newer_one(stale, visit):
    """The newer page has changed the phone's database: the other one opens it as it is."""
    page = opened(stale, visit)
    newer = stale.new_page()
    newer.goto(reverse("audits:visit_list"))
    newer.evaluate(
        """() => new Promise((resolve, reject) => {
            const asked = indexedDB.open("smile", 1000);
            asked.onupgradeneeded = () => asked.result.createObjectStore("of the next release");
            asked.onsuccess = () => resolve(asked.result.close());
            asked.onerror = asked.onblocked = () => reject(asked.error);
        })"""
    )
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"
