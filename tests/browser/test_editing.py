"""The draft editor with its script: saved as one types, by keys and by dragging, and honest about what is not saved."""

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists.outline import outline
from audits.models import ChecklistVersion
from tests import sheets
from tests.browser.phones import expect
from tests.worlds import NOW

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(people):
    return checklists.draft_from(version=sheets.every_kind().versions.get(), by=None, at=NOW)


@pytest.fixture
def page(phone, people, draft):
    page = phone(people.editor).new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(reverse("audits:draft_edit", args=[draft.public_id]) + "?open=TK-A1#TK-A1")
    return page


def criterion(draft, short):
    return outline(ChecklistVersion.objects.get(pk=draft.pk)).by_code[f"TK-{short}"]


def test_what_is_typed_is_saved_without_a_button(page, draft):
    page.fill("#TK-A1-text_vi", "Lời mới của tiêu chí")
    expect(page.locator("#steps")).to_contain_text("Đã sửa TK-A1")
    expect(page.locator("#head-TK-A1")).to_contain_text("Lời mới của tiêu chí")
    page.fill("#weight-TK-A2", "8")
    page.press("#weight-TK-A2", "Tab")
    expect(page.locator("#checks")).to_contain_text("Tổng trọng số 17")
    assert (criterion(draft, "A1").text_vi, criterion(draft, "A2").weight) == ("Lời mới của tiêu chí", 8)
    expect(page.locator("#unsaved")).to_be_hidden()


def test_another_kind_brings_its_fields(page, draft):
    page.select_option("#TK-A1-kind", "measured")
    page.fill("[name='thresholds-0-upper']", "5")
    page.fill("[name='thresholds-0-result']", "100")
    page.fill("[name='thresholds-1-result']", "0")
    page.press("[name='thresholds-1-result']", "Tab")
    expect(page.locator("#steps")).to_contain_text("ngưỡng")
    assert [(str(each.upper), each.result) for each in criterion(draft, "A1").thresholds] == [
        ("5.00", 100),
        ("None", 0),
    ]


def test_a_mistake_is_said_where_it_was_made_and_nothing_else_is_touched(page, draft):
    page.fill("#weight-TK-A2", "0")
    page.press("#weight-TK-A2", "Tab")
    expect(page.locator("#problems-TK-A2")).to_contain_text("lớn hơn 0")
    expect(page.locator("#TK-A2-text_vi")).to_have_value("Tiêu chí A2")
    expect(page.locator("#problems-TK-A1 .gaps")).to_have_count(0)
    page.fill("#TK-A2-weight", "3,5")
    page.press("#TK-A2-weight", "Tab")
    expect(page.locator("#steps")).to_contain_text("Đã sửa TK-A2")
    expect(page.locator("#problems-TK-A2 .gaps")).to_have_count(0)
    assert (str(criterion(draft, "A2").weight), criterion(draft, "A2").text_vi) == ("3.500", "Tiêu chí A2")


def test_without_a_network_the_page_says_so_and_sends_later(page, draft):
    page.context.set_offline(True)
    page.fill("#TK-A1-text_vi", "Viết lúc mất mạng")
    expect(page.locator("#unsaved")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#unsaved")).to_be_hidden(timeout=20_000)
    assert criterion(draft, "A1").text_vi == "Viết lúc mất mạng"


def test_lines_move_by_keys_and_by_dragging(page, draft):
    page.focus("#head-TK-A1 a")
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#head-TK-A1 a")).to_be_focused()
    rows = page.locator("[data-rows='A'] > [data-row]")
    expect(rows.first).to_have_attribute("data-row", "TK-A2")
    with page.expect_navigation():
        page.drag_and_drop("#TK-A2 .grip", "#TK-A1", target_position={"x": 60, "y": 50})
    expect(rows.first).to_have_attribute("data-row", "TK-A1")
