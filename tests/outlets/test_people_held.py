"""What a person typed outlives an expired log-in, a rotated token and a body over a limit."""

import io
import re
import time
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_POST

from outlets.models import HeldForm, Role, User
from outlets.people import held
from tests import worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

NOTE = "Quầy số 2 vắng người lúc 9 giờ.\nKhách chờ 12 phút."


class NoteForm(forms.Form):
    note = forms.CharField(widget=forms.Textarea)
    ticks = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")], required=False)


PAGE = engines["django"].from_string(
    '{% include "_partials/languages.html" %}{% include "_partials/messages.html" %}'
    '<form method="post" enctype="multipart/form-data">'
    "{% csrf_token %}{% form_owner %}{{ form.as_div }}</form>"
)


def note_edit(request):
    """A page with one form, as every page of the product has it."""
    kept = held.held_data(request, at=timezone.now())
    form = NoteForm(request.POST if request.method == "POST" else kept)
    if request.method == "POST" and form.is_valid():
        return redirect("/saved/")
    return HttpResponse(PAGE.render({"form": form}, request))


def only_posts(request):
    return redirect("/saved/") if request.method == "POST" else HttpResponse(status=405)


urlpatterns = [
    path("note/", note_edit),
    path("note/send/", only_posts),
    path("note/refuse/", require_POST(note_edit)),
    path("saved/", note_edit),
    path("", include("vnpt_smile.urls")),
]
handler400 = "vnpt_smile.views.bad_request"


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def lan():
    return worlds.user("lan", Role.EDITOR)


@pytest.fixture
def browser(lan):
    """Lan's browser, which checks tokens as a real one has them checked, with the page open."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = "en"
    log_in(client)
    client.get("/note/")
    return client


def log_in(client, username="lan", to="/note/"):
    client.get(reverse("login"))
    fields = {"username": username, "password": "mật khẩu thử nghiệm", "next": to}
    return client.post(reverse("login"), fields | {"csrfmiddlewaretoken": token(client)})


def token(client):
    return client.cookies["csrftoken"].value


def typed(client, owner, **more):
    return {"csrfmiddlewaretoken": token(client), held.OWNER_FIELD: held.owner_token(owner), "note": NOTE, **more}


def end_log_in():
    Session.objects.all().delete()


def texts(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- The language switch ---------------------------------------------------------------------


def switch(client, page, to="vi"):
    """Presses the switch of a page that answered a form, as a browser would."""
    named = re.findall(r'name="(next|typed)" value="([^"]*)"', page.content.decode())[:2]
    fields = {name: unescape(value) for name, value in named}
    return client.post(
        reverse("language_set"), {"csrfmiddlewaretoken": token(client), "language": to, **fields}, follow=True
    )


def test_the_language_switch_keeps_what_was_typed(browser, lan):
    page = browser.post("/note/?of=1", typed(browser, lan, ticks="x"))
    after = switch(browser, page)
    assert (after.redirect_chain[-1][0], after.wsgi_request.LANGUAGE_CODE) == ("/note/?of=1", "vi")
    assert escape(NOTE) in after.content.decode()


def test_the_language_switch_of_a_form_s_own_address_leads_to_the_page_above_with_the_text(browser, lan):
    answer = browser.post("/note/refuse/", typed(browser, lan, ticks="x"))
    after = switch(browser, answer)
    assert [url for url, _ in after.redirect_chain] == ["/note/refuse/", "/note/"]
    assert escape(NOTE) in after.content.decode()
    assert list(HeldForm.objects.values_list("path")) == [("/note/",)]


def test_the_language_switch_carries_no_password_and_only_the_owner_s_text(browser, lan):
    page = browser.post("/note/", typed(browser, lan, ticks="x", new_password1="mật khẩu mới"))
    assert "new_password1" not in page.content.decode()
    other = Client()
    other.force_login(worlds.user("minh", Role.EDITOR))
    shown = urlencode({held.OWNER_FIELD: held.owner_token(lan), "note": NOTE})
    other.post(reverse("language_set"), {"language": "vi", "next": "/note/", "typed": shown})
    Client().post(reverse("language_set"), {"language": "vi", "next": "/note/", "typed": shown})
    assert not HeldForm.objects.exists()


def test_the_language_switch_of_a_page_that_was_only_opened_keeps_nothing(browser):
    switch(browser, browser.get("/note/"))
    assert not HeldForm.objects.exists()


def test_a_text_too_long_to_carry_is_left_to_the_page(browser, lan, monkeypatch):
    monkeypatch.setattr(held, "LONGEST_CARRIED", 100)
    assert 'name="typed"' not in browser.post("/note/", typed(browser, lan, ticks="x")).content.decode()


# --- The log-in has ended ---------------------------------------------------------------------


def test_after_a_new_log_in_the_page_shows_what_was_typed(browser, lan):
    end_log_in()
    answer = browser.post("/note/", typed(browser, lan, ticks=["a", "c"]))
    assert answer.url == "/login/?next=/note/"
    assert "What you typed is kept" in browser.get(answer.url).content.decode()
    assert log_in(browser).url == "/note/"
    page = browser.get("/note/").content.decode()
    assert NOTE in page
    assert page.count(" selected") == 2
    assert "Nothing has been saved yet" in page


def test_what_was_typed_is_shown_until_the_form_has_gone_through(browser, lan):
    end_log_in()
    browser.post("/note/", typed(browser, lan))
    log_in(browser)
    assert NOTE in browser.get("/note/").content.decode()
    assert NOTE in browser.get("/note/").content.decode()
    assert browser.post("/note/", typed(browser, lan)).url == "/saved/"
    assert NOTE not in browser.get("/note/").content.decode()
    assert HeldForm.objects.count() == 0


def test_a_form_that_is_shown_again_with_errors_stays_kept(browser, lan):
    end_log_in()
    browser.post("/note/", typed(browser, lan))
    log_in(browser)
    browser.post("/note/", typed(browser, lan, note=""))
    assert HeldForm.objects.count() == 1


def test_somebody_else_who_logs_in_sees_nothing_of_it(browser, lan):
    worlds.user("minh", Role.EDITOR)
    end_log_in()
    browser.post("/note/", typed(browser, lan))
    log_in(browser, "minh")
    page = browser.get("/note/").content.decode()
    assert NOTE not in page
    assert "what you had typed" not in page
    assert HeldForm.objects.get().owner == lan


def test_the_message_says_that_files_were_not_kept(browser, lan):
    end_log_in()
    photo = SimpleUploadedFile("anh.jpg", b"x" * 1000)
    answer = browser.post("/note/", typed(browser, lan, photo=photo))
    assert "Photos and files could not be kept" in browser.get(answer.url).content.decode()
    log_in(browser)
    assert "Photos and files could not be kept" in browser.get("/note/").content.decode()


def test_a_form_without_an_owner_is_not_kept_and_the_message_does_not_claim_it(browser, lan):
    end_log_in()
    fields = typed(browser, lan)
    del fields[held.OWNER_FIELD]
    answer = browser.post("/note/", fields)
    assert texts(answer) == ["Your log-in had ended, so nothing has been saved. Log in and try again."]
    assert HeldForm.objects.count() == 0


@pytest.mark.parametrize("owner", ["", "x", "x:y:z", "\0", "é" * 50])
def test_a_forged_owner_is_nobody(browser, lan, owner):
    end_log_in()
    assert browser.post("/note/", typed(browser, lan) | {held.OWNER_FIELD: owner}).status_code == 302
    assert HeldForm.objects.count() == 0


@pytest.mark.parametrize(("days", "kept"), [(6, 1), (8, 0)])
def test_a_page_that_was_open_for_more_than_a_week_no_longer_says_whose_it_is(browser, lan, monkeypatch, days, kept):
    now = time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr("django.core.signing.time.time", lambda: now - days * 24 * 3600)
        fields = typed(browser, lan)
    end_log_in()
    browser.post("/note/", fields)
    assert HeldForm.objects.count() == kept


def test_a_disabled_account_keeps_nothing(browser, lan):
    User.objects.filter(pk=lan.pk).update(is_active=False)
    browser.post("/note/", typed(browser, lan))
    assert HeldForm.objects.count() == 0


def test_passwords_and_tokens_are_never_kept(browser, lan):
    end_log_in()
    secrets = dict.fromkeys(("password", "old_password", "new_password1", "new_password2"), "bí mật")
    browser.post("/note/", typed(browser, lan, **secrets))
    assert HeldForm.objects.get().data == {"note": [NOTE]}


def test_a_nul_in_the_text_is_no_error(browser, lan):
    end_log_in()
    assert browser.post("/note/", typed(browser, lan, note="a\0b", **{"x\0y": "1"})).status_code == 302
    assert HeldForm.objects.get().data == {"note": ["ab"], "xy": ["1"]}


def test_text_over_the_limit_is_not_kept(browser, lan, monkeypatch):
    monkeypatch.setattr(held, "LARGEST", len(NOTE) - 1)
    end_log_in()
    answer = browser.post("/note/", typed(browser, lan))
    assert texts(answer) == ["Your log-in had ended, so nothing has been saved. Log in and try again."]


def test_each_page_keeps_its_own(browser, lan):
    end_log_in()
    browser.post("/note/?part=a", typed(browser, lan, note="một"))
    browser.post("/note/?part=b", typed(browser, lan, note="hai"))
    log_in(browser)
    shown = [
        word
        for part, word in (("a", "một"), ("b", "hai"))
        if word in browser.get(f"/note/?part={part}").content.decode()
    ]
    assert shown == ["một", "hai"]


def test_a_button_without_text_leads_back_and_claims_nothing(browser, lan):
    end_log_in()
    fields = {name: value for name, value in typed(browser, lan).items() if name != "note"}
    answer = browser.post("/note/send/", fields, headers={"referer": "http://testserver/note/"})
    assert texts(answer) == ["Your log-in had ended, so nothing has been saved. Log in and try again."]
    assert (answer.url, HeldForm.objects.count()) == ("/login/?next=/note/", 0)


def test_a_stale_button_without_text_leads_back_to_its_page(browser, lan):
    fields = {name: value for name, value in typed(browser, lan).items() if name != "note"}
    answer = browser.post(
        "/note/send/", fields | {"csrfmiddlewaretoken": "x" * 64}, headers={"referer": "http://testserver/note/"}
    )
    assert (answer.url, texts(answer)) == ("/note/", ["This page was open for too long. Nothing was saved or changed."])
    assert HeldForm.objects.count() == 0


def test_a_button_s_address_leads_back_to_the_page_of_the_button(browser, lan):
    end_log_in()
    answer = browser.post("/note/send/", typed(browser, lan), headers={"referer": "http://testserver/note/?part=a"})
    assert answer.url == "/login/?next=/note/%3Fpart%3Da"
    log_in(browser)
    assert NOTE in browser.get("/note/?part=a").content.decode()


@pytest.mark.parametrize("referer", ["https://evil.example/note/", "http://testserver//evil.example", "http://[", "x"])
def test_a_strange_referer_leads_nowhere_else(browser, lan, referer):
    end_log_in()
    answer = browser.post("/note/", typed(browser, lan), headers={"referer": referer})
    assert answer.url in ("/login/?next=/note/", "/login/?next=/%252Fevil.example")


def test_kept_for_seven_days(lan):
    request = RequestFactory().get("/note/")
    request.user = lan
    HeldForm.objects.create(owner=lan, path="/note/", data={"note": [NOTE]}, held_at=NOW)
    before, after = NOW + timedelta(days=7, seconds=-1), NOW + timedelta(days=7)
    assert held.held_for(request, at=before).data["note"] == NOTE
    assert held.held_data(request, at=after) is None
    assert (held.sweep(at=before), held.sweep(at=after)) == (0, 1)


# --- The token was rotated --------------------------------------------------------------------


def test_a_log_in_in_another_tab_brings_the_page_back_with_its_text(browser, lan):
    fields = typed(browser, lan)
    browser.post(reverse("logout"), {"csrfmiddlewaretoken": token(browser)})
    log_in(browser)
    answer = browser.post("/note/", fields)
    assert answer.url == "/note/"
    page = browser.get("/note/").content.decode()
    assert NOTE in page
    assert page.count("Nothing has been saved yet") == 1
    assert browser.post("/note/", typed(browser, lan)).url == "/saved/"


def test_a_log_in_of_somebody_else_in_another_tab_shows_them_nothing(browser, lan):
    worlds.user("minh", Role.EDITOR)
    fields = typed(browser, lan)
    browser.post(reverse("logout"), {"csrfmiddlewaretoken": token(browser)})
    log_in(browser, "minh")
    answer = browser.post("/note/", fields)
    assert (answer.url, texts(answer)[-1].split(".")[0]) == ("/", "That page was opened with another account")
    assert NOTE not in browser.get("/note/").content.decode()
    assert HeldForm.objects.get().owner == lan


def test_without_any_cookie_the_text_is_kept_until_the_log_in(browser, lan):
    fields = typed(browser, lan)
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["django_language"] = "en"
    answer = stranger.post("/note/", fields)
    assert stranger.get(answer.url).url == "/login/?next=/note/"
    log_in(stranger)
    assert NOTE in stranger.get("/note/").content.decode()


def test_a_form_from_another_site_is_refused_and_not_kept(browser, lan):
    fields = typed(browser, lan) | {"csrfmiddlewaretoken": "x" * 64}
    answer = browser.post("/note/", fields, headers={"origin": "https://evil.example"})
    assert (answer.status_code, HeldForm.objects.count()) == (403, 0)


def test_a_stale_form_without_text_gets_a_page_that_says_what_to_do(browser):
    answer = browser.post(reverse("logout"), {"csrfmiddlewaretoken": "x" * 64})
    assert answer.status_code == 403
    assert "Nothing was saved or changed." in answer.content.decode()


def test_a_second_log_in_page_left_open_leads_on(browser):
    answer = browser.post("/login/?next=/note/", {"username": "lan", "csrfmiddlewaretoken": "x" * 64})
    assert answer.url == "/login/?next=/note/"
    assert browser.get(answer.url).url == "/note/"


# --- More than one form may hold --------------------------------------------------------------


def post_whole(client, fields, files=0, content_type="multipart/form-data; boundary=grenze"):
    """A POST whose body can be read again, as the body guard of the server hands it over."""
    if content_type.startswith("multipart"):
        parts = [f'--grenze\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields]
        parts += [
            f'--grenze\r\nContent-Disposition: form-data; name="photo"; filename="{n}.jpg"\r\n'
            f"Content-Type: image/jpeg\r\n\r\n{'x' * 70_000}\r\n"
            for n in range(files)
        ]
        body = ("".join(parts) + "--grenze--\r\n").encode()
    else:
        body = urlencode(fields).encode()
    return client.generic("POST", "/note/", body, content_type, **{"wsgi.input": io.BytesIO(body)})


def kept_note():
    return [row.data["note"] for row in HeldForm.objects.all()]


def test_too_many_files_keep_the_text_and_name_the_limit(browser, lan, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    fields = [*typed(browser, lan).items(), ("ticks", "b")]
    answer = post_whole(browser, fields, files=4)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "More than 3 files at once" in page
    assert "What you typed is kept" in page and "Photos and files could not be kept" in page
    assert NOTE in browser.get("/note/").content.decode()


def test_too_many_fields_keep_the_text_and_name_the_limit(browser, lan, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
    fields = [*typed(browser, lan).items(), *((f"f{n}", "1") for n in range(100))]
    answer = post_whole(browser, fields)
    assert (answer.status_code, "More than 50 fields" in answer.content.decode()) == (413, True)
    assert len(HeldForm.objects.get().data) == 101


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=grenze", "application/x-www-form-urlencoded"])
def test_too_much_text_is_kept_and_the_limit_named(browser, lan, settings, content_type):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500
    fields = [*typed(browser, lan, note="dài " * 1000).items()]
    answer = post_whole(browser, fields, content_type=content_type)
    assert (answer.status_code, "More than 0.0025 MB of text" in answer.content.decode()) == (413, True)
    assert [note.strip() for [note] in kept_note()] == [("dài " * 1000).strip()]


def test_what_is_too_much_even_to_keep_is_said_so(browser, lan, settings, monkeypatch):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500
    monkeypatch.setattr(held, "LARGEST", 500)
    answer = post_whole(browser, list(typed(browser, lan, note="dài " * 1000).items()))
    assert (answer.status_code, HeldForm.objects.count()) == (413, 0)
    assert "what you typed could not be kept" in answer.content.decode()


def test_a_body_that_cannot_be_read_again_is_said_so(browser, lan, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500
    answer = browser.post("/note/", typed(browser, lan, note="dài " * 1000))
    assert (answer.status_code, HeldForm.objects.count()) == (413, 0)


def test_too_much_from_somebody_whose_log_in_has_ended_is_kept_too(browser, lan, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500
    end_log_in()
    assert post_whole(browser, list(typed(browser, lan, note="dài " * 1000).items())).status_code == 413
    assert HeldForm.objects.get().owner == lan


# --- A page of the product --------------------------------------------------------------------


def test_a_new_account_is_typed_once(browser):
    worlds.user("sysadmin", Role.SYSADMIN)
    log_out = {"csrfmiddlewaretoken": token(browser)}
    browser.post(reverse("logout"), log_out)
    page = reverse("outlets:account_create")
    log_in(browser, "sysadmin", page)
    browser.get(page)
    fields = {
        "csrfmiddlewaretoken": token(browser),
        held.OWNER_FIELD: held.owner_token(User.objects.get(username="sysadmin")),
        "full_name": "Nguyễn Thị Lan Anh",
        "username": "lan.anh",
    }
    end_log_in()
    answer = browser.post(page, fields)
    assert browser.get(answer.url).status_code == 200
    assert log_in(browser, "sysadmin", page).url == page
    assert 'value="Nguyễn Thị Lan Anh"' in browser.get(page).content.decode()
    fields["csrfmiddlewaretoken"] = token(browser)
    assert browser.post(page, fields).status_code == 302
    assert User.objects.filter(username="lan.anh").count() == 1
    assert 'value="Nguyễn Thị Lan Anh"' not in browser.get(page).content.decode()
