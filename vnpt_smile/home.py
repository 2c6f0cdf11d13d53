"""A home for each role, and the page that shows every component of the interface."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from outlets.models import Role


def home(request: HttpRequest) -> HttpResponse:
    """The first page after log-in, by the reader's first role."""
    return render(request, "home.html", {"roles": Role})


def components(request: HttpRequest) -> HttpResponse:
    """Every component of the design language on one page."""
    return render(request, "components/all.html")
