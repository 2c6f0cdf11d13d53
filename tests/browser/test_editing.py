"""The draft editor with its script: saved as one types, by keys and by dragging, and honest about what is not saved."""

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.outline import outline
from audits.checklists.publishing import actions as publishing
from audits.models import ChecklistVersion
from outlets.models import Role
from tests import sheets, worlds
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


@pytest.fixture
def dialogs(page):
    """What the browser asked before the page was left; each is answered with "stay"."""
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    return asked


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
    expect(page.locator("#checks")).not_to_contain_text("ngưỡng")  # it wants a last line without a bound
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


def test_enter_saves_a_weight_and_nothing_opens(page, draft):
    page.goto(reverse("audits:draft_edit", args=[draft.public_id]) + "?near=TK-A1")
    page.fill("#weight-TK-A1", "7")
    page.press("#weight-TK-A1", "Enter")
    expect(page.locator("#was-TK-A1")).to_have_text("bản 1: 2")
    expect(page.locator("#weight-TK-A1")).to_be_focused()
    page.press("#weight-TK-A1", "Enter")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url("**near=TK-A1**")
    expect(page.locator("#TK-A1-text_vi")).to_have_count(0)
    expect(page.locator("#head-TK-A1 a")).to_be_focused()


def test_what_is_added_is_filled_in_at_once(page, draft):
    with page.expect_navigation():
        page.click("text=Thêm tiêu chí vào mục A")
    expect(page.locator("#TK-A3-text_vi")).to_be_focused()
    with page.expect_navigation():
        page.click("button:has-text('Thêm mục')")
    expect(page.locator("[name=name_vi]")).to_be_focused()


def test_a_picture_is_uploaded_once_chosen(page, draft):
    file = {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": sheets.picture().read()}
    page.fill("#TK-A1-text_vi", "Gõ rồi chọn ảnh")
    with page.expect_navigation():
        page.set_input_files("#TK-A1-picture", files=[file])
    assert criterion(draft, "A1").picture
    assert criterion(draft, "A1").text_vi == "Gõ rồi chọn ảnh"


# --- Nothing typed is lost -------------------------------------------------------------------------


def test_what_was_just_typed_goes_along_when_a_line_is_moved(page, draft, dialogs):
    page.fill("#TK-A1-text_vi", "Gõ rồi chuyển ngay")
    with page.expect_navigation():
        page.press("#TK-A1-text_vi", "Alt+ArrowDown")
    expect(page.locator("[data-rows='A'] > [data-row]").first).to_have_attribute("data-row", "TK-A2")
    page.fill("#weight-TK-A2", "8")
    with page.expect_navigation():
        page.press("#weight-TK-A2", "Alt+ArrowDown")
    assert (criterion(draft, "A1").text_vi, criterion(draft, "A2").weight) == ("Gõ rồi chuyển ngay", 8)
    assert dialogs == []


def test_what_was_just_typed_goes_along_to_the_next_criterion_and_with_any_button(page, draft, dialogs):
    page.fill("#TK-A1-text_vi", "Gõ rồi mở tiêu chí khác")
    with page.expect_navigation():
        page.click("#head-TK-A2 a")
    expect(page.locator("#TK-A2-text_vi")).to_be_visible()
    page.fill("#TK-A2-text_vi", "Gõ rồi thêm tiêu chí")
    with page.expect_navigation():
        page.click("text=Thêm tiêu chí vào mục A")
    expect(page.locator("#TK-A3-text_vi")).to_be_visible()
    assert [criterion(draft, each).text_vi for each in ("A1", "A2")] == [
        "Gõ rồi mở tiêu chí khác",
        "Gõ rồi thêm tiêu chí",
    ]
    assert dialogs == []


def test_leaving_before_it_is_saved_is_asked_about(page, draft, dialogs):
    page.fill("#TK-A1-text_vi", "Gõ rồi tải lại")
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(300)
    assert dialogs == ["beforeunload"]
    expect(page.locator("#steps")).to_contain_text("Đã sửa TK-A1")  # it stayed, and was saved as ever
    page.reload()
    assert dialogs == ["beforeunload"]
    assert criterion(draft, "A1").text_vi == "Gõ rồi tải lại"


def test_a_line_does_not_move_away_from_what_cannot_be_saved(page, draft, dialogs):
    page.fill("#TK-A1-weight", "nhiều")
    page.press("#TK-A1-weight", "Alt+ArrowDown")
    expect(page.locator("#problems-TK-A1")).to_contain_text("nhập một số")
    expect(page.locator("#unsaved")).to_contain_text("cần sửa")
    expect(page.locator("#unsaved [data-says=silent]")).to_be_hidden()
    expect(page.locator("#TK-A1-weight")).to_have_value("nhiều")
    expect(page.locator("[data-rows='A'] > [data-row]").first).to_have_attribute("data-row", "TK-A1")
    page.fill("#TK-A1-weight", "6")
    page.press("#TK-A1-weight", "Tab")
    expect(page.locator("#steps")).to_contain_text("Đã sửa TK-A1: trọng số")
    assert (criterion(draft, "A1").weight, dialogs) == (6, [])


def test_a_line_that_is_being_filled_in_is_waited_for(page, draft, dialogs):
    page.goto(page.url.split("?")[0] + "?open=TK-B2#TK-B2")
    answers = []
    page.on("response", lambda response: response.request.method == "POST" and answers.append(response.status))
    page.fill("[name='options-2-label_vi']", "Mới")
    page.press("[name='options-2-label_vi']", "Tab")
    page.wait_for_timeout(1600)  # longer than the form waits for more to be typed
    assert answers == []
    expect(page.locator("#unsaved")).to_be_hidden()
    page.fill("[name='options-2-result']", "70")
    page.press("[name='options-2-result']", "Tab")
    expect(page.locator("#steps")).to_contain_text("lựa chọn")
    page.fill("[name='options-2-label_vi']", "Mới hơn")
    page.press("[name='options-2-label_vi']", "Tab")
    expect(page.locator("[name='options-2-code']")).to_have_value("c")
    expect(page.locator("#steps li")).to_have_count(2)
    page.fill("[name='options-0-label_vi']", "Đầu tiên")
    page.press("[name='options-0-label_vi']", "Tab")
    expect(page.locator("#steps li")).to_have_count(3)
    now = [(each.code, each.label_vi, each.result) for each in criterion(draft, "B2").options]
    assert now == [("a", "Đầu tiên", 100), ("b", "Phương án b", 40), ("c", "Mới hơn", 70)]
    page.fill("[name='options-3-label_vi']", "Dở dang")
    page.click("#TK-B2-text_vi")
    expect(page.locator("#problems-TK-B2")).to_contain_text("từ 0 đến 100")
    expect(page.locator("#unsaved")).to_contain_text("cần sửa")


def test_of_two_editors_the_second_chooses_once(page, draft, people, phone, dialogs):
    address = page.url.split("?")[0]
    theirs = phone(worlds.user("bientap2", Role.EDITOR)).new_page()
    theirs.goto(f"{address}?open=TK-A1#TK-A1")
    theirs.fill("#TK-A1-text_vi", "Của người kia")
    expect(theirs.locator("#steps")).to_contain_text("Đã sửa TK-A1")
    clashes = []
    page.on("response", lambda response: response.status == 409 and clashes.append(response.status))
    page.fill("#TK-A1-text_vi", "Của tôi")
    expect(page.locator("#problems-TK-A1")).to_contain_text("Của người kia")
    expect(page.locator("#unsaved")).to_contain_text("cần sửa hoặc chọn")
    page.locator("#TK-A1-text_vi").press_sequentially(" và thêm nữa")
    page.wait_for_timeout(1600)
    assert (clashes, criterion(draft, "A1").text_vi) == ([409], "Của người kia")  # nobody has chosen yet
    with page.expect_navigation():
        page.click("text=Lưu nội dung của tôi")
    assert criterion(draft, "A1").text_vi == "Của tôi và thêm nữa"
    theirs.fill("#TK-A1-text_vi", "Lại của người kia")
    expect(theirs.locator("#problems-TK-A1")).to_contain_text("Của tôi và thêm nữa")
    with theirs.expect_navigation():
        theirs.click("text=Lấy nội dung của người kia")
    expect(theirs.locator("#TK-A1-text_vi")).to_have_value("Của tôi và thêm nữa")
    assert (clashes, dialogs) == ([409], [])


def test_of_two_pages_of_one_person_none_brings_back_what_the_other_changed(page, draft, people):
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#TK-A1-text_vi", "Sửa ở trang kia")
    other.fill("#TK-A1-weight", "8")
    other.press("#TK-A1-weight", "Tab")
    expect(other.locator("#steps")).to_contain_text("trọng số")
    page.select_option("#TK-A1-stage", "before")
    expect(page.locator("#steps")).to_contain_text("thời điểm")
    now = criterion(draft, "A1")
    assert (now.text_vi, now.weight, now.stage) == ("Sửa ở trang kia", 8, "before")
    page.fill("#TK-A1-text_vi", "Sửa ở trang này")
    expect(page.locator("#problems-TK-A1")).to_contain_text("Sửa ở trang kia")
    page.click("text=Lưu nội dung đang có ở đây")
    expect(page.locator("#TK-A1-weight")).to_have_value("8")
    assert criterion(draft, "A1").text_vi == "Sửa ở trang này"


def test_a_page_whose_saving_got_no_answer_goes_on_without_a_clash(page, draft):
    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/criteria/**", lose, times=1)
    page.fill("#TK-A1-text_vi", "Lời thứ nhất")
    expect(page.locator("#unsaved")).to_be_visible()
    page.fill("#TK-A1-text_vi", "Lời thứ hai")
    expect(page.locator("#unsaved")).to_be_hidden()
    page.fill("#TK-A1-weight", "6")
    page.press("#TK-A1-weight", "Tab")
    expect(page.locator("#steps")).to_contain_text("trọng số")
    now = criterion(draft, "A1")
    assert (now.text_vi, now.weight) == ("Lời thứ hai", 6)
    expect(page.locator("[data-clash]")).to_have_count(0)


def test_what_was_typed_for_a_part_that_is_gone_can_be_copied(page, draft, people):
    drafts.delete_criterion(version=draft, code="TK-A1", by=people.office, at=NOW)
    page.fill("#TK-A1-text_vi", "Chữ của tôi")
    expect(page.locator("[data-gone]")).to_contain_text("Chữ của tôi")
    expect(page.locator("[data-gone]")).to_contain_text(people.office.shown_name)
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.click("[data-gone] button:has-text('Hoàn tác')")
    expect(page.locator("#TK-A1-text_vi")).to_have_value("Tiêu chí A1")


def test_what_was_typed_into_a_draft_sent_meanwhile_can_be_copied(page, draft, people):
    publishing.set_facts(version=draft, note="Vì sao.", effective_on=None, bands={}, by=None, at=NOW)
    publishing.propose(version=draft, by=people.office, at=NOW)
    page.fill("#TK-A1-text_vi", "Chữ của tôi")
    expect(page.locator("[data-gone]")).to_contain_text("Chữ của tôi")
    expect(page.locator("[data-gone]")).to_contain_text(f"{people.office.shown_name} đã gửi duyệt")
    expect(page.locator("#unsaved [data-says=silent]")).to_be_hidden()
    page.locator("#TK-A1-text_vi").press_sequentially(" thêm")
    expect(page.locator("[data-gone]")).to_contain_text("Chữ của tôi thêm")
    page.locator(".ce-acts button:has-text('Lưu')").click()
    expect(page.locator("h1")).to_contain_text("Chưa lưu")
    expect(page.locator("main")).to_contain_text("Chữ của tôi thêm")


def test_a_saved_weight_is_drawn_in_bar_and_tag(page, draft):
    before = page.locator("#bar-A .fill").get_attribute("width")
    page.fill("#weight-TK-A2", "30")
    page.press("#weight-TK-A2", "Tab")
    expect(page.locator("#was-TK-A2")).to_have_text("bản 1: 3")
    assert page.locator("#bar-A .fill").get_attribute("width") != before


def test_a_phone_is_told_of_the_buttons_it_has(page, draft):
    told = page.locator(".ce-help")
    assert "Alt + ↑" in told.inner_text()
    assert "“Lên”" not in told.inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert "“Lên” hoặc “Xuống”" in told.inner_text()
    assert "Alt" not in told.inner_text()
    assert "các chấm" not in told.inner_text()


def test_the_main_button_stands_in_one_row_with_its_neighbour(page, draft):
    page.goto(page.url.split("?")[0])

    def top(name):
        return page.locator("main").get_by_role("link", name=name, exact=True).bounding_box()["y"]

    assert top("Gửi duyệt") == top("Cài đặt")
    others = ("So với bản 1", "Điểm nếu dùng bản này", "Chất lượng tiêu chí", "Xem như trên điện thoại", "Tải về Excel")
    assert len({top(name) for name in others}) == 1
    assert top("Gửi duyệt") < top("Tải về Excel")


def test_on_a_phone_the_score_stays_in_sight_and_nothing_of_it_is_cut(page, draft):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("audits:version_preview", args=[draft.public_id]))
    page.check("#TK-A1-no")
    score, fold = page.locator("#score-now"), page.locator("text=Toàn bộ phép tính").first
    expect(score).to_contain_text("0,0%")
    box = score.bounding_box()
    assert box["y"] + box["height"] <= 844
    assert box["height"] <= 90
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    above, lost = score.bounding_box(), page.locator("#score-rest").bounding_box()
    assert above["y"] + above["height"] <= lost["y"]
    fold.click()
    expect(page.locator("#score-terms tbody tr")).to_have_count(1)


def test_in_the_trial_what_was_opened_stays_open(page, draft):
    page.goto(reverse("audits:version_preview", args=[draft.public_id]))
    page.click("text=Toàn bộ phép tính")
    page.check("#TK-A1-yes")
    expect(page.locator("#score-now")).to_contain_text("100,0%")
    page.check("#TK-A2-partly")
    expect(page.locator("#score-terms tbody tr")).to_have_count(2)
    expect(page.locator("#score-terms")).to_be_visible()
    expect(page.locator("#TK-A1")).to_contain_text("phiếu yêu cầu ảnh tại đây")
