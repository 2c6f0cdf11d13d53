"""The what-if in a few lines, for a page that must not take long: what has been worked out, or what is few enough."""

from dataclasses import dataclass

from audits.checklists.models import ChecklistVersion
from audits.results.whatif import sharing, shown
from audits.results.whatif.rescored import Progress
from audits.results.whatif.sharing import Asked
from audits.results.whatif.shown import Found

MONTHS = 3
AT_ONCE = 1000  # visits that are scored within the page: less than half a second


@dataclass(frozen=True)
class Told:
    """What can be told now. Without `found` it is not ready: `step` says how far somebody is who works it out."""

    asked: Asked
    found: Found | None
    step: Progress | None


def told(version: ChecklistVersion, *, whole: bool) -> Told | None:
    """The latest three months under a version; None while no month has been closed. Few visits are scored here."""
    asked = sharing.asked_of(version, MONTHS, whole=whole)
    if asked is None:
        return None
    rescored, step = sharing.found(asked), sharing.progress(asked)
    if rescored is None and step is None and asked.visits <= AT_ONCE:
        rescored = sharing.worked_out(asked)
    return Told(asked, shown.found(version, rescored, asked.last) if rescored else None, step)
