"""The system administrator's pages of accounts and roles."""

import re
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from outlets.models import AccountEvent, Membership, Role, ShopperIdentity, User
from tests import worlds

pytestmark = pytest.mark.django_db

MISSING = UUID("00000000-0000-4000-8000-000000000000")
ENGLISH = "django_language"


@pytest.fixture
def sysadmin():
    return worlds.user("sysadmin", Role.SYSADMIN, full_name="Đỗ Quản Trị")


@pytest.fixture
def admin(client, sysadmin):
    """The sysadmin's browser, in English."""
    client.force_login(sysadmin)
    client.cookies[ENGLISH] = "en"
    return client


@pytest.fixture
def lan():
    return worlds.user("lan", Role.REVIEWER, full_name="Nguyễn Thị Lan")


def url(name, thing=None):
    return reverse(f"outlets:{name}", args=[thing.public_id] if thing else [])


def texts(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def shown(response):
    return [account.username for account in response.context["listing"].page]


# --- List -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_6_queries_whatever_its_length(admin, django_assert_num_queries, rows):
    at = worlds.places()
    for number in range(rows):
        user = worlds.user(f"an{number}", Role.MANAGER, at.an_giang)
        worlds.user(f"kh{number}", Role.SHOPPER)
        Membership.objects.create(user=user, role=Role.OBSERVER, unit=at.ha_noi, granted_at=worlds.NOW)
    # session, user, access, count, page, memberships with their units
    with django_assert_num_queries(6):
        page = admin.get(url("account_list")).content.decode()
    assert page.count("VNPT An Giang") == rows


def test_list_sorts_people_by_the_last_word_of_their_names(admin, lan):
    worlds.user("anh", full_name="Trần Đức Anh")
    worlds.user("dung", full_name="Lê Đung")
    worlds.user("duc", full_name="Lê Dục")
    assert shown(admin.get(url("account_list"))) == ["anh", "duc", "dung", "lan", "sysadmin"]
    assert shown(admin.get(url("account_list"), {"sort": "-username"})) == ["sysadmin", "lan", "dung", "duc", "anh"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "nguyen lan"}, ["lan"]),
        ({"q": "S-0"}, ["kh"]),
        ({"role": "shopper"}, ["kh"]),
        ({"role": "reviewer"}, ["lan"]),
        ({"role": "editor"}, []),
        ({"kind": "shopper"}, ["kh"]),
        ({"state": "disabled"}, ["cu"]),
        ({"state": "active", "kind": "employee"}, ["lan", "sysadmin"]),
        ({"role": "x", "state": "y", "kind": "z", "sort": "password", "page": "x"}, ["lan", "sysadmin", "cu", "kh"]),
    ],
)
def test_list_is_searched_and_filtered(admin, lan, asked, found):
    worlds.user("kh", Role.SHOPPER)
    worlds.user("cu", is_active=False)
    assert set(shown(admin.get(url("account_list"), asked))) == set(found)


def test_list_by_role_leaves_out_roles_that_ended(admin, lan):
    lan.memberships.update(ended_at=worlds.NOW)
    assert shown(admin.get(url("account_list"), {"role": "reviewer"})) == []


def test_list_says_when_nothing_fits(admin):
    assert "No account fits" in admin.get(url("account_list"), {"q": "khôngcóai"}).content.decode()


# --- Create -----------------------------------------------------------------------------------


def test_create_an_employee(admin):
    fields = {"full_name": " Nguyễn  Văn A\u0301i ", "username": "Ai.Nguyen@VNPT.vn"}
    answer = admin.post(url("account_create"), fields)
    made = User.objects.get(username="ai.nguyen@vnpt.vn")
    assert (answer.url, made.full_name, made.kind) == (url("account_detail", made), "Nguyễn Văn Ái", "employee")
    assert not made.has_usable_password()


def test_create_a_shopper_asks_for_a_code_and_no_name(admin):
    page = admin.get(url("account_create") + "?kind=shopper").content.decode()
    assert re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page.partition("<main")[2]) == [
        "csrfmiddlewaretoken",
        "form-owner",
        "code",
    ]
    fields = {"code": "s-0042", "full_name": "Trần Thị Bí Mật", "username": "bi.mat"}
    admin.post(url("account_create") + "?kind=shopper", fields)
    made = User.objects.get(kind=User.Kind.SHOPPER)
    assert (made.shopper_code, made.username, made.full_name) == ("S-0042", "s-0042", "")
    assert ShopperIdentity.objects.count() == 0


@pytest.mark.parametrize(
    ("query", "fields", "wrong"),
    [
        ("", {"full_name": "Lan", "username": "NGỌC"}, "username"),
        ("", {"full_name": "Lan", "username": "hai từ"}, "username"),
        ("", {"full_name": "Lan", "username": "x" * 61}, "username"),
        ("", {"full_name": "\u200b ", "username": "lan"}, "full_name"),
        ("", {"full_name": "L" * 121, "username": "lan"}, "full_name"),
        ("?kind=shopper", {"code": "s-1"}, "code"),
        ("?kind=shopper", {"code": "Đ-1"}, "code"),
        ("?kind=shopper", {"code": "S-0000000000001"}, "code"),
        ("?kind=shopper", {}, "code"),
    ],
)
def test_create_refuses_and_changes_nothing(admin, query, fields, wrong):
    worlds.user("ngọc")
    worlds.user("s-1", Role.SHOPPER, shopper_code="S-1")
    before = User.objects.count()
    answer = admin.post(url("account_create") + query, fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
    assert (User.objects.count(), AccountEvent.objects.count()) == (before, 0)


def test_create_ignores_fields_that_it_does_not_ask_for(admin):
    forged = {"is_active": "", "is_staff": "1", "is_superuser": "1", "is_demo": "1", "kind": "shopper", "password": "x"}
    admin.post(url("account_create"), {"full_name": "Lan", "username": "lan", **forged})
    made = User.objects.get(username="lan")
    assert (made.is_active, made.is_staff, made.is_superuser, made.is_demo, made.kind) == (
        True, False, False, False, "employee",
    )  # fmt: skip


# --- One account ------------------------------------------------------------------------------


@pytest.mark.parametrize("events", [1, 3])
def test_detail_takes_7_queries_whatever_happened(admin, lan, django_assert_num_queries, events):
    for _ in range(events):
        AccountEvent.objects.create(user=lan, kind="link_made", at=worlds.NOW, by=lan)
        Membership.objects.create(user=lan, role=Role.EDITOR, granted_at=worlds.NOW, ended_at=worlds.NOW)
    # session, user, access, account, memberships, count of events, page of events
    with django_assert_num_queries(7):
        answer = admin.get(url("account_detail", lan))
    assert len(answer.context["lines"]) == events


def test_detail_shows_roles_and_what_happened(admin, lan, sysadmin):
    unit = worlds.places().an_giang
    admin.post(url("membership_grant", lan), {"role": "manager", "unit": "AGG"})
    answer = admin.get(url("account_detail", lan))
    assert [(m.role, m.unit) for m in answer.context["current"]] == [("manager", unit), ("reviewer", None)]
    [line] = answer.context["lines"]
    assert (line.what, line.detail, line.by) == ("Role granted", "Unit manager, VNPT An Giang", "Đỗ Quản Trị")


def test_the_own_account_offers_no_actions(admin, sysadmin):
    page = admin.get(url("account_detail", sysadmin)).content.decode()
    assert "This is your own account" in page
    assert "/disable/" not in page and "/link/" not in page and "/roles/new/" not in page and "/end/" not in page


def test_disable_logs_the_person_out_and_enable_lets_them_in_again(admin, client_of, lan):
    theirs = client_of(lan)
    assert theirs.get(reverse("home")).status_code == 200
    admin.post(url("account_disable", lan))
    assert theirs.get(reverse("home")).status_code == 302
    admin.post(url("account_enable", lan))
    assert theirs.get(reverse("home")).status_code == 302
    assert User.objects.get(pk=lan.pk).is_active


@pytest.fixture
def client_of():
    def logged_in(user):
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def test_a_second_press_says_that_it_has_been_done(admin, lan):
    admin.post(url("account_disable", lan))
    answer = admin.post(url("account_disable", lan))
    assert (answer.status_code, texts(answer)[-1]) == (302, "This account has already been disabled.")


@pytest.mark.parametrize("action", ["account_disable", "account_enable", "account_link"])
def test_the_own_account_is_refused_with_words(admin, sysadmin, action):
    answer = admin.post(url(action, sysadmin))
    assert texts(answer) == ["Nobody changes the access of their own account. Another system administrator can."]


# --- The one-time link ------------------------------------------------------------------------


def link_on(page):
    return re.search(r"http://testserver(/password/set/[0-9a-f-]+/[^/]+/)", page.content.decode())[1]


def test_the_link_is_shown_once_and_stands_nowhere_else(admin, lan, caplog):
    answer = admin.post(url("account_link", lan))
    key = link_on(answer).split("/")[-2]
    assert "no-store" in answer["Cache-Control"]
    assert key not in admin.get(url("account_detail", lan)).content.decode()
    assert key not in str(list(AccountEvent.objects.values()))
    assert all(key not in str(dict(row.get_decoded())) for row in Session.objects.all())
    assert key not in caplog.text
    assert answer.client.get(link_on(answer)).status_code == 302


# --- Roles ------------------------------------------------------------------------------------


def test_give_a_role_over_a_unit_found_by_words(admin, lan):
    at = worlds.places()
    answer = admin.post(url("membership_grant", lan), {"role": "observer", "unit": "ha noi"})
    assert answer.url == url("account_detail", lan)
    made = lan.memberships.get(role="observer")
    assert (made.unit, made.granted_by.username) == (at.ha_noi, "sysadmin")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"role": "manager"}, "unit"),
        ({"role": "editor", "unit": "AGG"}, "unit"),
        ({"role": "manager", "unit": "không có"}, "unit"),
        ({"role": "shopper"}, "role"),
        ({"role": "king"}, "role"),
        ({"role": "reviewer"}, "role"),
        ({"role": "sysadmin"}, "role"),
        ({}, "role"),
    ],
)
def test_give_a_role_refuses_and_changes_nothing(admin, lan, fields, wrong):
    worlds.places()
    answer = admin.post(url("membership_grant", lan), fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
    assert (lan.memberships.count(), AccountEvent.objects.count()) == (1, 0)


def test_nobody_gives_themselves_a_role(admin, sysadmin):
    answer = admin.post(url("membership_grant", sysadmin), {"role": "editor"})
    assert (answer.status_code, sysadmin.memberships.count()) == (422, 1)


def test_a_shopper_is_offered_no_other_role(admin):
    shopper = worlds.user("kh", Role.SHOPPER)
    form = admin.get(url("membership_grant", shopper)).context["form"]
    assert [value for value, _ in form.fields["role"].choices] == ["", "shopper"]


def test_end_a_role_asks_first(admin, lan):
    role = lan.memberships.get()
    assert "End the role" in admin.get(url("membership_end", role)).content.decode()
    assert lan.memberships.filter(ended_at=None).exists()
    assert admin.post(url("membership_end", role)).url == url("account_detail", lan)
    assert not lan.memberships.filter(ended_at=None).exists()
    assert texts(admin.post(url("membership_end", role)))[-1] == "This role has already been ended."


def test_a_refusal_to_end_a_role_is_shown_in_words(admin, sysadmin):
    answer = admin.post(url("membership_end", sysadmin.memberships.get()))
    assert texts(answer) == ["Nobody changes the access of their own account. Another system administrator can."]
    assert sysadmin.memberships.filter(ended_at=None).exists()


# --- Who may ----------------------------------------------------------------------------------

PAGES = {
    "account_list": "GET",
    "account_create": "GET",
    "account_detail": "GET",
    "account_disable": "POST",
    "account_enable": "POST",
    "account_link": "POST",
    "membership_grant": "GET",
    "membership_end": "GET",
}
OF_THE_WHOLE = {"account_list", "account_create"}


def address(name, public_id=MISSING):
    return reverse(f"outlets:{name}", args=[] if name in OF_THE_WHOLE else [public_id])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSADMIN}))
def test_every_other_role_is_refused_whatever_is_asked_for(client, role, name):
    unit = worlds.places().an_giang if role in ("manager", "observer") else None
    client.force_login(worlds.user("lan", role, unit))
    known = User.objects.get().public_id
    assert {client.generic(PAGES[name], address(name, each)).status_code for each in (known, MISSING)} == {403}
    assert client.post(address(name, known)).status_code in (403, 405)


@pytest.mark.parametrize("name", sorted(set(PAGES) - OF_THE_WHOLE))
def test_what_is_missing_is_404(admin, name):
    assert admin.generic(PAGES[name], address(name)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_other_methods_are_not_allowed(admin, lan, name):
    assert admin.put(address(name, lan.public_id)).status_code == 405
    assert admin.delete(address(name, lan.public_id)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_nobody_signed_in_is_sent_to_the_log_in(client, lan, name):
    assert client.generic(PAGES[name], address(name, lan.public_id)).url.startswith("/login/?next=")
