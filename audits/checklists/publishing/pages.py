"""What the pages of an approval share: those of who sends a draft, here, and that of who decides, in `results`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils import timezone

from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts import checks, compare
from audits.checklists.drafts.undone import undone
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.checklists.publishing import actions as publishing
from audits.checklists.publishing.actions import MADE
from outlets.models import Membership, User
from outlets.people.permissions import ROLES, ReaderRequest, Right


def version_of(version_id: UUID) -> ChecklistVersion:
    rows = ChecklistVersion.objects.select_related("checklist", "based_on", "proposed_by")
    return get_object_or_404(rows, public_id=version_id)


@dataclass(frozen=True)
class Against:
    """A version set against what would run after it. `comparison.before` is the one named."""

    version: ChecklistVersion
    comparison: compare.Comparison


def about(
    version: ChecklistVersion, at: datetime, refused: ChecklistRefused | None, meant: list[str]
) -> dict[str, Any]:
    """What the pages on both sides of an approval show: against what runs, and what it was copied from if that differs.

    `refused` is why what was just tried has not happened, `meant` what was ticked then.
    """
    now = outline(version)
    running = version.checklist.versions.filter(state=ChecklistVersion.State.PUBLISHED).first()
    others = [each for each in (running, version.based_on) if each is not None]
    return {
        "version": version,
        "content": now,
        "checks": checks.check(now, outline(running) if running else None),
        "against": [Against(each, compare.compare(outline(each), now)) for each in dict.fromkeys(others)],
        "undone": undone(version, today=timezone.localdate(at)),
        "running": running,
        "refused": refused,
        "meant": meant,
    }


def approvers(version: ChecklistVersion) -> list[str]:
    """The names of those who may decide on a version: they may approve, and have neither sent nor changed it.

    One query.
    """
    roles = [role for role, rule in ROLES.items() if Right.APPROVE_CHECKLISTS in rule.rights]
    may = Membership.objects.current().filter(role__in=roles).values("user")
    made = version.events.filter(by__isnull=False, kind__in=MADE).order_by().values("by")
    changed = version.changes.filter(by__isnull=False).order_by().values("by")
    people = User.objects.filter(pk__in=may, is_active=True).exclude(pk__in=made).exclude(pk__in=changed)
    return [each.shown_name for each in people.exclude(pk=version.proposed_by_id or 0)]


def warn(request: ReaderRequest, refused: ChecklistRefused) -> None:
    event = refused.event if isinstance(refused, publishing.Decided) else None
    who = ""
    if event is not None and event.by is not None:
        time = timezone.localtime(event.at).strftime("%H:%M %d/%m")
        who = f"{event.get_kind_display()}: {event.by.shown_name}, {time}."
    messages.warning(request, f"{refused} {who}".strip())
