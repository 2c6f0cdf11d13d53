"""`manage.py sysadmin`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from outlets.models import Role, User
from tests import worlds

pytestmark = pytest.mark.django_db


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()


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
