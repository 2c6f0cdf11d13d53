"""The doors of the house: log-in, language, health, and the pages for when something did not work."""

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as auth_login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from outlets.people import held, queries, sessions
from outlets.people.forms import LoginForm
from outlets.people.permissions import ReaderRequest
from vnpt_smile import endpoints
from vnpt_smile.demo import accounts as demo

log = logging.getLogger(__name__)


class Login(auth_views.LoginView):
    """The log-in page. In demo mode it lists the demo's accounts, each with a button that logs in."""

    http_method_names = ["get", "head", "post"]
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_initial(self):
        return {"username": self.request.GET.get("username", "")[:60]}

    def get_success_url(self):
        """The page that was asked for, but never this one again."""
        target = super().get_success_url()
        return resolve_url("home") if target.partition("?")[0] == self.request.path else target

    def get_context_data(self, **kwargs):
        if settings.DEMO:
            kwargs |= {"demo_accounts": demo.ACCOUNTS, "demo_password": demo.PASSWORD}
        return super().get_context_data(**kwargs)

    def form_valid(self, form):
        """A new session id at every log-in, and word of what the person must know.

        That is text that waits on the page they go to, and a password that was set through somebody's link.
        """
        before = self.request.session.session_key
        user = form.get_user()
        through_link = queries.link_used(user, since=user.last_login)
        auth_login(self.request, user)
        if self.request.session.session_key == before:
            self.request.session.cycle_key()
        sessions.begin(self.request.session, at=timezone.now())
        target = self.get_success_url()
        waiting = held.waiting(user, resolve_url(target), at=timezone.now())
        if waiting:
            messages.warning(self.request, held.returned_text(waiting.had_files))
        if through_link:
            messages.info(self.request, through_link)
        return HttpResponseRedirect(target)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
@login_not_required
def language_set(request: ReaderRequest) -> HttpResponse:
    """Remembers the reader's language and goes back to the page they were on, with what a form there holds."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    held.hold_typed(request, request.POST.get("typed", ""), target, at=timezone.now())
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("language")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=int(timedelta(days=365).total_seconds()),
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve: its database answers and its media folder can be written."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("The database does not answer")
        return HttpResponse("database", content_type="text/plain", status=503)
    try:
        Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        writable = os.access(settings.MEDIA_ROOT, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        log.error("The media folder cannot be written")
        return HttpResponse("media", content_type="text/plain", status=503)
    return HttpResponse("ok", content_type="text/plain")


# --- When something did not work --------------------------------------------------------------


@login_not_required
def csrf_failure(request: ReaderRequest, reason: str = "") -> HttpResponse:
    """The page was open since before a log-in: its text is kept and offered again, with a fresh token."""
    if endpoints.is_endpoint(request.path):
        return endpoints.refusal(403, endpoints.OUTDATED)
    kept = None if _is_from_elsewhere(request) else held.hold(request, at=timezone.now())
    request.form_was_held = kept is not None
    if kept and request.user.is_authenticated and request.user.pk != kept.owner.pk:
        messages.warning(
            request,
            _(
                "That page was opened with another account. "
                "Nothing has been saved; what was typed is kept for that account."
            ),
        )
        return redirect("home")
    if kept:
        messages.warning(request, kept.on_its_page if request.user.is_authenticated else kept.before_log_in)
        return HttpResponseRedirect(kept.page)
    if request.path == reverse("login") and request.user.is_authenticated:
        return HttpResponseRedirect(request.get_full_path())
    return render(request, "403_csrf.html", {"page": held.page_of(request)}, status=403)


def _is_from_elsewhere(request: HttpRequest) -> bool:
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(source) and not url_has_allowed_host_and_scheme(source, {request.get_host()}, request.is_secure())


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be understood, or that is more than one form may hold."""
    if request.method == "POST" and isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return _too_much(request, exception)
    return render(request, "400.html", status=400)


def _too_much(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Names the limit, and keeps the text where the form says whose it is."""
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
    limits: dict[type[Exception], str] = {
        TooManyFilesSent: _("More than %(limit)s files at once") % {"limit": settings.DATA_UPLOAD_MAX_NUMBER_FILES},
        TooManyFieldsSent: _("More than %(limit)s fields in one form")
        % {"limit": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS},
        RequestDataTooBig: _("More than %(limit)s MB of text at once") % {"limit": formats.number_format(megabytes)},
    }
    if endpoints.is_endpoint(request.path):
        return endpoints.refusal(403, endpoints.OUTDATED)
    kept = None if _is_from_elsewhere(request) else held.hold_refused(request, at=timezone.now())
    context = {"limit": limits[type(exception)], "kept": kept, "page": held.page_of(request)}
    return render(request, "413.html", context, status=413)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """In scope, but not for this role. The same page whatever was asked for."""
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Missing, or out of the reader's scope: one page, so that nobody can tell which."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context: whatever broke may break it again. 503 when the database is away."""
    failure = sys.exc_info()[1]
    is_away = isinstance(failure, (OperationalError, InterfaceError))
    is_full = is_away and any(words in str(failure) for words in _FULL)
    status = 503 if is_away else 500
    body: str
    try:
        files = {name: staticfiles_storage.url(path) for name, path in _STYLES.items()}
        body = render_to_string("500.html", {"is_away": is_away, "is_full": is_full, "files": files})
    except Exception:
        log.exception("The error page itself did not work")
        body = _LAST_WORDS
    response = HttpResponse(body, status=status)
    if is_away:
        response["Retry-After"] = "60"
    return response


_FULL = ("disk is full", "No space left on device")  # SQLite's words, and PostgreSQL's
_STYLES = {"bootstrap": "bootstrap/css/bootstrap.min.css", "styles": "css/smile.css"}
_LAST_WORDS = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>VNPT Smile</title>
<h1>Trang này tạm thời chưa mở được</h1><p>Anh/Chị mở lại sau ít phút.</p>
<p lang="en">This page cannot be shown right now. Please open it again in a few minutes.</p></html>
"""
