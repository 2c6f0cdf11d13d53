"""Answers in words: the labels of every kind of criterion, and how each looks."""

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits import scoring
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.arrival import times
from audits.fieldwork.models import Visit
from audits.fieldwork.visits.completeness import Given, scored_answer

FIXED_CHOICES = {
    scoring.Kind.YES_NO: (("yes", gettext_lazy("Yes"), "met"), ("no", gettext_lazy("No"), "miss")),
    scoring.Kind.THREE_STEP: (
        ("met", gettext_lazy("Met"), "met"),
        ("partly", gettext_lazy("Partly met"), "part"),
        ("not_met", gettext_lazy("Not met"), "miss"),
    ),
    scoring.Kind.RATING: tuple((str(step), str(step), "rate") for step in range(1, 6)),
}

LOOK_OF_RESULT = {100: "met", 0: "miss"}  # anything between is partly met


def choices(criterion: CriterionOutline) -> list[tuple[str, str, str]]:
    """(value, label, look) of each choice but N/A; none for numbers and texts."""
    if criterion.kind == scoring.Kind.CHOICE:
        return [(option.code, option.label, LOOK_OF_RESULT.get(option.result, "part")) for option in criterion.options]
    return [(value, str(label), look) for value, label, look in FIXED_CHOICES.get(criterion.kind, ())]


def values(criterion: CriterionOutline) -> list[tuple[str, str]]:
    """(value, label) of everything that may be chosen."""
    found = [(value, label) for value, label, _look in choices(criterion)]
    if criterion.allows_na:
        found.append((scoring.NOT_APPLICABLE, _("Not applicable")))
    return found


def said(criterion: CriterionOutline, given: Given) -> tuple[str, str]:
    """The answer's label and look; a text's label is empty, it stands for itself."""
    if given.is_na:
        return _("Not applicable"), "na"
    if not given.is_answered:
        return _("Not answered"), ""
    if criterion.kind == scoring.Kind.TEXT:
        return "", ""
    if criterion.kind == scoring.Kind.RATING:
        return _("%(rating)s of 5") % {"rating": given.value}, ""
    look = LOOK_OF_RESULT.get(scoring.result_of(criterion.rule, scored_answer(criterion, given)) or 0, "part")
    if criterion.kind == scoring.Kind.MEASURED:
        return f"{plain(given.number)} {criterion.measure_label}", look
    return dict(values(criterion)).get(given.value, given.value), look


def in_full(criterion: CriterionOutline, given: Given) -> str:
    """The answer with its texts in one line, to be laid beside another one."""
    label, _look = said(criterion, given)
    return " · ".join(part for part in (label, given.text, given.note, given.na_reason, given.photo_waiver) if part)


def met_in_full(visit: Visit) -> str:
    """The day, the hours and who was met, in one line."""
    hours = times.of(visit.arrived_at, visit.left_at)
    told = [each.strftime("%H:%M") for each in (hours.arrived, hours.left) if each]
    day = formats.date_format(visit.visited_on, "d/m/Y") if visit.visited_on else ""
    person = visit.met_staff.full_name if visit.met_staff else ""
    return " · ".join(part for part in (day, "–".join(told), person, visit.met_description) if part)


def plain(number: Decimal | None) -> str:
    """A measured value as the reader's language writes it, without needless zeros."""
    if number is None:
        return ""
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return formats.number_format(number.normalize(), places)


def measured(criterion: CriterionOutline, number: Decimal, above: Decimal | None, threshold: scoring.Threshold) -> str:
    """Which step a measured number falls on: "7,5 minutes: above 5 up to 10 gives 70 %"."""
    words = {
        "number": plain(number),
        "unit": criterion.measure_label,
        "above": plain(above) if above is not None else "",
        "upper": plain(threshold.upper) if threshold.upper is not None else "",
        "result": threshold.result,
    }
    if threshold.upper is None:
        return _("%(number)s %(unit)s: above %(above)s gives %(result)s %%") % words
    if above is None:
        return _("%(number)s %(unit)s: up to %(upper)s gives %(result)s %%") % words
    return _("%(number)s %(unit)s: above %(above)s up to %(upper)s gives %(result)s %%") % words


def phone_words() -> dict[str, str]:
    """What the phone form's scripts say, by the state that they say it in. A word in braces is filled in there."""
    return {
        "waiting": _("Kept on this phone, will be sent by itself"),
        "sending": _("Sending…"),
        "sent": _("Sent"),
        "received": _("Sent: {answers}/{asked} questions"),
        "received_photos": _("Sent: {answers}/{asked} questions, {photos}/{all} photos"),
        "offline": _("Kept on this phone, will be sent by itself"),
        "busy": _("The server is busy. Everything is kept on this phone and will be sent by itself."),
        "full": _(
            "The server has no room for photos just now. They are kept on this phone and will be sent by themselves."
        ),
        "failed": _("The server is busy. Everything is kept on this phone and will be sent by itself."),
        "portal": _("This network does not let the answers through. Everything is kept on this phone."),
        "log_in": _("Your log-in has ended. Everything is kept on this phone."),
        "log_in_link": _("Log in and send"),
        "token": _("This page is out of date. Everything is kept on this phone; please load the page again."),
        "forbidden": _("This account may not send visits. Everything is kept on this phone."),
        "another_user": _("Another account is logged in. Everything is kept on this phone for yours."),
        "unreadable": _("The server did not understand. Everything is kept on this phone; please load the page again."),
        "needs_network": _("This needs a network. Everything typed is kept on this phone."),
        "no_room": _("This phone has no room to keep answers. Please press Save while there is a network."),
        "as_it_was": _("This phone has no room for the covered picture. The photo is as it was."),
        "try_again": _("This phone’s storage did not answer. Nothing is lost; please press once more."),
        "unsent": _("Answers that are not sent yet: {number}."),
        "unsent_photos": _("Photos that are not sent yet: {number}."),
        "unsent_forms": _("Forms that are not sent yet: {number}."),
        "look_at": _("Please look at:"),
        "marked": _("Please look at the marked questions."),
        "start_timer": _("Start the clock"),
        "stop_timer": _("Stop"),
        "preparing": _("Preparing the photo…"),
        "held": _("Kept on this phone, goes in a moment"),
        "cover": _("Cover faces, papers"),
        "no_cover": _("Cannot be covered here"),
        "unread": _("This phone cannot read the picture. The server takes place and camera data out of it."),
        "cover_how": _("Draw over what must not be seen, or tap two corners."),
        "cover_done": _("Use this picture"),
        "cover_undo": _("Undo"),
        "cover_crop": _("Cut to a part"),
        "cover_leave": _("Leave as it was"),
        "leave_out": _("Remove"),
        "retry": _("Send again"),
        "conflict": _("Changed on another page or phone meanwhile."),
        "stored": _("Stored there:"),
        "mine": _("Keep mine"),
        "theirs": _("Take the other"),
        "refused": _("This question cannot be changed any more. What you wrote is kept for the reviewer to see."),
        "aside": _("Kept for the reviewer to see."),
        "invalid": _("The server could not read this. It is kept on this phone; please write it anew."),
        "photo_invalid": _("The server could not read this photo. It is on this phone only."),
        "gone": _("This visit is no longer yours. What was not sent stays on this phone."),
        "not_started": _("This visit has not begun. What was not sent stays on this phone."),
        "follows": _("Kept on this phone, will be sent by itself"),
        "draft": _("Kept on this phone; goes when you press the button"),
        "blocked": _("Not sent yet: please look at the marked questions first, then press the button again."),
        "form_refused": _(
            "This visit has moved on, so this can no longer be sent. What you wrote is kept on this phone."
        ),
        "no_photo": _("Please take or choose a photo first."),
        "kind": _("Kept on this phone. Please say what is in the picture."),
        "too_large": _("This text is too long to be sent. It is kept on this phone; please shorten it."),
        "photo_refused": _("This question takes no photo any more. The photo is on this phone only."),
        "photo_too_large": _("This photo is too large to be sent. It is on this phone only."),
        "copy": _("Copy"),
        "download": _("Save the photo"),
        "hand_over": _("Leave it to the reviewer"),
        "discard": _("Discard"),
        "discard_sure": _("The server does not have this. Discard it for good?"),
    }


def note_words() -> dict[str, str]:
    """As `phone_words`, on the page that looks like a note: short, and nothing that speaks of a form."""
    short = {
        "waiting": _("On this phone"),
        "received": _("Sent"),
        "received_photos": _("Sent"),
        "offline": _("On this phone"),
        "needs_network": _("On this phone"),
    }
    return phone_words() | short
