"""Reads over accounts, their roles and what happened to them. Every docstring states the number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from outlets.people.models import AccountEvent, Membership, Role, User


@dataclass(frozen=True)
class EventLine:
    """One line of an account's history, ready to be shown."""

    at: datetime
    what: str
    detail: str
    by: str


def accounts() -> QuerySet[User]:
    """Every account with `.current_memberships`, each with its unit. Two queries, whatever the number of accounts."""
    current = Membership.objects.current().select_related("unit")
    return User.objects.prefetch_related(Prefetch("memberships", queryset=current, to_attr="current_memberships"))


def holding(rows: QuerySet[User], role: str) -> QuerySet[User]:
    """Those of `rows` who hold `role` at present. Adds no query of its own."""
    return rows.filter(pk__in=Membership.objects.current().filter(role=role).values("user_id"))


def roles_of(user: User) -> tuple[list[Membership], list[Membership]]:
    """The account's memberships in force, and those that ended or whose unit was closed. One query."""
    rows = list(user.memberships.select_related("unit", "ended_by", "granted_by").order_by("-granted_at", "-pk"))
    current = [row for row in rows if row.ended_at is None and (row.unit is None or row.unit.closed_on is None)]
    return current, [row for row in rows if row not in current]


def events_of(user: User) -> QuerySet[AccountEvent]:
    """What happened to the account, each event with who did it. One query."""
    return user.events.select_related("by")


def event_lines(events: list[AccountEvent]) -> list[EventLine]:
    """The events as lines to show. No query."""
    return [
        EventLine(
            at=event.at,
            what=event.get_kind_display(),
            detail=_detail(event.detail),
            by=_author(event),
        )
        for event in events
    ]


def link_used(user: User, *, since: datetime | None) -> str:
    """What to tell a person whose password was last set through a link, after `since`; else nothing. One query."""
    last = user.events.filter(kind=AccountEvent.Kind.PASSWORD_SET).order_by("-at", "-pk").first()
    if last is None or "link_at" not in last.detail or (since is not None and last.at <= since):
        return ""
    what_to_do = _("If that was not you, tell the system administrator and change it now.")
    return f"{_detail(last.detail)}. {what_to_do}"


def _author(event: AccountEvent) -> str:
    if "link_at" in event.detail:
        return _("Whoever had the link")
    return event.by.shown_name if event.by else _("At the server")


def _detail(detail: dict[str, str]) -> str:
    if "link_at" in detail:
        made_at = timezone.localtime(datetime.fromisoformat(detail["link_at"]))
        facts = {"name": detail.get("link_by"), "time": date_format(made_at, "H:i d/m/Y")}
        if facts["name"]:
            return _("Password set through the one-time link that %(name)s made at %(time)s") % facts
        return _("Password set through the one-time link that was made at the server at %(time)s") % facts
    role = detail.get("role")
    parts = [str(Role(role).label) if role in Role.values else "", detail.get("unit_name", "")]
    return ", ".join(part for part in parts if part)
