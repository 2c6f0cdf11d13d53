"""Rows as they come: the same values on both databases, keys that nobody else has."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from outlets.models import Channel, Province, Unit, UnitEvent, UnitType, User
from outlets.rows import insert, reserve, stored
from tests import worlds

pytestmark = pytest.mark.django_db

AT = datetime(2026, 10, 14, 23, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HARD = "Đường\t\\N \\n ‘x’\r\n\\"


@pytest.fixture
def at():
    return worlds.places()


def test_what_goes_in_comes_out(at):
    unit = at.group
    columns = ("unit_id", "kind", "at", "by_id", "detail")
    insert(UnitEvent, columns, [(unit.pk, UnitEvent.Kind.EDITED, AT, None, '{"a": "\\"\\\\ \\n ệ"}')])
    event = UnitEvent.objects.get(unit=unit, kind="edited")
    assert (event.at, event.by, event.detail) == (AT, None, {"a": '"\\ \n ệ'})


def test_texts_with_signs_that_a_file_of_rows_knows_stay_as_they_are(at):
    key = UUID(int=5, version=4)
    row = (key, "X", HARD, at.group.unit_type_id, date(2026, 1, 2), None, "", "x")
    names = ("public_id", "code", "name", "unit_type_id", "opened_on", "closed_on", "search_text", "sort_key")
    insert(Unit, names, [row])
    unit = Unit.objects.get(code="X")
    assert (unit.public_id, unit.name, unit.opened_on, unit.closed_on) == (key, HARD, date(2026, 1, 2), None)


def test_columns_that_are_not_named_have_their_defaults():
    insert(UnitType, ("code", "name_vi", "name_en"), [("a", "A", ""), ("b", "B", "")])
    assert list(UnitType.objects.filter(code__in="ab").values_list("position", flat=True)) == [0, 0]


def test_a_default_that_differs_by_row_must_be_given():
    with pytest.raises(ValueError, match="public_id"):
        insert(Unit, ("code",), [])


def test_an_unknown_column_is_refused():
    with pytest.raises(KeyError):
        insert(UnitType, ("colour",), [])


def test_more_rows_than_go_at_a_time_all_arrive():
    insert(UnitType, ("code", "name_vi", "name_en"), ((f"u{number}", "ệ" * 60, "") for number in range(3000)))
    assert UnitType.objects.filter(code__startswith="u", name_vi="ệ" * 60).count() == 3000


def test_reserved_keys_are_free_and_in_order():
    before = UnitType.objects.create(code="before", name_vi="", name_en="").pk
    keys = reserve(UnitType, 3)
    assert before < keys[0] < keys[1] < keys[2]
    insert(UnitType, ("id", "code", "name_vi", "name_en"), [(key, f"k{key}", "", "") for key in keys])
    assert UnitType.objects.create(code="after", name_vi="", name_en="").pk > keys[2]


def test_values_are_stored_as_models_store_them():
    province = {"code": "99", "name": "X", "full_name": "X", "kind": "province", "valid_from": date(2026, 1, 1)}
    Province.objects.create(**province)
    assert Province.objects.filter(valid_from=stored(date(2026, 1, 1)), code="99").exists()
    user = User.objects.create_user("x", joined_at=AT)
    assert User.objects.filter(joined_at=AT, pk=user.pk).exists()
    assert stored(Decimal("3.50")) == "3.50"
    assert stored(Channel.COUNTER) == "counter"
    assert type(stored(Channel.COUNTER)) is str
