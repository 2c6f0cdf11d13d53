"""Two pages on one draft: each keeps its own, both texts are shown, and what was typed can be copied."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.undone import mark_of
from audits.checklists.publishing import actions as publishing
from outlets.models import Role
from tests import pages, worlds
from tests.audits.checklists.test_draft_pages import criterion, options
from tests.plans import BANDS
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


def test_the_second_editor_sees_who_changed_what_and_keeps_what_was_typed(page, draft, other):
    changed = {"text_vi": "Của chị", "weight": "8"}
    drafts.edit_criterion(version=draft, code="TK-A1", changed=changed, seen=0, by=other, at=NOW)
    answer = page.criterion("A1", text_vi="Của tôi", weight="2")
    shown, form = pages.words(answer), answer.content.decode()
    assert answer.status_code == 409
    assert other.shown_name in shown
    assert "Của chị" in shown
    assert ">\nCủa tôi</textarea>" in form
    assert 'name="decided" value="1"' in form
    assert re.search(r'id="edit-TK-A1".*?name="seen" value="0"', form, re.DOTALL)
    page.criterion("A1", text_vi="Của tôi", weight="2", decided="1")
    assert (criterion(draft, "A1").text_vi, criterion(draft, "A1").weight) == ("Của tôi", 8)


def test_a_mistake_does_not_bring_back_what_another_page_has_changed(page, draft):
    drawn = {"text_vi": "Tiêu chí A1", "weight": "nhiều"}
    page.criterion("A1", text_vi="Sửa ở trang kia")
    form = page.criterion("A1", **drawn).content.decode()
    seen = re.search(r'id="edit-TK-A1".*?name="seen" value="(\d+)"', form, re.DOTALL)[1]
    page.criterion("A1", **drawn | {"weight": "3", "seen": seen})
    assert (criterion(draft, "A1").text_vi, criterion(draft, "A1").weight) == ("Sửa ở trang kia", 3)


def test_who_saved_on_another_page_is_told_that_it_was_themselves(page, draft, editor):
    page.criterion("A1", text_vi="Ở trang kia")
    shown = pages.words(page.criterion("A1", text_vi="Ở trang này"))
    assert "Anh/Chị đã lưu ở trang hoặc thiết bị khác" in shown
    assert "người kia" not in shown


def test_what_was_typed_for_a_deleted_criterion_can_be_copied(page, draft, other):
    drafts.delete_criterion(version=draft, code="TK-A1", by=other, at=NOW)
    answer = page.criterion("A1", text_vi="Chữ của tôi")
    assert answer.status_code == 409
    assert other.shown_name in pages.words(answer)
    assert "Chữ của tôi" in pages.words(answer)
    notice = answer.content.decode().partition("data-gone")[2].partition("ce-grid")[0]
    assert f'action="{reverse("audits:change_undo", args=[draft.public_id, 1])}"' in notice
    page.to("change_undo", 1)
    assert criterion(draft, "A1").text_vi == "Tiêu chí A1"


def close(draft, by, how):
    """Closes a draft at 10:00 on 1 December, as another editor, or the office, may do meanwhile."""
    at = NOW.replace(year=2026, month=12, day=1, hour=3, minute=0)
    if how == "discard":
        drafts.discard(version=draft, by=by, at=at)
        return
    day = None if how == "publish" else at.date() + timedelta(days=9)
    publishing.set_facts(version=draft, note="Vì sao.", effective_on=day, bands=BANDS, by=None, at=at)
    publishing.propose(version=draft, by=by if how == "propose" else worlds.user("guiduyet", Role.EDITOR), at=at)
    if how != "propose":
        publishing.approve(version=draft, seen=mark_of(draft), by=by, at=at)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("propose", "đã gửi duyệt bản nháp này lúc 10:00 01/12. Bản nháp đang chờ duyệt"),
        ("approve", "đã duyệt bản nháp này lúc 10:00 01/12. Bản này đã được duyệt"),
        ("publish", "đã duyệt bản nháp này lúc 10:00 01/12. Bản này đã công bố"),
        ("discard", "đã bỏ bản nháp này lúc 10:00 01/12. Bản nháp này đã bỏ"),
    ],
)
def test_what_was_typed_into_a_draft_closed_meanwhile_can_be_copied(page, draft, how, words):
    by = worlds.user("vanphong", Role.OFFICE)
    close(draft, by, how)
    option = {"options-2-label_vi": "Phương án mới"}
    same = {"text_en": "", "guidance_vi": "", **options(("a", "Phương án a", "100"))}
    for answer, typed in (
        (page.criterion("B2", text_vi="Chữ của tôi", weight="2,5", **same | option), 3),
        (page.to("draft_section_edit", "A", name_vi="Tên của tôi", seen="0"), 1),
        (page.to("draft_settings", note="Lý do của tôi", band_good="80,0", band_fair="66", effective_on=""), 2),
    ):
        shown = pages.words(answer)
        assert answer.status_code == 409
        assert f"{by.shown_name} {words}" in shown
        assert re.search(r"(Chữ|Tên|Lý do) của tôi", shown)
        assert len(answer.context["typed"]) == typed
    assert criterion(draft, "B2").text_vi == "Tiêu chí B2"


def test_who_deleted_the_section_took_its_criteria_away(page, draft, editor, other):
    page.criterion("B1", weight="7")
    drafts.delete_section(version=draft, code="B", by=other, at=NOW)
    answer = page.criterion("B1", text_vi="Chữ của tôi")
    notice = answer.content.decode().partition("data-gone")[2].partition("ce-grid")[0]
    assert f"{other.shown_name} đã xóa" in notice
    assert f'action="{reverse("audits:change_undo", args=[draft.public_id, 2])}"' in notice
