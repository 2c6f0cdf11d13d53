"""Steps in a draft: each does what it says, leaves the rest alone, and can be taken back."""

from datetime import timedelta

import pytest

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.merging import Overtaken
from audits.checklists.outline import outline
from audits.models import DraftChange
from outlets.models import Role
from tests import sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return checklists.draft_from(version=sheets.every_kind().versions.get(), by=None, at=NOW)


def said(draft):
    return content.of_version(outline(draft))


def order(draft):
    return {section.code: [each.short_code for each in section.criteria] for section in outline(draft).sections}


def step(do, draft, **given):
    return do(version=draft, by=None, at=NOW, **given)


def test_content_of_a_version_makes_the_same_version_again(draft):
    other = checklists.create(code="XX", channel="counter", name_vi="Khác", by=None, at=NOW)
    checklists.fill_draft(version=other, sections=said(draft))
    assert said(other) == said(draft)


def test_a_new_section_has_a_letter_that_no_version_had(draft):
    assert step(drafts.add_section, draft, name_vi="Mới") == "C"
    step(drafts.delete_section, draft, code="C")
    assert step(drafts.add_section, draft, name_vi="Mới nữa") == "D"
    assert list(order(draft)) == ["A", "B", "Z", "D"]


def test_a_new_criterion_has_a_number_that_no_version_had(draft):
    assert step(drafts.add_criterion, draft, section="A") == "TK-A3"
    step(drafts.delete_criterion, draft, code="TK-A3")
    assert step(drafts.add_criterion, draft, section="A") == "TK-A4"
    assert order(draft)["A"] == ["A1", "A2", "A4"]


def test_a_copy_stands_behind_its_original_and_says_the_same(draft):
    code = step(drafts.duplicate_criterion, draft, code="TK-B1")
    assert order(draft)["B"] == ["B1", "B4", "B2", "B3"]
    copy, original = (content.of_criterion(outline(draft).by_code[each]) for each in (code, "TK-B1"))
    assert copy | {"code": "TK-B1"} == original


def test_a_criterion_from_elsewhere_keeps_its_code_unless_the_draft_has_it(draft):
    taken = content.of_criterion(outline(draft).by_code["TK-A1"])
    assert step(drafts.add_criterion, draft, section="B", plain=taken | {"code": "QT-C9"}) == "QT-C9"
    assert step(drafts.add_criterion, draft, section="B", plain=taken) == "TK-B4"


@pytest.mark.parametrize(
    ("section", "position", "expected"),
    [
        ("A", 0, {"A": ["A2", "A1"], "B": ["B1", "B2", "B3"]}),
        ("B", 0, {"A": ["A1"], "B": ["A2", "B1", "B2", "B3"]}),
        ("B", 2, {"A": ["A1"], "B": ["B1", "B2", "A2", "B3"]}),
        ("B", 99, {"A": ["A1"], "B": ["B1", "B2", "B3", "A2"]}),
        ("B", -1, {"A": ["A1"], "B": ["A2", "B1", "B2", "B3"]}),
    ],
)
def test_a_criterion_moves_within_and_between_sections(draft, section, position, expected):
    before = order(draft)
    change = step(drafts.move_criterion, draft, code="TK-A2", section=section, position=position)
    assert order(draft) == before | expected
    step(drafts.undo, draft, number=change.number)
    assert order(draft) == before


def test_moving_to_where_it_stands_is_no_step(draft):
    assert step(drafts.move_criterion, draft, code="TK-A2", section="A", position=5) is None
    assert step(drafts.move_section, draft, code="Z", position=9) is None
    assert not DraftChange.objects.exists()


def test_a_section_moves(draft):
    change = step(drafts.move_section, draft, code="Z", position=0)
    assert list(order(draft)) == ["Z", "A", "B"]
    step(drafts.undo, draft, number=change.number)
    assert list(order(draft)) == ["A", "B", "Z"]


def test_an_edit_changes_what_it_names_and_nothing_else(draft):
    before = said(draft)
    changed = {"text_vi": "Lời mới", "weight": "2.5", "critical": True}
    assert step(drafts.edit_criterion, draft, code="TK-A1", changed=changed, seen=0).kind == "edited"
    after = said(draft)
    assert after[0]["criteria"][0] == before[0]["criteria"][0] | changed
    after[0]["criteria"][0] = before[0]["criteria"][0]
    assert after == before


def test_an_edit_that_changes_nothing_is_no_step(draft):
    assert step(drafts.edit_criterion, draft, code="TK-A1", changed={"weight": "2"}, seen=0) is None


@pytest.mark.parametrize(
    ("code", "changed", "expected"),
    [
        ("TK-A2", {"kind": "text"}, {"weight": "0", "critical": False}),
        ("TK-A2", {"kind": "measured"}, {"critical": False, "measure": "minutes"}),
        ("TK-B1", {"kind": "yes_no"}, {"measure": "", "thresholds": []}),
        ("TK-B2", {"kind": "three_step"}, {"options": []}),
        ("TK-Z1", {"kind": "yes_no"}, {"weight": "1"}),
        ("TK-Z1", {"kind": "yes_no", "weight": "4"}, {"weight": "4"}),
    ],
)
def test_another_kind_drops_what_it_has_no_use_for(draft, code, changed, expected):
    before = said(draft)
    change = step(drafts.edit_criterion, draft, code=code, changed=changed, seen=0)
    now = content.of_criterion(outline(draft).by_code[code])
    assert {name: now[name] for name in expected} == expected
    step(drafts.undo, draft, number=change.number)
    assert said(draft) == before


def test_a_criterion_that_counts_again_has_the_weight_it_had(draft):
    for kind, weight in (("text", "0"), ("rating", "0"), ("yes_no", "3"), ("text", "0"), ("three_step", "3")):
        step(drafts.edit_criterion, draft, code="TK-A2", changed={"kind": kind}, seen=99)
        assert content.of_criterion(outline(draft).by_code["TK-A2"])["weight"] == weight
    step(drafts.edit_criterion, draft, code="TK-A2", changed={"kind": "text"}, seen=99)
    checklists.publish(version=draft, by=None, at=NOW)
    copy = checklists.draft_from(version=draft, by=None, at=NOW)
    step(drafts.edit_criterion, copy, code="TK-A2", changed={"kind": "yes_no"}, seen=0)
    assert content.of_criterion(outline(copy).by_code["TK-A2"])["weight"] == "3"


def test_options_and_thresholds_are_written_anew(draft):
    options = [{"code": "x", "label_vi": "Mới", "label_en": "New", "result": 70}]
    thresholds = [{"upper": "2.5", "result": 100}, {"upper": None, "result": 0}]
    step(drafts.edit_criterion, draft, code="TK-B2", changed={"options": options}, seen=0)
    step(drafts.edit_criterion, draft, code="TK-B1", changed={"thresholds": thresholds}, seen=0)
    now = {each["code"]: each for each in said(draft)[1]["criteria"]}
    assert (now["TK-B2"]["options"], now["TK-B1"]["thresholds"]) == (options, thresholds)


def test_every_kind_of_step_can_be_taken_back_and_that_too(draft):
    states = [said(draft)]
    steps = [
        (drafts.edit_criterion, {"code": "TK-A1", "changed": {"text_vi": "Lời mới"}, "seen": 99}),
        (drafts.move_criterion, {"code": "TK-A1", "section": "B", "position": 1}),
        (drafts.delete_criterion, {"code": "TK-B2"}),
        (drafts.edit_section, {"code": "A", "changed": {"name_vi": "Đầu tiên"}, "seen": 99}),
        (drafts.move_section, {"code": "A", "position": 2}),
        (drafts.delete_section, {"code": "B"}),
        (drafts.add_section, {"name_vi": "Mới"}),
        (drafts.add_criterion, {"section": "A"}),
    ]
    for do, given in steps:
        step(do, draft, **given)
        states.append(said(draft))
    for back in reversed(range(len(steps))):
        step(drafts.undo, draft, number=back + 1)
        assert said(draft) == states[back], steps[back][0].__name__
    for number in range(2 * len(steps), len(steps), -1):  # and every undo undone
        step(drafts.undo, draft, number=number)
    assert said(draft) == states[-1]


def test_a_step_is_taken_back_once(draft):
    step(drafts.delete_criterion, draft, code="TK-A1")
    step(drafts.undo, draft, number=1)
    with pytest.raises(drafts.CannotUndo):
        step(drafts.undo, draft, number=1)


def test_a_step_that_others_have_built_on_stays(draft):
    step(drafts.edit_criterion, draft, code="TK-A1", changed={"weight": "3"}, seen=0)
    step(drafts.edit_criterion, draft, code="TK-A1", changed={"weight": "4"}, seen=1)
    with pytest.raises(drafts.CannotUndo) as refused:
        step(drafts.undo, draft, number=1)
    assert refused.value.change.number == 2


def test_a_criterion_does_not_come_back_into_a_section_that_is_gone(draft):
    step(drafts.delete_criterion, draft, code="TK-A1")
    step(drafts.delete_section, draft, code="A")
    with pytest.raises(drafts.CannotUndo):
        step(drafts.undo, draft, number=1)
    step(drafts.undo, draft, number=2)
    step(drafts.undo, draft, number=1)
    assert order(draft)["A"] == ["A1", "A2"]


@pytest.fixture
def editors():
    return worlds.user("bientap1", Role.EDITOR), worlds.user("bientap2", Role.EDITOR)


def edit(draft, by, seen=0, page="", decided=0, **changed):
    sight = {"seen": seen, "page": page, "decided": decided}
    drafts.edit_criterion(version=draft, code="TK-A1", changed=changed, **sight, by=by, at=NOW)


def columns(draft):
    now = content.of_criterion(outline(draft).by_code["TK-A1"])
    return now["text_vi"], now["weight"]


def test_two_editors_of_different_columns_both_get_theirs(draft, editors):
    first, second = editors
    edit(draft, first, text_vi="Của người này")
    edit(draft, second, text_vi="Tiêu chí A1", weight="9")
    assert columns(draft) == ("Của người này", "9")


def test_the_second_of_two_editors_of_one_column_is_told_who_and_what(draft, editors):
    first, second = editors
    edit(draft, first, text_vi="Một")
    with pytest.raises(Overtaken) as refused:
        edit(draft, second, text_vi="Hai", weight="9")
    assert (refused.value.theirs, refused.value.change.by) == ({"text_vi": "Một"}, first)
    assert columns(draft) == ("Một", "2")
    edit(draft, second, seen=1, text_vi="Hai", weight="9")
    assert columns(draft) == ("Hai", "9")


def test_a_page_does_not_clash_with_what_it_wrote_itself(draft, editors):
    first, second = editors
    edit(draft, first, page="p", text_vi="Một")
    edit(draft, second, weight="5")
    edit(draft, first, page="p", text_vi="Một hai", weight="2")  # the page still shows the old weight
    edit(draft, first, page="p", text_vi="Một hai ba", weight="2")
    assert columns(draft) == ("Một hai ba", "5")
    with pytest.raises(Overtaken):
        edit(draft, first, page="p", text_vi="Một hai ba", weight="7")


def test_another_page_of_the_same_person_is_another_page(draft, editors):
    me, _other = editors
    drawn = {"text_vi": "Tiêu chí A1", "weight": "2"}
    edit(draft, me, page="two", text_vi="Sửa ở trang hai", weight="8")
    edit(draft, me, page="one", **drawn | {"stage": "before"})
    assert columns(draft) == ("Sửa ở trang hai", "8")
    with pytest.raises(Overtaken) as refused:
        edit(draft, me, page="one", **drawn | {"text_vi": "Sửa ở trang một", "stage": "before"})
    assert (refused.value.theirs, refused.value.change.by) == ({"text_vi": "Sửa ở trang hai"}, me)


def test_who_decides_for_their_own_words_leaves_what_they_did_not_touch(draft, editors):
    first, second = editors
    edit(draft, first, page="one", text_vi="Một", weight="8")
    typed = {"text_vi": "Hai", "weight": "2"}
    edit(draft, second, page="two", decided=1, **typed)
    assert columns(draft) == ("Hai", "8")
    edit(draft, first, seen=2, text_vi="Ba")
    with pytest.raises(Overtaken):  # what was written since has not been seen
        edit(draft, second, page="three", decided=1, **typed)


def test_what_was_deleted_says_who_deleted_it(draft):
    editor = worlds.user("bientap", Role.EDITOR)
    drafts.delete_criterion(version=draft, code="TK-A1", by=editor, at=NOW + timedelta(minutes=1))
    with pytest.raises(drafts.Gone) as refused:
        step(drafts.edit_criterion, draft, code="TK-A1", changed={"weight": "9"}, seen=0)
    assert refused.value.change.by == editor
    with pytest.raises(drafts.Gone) as unknown:
        step(drafts.delete_criterion, draft, code="TK-X1")
    assert unknown.value.change is None


def test_nobody_makes_a_checklist_without_end(draft, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_CRITERIA", 7)
    with pytest.raises(drafts.TooLong):
        step(drafts.add_criterion, draft, section="A")
    monkeypatch.setattr(drafts, "MOST_SECTIONS", 3)
    with pytest.raises(drafts.TooLong):
        step(drafts.add_section, draft, name_vi="Mới")


def test_a_published_version_takes_no_step(draft):
    checklists.publish(version=draft, by=None, at=NOW)
    before = said(draft)
    for do, given in (
        (drafts.add_section, {"name_vi": "Mới"}),
        (drafts.edit_section, {"code": "A", "changed": {"name_vi": "Mới"}, "seen": 0}),
        (drafts.move_section, {"code": "A", "position": 2}),
        (drafts.delete_section, {"code": "A"}),
        (drafts.add_criterion, {"section": "A"}),
        (drafts.duplicate_criterion, {"code": "TK-A1"}),
        (drafts.edit_criterion, {"code": "TK-A1", "changed": {"weight": "9"}, "seen": 0}),
        (drafts.move_criterion, {"code": "TK-A1", "section": "B", "position": 0}),
        (drafts.delete_criterion, {"code": "TK-A1"}),
        (drafts.undo, {"number": 1}),
        (drafts.discard, {}),
    ):
        with pytest.raises(checklists.NotADraft):
            step(do, draft, **given)
    assert said(draft) == before


def test_a_discarded_draft_keeps_its_number_and_its_history(draft):
    editor = worlds.user("bientap", Role.EDITOR)
    step(drafts.delete_criterion, draft, code="TK-A1")
    before = said(draft)
    drafts.discard(version=draft, by=editor, at=NOW)
    assert (draft.state, said(draft), DraftChange.objects.count()) == ("discarded", before, 1)
    assert [(each.kind, each.by) for each in draft.events.all()] == [("discarded", editor), ("drafted", None)]
    assert checklists.draft_from(version=draft.based_on, by=None, at=NOW).number == 3
    for do, given in ((drafts.undo, {"number": 1}), (drafts.discard, {})):
        with pytest.raises(checklists.NotADraft, match="đã bỏ"):
            step(do, draft, **given)


def test_a_draft_that_another_was_copied_from_can_be_discarded(draft):
    copy = checklists.draft_from(version=draft, by=None, at=NOW)
    step(drafts.discard, draft)
    assert (copy.based_on, said(copy)) == (draft, said(draft))
