"""The server's disk is full: nothing half-written is kept, what could not be kept is told, and room is all it takes."""

import io
import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from audits.models import Answer, Change, Photo
from tests.faults.phones import Phone, requests

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

# Longer than a page of SQLite's file, so that it has to grow.
LONG = "Chờ lâu. " * 430
FORM = "application/x-www-form-urlencoded"


def files(media_root):
    return {file.relative_to(media_root).as_posix() for file in media_root.rglob("*") if file.is_file()}


def named():
    return {path for photo in Photo.objects.all() for path in (photo.file, photo.thumbnail)}


def test_photo_for_which_there_is_no_room_is_refused_in_json_and_taken_when_there_is(
    serve, armed, visit, shopper, photo, media_root
):
    phone = Phone.of(serve("media-full").port, shopper)
    sent = requests(visit, phone, photo)
    armed.touch()
    refused = phone.once(*sent["photo"])
    assert (refused.status, refused.json()) == (507, {"refused": "no_room"})
    assert files(media_root) == set()
    assert Photo.objects.count() == 0
    assert phone.once(*sent["changes"]).status == 200, "answers need no room among the photos"
    armed.unlink()
    assert phone.once(*sent["photo"]).status == 200
    assert files(media_root) == named()


def test_section_whose_photo_has_no_room_keeps_its_answers_and_says_so(serve, armed, visit, shopper, photo, media_root):
    server = serve("media-full")
    phone = Phone.of(server.port, shopper)
    address = reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": "A"})
    file = io.BytesIO(photo)
    file.name = "anh.jpg"
    fields = {"TK-A1": "yes", "TK-A2": "partly", "TK-A2-note": "Chờ lâu", "TK-A1-photos": file}
    body = encode_multipart(BOUNDARY, fields)
    armed.touch()
    answer = phone.once(address, body, MULTIPART_CONTENT)
    assert answer.status == 422
    assert "Máy chủ đang hết chỗ lưu ảnh" in answer.body.decode()
    assert set(Answer.objects.values_list("criterion__code", "value")) == {("TK-A1", "yes"), ("TK-A2", "partly")}
    assert (Photo.objects.count(), files(media_root)) == (0, set())


def test_full_database_says_that_nothing_was_saved_and_recovers(serve, armed, visit, shopper, photo, database):
    if database != "sqlite":
        pytest.skip("PostgreSQL's own disk cannot be filled from here")
    phone = Phone.of(serve("database-full").port, shopper)
    path, body, kind = requests(visit, phone, photo)["changes"]
    long = json.loads(body)
    for change in long["changes"]:
        change["fields"][f"{change['code']}-note"] = LONG
    connection.cursor().execute("VACUUM")
    armed.touch()
    section = reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": "A"})
    refused = phone.once(path, json.dumps(long).encode(), kind)
    assert (refused.status, refused.json()) == (503, {"refused": "busy"})
    page = phone.once(section, urlencode({"TK-A1": "no", "TK-A1-note": LONG}).encode(), FORM)
    assert page.status == 503
    assert "Ổ đĩa của máy chủ đã đầy" in page.body.decode()
    assert "không có gì được lưu" in page.body.decode()
    assert not Answer.objects.exists()
    assert not Change.objects.exists()
    armed.unlink()
    assert phone.once(path, body, kind).status == 200
