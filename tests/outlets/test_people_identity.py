"""Who a shopper is stands in one table, which one module opens."""

import ast

import pytest

from outlets.models import Role, ShopperIdentity, User
from outlets.people import actions as accounts
from outlets.people import identity
from tests import worlds
from tests.processes import ROOT
from tests.worlds import NOW

# The module that opens the table, and the two that define it for Django.
MAY_NAME_IT = {"outlets/people/identity.py", "outlets/people/models.py", "outlets/models.py"}
# The modules that hand a name on to it and never read one.
MAY_CALL_IT = {"outlets/people/actions.py"}


def modules():
    for package in ("outlets", "audits", "programme", "vnpt_smile"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def names_the_table(tree):
    for node in ast.walk(tree):
        words = [getattr(node, field, None) for field in ("id", "attr", "name", "value")]
        if any(isinstance(word, str) and word.lower().endswith("shopperidentity") for word in words):
            return True
    return False


def names_the_module(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            found = [name.name for name in node.names]
        else:
            continue
        if any(word.startswith("outlets.people.identity") for word in found):
            return True
    return False


@pytest.mark.once
def test_only_the_identity_module_names_the_table():
    assert {path for path, tree in modules() if names_the_table(tree)} == MAY_NAME_IT


@pytest.mark.once
def test_only_the_account_actions_hand_a_name_to_it():
    # The demo writes its invented shoppers, and reads none.
    callers = {path for path, tree in modules() if names_the_module(tree)}
    assert {path for path in callers if not path.startswith("vnpt_smile/demo/")} == MAY_CALL_IT


@pytest.mark.once
@pytest.mark.parametrize(
    "line",
    [
        "from outlets.models import ShopperIdentity",
        "models.ShopperIdentity.objects.all()",
        "apps.get_model('outlets', 'ShopperIdentity')",
        "apps.get_model('outlets.shopperidentity')",
    ],
)
def test_the_check_sees_every_way_to_name_the_table(line):
    assert names_the_table(ast.parse(line))


@pytest.mark.django_db
def test_the_name_goes_to_the_identity_table_and_nowhere_else():
    sysadmin = worlds.user("sysadmin", Role.SYSADMIN)
    who = identity.Identity(full_name="Trần Thị Bí Mật", phone="0900 000 042", agency="Công ty Khảo sát")
    made = accounts.create_shopper(code="S-0042", identity=who, by=sysadmin, at=NOW)
    row = ShopperIdentity.objects.values().get()
    assert row == {
        "shopper_id": made.pk,
        "full_name": "Trần Thị Bí Mật",
        "phone": "0900 000 042",
        "agency": "Công ty Khảo sát",
    }
    account = str(User.objects.filter(pk=made.pk).values().get()) + str(list(made.events.values()))
    assert not any(part in account for part in ("Bí Mật", "0900", "Khảo sát"))


@pytest.mark.django_db
def test_an_employee_has_no_identity_row():
    with pytest.raises(ValueError, match="only a shopper"):
        identity.record(shopper=worlds.user("lan"), identity=identity.Identity("Lan"))
    assert ShopperIdentity.objects.count() == 0
