"""Which pages a phone keeps, to open them without a network: those of the reader's visits that are still to be done."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.messages import get_messages
from django.http.response import HttpResponseBase
from django.urls import reverse

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.models import Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits.sheet import Sheet
from outlets.people.permissions import ReaderRequest

HEADER = "X-Smile-User"


Response = TypeVar("Response", bound=HttpResponseBase)


QUICK = (scoring.Kind.YES_NO, scoring.Kind.THREE_STEP, scoring.Kind.MEASURED)


def is_quick(criterion: CriterionOutline) -> bool:
    """It is seen in the outlet, and one mark or one clock says it."""
    return criterion.stage == Criterion.Stage.DURING and criterion.kind in QUICK


def keepable(request: ReaderRequest, response: Response) -> Response:
    """Marks a page that the phone may show again, with whose it is: the phone keeps those of one person at a time.

    A page with a message is not kept: what has just been done is said once.
    """
    if response.status_code == 200 and not getattr(get_messages(request), "used", False):
        response[HEADER] = str(request.user.public_id)
    return response


def pages(now: Sheet) -> list[str]:
    """The addresses of all pages, with their example pictures, that are needed to fill in what is open of this visit.

    None when nothing is.
    """
    if now.is_awaiting_follow_up:
        names = ["visit_detail", "follow_up_edit"]
    elif now.is_open:
        names = ["visit_detail", "visit_check", "visit_missing", "visit_proof"]
        names += [] if now.is_returned else ["visit_met", "visit_quick", "visit_not_possible"]
    else:
        return []
    criteria = [now.outline.by_code[code] for code in now.open_codes]
    pictures = {each.picture.public_id: None for each in criteria if each.picture}
    examples = [reverse("audits:visit_example_thumbnail", args=[each]) for each in pictures]
    parts = {now.outline.by_code[code].section_code: None for code in now.open_codes} if now.is_open else {}
    ids = {"visit_id": now.visit.public_id}
    sections = [reverse("audits:section_edit", kwargs=ids | {"section": code}) for code in sorted(parts)]
    return [*_addresses(now.visit, names), *sections, *examples]


def pages_before(visit: Visit) -> list[str]:
    """As `pages`, of a visit that has not begun: what a shopper needs who finds the outlet closed."""
    return _addresses(visit, ["visit_detail", "visit_not_possible"]) if visit.state == VisitState.ASSIGNED else []


def _addresses(visit: Visit, names: Iterable[str]) -> list[str]:
    own = (reverse(f"audits:{name}", kwargs={"visit_id": visit.public_id}) for name in names)
    return [reverse("audits:visit_list"), *own]


def stamp(visit: Visit, remarks: int = 0) -> str:
    """Changes when what the visit's pages ask for does. An address below the visit's own, so that it goes with them."""
    here = reverse("audits:visit_detail", kwargs={"visit_id": visit.public_id})
    return f"{here}{visit.state}-{remarks}"
