"""The office rules on a request: it sees the visits of the block, which the unit does not, and corrects what counts."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.results import actions as results
from audits.results import revisions, wording
from audits.results.second_looks import actions as second_looks
from audits.results.second_looks import queries
from audits.results.second_looks.forms import ReopenForm, Ruling
from audits.results.second_looks.models import SecondLook
from audits.results.second_looks.views import moved, readable_or_404
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires


def _to_rule(request: ReaderRequest, second_look_id: UUID) -> SecondLook:
    second_look = readable_or_404(request, second_look_id)
    if not queries.may_rule(request.user, request.access, second_look):
        raise Http404
    return second_look


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.RULE_SECOND_LOOKS)
def second_look_rule(request: ReaderRequest, second_look_id: UUID) -> HttpResponse:
    """Rules once what the unit will read, and what would change, has been shown and confirmed."""
    second_look, at = _to_rule(request, second_look_id), timezone.now()
    if request.method != "POST" and second_look.state != SecondLook.State.ASKED:
        return redirect("audits:second_look_detail", second_look_id)
    visits = queries.looked_at(second_look, request.user)
    is_sent = request.method == "POST" and "change" not in request.POST
    ruling = Ruling(visits, request.POST if request.method == "POST" else held.held_data(request, at=at))
    context = {"second_look": second_look, "ruling": ruling, "files": list(second_look.files.all())}
    if is_sent and ruling.is_valid():
        foreseen = [
            (each, revisions.foresee(each.published, each.criterion, ruling.values[each.published.visit]))
            for each in visits
            if each.published.visit in ruling.values
        ]
        seen = ";".join(each.seen for _visit, each in foreseen) or "kept"
        if any(not each.is_change for _visit, each in foreseen):
            ruling.form.add_error(None, _("One of the visits counts as that already. Leave it as it is."))
        elif request.POST.get("seen") != seen:
            context |= {"foreseen": foreseen, "seen": seen}
            return render(request, "audits/results/second_look_confirm.html", context)
        elif (answer := _ruled(request, second_look, ruling)) is not None:
            return answer
    return render(request, "audits/results/second_look_rule.html", context, status=422 if is_sent else 200)


def _ruled(request: ReaderRequest, second_look: SecondLook, ruling: Ruling) -> HttpResponse | None:
    """The way back once the ruling is written; None when it was refused, with the reason in the form."""
    words, by, at = ruling.form.cleaned_data["ruling"], request.user, timezone.now()
    try:
        if ruling.form.is_upheld:
            second_looks.uphold(second_look=second_look, ruling=words, values=ruling.values, by=by, at=at)
        else:
            second_looks.keep(second_look=second_look, ruling=words, by=by, at=at)
    except results.TooFewLeft as refused:
        ruling.form.add_error(None, wording.too_few_left(refused.rule.visits, refused.rule.shoppers))
        return None
    except second_looks.NothingCorrected:
        ruling.form.add_error(None, _("That is what it counts as already. Nothing has been changed."))
        return None
    except second_looks.Moved as elsewhere:
        state = elsewhere.second_look.get_state_display()
        ruling.form.add_error(
            None, _("Nothing has been changed: the request has moved on. It stands now: %(state)s.") % {"state": state}
        )
        return None
    held.release(request)
    messages.success(request, _("Ruled. The unit is shown your words; it is the unit's turn to read them."))
    return redirect("audits:second_look_detail", second_look.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.RULE_SECOND_LOOKS)
def second_look_reopen(request: ReaderRequest, second_look_id: UUID) -> HttpResponse:
    """Takes up again what was kept as it is, with a reason that the unit reads."""
    second_look, at = _to_rule(request, second_look_id), timezone.now()
    if second_look.state != SecondLook.State.KEPT:
        return moved(request, second_look)
    form = ReopenForm(request.POST if request.method == "POST" else held.held_data(request, at=at))
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            second_looks.reopen(second_look=second_look, reason=reason, by=request.user, at=at)
        except second_looks.Moved as elsewhere:
            return moved(request, elsewhere.second_look)
        held.release(request)
        messages.success(request, _("Taken up again. It waits for a ruling."))
        return redirect("audits:second_look_detail", second_look_id)
    context = {
        "form": form,
        "title": _("Take the request up again"),
        "lede": _("The ruling so far stays readable in the history. The unit sees that it is the office's turn."),
        "button": _("Take up again"),
        "back_url": reverse("audits:second_look_detail", args=[second_look_id]),
        "back_label": _("The request"),
    }
    return render(request, "components/form_page.html", context, status=422 if request.method == "POST" else 200)
