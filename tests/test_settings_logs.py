"""Log lines cannot be forged, and hold no password, key or typed text."""

import logging
import re

import pytest
from django.conf import settings
from django.urls import path, reverse

from outlets.models import Role
from outlets.people import actions as accounts
from tests import worlds
from vnpt_smile.logs import OneLine

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \S+ ")


def line(message, *args, error=None):
    formatter = OneLine(settings.LOGGING["formatters"]["line"]["format"], style="{")
    record = logging.LogRecord("smile", logging.INFO, "x.py", 1, message, args, error and (type(error), error, None))
    return formatter.format(record)


FORGED = "a\n2026-11-12 10:00:00,000 INFO smile all is well"


@pytest.mark.once
@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1b[2K", "\x85", "\u2028", "\u2029", "\x9b", "\u202e", "\0"]
)
def test_a_message_stays_on_one_line(sign):
    written = line("Not found: %s", f"/a{sign}2026-11-12 INFO forged")
    assert len(written.splitlines()) == 1
    assert sign not in written


@pytest.mark.once
def test_vietnamese_stays_readable():
    assert line("Đã lưu %s", "Điểm giao dịch Đống Đa").endswith("Đã lưu Điểm giao dịch Đống Đa")


@pytest.mark.once
def test_a_traceback_keeps_its_lines_and_none_passes_for_a_message():
    written = line("broken", error=ValueError(FORGED)).split("\n")
    assert [bool(LINE.match(each)) for each in written] == [True, False, False]
    assert written[1:] == ["    | ValueError: a", "    | 2026-11-12 10:00:00,000 INFO smile all is well"]


@pytest.mark.once
@pytest.mark.parametrize(
    "address",
    ["/password/set/5f1c/abc-def0/", "GET /password/set/5f1c/abc-def0/ HTTP/1.1", "'/password/set/5f1c/abc-def0'"],
)
def test_the_key_of_a_one_time_link_is_left_out(address):
    assert "abc-def0" not in line("Gone: %s", address)
    assert "/password/set/5f1c/" in line("Gone: %s", address)


@pytest.fixture
def log():
    """Everything that is logged during the test, as the product writes it."""

    class Lines(logging.Handler):
        def __init__(self):
            super().__init__()
            self.lines = []
            self.setFormatter(OneLine(settings.LOGGING["formatters"]["line"]["format"], style="{"))

        def emit(self, record):
            self.lines.append(self.format(record))

        @property
        def text(self):
            return "\n".join(self.lines)

    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def broken(request):
    raise RuntimeError(f"cannot do it for {request.GET.get('who')}")


broken.login_required = False
urlpatterns = [path("broken/", broken)]
handler500 = "vnpt_smile.views.server_error"
handler404 = "vnpt_smile.views.bad_request"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["/a%0A2026-11-12%2010:00:00,000%20INFO%20x%20forged/", "/${jndi:ldap:x}/", "/%1B[2J/"]
)
def test_an_address_forges_no_line(client, log, asked):
    client.get(asked)
    assert len(log.lines) == 1
    assert len(log.text.splitlines()) == 1


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_an_error_s_own_words_forge_no_line(client, log):
    client.raise_request_exception = False
    client.get("/broken/", {"who": FORGED}, HTTP_USER_AGENT=FORGED)
    assert [bool(LINE.match(each)) for each in log.text.split("\n")].count(True) == 1
    assert "RuntimeError: cannot do it for a" in log.text


@pytest.mark.django_db
def test_no_password_key_or_typed_text_is_logged(client, log):
    client.raise_request_exception = False
    sysadmin, lan = worlds.user("sysadmin", Role.SYSADMIN), worlds.user("lan", Role.EDITOR)
    for _ in range(6):
        client.post(reverse("login"), {"username": "lan", "password": "bí-mật-1"}, HTTP_USER_AGENT=FORGED)
    client.force_login(sysadmin)
    client.post(reverse("outlets:account_link", args=[lan.public_id]))
    client.post(reverse("outlets:account_create"), {"full_name": "Bí-mật-2 " * 50, "username": "x"})
    client.post(reverse("outlets:password_change"), {"old_password": "bí-mật-3", "new_password1": "bí-mật-4"})
    link = accounts.make_link(user=lan, by=None, at=worlds.NOW)
    address = reverse("outlets:password_set", args=[lan.public_id, link.token])
    client.force_login(lan)
    assert client.get(address).status_code == 410
    assert len(log.lines) > 0
    assert not re.search("mật", log.text, re.IGNORECASE)
    assert link.token not in log.text and link.token.partition("-")[2] not in log.text
