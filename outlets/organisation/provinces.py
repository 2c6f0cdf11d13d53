"""The provinces of Viet Nam since 2008, each as it was between two dates.

`provinces.json` is the product's own list. `from` is the first day, `to` the first day no longer; `successor` names
the row that took its place. The 63 of August 2008 became 34 on 1 July 2025; Huế (2025) and Đồng Nai (2026) became
cities. A code alone names nothing: seven of them meant another province after the merger.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet

from outlets.organisation.models import Province

LIST = Path(__file__).with_name("provinces.json")


@dataclass(frozen=True)
class Installed:
    """How many rows an installation added, and how many it brought up to date."""

    added: int
    updated: int


@transaction.atomic
def install() -> Installed:
    """Makes the table hold every row of the list, as the list says. Rows that it does not name stay as they are."""
    have = {(province.code, province.valid_from): province for province in Province.objects.all()}
    added = updated = 0
    # The newest first, so that each row finds its successor.
    for row in sorted(json.loads(LIST.read_text(encoding="utf-8")), key=lambda row: row["from"], reverse=True):
        key = (row["code"], date.fromisoformat(row["from"]))
        after = row["successor"]
        facts = {name: row[name] for name in ("name", "full_name", "name_en", "kind", "landline")}
        facts["valid_to"] = date.fromisoformat(row["to"]) if row["to"] else None
        facts["successor"] = have[after["code"], date.fromisoformat(after["from"])] if after else None
        if key not in have:
            have[key] = Province.objects.create(code=key[0], valid_from=key[1], **facts)
            added += 1
        elif any(getattr(have[key], name) != fact for name, fact in facts.items()):
            for name, fact in facts.items():
                setattr(have[key], name, fact)
            have[key].save()
            updated += 1
    return Installed(added, updated)


def in_force_on(day: date) -> QuerySet[Province]:
    """The provinces of a day, in Vietnamese order. One query."""
    on_that_day = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return Province.objects.filter(on_that_day, valid_from__lte=day).order_by("sort_key", "valid_from")


def province_at(code: str, day: date) -> Province | None:
    """What the code meant on that day, or None. One query."""
    return in_force_on(day).filter(code=code).first()


def joined_into(day: date) -> dict[Province, tuple[int, ...]]:
    """The provinces of a day in order, each with the keys of all rows that led to it and its own. One query."""
    every = {province.pk: province for province in Province.objects.order_by("sort_key", "valid_from")}
    joined: dict[Province, list[int]] = {
        province: []
        for province in every.values()
        if province.valid_from <= day and (province.valid_to is None or day < province.valid_to)
    }
    for pk, province in every.items():
        heir = province
        while heir not in joined and heir.successor_id is not None:
            heir = every[heir.successor_id]
        if heir in joined:
            joined[heir].append(pk)
    return {province: tuple(pks) for province, pks in joined.items()}
