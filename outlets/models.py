"""Gathers the models of this application's packages for Django."""

from outlets.organisation.models import (
    Channel,
    Outlet,
    Province,
    Unit,
    UnitClosure,
    UnitEvent,
    UnitName,
    UnitParent,
    UnitSuccession,
    UnitType,
)
from outlets.people.models import (
    AccountEvent,
    HeldForm,
    JobRole,
    Membership,
    Placement,
    Role,
    ShopperIdentity,
    StaffEvent,
    StaffMember,
    User,
)

__all__ = [
    "AccountEvent",
    "Channel",
    "HeldForm",
    "JobRole",
    "Membership",
    "Outlet",
    "Placement",
    "Province",
    "Role",
    "ShopperIdentity",
    "StaffEvent",
    "StaffMember",
    "Unit",
    "UnitClosure",
    "UnitEvent",
    "UnitName",
    "UnitParent",
    "UnitSuccession",
    "UnitType",
    "User",
]
