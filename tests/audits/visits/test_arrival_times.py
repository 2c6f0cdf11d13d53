"""When the shopper came and left: given, refused, moved with the day, and read beside the time of the answers."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.arrival import times
from audits.fieldwork.arrival.times import Times, TimesRefused, Wrong
from audits.fieldwork.visits import actions as visits
from audits.models import Visit
from outlets.models import Role
from tests import sheets, worlds
from tests.sheets import entry
from tests.worlds import TODAY

NOW = timezone.make_aware(datetime.combine(TODAY, time(15, 30)))


def moment(hour, minute=0, day=TODAY):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@pytest.mark.once
@pytest.mark.parametrize(
    ("given", "moments"),
    [
        (Times(), (None, None)),
        (Times(time(9, 5), time(9, 40, 59)), (moment(9, 5), moment(9, 40))),
        (Times(left=time(9, 40)), (None, moment(9, 40))),
        (Times(time(15, 30), time(15, 30)), (NOW, NOW)),
    ],
)
def test_hours_are_of_the_day_in_vietnam(given, moments):
    assert given.on(TODAY, at=NOW) == moments
    assert times.of(*moments).on(TODAY, at=NOW) == moments


@pytest.mark.once
@pytest.mark.parametrize(
    ("given", "name", "wrong"),
    [
        (Times(time(9, 40), time(9, 39)), "left", Wrong.ORDER),
        (Times(time(15, 31)), "arrived", Wrong.FUTURE),
        (Times(time(9), time(15, 31)), "left", Wrong.FUTURE),
    ],
)
def test_hours_that_cannot_be_right_are_refused(given, name, wrong):
    with pytest.raises(TimesRefused) as refused:
        given.on(TODAY, at=NOW)
    assert (refused.value.name, refused.value.wrong) == (name, wrong)


@pytest.mark.once
@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(minutes=-1), "Gửi trước lúc rời đi"),
        (timedelta(0), "Gửi 0 phút sau khi rời đi"),
        (timedelta(minutes=59, seconds=59), "Gửi 59 phút sau khi rời đi"),
        (timedelta(hours=1), "Gửi 1 giờ sau khi rời đi"),
        (timedelta(hours=47, minutes=59), "Gửi 47 giờ sau khi rời đi"),
        (timedelta(hours=48), "Gửi 2 ngày sau khi rời đi"),
    ],
)
def test_the_gap_is_told_in_minutes_hours_and_days(gap, words):
    assert times.gap_in_words(NOW, NOW + gap) == words


@pytest.fixture
def places():
    return worlds.places()


@pytest.fixture
def shopper(places):
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def visit(places, shopper, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return sheets.started(places.counter, shopper)


@pytest.fixture
def page(client, shopper):
    client.force_login(shopper)
    return client


def met(visit):
    return reverse("audits:visit_met", args=[visit.public_id])


def sent(day: date = TODAY, **hours):
    return {"visited_on": f"{day:%d/%m/%Y}", "description": "Quầy 2", **hours}


def kept(visit):
    return Visit.objects.values_list("arrived_at", "left_at").get(pk=visit.pk)


@pytest.mark.django_db
def test_times_are_kept_shown_again_moved_with_the_day_and_taken_back(page, visit):
    assert page.post(met(visit), sent(arrived="09:05", left="09:40")).status_code == 302
    assert kept(visit) == (moment(9, 5), moment(9, 40))
    html = page.get(met(visit)).content.decode()
    assert 'value="09:05"' in html
    assert 'value="09:40"' in html
    before = TODAY - timedelta(days=1)
    page.post(met(visit), sent(before))  # from a page that did not ask for times
    assert kept(visit) == (moment(9, 5, before), moment(9, 40, before))
    page.post(met(visit), sent(before, arrived="", left=""))
    assert kept(visit) == (None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"arrived": "09:40", "left": "09:39"}, "Giờ rời đi không thể trước giờ đến."),
        ({"arrived": "15:31", "left": ""}, "Giờ này chưa tới."),
        ({"arrived": "chín giờ", "left": ""}, "Ghi giờ và phút, ví dụ 09:05."),
    ],
)
def test_wrong_times_are_told_and_nothing_is_kept(page, visit, hours, said):
    answer = page.post(met(visit), sent(**hours))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert kept(visit) == (None, None)


@pytest.mark.django_db
def test_the_database_refuses_leaving_before_arriving(visit):
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(arrived_at=moment(10), left_at=moment(9))


@pytest.mark.django_db
def test_the_office_reads_arrival_leaving_and_the_gap_to_the_first_submission(client, visit, shopper):
    sheets.complete(visit, shopper)
    hours = Times(time(9, 5), time(9, 40))
    visits.save_met(visit=visit, visited_on=TODAY, staff=None, description="Quầy 2", hours=hours, by=shopper, at=NOW)
    visits.submit(visit=visit, by=shopper, at=moment(13, 10))
    sheets.returned(visit, "A1")
    mended = entry("A1", "no", note="Cửa bẩn.", seen=1)
    visits.save_answers(visit=visit, entries=[mended], by=shopper, at=moment(15))
    visits.submit(visit=visit, by=shopper, at=moment(15, 20))
    client.force_login(worlds.user("reviewer", Role.REVIEWER))
    for name in ("received_detail", "review_detail"):
        html = client.get(reverse(f"audits:{name}", args=[visit.public_id])).content.decode()
        for words in ("Đến lúc 09:05", "Rời đi lúc 09:40", "Gửi lần đầu 13:10", "Gửi 3 giờ sau khi rời đi"):
            assert words in html, (name, words)
