"""Why an action of a shopper's is refused. Nothing has been changed where one of these is raised."""

from collections.abc import Sequence
from datetime import date

from audits.fieldwork.models import Visit
from audits.fieldwork.visits.completeness import Gap


class NotYetOpen(Exception):
    """The visit's first day has not come."""


class NoRunningChecklist(Exception):
    """The wave's checklist has no running version to pin the visit to."""


class GraceEnded(Exception):
    """The visit's checklist runs no more, and the days for submitting visits begun with it are over."""

    def __init__(self, last_day: date):
        self.last_day = last_day
        super().__init__(last_day)


class Incomplete(Exception):
    """Something is still missing; `gaps` says what."""

    def __init__(self, gaps: Sequence[Gap]):
        self.gaps = tuple(gaps)
        super().__init__(f"{len(self.gaps)} gaps")


class DayRefused(Exception):
    """The day given for the visit cannot be right: in the future, or before the visit was open."""


class StaffElsewhere(Exception):
    """The staff member named does not work at the visited outlet on the day."""


class NoRoom(Exception):
    """The question has as many photos as it may have; `limit` says how many."""

    def __init__(self, limit: int):
        self.limit = limit
        super().__init__(limit)


class MetMeanwhile(Exception):
    """Who was met has been told anew on another page or phone since the writer saw it; `visit` is as it is now."""

    def __init__(self, visit: Visit):
        self.visit = visit
        super().__init__(visit.pk)
