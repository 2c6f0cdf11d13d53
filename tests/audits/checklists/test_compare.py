"""What differs between two versions, by versions that differ in known things."""

import pytest

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.compare import Words, compare, marked
from audits.checklists.outline import outline
from tests import sheets
from tests.worlds import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def running():
    return sheets.every_kind().versions.get()


@pytest.fixture
def draft(running):
    return checklists.draft_from(version=running, by=None, at=NOW)


@pytest.fixture
def found(running, draft):
    """What differs, read when it is asked for."""
    return lambda: compare(outline(running), outline(draft))


def step(do, draft, **given):
    return do(version=draft, by=None, at=NOW, **given)


def test_a_copy_differs_in_nothing(found):
    assert found().is_same
    assert found().shared == 5


def test_added_and_removed_are_told_by_code(draft, found):
    step(drafts.add_criterion, draft, section="A")
    step(drafts.delete_criterion, draft, code="TK-B1")
    now = found()
    assert [each.code for each in now.added] == ["TK-A3"]
    assert [each.code for each in now.removed] == ["TK-B1"]
    assert (now.shared, now.differing) == (4, ())


def test_only_what_moved_is_told_to_have_moved(draft, found):
    step(drafts.move_criterion, draft, code="TK-B1", section="B", position=2)
    step(drafts.move_criterion, draft, code="TK-A2", section="Z", position=0)
    told = {each.after.code: (each.moved_from, each.is_reordered) for each in found().differing}
    assert told == {"TK-B1": ("", True), "TK-A2": ("A", False)}


def test_words_are_marked(draft, found):
    step(drafts.edit_criterion, draft, code="TK-A1", changed={"text_vi": "Tiêu chí mới A1"}, seen=0)
    [differing] = found().differing
    assert differing.is_reworded
    [(_name, words)] = differing.texts
    assert [(each.text, each.mark) for each in words if each.text.strip()] == [
        ("Tiêu chí ", ""),
        ("mới ", "added"),
        ("A1", ""),
    ]


def test_rules_are_told_in_words(draft, found):
    changed = {"weight": "2.5", "critical": True, "photo": "none"}
    step(drafts.edit_criterion, draft, code="TK-A1", changed=changed, seen=0)
    thresholds = [{"upper": "2.5", "result": 100}, {"upper": None, "result": 0}]
    step(drafts.edit_criterion, draft, code="TK-B1", changed={"thresholds": thresholds}, seen=0)
    told = {each.after.code: [(rule.before, rule.after) for rule in each.rules] for each in found().differing}
    assert told == {
        "TK-A1": [("2", "2,5"), ("không", "có"), ("Ảnh bắt buộc", "Không có ảnh")],
        "TK-B1": [("đến 5: 100%; đến 10: 50%; nhiều hơn: 0%", "đến 2,5: 100%; nhiều hơn: 0%")],
    }


def test_sections_are_told(draft, found):
    step(drafts.edit_section, draft, code="A", changed={"name_vi": "Đầu tiên"}, seen=0)
    step(drafts.add_section, draft, name_vi="Mới")
    step(drafts.delete_section, draft, code="Z")
    step(drafts.move_section, draft, code="A", position=1)
    assert [(each.before, each.after) for each in found().sections] == [
        ("Mục A", "Đầu tiên"),
        ("chưa có", "Mới"),
        ("Mục Z", "chưa có"),
        ("A, B", "B, A"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("một", "một", [Words("một")]),
        ("một", "", [Words("một", "removed")]),
        ("", "một", [Words("một", "added")]),
        ("chờ 5 phút", "chờ 7 phút", [Words("chờ "), Words("5", "removed"), Words("7", "added"), Words(" phút")]),
    ],
)
def test_marking(before, after, expected):
    assert list(marked(before, after)) == expected
    assert "".join(each.text for each in marked(before, after) if each.mark != "added") == before
    assert "".join(each.text for each in marked(before, after) if each.mark != "removed") == after
