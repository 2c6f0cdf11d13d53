"""`manage.py sweep` and `manage.py sysadmin`."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from outlets.models import HeldForm, Role, User
from tests import worlds

pytestmark = pytest.mark.django_db


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()


def test_sweep_removes_what_is_old_and_only_that():
    lan, now = worlds.user("lan"), timezone.now()
    for page, age in (("/new/", 6), ("/old/", 8)):
        HeldForm.objects.create(owner=lan, path=page, data={}, held_at=now - timedelta(days=age))
    for key, age in (("open", -1), ("ended", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=-age))
    for name, age in (("today", 2), ("yesterday", 25)):
        attempt = AccessAttempt.objects.create(username=name, attempt_time=now, failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(hours=age))
    assert run("sweep") == "Removed 1 kept forms and 1 failed log-ins; ended sessions are gone."
    left = (
        HeldForm.objects.values_list("path", flat=True).get(),
        Session.objects.values_list("pk", flat=True).get(),
        AccessAttempt.objects.values_list("username", flat=True).get(),
    )
    assert left == ("/new/", "open", "today")


def test_sysadmin_makes_the_first_account_and_prints_a_link_that_works(client):
    link = run("sysadmin", "An.Do", "Đỗ An")
    made = User.objects.get()
    assert (made.username, made.full_name, [m.role for m in made.memberships.all()]) == ("an.do", "Đỗ An", ["sysadmin"])
    assert client.get(link, follow=True).status_code == 200


def test_sysadmin_lets_a_disabled_one_in_again():
    user = worlds.user("an", Role.SYSADMIN, is_active=False)
    run("sysadmin", "an")
    assert User.objects.get().is_active
    assert list(user.events.order_by("pk").values_list("kind", flat=True)) == ["enabled", "link_made"]


@pytest.mark.parametrize(("username", "says"), [("nobody", "full name"), ("kh", "does not go together")])
def test_sysadmin_refuses_with_words(settings, username, says):
    settings.LANGUAGE_CODE = "en"
    worlds.user("kh", Role.SHOPPER)
    with pytest.raises(CommandError, match=says):
        run("sysadmin", username)
    assert User.objects.count() == 1
