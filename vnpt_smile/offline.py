"""What a phone shows without a network: the worker that keeps pages, and the page for those it has not kept."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from rjsmin import jsmin

# What the pages of a shopper's load; base.html and the pages of a visit name the same.
SCRIPTS = ("store", "outbox", "pages", "photos", "form", "apart")
FILES = (
    "bootstrap/css/bootstrap.min.css",
    *(f"css/{name}.css" for name in ("smile", "forms", "lists", "visits", "review", "results")),
    *(f"js/phone/{name}.js" for name in SCRIPTS),
    *(f"img/{name}.svg" for name in ("mark", "icons", "arrow", "arrow-light", "warn", "note")),
)


@require_safe
@login_not_required
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker's script. At the root: it may answer for pages below its own address alone."""
    script = jsmin(render_to_string("sw.js", {"core": FILES}, request))
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@require_safe
@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """The page in place of one that is not on the phone. It names nobody: whoever holds the phone may see it."""
    return render(request, "offline.html")
