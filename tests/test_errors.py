"""The pages for when something did not work: right status, in the reader's language, with what to do; never bare."""

import re

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from outlets.models import Role
from tests import worlds
from vnpt_smile.wsgi import application

pytestmark = pytest.mark.django_db


def raising(error):
    def view(request):
        raise error

    view.login_required = False
    return view


ERRORS = {
    "suspicious": (SuspiciousOperation("mật"), 400),
    "bad": (BadRequest("mật"), 400),
    "denied": (PermissionDenied("mật"), 403),
    "missing": (Http404("mật"), 404),
    "broken": (RuntimeError("mật"), 500),
    "away": (OperationalError("mật"), 503),
}
urlpatterns = [path(f"{name}/", raising(error)) for name, (error, _) in ERRORS.items()]
urlpatterns.append(path("", include("vnpt_smile.urls")))
handler400, handler403 = "vnpt_smile.views.bad_request", "vnpt_smile.views.forbidden"
handler404, handler500 = "vnpt_smile.views.not_found", "vnpt_smile.views.server_error"


@pytest.fixture
def calm():
    """A browser that gets the error page instead of the exception, in English."""
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    return client


def is_a_page(response):
    """Says what happened, what was saved and what to do, and leads home."""
    body = response.content.decode()
    headings = [word in body for word in ("What happened", "What was saved", "What you can do")]
    return headings == [True] * 3 and body.count("<h1>") == 1 and 'href="/"' in body and "</html>" in body


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("is_in", [False, True])
def test_every_error_has_its_status_and_a_page(calm, name, is_in):
    if is_in:
        calm.force_login(worlds.user("lan", Role.EDITOR))
    answer = calm.get(f"/{name}/")
    assert (answer.status_code, is_a_page(answer)) == (ERRORS[name][1], True)
    assert "mật" not in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("name", ERRORS)
def test_every_error_page_is_in_the_language_that_was_chosen(name):
    for language in ("en", "vi"):
        client = Client(raise_request_exception=False)
        client.cookies["django_language"] = language
        assert f'<html lang="{language}">' in client.get(f"/{name}/").content.decode()


def test_a_page_in_english_leaves_the_next_reader_s_error_page_in_vietnamese(calm):
    calm.get("/nothing/")
    assert '<html lang="vi">' in Client().get("/?q=%00").content.decode()
    assert '<html lang="vi">' in Client().get("/", headers={"host": "evil.example"}).content.decode()


def test_the_database_away_is_a_503_page_without_a_query(calm):
    calm.force_login(worlds.user("lan", Role.EDITOR))

    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(away):
        answer = calm.get(reverse("home"))
        assert (answer.status_code, is_a_page(answer), answer["Retry-After"]) == (503, True, "60")
        assert "The database does not answer" in answer.content.decode()
        assert calm.get("/nothing/").status_code == 503
        assert calm.get("/readyz").status_code == 503
        assert calm.get("/healthz").status_code == 200


@pytest.mark.urls(__name__)
def test_when_the_error_page_breaks_too_there_are_last_words(calm, settings):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": []}]
    answer = calm.get("/broken/")
    assert (answer.status_code, "tạm thời chưa mở được" in answer.content.decode()) == (500, True)


def test_readyz_names_the_media_folder_that_cannot_be_written(client, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"media")
    settings.MEDIA_ROOT = tmp_path / "new" / "media"
    assert client.get("/readyz").status_code == 200


def test_a_button_s_address_opened_as_a_page_says_so(calm):
    calm.force_login(worlds.user("lan", Role.EDITOR))
    answer = calm.get(reverse("logout"))
    assert (answer.status_code, answer["Allow"], is_a_page(answer)) == (405, "POST, OPTIONS", True)


def test_a_form_s_address_below_a_page_leads_to_that_page(calm):
    calm.force_login(worlds.user("lan", Role.SYSADMIN))
    detail = "/accounts/00000000-0000-4000-8000-000000000001/"
    assert [calm.get(f"{detail}disable/").url, calm.head(f"{detail}disable/").url] == [detail, detail]
    assert calm.put(f"{detail}disable/").status_code == 405


def test_missing_pages_are_the_same_page(calm):
    calm.force_login(worlds.user("sysadmin", Role.SYSADMIN))
    missing = "/accounts/00000000-0000-4000-8000-00000000000"
    pages = [
        re.sub(r'value="[^"]{20,}"', "", calm.get(f"{missing}{n}/").content.decode()).replace(f"{n}/", "")
        for n in (1, 2)
    ]
    assert pages[0] == pages[1]


# --- Addresses, cookies and headers that mean nothing -----------------------------------------

ADDRESSES = [
    "/?q=%00",
    "/?q=a%00b",
    "/?%00=a",
    "/?q=%ff",
    "/?q=%c3%28",
    "/?q=%ed%a0%80",
    "/?q=%zz",
    "/?q=%",
    "/?q=100%",
    "/%00",
    "/accounts/%00/",
    "/%ff/",
    "/%ed%a0%80/",
    "/%25zz/",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("page", ["login", "outlets:account_list"])
def test_an_address_that_is_no_text_is_a_400_page_on_every_page(calm, address, page):
    calm.force_login(worlds.user("sysadmin", Role.SYSADMIN))
    path_part, _, query = address.partition("?")
    asked = reverse(page) + "?" + query if query else path_part
    answer = calm.get(asked)
    assert (answer.status_code, is_a_page(answer)) == (400, True)


@pytest.mark.parametrize(
    "query", ["q=Đặng", "q=%C4%90%E1%BA%B7ng", "q=100%25", "q=a%0Ab", "q=%F0%9F%98%80", "q=%7F%01", ""]
)
def test_an_address_that_is_text_is_answered(calm, query):
    calm.force_login(worlds.user("sysadmin", Role.SYSADMIN))
    assert calm.get(f"{reverse('outlets:account_list')}?{query}").status_code == 200


PARAMETERS = ["q", "sort", "page", "role", "kind", "state"]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize(
    "value", ["\x01\x1f", "-", "--name", "name,pk", "9" * 400, "'; DROP TABLE", "a" * 5000, "1e9", "٣"]
)
def test_no_value_of_a_list_s_parameter_breaks_it(calm, name, value):
    calm.force_login(worlds.user("sysadmin", Role.SYSADMIN))
    assert calm.get(reverse("outlets:account_list"), {name: [value, value]}).status_code == 200


@pytest.mark.parametrize(
    "cookies",
    [
        'sessionid="\\000aaaaaaaaaaaaaaaa"',
        "sessionid=" + "a" * 8000,
        "sessionid=",
        "sessionid=\x80\xff\x01aaaaaaaa",
        "csrftoken=ngắn",
        'csrftoken="\\000\\001"',
        "django_language=xx; =; ;;,",
        "messages=abc:def:ghi",
        "a" * 8000,
    ],
)
def test_a_bad_cookie_counts_as_not_sent(client, cookies):
    answer = client.get("/login/", headers={"cookie": cookies.encode().decode("latin-1")})
    assert (answer.status_code, '<html lang="vi">' in answer.content.decode()) == (200, True)
    fields = {"username": "lan", "password": "x"}
    assert client.post("/login/", fields, headers={"cookie": cookies.encode().decode("latin-1")}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "\r\nSet-Cookie: a=b\x1b[31m"},
        {"user-agent": "${jndi:ldap://x}" * 500},
        {"accept": "a" * 100_000},
        {"accept": "text/html;q=" + "9;" * 50_000},
        {"accept-language": "x" * 10_000},
        {"referer": "http://["},
        {"origin": "http://["},
        {"origin": "null"},
        {"x-forwarded-for": "\x00"},
        {"x-http-method-override": "DELETE"},
    ],
)
def test_a_bad_header_breaks_nothing(client, headers):
    for answer in (
        client.get("/login/", headers=headers),
        client.post("/login/", {"username": "lan", "password": "x"}, headers=headers),
    ):
        assert answer.status_code in (200, 400, 422)
        assert "a=b" not in str(answer.headers)


@pytest.mark.parametrize("host", ["evil.example", "a b", "[::", "testserver\x00", "testserver@evil.example"])
def test_another_host_is_a_400_page(calm, host):
    answer = calm.get("/login/", headers={"host": host})
    assert (answer.status_code, is_a_page(answer)) == (400, True)


FORM = "multipart/form-data; boundary=x"
BODIES = {
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "empty boundary": ("multipart/form-data; boundary=", b"--x--"),
    "boundary of other letters": ("multipart/form-data; boundary=\xe9\xe9", b"--x--"),
    "base64 that is none": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n*\r\n--x--",
    ),
    "charset utf-7": ("application/x-www-form-urlencoded; charset=utf-7", b"username=+AAA-"),
    "charset in a multipart form": (f"{FORM}; charset=utf-16", b"--x--"),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_cannot_be_read_is_a_400_page(calm, what):
    content_type, body = BODIES[what]
    answer = calm.generic("POST", "/login/?q=a", body, content_type)
    assert (answer.status_code, is_a_page(answer)) == (400, True)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain; charset=rot13", "text/plain; a*=xx''%41", "text/plain; charset=utf-7", "a/b; charset*=rot13''x"],
)
def test_a_content_type_that_django_itself_trips_over_is_a_400_page(content_type):
    answers = []
    environ = RequestFactory()._base_environ(
        PATH_INFO="/login/", QUERY_STRING="q=a", CONTENT_TYPE=content_type, HTTP_COOKIE="django_language=en"
    )
    body = application(environ, lambda status, headers: answers.append(status))
    page = b"".join(body).decode()
    body.close()
    assert (answers, "What you can do" in page) == (["400 Bad Request"], True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nlan',
        b"--x\r\nContent-Disposition: form-data\r\n\r\nlan\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\na\r\n'
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nb\r\n--x--',
        b"\x00\xff" * 1000,
    ],
)
def test_an_odd_multipart_body_is_read_as_far_as_it_goes(calm, body):
    assert calm.generic("POST", "/login/", body, FORM).status_code in (400, 422)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "X" * 200])
def test_other_methods_are_not_allowed_on_the_log_in(calm, method):
    assert calm.generic(method, "/login/").status_code == (200 if method == "get" else 405)


@pytest.mark.parametrize(
    "asked", ["/.git/config", "/admin/", "/media/a.jpg", "/static/../manage.py", "/static/%2e%2e/manage.py"]
)
def test_nothing_but_the_product_s_own_addresses_is_served(calm, asked):
    assert calm.get(asked).status_code in (400, 404)


# --- Language ---------------------------------------------------------------------------------


def test_a_language_that_is_not_ours_is_vietnamese(client):
    for chosen in ("fr", "", "vi\x00", "EN", "../../x"):
        client.cookies["django_language"] = chosen
        assert '<html lang="vi">' in client.get("/login/").content.decode()


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "\\\\evil.example", "javascript:x", ""])
def test_the_language_switch_leads_nowhere_outside(client, target):
    answer = client.post("/language/", {"language": "en", "next": target})
    assert (answer.status_code, answer.url, client.cookies["django_language"].value) == (302, "/", "en")


def test_the_language_switch_ignores_an_unknown_language(client):
    answer = client.post("/language/", {"language": "fr", "next": "/login/"})
    assert (answer.url, "django_language" in answer.cookies) == ("/login/", False)
