"""Where the phone was: given once after a consent of its own, told coarsely, forgotten after 90 days."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from audits.fieldwork.arrival import actions as arrival
from audits.models import Place
from outlets.models import Outlet
from tests import pages, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

POINT = {"is_agreed": "on", "latitude": "10.3866012345", "longitude": "105.4351", "accuracy": "24.6"}


@kept
def people():
    places = worlds.places()
    Outlet.objects.filter(pk=places.counter.pk).update(latitude="10.3865", longitude="105.4351")
    return worlds.people(places)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def visit(people):
    return sheets.started(Outlet.objects.get(unit__code="AGG-LX-01"), people.shopper)


@pytest.fixture
def page(client, people):
    client.force_login(people.shopper)
    return client


def address(visit, name="place"):
    return reverse(f"audits:visit_{name}", args=[visit.public_id])


def give(page, visit, **changed):
    return page.post(address(visit), POINT | changed, follow=True)


def test_a_place_is_kept_with_its_consent_and_told_coarsely(page, visit):
    before = pages.words(page.get(address(visit, "proof")))
    assert "dữ liệu cá nhân nhạy cảm" in before
    after = pages.words(give(page, visit))
    assert "cách điểm giao dịch dưới 200 m" in after
    place = Place.objects.get()
    assert (str(place.latitude), str(place.longitude), place.accuracy, place.band) == (
        "10.386601",
        "105.435100",
        25,
        "near",
    )
    assert (place.consent, place.consented_at, place.taken_at) == (1, NOW, NOW)
    assert "10.38" not in after


def test_a_second_point_replaces_the_first(page, visit):
    give(page, visit)
    give(page, visit, latitude="10.4165")
    assert Place.objects.values_list("band", flat=True).get() == "far"


def test_without_the_outlets_place_the_distance_is_not_known(page, visit):
    Outlet.objects.update(latitude=None, longitude=None)
    assert "chưa rõ khoảng cách" in pages.words(give(page, visit))


def test_without_consent_nothing_is_kept(page, visit):
    answer = page.post(address(visit), POINT | {"is_agreed": ""})
    assert (answer.status_code, "Chưa có sự đồng ý" in pages.words(answer)) == (422, True)
    assert not Place.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"latitude": ""},
        {"latitude": "91"},
        {"longitude": "-181"},
        {"latitude": "nan"},
        {"accuracy": "inf"},
        {"longitude": "1e400"},
        {"latitude": "mười"},
        {"accuracy": "-1"},
    ],
)
def test_what_is_no_place_is_told_and_not_kept(page, visit, changed):
    answer = page.post(address(visit), POINT | changed)
    assert (answer.status_code, "chưa cho biết vị trí" in pages.words(answer)) == (422, True)
    assert not Place.objects.exists()


def test_a_phone_that_knows_nothing_says_so(page, visit):
    give(page, visit, accuracy="1e300")
    assert Place.objects.values_list("accuracy", "band").get() == (1_000_000, "unknown")


def test_a_consent_is_withdrawn_at_once_and_can_be_given_again(page, visit):
    give(page, visit)
    assert "đã xóa vị trí" in pages.words(page.post(address(visit), {"withdraw": "1"}, follow=True))
    place = Place.objects.get()
    assert (place.latitude, place.longitude, place.accuracy, place.band, place.withdrawn_at) == (*[None] * 3, "", NOW)
    assert "không giữ vị trí nào" in pages.words(page.post(address(visit), {"withdraw": "1"}, follow=True))
    give(page, visit)
    assert Place.objects.values_list("band", "withdrawn_at").get() == ("near", None)


def submitted_with_place(people):
    visit = sheets.submitted(Outlet.objects.get(unit__code="AGG-LX-01"), people.shopper)
    given = {"visit": visit, "consent": 1, "consented_at": NOW, "taken_at": NOW, "band": "near", "accuracy": 24}
    Place.objects.create(**given, latitude=10, longitude=105)
    return visit


def test_after_submitting_a_place_is_not_given_any_more_and_still_withdrawn(page, people, media_root):
    visit = submitted_with_place(people)
    assert page.post(address(visit), POINT | {"latitude": "11"}).status_code == 409
    assert page.post(address(visit), {"latitude": "x"}).status_code == 409
    shown = pages.words(page.get(address(visit, "proof")))
    assert "Rút lại đồng ý và xóa" in shown
    assert "Ảnh chụp gì?" not in shown
    page.post(address(visit), {"withdraw": "1"})
    assert Place.objects.get().band == ""
    assert page.get(address(visit, "proof")).status_code == 302


def test_anothers_visit_is_not_there(client, people, visit):
    client.force_login(people.shopper2)
    assert client.post(address(visit), POINT).status_code == 404


def test_reviewers_read_how_far_and_never_where(client, people, media_root):
    done = submitted_with_place(people)
    client.force_login(people.reviewer)
    shown = pages.words(client.get(reverse("audits:received_detail", args=[done.public_id])))
    assert "cách điểm giao dịch dưới 200 m (sai số khoảng 24 m)" in shown


def test_only_the_page_of_the_place_may_ask_the_phone_for_it(page, visit):
    assert "geolocation=(self)" in page.get(address(visit, "proof"))["Permissions-Policy"]
    assert "geolocation=()" in page.get(address(visit, "detail"))["Permissions-Policy"]


# --- Forgotten ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "seconds", "is_kept"), [(89, 0, True), (90, -1, True), (90, 0, False), (400, 0, False)]
)
def test_a_point_is_forgotten_after_90_days_and_its_distance_stays(page, visit, days, seconds, is_kept):
    give(page, visit)
    at = NOW + timedelta(days=days, seconds=seconds)
    assert arrival.forget_places(at=at) == (0 if is_kept else 1)
    place = Place.objects.get()
    assert (place.latitude is not None, place.longitude is not None) == (is_kept, is_kept)
    assert (place.band, place.accuracy) == ("near", 25)
    assert arrival.forget_places(at=at) == 0


def test_the_daily_command_forgets(page, visit, capsys, media_root):
    give(page, visit)
    Place.objects.update(taken_at=NOW - timedelta(days=90))
    call_command("sweep")
    assert "Forgot 1 points of places" in capsys.readouterr().out
    assert Place.objects.get().latitude is None


@pytest.mark.parametrize(
    "changed", [{"withdrawn_at": NOW}, {"latitude": None}, {"longitude": None}], ids=["withdrawn", "east", "north"]
)
def test_half_a_point_and_one_without_consent_are_refused_by_the_database(page, visit, changed):
    give(page, visit)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.update(**changed)
