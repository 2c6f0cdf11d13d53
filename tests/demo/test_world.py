"""The demo's world is whole, plausible, and obeys the rules that the actions enforce."""

from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path
from statistics import mean, pstdev

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from audits.checklists.models import Checklist, Criterion
from audits.fieldwork.planning import eligibility
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import queries as visit_queries
from audits.models import (
    Answer,
    EarlyTopic,
    Period,
    Photo,
    SecondLook,
    ShownNote,
    ShownPhoto,
    Submission,
    Visit,
    VisitEvent,
    Wave,
)
from audits.results import evidence
from audits.results.recount import Recount, of_period
from audits.review import flags
from outlets.models import Channel, Outlet, Placement, StaffMember, Unit, UnitSuccession, User
from outlets.organisation import tree
from outlets.people.permissions import access_of
from vnpt_smile.demo import guard, people
from vnpt_smile.demo.accounts import ACCOUNTS, PASSWORD
from vnpt_smile.demo.dates import local, month_before

# Once: that both databases take the demo alike is shown by test_loader.py and test_demo_command.py.
pytestmark = [pytest.mark.once, pytest.mark.usefixtures("demo")]


def log_in(client, username: str):
    return client.post(reverse("login"), {"username": username, "password": PASSWORD})


# --- Accounts ---------------------------------------------------------------------------------


def test_every_account_logs_in_and_holds_its_role(client):
    for account in ACCOUNTS:
        assert log_in(client, account.username).status_code == 302, account.username
        assert access_of(User.objects.get(username=account.username)).roles == (account.role,)
        client.post(reverse("logout"))


def test_no_account_logs_in_outside_demo_mode(client, settings):
    settings.DEMO = False
    assert [log_in(client, account.username).status_code for account in ACCOUNTS] == [422] * len(ACCOUNTS)


def test_every_account_is_marked_as_the_demos():
    assert User.objects.filter(is_demo=False).count() == 0


def test_managers_hold_the_units_that_the_log_in_page_names():
    held = {
        user.username: access_of(user).grants[0].unit_name for user in User.objects.filter(username__in=people.UNITS)
    }
    assert held == {
        "manager": "VNPT An Giang",
        "manager2": "VNPT Hà Nội",
        "outlethead": "Điểm giao dịch VNPT VinaPhone Long Xuyên",
        "observer": "Tập đoàn Bưu chính Viễn thông Việt Nam",
    }


def test_the_staff_account_is_a_staff_member_at_the_outlet_of_the_outlet_head():
    member = User.objects.get(username="staff").staff_member
    assert member.placements.get(valid_to=None).unit.code == people.STAFF_OUTLET


# --- Places and people ------------------------------------------------------------------------


def test_the_closure_is_that_of_the_tree():
    stored = set(tree.UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth"))
    assert stored == tree.closure_today()


def test_every_kind_of_reorganisation_lies_in_the_last_year(demo_day):
    kinds = UnitSuccession.objects.filter(effective_on__gt=month_before(demo_day, 12)).values_list("kind", flat=True)
    assert set(kinds) == {"rename", "move", "merge", "split"}


def test_the_provinces_of_2025_were_merged():
    merged = UnitSuccession.objects.filter(kind="merge", effective_on="2025-07-01")
    assert set(merged.values_list("predecessor__name", "successor__name")) == {
        ("VNPT An Giang (cũ)", "VNPT An Giang"),
        ("VNPT Kiên Giang", "VNPT An Giang"),
        ("VNPT Bình Phước", "VNPT Đồng Nai"),
        ("VNPT Yên Bái", "VNPT Lào Cai"),
    }


def test_every_channel_has_outlets_and_visits():
    assert set(Outlet.objects.values_list("channel", flat=True)) == set(Channel.values)
    assert set(Visit.objects.values_list("wave__checklist__channel", flat=True)) == set(Channel.values)


def test_hard_names_are_among_the_staff():
    names = Counter(StaffMember.objects.values_list("full_name", flat=True))
    assert {name: names[name] for name in people.HARD_NAMES.values()} == Counter(people.HARD_NAMES.values())
    units = Placement.objects.filter(staff__full_name="Nguyễn Thị Hương").values_list("unit", flat=True)
    assert len(set(units)) == 3


def test_an_outlets_name_is_as_long_as_names_get():
    assert max(len(name) for name in Outlet.objects.values_list("unit__name", flat=True)) > 115


def test_no_text_of_a_shopper_names_anybody():
    names = set(StaffMember.objects.values_list("full_name", flat=True)) - {"Kim Ngọc"}  # also two common words
    texts = [text for row in Answer.objects.values_list("text", "note", "na_reason") for text in row if text]
    assert [text for text in set(texts) if any(name in text for name in names)] == []


# --- Visits -----------------------------------------------------------------------------------


def test_every_state_is_there():
    assert set(Visit.objects.values_list("state", flat=True)) == set(VisitState)


def test_the_shopper_finds_something_in_every_group(demo_day):
    agenda = visit_queries.agenda(User.objects.get(username="shopper"), demo_day)
    groups = ("returned", "started", "overdue", "follow_up", "today", "this_week", "later")
    assert {name: len(getattr(agenda, name)) > 0 for name in groups} == dict.fromkeys(groups, True)
    assert (agenda.returned[0].remarks, 0 < agenda.started[0].answered < agenda.started[0].asked) == (2, True)


def test_one_wave_a_month_and_checklist(demo_day):
    checklists = Checklist.objects.exclude(code="SO")
    waves = Wave.objects.filter(checklist__in=checklists).values_list("starts_on", flat=True)
    assert Counter(waves) == {month_before(demo_day, months): 4 for months in (0, 1, 2)}


def test_nothing_happened_today_or_later(demo_day):
    assert VisitEvent.objects.aggregate(last=Max("at"))["last"] < local(demo_day)
    assert Answer.objects.aggregate(last=Max("changed_at"))["last"] < local(demo_day)


def test_visits_of_closed_months_are_done_with(demo_day):
    open_ones = Visit.objects.filter(due_on__lt=month_before(demo_day, 1)).exclude(
        state__in=[VisitState.APPROVED, VisitState.PUBLISHED, VisitState.NOT_POSSIBLE, VisitState.VOIDED]
    )
    assert open_ones.count() == 0


def test_units_see_some_of_what_was_noted_and_photographed_and_nobodys_number():
    top = Unit.objects.get(code="VNPT")
    seen = evidence.shown(evidence.blocks(top))
    assert sum(len(each.notes) for block in seen for each in block.criteria) > 20
    assert sum(len(each.photos) for block in seen for each in block.criteria) > 5
    for note in ShownNote.objects.all():
        assert flags.told(note.text, ()) == ()
    for copy in ShownPhoto.objects.all():
        assert (Path(settings.MEDIA_ROOT) / copy.file).is_file()


def test_months_that_are_over_are_closed_and_count_again_without_drift(demo_day):
    closed = list(Period.objects.order_by("month"))
    assert [period.month for period in closed] == [month_before(demo_day, months) for months in (2, 1)]
    count = Recount()
    assert [drift for period in closed for drift in of_period(period, count)] == []
    assert count.visits == Visit.objects.filter(state=VisitState.PUBLISHED).count() > 0


def test_some_units_ask_for_a_second_look(demo_day):
    looks = list(SecondLook.objects.all())
    assert "asked" in {look.state for look in looks}
    assert all(timezone.localdate(look.turned_at) < demo_day for look in looks)


def test_outlets_without_a_block_have_something_to_talk_about():
    topics = EarlyTopic.objects.filter(period=Period.objects.latest("month"))
    assert topics.count() == 3 * topics.values("outlet").distinct().count() > 0


def test_percentages_are_plausible():
    percents = defaultdict(list)
    for code, percent in Submission.objects.exclude(percent=None).values_list(
        "visit__wave__checklist__code", "percent"
    ):
        percents[code].append(percent / 10_000)
    told = {code: (72 < mean(found) < 92, 4 < pstdev(found) < 13) for code, found in percents.items() if code != "SO"}
    assert told == dict.fromkeys(("TQ", "DT", "KT", "BH"), (True, True))


def test_some_visits_fail_a_critical_criterion_and_one_cannot_be_scored():
    assert Submission.objects.filter(critical_failures__gt=0, is_capped=True).exists()
    assert set(Submission.objects.filter(percent=None).values_list("grade", "visit__wave__checklist__code")) == {
        ("", "SO")
    }


def test_whoever_was_met_worked_there_on_that_day():
    for visit in Visit.objects.exclude(met_staff=None):
        there = Placement.objects.filter(staff=visit.met_staff, unit=visit.outlet_id, valid_from__lte=visit.visited_on)
        assert there.filter(Q(valid_to=None) | Q(valid_to__gt=visit.visited_on)).exists()


def test_every_visit_was_made_while_the_outlet_was_open():
    made = Visit.objects.exclude(visited_on=None).select_related("outlet__unit")
    units = {visit: visit.outlet.unit for visit in made}
    closed = [
        v for v, u in units.items() if v.visited_on < u.opened_on or (u.closed_on and v.visited_on >= u.closed_on)
    ]
    assert closed == []


def test_no_shopper_is_blocked_where_they_went_or_back_too_soon():
    visits = list(Visit.objects.exclude(shopper=None).exclude(state=VisitState.VOIDED))
    found = eligibility.obstacles(visits, {visit.shopper_id for visit in visits})
    assert [visit.pk for visit in visits if found.of(visit.shopper_id, visit)] == []


def test_every_photo_lies_on_the_disk_with_its_size():
    for file, thumbnail, size in set(Photo.objects.values_list("file", "thumbnail", "size")):
        assert (Path(settings.MEDIA_ROOT) / file).stat().st_size == size
        assert (Path(settings.MEDIA_ROOT) / thumbnail).is_file()


def test_some_running_criteria_show_how_they_are_met(client):
    client.force_login(User.objects.get(username="editor"))
    shown = Criterion.objects.filter(version__state="published", picture__isnull=False).select_related("picture")
    assert sorted(each.code for each in shown) == ["KT-D3", "TQ-A1"]
    for each in shown:
        page = client.get(reverse("audits:example_picture", args=[each.picture.public_id]))
        data = b"".join(page.streaming_content)
        assert (sha256(data).hexdigest(), len(data)) == (each.picture.sha256, each.picture.size)


# --- Again ------------------------------------------------------------------------------------


def everything() -> dict[str, list[tuple]]:
    return {
        model._meta.label: list(model.objects.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.app_label in ("outlets", "audits")
    }


def test_running_it_again_changes_nothing(capsys, demo_day):
    before = everything()
    call_command("demo", "--no-server")
    assert everything() == before
    assert "nothing changed" in capsys.readouterr().out
    assert guard.seeded_on() == demo_day


def test_running_it_again_draws_what_is_missing(capsys):
    [file] = Criterion.objects.filter(code="TQ-A1", version__number=1).values_list("picture__file", flat=True)
    drawn = (Path(settings.MEDIA_ROOT) / file).read_bytes()
    (Path(settings.MEDIA_ROOT) / file).unlink()
    call_command("demo", "--no-server")
    assert (Path(settings.MEDIA_ROOT) / file).read_bytes() == drawn


def test_what_a_visitor_adds_with_the_demos_accounts_belongs_to_it(demo_day):
    sysadmin = User.objects.get(username="sysadmin")
    guest = people.accounts.create_employee(username="guest", full_name="Khách", by=sysadmin, at=local(demo_day))
    people.accounts.create_employee(username="friend", full_name="Bạn", by=guest, at=local(demo_day))
    guard.refuse_strangers()


def test_a_stranger_in_a_seeded_database_is_named_and_refused(demo_day):
    User.objects.create_user("somebody", full_name="Ai đó")
    with pytest.raises(guard.Foreign, match="somebody"):
        guard.refuse_strangers()
