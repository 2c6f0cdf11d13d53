"""Every change of an account, each in one transaction, with its event.

Call through the module: `from outlets.people import actions as accounts`, `accounts.disable(user=..., by=..., at=...)`.
`by` is None only for what is done at the server's console. A refusal is an AccountRefused and has changed nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import IntegrityError, transaction

from outlets.organisation.models import Unit
from outlets.people import identity as identities
from outlets.people import permissions, sessions
from outlets.people.identity import Identity
from outlets.people.models import AccountEvent, Membership, Role, User
from outlets.people.refusals import (
    AccountRefused,
    AlreadyDisabled,
    AlreadyEnabled,
    AlreadyEnded,
    AlreadyHeld,
    BaseRoleMissing,
    BaseRoleNeeded,
    CodeTaken,
    LastSysadmin,
    LinkUsed,
    NotEnabled,
    OwnAccount,
    RoleApart,
    UnitClosed,
    UnitNeeded,
    UnitNotWanted,
    UsernameTaken,
)

__all__ = [
    "AccountRefused",
    "AlreadyDisabled",
    "AlreadyEnabled",
    "AlreadyEnded",
    "AlreadyHeld",
    "BaseRoleMissing",
    "BaseRoleNeeded",
    "CodeTaken",
    "Identity",
    "LastSysadmin",
    "LinkUsed",
    "NotEnabled",
    "OneTimeLink",
    "OwnAccount",
    "RoleApart",
    "UnitClosed",
    "UnitNeeded",
    "UnitNotWanted",
    "UsernameTaken",
    "change_password",
    "create_employee",
    "create_shopper",
    "disable",
    "enable",
    "end",
    "grant",
    "make_link",
    "use_link",
]


@dataclass(frozen=True)
class OneTimeLink:
    """What a link to set a password is made of. It stands nowhere else; whoever has it can set the password."""

    user: User
    token: str

    def __repr__(self) -> str:
        return f"<OneTimeLink for {self.user.pk}>"


def create_employee(*, username: str, full_name: str, by: User | None, at: datetime) -> User:
    """An account that nobody can log in to until a one-time link has been used. Raises UsernameTaken."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, full_name=full_name, joined_at=at)
            _event(user, AccountEvent.Kind.CREATED, by, at)
    except IntegrityError as taken:
        raise UsernameTaken from taken
    return user


def create_shopper(*, code: str, by: User | None, at: datetime, identity: Identity | None = None) -> User:
    """A shopper's account with the shopper's role. Its user name is its code; it has no name.

    Who the shopper is goes to the identity table alone, and only where the caller is the custodian's path.
    Raises CodeTaken.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(code, kind=User.Kind.SHOPPER, shopper_code=code, joined_at=at)
            _event(user, AccountEvent.Kind.CREATED, by, at)
            _open_membership(user, Role.SHOPPER, None, by, at)
            if identity is not None:
                identities.record(shopper=user, identity=identity)
    except IntegrityError as taken:
        raise CodeTaken from taken
    return user


@transaction.atomic
def disable(*, user: User, by: User | None, at: datetime) -> None:
    """Closes the account and ends its sessions. Its rows stay. Raises OwnAccount, LastSysadmin, AlreadyDisabled."""
    _refuse_own(user, by)
    _keep_a_sysadmin(but=user)
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise AlreadyDisabled
    user.is_active = False
    sessions.end_all(user=user, at=at)
    _event(user, AccountEvent.Kind.DISABLED, by, at)


@transaction.atomic
def enable(*, user: User, by: User | None, at: datetime) -> None:
    """Opens a disabled account again, with the password and roles it had. Raises OwnAccount, AlreadyEnabled."""
    _refuse_own(user, by)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise AlreadyEnabled
    user.is_active = True
    _event(user, AccountEvent.Kind.ENABLED, by, at)


@transaction.atomic
def make_link(*, user: User, by: User | None, at: datetime) -> OneTimeLink:
    """A link with which the person sets a password, once and within settings.PASSWORD_RESET_TIMEOUT.

    The link is returned and kept nowhere; the event holds the open part of its token, which tells links apart and
    opens nothing. One's own password is changed on its own page, which asks for the old one.
    Raises OwnAccount, NotEnabled.
    """
    _refuse_own(user, by)
    user = _locked(user)
    if not user.is_active:
        raise NotEnabled
    token = default_token_generator.make_token(user)
    AccountEvent.objects.create(
        user=user, kind=AccountEvent.Kind.LINK_MADE, at=at, by=by, detail={"link": _open_part(token)}
    )
    return OneTimeLink(user, token)


@transaction.atomic
def use_link(*, user: User, token: str, password: str, at: datetime) -> None:
    """Sets the password. Of two people with the same link one succeeds. Raises LinkUsed.

    Nobody knows who had the link, so the event names nobody as its author: it says whose link it was, and from when.
    """
    user = _locked(user)
    if not (user.is_active and default_token_generator.check_token(user, token)):
        raise LinkUsed
    links = user.events.filter(kind=AccountEvent.Kind.LINK_MADE).select_related("by").order_by("-at", "-pk")
    made = next((each for each in links if each.detail.get("link") == _open_part(token)), None)
    detail = {
        "link_by": made.by.shown_name if made and made.by else "",
        "link_at": (made.at if made else at).isoformat(),
    }
    _write_password(user, password)
    AccountEvent.objects.create(user=user, kind=AccountEvent.Kind.PASSWORD_SET, at=at, by=None, detail=detail)


@transaction.atomic
def change_password(*, user: User, password: str, at: datetime) -> None:
    """Sets the password of a person who has just shown the old one. Every other session of theirs ends."""
    _write_password(user, password)
    _event(user, AccountEvent.Kind.PASSWORD_SET, user, at)


@transaction.atomic
def grant(*, user: User, role: Role, unit: Unit | None, by: User | None, at: datetime) -> Membership:
    """Gives a role, over `unit` and all below it exactly where the role is held over a unit.

    Raises OwnAccount, RoleApart, BaseRoleMissing, UnitNeeded, UnitNotWanted, UnitClosed, AlreadyHeld.
    """
    user = _locked(user)
    held = _held_roles(user)
    if not permissions.can_grant(by=by, user=user, role=role, held=held):
        _refuse_own(user, by)
        raise RoleApart if permissions.has_its_base(role, held) else BaseRoleMissing
    if role in permissions.WITH_UNIT:
        if unit is None:
            raise UnitNeeded
        if Unit.objects.select_for_update(no_key=True).get(pk=unit.pk).closed_on is not None:
            raise UnitClosed
    elif unit is not None:
        raise UnitNotWanted
    try:
        with transaction.atomic():
            return _open_membership(user, role, unit, by, at)
    except IntegrityError as held_already:
        raise AlreadyHeld from held_already


@transaction.atomic
def end(*, membership: Membership, by: User | None, at: datetime) -> None:
    """Ends a role. Raises OwnAccount, LastSysadmin, BaseRoleNeeded, AlreadyEnded."""
    user, role = membership.user, Role(membership.role)
    _refuse_own(user, by)
    if role is Role.SYSADMIN:
        _keep_a_sysadmin(but=user)
    user = _locked(user)
    left = _held_roles(user, but=membership)
    if any(not permissions.has_its_base(other, left) for other in left):
        raise BaseRoleNeeded
    ended_at = max(at, membership.granted_at)
    if not Membership.objects.filter(pk=membership.pk, ended_at__isnull=True).update(ended_at=ended_at, ended_by=by):
        raise AlreadyEnded
    membership.ended_at, membership.ended_by = ended_at, by
    _event(user, AccountEvent.Kind.ENDED, by, at, role, membership.unit)


def _refuse_own(user: User, by: User | None) -> None:
    if by is not None and by.pk == user.pk:
        raise OwnAccount


def _locked(user: User) -> User:
    """The account as it is now, with nobody else changing it until the transaction ends.

    NO KEY: an event that only names the account as its author does not wait, so two who act on each
    other's accounts do not block each other for good.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _held_roles(user: User, *, but: Membership | None = None) -> frozenset[Role]:
    rows = Membership.objects.filter(user=user, ended_at__isnull=True)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return frozenset(Role(role) for role in rows.values_list("role", flat=True))


def _keep_a_sysadmin(*, but: User) -> None:
    """Raises LastSysadmin when nobody else could manage accounts afterwards.

    The rows are locked by one statement and counted by the next: two who end each other at once cannot
    both be told that the other is still there. Always the first lock of a transaction.
    """
    open_rows = Membership.objects.filter(role=Role.SYSADMIN, ended_at__isnull=True).order_by("pk")
    list(open_rows.select_for_update(no_key=True).values_list("pk", flat=True))
    if but.pk not in open_rows.values_list("user_id", flat=True):
        return
    if not open_rows.filter(user__is_active=True).exclude(user=but).exists():
        raise LastSysadmin


def _open_membership(user: User, role: Role, unit: Unit | None, by: User | None, at: datetime) -> Membership:
    membership = Membership.objects.create(user=user, role=role, unit=unit, granted_at=at, granted_by=by)
    _event(user, AccountEvent.Kind.GRANTED, by, at, role, unit)
    return membership


def _write_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


def _open_part(token: str) -> str:
    """When the token was made, as it stands in it; the rest is the key."""
    return token.partition("-")[0]


def _event(
    user: User,
    kind: AccountEvent.Kind,
    by: User | None,
    at: datetime,
    role: Role | None = None,
    unit: Unit | None = None,
) -> None:
    detail = {"role": role.value} if role else {}
    if unit is not None:
        detail |= {"unit": unit.code, "unit_name": unit.name}
    AccountEvent.objects.create(user=user, kind=kind, at=at, by=by, detail=detail)
