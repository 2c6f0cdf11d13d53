"""What happens to every request, in the order of settings.MIDDLEWARE."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render, resolve_url
from django.urls import is_valid_path
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outlets.people import held, permissions, sessions
from outlets.people.permissions import ReaderRequest
from vnpt_smile import endpoints

GetResponse = Callable[[HttpRequest], HttpResponse]

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",  # no page asks where its reader is
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Cache-Control": "no-store, private",
    "X-Smile": "1",  # by which a phone's worker knows our pages from those that a Wi-Fi puts in their place
}
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def security_headers(get_response: GetResponse) -> GetResponse:
    """The headers of every answer, error pages and static files included. No page is ever stored by a browser or proxy.

    A view that knows better (static files) keeps its own Cache-Control.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.setdefault(name, value)
        return response

    return respond


def language(get_response: GetResponse) -> GetResponse:
    """Vietnamese unless the reader chose otherwise; the browser's own languages are not asked.

    It stands before everything that may answer with a page, so that no page is in the last reader's language.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        response = get_response(request)
        response.setdefault("Content-Language", chosen)
        return response

    return respond


def json_refusals(get_response: GetResponse) -> GetResponse:
    """On an endpoint every refusal is JSON, whoever made it: what a page would have said is nothing to a script."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not endpoints.is_endpoint(request.path) or response.get("Content-Type") == endpoints.JSON:
            return response
        refusal = endpoints.refusal(response.status_code)
        if "Allow" in response:
            refusal["Allow"] = response["Allow"]
        return refusal

    return respond


class CompressPages(GZipMiddleware):
    """Pages and JSON go compressed over a poor signal. Photos are compressed already, static files beforehand.

    Django's own adds bytes at random, so that the length of a page tells nothing of what is in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.get("Content-Type", "").startswith(("text/", "application/json"))
        return super().process_response(request, response) if is_text and not response.streaming else response


def sound_request(get_response: GetResponse) -> GetResponse:
    """An address that is no text gets a clear 400, alike on both databases; a cookie that is none is dropped.

    NUL breaks PostgreSQL and passes SQLite, a broken letter is found by neither, and a charset other than
    UTF-8 would let both back in. A bad cookie must not shut its owner out, so it counts as not sent.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if not (_is_sound_address(request) and _is_utf8(request) and _are_sound_headers(request)):
            return render(request, "400.html", status=400)
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        return get_response(request)

    return respond


def _is_sound_address(request: HttpRequest) -> bool:
    # What the server could not decode stands in the path as a percent sign; no address of ours has one.
    if "%" in request.path_info or "\0" in request.path_info:
        return False
    query = request.META.get("QUERY_STRING", "")
    if _BROKEN_PERCENT.search(query):
        return False
    try:
        return "\0" not in unquote_to_bytes(query.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        return False


def _is_utf8(request: HttpRequest) -> bool:
    return (request.content_params or {}).get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _are_sound_headers(request: HttpRequest) -> bool:
    return not any("\0" in value for name, value in request.META.items() if name.startswith("HTTP_"))


def access(get_response: Callable[[ReaderRequest], HttpResponse]) -> Callable[[ReaderRequest], HttpResponse]:
    """`request.access`: what the reader may do, read from the database at first use."""

    def respond(request: ReaderRequest) -> HttpResponse:
        lazy: Any = SimpleLazyObject(lambda: permissions.access_of(request.user))
        request.access = lazy
        return get_response(request)

    return respond


def plain_answers(get_response: GetResponse) -> GetResponse:
    """An address that only takes a form, opened as a page (405), leads to the page above it or, without one, says so.

    So does the language switch, or a reload, of the page on which such a form came back.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if endpoints.is_endpoint(request.path):
            return response
        if response.status_code == 405 and request.method in ("GET", "HEAD") and not response.content:
            above = _page_above(request.path)
            if above:
                if getattr(request, "user", None) and request.user.is_authenticated:
                    held.carry_up(cast(ReaderRequest, request), above)
                return HttpResponseRedirect(above)
        if response.status_code == 405 and request.method in ("GET", "POST") and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response.get("Allow", "")
            return page
        return response

    return respond


def _page_above(path: str) -> str:
    """The nearest address above `path`, the home not counted; it leads on when it has no page of its own either."""
    steps = path.strip("/").split("/")[:-1]
    while steps:
        above = f"/{'/'.join(steps)}/"
        if is_valid_path(above):
            return above
        steps.pop()
    return ""


def kept_forms(get_response: Callable[[ReaderRequest], HttpResponse]) -> Callable[[ReaderRequest], HttpResponse]:
    """A form that went through, and sent its owner on to the next page, need not be kept any longer."""

    def respond(request: ReaderRequest) -> HttpResponse:
        response = get_response(request)
        if (
            request.method == "POST"
            and response.status_code in (302, 303)
            and not getattr(request, "form_was_held", False)
            and request.user.is_authenticated
            and held.OWNER_FIELD in request.POST
        ):
            held.release(request)
        return response

    return respond


class LoginRequired(LoginRequiredMiddleware):
    """Every page needs a log-in unless its view says otherwise. A form that arrives without one is kept first."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Asks who is there only where it matters: `healthz` answers without a database."""
        if not getattr(view_func, "login_required", True):
            return None
        if request.user.is_authenticated and sessions.has_lasted(
            request.session, settings.LOGIN_LASTS, at=timezone.now()
        ):
            logout(request)
            again = ngettext(
                "For safety everybody logs in again after %(days)s day.",
                "For safety everybody logs in again after %(days)s days.",
                settings.LOGIN_LASTS.days,
            )
            messages.info(request, again % {"days": settings.LOGIN_LASTS.days})
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        if endpoints.is_endpoint(request.path):
            return endpoints.refusal(401)
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        kept = held.hold(request, at=timezone.now())
        request.form_was_held = kept is not None
        nothing_kept = _("Your log-in had ended, so nothing has been saved. Log in and try again.")
        messages.warning(request, kept.before_log_in if kept else nothing_kept)
        return redirect_to_login(
            held.page_of(request), resolve_url(self.get_login_url(view_func)), self.get_redirect_field_name(view_func)
        )


def client_address(request: HttpRequest) -> str | None:
    """The address a request comes from, as the nearest of our own proxies (settings.PROXIES) saw it.

    What stands further left in X-Forwarded-For is the client's own claim. Of an IPv6 address only the network counts
    (the first 64 bits): whoever has one has all of it. None when nobody knows.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        passed_on = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(passed_on) >= settings.PROXIES:
            address = passed_on[-settings.PROXIES]
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False).network_address)
    return str(known)
