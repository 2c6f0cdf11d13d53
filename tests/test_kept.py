"""What a module keeps is there for each test as it was, and for no test that does not ask for it."""

import pytest

from outlets.models import Role, Unit, User
from tests import worlds
from tests.kept import in_order, kept

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@kept
def places():
    return worlds.places()


@kept
def editor(places):
    return worlds.user("editor", Role.EDITOR)


def test_who_asks_for_nothing_meets_nothing():
    assert not Unit.objects.exists()


@pytest.mark.parametrize("_again", range(2))
def test_who_asks_for_some_meets_some(places, _again):
    assert Unit.objects.count() == 9
    assert not User.objects.exists()


@pytest.mark.parametrize("_again", range(2))
def test_what_a_test_changes_is_taken_back(places, editor, _again):
    assert (editor.full_name, User.objects.count(), places.group.name) == ("Người editor", 1, "Tập đoàn VNPT")
    editor.full_name, places.group.name = "Đã đổi", "Đã đổi"
    User.objects.all().update(full_name="Đã đổi")
    worlds.user("another", Role.OFFICE)


class Item:
    """What `in_order` reads of a test."""

    def __init__(self, *names, transaction=False):
        self.fixturenames, self.nodeid = names, "a test"
        self.marker = pytest.mark.django_db(transaction=transaction).mark

    def getparent(self, _kind):
        return "a module"

    def get_closest_marker(self, _name):
        return self.marker


def test_tests_run_in_the_order_of_what_they_ask_for():
    two, none, one = Item("a_once", "b_once", "client"), Item("client"), Item("a_once")
    assert in_order([two, none, one]) == [none, one, two]


def test_what_is_no_chain_and_what_commits_is_refused():
    with pytest.raises(pytest.UsageError, match="do not contain one another"):
        in_order([Item("a_once"), Item("b_once")])
    with pytest.raises(pytest.UsageError, match="cannot start from kept rows"):
        in_order([Item("a_once", transaction=True)])
