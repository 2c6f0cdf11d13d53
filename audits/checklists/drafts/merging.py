"""What two pages write to one part of a draft: each keeps its own, and of what both wrote one of them decides."""

from django.utils.translation import gettext_lazy as _

from audits.checklists.actions import ChecklistRefused
from audits.checklists.content import Content
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import ChecklistEvent, ChecklistVersion


class Overtaken(ChecklistRefused):
    """The same fields were written elsewhere meanwhile. `theirs` is what stands there, by field; nothing was saved."""

    message = _("The same thing has been changed elsewhere meanwhile. What you typed has not been saved yet.")

    def __init__(self, change: DraftChange | ChecklistEvent | None, theirs: Content):
        self.change, self.theirs = change, theirs
        super().__init__()


def merged(
    version: ChecklistVersion,
    part: DraftChange.Part,
    stands: Content,
    changed: Content,
    seen: int,
    page: str,
    decided: int,
) -> Content:
    """What stands of a part with what a page changed in it. Raises Overtaken where both have another value.

    A page sends all its fields, also those nobody touched on it. So it changes what differs from what it knows: what
    stood there at step `seen`, with which it was drawn, or what it has written itself since, under its mark `page`. It
    may have got no answer to that. The same person on another page is another page. `decided` is the step at which
    somebody saw what stands and chose to write over it.
    """
    later = list(version.changes.filter(part=part, code=stands["code"], number__gt=seen).order_by("number"))
    known = _stood(stands, later, seen)
    for each in later:
        if page and each.page == page and each.before and each.after:
            before = each.before
            known |= {name: value for name, value in each.after.items() if value != before.get(name)}
    mine = {name: value for name, value in changed.items() if value != known.get(name)}
    shown = _stood(stands, later, decided) if decided > seen else {}
    theirs = {
        name: stands[name]
        for name, value in mine.items()
        if stands[name] not in (known.get(name), value, shown.get(name, value))
    }
    if theirs:
        raise Overtaken(last_step(version, part, stands["code"]), theirs)
    return stands | mine


def _stood(stands: Content, changes: list[DraftChange], number: int) -> Content:
    """The part as it stood after the step `number`; `changes` are its later steps, in their order."""
    return dict(next((each.before for each in changes if each.number > number and each.before), stands))


def last_step(version: ChecklistVersion, part: DraftChange.Part, code: str) -> DraftChange | None:
    return DraftChange.objects.filter(version=version, part=part, code=code).select_related("by").first()
