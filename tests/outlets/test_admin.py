"""Django's admin: absent unless switched on, and then for the administrator's reference data only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import worlds

ROOT = Path(__file__).resolve().parents[2]
# The switch is read when Django starts, so the admin is looked at in a process of its own.
SCRIPT = """
import json, logging
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
logging.disable(logging.CRITICAL)
call_command("migrate", verbosity=0)
from outlets.models import JobRole, Role, Unit, UnitType, User
from tests import worlds
at = worlds.places()
worlds.user("marked", Role.SYSADMIN, is_staff=True)
worlds.user("unmarked", Role.SYSADMIN)
worlds.user("manager", Role.MANAGER, at.an_giang, is_staff=True)
worlds.user("super", is_staff=True, is_superuser=True)
def client(name):
    made = Client()
    if name:
        made.force_login(User.objects.get(username=name), backend="outlets.people.backends.AccountBackend")
    return made
def landed(who, url, **post):
    response = client(who).post(url, post, follow=True) if post else client(who).get(url, follow=True)
    return [response.status_code, response.request["PATH_INFO"]]
unit = f"/admin/outlets/unit/{at.long_xuyen.pk}/change/"
kind = {"code": "team", "name_vi": "Tổ", "name_en": "Team", "position": "3"}
print(json.dumps({
    "who": {name: landed(name, "/admin/") for name in ("", "marked", "unmarked", "manager", "super")},
    "log-in": landed("marked", "/admin/login/"),
    "models": sorted(m._meta.model_name for m in __import__("outlets.admin").admin.site._registry),
    "added": landed("marked", "/admin/outlets/unittype/add/", **kind)[1],
    "there": UnitType.objects.filter(code="team").count(),
    "tree read": landed("marked", unit)[0],
    "tree listed": landed("marked", "/admin/outlets/unit/?q=long")[0],
    "tree changed": [landed("marked", unit, name="X")[0], Unit.objects.filter(name="X").count()],
    "tree added": landed("marked", "/admin/outlets/unit/add/", name="X")[0],
    "deleted": landed("marked", f"/admin/outlets/jobrole/{JobRole.objects.create(code='x').pk}/delete/", post="yes")[0],
    "groups": landed("marked", "/admin/auth/group/")[0],
    "password": landed("marked", "/admin/password_change/")[1],
}))
"""


@pytest.mark.django_db
def test_the_admin_is_not_there_unless_switched_on(client):
    client.force_login(worlds.user("marked", worlds.Role.SYSADMIN, is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 404


@pytest.fixture(scope="module")
def seen(migrated):
    env = os.environ | {
        "ADMIN": "1",
        "DATABASE_URL": f"sqlite:///{migrated}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.once
def test_it_opens_to_a_marked_administrator_and_to_nobody_else(seen):
    assert seen["who"] == {
        "": [200, "/login/"],
        "marked": [200, "/admin/"],
        "unmarked": [403, "/admin/login/"],
        "manager": [403, "/admin/login/"],
        "super": [403, "/admin/login/"],
    }
    assert seen["log-in"] == [200, "/admin/"]


@pytest.mark.once
def test_it_serves_reference_data_and_shows_the_tree(seen):
    assert seen["models"] == ["jobrole", "province", "unit", "unittype"]
    assert (seen["added"], seen["there"]) == ("/admin/outlets/unittype/", 1)
    assert (seen["tree read"], seen["tree listed"]) == (200, 200)


@pytest.mark.once
def test_it_changes_no_unit_and_deletes_nothing(seen):
    assert (seen["tree changed"], seen["tree added"], seen["deleted"]) == ([403, 0], 403, 403)


@pytest.mark.once
def test_it_has_no_accounts_groups_or_passwords_of_its_own(seen):
    assert (seen["groups"], seen["password"]) == (404, "/password/")
