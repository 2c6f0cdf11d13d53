"""What happens to every request, in the order of settings.MIDDLEWARE."""

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from outlets.people import held, permissions


def security_headers(get_response):
    """Pages of signed-in people are never stored by a browser or a proxy."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        return response

    return respond


def clean_query(get_response):
    """A NUL in the address breaks PostgreSQL and means nothing: answered with a clear 400 on both databases."""

    def respond(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=400)
        return get_response(request)

    return respond


def language(get_response):
    """Vietnamese unless the reader chose otherwise. The browser's own languages are not asked: DESIGN wants one default."""

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


def access(get_response):
    """`request.access`: what the reader may do, read from the database at first use."""

    def respond(request: HttpRequest) -> HttpResponse:
        request.access = SimpleLazyObject(lambda: permissions.access_of(request.user))
        return get_response(request)

    return respond


class LoginRequired(LoginRequiredMiddleware):
    """Every page needs a log-in unless its view says otherwise. A form that arrives without one is held first."""

    def handle_no_permission(self, request, view_func):
        if request.method == "POST":
            request.form_was_held = held.hold(request, at=timezone.now())
        return super().handle_no_permission(request, view_func)
