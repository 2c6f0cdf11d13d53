"""The office's pages of months."""

from datetime import date, timedelta

import pytest

from audits.fieldwork.states import VisitState
from audits.models import Period, Visit
from outlets.organisation import actions as organisation
from tests import pages, plans, published, worlds

pytestmark = pytest.mark.django_db

OCTOBER = date(2025, 10, 1)  # the pages go by the real clock
DAY = date(2025, 10, 14)
PAGE = "/months/close/"


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def three(at, people):
    return [
        published.approved(at.counter, shopper, DAY + timedelta(days=number), "yy")
        for number, shopper in enumerate((people.shopper, people.shopper, people.shopper2))
    ]


@pytest.fixture
def office(client, people):
    client.force_login(people.office)
    return client


def close(office, month="2025-10", **data):
    return office.post(PAGE, {"month": month, "is_read": "on"} | data)


def test_the_page_says_what_closing_would_do_and_what_is_open(office, at, people, three):
    published.approved(at.other_counter, people.shopper, DAY)
    waiting = published.approved(at.far_counter, people.shopper, DAY)
    Visit.objects.filter(pk=waiting.pk).update(state=VisitState.SUBMITTED)
    shown = office.get(PAGE)
    assert (shown.context["preview"].visits, shown.context["preview"].blocks) == (3, 1)
    assert shown.context["preview"].open == {VisitState.SUBMITTED: 1}
    assert [(row.outlet.unit.name, row.waiting, row.shoppers) for row in shown.context["listing"].page] == [
        ("ĐGD Chợ Mới", 1, 1)
    ]
    assert "Chốt tháng 10/2025" in pages.words(shown)


def test_visits_of_an_outlet_that_went_into_another_wait_with_the_others(office, at, people):
    published.approved(at.counter, people.shopper, DAY)
    published.approved(at.other_counter, people.shopper2, DAY)
    moment = published.moment(date(2025, 10, 20))
    organisation.merge(
        predecessors=[at.counter.unit], successor=at.other_counter.unit, effective_on=moment.date(), by=None, at=moment
    )
    shown = office.get(PAGE)
    (row,) = shown.context["listing"].page
    assert (row.waiting, row.shoppers) == (2, 2)


def test_closing_publishes_and_says_so(office, three, people):
    answer = office.post(PAGE, {"month": "2025-10", "is_read": "on"}, follow=True)
    assert "Đã chốt tháng 10/2025: công bố 3 lượt." in pages.words(answer)
    assert Period.objects.get().closed_by == people.office


def test_nothing_is_closed_unread_or_twice(office, three, people):
    assert close(office, is_read="").status_code == 422
    assert close(office, month="2025-11").status_code == 422
    assert close(office, month="October").status_code == 422
    assert close(office, month="9999-12").status_code == 422
    assert not Period.objects.exists()
    assert close(office).status_code == 302
    again = close(office)
    assert (again.status_code, Period.objects.count()) == (409, 1)
    assert "Người office" in pages.words(again)


def test_before_anything_is_approved_the_page_says_so(office, at):
    assert "Chưa có gì để chốt" in pages.words(office.get(PAGE))
    assert "Chưa có tháng nào được chốt" in pages.words(office.get("/months/"))


def test_a_month_that_runs_cannot_be_closed_yet(office, at, people):
    today = published.moment(date.today()).date()  # noqa: DTZ011 (the page goes by the real clock)
    published.approved(at.counter, people.shopper, today.replace(day=1))
    assert "Tháng này chưa hết" in pages.words(office.get(PAGE))


def test_the_months_are_listed_with_what_was_published(office, three, people):
    published.closed(OCTOBER, by=people.office)
    row = office.get("/months/").context["rows"][0]
    assert (row.period.month, row.blocks, row.visits, row.late, row.revisions) == (OCTOBER, 1, 3, 0, 0)


def test_queries_stay_the_same_with_one_row_and_with_three(office, at, people, django_assert_num_queries):
    outlets = plans.outlets_below(at.long_xuyen, 3)
    published.approved(at.counter, people.shopper, DAY)
    with django_assert_num_queries(14):
        office.get(PAGE)
    for outlet in outlets:
        published.approved(outlet, people.shopper, DAY)
    with django_assert_num_queries(14):
        office.get(PAGE)
    published.closed(OCTOBER)
    with django_assert_num_queries(8):
        office.get("/months/")
    for month in (date(2025, 11, 1), date(2025, 12, 1)):
        published.closed(month)
    with django_assert_num_queries(8):
        office.get("/months/")


def test_the_outlets_that_wait_are_searched(office, at, people):
    for outlet in (at.counter, at.other_counter):
        published.approved(outlet, people.shopper, DAY)
    assert [row.outlet.unit.name for row in office.get(PAGE, {"q": "cho moi"}).context["listing"].page] == [
        "ĐGD Chợ Mới"
    ]
    assert "Không có điểm phục vụ" in pages.words(office.get(PAGE, {"q": "xyz"}))


@pytest.mark.parametrize("who", ["manager", "reviewer", "coordinator", "observer", "sysadmin"])
def test_only_the_office_closes(client, people, who):
    client.force_login(people.all[who])
    assert client.post(PAGE, {"month": "2025-10", "is_read": "on"}).status_code == 403
