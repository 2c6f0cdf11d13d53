"""Who plans, reviews and visits in the national data set. None of these accounts has a password."""

from dataclasses import dataclass

from outlets.models import Role, User
from outlets.people import actions as accounts
from vnpt_smile.demo.dates import local
from vnpt_smile.national.scale import Scale

OFFICE = "national-office"
REVIEWERS = 12


@dataclass(frozen=True)
class Team:
    """The office, the reviewers' keys, and the keys of each province's shoppers."""

    office: User
    reviewers: tuple[int, ...]
    shoppers: tuple[tuple[int, ...], ...]


def build(scale: Scale, *, shoppers: int) -> Team:
    """`shoppers` for each province. A one-time link for the office is made like any other."""
    at = local(scale.founded_on, 7)
    office = accounts.create_employee(username=OFFICE, full_name="Văn phòng Chương trình", by=None, at=at)
    reviewers = [
        accounts.create_employee(
            username=f"national-reviewer-{number}", full_name=f"Cán bộ duyệt {number}", by=None, at=at
        )
        for number in range(1, REVIEWERS + 1)
    ]
    for user, role in [(office, Role.OFFICE), *((reviewer, Role.REVIEWER) for reviewer in reviewers)]:
        accounts.grant(user=user, role=role, unit=None, by=None, at=at)
    return Team(
        office,
        tuple(reviewer.pk for reviewer in reviewers),
        tuple(
            tuple(
                accounts.create_shopper(code=f"S-{shoppers * province + number:04}", by=office, at=at).pk
                for number in range(1, shoppers + 1)
            )
            for province in range(scale.provinces)
        ),
    )
