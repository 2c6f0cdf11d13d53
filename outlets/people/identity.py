"""Who a shopper is: the custodian's path, and the only code that opens the identity table.

A name stands here and nowhere else. No page of another role, no list, export or log may read this table;
tests/outlets/test_people_identity.py fails on any other module that names it.
"""

from dataclasses import dataclass

from outlets import text
from outlets.people.models import ShopperIdentity, User


@dataclass(frozen=True)
class Identity:
    """The person behind a shopper's code."""

    full_name: str
    phone: str = ""
    agency: str = ""


def record(*, shopper: User, identity: Identity) -> None:
    """Writes who the shopper is, once. Called inside the transaction that creates the account.

    Raises ValueError for an account that is not a shopper's.
    """
    if shopper.kind != User.Kind.SHOPPER:
        raise ValueError("only a shopper has an identity to keep")
    ShopperIdentity.objects.create(
        shopper=shopper,
        full_name=text.clean(identity.full_name, multiline=False),
        phone=text.clean(identity.phone, multiline=False),
        agency=text.clean(identity.agency, multiline=False),
    )
