"""The demo's organisation, built as an administrator would: opened long ago, then reorganised day by day.

Besides the mergers of July 2025, the last twelve months hold one merge, one split, one rename, one moved
outlet, one that closed and one that opened.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from outlets.models import Channel, Outlet, Province, Unit, UnitType, User
from outlets.organisation import actions as organisation
from outlets.organisation import provinces
from outlets.organisation.actions import NewUnit
from outlets.people import placements
from vnpt_smile.demo.dates import local, month_before
from vnpt_smile.demo.scale import Scale

PLACES = Path(__file__).with_name("places.txt")
FOUNDED = date(2019, 1, 2)
MERGED = date(2025, 7, 1)  # of the provinces
BEFORE = date(2025, 6, 30)
# Outlets that the reorganisations below, the accounts or the tests name; kept at every scale.
NAMED = frozenset(
    {"HNI-DD-04", "HCM-BT-03", "HCM-BT-04", "HCM-TD-02", "DNI-LK-01", "AGG-LX-01", "AGG-CD-01", "AGG-CD-02"}
    | {"HCM-CL-02", "DNI-BH-03", "HNI-HD-02", "LCI-SP-02", "HNI-CG-02"}
)
NEW_OUTLET = "KGG-PQ-09"

_UNIT = re.compile(r"(?P<code>[A-Z0-9-]+) (?P<kind>[a-z_]+) (?P<name>[^@]+?)(?: @ (?P<new>\d\d)<(?P<old>\d*))?$")
_OUTLET = re.compile(r"\* (?:(?P<team>hotline|technician|sales): )?(?P<name>[^|!]+?)"
                     r"(?: \| (?P<commune>[^|!]+?) \| (?P<street>[^|!]+?))?(?: ?!(?P<mark>[a-z]+))?$")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One line of places.txt. `channel` is None for a unit that is no outlet."""

    code: str
    kind: str
    name: str
    parent: str
    province: str
    former: str
    channel: Channel | None = None
    commune: str = ""
    street: str = ""
    mark: str = ""


@dataclass
class Made:
    """What was opened: units and outlets by code, marks and first places by outlet code."""

    units: dict[str, Unit] = field(default_factory=dict)
    outlets: dict[str, Outlet] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


def places(scale: Scale) -> list[Place]:
    """The places of that scale, parents before what stands below them."""
    found: list[Place] = []
    seen: Counter[tuple[str, Channel | None]] = Counter()
    for place in _read():
        key = place.parent, place.channel
        seen[key] += 1
        if place.channel is None or scale.outlets is None or seen[key] <= scale.outlets or place.code in NAMED:
            found.append(place)
    return found


def _read() -> Iterator[Place]:
    above: list[tuple[int, Place]] = []
    numbers: Counter[str] = Counter()
    for line in PLACES.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        above = [(at, place) for at, place in above if at < depth]
        parent = above[-1][1] if above else None
        if line.strip().startswith("*"):
            if parent is None:
                raise ValueError(f"an outlet stands under nothing: {line}")
            numbers[parent.code] += 1
            yield _outlet(_match(_OUTLET, line), parent, numbers[parent.code])
        else:
            place = _unit(_match(_UNIT, line), parent)
            above.append((depth, place))
            yield place


def _match(pattern: re.Pattern[str], line: str) -> Mapping[str, str]:
    found = pattern.fullmatch(line.strip())
    if not found:
        raise ValueError(f"not a place: {line}")
    return {name: value or "" for name, value in found.groupdict().items()}


def _unit(part: Mapping[str, str], parent: Place | None) -> Place:
    return Place(
        code=part["code"],
        kind=part["kind"],
        name=part["name"],
        parent=parent.code if parent else "",
        province=part["new"] or (parent.province if parent else ""),
        former=part["old"] if part["new"] else (parent.former if parent else ""),
    )


def _outlet(part: Mapping[str, str], parent: Place, number: int) -> Place:
    channel = Channel(part["team"]) if part["team"] else Channel.COUNTER
    is_shop = part["name"].startswith(("Cửa hàng", "Showroom"))
    return replace(
        parent,
        code=f"{parent.code}-{number:02}",
        kind="team" if part["team"] else "shop" if is_shop else "transaction_point",
        name=part["name"],
        parent=parent.code,
        channel=channel,
        commune=part["commune"],
        street=part["street"],
        mark=part["mark"],
    )


# Latitude and longitude of the main town of the provinces that have outlets, in degrees.
TOWNS = {
    "01": ("21.028", "105.852"),
    "15": ("21.720", "104.910"),
    "48": ("16.068", "108.221"),
    "75": ("10.945", "106.824"),
    "79": ("10.777", "106.701"),
    "91": ("10.012", "105.081"),
}

# --- Opening ----------------------------------------------------------------------------------


def open_all(scale: Scale, *, today: date, by: User) -> Made:
    """Opens every place on the day of foundation, as the organisation then was."""
    made = Made()
    kinds = {kind.code: kind for kind in UnitType.objects.all()}
    for number, place in enumerate(places(scale)):
        _open(made, place, kinds, number, FOUNDED, today, by)
    return made


def _open(
    made: Made, place: Place, kinds: Mapping[str, UnitType], number: int, day: date, today: date, by: User
) -> None:
    facts: dict[str, Any] = {"code": place.code, "name": place.name, "unit_type": kinds[place.kind], "opened_on": day}
    stamp: dict[str, Any] = {"by": by, "at": local(day, 8)}
    if place.channel is None:
        parent = made.units.get(place.parent)
        made.units[place.code] = organisation.open_unit(parent=parent, **facts, **stamp)
        return
    outlet = organisation.open_outlet(
        parent=made.units[place.parent],
        channel=place.channel,
        province=_province(place.province, today),
        former_province=_province(place.former, BEFORE) if place.former else None,
        commune=place.commune,
        address=place.street,
        phone=_phone(place, number),
        opening_hours=_hours(place),
        **(facts | _coordinates(place, number)),
        **stamp,
    )
    made.outlets[place.code], made.units[place.code], made.places[place.code] = outlet, outlet.unit, place


def _province(code: str, day: date) -> Province:
    province = provinces.province_at(code, day)
    if province is None:
        raise ValueError(f"no province had the code {code} on {day}")
    return province


def _phone(place: Place, number: int) -> str:
    """The number with its middle masked: it is nobody's."""
    if place.channel == Channel.HOTLINE:
        return "1800 1091"
    area = _province(place.former or place.province, BEFORE).landline
    return f"{area} 3xxx xx{number % 100:02}"


def _coordinates(place: Place, number: int) -> dict[str, Decimal]:
    """Somewhere in the middle of its province, and nobody's; a team without an address has none."""
    if place.kind == "team" or place.province not in TOWNS:
        return {}
    latitude, longitude = (Decimal(degrees) for degrees in TOWNS[place.province])
    return {
        "latitude": latitude + Decimal(number * 37 % 100 - 50) / 1000,
        "longitude": longitude + Decimal(number * 61 % 100 - 50) / 1000,
    }


def _hours(place: Place) -> str:
    if place.channel == Channel.HOTLINE:
        return "24/24, tất cả các ngày"
    if place.kind == "shop":
        return "Hằng ngày 8:00–20:00"
    return "Thứ Hai–thứ Sáu 7:30–17:00, thứ Bảy 7:30–11:30"


# --- What changed since -----------------------------------------------------------------------


def reorganise(made: Made, *, today: date, by: User) -> None:
    """Lets the years pass: each change on its day, the earliest first."""

    def ago(months: int) -> date:
        return month_before(today, months)

    changes: list[tuple[date, Callable[[Made, date, User], None]]] = [
        (MERGED, _merge_provinces),
        (ago(6), _close_a_counter),
        (ago(5), _merge_offices),
        (ago(4), _split_an_office),
        (ago(3), _rename_a_counter),
        (ago(2), _move_a_counter),
    ]
    for day, change in sorted(changes, key=lambda change: change[0]):
        change(made, day, by)
    _open_a_counter(made, ago(2), today, by)


def _merge_provinces(made: Made, day: date, by: User) -> None:
    units = made.units
    stamp: dict[str, Any] = {"effective_on": day, "by": by, "at": local(day, 8)}
    units["ANG"] = placements.merge_units(
        predecessors=[units["AGG"], units["KGG"]], successor=NewUnit("ANG", "VNPT An Giang"), **stamp
    )
    placements.merge_units(predecessors=[units["BPC"]], successor=units["DNI"], **stamp)
    placements.merge_units(predecessors=[units["YBI"]], successor=units["LCI"], **stamp)


def _close_a_counter(made: Made, day: date, by: User) -> None:
    """Whoever worked there goes to the next counter of the office first."""
    stamp: dict[str, Any] = {"by": by, "at": local(day, 8)}
    there, next_one = made.units["HCM-BT-04"], made.units["HCM-BT-03"]
    for row in there.placements.filter(valid_to__isnull=True).select_related("staff", "job_role").order_by("pk"):
        placements.move(staff=row.staff, unit=next_one, job_role=row.job_role, effective_on=day, **stamp)
    made.units["HCM-BT-04"] = placements.close_unit(unit=there, closed_on=day, **stamp)


def _merge_offices(made: Made, day: date, by: User) -> None:
    made.units["DNG-LV"] = placements.merge_units(
        predecessors=[made.units["DNG-CL"], made.units["DNG-HV"]],
        successor=NewUnit("DNG-LV", "Phòng bán hàng Cẩm Lệ – Hòa Vang"),
        effective_on=day,
        by=by,
        at=local(day, 8),
    )


def _split_an_office(made: Made, day: date, by: User) -> None:
    below = sorted(place.code for place in made.places.values() if place.parent == "HCM-TD")
    parts = placements.split_unit(
        unit=made.units["HCM-TD"],
        into=[("HCM-T1", "Phòng bán hàng Thủ Đức 1"), ("HCM-T2", "Phòng bán hàng Thủ Đức 2")],
        assign={made.units[code]: ("HCM-T1", "HCM-T2")[number % 2] for number, code in enumerate(below)},
        heir="HCM-T1",
        effective_on=day,
        by=by,
        at=local(day, 8),
    )
    made.units |= {part.code: part for part in parts}


def _rename_a_counter(made: Made, day: date, by: User) -> None:
    organisation.rename(
        unit=made.units["DNI-LK-01"],
        name="Điểm giao dịch VNPT VinaPhone Long Khánh",
        effective_on=day,
        by=by,
        at=local(day, 8),
    )


def _move_a_counter(made: Made, day: date, by: User) -> None:
    organisation.move(
        unit=made.units["HNI-DD-04"], parent=made.units["HNI-TX"], effective_on=day, by=by, at=local(day, 8)
    )


def _open_a_counter(made: Made, day: date, today: date, by: User) -> None:
    office = next(place for place in places(Scale(outlets=0)) if place.code == "KGG-PQ")
    place = replace(
        office,
        code=NEW_OUTLET,
        kind="transaction_point",
        name="Điểm giao dịch An Thới",
        parent=office.code,
        channel=Channel.COUNTER,
        commune="Đặc khu Phú Quốc",
        street="Gần bến cảng An Thới",
        mark="few",
    )
    kinds = {kind.code: kind for kind in UnitType.objects.all()}
    _open(made, place, kinds, 99, day, today, by)
