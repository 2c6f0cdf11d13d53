"""The national data set under the benches of scorecards, closing and growth, and the pages that they ask for."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from audits.fieldwork.models import Answer, Visit
from audits.results.models import Period, UnitScore
from audits.results.tallies import Kind
from outlets.models import Outlet, Unit, User
from vnpt_smile.bench.measuring import Beside
from vnpt_smile.national.organisation import TOP
from vnpt_smile.national.people import OFFICE
from vnpt_smile.national.scale import Scale
from vnpt_smile.national.seed import seed


def build(scale: Scale) -> None:
    """Fills the database in use, in a process of its own, so that its memory is not counted here."""
    Beside(lambda: _build(scale)).result()


def _build(scale: Scale) -> int:
    written = 0
    for progress in seed(scale, processes=1 if connection.vendor == "sqlite" else 2):
        written = progress.visits
        print(f"{progress.months} of {progress.of} months built", file=sys.stderr, flush=True)
    return written


@dataclass(frozen=True)
class Card:
    """A scorecard that is asked for."""

    name: str
    unit: Unit

    @property
    def address(self) -> str:
        return reverse("audits:scorecard_detail", args=[self.unit.public_id])


def reader() -> User:
    """The account that may open every scorecard."""
    return User.objects.get(username=OFFICE)


def cards() -> Mapping[str, Card]:
    """The group, and a province, an office and an outlet with the most visits in the last closed month."""
    last = Period.objects.latest("month")
    total = UnitScore.objects.filter(period=last, kind=Kind.TOTAL).order_by("-visits", "unit__code")
    below: dict[str, dict[str, Any]] = {
        "province": {"unit__unit_type__code": "province"},
        "office": {"unit__unit_type__code": "sales_office"},
        "outlet": {"unit__outlet__isnull": False},
    }
    found = {"group": Card("group", Unit.objects.get(code=TOP))}
    for name, which in below.items():
        row = total.filter(**which).select_related("unit")[0]
        found[name] = Card(name, row.unit)
    return found


def is_there() -> bool:
    """Whether the database in use was filled by `seed_national`."""
    return User.objects.filter(username=OFFICE).exists() and Period.objects.exists()


def counted() -> str:
    """How much there is."""
    rows = {
        "units": Unit.objects.filter(outlet__isnull=True),
        "outlets": Outlet.objects.all(),
        "closed months": Period.objects.all(),
        "visits": Visit.objects.all(),
        "answers": Answer.objects.all(),
    }
    return ", ".join(f"{some.count():,} {name}" for name, some in rows.items())
