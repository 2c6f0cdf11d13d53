"""The office's pages of months: those that are closed, and closing the next one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audits.results import actions as results
from audits.results import closing, months
from audits.results.forms import CloseMonthForm
from audits.results.models import Period
from audits.results.wording import month_name
from audits.review.queries import READABLE
from outlets.listing import Column, listing
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.CLOSE_MONTHS)
def period_list(request: ReaderRequest) -> HttpResponse:
    """Closed months, the latest first, and the one that comes next."""
    found = listing(
        request,
        Period.objects.select_related("closed_by"),
        columns=[
            Column("month", _("Month"), ("month",)),
            Column("closed", _("Closed at"), ("closed_at",)),
            Column("blocks", _("Blocks"), is_number=True),
            Column("visits", _("Visits"), is_number=True),
            Column("late", _("Late"), is_number=True),
            Column("revisions", _("Corrections"), is_number=True),
        ],
        default="-month",
        search=None,
    )
    month = closing.next_month()
    context = {
        "listing": found,
        "rows": closing.period_rows(found.page),
        "next": month,
        "is_over": month is not None and timezone.localdate() > months.last_day(month),
    }
    return render(request, "audits/results/period_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.CLOSE_MONTHS)
def month_close(request: ReaderRequest) -> HttpResponse:
    """What is still open of the next month and which outlets would wait; closes it in one go."""
    at = timezone.now()
    month = closing.next_month()
    if month is None:
        return render(request, "audits/results/month_none.html")
    form = CloseMonthForm(request.POST or None, initial={"month": months.written(month)})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data["month"]
        try:
            closed = results.close_month(month=asked, by=request.user, at=at)
        except results.AlreadyClosed as refused:
            return render(request, "audits/results/month_closed.html", {"period": refused.period}, status=409)
        except results.MonthNotOver:
            form.add_error(None, _("This month is not over yet. Nothing has been changed."))
        except results.NotTheNextMonth:
            form.add_error(None, _("Another month is next. Nothing has been changed; please open this page again."))
        else:
            messages.success(request, _told(closed))
            return redirect("audits:period_list")
    shown = closing.preview(month, at)
    found = listing(
        request,
        closing.waiting_places(shown, at),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("checklist", _("Checklist"), ("wave__checklist__position", "outlet__unit__sort_key")),
            Column("waiting", _("Approved visits"), ("waiting",), is_number=True),
            Column("shoppers", _("Shoppers"), ("shoppers",), is_number=True),
        ],
        default="-waiting",
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    received = reverse("audits:received_list")
    open_now = [
        {"label": state.label, "count": count, "url": f"{received}?state={state.value}" if state in READABLE else ""}
        for state, count in shown.open.items()
    ]
    context = {"form": form, "preview": shown, "open": open_now, "rule": closing.rule(), "listing": found}
    return render(request, "audits/results/month_close.html", context, status=422 if form.errors else 200)


def _told(closed: results.Closed) -> str:
    told = ngettext(
        "%(month)s is closed: %(visits)d visit has been published.",
        "%(month)s is closed: %(visits)d visits have been published.",
        closed.visits,
    ) % {"month": month_name(closed.period.month), "visits": closed.visits}
    if not closed.waiting:
        return told
    waits = ngettext(
        "%(waiting)d visit waits for its block.", "%(waiting)d visits wait for their block.", closed.waiting
    )
    return f"{told} {waits % {'waiting': closed.waiting}}"
