"""The office corrects a published visit."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.models import PublishedVisit, Revision
from audits.results import actions as results
from audits.results.blocks import Rule
from tests import pages, published, worlds

pytestmark = pytest.mark.django_db

DAY = date(2025, 10, 14)


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def visit(at, people):
    """The third of a block: its A2 was not met."""
    made = [
        published.approved(at.counter, shopper, DAY + timedelta(days=number), answers)
        for number, (shopper, answers) in enumerate(
            ((people.shopper, "yy"), (people.shopper, "yy"), (people.shopper2, "yn"))
        )
    ]
    published.closed(DAY.replace(day=1))
    return made[2]


@pytest.fixture
def office(client, people):
    client.force_login(people.office)
    return client


def correct(office, visit, code="A2", **data):
    given = {"value": "yes", "reason": "Ảnh cho thấy đã đạt yêu cầu"} | data
    return office.post(reverse("audits:revision_create", args=[visit.public_id, code]), given, follow=True)


def test_a_correction_is_shown_with_its_reason_and_what_moved(office, visit):
    words = pages.words(correct(office, visit))
    for expected in ("25,0 → 100,0 %", "Ảnh cho thấy đã đạt yêu cầu", "Người office", "75,0000", "100,0000"):
        assert expected in words
    assert PublishedVisit.objects.get(visit=visit).percent == 1_000_000
    assert "đã trả lời: Không" in words


@pytest.mark.parametrize(
    "data", [{"reason": "ngắn"}, {"reason": ""}, {"value": ""}, {"value": "perhaps"}, {"value": "no"}]
)
def test_nothing_is_corrected_without_a_reason_or_to_what_it_is(office, visit, data):
    answer = correct(office, visit, **data)
    assert (answer.status_code, Revision.objects.count()) == (422, 0)


def test_an_unpublished_visit_and_an_unknown_criterion_are_not_found(office, at, people, visit):
    waiting = published.approved(at.counter, people.shopper, DAY)
    assert office.get(reverse("audits:revision_list", args=[waiting.public_id])).status_code == 404
    assert correct(office, visit, code="A9").status_code == 404


def test_a_published_visit_leads_to_its_corrections(office, visit):
    page = office.get(reverse("audits:received_detail", args=[visit.public_id]))
    assert reverse("audits:revision_list", args=[visit.public_id]) in page.content.decode()


def test_queries_stay_the_same_with_one_revision_and_with_three(office, visit, django_assert_num_queries):
    address = reverse("audits:revision_list", args=[visit.public_id])
    correct(office, visit)
    with django_assert_num_queries(11):
        office.get(address)
    correct(office, visit, value="no")
    correct(office, visit, code="A1", value="no")
    with django_assert_num_queries(11):
        office.get(address)


def test_a_correction_that_would_single_a_visit_out_is_refused_in_words(office, visit, monkeypatch):
    """The checklist of these tests knows no "not applicable", so the action's refusal is given."""

    def refuse(**given):
        raise results.TooFewLeft(["A2"], Rule(visits=3, shoppers=2))

    monkeypatch.setattr(results, "correct", refuse)
    answer = correct(office, visit)
    assert (answer.status_code, Revision.objects.count()) == (422, 0)
    assert "Chưa có gì thay đổi. Nếu điều chỉnh như vậy" in pages.words(answer)
