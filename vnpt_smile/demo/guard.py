"""Whether a database is the demo's to fill: it is empty, or all that it holds was made by the demo's own accounts."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from outlets.models import AccountEvent, StaffMember, Unit, UnitEvent, User

SHOWN = 3
SEEDED_ON = "seeded_on"  # in the detail of the event with which the demo's first account was made


class Foreign(Exception):
    """The database holds something that the demo did not make. `found` names some of it."""

    def __init__(self, found: Iterable[str]) -> None:
        self.found = tuple(found)
        super().__init__(", ".join(self.found))


def is_seeded() -> bool:
    """Whether the demo's world is there. It is written in one transaction, so it is there whole or not at all."""
    return User.objects.filter(is_demo=True).exists()


def seeded_on() -> date | None:
    """The day for which the demo's visits were made."""
    detail = AccountEvent.objects.filter(detail__has_key=SEEDED_ON).values_list("detail", flat=True).first()
    return date.fromisoformat(detail[SEEDED_ON]) if detail else None


def has_tables() -> bool:
    """Whether the product's tables exist. Raises Foreign for a database with tables of something else alone."""
    tables = connection.introspection.table_names()
    if User._meta.db_table in tables:
        return True
    if tables:
        raise Foreign(sorted(tables)[:SHOWN])
    return False


def refuse_strangers() -> None:
    """Raises Foreign when somebody or something is there that no account of the demo made.

    Accounts and units that a visitor of the demo adds with its accounts belong to the demo.
    """
    own = _own_accounts()
    users = User.objects.exclude(pk__in=own).order_by("username").values_list("username", flat=True)
    by_demo = UnitEvent.objects.filter(kind=UnitEvent.Kind.OPENED, by__in=own).values("unit")
    units = Unit.objects.exclude(pk__in=by_demo).order_by("code").values_list("code", flat=True)
    staff = StaffMember.objects.order_by("staff_number").values_list("staff_number", flat=True)
    found = [*users[:SHOWN], *units[:SHOWN], *(() if own else staff[:SHOWN])]
    if found:
        raise Foreign(found)


def _own_accounts() -> set[int]:
    """The demo's accounts and those that they, and so on, have made."""
    own = set(User.objects.filter(is_demo=True).values_list("pk", flat=True))
    made = AccountEvent.objects.filter(kind=AccountEvent.Kind.CREATED, by__isnull=False)
    pairs = list(made.values_list("by_id", "user_id"))
    while more := {user for by, user in pairs if by in own} - own:
        own |= more
    return own
