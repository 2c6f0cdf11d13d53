"""The people of the demo: accounts, shoppers, and the staff whom customers meet. All names are invented."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from outlets.models import (
    AccountEvent,
    Channel,
    JobRole,
    Placement,
    Role,
    StaffEvent,
    StaffMember,
    Unit,
    User,
)
from outlets.people import actions as accounts
from outlets.people import identity, placements
from outlets.people.identity import Identity
from vnpt_smile.demo import words
from vnpt_smile.demo.accounts import ACCOUNTS, PASSWORD
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local, month_before
from vnpt_smile.demo.guard import SEEDED_ON
from vnpt_smile.demo.organisation import FOUNDED, NEW_OUTLET, Made, Place

FURTHER_SHOPPERS = 24
FAMILY_SHARE = (30, 11, 9, 7, 5, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1)

# Names that lists, search and sorting must bear, by the outlet where the person works.
HARD_NAMES = {
    "HNI-HK-01": "Nguyễn Thị Hương",
    "HCM-BT-01": "Nguyễn Thị Hương",
    "AGG-LX-01": "Nguyễn Thị Hương",
    "DNG-HC-01": "Nguyễn Thị Hường",
    "HNI-DD-01": "Đặng Thị Ngọc Ánh",
    "HNI-V1-01": "Đỗ Đức Đạt",
    "HCM-GD-01": "Ưng Hoàng Ân",
    "HNI-CG-01": "Lý Thúy Quỳnh",
    "HCM-CL-01": "Lí Thuý Quỳnh",
    "BPC-DX-01": "H'Linh Niê",
    "BPC-VT-01": "Y Blin Êban",
    "LCI-SP-01": "Giàng A Páo",
    "KGG-RG-01": "Thạch Sô Phia",
    "AGG-CD-01": "Kim Ngọc",
    "DNI-BH-01": "Trần Lê Nguyễn Hoài An",
}
FULL_NAMES = {
    "reviewer": "Phan Thị Bích Ngọc",
    "coordinator": "Vũ Minh Khôi",
    "office": "Hoàng Thị Thu Hà",
    "manager": "Lê Hữu Phước",
    "manager2": "Trịnh Quang Huy",
    "outlethead": "Huỳnh Thị Kim Loan",
    "editor": "Bùi Thanh Tâm",
    "observer": "Đào Văn Lượng",
    "staff": "Võ Thị Mỹ Duyên",
    "sysadmin": "Ngô Đức Thịnh",
    "reviewer2": "Tạ Thị Phương Thảo",
    "reviewer3": "Cao Xuân Trường",
}
STAFF_OUTLET = "AGG-LX-01"  # where the accounts `outlethead` and `staff` work
UNITS = {"manager": "ANG", "manager2": "HNI", "outlethead": STAFF_OUTLET, "observer": "VNPT"}
_TEAM = {Channel.HOTLINE: ("operator", 6), Channel.TECHNICIAN: ("technician", 4), Channel.SALES: ("area_sales", 4)}
_MEN = {"technician": 0.97, "guard": 1.0, "area_sales": 0.5, "operator": 0.25, "counter_agent": 0.15}


@dataclass
class Team:
    """The accounts of the demo by user name, and the shoppers in the order of their codes."""

    by_name: dict[str, User] = field(default_factory=dict)
    shoppers: list[User] = field(default_factory=list)

    @property
    def reviewers(self) -> Sequence[User]:
        return [self.by_name[name] for name in ("reviewer", "reviewer2", "reviewer3")]


# --- Accounts ---------------------------------------------------------------------------------


def create_accounts(*, today: date, at: datetime) -> Team:
    """Every account, with the one public password; roles over units come when there are units."""
    rows = [_employee(name) for name in FULL_NAMES]
    rows += [_shopper("shopper", "S-0001"), _shopper("shopper2", "S-0002")]
    rows += [_shopper(f"s-{number:04}", f"S-{number:04}") for number in range(101, 101 + FURTHER_SHOPPERS)]
    password = make_password(PASSWORD)  # once: hashing is slow on purpose
    for user in rows:
        user.password, user.is_demo, user.joined_at = password, True, at
    made = User.objects.bulk_create(rows)
    by_name = {user.username: user for user in made}
    sysadmin = by_name["sysadmin"]
    created = AccountEvent.Kind.CREATED
    AccountEvent.objects.bulk_create(
        AccountEvent(user=user, kind=created, at=at, by=sysadmin) for user in made if user != sysadmin
    )
    AccountEvent.objects.create(user=sysadmin, kind=created, at=at, detail={SEEDED_ON: today.isoformat()})
    shoppers = [user for user in made if user.kind == User.Kind.SHOPPER]
    for number, user in enumerate(shoppers):
        identity.record(shopper=user, identity=_identity(number))
    return Team(by_name, shoppers)


def grant_roles(team: Team, made: Made, *, at: datetime) -> None:
    """Gives every account its role, over a unit where it has one."""
    roles = {account.username: account.role for account in ACCOUNTS}
    roles |= {"reviewer2": Role.REVIEWER, "reviewer3": Role.REVIEWER}
    sysadmin = team.by_name["sysadmin"]
    for user in team.by_name.values():
        unit = made.units[UNITS[user.username]] if user.username in UNITS else None
        by = None if user == sysadmin else sysadmin
        accounts.grant(user=user, role=roles.get(user.username, Role.SHOPPER), unit=unit, by=by, at=at)


def _employee(username: str) -> User:
    return User(username=username, full_name=FULL_NAMES[username]).fill_search()


def _shopper(username: str, code: str) -> User:
    return User(username=username, kind=User.Kind.SHOPPER, shopper_code=code).fill_search()


def _identity(number: int) -> Identity:
    rng = dice(f"identity {number}")
    agency = "" if number % 3 else "Công ty Khảo sát Thị trường Minh Họa"
    return Identity(_name(rng, share_of_men=0.5), phone=f"09x xxx x{number:02}", agency=agency)


# --- Staff ------------------------------------------------------------------------------------


def hire_staff(made: Made, team: Team) -> None:
    """Everybody whom customers meet, at the outlets as they first were; `changes_of_staff` moves some of them."""
    jobs = {job.code: job for job in JobRole.objects.all()}
    people = [
        (place.code, name, job)
        for place in made.places.values()
        if place.code != NEW_OUTLET
        for name, job in _crew(place)
    ]
    staff = StaffMember.objects.bulk_create(
        StaffMember(staff_number=f"NV{10_001 + 3 * number}", full_name=name).fill_search()
        for number, (_, name, _) in enumerate(people)
    )
    sysadmin = team.by_name["sysadmin"]
    _place(((who, made.units[code], jobs[job]) for who, (code, _, job) in zip(staff, people, strict=True)), sysadmin)
    for username in ("outlethead", "staff"):
        who = StaffMember.objects.get(full_name=FULL_NAMES[username], placements__unit=made.units[STAFF_OUTLET])
        placements.edit(
            staff=who, full_name=who.full_name, user=team.by_name[username], by=sysadmin, at=local(FOUNDED, 9)
        )


def changes_of_staff(made: Made, team: Team, *, today: date) -> None:
    """Three people move to another outlet of their office, two staff the new one, and one leaves."""
    by = team.by_name["sysadmin"]
    jobs = {job.code: job for job in JobRole.objects.all()}
    agents = StaffMember.objects.filter(
        placements__valid_to__isnull=True, placements__job_role=jobs["counter_agent"], user__isnull=True
    )

    def agent_of(code: str) -> StaffMember:
        there = agents.filter(placements__unit=made.units[code], placements__valid_to__isnull=True)
        return there.exclude(full_name__in=HARD_NAMES.values()).order_by("pk")[0]

    moves = (
        (3, agent_of("HNI-HK-01"), "HNI-DD-01", "counter_agent"),
        (2, agent_of("AGG-CD-01"), "AGG-LX-01", "counter_agent"),
        (1, agent_of("KGG-PQ-01"), NEW_OUTLET, "shop_manager"),
        (1, agent_of("KGG-HT-01"), NEW_OUTLET, "counter_agent"),
    )
    for months, who, code, job in moves:
        day = month_before(today, months)
        placements.move(staff=who, unit=made.units[code], job_role=jobs[job], effective_on=day, by=by, at=local(day, 8))
    left_on = today - timedelta(days=9)
    placements.leave(staff=agent_of("DNG-HC-01"), left_on=left_on, by=by, at=local(left_on, 8))


def _crew(place: Place) -> list[tuple[str, str]]:
    """(name, job) of everybody at an outlet, the hard name first."""
    rng = dice(f"crew {place.code}")
    if place.channel in _TEAM:
        job, number = _TEAM[place.channel]
        jobs = [job] * number
    else:
        jobs = ["counter_agent"] * rng.choice((2, 2, 3)) + ["shop_manager"]
    if place.code == STAFF_OUTLET:
        jobs = ["counter_agent"] * 3
    crew = [(_name(rng, _MEN.get(job, 0.4)), job) for job in jobs]
    if place.code in HARD_NAMES:
        crew[0] = (HARD_NAMES[place.code], crew[0][1])
    if place.code == STAFF_OUTLET:
        crew[1] = (FULL_NAMES["staff"], "counter_agent")
        crew.append((FULL_NAMES["outlethead"], "shop_manager"))
    return crew


def _place(rows: Iterable[tuple[StaffMember, Unit, JobRole]], by: User) -> None:
    """Placements with the events that hiring one by one would write."""
    rows = list(rows)
    Placement.objects.bulk_create(
        [Placement(staff=who, unit=unit, job_role=job, valid_from=FOUNDED) for who, unit, job in rows]
    )
    StaffEvent.objects.bulk_create(
        [
            StaffEvent(
                staff=who,
                kind=StaffEvent.Kind.HIRED,
                at=local(FOUNDED, 8),
                by=by,
                detail={"unit": unit.code, "job": job.code, "effective_on": FOUNDED.isoformat()},
            )
            for who, unit, job in rows
        ]
    )


def _name(rng: Random, share_of_men: float) -> str:
    parts = words.name_parts()
    family = rng.choices(parts["family"], FAMILY_SHARE)[0]
    sex = "men" if rng.random() < share_of_men else "women"
    return f"{family} {rng.choice(parts[f'middle of {sex}'])} {rng.choice(parts[f'given to {sex}'])}"
