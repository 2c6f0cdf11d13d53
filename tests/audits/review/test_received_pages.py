"""The quality office's view of submitted visits."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.visits import actions as visits
from audits.models import Photo, Submission
from audits.review import actions as review
from audits.review import queries
from outlets.models import Placement, Role
from tests import sheets, worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: worlds.NOW)


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


def url(name, visit, **kwargs):
    return reverse(f"audits:{name}", kwargs={"visit_id": visit.public_id, **kwargs})


@pytest.mark.parametrize("count", [1, 3])
def test_received_list_takes_the_same_queries_for_any_number(page, places, shopper, count, django_assert_num_queries):
    for _ in range(count):
        sheets.submitted(places.counter, shopper)
    with django_assert_num_queries(6):
        response = page.get(reverse("audits:received_list"))
    assert response.context["listing"].total == count
    assert [visit.above for visit in response.context["listing"].page] == ["VNPT An Giang"] * count
    assert response.content.decode().count("VNPT An Giang · ") == count


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("received_detail", 12), ("received_score", 8)])
def test_a_received_visit_takes_the_same_queries_for_any_photos(
    page, places, shopper, name, queries, count, django_assert_num_queries
):
    visit = sheets.submitted(places.counter, shopper)
    photo = visit.photos.filter(criterion__isnull=False).first()
    for _ in range(count):
        photo.pk, photo.public_id, photo.sha256 = None, uuid4(), uuid4().hex * 2
        photo.save()
        visit.events.create(kind="submitted", to_state="submitted", at=worlds.NOW, by=shopper)
    with django_assert_num_queries(queries):
        assert page.get(url(name, visit)).status_code == 200


def test_received_list_is_searched_without_diacritics_and_sorted_by_score(page, places, shopper):
    here = sheets.submitted(places.counter, shopper)
    sheets.submitted(places.other_counter, shopper)
    found = page.get(reverse("audits:received_list"), {"q": "dgd long xuyen", "sort": "-score"})
    assert list(found.context["listing"].page) == [here]


@pytest.mark.parametrize("sort", ["submitted", "-submitted", "score", "-score"])
def test_what_has_no_figure_comes_last_in_both_directions(page, places, shopper, sort):
    empty = sheets.assigned(places.counter, shopper)
    visits.report_not_possible(visit=empty, reason="closed", note="Khóa cửa", by=shopper, at=worlds.NOW)
    scored = sheets.submitted(places.other_counter, shopper)
    found = page.get(reverse("audits:received_list"), {"sort": sort}).context["listing"]
    assert list(found.page) == [scored, empty]


def test_an_open_visit_is_not_there(page, places, shopper):
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    assert page.get(url("received_detail", visit)).status_code == 404
    assert page.get(reverse("audits:received_list")).context["listing"].total == 0


def test_the_figure_and_its_arithmetic_are_shown_to_four_decimals(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    assert "65,0" in page.get(url("received_detail", visit)).content.decode()
    body = page.get(url("received_score", visit)).content.decode()
    # 650 / 10; A2 lost 15 points, B1 20 points.
    for figure in ("65,0000", "15,0000", "20,0000", "35,0000", "100,0000"):
        assert figure in body


def test_each_submission_is_explained_by_its_own_workings(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    visits.save_answers(visit=visit, entries=[sheets.entry("B3", "no", note="Không gọi")], by=shopper, at=worlds.NOW)
    visits.submit_follow_up(visit=visit, by=shopper, at=worlds.NOW)
    assert "54,1667" in page.get(url("received_score", visit)).content.decode()
    assert "65,0000" in page.get(url("received_score", visit), {"submission": "1"}).content.decode()
    assert page.get(url("received_score", visit), {"submission": "9"}).status_code == 404


def test_a_visit_without_a_score_says_so(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    workings = Submission.objects.get().workings | {"percent": None, "grade": None}
    Submission.objects.update(percent=None, grade="", workings=workings)
    for name in ("received_list",):
        assert page.get(reverse(f"audits:{name}")).status_code == 200
    assert page.get(url("received_detail", visit)).status_code == 200
    assert page.get(url("received_score", visit)).status_code == 200


def test_a_visit_that_was_not_possible_shows_its_reason_and_the_door(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    door = visits.photo_files.intake(sheets.picture())
    visits.report_not_possible(
        visit=visit, reason="closed", note="Khóa cửa từ sáng", photos=[door], by=shopper, at=worlds.NOW
    )
    assert "Khóa cửa từ sáng" in page.get(url("received_detail", visit)).content.decode()
    photo = url("received_thumbnail", visit, photo_id=Photo.objects.get().public_id)
    assert page.get(photo).status_code == 200
    assert page.get(url("received_score", visit)).status_code == 404


def test_a_reader_does_not_see_visits_to_the_own_unit(page, places, shopper, reviewer):
    visit = sheets.submitted(places.counter, shopper)
    colleague = worlds.staff_member("NV1", "Lê Thị Thu Hà", places.counter, user=reviewer)
    assert page.get(url("received_detail", visit)).status_code == 404
    Placement.objects.filter(staff=colleague).delete()
    worlds.user("another", Role.REVIEWER)
    assert page.get(url("received_detail", visit)).status_code == 200


def test_no_page_names_the_shopper(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    body = page.get(url("received_detail", visit)).content.decode()
    assert shopper.shopper_code in body
    assert shopper.username not in body


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR, Role.STAFF, Role.SYSADMIN, Role.SHOPPER])
def test_other_roles_are_refused(client, places, shopper, role):
    visit = sheets.submitted(places.counter, shopper)
    client.force_login(worlds.user("somebody", role))
    for name in ("received_detail", "received_score"):
        assert client.get(url(name, visit)).status_code == 403


def test_reading_changes_nothing(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    assert page.post(url("received_detail", visit)).status_code == 405


def test_an_answer_being_completed_stands_beside_its_figure_as_it_was_scored(page, places, shopper, reviewer):
    visit = sheets.submitted(places.counter, shopper)
    later = worlds.NOW + timedelta(hours=1)
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ hơn"}, by=reviewer, at=worlds.NOW)
    draft = sheets.entry("A2", "met", note="Ghi chú chưa nộp", seen=1)
    visits.save_answers(visit=visit, entries=[draft], by=shopper, at=later)
    visit.refresh_from_db()
    (line,) = [
        line for section in queries.read(visit).sections for line in section.lines if line.criterion.code == "TK-A2"
    ]
    assert (line.said.label, line.said.look, line.is_changed, line.score.result) == ("Đạt một phần", "part", True, 50)
    body = page.get(url("received_detail", visit)).content.decode()
    assert "Ghi chú chưa nộp" not in body
    assert "đây là câu trả lời đã được tính điểm" in body


def test_a_measured_number_is_explained_by_its_step(page, places, shopper):
    """B1: 7 minutes, up to 5 gives 100, up to 10 gives 50."""
    visit = sheets.submitted(places.counter, shopper)
    assert "7 phút: trên 5 đến 10 được 50%" in page.get(url("received_score", visit)).content.decode()


def test_a_unit_finds_the_visits_of_all_outlets_below_it(page, places, shopper):
    here = sheets.submitted(places.counter, shopper)
    sheets.submitted(places.far_counter, shopper)
    found = page.get(reverse("audits:received_list"), {"q": "vnpt an giang"}).context["listing"]
    assert list(found.page) == [here]
