"""The main menu: what a reader's rights let them open."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outlets.people import held
from outlets.people.permissions import Right


@dataclass(frozen=True)
class Entry:
    label: str | Promise
    url: str
    is_current: bool


MENU = (
    (_("My visits"), "audits:visit_list", Right.DO_VISITS),
    (_("Visits done"), "audits:visit_history", Right.DO_VISITS),
    (_("Waves"), "audits:wave_list", Right.PLAN_VISITS),
    (_("Scenarios"), "audits:scenario_list", Right.PLAN_VISITS),
    (_("Shoppers"), "audits:shopper_list", Right.PLAN_VISITS),
    (_("Review"), "audits:review_list", Right.REVIEW_VISITS),
    (_("Visits received"), "audits:received_list", Right.READ_VISITS),
    (_("Months"), "audits:period_list", Right.CLOSE_MONTHS),
    (_("Scorecards"), "audits:scorecard_list", Right.READ_UNIT_RESULTS),
    (_("Second looks"), "audits:second_look_list", Right.READ_SECOND_LOOKS),
    (_("Checklists"), "audits:checklist_list", Right.READ_CHECKLISTS),
    (_("Units"), "outlets:unit_list", Right.MANAGE_ORGANISATION),
    (_("Outlets"), "outlets:outlet_list", Right.MANAGE_ORGANISATION),
    (_("Staff"), "outlets:staff_list", Right.MANAGE_ORGANISATION),
    (_("Accounts"), "outlets:account_list", Right.MANAGE_ACCOUNTS),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: `menu`, `languages`, `typed`, `csrf_cookie` and `may_have_tokens` for the header; `is_demo`.

    No query but the access.
    """
    return {
        "menu": _menu(request),
        "languages": settings.LANGUAGES,
        "typed": held.typed(request),
        "is_demo": settings.DEMO,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "may_have_tokens": _may(request, Right.READ_UNIT_RESULTS),
    }


def _may(request: HttpRequest, right: Right) -> bool:
    access = getattr(request, "access", None)
    return access is not None and access.may(right)


def _menu(request: HttpRequest) -> tuple[Entry, ...]:
    access = getattr(request, "access", None)
    if access is None or not access.grants:
        return ()
    pages = [(label, reverse(name)) for label, name, right in MENU if access.may(right)]
    if not access.may(Right.DO_VISITS):  # a shopper's home is the list of visits
        pages.insert(0, (_("Home"), reverse("home")))
    current = max((url for _label, url in pages if _leads_to(url, request.path)), key=len, default="")
    return tuple(Entry(label, url, url == current) for label, url in pages)


def _leads_to(url: str, path: str) -> bool:
    """Whether the page at `path` belongs below the entry at `url`. Nothing but itself belongs below the home."""
    return path == url or (url != reverse("home") and path.startswith(url))
