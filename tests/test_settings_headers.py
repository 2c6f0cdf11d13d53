"""The headers of every answer and the attributes of every cookie, from a real server set up as in production."""

import http.client
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse

from outlets.models import Role
from tests import worlds
from tests.access_table import TABLE
from tests.databases import url_of
from tests.processes import gunicorn

pytestmark = [pytest.mark.django_db, pytest.mark.server]

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
YEAR = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    folder = tmp_path_factory.mktemp("https")
    env = {
        "DATABASE_URL": url_of(connection.settings_dict),
        "MEDIA_ROOT": str(folder / "media"),
        "HTTPS": "1",
        "PROXIES": "1",
    }
    with gunicorn("vnpt_smile.wsgi:application", log=folder / "server.log", env=env, workers=1) as server:
        yield server


@pytest.fixture
def https(server, transactional_db):
    """The product behind a proxy that ends HTTPS."""
    return server


def ask(server, path, method="GET", body=None, cookies=None, scheme="https", **headers):
    """One request over a socket. Gives (status, headers, cookies, page)."""
    sent = {"Host": "localhost", "X-Forwarded-Proto": scheme, "Origin": f"{scheme}://localhost"} | headers
    if cookies:
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if body is not None:
        body = urlencode(body)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    line.request(method, path, body, sent)
    answer = line.getresponse()
    page = answer.read().decode()
    cookies = SimpleCookie()
    for value in answer.headers.get_all("Set-Cookie") or ():
        cookies.load(value)
    line.close()
    return answer.status, answer.headers, cookies, page


def log_in(server, password="mật khẩu thử nghiệm"):
    _, _, first, _ = ask(server, "/login/")
    token = first["__Host-csrf"].value
    fields = {"username": "lan", "password": password, "csrfmiddlewaretoken": token}
    return ask(server, "/login/", "POST", fields, {"__Host-csrf": token})


def shortcomings(headers):
    found = {name for name, value in COMMON.items() if headers[name] != value}
    policy = headers["Content-Security-Policy"] or ""
    if "default-src 'self'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        found.add("Content-Security-Policy")
    return found


def test_every_answer_has_the_headers(https):
    worlds.user("lan", Role.EDITOR)
    session = {name: cookie.value for name, cookie in log_in(https)[2].items()}
    pages = [reverse(row.url) for row in TABLE if not row.target and "GET" in row.methods]
    odd = ["/nothing/", "/?q=%00", "/logout/", "/accounts/", "/static/css/smile.css", "/static/nothing.css"]
    seen, wrong, stored = set(), {}, []
    for path in pages + odd:
        status, headers, _, _ = ask(https, path, cookies=session)
        seen.add(status)
        if missing := shortcomings(headers):
            wrong[path] = missing
        if headers["Strict-Transport-Security"] != YEAR:
            wrong[path] = wrong.get(path, set()) | {"Strict-Transport-Security"}
        if "no-store" not in headers["Cache-Control"] and not path.startswith("/static/"):
            stored.append(path)
    assert (wrong, stored) == ({}, [])
    assert {200, 302, 400, 403, 404, 405} <= seen


def test_refusals_before_any_page_have_them_too(https):
    answers = {
        "another host": ask(https, "/", Host="evil.example"),
        "not HTTPS": ask(https, "/", scheme="http"),
        "no token": ask(https, "/login/", "POST", {"username": "lan"}),
        "cut body": ask(https, "/login/", "POST", **{"Content-Length": "-1"}),
    }
    assert {what: answer[0] for what, answer in answers.items()} == {
        "another host": 400, "not HTTPS": 301, "no token": 403, "cut body": 400,
    }  # fmt: skip
    assert {what: shortcomings(answer[1]) for what, answer in list(answers.items())[:3]} == {
        "another host": set(), "not HTTPS": set(), "no token": set(),
    }  # fmt: skip


def test_the_lock_out_has_them_too(https):
    worlds.user("lan")
    answers = [log_in(https, "sai") for _ in range(5)]
    assert [status for status, *_ in answers] == [422, 422, 422, 422, 429]
    assert shortcomings(answers[-1][1]) == set()


def attributes(cookie):
    return {name: cookie[name] for name in ("path", "domain", "secure", "httponly", "samesite")}


def test_cookies_belong_to_this_host_alone(https):
    worlds.user("lan", Role.EDITOR)
    status, _, cookies, _ = log_in(https)
    language = ask(
        https, "/language/", "POST",
        {"language": "en", "csrfmiddlewaretoken": cookies["__Host-csrf"].value},
        {"__Host-csrf": cookies["__Host-csrf"].value},
    )[2]  # fmt: skip
    ours = {"path": "/", "domain": "", "secure": True, "httponly": True, "samesite": "Lax"}
    assert status == 302
    assert {name: attributes(cookie) for name, cookie in cookies.items()} == {
        "__Host-session": ours,
        "__Host-csrf": ours | {"httponly": ""},
    }
    assert attributes(language["__Host-language"]) == ours


def test_health_is_answered_without_https(https):
    assert [ask(https, path, scheme="http")[0] for path in ("/healthz", "/readyz")] == [200, 200]
