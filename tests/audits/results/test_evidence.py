"""What a unit sees of its published visits, and what it cannot tell from it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.models import Criterion, Photo, ShownNote
from audits.results import evidence
from tests import pages, published, worlds

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
DAY = date(2026, 10, 14)


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def visits(at, people):
    """A block of three, with a note shown of each and a photo of the first."""
    made = [
        published.approved(at.counter, shopper, DAY + timedelta(days=number), "yy")
        for number, shopper in enumerate((people.shopper, people.shopper, people.shopper2))
    ]
    for number, visit in enumerate(made):
        shown_note(visit, people, f"Ghi nhận {number}")
    return made


def shown_note(visit, people, text, code="A1"):
    criterion = Criterion.objects.get(version=visit.version, code=code)
    return ShownNote.objects.create(visit=visit, criterion=criterion, text=text, by=people.reviewer, at=worlds.NOW)


def seen(client, user, unit, **query):
    client.force_login(user)
    return client.get(reverse("audits:evidence_list", args=[unit.public_id], query=query))


def test_nothing_is_seen_before_its_month_is_closed(client, at, people, visits):
    photo = published.shown_photo(visits[0], people.reviewer)
    assert "Ghi nhận" not in pages.words(seen(client, people.manager, at.an_giang))
    assert client.get(reverse("audits:evidence_photo", args=[photo.public_id])).status_code == 404


def test_a_block_shows_what_was_marked_and_nothing_that_tells_a_visit(client, at, people, visits):
    photo = published.shown_photo(visits[0], people.reviewer)
    published.closed(OCTOBER)
    answer = seen(client, people.manager, at.an_giang)
    words = pages.words(answer)
    assert all(f"Ghi nhận {number}" in words for number in range(3))
    for secret in ("14/10", "15/10", people.shopper.shopper_code, str(visits[0].public_id), "original"):
        assert secret not in answer.content.decode()
    copy = client.get(reverse("audits:evidence_photo", args=[photo.public_id]))
    assert (b"".join(copy.streaming_content), copy["Content-Type"]) == (b"copy.jpg", "image/jpeg")
    assert "Last-Modified" not in copy


def test_it_is_found_by_its_criterion_and_month(client, at, people, visits):
    shown_note(visits[0], people, "Của tiêu chí thứ hai", code="A2")
    published.closed(OCTOBER)
    words = pages.words(seen(client, people.manager, at.an_giang, criterion="A2", month="2026-10"))
    assert "Của tiêu chí thứ hai" in words
    assert "Ghi nhận 0" not in words
    assert evidence.criteria(at.an_giang) == [("A1", "A1 Tiêu chí 1"), ("A2", "A2 Tiêu chí 2")]
    assert evidence.criteria(at.ha_noi) == []
    assert evidence.criteria(at.ha_noi, "A2") == [("A2", "A2 Tiêu chí 2")]
    assert "Ghi nhận" not in pages.words(seen(client, people.office, at.ha_noi, criterion="A2"))
    assert "Ghi nhận 0" in pages.words(seen(client, people.manager, at.an_giang, criterion="Z9"))


def test_the_order_within_a_block_is_not_that_of_the_visits(at, people, visits):
    """It follows random numbers that are drawn when a note is marked."""
    published.closed(OCTOBER)
    by_number = list(ShownNote.objects.order_by("public_id").values_list("text", flat=True))
    (block,) = evidence.shown(evidence.blocks(at.group))
    assert list(block.criteria[0].notes) == by_number


def test_a_photo_taken_back_or_of_a_paper_is_never_shown(client, at, people, visits):
    photo = published.shown_photo(visits[0], people.reviewer)
    published.closed(OCTOBER)
    client.force_login(people.manager)
    address = reverse("audits:evidence_photo", args=[photo.public_id])
    assert client.get(address).status_code == 200
    Photo.objects.update(removed_at=worlds.NOW)
    assert client.get(address).status_code == 404
    assert "<img" not in seen(client, people.manager, at.an_giang).content.decode()


def test_another_units_evidence_is_not_found_and_an_observer_sees_none(client, at, people, visits):
    photo = published.shown_photo(visits[0], people.reviewer)
    published.closed(OCTOBER)
    assert seen(client, people.manager2, at.an_giang).status_code == 404
    assert client.get(reverse("audits:evidence_photo", args=[photo.public_id])).status_code == 404
    assert seen(client, people.observer, at.an_giang).status_code == 403


def test_queries_stay_the_same_with_one_block_and_with_three(client, at, people, visits, django_assert_num_queries):
    published.closed(OCTOBER)
    seen(client, people.manager, at.an_giang)
    with django_assert_num_queries(12):
        client.get(reverse("audits:evidence_list", args=[at.an_giang.public_id]))
    for outlet in (at.other_counter, at.counter):
        for number, shopper in enumerate((people.shopper, people.shopper, people.shopper2)):
            visit = published.approved(outlet, shopper, date(2026, 11, 3) + timedelta(days=number), "yy")
            shown_note(visit, people, "Ghi nhận khác")
    published.closed(date(2026, 11, 1))
    with django_assert_num_queries(12):
        client.get(reverse("audits:evidence_list", args=[at.an_giang.public_id]))
