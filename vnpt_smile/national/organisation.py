"""The units of the country: opened as 63 provincial units once had them, and merged in the middle of the months.

What is opened has the rows that `organisation.open_unit` and `open_outlet` write; one by one, thousands would take
minutes. The mergers go through the actions themselves.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle, islice

from outlets.models import (
    Channel,
    Outlet,
    Province,
    Unit,
    UnitEvent,
    UnitName,
    UnitParent,
    UnitType,
    User,
)
from outlets.organisation import actions as organisation
from outlets.organisation import provinces, tree
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local
from vnpt_smile.national.scale import Scale

TOP = "VNPT"
BEFORE = date(2025, 6, 30)  # the last day of the 63 provinces
TEAMS = 0.3  # of all offices are teams of technicians
# Of twenty outlets, so many of each channel.
SHARES = ((Channel.COUNTER, 6), (Channel.SALES, 6), (Channel.HOTLINE, 3), (Channel.TECHNICIAN, 5))
_KINDS = {
    Channel.COUNTER: ("transaction_point", "Điểm giao dịch"),
    Channel.SALES: ("team", "Tổ kinh doanh"),
    Channel.HOTLINE: ("team", "Tổ chăm sóc khách hàng"),
    Channel.TECHNICIAN: ("team", "Tổ kỹ thuật"),
}


@dataclass(frozen=True)
class Region:
    """A province of today with those that it was made of, itself or its namesake first."""

    province: Province
    formers: tuple[Province, ...]


@dataclass(frozen=True)
class Place:
    """A unit to be opened. `channel` is None for one that is no outlet; `region` counts the provinces of today."""

    code: str
    name: str
    kind: str
    parent: str
    region: int = 0
    former: Province | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class Point:
    """An outlet that is visited."""

    unit_id: int
    code: str
    channel: Channel
    region: int


def regions(number: int) -> list[Region]:
    """So many provinces, those that were made of most first. One query."""
    found = []
    every = {province.pk: province for province in Province.objects.all()}
    for province, keys in provinces.joined_into(date.max).items():
        formers = [each for each in map(every.__getitem__, keys) if _is_in_force(each, BEFORE)]
        formers.sort(key=lambda each: (each.name != province.name, each.code))
        found.append(Region(province, tuple(formers)))
    return sorted(found, key=lambda region: (-len(region.formers), region.province.code))[:number]


def _is_in_force(province: Province, day: date) -> bool:
    return province.valid_from <= day and (province.valid_to is None or day < province.valid_to)


def places(scale: Scale, found: Sequence[Region]) -> Iterator[Place]:
    """All that is opened, parents before what stands below them. Raises ValueError for too few units."""
    yield Place(TOP, "Tập đoàn VNPT", "group", "")
    formers = [(number, former) for number, region in enumerate(found) for former in region.formers]
    # Of today: the top, the provinces and their business centres are merged, telecom centres are not.
    offices = scale.units - 1 - 2 * len(found) - len(formers)
    if offices < 2 * len(formers):
        raise ValueError(f"these provinces need {1 + 2 * len(found) + 3 * len(formers)} units")
    for number, former in formers:
        code, name = former.code, former.name
        yield Place(f"P{code}", f"VNPT {name}", "province", TOP, number, former)
        yield Place(f"P{code}-KD", f"Trung tâm Kinh doanh VNPT {name}", "business_centre", f"P{code}", number, former)
        yield Place(f"P{code}-VT", f"Trung tâm Viễn thông {name}", "telecom_centre", f"P{code}", number, former)
    teams = max(len(formers), round(TEAMS * offices))
    sales = list(_offices(formers, offices - teams, "KD", "sales_office", "Phòng bán hàng"))
    crews = list(_offices(formers, teams, "VT", "team", "Đội viễn thông"))
    yield from sales
    yield from crews
    yield from _outlets(scale, sales, crews)


def _offices(
    formers: Sequence[tuple[int, Province]], number: int, centre: str, kind: str, name: str
) -> Iterator[Place]:
    """So many, dealt out to the centres in turn."""
    for place, (region, former) in enumerate(islice(cycle(formers), number)):
        count = place // len(formers) + 1
        code = f"P{former.code}-{centre}"
        yield Place(f"{code}-{count:02}", f"{name} {former.name} {count}", kind, code, region, former)


def _outlets(scale: Scale, sales: Sequence[Place], crews: Sequence[Place]) -> Iterator[Place]:
    """Every office has an outlet before chance gives out the rest."""
    rng = dice(f"{scale.seed} outlets")
    channels = [channel for channel, share in SHARES for _ in range(share)]
    given: Counter[str] = Counter()
    dealt = {"crews": 0, "sales": 0}
    for number in range(scale.outlets):
        channel = channels[number * 7 % len(channels)]  # 7 and 20 share no divisor, so every channel has its share
        name, among = ("crews", crews) if channel == Channel.TECHNICIAN else ("sales", sales)
        office = among[dealt[name]] if dealt[name] < len(among) else rng.choice(among)
        dealt[name] += 1
        given[office.code] += 1
        kind, word = _KINDS[channel]
        count = given[office.code]
        where = f"{office.former.name} " if office.former else ""
        yield Place(
            f"{office.code}-{count:02}",
            f"{word} {where}{office.code.rpartition('-')[2]}-{count:02}",
            kind,
            office.code,
            office.region,
            office.former,
            channel,
        )


def build(scale: Scale, *, by: User) -> list[Point]:
    """Opens every unit and outlet, lets provinces be merged, and returns the outlets in the order of their codes."""
    found = regions(scale.provinces)
    opened = list(places(scale, found))
    units = _open(opened, found, scale.founded_on, by)
    for region in found:
        _merge(region, units, scale.merged_on, by)
    points = [
        Point(units[place.code].pk, place.code, place.channel, place.region)
        for place in opened
        if place.channel is not None
    ]
    return sorted(points, key=lambda point: point.code)


def _open(opened: Sequence[Place], found: Sequence[Region], day: date, by: User) -> dict[str, Unit]:
    at = local(day, 8)
    kinds = {kind.code: kind for kind in UnitType.objects.all()}
    rows = [
        Unit(code=place.code, name=place.name, unit_type=kinds[place.kind], opened_on=day).fill_search()
        for place in opened
    ]
    units = {unit.code: unit for unit in Unit.objects.bulk_create(rows, batch_size=500)}
    UnitName.objects.bulk_create(
        [UnitName(unit=unit, name=unit.name, valid_from=day) for unit in units.values()], batch_size=500
    )
    UnitParent.objects.bulk_create(
        [
            UnitParent(unit=units[place.code], parent=units[place.parent], valid_from=day)
            for place in opened
            if place.parent
        ],
        batch_size=500,
    )
    Outlet.objects.bulk_create(
        [
            Outlet(
                unit=units[place.code],
                channel=place.channel,
                province=found[place.region].province,
                former_province=place.former,
            )
            for place in opened
            if place.channel is not None
        ],
        batch_size=500,
    )
    UnitEvent.objects.bulk_create([_opened(place, units[place.code], at, by) for place in opened], batch_size=500)
    tree.write_closure()
    return units


def _opened(place: Place, unit: Unit, at: datetime, by: User) -> UnitEvent:
    day = unit.opened_on.isoformat()
    detail = {"code": place.code, "name": place.name, "parent": place.parent, "effective_on": day}
    return UnitEvent(unit=unit, kind=UnitEvent.Kind.OPENED, by=by, at=at, detail=detail)


def _merge(region: Region, units: dict[str, Unit], day: date, by: User) -> None:
    """What stood under the others goes to the first: their business centres are merged, telecom centres move."""
    first, *others = (f"P{former.code}" for former in region.formers)
    if not others:
        return
    for suffix in ("-KD", ""):
        organisation.merge(
            predecessors=[units[code + suffix] for code in others],
            successor=units[first + suffix],
            effective_on=day,
            by=by,
            at=local(day, 8),
        )
