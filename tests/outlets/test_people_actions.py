"""Accounts are created, disabled and enabled; roles are given and ended; each leaves its event."""

from datetime import timedelta

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from outlets.models import AccountEvent, Membership, Role, User
from outlets.people import actions as accounts
from tests import worlds
from tests.worlds import NOW, TODAY

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def sysadmin():
    return worlds.user("sysadmin", Role.SYSADMIN)


@pytest.fixture
def lan():
    return worlds.user("lan")


def events(user):
    return list(user.events.order_by("pk").values_list("kind", "by__username", "at", "detail"))


def held(user):
    return set(Membership.objects.filter(user=user, ended_at=None).values_list("role", flat=True))


def logged_in(user):
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()
    return session.session_key


def test_create_employee_writes_an_account_without_a_password(sysadmin):
    made = accounts.create_employee(username="Lan.Nguyen", full_name="Nguyễn Thị Lan", by=sysadmin, at=NOW)
    assert (made.username, made.full_name, made.kind) == ("lan.nguyen", "Nguyễn Thị Lan", User.Kind.EMPLOYEE)
    assert not made.has_usable_password()
    assert events(made) == [("created", "sysadmin", NOW, {})]


@pytest.mark.parametrize("twin", ["ngọc", "NGỌC", "ngo\u0323c", " ngọc\u200b"])
def test_create_employee_refuses_every_spelling_of_a_taken_user_name(sysadmin, twin):
    worlds.user("ngọc")
    with pytest.raises(accounts.UsernameTaken):
        accounts.create_employee(username=twin, full_name="Đinh Ngọc", by=sysadmin, at=NOW)
    assert User.objects.count() == 2
    assert AccountEvent.objects.count() == 0


def test_create_shopper_gives_the_one_role_and_keeps_no_name(sysadmin):
    made = accounts.create_shopper(code="S-0042", by=sysadmin, at=NOW)
    assert (made.username, made.full_name, made.shopper_code) == ("s-0042", "", "S-0042")
    assert held(made) == {"shopper"}
    assert events(made) == [("created", "sysadmin", NOW, {}), ("granted", "sysadmin", NOW, {"role": "shopper"})]


def test_create_shopper_refuses_a_code_in_use(sysadmin):
    accounts.create_shopper(code="S-0042", by=sysadmin, at=NOW)
    with pytest.raises(accounts.CodeTaken):
        accounts.create_shopper(code="S-0042", by=sysadmin, at=NOW)
    assert User.objects.filter(kind=User.Kind.SHOPPER).count() == 1


def test_disable_ends_the_sessions_of_that_account_only(sysadmin, lan):
    logged_in(lan), logged_in(lan)
    kept = logged_in(sysadmin)
    accounts.disable(user=lan, by=sysadmin, at=NOW)
    assert User.objects.get(pk=lan.pk).is_active is False
    assert list(Session.objects.values_list("pk", flat=True)) == [kept]
    assert events(lan) == [("disabled", "sysadmin", NOW, {})]


def test_disable_and_enable_twice_are_refused(sysadmin, lan):
    accounts.disable(user=lan, by=sysadmin, at=NOW)
    with pytest.raises(accounts.AlreadyDisabled):
        accounts.disable(user=lan, by=sysadmin, at=NOW)
    accounts.enable(user=lan, by=sysadmin, at=LATER)
    with pytest.raises(accounts.AlreadyEnabled):
        accounts.enable(user=lan, by=sysadmin, at=LATER)
    assert events(lan) == [("disabled", "sysadmin", NOW, {}), ("enabled", "sysadmin", LATER, {})]


def test_enable_leaves_password_and_roles_as_they_were(sysadmin, lan):
    accounts.grant(user=lan, role=Role.REVIEWER, unit=None, by=sysadmin, at=NOW)
    accounts.disable(user=lan, by=sysadmin, at=NOW)
    accounts.enable(user=lan, by=sysadmin, at=LATER)
    lan = User.objects.get(pk=lan.pk)
    assert (lan.is_active, lan.check_password("mật khẩu thử nghiệm"), held(lan)) == (True, True, {"reviewer"})


@pytest.mark.parametrize("act", [accounts.disable, accounts.enable, accounts.make_link])
def test_nobody_touches_their_own_account(sysadmin, act):
    worlds.user("sysadmin2", Role.SYSADMIN)
    with pytest.raises(accounts.OwnAccount):
        act(user=sysadmin, by=sysadmin, at=NOW)
    assert events(sysadmin) == []


def test_nobody_grants_or_ends_a_role_of_their_own(sysadmin):
    worlds.user("sysadmin2", Role.SYSADMIN)
    with pytest.raises(accounts.OwnAccount):
        accounts.grant(user=sysadmin, role=Role.EDITOR, unit=None, by=sysadmin, at=NOW)
    with pytest.raises(accounts.OwnAccount):
        accounts.end(membership=sysadmin.memberships.get(), by=sysadmin, at=NOW)
    assert held(sysadmin) == {"sysadmin"}


def test_the_last_sysadmin_stays(sysadmin):
    with pytest.raises(accounts.LastSysadmin):
        accounts.disable(user=sysadmin, by=None, at=NOW)
    with pytest.raises(accounts.LastSysadmin):
        accounts.end(membership=sysadmin.memberships.get(), by=None, at=NOW)
    assert held(sysadmin) == {"sysadmin"}


def test_a_disabled_sysadmin_does_not_count_as_another_one(sysadmin):
    other = worlds.user("sysadmin2", Role.SYSADMIN)
    accounts.disable(user=other, by=sysadmin, at=NOW)
    with pytest.raises(accounts.LastSysadmin):
        accounts.disable(user=sysadmin, by=None, at=NOW)


def test_one_of_two_sysadmins_can_go(sysadmin):
    other = worlds.user("sysadmin2", Role.SYSADMIN)
    accounts.end(membership=other.memberships.get(), by=sysadmin, at=NOW)
    assert held(other) == set()


def test_grant_over_a_unit(sysadmin, lan):
    at = worlds.places()
    made = accounts.grant(user=lan, role=Role.MANAGER, unit=at.an_giang, by=sysadmin, at=NOW)
    assert (made.role, made.unit, made.granted_at, made.granted_by) == ("manager", at.an_giang, NOW, sysadmin)
    detail = {"role": "manager", "unit": "AGG", "unit_name": "VNPT An Giang"}
    assert events(lan) == [("granted", "sysadmin", NOW, detail)]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OBSERVER])
def test_grant_asks_for_the_unit_of_a_role_over_a_unit(sysadmin, lan, role):
    with pytest.raises(accounts.UnitNeeded):
        accounts.grant(user=lan, role=role, unit=None, by=sysadmin, at=NOW)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER, Role.OBSERVER, Role.SHOPPER, Role.CUSTODIAN}))
def test_grant_refuses_a_unit_for_every_other_role(sysadmin, lan, role):
    with pytest.raises(accounts.UnitNotWanted):
        accounts.grant(user=lan, role=role, unit=worlds.places().an_giang, by=sysadmin, at=NOW)
    assert held(lan) == set()


def test_grant_refuses_a_closed_unit(sysadmin, lan):
    unit = worlds.places().an_giang
    unit.closed_on = TODAY
    unit.save()
    with pytest.raises(accounts.UnitClosed):
        accounts.grant(user=lan, role=Role.MANAGER, unit=unit, by=sysadmin, at=NOW)


def test_grant_refuses_a_role_already_held_and_allows_it_over_another_unit(sysadmin, lan):
    at = worlds.places()
    for unit in (at.an_giang, at.ha_noi):
        accounts.grant(user=lan, role=Role.MANAGER, unit=unit, by=sysadmin, at=NOW)
    accounts.grant(user=lan, role=Role.EDITOR, unit=None, by=sysadmin, at=NOW)
    for role, unit in ((Role.MANAGER, at.ha_noi), (Role.EDITOR, None)):
        with pytest.raises(accounts.AlreadyHeld):
            accounts.grant(user=lan, role=role, unit=unit, by=sysadmin, at=LATER)
    assert len(events(lan)) == 3


def test_a_shopper_holds_no_other_role(sysadmin):
    shopper = worlds.user("shopper", Role.SHOPPER)
    for role in set(Role) - {Role.SHOPPER, Role.CUSTODIAN}:
        with pytest.raises(accounts.RoleApart):
            accounts.grant(user=shopper, role=role, unit=None, by=sysadmin, at=NOW)
    assert held(shopper) == {"shopper"}


def test_no_employee_becomes_a_shopper(sysadmin, lan):
    with pytest.raises(accounts.RoleApart):
        accounts.grant(user=lan, role=Role.SHOPPER, unit=None, by=sysadmin, at=NOW)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OFFICE])
def test_a_sysadmin_reads_no_visits_in_either_order(sysadmin, lan, role):
    accounts.grant(user=lan, role=role, unit=None, by=sysadmin, at=NOW)
    with pytest.raises(accounts.RoleApart):
        accounts.grant(user=lan, role=Role.SYSADMIN, unit=None, by=sysadmin, at=NOW)
    other = worlds.user("other", Role.SYSADMIN)
    with pytest.raises(accounts.RoleApart):
        accounts.grant(user=other, role=role, unit=None, by=sysadmin, at=NOW)


def test_a_custodian_is_one_of_the_quality_office(sysadmin, lan):
    with pytest.raises(accounts.BaseRoleMissing):
        accounts.grant(user=lan, role=Role.CUSTODIAN, unit=None, by=sysadmin, at=NOW)
    base = accounts.grant(user=lan, role=Role.COORDINATOR, unit=None, by=sysadmin, at=NOW)
    accounts.grant(user=lan, role=Role.CUSTODIAN, unit=None, by=sysadmin, at=NOW)
    with pytest.raises(accounts.BaseRoleNeeded):
        accounts.end(membership=base, by=sysadmin, at=LATER)
    assert held(lan) == {"coordinator", "custodian"}


def test_end_once(sysadmin, lan):
    membership = accounts.grant(user=lan, role=Role.EDITOR, unit=None, by=sysadmin, at=NOW)
    accounts.end(membership=membership, by=sysadmin, at=LATER)
    with pytest.raises(accounts.AlreadyEnded):
        accounts.end(membership=membership, by=sysadmin, at=LATER)
    membership.refresh_from_db()
    assert (membership.ended_at, membership.ended_by) == (LATER, sysadmin)
    assert events(lan)[1:] == [("ended", "sysadmin", LATER, {"role": "editor"})]


def test_end_with_a_clock_set_back_ends_at_the_start(sysadmin, lan):
    membership = accounts.grant(user=lan, role=Role.EDITOR, unit=None, by=sysadmin, at=NOW)
    accounts.end(membership=membership, by=sysadmin, at=NOW - timedelta(minutes=10))
    assert membership.ended_at == NOW


def test_make_link_sets_a_password_once(sysadmin, lan):
    link = accounts.make_link(user=lan, by=sysadmin, at=NOW)
    accounts.use_link(user=lan, token=link.token, password="một mật khẩu mới", at=LATER)
    with pytest.raises(accounts.LinkUsed):
        accounts.use_link(user=lan, token=link.token, password="một mật khẩu khác", at=LATER)
    assert User.objects.get(pk=lan.pk).check_password("một mật khẩu mới")
    made, used = events(lan)
    assert made[:3] == ("link_made", "sysadmin", NOW)
    detail = {"link_by": "Người sysadmin", "link_at": NOW.isoformat()}
    assert used == ("password_set", None, LATER, detail)


def test_of_several_links_the_event_names_the_maker_of_the_one_that_was_used(sysadmin, lan, monkeypatch):
    clock = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    links = {}
    for number, maker in enumerate((sysadmin, worlds.user("other", Role.SYSADMIN))):
        monkeypatch.setattr(clock, lambda self, number=number: NOW.replace(tzinfo=None, second=number))
        links[maker] = accounts.make_link(user=lan, by=maker, at=NOW + timedelta(seconds=number))
    accounts.use_link(user=lan, token=links[sysadmin].token, password="một mật khẩu mới", at=LATER)
    assert lan.events.get(kind="password_set").detail["link_by"] == "Người sysadmin"


def test_the_event_of_a_link_holds_nothing_that_opens(sysadmin, lan):
    link = accounts.make_link(user=lan, by=sysadmin, at=NOW)
    key = link.token.partition("-")[2]
    assert key not in str(lan.events.get(kind="link_made").detail)


def test_a_link_says_nothing_of_its_key_when_printed(sysadmin, lan):
    link = accounts.make_link(user=lan, by=sysadmin, at=NOW)
    assert link.token not in f"{link} {link!r}"
    assert default_token_generator.check_token(lan, link.token)


def test_a_disabled_account_gets_no_link_and_its_link_opens_nothing(sysadmin, lan):
    link = accounts.make_link(user=lan, by=sysadmin, at=NOW)
    accounts.disable(user=lan, by=sysadmin, at=NOW)
    with pytest.raises(accounts.NotEnabled):
        accounts.make_link(user=lan, by=sysadmin, at=NOW)
    with pytest.raises(accounts.LinkUsed):
        accounts.use_link(user=lan, token=link.token, password="một mật khẩu mới", at=NOW)


def test_a_password_is_the_same_in_both_spellings_of_its_letters(lan):
    lan.set_password("Việt Nam tươi đẹp")
    assert lan.check_password("Vie\u0323\u0302t Nam tu\u031bo\u031bi đe\u0323p")
    assert not lan.check_password("Viêt Nam tươi đẹp")


def test_every_refusal_has_words():
    refusals = accounts.AccountRefused.__subclasses__()
    assert len(refusals) == 16
    assert all(str(refusal()) for refusal in refusals)
