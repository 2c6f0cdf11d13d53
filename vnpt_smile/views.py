"""The doors of the house: home, log-in, language, health, and the pages for when something did not work."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from outlets.people import held
from vnpt_smile.demo.accounts import ACCOUNTS

log = logging.getLogger(__name__)


class Login(auth_views.LoginView):
    """The log-in page. In demo mode it lists the demo's accounts."""

    redirect_authenticated_user = True
    extra_context = {"demo_accounts": ACCOUNTS if settings.DEMO else ()}


@require_POST
@login_not_required
def language_set(request: HttpRequest) -> HttpResponse:
    """Remembers the reader's language and goes back to the page they were on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("language")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


@require_GET
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve: its database answers and its media folder can be written."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("The database does not answer")
        return HttpResponse("database", content_type="text/plain", status=503)
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open since before a log-in: its text is kept and offered again, with a fresh token."""
    was_held = _same_site(request) and held.hold(request, at=timezone.now())
    if was_held:
        messages.warning(
            request,
            _("You logged in again while this page was open. Nothing has been saved yet: check and press the button once more."),
        )
        return redirect(request.get_full_path())
    return render(request, "403_csrf.html", {"next": request.path}, status=403)


def _same_site(request: HttpRequest) -> bool:
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    return url_has_allowed_host_and_scheme(source, {request.get_host()}, request.is_secure())


@login_not_required
def locked_out(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """Too many wrong passwords for one name from one address."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "registration/locked_out.html", {"minutes": minutes}, status=429)


@login_not_required
def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context: whatever broke may break it again."""
    return render(None, "500.html", {"icons": staticfiles_storage.url("img/icons.svg")}, status=500)
