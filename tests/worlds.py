"""The people and places of the tests, by name. Builders write plain rows and never surprise.

The tree: the group; below it VNPT An Giang (office PBH Long Xuyên with two counters, a hotline team)
and VNPT Hà Nội (office PBH Đống Đa with one counter). `people()` gives one account for each role.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from outlets.models import (
    Channel,
    JobRole,
    Membership,
    Outlet,
    Placement,
    Province,
    Role,
    StaffMember,
    Unit,
    UnitName,
    UnitParent,
    UnitType,
    User,
)
from outlets.organisation import tree

NOW = datetime(2026, 11, 12, 3, 0, tzinfo=UTC)  # Thursday 12/11/2026, 10:00 in Vietnam
TODAY = date(2026, 11, 12)
FOUNDED = date(2020, 1, 1)


@dataclass(frozen=True)
class Places:
    """Units and outlets by name."""

    group: Unit
    an_giang: Unit
    long_xuyen: Unit
    counter: Outlet
    other_counter: Outlet
    hotline: Outlet
    ha_noi: Unit
    dong_da: Unit
    far_counter: Outlet


@dataclass(frozen=True)
class People:
    """One account for each role; a second shopper and a second manager who must see nothing of the first."""

    shopper: User
    shopper2: User
    reviewer: User
    coordinator: User
    office: User
    manager: User  # of VNPT An Giang
    manager2: User  # of VNPT Hà Nội
    outlethead: User  # of the first counter
    editor: User
    observer: User
    staff: User
    sysadmin: User
    all: dict[str, User] = field(default_factory=dict)


class Drawing:
    """Units and outlets drawn first and written together: row by row they would take most of the tests' time."""

    def __init__(self) -> None:
        self.units: list[tuple[Unit, str, Unit | None]] = []
        self.outlets: list[Outlet] = []

    def unit(self, code: str, name: str, unit_type: str = "unit", parent: Unit | None = None) -> Unit:
        made = Unit(code=code, name=name, opened_on=FOUNDED).fill_search()
        self.units.append((made, unit_type, parent))
        return made

    def outlet(
        self, code: str, name: str, parent: Unit, channel: Channel = Channel.COUNTER, *, province: Province, **fields
    ) -> Outlet:
        unit = self.unit(code, name, "outlet", parent)
        made = Outlet(unit=unit, channel=channel, province=province, **fields)
        self.outlets.append(made)
        return made

    def write(self) -> None:
        """All but the closure, which `tree.write_closure()` writes for whatever there is."""
        types = unit_types({unit_type for _, unit_type, _ in self.units})
        for made, unit_type, _ in self.units:
            made.unit_type = types[unit_type]
        units = [made for made, _, _ in self.units]
        Unit.objects.bulk_create(units)
        UnitName.objects.bulk_create(UnitName(unit=made, name=made.name, valid_from=FOUNDED) for made in units)
        UnitParent.objects.bulk_create(
            UnitParent(unit=made, parent=parent, valid_from=FOUNDED) for made, _, parent in self.units if parent
        )
        for made in self.outlets:
            made.unit = made.unit  # its key is known only now
        Outlet.objects.bulk_create(self.outlets)


def unit_types(codes: set[str]) -> dict[str, UnitType]:
    found = UnitType.objects.in_bulk(codes, field_name="code")
    missing = [
        UnitType(code=code, name_vi=f"loại {code}", name_en=f"type {code}") for code in sorted(codes - found.keys())
    ]
    return found | {made.code: made for made in UnitType.objects.bulk_create(missing)}


def unit(code: str, name: str, unit_type: str = "unit", parent: Unit | None = None) -> Unit:
    drawing = Drawing()
    made = drawing.unit(code, name, unit_type, parent)
    drawing.write()
    tree.write_closure()
    return made


def province(code: str, name: str) -> Province:
    return Province.objects.get_or_create(
        code=code,
        valid_from=date(2025, 7, 1),
        defaults={"name": name, "full_name": f"Tỉnh {name}", "kind": Province.Kind.PROVINCE},
    )[0]


def outlet(code: str, name: str, parent: Unit, channel: Channel = Channel.COUNTER, **fields) -> Outlet:
    fields.setdefault("province", province("91", "An Giang"))
    drawing = Drawing()
    made = drawing.outlet(code, name, parent, channel, **fields)
    drawing.write()
    tree.write_closure()
    return made


def places() -> Places:
    here, there = province("91", "An Giang"), province("01", "Hà Nội")
    drawing = Drawing()
    group = drawing.unit("VNPT", "Tập đoàn VNPT", "group")
    an_giang = drawing.unit("AGG", "VNPT An Giang", "province", group)
    long_xuyen = drawing.unit("AGG-LX", "Phòng bán hàng Long Xuyên", "office", an_giang)
    ha_noi = drawing.unit("HNI", "VNPT Hà Nội", "province", group)
    dong_da = drawing.unit("HNI-DD", "Phòng bán hàng Đống Đa", "office", ha_noi)
    address = {"address": "12 Nguyễn Huệ", "commune": "Phường Long Xuyên"}
    made = Places(
        group=group,
        an_giang=an_giang,
        long_xuyen=long_xuyen,
        counter=drawing.outlet("AGG-LX-01", "ĐGD Long Xuyên", long_xuyen, province=here, **address),
        other_counter=drawing.outlet("AGG-LX-02", "ĐGD Chợ Mới", long_xuyen, province=here),
        hotline=drawing.outlet("AGG-TD", "Tổ Hỗ trợ khách hàng", an_giang, Channel.HOTLINE, province=here),
        ha_noi=ha_noi,
        dong_da=dong_da,
        far_counter=drawing.outlet("HNI-DD-01", "ĐGD Đống Đa", dong_da, province=there),
    )
    drawing.write()
    tree.write_closure()
    return made


def user(username: str, role: Role | None = None, unit: Unit | None = None, **fields) -> User:
    return users((username, role, unit), **fields)[0]


def users(*wanted: tuple[str, Role | None, Unit | None], **fields) -> list[User]:
    """An account for each (name, role, unit), all with the same further fields and the same password."""
    first, password, made = User.objects.count(), make_password("mật khẩu thử nghiệm"), []
    for number, (username, role, _) in enumerate(wanted, first):
        own = {"full_name": f"Người {username}"}
        if role == Role.SHOPPER:
            own = {"kind": User.Kind.SHOPPER, "shopper_code": f"S-{number:04d}"}
        made.append(User(username=username, password=password, **own | fields).fill_search())
    User.objects.bulk_create(made)
    Membership.objects.bulk_create(
        Membership(user=each, role=role, unit=unit, granted_at=NOW - timedelta(days=30))
        for each, (_, role, unit) in zip(made, wanted, strict=True)
        if role
    )
    return made


def people(at: Places) -> People:
    wanted = (
        ("shopper", Role.SHOPPER, None),
        ("shopper2", Role.SHOPPER, None),
        ("reviewer", Role.REVIEWER, None),
        ("coordinator", Role.COORDINATOR, None),
        ("office", Role.OFFICE, None),
        ("manager", Role.MANAGER, at.an_giang),
        ("manager2", Role.MANAGER, at.ha_noi),
        ("outlethead", Role.MANAGER, at.counter.unit),
        ("editor", Role.EDITOR, None),
        ("observer", Role.OBSERVER, at.group),
        ("staff", Role.STAFF, None),
        ("sysadmin", Role.SYSADMIN, None),
    )
    made = {each.username: each for each in users(*wanted)}
    return People(**made, all=made)


def staff_member(number: str, full_name: str, at: Outlet, **fields) -> StaffMember:
    job, _ = JobRole.objects.get_or_create(
        code="gdv", defaults={"name_vi": "Giao dịch viên", "name_en": "Counter agent", "channel": Channel.COUNTER}
    )
    made = StaffMember.objects.create(staff_number=number, full_name=full_name, **fields)
    Placement.objects.create(staff=made, unit=at.unit, job_role=job, valid_from=FOUNDED)
    return made
