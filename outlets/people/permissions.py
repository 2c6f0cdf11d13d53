"""Who may do what: one table, default deny.

A role gives rights; a right is exercised within a scope. Scope is enforced in querysets
(`visible_to(scope)`), rights at the door of a view (`@requires(Right.X)`). A reader without the right
gets 403 whatever the object; a reader with the right gets 404 for an object outside the scope, the same
404 as for one that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from outlets.people.models import Membership, Role, User


class Right(StrEnum):
    """What a role lets a person do. Named by the act, never by the page."""

    DO_VISITS = "do_visits"  # start, fill in, fix and submit one's own visits
    PLAN_VISITS = "plan_visits"  # waves, scenarios, assignment, blocked units, voids before approval
    READ_COVERAGE = "read_coverage"
    READ_VISITS = "read_visits"  # answers, photos, exact times; the shopper by code
    REVIEW_VISITS = "review_visits"  # approve, return
    REVEAL_SHOPPER = "reveal_shopper"  # with a reason, a second person and a log row
    READ_CHECKLISTS = "read_checklists"  # the running ones
    READ_CHECKLIST_HISTORY = "read_checklist_history"
    EDIT_CHECKLISTS = "edit_checklists"
    TRY_VERSIONS = "try_versions"  # published figures scored under another version, and how criteria go
    APPROVE_CHECKLISTS = "approve_checklists"  # approve, send back and retire versions; never one's own draft
    READ_UNIT_RESULTS = "read_unit_results"  # published figures of the own units
    READ_EVIDENCE = "read_evidence"  # what reviewers have marked for the unit, of published visits
    CLOSE_MONTHS = "close_months"  # close and publish a month, correct what was published
    READ_SECOND_LOOKS = "read_second_looks"  # what units have asked to be looked at again, and what was ruled
    ASK_SECOND_LOOKS = "ask_second_looks"  # about a criterion of a published block of the own units; withdraw it
    RULE_SECOND_LOOKS = "rule_second_looks"  # never of one's own unit
    READ_OWN_RESULTS = "read_own_results"
    MANAGE_ORGANISATION = "manage_organisation"  # units, outlets, staff
    MANAGE_ACCOUNTS = "manage_accounts"  # accounts and memberships, not one's own


class Reach(StrEnum):
    """How far a role's rights reach."""

    OWN = "own"  # rows that name the person
    SUBTREE = "subtree"  # the unit of the membership and all below it
    EVERYTHING = "everything"


@dataclass(frozen=True)
class RoleRule:
    reach: Reach
    rights: frozenset[Right]


def _rule(reach: Reach, *rights: Right) -> RoleRule:
    return RoleRule(reach, frozenset(rights))


ROLES: dict[Role, RoleRule] = {
    Role.SHOPPER: _rule(Reach.OWN, Right.DO_VISITS),
    Role.REVIEWER: _rule(Reach.EVERYTHING, Right.READ_VISITS, Right.REVIEW_VISITS, Right.READ_CHECKLISTS),
    Role.COORDINATOR: _rule(Reach.EVERYTHING, Right.PLAN_VISITS, Right.READ_COVERAGE, Right.READ_CHECKLISTS),
    Role.OFFICE: _rule(
        Reach.EVERYTHING,
        Right.PLAN_VISITS,
        Right.READ_COVERAGE,
        Right.READ_VISITS,
        Right.REVIEW_VISITS,
        Right.READ_CHECKLISTS,
        Right.READ_CHECKLIST_HISTORY,
        Right.TRY_VERSIONS,
        Right.APPROVE_CHECKLISTS,
        Right.READ_UNIT_RESULTS,
        Right.READ_EVIDENCE,
        Right.CLOSE_MONTHS,
        Right.READ_SECOND_LOOKS,
        Right.RULE_SECOND_LOOKS,
    ),
    Role.CUSTODIAN: _rule(Reach.EVERYTHING, Right.REVEAL_SHOPPER),
    Role.MANAGER: _rule(
        Reach.SUBTREE,
        Right.READ_UNIT_RESULTS,
        Right.READ_EVIDENCE,
        Right.READ_SECOND_LOOKS,
        Right.ASK_SECOND_LOOKS,
        Right.READ_CHECKLISTS,
    ),
    Role.OBSERVER: _rule(Reach.SUBTREE, Right.READ_UNIT_RESULTS, Right.READ_CHECKLISTS),
    Role.EDITOR: _rule(
        Reach.EVERYTHING,
        Right.EDIT_CHECKLISTS,
        Right.READ_CHECKLISTS,
        Right.READ_CHECKLIST_HISTORY,
        Right.TRY_VERSIONS,
    ),
    Role.STAFF: _rule(Reach.OWN, Right.READ_OWN_RESULTS, Right.READ_CHECKLISTS),
    Role.SYSADMIN: _rule(Reach.EVERYTHING, Right.MANAGE_ORGANISATION, Right.MANAGE_ACCOUNTS, Right.READ_CHECKLISTS),
}

_EVIDENCE = {
    Right.READ_VISITS,
    Right.REVIEW_VISITS,
    Right.READ_UNIT_RESULTS,
    Right.READ_EVIDENCE,
    Right.CLOSE_MONTHS,
    Right.READ_SECOND_LOOKS,
    Right.RULE_SECOND_LOOKS,
    Right.REVEAL_SHOPPER,
}

# Roles that one person must not hold together: who shops is known to nobody who is measured or who manages
# accounts, and who manages accounts reads no visit, score or identity.
APART: tuple[tuple[frozenset[Role], frozenset[Role]], ...] = (
    (frozenset({Role.SHOPPER}), frozenset(set(Role) - {Role.SHOPPER})),
    (frozenset({Role.SYSADMIN}), frozenset(role for role, rule in ROLES.items() if rule.rights & _EVIDENCE)),
)
# A role that is only a right more for those who hold one of these.
BESIDE: dict[Role, frozenset[Role]] = {
    Role.CUSTODIAN: frozenset({Role.REVIEWER, Role.COORDINATOR, Role.OFFICE}),
}
# Roles held over one unit and all below it; every other role has no unit.
WITH_UNIT: frozenset[Role] = frozenset(role for role, rule in ROLES.items() if rule.reach is Reach.SUBTREE)


@dataclass(frozen=True)
class Scope:
    """The part of the organisation a right reaches: everything, or these units and all below them."""

    is_everything: bool = False
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Grant:
    role: Role
    unit_id: int | None = None
    unit_name: str = ""


@dataclass(frozen=True)
class Access:
    """What one person may do, read once per request from the memberships in force."""

    user_id: int | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(grant.role for grant in self.grants))

    def may(self, right: Right) -> bool:
        return any(right in ROLES[grant.role].rights for grant in self.grants)

    def scope(self, right: Right) -> Scope:
        """The units within which `right` holds. Own-reach roles give no units."""
        holding = [grant for grant in self.grants if right in ROLES[grant.role].rights]
        if any(ROLES[grant.role].reach is Reach.EVERYTHING for grant in holding):
            return Scope(is_everything=True)
        return Scope(
            unit_ids=frozenset(
                grant.unit_id
                for grant in holding
                if ROLES[grant.role].reach is Reach.SUBTREE and grant.unit_id is not None
            )
        )


NOBODY = Access()


class ReaderRequest(HttpRequest):
    """A request as the views get it: with the account that is logged in, and what it may do. Only for annotations."""

    user: User
    access: Access
    form_was_held: bool


def access_of(user: Any) -> Access:
    """The access of a signed-in user, or NOBODY. One query."""
    if not getattr(user, "is_authenticated", False):
        return NOBODY
    rows = Membership.objects.current().filter(user=user).order_by("pk").values_list("role", "unit_id", "unit__name")
    return Access(user.pk, tuple(Grant(Role(role), unit_id, name or "") for role, unit_id, name in rows))


def requires(*rights: Right) -> Callable[..., Any]:
    """A view decorator: 403 unless the reader holds one of `rights`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: ReaderRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.access.may(right) for right in rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.rights = rights  # type: ignore[attr-defined]
        return checked

    return decorate


def is_apart(role: Role, held: frozenset[Role]) -> bool:
    """Whether `role` must not stand beside one of the roles `held`."""
    return any((role in one and held & other) or (role in other and held & one) for one, other in APART)


def has_its_base(role: Role, held: frozenset[Role]) -> bool:
    """Whether a role that is only a right more finds one of the roles that it is added to."""
    return role not in BESIDE or bool(BESIDE[role] & held)


def is_for_kind(role: Role, kind: str) -> bool:
    """Shoppers' accounts hold the shopper's role alone, and no other account holds it."""
    return (role == Role.SHOPPER) == (kind == User.Kind.SHOPPER)


def can_grant(*, by: User | None, user: User, role: Role, held: frozenset[Role]) -> bool:
    """Whether `by` (None: the server's console) may give `role` to `user`, who holds `held`.

    Nobody grants themselves anything; a shopper holds no other role, and nobody else becomes a shopper; a
    system administrator reads no visit, score or identity; a custodian is one of the quality office.
    """
    return (
        (by is None or by.pk != user.pk)
        and is_for_kind(role, user.kind)
        and not is_apart(role, held)
        and has_its_base(role, held)
    )
