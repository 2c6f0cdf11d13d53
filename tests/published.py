"""Approved visits for tests of closed months, and months closed over them.

The checklist is plans.checklist(): A1 (weight 1) and A2 (weight 3), so "yy" scores 100, "ny" 75, "yn" 25, "nn" 0;
"-" is not applicable.
"""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from audits.checklists import actions as checklists
from audits.checklists.models import ChecklistVersion
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.models import Answer, Checklist, Criterion, Photo, ShownPhoto, Visit
from audits.results import actions as results
from audits.results import months
from outlets.models import Outlet, User
from tests import plans
from tests.worlds import NOW

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
VALUES = {"y": "yes", "n": "no", "-": "na"}


def moment(day: date, hour: int = 15) -> datetime:
    """An hour of a day in Vietnam."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=VIETNAM)


def approved(outlet: Outlet, shopper: User, day: date, answers: str = "yy", of: Checklist | None = None) -> Visit:
    """A visit made, submitted and approved on `day`."""
    of = of or Checklist.objects.filter(code="TQ").first() or plans.checklist()
    wave = of.waves.first() or plans.wave(outlet.unit, of)
    at = moment(day)
    visit = plans.visit_in(
        VisitState.APPROVED,
        wave,
        outlet,
        shopper,
        opens_on=day,
        due_on=day,
        started_at=at,
        visited_on=day,
        submitted_at=at,
        approved_at=at,
    )
    for criterion, letter in zip(
        Criterion.objects.filter(version=visit.version).order_by("code"), answers, strict=True
    ):
        Answer.objects.create(visit=visit, criterion=criterion, value=VALUES[letter], changed_at=at)
    visits.record_submission(sheet.read(visit), at=at)
    return visit


def closed(month: date, by: User | None = None) -> results.Closed:
    """The month closed on the third day of the next one."""
    return results.close_month(month=month, by=by, at=moment(months.later(month, 1).replace(day=3)))


def shown_photo(visit: Visit, by: User, code: str = "A1") -> ShownPhoto:
    """A photo of the visit with a copy that its unit may see; both are files below MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    for name in ("original.jpg", "copy.jpg"):
        (root / name).write_bytes(name.encode())
    photo = Photo.objects.create(
        visit=visit,
        criterion=Criterion.objects.get(version=visit.version, code=code),
        file="original.jpg",
        thumbnail="original.jpg",
        sha256=f"{visit.pk:064}",
        phash="0" * 16,
        width=100,
        height=100,
        size=4,
        added_at=NOW,
    )
    return ShownPhoto.objects.create(
        photo=photo, file="copy.jpg", thumbnail="copy.jpg", width=10, height=10, by=by, at=NOW
    )


def next_version(version: ChecklistVersion, weights: dict[str, int]) -> ChecklistVersion:
    """A copy of the running version with other weights, in its place."""
    draft = checklists.draft_from(version=version, by=None, at=NOW)
    for code, weight in weights.items():
        Criterion.objects.filter(version=draft, code=code).update(weight=weight)
    ChecklistVersion.objects.filter(pk=version.pk).update(state=ChecklistVersion.State.RETIRED, retired_at=NOW)
    ChecklistVersion.objects.filter(pk=draft.pk).update(state=ChecklistVersion.State.PUBLISHED, published_at=NOW)
    draft.refresh_from_db()
    return draft
