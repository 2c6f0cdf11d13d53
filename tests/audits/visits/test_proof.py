"""The photo that shows that the shopper was there: asked for by nobody, and seen by no unit."""

import errno
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from audits import photos
from audits.fieldwork.visits import actions as visits
from audits.models import Photo, ShownPhoto
from audits.review import showing
from outlets.models import Role
from tests import pages, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@kept
def shopper():
    worlds.places()
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def visit(shopper):
    return sheets.started(worlds.Outlet.objects.get(unit__code="AGG-LX-01"), shopper)


@pytest.fixture
def page(client, shopper):
    client.force_login(shopper)
    return client


def address(visit):
    return reverse("audits:visit_proof", args=[visit.public_id])


def give(page, visit, kind="ticket", **picture):
    return page.post(address(visit), {"kind": kind, "photo": sheets.picture(**picture)}, follow=True)


def kept_proofs():
    return list(Photo.objects.kept().exclude(proof="").values_list("proof", "criterion"))


def test_one_photo_is_given_replaced_and_taken_back(page, visit, media_root):
    assert "Không bắt buộc" in pages.words(page.get(address(visit)))
    assert "Chỉ người duyệt và ban chương trình" in pages.words(give(page, visit))
    assert kept_proofs() == [("ticket", None)]
    give(page, visit, "receipt", colour="gold")
    assert kept_proofs() == [("receipt", None)]
    assert "Đã gỡ ảnh" in pages.words(page.post(address(visit), {"remove": "1"}, follow=True))
    assert kept_proofs() == []
    assert Photo.objects.count() == 2  # removed, not deleted


def test_it_is_never_asked_for_and_the_office_sees_it(page, visit, shopper, client):
    sheets.complete(visit, shopper)
    give(page, visit, "sign")
    page.post(reverse("audits:visit_submit", args=[visit.public_id]))
    proof = Photo.objects.get(proof="sign")
    client.force_login(worlds.user("office", Role.OFFICE))
    words = pages.words(client.get(reverse("audits:received_detail", args=[visit.public_id])))
    assert "Minh chứng đã đến nơi: Biển hiệu điểm giao dịch" in words
    assert client.get(reverse("audits:received_photo", args=[visit.public_id, proof.public_id])).status_code == 200


def test_no_unit_can_be_shown_it(page, visit, shopper):
    sheets.complete(visit, shopper)
    give(page, visit)
    visits.submit(visit=visit, by=shopper, at=NOW)
    with pytest.raises(showing.PrivatePhoto):
        showing.show_photo(photo=Photo.objects.get(proof="ticket"), by=worlds.user("lan", Role.REVIEWER), at=NOW)
    assert not ShownPhoto.objects.exists()


@pytest.mark.parametrize("data", [{}, {"kind": "ticket"}, {"kind": "passport"}])
def test_what_is_not_whole_is_refused_and_nothing_is_kept(page, visit, data):
    answer = page.post(address(visit), data)
    assert answer.status_code == 422
    assert not Photo.objects.exists()


def test_a_file_that_is_no_photo_is_refused(page, visit):
    answer = page.post(address(visit), {"kind": "ticket", "photo": SimpleUploadedFile("x.jpg", b"no picture")})
    assert answer.status_code == 422
    assert not Photo.objects.exists()


def test_a_full_disk_is_told_and_the_earlier_photo_stays(page, visit, monkeypatch):
    give(page, visit, "sign")

    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(photos, "_write", full)
    answer = give(page, visit, "ticket", colour="gold")
    assert answer.status_code == 422
    assert "Máy chủ tạm hết chỗ lưu ảnh" in pages.words(answer)
    assert kept_proofs() == [("sign", None)]


def test_after_submitting_it_stays_as_it_is(page, visit, shopper):
    sheets.complete(visit, shopper)
    give(page, visit, "sign")
    visits.submit(visit=visit, by=shopper, at=NOW)
    assert give(page, visit, "ticket", colour="gold").status_code == 409
    assert page.post(address(visit), {"remove": "1"}).status_code == 409
    assert kept_proofs() == [("sign", None)]
    assert page.get(address(visit)).status_code == 302


@pytest.mark.parametrize("wrong", [{"criterion": "A1"}, {"again": True}])
def test_the_database_keeps_one_proof_of_no_criterion(page, visit, wrong):
    give(page, visit)
    photo = Photo.objects.get()
    if "again" in wrong:
        photo.pk, photo.public_id, photo.sha256 = None, uuid4(), "another"
    else:
        photo.criterion = visit.version.criteria.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        photo.save()
