"""A neutral reminder at once when something critical to safety was not met: to all outlets around, never to one.

A reminder comes as well when nothing was seen, now and then by chance, so that none tells of a visit or of its day.
docs/decisions/0015-early-topics.md.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import salted_hmac

from audits.checklists.models import ChecklistVersion, Criterion
from audits.fieldwork.models import Answer
from audits.fieldwork.states import VisitState
from outlets.models import Outlet, Unit, UnitClosure
from outlets.people.permissions import Scope

SHOWN_FOR = timedelta(days=14)
LEAST_OUTLETS = 3  # of the channel, in the unit that is reminded
WEEKS = 6  # in one of so many a reminder begins by chance
_HOURS = 7 * 24


@dataclass(frozen=True)
class Reminder:
    """What all outlets of a channel below these units are asked to look at today; the units by name."""

    criterion: Criterion
    units: tuple[Unit, ...]


def reminders(scope: Scope, at: datetime) -> tuple[Reminder, ...]:
    """The reminders for outlets in a reader's scope. One query where no running checklist asks for safety, else six."""
    running = Criterion.objects.filter(
        code__in=settings.SAFETY_CRITERIA, critical=True, version__state=ChecklistVersion.State.PUBLISHED
    )
    criteria = list(running.select_related("version__checklist").order_by("code", "-version__number"))
    if not criteria:
        return ()
    by_code = {each.code: each for each in reversed(criteria)}
    channels = {code: each.version.checklist.channel for code, each in by_code.items()}
    areas = _areas(scope, set(channels.values()))
    reminded = [(area, code) for area, channel in areas for code in by_code if channels[code] == channel]
    seen = _seen({area for area, _code in reminded}, by_code, at)
    units = Unit.objects.in_bulk({area for area, _code in reminded})
    told: dict[str, list[Unit]] = {code: [] for code in by_code}
    for area, code in sorted(reminded, key=lambda each: (units[each[0]].sort_key, each[0])):
        if (area, code) in seen or begins_by_chance(units[area], code, at):
            told[code].append(units[area])
    return tuple(Reminder(by_code[code], tuple(some)) for code, some in sorted(told.items()) if some)


def _areas(scope: Scope, channels: Collection[str]) -> set[tuple[int, str]]:
    """The nearest unit above each outlet in scope that holds enough outlets of its channel, with that channel."""
    outlets = dict(Outlet.objects.open().visible_to(scope).filter(channel__in=channels).values_list("pk", "channel"))
    links = UnitClosure.objects.filter(descendant__in=outlets, depth__gt=0).order_by("depth")
    above: dict[int, list[int]] = {outlet: [] for outlet in outlets}
    for outlet, unit in links.values_list("descendant_id", "ancestor_id"):
        above[outlet].append(unit)
    everywhere = Outlet.objects.open().filter(channel__in=channels, unit__ancestor_links__ancestor__in=_all(above))
    counts = everywhere.order_by().values_list("unit__ancestor_links__ancestor", "channel").annotate(Count("pk"))
    many = {(unit, channel) for unit, channel, some in counts if some >= LEAST_OUTLETS}
    found = set()
    for outlet, some in above.items():
        nearest = next((unit for unit in some if (unit, outlets[outlet]) in many), None)
        if nearest is not None:
            found.add((nearest, outlets[outlet]))
    return found


def _all(above: Mapping[int, list[int]]) -> set[int]:
    return {unit for some in above.values() for unit in some}


def _seen(areas: Collection[int], codes: Collection[str], at: datetime) -> set[tuple[int, str]]:
    """Areas below which an approved visit did not meet one of these, lately."""
    rows = Answer.objects.filter(
        criterion__code__in=codes,
        result=0,
        visit__state__in=(VisitState.APPROVED, VisitState.PUBLISHED),
        visit__approved_at__gt=at - SHOWN_FOR,
        visit__approved_at__lte=at,
    )
    missed = set(rows.values_list("visit__outlet_id", "criterion__code"))
    links = UnitClosure.objects.filter(descendant__in={outlet for outlet, _code in missed}, ancestor__in=areas)
    above = set(links.values_list("descendant_id", "ancestor_id"))
    return {(area, code) for outlet, area in above for missed_at, code in missed if missed_at == outlet}


def begins_by_chance(unit: Unit, code: str, at: datetime) -> bool:
    """Whether a reminder that nothing was seen for has begun lately: at an hour that nobody can foresee."""
    return any(start <= at < start + SHOWN_FOR for start in _starts(unit, code, at))


def _starts(unit: Unit, code: str, at: datetime) -> Iterator[datetime]:
    local = timezone.localtime(at)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(4):
        week = monday - timedelta(weeks=back)
        named = f"{unit.public_id} {code} {week:%Y-%m-%d}"
        drawn = int(salted_hmac("safety", named, algorithm="sha256").hexdigest(), 16)
        if drawn % WEEKS == 0:
            yield week + timedelta(hours=drawn // WEEKS % _HOURS)
