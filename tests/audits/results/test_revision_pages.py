"""The office corrects a published visit."""

from datetime import date, timedelta

import pytest
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from audits.models import PublishedVisit, Revision
from audits.results import actions as results
from audits.results.blocks import Rule
from outlets.models import HeldForm
from tests import pages, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

DAY = date(2025, 10, 14)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
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


def asked(office, visit, code="A2", **data):
    """What the form answers: what would change, or what is missing."""
    given = {"value": "yes", "reason": "Ảnh cho thấy đã đạt yêu cầu"} | data
    return office.post(reverse("audits:revision_create", args=[visit.public_id, code]), given, follow=True)


def correct(office, visit, code="A2", **data):
    """Asks, and confirms what would change if that is what comes."""
    answer = asked(office, visit, code, **data)
    if answer.status_code != 200:
        return answer
    return asked(office, visit, code, **data, seen=answer.context["foreseen"].seen)


def test_the_form_says_what_the_criterion_counts_as_now(office, visit):
    address = reverse("audits:revision_create", args=[visit.public_id, "A2"])
    assert "Hiện được tính là: Không" in pages.words(office.get(address))
    correct(office, visit)
    assert "Hiện được tính là: Có" in pages.words(office.get(address))


def test_nothing_is_written_before_what_would_change_was_confirmed(office, visit):
    answer = asked(office, visit)
    foreseen = answer.context["foreseen"]
    assert (foreseen.label, foreseen.before.percent, foreseen.after.percent) == ("Có", 250_000, 1_000_000)
    for expected in ("25,0 % · Cần", "100,0 % · Xuất sắc", "Ảnh cho thấy đã đạt yêu cầu"):
        assert expected in pages.words(answer)
    changed = asked(office, visit, change="1", seen=answer.context["foreseen"].seen)
    assert "Ảnh cho thấy đã đạt yêu cầu" in changed.content.decode()
    assert (changed.status_code, Revision.objects.count()) == (200, 0)
    again = asked(office, visit, seen=answer.context["foreseen"].seen)
    assert (again.redirect_chain[0][1], Revision.objects.count()) == (302, 1)


def test_what_was_confirmed_is_that_correction_and_no_other(office, visit):
    seen = asked(office, visit).context["foreseen"].seen
    correct(office, visit, code="A1", value="no")  # meanwhile
    late = asked(office, visit, seen=seen)
    assert late.context["foreseen"].before.percent == 0
    assert Revision.objects.count() == 1
    other = asked(office, visit, code="A1", seen=late.context["foreseen"].seen.replace("yes", "no"))
    assert "foreseen" in other.context
    assert Revision.objects.count() == 1


def test_what_was_held_of_the_form_goes_with_its_correction(office, visit, people):
    address = reverse("audits:revision_create", args=[visit.public_id, "A2"])
    HeldForm.objects.create(owner=people.office, path=address, data={"reason": ["Đang gõ dở"]}, held_at=timezone.now())
    assert "Đang gõ dở" in office.get(address).content.decode()
    correct(office, visit)
    assert not HeldForm.objects.exists()


# --- All corrections ------------------------------------------------------------------------------

LIST = reverse_lazy("audits:correction_list")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(office, visit, count, django_assert_num_queries):
    for number in range(count):
        correct(office, visit, value="yn"[number % 2].replace("y", "yes").replace("n", "no"))
    office.get(LIST)
    with django_assert_num_queries(8):
        answer = office.get(LIST)
    rows = answer.context["rows"]
    assert [(row.percent_before, row.revision.percent) for row in rows] == [
        (250_000, 1_000_000),
        (1_000_000, 250_000),
        (250_000, 1_000_000),
    ][-count:]
    assert {row.corrected for row in rows} == {("A2",)}


def test_a_months_count_of_corrections_leads_to_its_list(office, visit):
    months = reverse("audits:period_list")
    assert str(LIST) not in office.get(months).content.decode()
    correct(office, visit)
    assert f'href="{LIST}?month=2025-10"' in office.get(months).content.decode()
    found = {query: office.get(f"{LIST}?{query}").context["listing"].total for query in QUERIES}
    assert found == {"month=2025-10": 1, "month=2025-11": 1, "q=an+giang": 1, "q=ha+noi": 0, "sort=outlet": 1}


QUERIES = ("month=2025-10", "month=2025-11", "q=an+giang", "q=ha+noi", "sort=outlet")


def test_corrections_of_the_own_unit_are_not_listed(office, visit, at, people):
    correct(office, visit)
    worlds.staff_member("NV9", "Lê Thị Thu Hà", at.counter, user=people.office)
    assert office.get(LIST).context["listing"].total == 0


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
