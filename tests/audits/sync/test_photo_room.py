"""A question takes so many photos and no more, whoever sends at once and whatever is put back."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.sync import actions as sync
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits.refusals import NoRoom
from audits.models import Photo, Visit
from tests import pages, races, sheets, worlds
from tests.audits.sync.test_photos_received import send
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

COLOURS = ("red", "green", "blue", "gold", "pink", "navy", "teal", "tan")
FULL = "Mỗi câu tối đa 8 ảnh."


def arrive(visit, colour, by):
    return sync.receive_photo(visit=visit, id=uuid4(), code="TK-A1", file=sheets.picture(colour), by=by, at=NOW)


def files(media_root):
    return sorted(file.relative_to(media_root).as_posix() for file in media_root.rglob("*") if file.is_file())


@pytest.mark.django_db(transaction=True)
def test_no_more_photos_at_once_than_a_question_may_have(transactional_db, media_root):
    places = worlds.places()
    shopper = worlds.people(places).shopper
    visit = sheets.started(places.counter, shopper)
    fetched = Visit.objects.select_related("wave", "outlet", "version").get(pk=visit.pk)
    seven = [arrive(fetched, colour, shopper).pk for colour in COLOURS[:7]]
    stored = files(media_root)

    def settle(results):
        assert sorted(type(each).__name__ for each in results) == ["NoRoom", "Photo"]
        assert Photo.objects.kept().count() == visits.PHOTOS_EACH
        assert len(files(media_root)) == len(stored) + 2  # the one that was taken, and its thumbnail
        for photo in Photo.objects.exclude(pk__in=seven):
            photo.delete()
            for path in (photo.file, photo.thumbnail):
                (media_root / path).unlink()

    acts = [lambda colour=colour: arrive(fetched, colour, shopper) for colour in ("white", "gray")]
    races.rounds(50, acts, settle, (NoRoom,))


@pytest.fixture
def full(phone, visit):
    """A question with eight photos, and a ninth that had been removed before the last of them."""
    ninth = send(phone, visit, "white")[1]["photo"]["id"]
    Photo.objects.update(removed_at=NOW)
    assert [send(phone, visit, colour)[0] for colour in COLOURS] == [200] * 8
    return Photo.objects.get(public_id=ninth)


def post(phone, visit, **fields):
    return phone.post(reverse("audits:section_edit", args=[visit.public_id, "A"]), fields)


def test_a_removed_photo_is_not_put_back_as_the_ninth(phone, visit, full):
    answer = post(phone, visit, restore=str(full.public_id))
    assert (answer.status_code, FULL in pages.words(answer)) == (422, True)
    assert Photo.objects.kept().count() == 8
    Photo.objects.kept().first().delete()
    assert post(phone, visit, restore=str(full.public_id)).status_code == 302
    assert Photo.objects.kept().filter(pk=full.pk).exists()


def test_a_page_that_knew_of_less_is_told_what_did_not_fit(phone, visit, full, monkeypatch):
    """Others have come since it counted; what else it holds is saved."""
    monkeypatch.setattr("audits.fieldwork.visits.forms.PHOTOS_EACH", 99)
    fields = {"TK-A1-photos": [sheets.picture("black"), sheets.picture("red")], "TK-A1-note": "Ảnh mờ."}
    answer = post(phone, visit, **fields)
    assert answer.status_code == 422
    assert Photo.objects.kept().count() == 8
    assert visit.answers.get().note == "Ảnh mờ."


def test_a_picture_that_is_there_is_no_ninth(phone, visit, full):
    assert send(phone, visit, COLOURS[0])[0] == 200
    assert send(phone, visit, "black")[1]["errors"] == [FULL]
