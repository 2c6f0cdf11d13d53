"""Staff: where they work, from when, as what; and their pages."""

from datetime import date

import pytest
from django.urls import reverse

from outlets.models import Channel, JobRole, Placement, StaffEvent, StaffMember, Unit
from outlets.organisation import actions as organisation
from outlets.organisation.actions import NewUnit
from outlets.people import placements, staff_queries
from tests import worlds
from tests.kept import kept
from tests.worlds import FOUNDED, NOW, TODAY

pytestmark = pytest.mark.django_db

EARLY = date(2022, 7, 1)  # the pages go by the real clock
JUNE, JULY, SEPTEMBER = date(2026, 6, 1), date(2026, 7, 1), date(2026, 9, 1)
MISSING = "00000000-0000-4000-8000-000000000000"


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@pytest.fixture
def anh(at):
    return worlds.staff_member("NV001", "Đặng Thị Ngọc Ánh", at.counter)


@pytest.fixture
def guard():
    return JobRole.objects.create(code="guard", name_vi="Bảo vệ", name_en="Guard", channel=Channel.COUNTER, position=9)


def by_and_at(people, on="effective_on", day=JULY):
    return {on: day, "by": people.sysadmin, "at": NOW}


def worked(staff):
    rows = Placement.objects.filter(staff=staff).order_by("valid_from", "pk")
    return list(rows.values_list("unit__code", "job_role__code", "valid_from", "valid_to"))


def recorded(staff):
    return list(StaffEvent.objects.filter(staff=staff).order_by("pk").values_list("kind", "detail"))


# --- Actions ----------------------------------------------------------------------------------


def test_hire(at, people, guard):
    staff = placements.hire(
        staff_number=" NV 7 ", full_name="Y  Blin Êban", unit=at.counter.unit, job_role=guard, **by_and_at(people)
    )
    assert (staff.staff_number, staff.full_name, staff.left_on) == ("NV 7", "Y Blin Êban", None)
    assert worked(staff) == [("AGG-LX-01", "guard", JULY, None)]
    assert recorded(staff) == [("hired", {"unit": "AGG-LX-01", "job": "guard", "effective_on": "2026-07-01"})]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"staff_number": "nv001"}, placements.NumberUsed),
        ({"effective_on": date(2026, 11, 13)}, placements.InFuture),
        ({"effective_on": date(2019, 12, 31)}, placements.OutletNotThere),
        ({"unit": "long_xuyen"}, placements.OutletNotThere),
        ({"unit": "hotline"}, placements.OutletNotThere),
    ],
)
def test_hire_is_refused(at, people, anh, guard, changes, refusal):
    """The hotline team is closed here; Long Xuyên is an office, where nobody meets customers."""
    organisation.close_unit(unit=at.hotline.unit, closed_on=SEPTEMBER, by=None, at=NOW)
    given = {"staff_number": "NV9", "full_name": "A", "unit": "counter", "job_role": guard} | by_and_at(people)
    given |= changes
    place = getattr(at, given.pop("unit"))
    with pytest.raises(refusal):
        placements.hire(unit=getattr(place, "unit", place), **given)


def test_move_keeps_where_the_person_was(at, people, anh, guard):
    placements.move(staff=anh, unit=at.other_counter.unit, job_role=guard, **by_and_at(people))
    assert worked(anh) == [("AGG-LX-01", "gdv", FOUNDED, JULY), ("AGG-LX-02", "guard", JULY, None)]
    assert recorded(anh) == [("moved", {"unit": "AGG-LX-02", "job": "guard", "effective_on": "2026-07-01"})]


def test_a_second_move_of_the_same_day_replaces_the_first(at, people, anh, guard):
    placements.move(staff=anh, unit=at.other_counter.unit, job_role=guard, **by_and_at(people))
    placements.move(staff=anh, unit=at.far_counter.unit, job_role=guard, **by_and_at(people))
    assert worked(anh) == [("AGG-LX-01", "gdv", FOUNDED, JULY), ("HNI-DD-01", "guard", JULY, None)]


@pytest.mark.parametrize(
    ("unit", "day", "refusal"),
    [
        ("counter", JULY, placements.SamePlace),
        ("other_counter", date(2026, 11, 13), placements.InFuture),
        ("other_counter", date(2019, 12, 31), placements.OutletNotThere),
    ],
)
def test_move_is_refused(at, people, anh, unit, day, refusal):
    job = JobRole.objects.get(code="gdv")
    with pytest.raises(refusal):
        placements.move(staff=anh, unit=getattr(at, unit).unit, job_role=job, **by_and_at(people, day=day))


def test_move_before_a_recorded_one_is_refused(at, people, anh, guard):
    placements.move(staff=anh, unit=at.other_counter.unit, job_role=guard, **by_and_at(people))
    with pytest.raises(placements.LaterChange) as refused:
        placements.move(staff=anh, unit=at.far_counter.unit, job_role=guard, **by_and_at(people, day=JUNE))
    assert "01/07/2026" in str(refused.value)


def test_leave_and_come_back(at, people, anh, guard):
    placements.leave(staff=anh, **by_and_at(people, "left_on"))
    assert StaffMember.objects.get(pk=anh.pk).left_on == JULY
    with pytest.raises(placements.LaterChange):
        placements.move(staff=anh, unit=at.counter.unit, job_role=guard, **by_and_at(people, day=JUNE))
    placements.move(staff=anh, unit=at.counter.unit, job_role=guard, **by_and_at(people, day=SEPTEMBER))
    assert StaffMember.objects.get(pk=anh.pk).left_on is None
    assert worked(anh) == [("AGG-LX-01", "gdv", FOUNDED, JULY), ("AGG-LX-01", "guard", SEPTEMBER, None)]
    assert [kind for kind, _detail in recorded(anh)] == ["left", "returned"]


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2026, 11, 13), placements.InFuture), (FOUNDED, placements.LaterChange)]
)
def test_leave_is_refused(people, anh, day, refusal):
    with pytest.raises(refusal):
        placements.leave(staff=anh, **by_and_at(people, "left_on", day))


def test_leaving_twice_is_refused(people, anh):
    placements.leave(staff=anh, **by_and_at(people, "left_on"))
    with pytest.raises(placements.AlreadyLeft):
        placements.leave(staff=anh, **by_and_at(people, "left_on"))


def edited(staff, people, **changes):
    given = {"full_name": staff.full_name, "user": staff.user, "by": people.sysadmin, "at": NOW}
    return placements.edit(staff=staff, **(given | changes))


def test_a_new_name_is_found_and_its_event_holds_no_name(people, anh):
    edited(anh, people, full_name="Đặng Thị Ngọc Ân")
    assert list(StaffMember.objects.matching("ngoc an")) == [anh]
    assert recorded(anh) == [("renamed", {})]


def test_words_that_begin_as_asked_come_before_those_inside_others(at):
    names = ["Trần Văn Thương", "Phạm Thị Hướng", "Lê Thu Hương"]
    for number, name in enumerate(names):
        worlds.staff_member(f"NV5{number}", name, at.counter)
    expected = ["Lê Thu Hương", "Phạm Thị Hướng", "Trần Văn Thương"]
    for found in (StaffMember.objects.matching("hương"), staff_queries.matching(staff_queries.everybody(), "hương")):
        assert [each.full_name for each in found] == expected


def test_an_account_is_linked_and_unlinked(people, anh):
    edited(anh, people, user=people.staff)
    assert edited(StaffMember.objects.get(pk=anh.pk), people, user=None).user is None
    assert recorded(anh) == [("linked", {"account": str(people.staff.public_id)}), ("linked", {"account": ""})]


def test_editing_to_what_it_is_records_nothing(people, anh):
    edited(anh, people)
    assert recorded(anh) == []


@pytest.mark.parametrize("who", ["shopper", "sysadmin", "manager", "editor"])
def test_an_account_that_is_not_free_is_not_linked(at, people, anh, who):
    """A shopper's, one's own, somebody else's, a disabled one."""
    worlds.staff_member("NV2", "B", at.counter, user=people.manager)
    type(people.editor).objects.filter(pk=people.editor.pk).update(is_active=False)
    people.editor.refresh_from_db()
    with pytest.raises(placements.AccountNotFree):
        edited(anh, people, user=people.all[who])


def test_a_merge_takes_the_staff_along(at, people, anh):
    placements.merge_units(
        predecessors=[at.counter.unit, at.other_counter.unit], successor=NewUnit("NEW", "Mới"), **by_and_at(people)
    )
    assert worked(anh) == [("AGG-LX-01", "gdv", FOUNDED, JULY), ("NEW", "gdv", JULY, None)]
    assert recorded(anh) == [("moved", {"unit": "NEW", "effective_on": "2026-07-01"})]


def test_a_merge_before_somebody_came_is_refused_whole(at, people, anh, guard):
    placements.move(staff=anh, unit=at.other_counter.unit, job_role=guard, **by_and_at(people, day=SEPTEMBER))
    with pytest.raises(placements.StaffMovedLater):
        placements.merge_units(predecessors=[at.other_counter.unit], successor=at.counter.unit, **by_and_at(people))
    assert not Unit.objects.filter(closed_on__isnull=False).exists()


def test_a_split_leaves_the_staff_with_the_part_that_carries_the_history(at, people, anh):
    into = [("N1", "Một"), ("N2", "Hai")]
    placements.split_unit(unit=at.counter.unit, into=into, assign={}, heir="N2", **by_and_at(people))
    assert worked(anh)[-1] == ("N2", "gdv", JULY, None)


def test_an_outlet_closes_when_nobody_works_there_any_more(at, people, anh):
    closing = {"unit": at.counter.unit, **by_and_at(people, "closed_on", SEPTEMBER)}
    with pytest.raises(placements.StillStaffed):
        placements.close_unit(**closing)
    placements.leave(staff=anh, **by_and_at(people, "left_on", SEPTEMBER))
    assert placements.close_unit(**closing).closed_on == SEPTEMBER


# --- Pages ------------------------------------------------------------------------------------


@pytest.fixture
def sysadmin(client, people):
    client.cookies["django_language"] = "en"
    client.force_login(people.sysadmin)
    return client


def address(name, staff=None, **query):
    return reverse(f"outlets:{name}", args=[staff.public_id] if staff else [], query=query)


def listed(response):
    return [row.staff.full_name for row in response.context["rows"]]


def test_staff_sort_by_given_name_and_on_request_by_family_name(sysadmin, at):
    names = ["Nguyễn Văn Đạt", "Lê Thị Ánh", "Trần Văn An", "Võ Thị Ngọc Ân", "Nguyễn An", "Phạm Đức Dũng"]
    for number, name in enumerate(names):
        worlds.staff_member(f"NV{number}", name, at.counter)
    assert listed(sysadmin.get(address("staff_list"))) == [
        "Nguyễn An",
        "Trần Văn An",
        "Lê Thị Ánh",
        "Võ Thị Ngọc Ân",
        "Phạm Đức Dũng",
        "Nguyễn Văn Đạt",
    ]
    assert listed(sysadmin.get(address("staff_list", sort="full_name"))) == [
        "Lê Thị Ánh",
        "Nguyễn An",
        "Nguyễn Văn Đạt",
        "Phạm Đức Dũng",
        "Trần Văn An",
        "Võ Thị Ngọc Ân",
    ]


def test_the_staff_number_and_the_outlet_always_stand_beside_the_name(sysadmin, at, anh):
    worlds.staff_member("NV002", "Đặng Thị Ngọc Ánh", at.far_counter)
    page = sysadmin.get(address("staff_list")).content.decode()
    assert [text in page for text in ("NV001", "NV002", "ĐGD Long Xuyên", "HNI-DD-01")] == [True] * 4


@pytest.mark.parametrize("query", ["dang ngoc anh", "ĐẶNG", "nv001", "anh long xuyen", "AGG-LX-01"])
def test_staff_are_found_by_name_number_and_outlet(sysadmin, at, anh, query):
    worlds.staff_member("NV002", "Hoàng Yến", at.far_counter)
    assert listed(sysadmin.get(address("staff_list", q=query))) == ["Đặng Thị Ngọc Ánh"]


def test_staff_are_filtered_by_job_and_state(sysadmin, at, people, anh, guard):
    left = worlds.staff_member("NV2", "Bùi Thị Yến", at.counter)
    placements.leave(staff=left, **by_and_at(people, "left_on"))
    stranded = worlds.staff_member("NV3", "Kim Ngọc", at.far_counter)
    placements.move(staff=stranded, unit=at.other_counter.unit, job_role=guard, **by_and_at(people))
    organisation.close_unit(unit=at.other_counter.unit, closed_on=SEPTEMBER, by=None, at=NOW)
    shown = {
        "left": ["Bùi Thị Yến"],
        "working": ["Đặng Thị Ngọc Ánh", "Kim Ngọc"],
        "homeless": ["Kim Ngọc"],
    }
    for state, names in shown.items():
        assert listed(sysadmin.get(address("staff_list", state=state))) == names
    assert listed(sysadmin.get(address("staff_list", job="guard"))) == ["Kim Ngọc"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_one_row_and_three(sysadmin, at, django_assert_num_queries, rows):
    for number in range(rows):
        worlds.staff_member(f"NV{number}", "Kim Ngọc", at.counter)
    with django_assert_num_queries(7):
        response = sysadmin.get(address("staff_list"))
    assert len(listed(response)) == rows


def test_staff_detail_shows_where_the_person_worked(sysadmin, at, people, anh, guard):
    placements.move(staff=anh, unit=at.far_counter.unit, job_role=guard, **by_and_at(people))
    page = sysadmin.get(address("staff_detail", anh)).content.decode()
    assert [text in page for text in ("ĐGD Long Xuyên", "ĐGD Đống Đa", "Người sysadmin")] == [True] * 3


@pytest.mark.parametrize("moves", [1, 3])
def test_staff_detail_takes_the_same_queries_for_one_move_and_three(
    sysadmin, at, people, anh, guard, django_assert_num_queries, moves
):
    for number in range(moves):
        unit = (at.far_counter, at.counter)[number % 2].unit
        placements.move(staff=anh, unit=unit, job_role=guard, **by_and_at(people, day=date(2024, 1, 1 + number)))
    with django_assert_num_queries(6):
        response = sysadmin.get(address("staff_detail", anh))
    assert len(response.context["placements"]) == moves + 1


def test_staff_create(sysadmin, at, guard):
    body = {"staff_number": "NV7", "full_name": "H'Linh Niê", "unit": "AGG-LX-01", "job_role": guard.pk}
    response = sysadmin.post(address("staff_create"), body | {"effective_on": "01/07/2022"})
    staff = StaffMember.objects.get(staff_number="NV7")
    assert response.url == address("staff_detail", staff)
    assert worked(staff) == [("AGG-LX-01", "guard", EARLY, None)]


def test_staff_create_says_that_the_number_is_taken(sysadmin, at, anh, guard):
    body = {"staff_number": "NV001", "full_name": "A", "unit": "AGG-LX-01", "job_role": guard.pk}
    response = sysadmin.post(address("staff_create"), body | {"effective_on": "01/07/2022"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"staff_number": ["Another person has this staff number."]}


def test_staff_create_takes_an_outlet_only(sysadmin, at, guard):
    body = {"staff_number": "NV7", "full_name": "A", "unit": "AGG-LX", "job_role": guard.pk}
    response = sysadmin.post(address("staff_create"), body | {"effective_on": "01/07/2022"})
    assert list(response.context["form"].errors) == ["unit"]


def test_staff_edit(sysadmin, people, anh):
    body = {"full_name": "Đặng Thị Ngọc Ân", "user": "STAFF"}
    assert sysadmin.post(address("staff_edit", anh), body).url == address("staff_detail", anh)
    anh.refresh_from_db()
    assert (anh.full_name, anh.user) == ("Đặng Thị Ngọc Ân", people.staff)


@pytest.mark.parametrize("username", ["shopper", "nobody", "sysadmin"])
def test_staff_edit_links_only_a_free_account_of_an_employee(sysadmin, people, anh, username):
    response = sysadmin.post(address("staff_edit", anh), {"full_name": anh.full_name, "user": username})
    assert list(response.context["form"].errors) == ["user"]


def test_staff_move_starts_from_where_the_person_works(sysadmin, at, people, anh, guard):
    page = sysadmin.get(address("staff_move", anh)).content.decode()
    assert 'value="AGG-LX-01"' in page
    job = anh.placements.get().job_role
    assert f'<option value="{job.pk}" selected>' in page
    placements.move(staff=anh, unit=at.other_counter.unit, job_role=job, **by_and_at(people, day=JUNE))
    placements.leave(staff=anh, **by_and_at(people, "left_on", SEPTEMBER))
    organisation.close_unit(unit=at.other_counter.unit, closed_on=SEPTEMBER, by=None, at=NOW)
    assert staff_queries.last_place(anh) == {"unit": None, "job_role": job}


def test_staff_move(sysadmin, anh, guard):
    body = {"unit": "HNI-DD-01", "job_role": guard.pk, "effective_on": "01/07/2022"}
    assert sysadmin.post(address("staff_move", anh), body).url == address("staff_detail", anh)
    assert worked(anh)[-1] == ("HNI-DD-01", "guard", EARLY, None)


def test_staff_leave(sysadmin, anh):
    response = sysadmin.post(address("staff_leave", anh), {"left_on": "31/12/2099"})
    assert list(response.context["form"].errors) == ["left_on"]
    response = sysadmin.post(address("staff_leave", anh), {"left_on": "01/07/2022"})
    assert response.url == address("staff_detail", anh)
    assert StaffMember.objects.get(pk=anh.pk).left_on == EARLY


FORMS = ["staff_edit", "staff_move", "staff_leave"]


@pytest.mark.parametrize("name", FORMS)
def test_somebody_who_does_not_exist_is_not_found(sysadmin, name):
    for send in (sysadmin.get, sysadmin.post):
        assert send(reverse(f"outlets:{name}", args=[MISSING])).status_code == 404


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("role", ["manager", "office", "staff", "shopper"])
def test_others_may_not_whoever_it_is(client, people, anh, name, role):
    client.force_login(people.all[role])
    for url in (address(name, anh), reverse(f"outlets:{name}", args=[MISSING])):
        assert client.post(url, {"left_on": "01/07/2022"}).status_code == 403
    assert StaffMember.objects.get(pk=anh.pk).left_on is None


@pytest.mark.parametrize("name", FORMS)
def test_a_form_takes_no_other_method(sysadmin, anh, name):
    assert sysadmin.put(address(name, anh)).status_code == 405


def test_the_day_of_today_can_be_recorded(at, people, anh, guard):
    placements.move(staff=anh, unit=at.far_counter.unit, job_role=guard, **by_and_at(people, day=TODAY))
    assert worked(anh)[-1][2] == TODAY
