"""The people and places of the tests, by name. Builders write plain rows and never surprise.

The tree: the group; below it VNPT An Giang (office PBH Long Xuyên with two counters, a hotline team)
and VNPT Hà Nội (office PBH Đống Đa with one counter). `people()` gives one account for each role.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

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


def unit(code: str, name: str, unit_type: str = "unit", parent: Unit | None = None) -> Unit:
    made = _unit(code, name, unit_type, parent)
    tree.write_closure()
    return made


def _unit(code: str, name: str, unit_type: str, parent: Unit | None = None) -> Unit:
    """Without its place in the closure, which takes as long as all the rest and can be written for many at once."""
    names = {"name_vi": f"loại {unit_type}", "name_en": f"type {unit_type}"}
    kind, _ = UnitType.objects.get_or_create(code=unit_type, defaults=names)
    made = Unit.objects.create(code=code, name=name, unit_type=kind, opened_on=FOUNDED)
    UnitName.objects.create(unit=made, name=name, valid_from=FOUNDED)
    if parent:
        UnitParent.objects.create(unit=made, parent=parent, valid_from=FOUNDED)
    return made


def province(code: str, name: str) -> Province:
    return Province.objects.get_or_create(
        code=code,
        valid_from=date(2025, 7, 1),
        defaults={"name": name, "full_name": f"Tỉnh {name}", "kind": Province.Kind.PROVINCE},
    )[0]


def outlet(code: str, name: str, parent: Unit, channel: Channel = Channel.COUNTER, **fields) -> Outlet:
    made = _outlet(code, name, parent, channel, **fields)
    tree.write_closure()
    return made


def _outlet(code: str, name: str, parent: Unit, channel: Channel = Channel.COUNTER, **fields) -> Outlet:
    fields.setdefault("province", province("91", "An Giang"))
    return Outlet.objects.create(unit=_unit(code, name, "outlet", parent), channel=channel, **fields)


def places() -> Places:
    group = _unit("VNPT", "Tập đoàn VNPT", "group")
    an_giang = _unit("AGG", "VNPT An Giang", "province", group)
    long_xuyen = _unit("AGG-LX", "Phòng bán hàng Long Xuyên", "office", an_giang)
    ha_noi = _unit("HNI", "VNPT Hà Nội", "province", group)
    dong_da = _unit("HNI-DD", "Phòng bán hàng Đống Đa", "office", ha_noi)
    made = Places(
        group=group,
        an_giang=an_giang,
        long_xuyen=long_xuyen,
        counter=_outlet(
            "AGG-LX-01", "ĐGD Long Xuyên", long_xuyen, address="12 Nguyễn Huệ", commune="Phường Long Xuyên"
        ),
        other_counter=_outlet("AGG-LX-02", "ĐGD Chợ Mới", long_xuyen),
        hotline=_outlet("AGG-TD", "Tổ Hỗ trợ khách hàng", an_giang, Channel.HOTLINE),
        ha_noi=ha_noi,
        dong_da=dong_da,
        far_counter=_outlet("HNI-DD-01", "ĐGD Đống Đa", dong_da, province=province("01", "Hà Nội")),
    )
    tree.write_closure()
    return made


def user(username: str, role: Role | None = None, unit: Unit | None = None, **fields) -> User:
    if role == Role.SHOPPER:
        fields = {"kind": User.Kind.SHOPPER, "shopper_code": f"S-{User.objects.count():04d}"} | fields
    else:
        fields = {"full_name": f"Người {username}"} | fields
    made = User.objects.create_user(username, "mật khẩu thử nghiệm", **fields)
    if role:
        Membership.objects.create(user=made, role=role, unit=unit, granted_at=NOW - timedelta(days=30))
    return made


def people(at: Places) -> People:
    made = {
        "shopper": user("shopper", Role.SHOPPER),
        "shopper2": user("shopper2", Role.SHOPPER),
        "reviewer": user("reviewer", Role.REVIEWER),
        "coordinator": user("coordinator", Role.COORDINATOR),
        "office": user("office", Role.OFFICE),
        "manager": user("manager", Role.MANAGER, at.an_giang),
        "manager2": user("manager2", Role.MANAGER, at.ha_noi),
        "outlethead": user("outlethead", Role.MANAGER, at.counter.unit),
        "editor": user("editor", Role.EDITOR),
        "observer": user("observer", Role.OBSERVER, at.group),
        "staff": user("staff", Role.STAFF),
        "sysadmin": user("sysadmin", Role.SYSADMIN),
    }
    return People(**made, all=made)


def staff_member(number: str, full_name: str, at: Outlet, **fields) -> StaffMember:
    job, _ = JobRole.objects.get_or_create(
        code="gdv", defaults={"name_vi": "Giao dịch viên", "name_en": "Counter agent", "channel": Channel.COUNTER}
    )
    made = StaffMember.objects.create(staff_number=number, full_name=full_name, **fields)
    Placement.objects.create(staff=made, unit=at.unit, job_role=job, valid_from=FOUNDED)
    return made
