"""Settings from the environment: what starts, what refuses to and why, what a deployment is told."""

import os
import subprocess
import sys

import django
import PIL
import pytest
from django.conf import settings as current
from django.db import OperationalError, connection

from tests import worlds
from tests.processes import ROOT
from vnpt_smile import checks

SECRET = "nV7-qk2Zp9_xW4tLr8sYb3mHc6fJd1gTa5eUo0iRzQyKwXvBnMl"
PRODUCTION = {"DEBUG": "0", "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "smile.example.vn"}


def manage(*arguments, **variables):
    """Runs manage.py with these variables alone. Gives the exit code and all it said."""
    return python("manage.py", *arguments, **variables)


def python(*arguments, **variables):
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=plain | {"PYTHONWARNINGS": "error::DeprecationWarning:vnpt_smile"} | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def sqlite(tmp_path):
    return f"sqlite:///{tmp_path}/smile.sqlite3"


@pytest.mark.once
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_deployment_as_the_readme_shows_it_has_nothing_to_be_told(sqlite, tmp_path, database):
    url = sqlite if database == "sqlite" else "postgres://smile:secret@127.0.0.1:9/smile"
    code, says = manage("check", "--deploy", "--fail-level", "WARNING", DATABASE_URL=url, **PRODUCTION)
    assert (code, says) == (0, "System check identified no issues (0 silenced).\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("missing", "says"),
    [("SECRET_KEY", "SECRET_KEY is not set"), ("ALLOWED_HOSTS", "ALLOWED_HOSTS is not set")],
)
@pytest.mark.parametrize("empty", [False, True])
def test_production_refuses_to_start_and_says_what_to_set(sqlite, missing, says, empty):
    given = {name: value for name, value in PRODUCTION.items() if name != missing} | ({missing: ""} if empty else {})
    code, output = manage("check", DATABASE_URL=sqlite, **given)
    assert (code, says in output, "for example" in output or "python -c" in output) == (1, True, True)


@pytest.mark.once
def test_without_any_variable_it_is_a_development_server(sqlite):
    code, says = manage("diffsettings", DATABASE_URL=sqlite)
    assert code == 0
    assert "DEBUG = True" in says
    assert "SESSION_COOKIE_SECURE = True" not in says


@pytest.mark.once
def test_production_is_https_only(sqlite):
    _, says = manage("diffsettings", DATABASE_URL=sqlite, **PRODUCTION)
    for line in (
        "SESSION_COOKIE_NAME = '__Host-session'",
        "CSRF_COOKIE_NAME = '__Host-csrf'",
        "LANGUAGE_COOKIE_NAME = '__Host-language'",
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "SECURE_SSL_REDIRECT = True",
        "SECURE_HSTS_SECONDS = 31536000",
        "PROXIES = 1",
    ):
        assert line in says


@pytest.mark.once
@pytest.mark.parametrize(("proxies", "is_believed"), [("0", False), ("1", True), ("2", True)])
def test_what_a_header_says_of_https_is_believed_behind_a_proxy_only(sqlite, proxies, is_believed):
    _, says = manage("diffsettings", DATABASE_URL=sqlite, PROXIES=proxies, **PRODUCTION)
    assert ("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')" in says) == is_believed


@pytest.mark.once
@pytest.mark.parametrize("mode", [{"DEMO": "1"}, {"DEBUG": "0", "DEMO": "1"}, {"DEBUG": "1"}])
@pytest.mark.parametrize(
    ("hosts", "secret", "starts"),
    [("127.0.0.1,localhost", "", True), ("smile.example.vn", "", False), ("*", "", False), ("*", SECRET, True)],
)
def test_the_secret_that_everybody_knows_serves_this_machine_only(sqlite, mode, hosts, secret, starts):
    given = mode | {"ALLOWED_HOSTS": hosts} | ({"SECRET_KEY": secret} if secret else {})
    code, says = python("-c", "import vnpt_smile.settings", DATABASE_URL=sqlite, **given)
    assert (code == 0, "for http://localhost only" in says) == (starts, not starts)


@pytest.mark.once
def test_a_weak_secret_is_told(sqlite):
    weak = PRODUCTION | {"SECRET_KEY": "short"}
    code, says = manage("check", "--deploy", "--fail-level", "WARNING", DATABASE_URL=sqlite, **weak)
    assert (code, "security.W009" in says) == (1, True)


# --- The demo's accounts ----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_deploy_check_names_the_demo_s_accounts(settings):
    worlds.user("lan")
    worlds.user("shopper2", is_demo=True)
    worlds.user("office", is_demo=True)
    settings.DEMO = False
    [warning] = checks.no_demo_accounts(None)
    assert (warning.id, warning.msg) == (
        "vnpt_smile.W001",
        "The database holds accounts of the demo: office, shopper2.",
    )


@pytest.mark.django_db
def test_the_deploy_check_is_silent_in_the_demo_and_without_such_accounts(settings):
    worlds.user("lan")
    assert checks.no_demo_accounts(None) == []
    worlds.user("office", is_demo=True)
    settings.DEMO = True
    assert checks.no_demo_accounts(None) == []


@pytest.mark.django_db
def test_the_deploy_check_needs_no_database():
    def away(*args, **kwargs):
        raise OperationalError("no such table")

    with connection.execute_wrapper(away):
        assert checks.no_demo_accounts(None) == []


@pytest.mark.once
def test_the_deploy_check_runs_with_the_others(migrated):
    sqlite = f"sqlite:///{migrated}"
    make = "from outlets.models import User; User.objects.create_user('office', is_demo=True)"
    assert manage("shell", "--no-imports", "-c", make, DATABASE_URL=sqlite)[0] == 0
    code, says = manage("check", "--deploy", "--fail-level", "WARNING", DATABASE_URL=sqlite, **PRODUCTION)
    assert (code, "accounts of the demo: office" in says) == (1, True)


# --- Floors -----------------------------------------------------------------------------------


@pytest.mark.once
def test_django_and_pillow_are_past_their_security_fixes():
    """Last reviewed 22/11/2026: Django 5.2.19 (multipart memory), Pillow 13.0.0 (JPEG decoder)."""
    assert django.VERSION >= (5, 2, 19)
    assert tuple(int(part) for part in PIL.__version__.split(".")[:3]) >= (13, 0, 0)


@pytest.mark.once
def test_legacy_ways_to_sign_a_cookie_are_off():
    assert current.SIGNED_COOKIE_LEGACY_SALT_FALLBACK is False
