"""Two administrators act at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from outlets.models import AccountEvent, Membership, Role, User
from outlets.people import actions as accounts
from tests import worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions):
    """Runs each in a thread of its own, all starting together; gives the refusal of each, or None."""
    gate = Barrier(len(actions))

    def run(action):
        try:
            connection.ensure_connection()
            gate.wait(timeout=10)
            action()
        except accounts.AccountRefused as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return sorted(threads.map(run, actions), key=str)


def two_sysadmins(number):
    return [worlds.user(f"{name}{number}", Role.SYSADMIN) for name in ("an", "binh")]


@pytest.mark.parametrize("number", range(5))
def test_two_sysadmins_who_disable_each_other_leave_one(number):
    an, binh = two_sysadmins(number)
    outcomes = at_once(
        lambda: accounts.disable(user=an, by=binh, at=NOW), lambda: accounts.disable(user=binh, by=an, at=NOW)
    )
    assert outcomes == [accounts.LastSysadmin, None]
    assert User.objects.filter(is_active=True).count() == 1


@pytest.mark.parametrize("number", range(5))
def test_two_sysadmins_who_end_and_disable_each_other_leave_one(number):
    an, binh = two_sysadmins(number)
    role = an.memberships.get()
    outcomes = at_once(
        lambda: accounts.end(membership=role, by=binh, at=NOW), lambda: accounts.disable(user=binh, by=an, at=NOW)
    )
    assert outcomes == [accounts.LastSysadmin, None]
    left = Membership.objects.filter(role=Role.SYSADMIN, ended_at=None, user__is_active=True)
    assert left.count() == 1


def test_a_role_is_ended_once_and_has_one_event():
    sysadmin, lan = worlds.user("sysadmin", Role.SYSADMIN), worlds.user("lan", Role.EDITOR)
    role = lan.memberships.get()
    act = lambda: accounts.end(membership=role, by=sysadmin, at=NOW)  # noqa: E731
    assert at_once(act, act, act) == [accounts.AlreadyEnded, accounts.AlreadyEnded, None]
    assert AccountEvent.objects.filter(kind="ended").count() == 1


@pytest.mark.parametrize("number", range(5))
def test_two_roles_that_must_stay_apart_are_not_both_given(number):
    sysadmin, lan = worlds.user("sysadmin", Role.SYSADMIN), worlds.user("lan")
    outcomes = at_once(
        lambda: accounts.grant(user=lan, role=Role.OFFICE, unit=None, by=sysadmin, at=NOW),
        lambda: accounts.grant(user=lan, role=Role.SYSADMIN, unit=None, by=sysadmin, at=NOW),
    )
    assert outcomes == [accounts.RoleApart, None]
    assert lan.memberships.count() == 1


def test_one_of_two_people_with_the_same_link_sets_the_password():
    sysadmin, lan = worlds.user("sysadmin", Role.SYSADMIN), worlds.user("lan")
    link = accounts.make_link(user=lan, by=sysadmin, at=NOW)

    def use(user, word):
        return lambda: accounts.use_link(user=user, token=link.token, password=f"mật khẩu {word}", at=NOW)

    # Each has read the account for themselves, before anybody set its password.
    outcomes = at_once(*(use(User.objects.get(pk=lan.pk), word) for word in ("một", "hai", "ba")))
    assert outcomes == [accounts.LinkUsed, accounts.LinkUsed, None]
    assert AccountEvent.objects.filter(kind="password_set").count() == 1


def test_a_user_name_is_given_once():
    sysadmin = worlds.user("sysadmin", Role.SYSADMIN)
    act = lambda: accounts.create_employee(username="lan", full_name="Lan", by=sysadmin, at=NOW)  # noqa: E731
    assert at_once(act, act, act) == [accounts.UsernameTaken, accounts.UsernameTaken, None]
    assert AccountEvent.objects.filter(kind="created").count() == 1
