"""Log-in, lock-out, log-out, one's own password, and the one-time link."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from outlets.models import AccountEvent, HeldForm, Role, User
from outlets.people import actions as accounts
from outlets.people import held, sessions
from tests import worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

PASSWORD = "mật khẩu thử nghiệm"
NEW = "một mật khẩu rất mới"


@pytest.fixture
def lan():
    return worlds.user("lan", Role.EDITOR)


def log_in(client, username="lan", password=PASSWORD, address="10.0.0.1", **extra):
    return client.post(reverse("login"), {"username": username, "password": password, **extra}, REMOTE_ADDR=address)


def is_in(client):
    return client.get(reverse("outlets:password_change")).status_code == 200


@pytest.mark.parametrize("typed", ["ngọc.lan", "NGỌC.Lan", "ngo\u0323c.lan", " ngọc.lan "])
def test_a_user_name_logs_in_in_every_spelling(client, typed):
    worlds.user("ngọc.lan", Role.EDITOR)
    assert log_in(client, typed).status_code == 302
    assert get_user(client).username == "ngọc.lan"


def refused_because(client, settings):
    worlds.user("lan", Role.EDITOR)
    worlds.user("disabled", is_active=False)
    worlds.user("demo", is_demo=True)
    User.objects.create_user("unusable")
    settings.DEMO = False
    cases = {
        "wrong password": ("lan", "không phải"),
        "unknown": ("nobody", PASSWORD),
        "disabled": ("disabled", PASSWORD),
        "demo account outside the demo": ("demo", PASSWORD),
        "no password set": ("unusable", PASSWORD),
    }
    for why, (username, password) in cases.items():
        answer = log_in(Client(), username, password)
        yield why, (answer.status_code, answer.content.decode().replace(f'value="{username}"', ""))


def test_every_refused_log_in_looks_the_same(client, settings):
    answers = dict(refused_because(client, settings))
    first = next(iter(answers.values()))
    assert first[0] == 422
    without_token = {why: (code, strip_token(page)) for why, (code, page) in answers.items()}
    assert set(without_token.values()) == {(422, strip_token(first[1]))}


def strip_token(page):
    before, _, rest = page.partition('name="csrfmiddlewaretoken" value="')
    return before + strip_token(rest.partition('"')[2]) if rest else before


def test_a_demo_account_logs_in_only_while_the_demo_is_on(client, settings):
    worlds.user("demo", Role.EDITOR, is_demo=True)
    settings.DEMO = True
    assert log_in(client, "demo").status_code == 302
    assert is_in(client)
    settings.DEMO = False
    assert not is_in(client)


def test_the_demo_lists_its_accounts_with_one_button_each(client, settings):
    settings.DEMO = True
    page = client.get(reverse("login")).content.decode()
    assert page.count('name="username" value="') == 12
    assert page.count("<b>smile-demo</b>") == 1
    settings.DEMO = False
    assert "smile-demo" not in client.get(reverse("login")).content.decode()


def test_the_user_name_can_be_given_in_the_address(client):
    page = client.get(reverse("login"), {"username": 'lan"><script>'}).content.decode()
    assert 'value="lan&quot;&gt;&lt;script&gt;"' in page


def test_log_in_gives_a_new_session_id(client, lan):
    client.get(reverse("home"))
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    log_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_a_log_in_of_the_same_person_over_an_open_session_gives_a_new_id_too(client, lan, rf):
    from vnpt_smile.views import Login  # noqa: PLC0415 - the view is asked directly: its page sends such a person on

    client.force_login(lan)
    before = client.session.session_key
    request = rf.post(reverse("login"))
    request.session, request.user = client.session, lan
    view = Login()
    view.setup(request)
    form = view.get_form()
    form.user_cache = User.objects.get(pk=lan.pk)
    form.user_cache.backend = "outlets.people.backends.AccountBackend"
    view.form_valid(form)
    assert request.session.session_key != before


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/login/", ""])
def test_log_in_leads_nowhere_outside(client, lan, target):
    assert log_in(client, next=target).url == "/"
    assert client.get(reverse("login"), {"next": target}).url == "/"


def test_log_in_leads_to_the_page_that_was_asked_for(client, lan):
    assert log_in(client, next="/checklists/?q=a").url == "/checklists/?q=a"


def test_log_out_ends_the_session_and_needs_a_post(client, lan):
    log_in(client)
    key = client.session.session_key
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")
    assert not Session.objects.filter(pk=key).exists()
    assert not is_in(client)


def log_in_days_ago(client, days):
    log_in(client)
    session = client.session
    session[sessions.BEGAN] -= int(timedelta(days=days).total_seconds())
    session.save()
    client.cookies["django_language"] = "en"


def test_a_log_in_ends_after_seven_days_and_says_why(client, lan):
    log_in_days_ago(client, 7.1)
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("login"))
    assert "For safety everybody logs in again after 7 days." in page.content.decode()
    assert not is_in(client)


def test_a_log_in_lasts_for_seven_days(client, lan):
    log_in_days_ago(client, 6.9)
    assert is_in(client)


def test_what_was_typed_when_the_seven_days_ended_is_kept(client, lan):
    log_in_days_ago(client, 7.1)
    answer = client.post("/units/new/", {held.OWNER_FIELD: held.owner_token(lan), "name": "Phòng mới"})
    assert answer.url.startswith(reverse("login"))
    assert HeldForm.objects.get(owner=lan).data["name"] == ["Phòng mới"]


# --- Lock-out ---------------------------------------------------------------------------------


def test_the_fifth_wrong_password_closes_the_pair_of_name_and_address(client, lan):
    statuses = [log_in(client, password="sai").status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 429]
    assert log_in(client).status_code == 429


def test_locked_out_says_how_long_and_what_is_not_affected(client, lan):
    client.cookies["django_language"] = "en"
    for _ in range(5):
        answer = log_in(client, password="sai")
    assert "for another 15 minutes" in answer.content.decode()
    assert "Other accounts can log in here" in answer.content.decode()
    assert 890 < int(answer["Retry-After"]) <= 900


def test_lock_out_leaves_other_addresses_and_other_names_alone(client, lan):
    worlds.user("minh", Role.EDITOR)
    for _ in range(6):
        log_in(client, password="sai")
    assert log_in(Client(), address="10.0.0.2").status_code == 302
    assert log_in(Client(), "minh").status_code == 302


def test_lock_out_ends_15_minutes_after_the_last_counted_attempt(client, lan):
    for _ in range(5):
        log_in(client, password="sai")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14, seconds=30))
    answer = log_in(client, password="sai")
    assert (answer.status_code, int(answer["Retry-After"]) <= 30) == (429, True)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert log_in(client).status_code == 302


def guess(names, addresses):
    """One wrong password for each of `names`, from each of `addresses` in turn; the statuses."""
    return [log_in(Client(), name, "sai", address=address).status_code for name in names for address in addresses]


def test_an_address_is_closed_to_every_name_after_its_limit(client, lan):
    names = [f"user{number}" for number in range(15)]
    assert guess(names, ["10.0.0.9"] * 4)[-2:] == [422, 429]
    assert log_in(client, address="10.0.0.9").status_code == 429
    assert guess(["another"], ["10.0.0.9"]) == [429]
    assert log_in(Client(), address="10.0.0.2").status_code == 302


def test_a_closed_address_is_told_so_and_opens_when_enough_failures_are_15_minutes_old(client, lan, settings):
    settings.LOGIN_FAILURES_PER_ADDRESS = 3
    guess(["a", "b", "c"], ["10.0.0.1"])
    AccessAttempt.objects.filter(username="a").update(attempt_time=timezone.now() - timedelta(minutes=12))
    client.cookies["django_language"] = "en"
    answer = log_in(client)
    assert "nobody can log in from this address for another 3 minutes" in answer.content.decode()
    assert 170 < int(answer["Retry-After"]) <= 180
    AccessAttempt.objects.filter(username="a").update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert log_in(client).status_code == 302


def test_failures_of_unknown_addresses_do_not_close_the_door_to_all_of_them(client, lan, settings):
    settings.LOGIN_FAILURES_PER_ADDRESS = 3
    assert guess(["a", "b", "c", "d"], ["nonsense"]) == [422, 422, 422, 422]
    assert log_in(client, address="nonsense").status_code == 302


def test_a_name_tried_from_many_addresses_gets_one_try_from_each_and_its_owner_gets_in(client, lan):
    many = [f"10.1.0.{number}" for number in range(19)]
    assert guess(["lan"], many) == [422] * 19
    assert guess(["lan"], [f"10.2.0.{number}" for number in range(3)]) == [429, 429, 429]
    client.cookies["django_language"] = "en"
    answer = log_in(client, address="10.1.0.0")
    assert (answer.status_code, "each place has only one try now" in answer.content.decode()) == (429, True)
    assert log_in(Client(), address="10.0.0.2").status_code == 302
    assert log_in(Client(), worlds.user("minh", Role.EDITOR).username, address="10.1.0.0").status_code == 302


def test_own_log_ins_do_not_free_an_address_that_guesses_other_names(client, lan, settings):
    settings.LOGIN_FAILURES_PER_ADDRESS = 4
    guess(["a", "b", "c"], ["10.0.0.1"])
    log_in(client)
    assert guess(["d", "e"], ["10.0.0.1"]) == [429, 429]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(client, lan, address, counted):
    guess(["lan"], [address])
    assert AccessAttempt.objects.get().ip_address == counted


@pytest.mark.parametrize("variant", ["LAN", "lan ", "la\u200bn"])
def test_another_spelling_of_the_name_is_no_new_try(client, lan, variant):
    for _ in range(4):
        log_in(client, password="sai")
    assert log_in(client, variant, "sai").status_code == 429


def test_a_right_password_forgets_the_wrong_ones(client, lan):
    for _ in range(4):
        log_in(client, password="sai")
    log_in(client)
    assert AccessAttempt.objects.count() == 0


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(client, lan, settings):
    settings.PROXIES = 1

    def attempt(claims, password="sai"):
        return client.post(
            reverse("login"),
            {"username": "lan", "password": password},
            REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR=claims,
        ).status_code

    assert [attempt(f"1.1.1.{n}, 10.0.0.1") for n in range(5)][-1] == 429
    assert attempt("9.9.9.9, 10.0.0.2", PASSWORD) == 302


@pytest.mark.parametrize("claims", ["", "nonsense", "10.0.0.1:99999", "\x85, ::::"])
def test_a_senseless_address_is_no_error(client, lan, settings, claims):
    settings.PROXIES = 1
    answer = client.post(reverse("login"), {"username": "lan", "password": "sai"}, HTTP_X_FORWARDED_FOR=claims)
    assert answer.status_code == 422


# --- One's own password -----------------------------------------------------------------------


def change(client, old=PASSWORD, new=NEW, again=None):
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("outlets:password_change"), fields)


def test_password_change_ends_every_other_session_and_renews_this_one(client, lan):
    other = Client()
    log_in(client), log_in(other)
    before = client.session.session_key
    assert change(client).url == "/"
    assert client.session.session_key != before
    assert (is_in(client), is_in(other)) == (True, False)
    assert list(lan.events.values_list("kind", "by")) == [("password_set", lan.pk)]


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("sai", NEW, NEW),
        (PASSWORD, NEW, NEW + "."),
        (PASSWORD, "ngắn", "ngắn"),
        (PASSWORD, "password123", "password123"),
        (PASSWORD, "Người lan", "Người lan"),
    ],
)
def test_password_change_refuses(client, lan, old, new, again):
    log_in(client)
    assert change(client, old, new, again).status_code == 422
    assert User.objects.get(pk=lan.pk).check_password(PASSWORD)
    assert AccountEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("new", "again", "field", "says"),
    [
        ("ngắn", "ngắn", "new_password1", "This password is too short"),
        ("123456789012", "123456789012", "new_password1", "This password is entirely numeric."),
        (PASSWORD, PASSWORD, "new_password1", "This is the present password. Choose another one."),
        (NEW, NEW + ".", "new_password2", "The two password fields"),
    ],
)
def test_what_is_wrong_with_a_new_password_stands_beside_it(client, lan, new, again, field, says):
    log_in(client)
    client.cookies["django_language"] = "en"
    errors = change(client, PASSWORD, new, again).context["form"].errors
    assert list(errors) == [field]
    assert errors[field][0].startswith(says)


def test_a_person_s_name_is_named_in_vietnamese():
    with translation.override("vi"):
        assert User._meta.get_field("full_name").verbose_name == "Họ và tên"


# --- The one-time link ------------------------------------------------------------------------


def link_for(user):
    made = accounts.make_link(user=user, by=None, at=NOW)
    return reverse("outlets:password_set", args=[user.public_id, made.token])


@pytest.fixture
def link(lan):
    return link_for(lan)


def set_password(client, link, new=NEW):
    page = client.get(link, follow=True)
    return client.post(page.wsgi_request.path, {"new_password1": new, "new_password2": new})


def test_opening_the_link_takes_its_key_out_of_the_address(client, link):
    assert client.get(link).url == link.rsplit("/", 2)[0] + "/set-password/"


def test_the_page_of_the_link_says_whose_account_it_is_and_what_is_wrong(client, lan, link):
    assert "<b>lan</b>" in client.get(link, follow=True).content.decode()
    answer = set_password(client, link, "123456789012")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["new_password1"])


def test_the_link_sets_a_password_and_leads_to_the_log_in(client, lan):
    other = Client()
    other.force_login(lan)
    answer = set_password(client, link_for(lan))
    assert answer.url == reverse("login")
    assert log_in(client, password=NEW).status_code == 302
    assert not is_in(other)


def said_at_log_in(client, password=NEW):
    client.cookies["django_language"] = "en"
    log_in(client, password=password)
    return [str(message) for message in get_messages(client.get(reverse("home")).wsgi_request)]


def test_the_next_log_in_says_whose_link_set_the_password_and_the_one_after_not(client, lan):
    sysadmin = worlds.user("sysadmin", Role.SYSADMIN)
    made = accounts.make_link(user=lan, by=sysadmin, at=NOW)
    set_password(Client(), reverse("outlets:password_set", args=[lan.public_id, made.token]))
    first = said_at_log_in(client)
    assert first[0].startswith("Password set through the one-time link that Người sysadmin made at 10:00 12/11/2026.")
    assert said_at_log_in(Client()) == []


def test_a_log_in_after_an_own_change_of_password_says_nothing(client, lan):
    accounts.change_password(user=lan, password=NEW, at=NOW)
    assert said_at_log_in(client) == []


def test_the_account_page_says_whose_link_set_the_password(client, lan, link):
    set_password(Client(), link)
    client.force_login(worlds.user("sysadmin", Role.SYSADMIN))
    client.cookies["django_language"] = "en"
    page = client.get(reverse("outlets:account_detail", args=[lan.public_id])).content.decode()
    assert "Password set through the one-time link that was made at the server at 10:00 12/11/2026" in page
    assert "Whoever had the link" in page


def test_the_link_gives_the_browser_a_new_session_and_logs_others_out_of_it(client, lan, link):
    sysadmin = worlds.user("sysadmin", Role.SYSADMIN)
    client.force_login(sysadmin)
    before = client.session.session_key
    set_password(client, link)
    assert not is_in(client)
    assert not Session.objects.filter(pk=before).exists()


def is_gone(client, link):
    client.cookies["django_language"] = "en"
    page = client.get(link)
    return page.status_code == 410 and "This link opens nothing any more" in page.content.decode()


def test_a_log_in_meanwhile_ends_the_link(client, lan, link):
    log_in(Client())
    assert is_gone(client, link)


def test_a_used_link_says_so(client, link):
    set_password(client, link)
    assert is_gone(Client(), link)


def test_a_link_used_by_somebody_else_meanwhile_says_so(client, lan, link):
    client.get(link, follow=True)
    set_password(Client(), link)
    answer = client.post(link.rsplit("/", 2)[0] + "/set-password/", {"new_password1": NEW, "new_password2": NEW})
    assert answer.status_code == 410


def test_an_expired_link_says_so(client, link, settings):
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert is_gone(client, link)


@pytest.mark.parametrize("field", [{"is_active": False}, {"is_demo": True}])
def test_a_link_for_an_account_that_cannot_log_in_opens_nothing(client, lan, link, field):
    User.objects.filter(pk=lan.pk).update(**field)
    assert is_gone(client, link)


def test_a_made_up_link_looks_like_a_used_one(client, lan, link):
    strange = "00000000-0000-4000-8000-000000000000"
    for address in (
        reverse("outlets:password_set", args=[strange, "abc-def"]),
        reverse("outlets:password_set", args=[lan.public_id, "abc-def"]),
        reverse("outlets:password_set", args=[lan.public_id, "set-password"]),
    ):
        assert is_gone(client, address)


def test_a_bad_new_password_leaves_the_link_good(client, link):
    assert set_password(client, link, "ngắn").status_code == 422
    assert set_password(client, link).status_code == 302


def test_the_link_in_an_address_holds_no_sequence_number(lan, link):
    assert urlsplit(link).path.split("/")[3] == str(lan.public_id)


def test_the_link_page_takes_no_other_method(client, link):
    assert client.put(link).status_code == 405
