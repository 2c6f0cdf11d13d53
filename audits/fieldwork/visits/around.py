"""The two forms around the questions: who was met, and that a visit could not be carried out.

Each is read and acted on here alone, for its page and for a phone that sends it by itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audits import photos as photo_files
from audits.fieldwork.arrival.times import TimesRefused
from audits.fieldwork.models import Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import queries, refusals
from audits.fieldwork.visits.forms import MetForm, NotPossibleForm
from outlets.models import User


def give_met(*, visit: Visit, data: Mapping[str, Any], id: UUID | None = None, by: User, at: datetime) -> MetForm:
    """The form as it was read; without errors what it says has been saved, under the `id` that a phone gave it.

    `stamp` is then the stored one; `meanwhile` is the visit where it holds something else that the writer has not seen.
    Raises StaleState.
    """
    form = MetForm(visit, queries.staff_at(visit), data)
    if not form.is_valid():
        return form
    try:
        saved = visits.save_met(
            visit=visit,
            visited_on=form.cleaned_data["visited_on"],
            staff=form.cleaned_data.get("staff"),
            description=form.cleaned_data["description"],
            hours=form.hours,
            seen=form.seen_stamps,
            stamp=id,
            by=by,
            at=at,
        )
        form.stamp = saved.met_stamp
    except refusals.DayRefused:
        form.add_error(
            "visited_on",
            _("The day must lie between the first day of the visit and today, for example %(day)s.")
            % {"day": timezone.localdate(at).strftime("%d/%m/%Y")},
        )
    except TimesRefused as refused:
        form.refuse(refused)
    except refusals.MetMeanwhile as meanwhile:
        form.stand_beside(meanwhile.visit)
    except refusals.StaffElsewhere:
        form.add_error(
            "staff", _("This person did not work at this outlet on that day. Choose again, or describe them.")
        )
    return form


def give_not_possible(
    *, visit: Visit, data: Mapping[str, Any], files: MultiValueDict[str, Any] | None = None, by: User, at: datetime
) -> NotPossibleForm:
    """The form as it was read; without errors the visit has ended. A double tap is not told that nothing was saved.

    Raises StaleState when the visit has become something else.
    """
    form = NotPossibleForm(data, files)
    if not form.is_valid():
        return form
    photo = form.cleaned_data["photo"]
    try:
        visits.report_not_possible(
            visit=visit,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            photos=[photo] if photo else [],
            by=by,
            at=at,
        )
    except photo_files.NoRoomOnDisk:
        form.add_error("photo", no_room())
    except refusals.NotYetOpen:
        form.add_error(
            None,
            _("This visit can be reported from %(day)s on. For anything before, tell the coordinator.")
            % {"day": date_format(visit.opens_on, "d/m/Y")},
        )
    except StaleState as stale:
        if stale.visit.shopper_id != by.pk or not _has_reported(stale.visit, form):
            raise
    return form


def no_room() -> str:
    return _(
        "The server has no room for photos at the moment, so this photo has not been saved. "
        "Please keep it on the phone and send it again later."
    )


def _has_reported(visit: Visit, form: NotPossibleForm) -> bool:
    """The visit already is what the form says."""
    said = (form.cleaned_data["reason"], form.cleaned_data["note"])
    return visit.state == VisitState.NOT_POSSIBLE and (visit.not_possible_reason, visit.not_possible_note) == said
