"""The same on the product itself: a section of the phone form, with its photo, cut in mid-upload."""

import http.client
from urllib.parse import urlencode

import pytest
from django.test.client import MULTIPART_CONTENT, Client, encode_multipart
from django.urls import reverse

from audits.models import Answer, Photo, VisitEvent
from outlets.models import HeldForm, Role
from tests import sheets, worlds
from tests.faults.connections import cut_everywhere

pytestmark = pytest.mark.server

NOTE = "Quầy sạch, có số thứ tự. " * 150


@pytest.fixture
def section(transactional_db):
    """The address of a started visit's first section, and the headers of its shopper."""
    shopper = worlds.user("shopper", Role.SHOPPER)
    visit = sheets.started(worlds.places().counter, shopper)
    path = reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": "A"})
    browser = Client()
    browser.force_login(shopper)
    token = browser.get(path).cookies["csrftoken"].value
    return path, token, f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}"


def form(token: str, kind: str) -> tuple[str, bytes]:
    fields = {"csrfmiddlewaretoken": token, "TK-A1": "no", "TK-A1-note": NOTE, "TK-A2": "partly"}
    if kind == "urlencoded":
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    return MULTIPART_CONTENT, encode_multipart(
        "BoUnDaRyStRiNg", fields | {"TK-A1-photos": sheets.picture(size=(1600, 1200))}
    )


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Answer, Photo, VisitEvent, HeldForm)}


@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
def test_cut_section_saves_nothing(live_process, media_root, section, kind):
    path, token, cookie = section
    content_type, body = form(token, kind)
    headers = {"Content-Type": content_type, "Cookie": cookie}
    before = rows()
    assert cut_everywhere(live_process.port, path, headers, body, "FIN") == {400}
    assert cut_everywhere(live_process.port, path, headers, body, "RST") == {None}
    live_process.finish()  # what the resets set off has ended too
    assert rows() == before
    assert not media_root.exists() or list(media_root.rglob("*.*")) == []


@pytest.mark.parametrize(("kind", "photos"), [("multipart", 1), ("urlencoded", 0)])
def test_same_section_sent_whole_is_saved(live_process, section, kind, photos):
    path, token, cookie = section
    content_type, body = form(token, kind)
    browser = http.client.HTTPConnection("127.0.0.1", live_process.port, timeout=20)
    browser.request("POST", path, body, {"Content-Type": content_type, "Cookie": cookie})
    assert browser.getresponse().status == 302
    browser.close()
    saved = Answer.objects.values_list("criterion__code", "value", "note")
    assert set(saved) == {("TK-A1", "no", NOTE.strip()), ("TK-A2", "partly", "")}
    assert Photo.objects.count() == photos
