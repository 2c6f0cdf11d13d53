"""The forms besides the questions, without a network: kept as they are typed, sent by themselves once pressed."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Photo, PostedForm, Visit
from tests import sheets, worlds
from tests.browser.phones import KEPT, SENT, bar_says, complete, expect, log_out, opened, put_away, says, section
from tests.browser.test_offline import opened_whole, tasks
from tests.sheets import entry

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

DRAFT = "Đã giữ trên máy, bấm nút để gửi"


def until(found, page):
    for _ in range(150):
        if it := found():
            return it
        page.wait_for_timeout(100)
    raise AssertionError("not within fifteen seconds")


def state_of(visit):
    return Visit.objects.get(pk=visit.pk).state


def met(visit):
    return Visit.objects.get(pk=visit.pk).met_description


def test_who_was_met_is_kept_as_typed_and_sent_by_itself(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_description", "Quầy số 2, tóc ngắn")
    bar_says(page, DRAFT)
    put_away(page)
    page = context.new_page()
    page.goto(f"{tasks(visit)}met/")
    expect(page.locator("#id_description")).to_have_value("Quầy số 2, tóc ngắn")
    bar_says(page, DRAFT)
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    put_away(page)
    page = context.new_page()
    page.goto(f"{tasks(visit)}met/")
    bar_says(page, KEPT)
    page.goto(tasks(visit))
    assert met(visit) == ""
    context.set_offline(False)  # any page of the shopper's sends it
    until(lambda: met(visit) == "Quầy số 2, tóc ngắn", page)
    assert PostedForm.objects.get().name == "met"


def test_pressed_with_a_network_it_leads_on(phone, visit):
    page = phone().new_page()
    page.goto(f"{tasks(visit)}met/?then=check")
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    page.wait_for_url("**/check/")
    assert met(visit) == "Quầy số 2"
    page.goto(f"{tasks(visit)}met/")
    page.wait_for_timeout(300)
    assert page.inner_text("[data-outbox]") == ""


def test_an_answer_that_is_lost_on_its_way_back_is_taken_in_once(phone, visit):
    page = phone().new_page()
    asked = []

    def lose(route):
        asked.append(json.loads(route.request.post_data)["id"])
        if len(asked) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/sync/**", lose)
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    page.wait_for_url(f"**{tasks(visit)}")
    assert (PostedForm.objects.count(), len(asked), len(set(asked))) == (1, 3, 1)


def test_what_is_refused_says_so_and_keeps_the_text(phone, visit, people):
    page = phone().new_page()
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_visited_on", "31/12/2031")
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    bar_says(page, "Ngày thực hiện: Ngày thực hiện phải từ")
    page.reload()
    expect(page.locator("#id_visited_on")).to_have_value("31/12/2031")
    bar_says(page, "Ngày thực hiện phải từ")
    Visit.objects.update(state=VisitState.NOT_POSSIBLE, not_possible_reason="closed")
    page.fill("#id_visited_on", timezone.localdate().strftime("%d/%m/%Y"))
    page.click(".dock .btn-primary")
    bar_says(page, "Lượt này đã chuyển bước")
    assert page.input_value("#id_description") == "Quầy số 2"
    assert met(visit) == ""


def test_a_log_in_that_ended_is_said_and_the_form_goes_after_it(phone, visit):
    context = phone()
    page = context.new_page()
    page.goto(f"{tasks(visit)}met/")
    Session.objects.all().delete()
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    page.click("[data-outbox] a")
    page.fill("#id_username", "shopper")
    page.fill("#id_password", "mật khẩu thử nghiệm")
    page.press("#id_password", "Enter")
    page.wait_for_url(f"**{tasks(visit)}met/")
    until(lambda: met(visit) == "Quầy số 2", page)


def test_submitting_waits_for_who_was_met(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_description", "Quầy số 3")
    bar_says(page, DRAFT)
    page.goto(f"{tasks(visit)}check/")
    page.click(".submit .btn-primary")
    bar_says(page, "Biểu mẫu chưa gửi: 1.")
    link = page.locator("[data-outbox] a")
    expect(link).to_have_text("Ngày và người phục vụ")
    link.click()
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    context.set_offline(False)
    page.wait_for_url("**/check/")
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert met(visit) == "Quầy số 3"


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_closed_outlet_is_reported_without_a_network(phone, people, tmp_path, has_begun):
    counter = worlds.Outlet.objects.get(unit__code="AGG-LX-01")
    visit = sheets.assigned(counter, people.shopper, opens_on=timezone.localdate(), due_on=timezone.localdate())
    if has_begun:
        visits.start(visit=visit, by=people.shopper, at=timezone.now())
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.click("a:has-text('Báo không thực hiện được')")
    page.check("[value=closed]")
    page.fill("#id_note", "Cửa khóa lúc 9 giờ.")
    (tmp_path / "door.jpg").write_bytes(sheets.picture("teal", size=(2400, 1800)).read())
    page.set_input_files("#id_photo", str(tmp_path / "door.jpg"))
    expect(page.locator("#door [data-photos] .kept")).to_contain_text(DRAFT)
    page.click("main button:has-text('Gửi báo cáo')")
    bar_says(page, KEPT)
    put_away(page)
    page = context.new_page()
    page.goto("/visits/")
    assert state_of(visit) != VisitState.NOT_POSSIBLE
    context.set_offline(False)
    until(lambda: Photo.objects.exists(), page)
    done = Visit.objects.get(pk=visit.pk)
    assert (done.state, done.not_possible_reason, done.not_possible_note) == (
        VisitState.NOT_POSSIBLE,
        "closed",
        "Cửa khóa lúc 9 giờ.",
    )
    assert Photo.objects.values_list("criterion", "proof", "width", "height").get() == (None, "", 1600, 1200)


def test_a_report_that_is_left_stands_in_nobodys_way(phone, visit, people, tmp_path):
    complete(visit, people.shopper)
    page = phone().new_page()
    page.goto(f"{tasks(visit)}not-possible/")
    page.check("[value=closed]")
    bar_says(page, DRAFT)
    page.goto(f"{tasks(visit)}check/")
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert state_of(visit) == VisitState.SUBMITTED


def test_the_answers_given_later_are_submitted_when_the_network_is_back(phone, visit, people):
    complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}follow-up/")
    page.check("#TK-B3-yes")
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    context.set_offline(False)
    page.wait_for_url("**/receipt/")
    assert visit.submissions.count() == 2
    assert Answer.objects.get(visit=visit, criterion__code="TK-B3").value == "yes"


def test_a_submission_does_not_overtake_a_question_that_wants_its_writer(phone, visit, people):
    complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    page = phone().new_page()
    page.goto(f"{tasks(visit)}follow-up/")
    visits.save_answers(
        visit=visit, entries=[entry("B3", "no", note="Không ai gọi.")], by=people.shopper, at=timezone.now()
    )
    page.check("#TK-B3-yes")
    says(page, "B3", "Phần này vừa được đổi")
    page.click(".dock .btn-primary")
    expect(page.locator("[data-posting]")).to_contain_text("Chưa gửi: vui lòng xem các câu được đánh dấu")
    assert visit.submissions.count() == 1


def test_the_rest_of_a_section_does_not_apply_without_a_network(phone, visit):
    context = phone()
    page = opened(context, visit, "B")
    page.fill("#TK-B1-number", "")
    context.set_offline(True)
    page.click("#rest-na summary")
    page.fill("#id_rest_na_reason", "Không có quầy chờ")
    page.click("[name=rest_na]")
    assert page.is_checked("#TK-B1-na")
    says(page, "B1", KEPT)
    context.set_offline(False)
    says(page, "B1", SENT)
    answer = Answer.objects.get(visit=visit, criterion__code="TK-B1")
    assert (answer.value, answer.na_reason) == ("na", "Không có quầy chờ")
    page.goto(section(visit, "B"))
    assert page.is_checked("#TK-B1-na")
    assert reverse("audits:section_edit", args=[visit.public_id, "B"]) in page.url


def test_the_photo_of_the_door_outlives_an_answer_that_is_lost(phone, visit, tmp_path):
    """The report is in force and its phone does not know: the visit's own page says so before the photo has gone."""
    context = phone()
    page = context.new_page()
    page.goto(f"{tasks(visit)}not-possible/")
    page.check("[value=closed]")
    page.fill("#id_note", "Cửa khóa, không có thông báo.")
    file = tmp_path / "door.jpg"
    file.write_bytes(sheets.picture("gold", size=(800, 600)).read())
    page.set_input_files("#id_photo", str(file))
    expect(page.locator("#door [data-photos] li")).to_have_count(1)
    page.route("**/sync/**/not-possible/", lambda route: (route.fetch(), route.abort()))
    page.click(".form .btn-primary")
    until(lambda: state_of(visit) == VisitState.NOT_POSSIBLE, page)
    put_away(page)
    page = context.new_page()
    page.goto(tasks(visit))
    until(lambda: Photo.objects.filter(visit=visit).count() == 1, page)


def test_what_came_too_late_stops_no_submission_and_can_be_discarded(phone, visit, people):
    """Who was met, typed on a phone without a network while another has submitted; then the visit came back."""
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_description", "Quầy số 3")
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    sheets.returned(visit, "A2")
    context.set_offline(False)
    page.goto(section(visit))
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    page.goto(f"{tasks(visit)}check/")
    left = page.locator("[data-leftovers] li")
    expect(left).to_contain_text("Quầy số 3")
    page.once("dialog", lambda dialog: dialog.accept())
    left.get_by_role("button", name="Bỏ").click()
    expect(left).to_have_count(0)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")


def test_logging_out_without_a_network_takes_nothing_away(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(section(visit))
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    log_out(page)
    until(lambda: asked, page)
    assert asked == ["Cần có mạng để đăng xuất. Mọi thứ trên máy vẫn như cũ."]
    page.goto(section(visit, "B"))
    expect(page.locator("h1")).to_have_text("Mục B")


def two_phones(phone, visit):
    """Both have seen that nobody has been named; one has named somebody, the other is about to name another."""
    first, second = phone().new_page(), phone().new_page()
    for page in (first, second):
        page.goto(f"{tasks(visit)}met/")
    second.fill("#id_description", "Quầy số 3")
    second.click(".dock .btn-primary")
    second.wait_for_url(f"**{tasks(visit)}")
    first.fill("#id_description", "Quầy số 2")
    first.click(".dock .btn-primary")
    bar_says(first, "Phần này vừa được đổi ở trang hoặc điện thoại khác")
    expect(first.locator("[data-outbox] q")).to_contain_text("Quầy số 3")
    assert met(visit) == "Quầy số 3"
    return first


def test_who_was_met_is_not_told_over_another_phones_words_unseen(phone, visit):
    page = two_phones(phone, visit)
    page.reload()
    bar_says(page, "Quầy số 3")
    page.click("[data-outbox] button >> nth=0")
    page.wait_for_url(f"**{tasks(visit)}")
    assert met(visit) == "Quầy số 2"


def test_the_other_phones_words_can_be_taken(phone, visit):
    page = two_phones(phone, visit)
    page.click("[data-outbox] button >> nth=1")
    expect(page.locator("#id_description")).to_have_value("Quầy số 3")
    page.fill("#id_description", "Quầy số 3, tóc ngắn")
    page.click(".dock .btn-primary")
    page.wait_for_url(f"**{tasks(visit)}")
    assert met(visit) == "Quầy số 3, tóc ngắn"


def test_ones_own_words_meet_no_conflict_when_an_answer_was_lost(phone, visit):
    page = phone().new_page()
    page.goto(f"{tasks(visit)}met/")
    lost = []

    def lose(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/sync/**/met/", lose)
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    until(lambda: met(visit) == "Quầy số 2", page)
    page.fill("#id_description", "Quầy số 2, tóc ngắn")
    until(lambda: met(visit) == "Quầy số 2, tóc ngắn", page)


def test_what_was_pressed_and_is_typed_on_without_a_network_still_goes_by_itself(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}met/")
    page.fill("#id_description", "Quầy số 2")
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    page.fill("#id_description", "Quầy số 2, tóc ngắn")
    page.wait_for_timeout(600)
    bar_says(page, KEPT)
    page.goto(tasks(visit))
    context.set_offline(False)
    until(lambda: met(visit) == "Quầy số 2, tóc ngắn", page)


def test_a_proof_without_a_picture_asks_for_it(phone, visit):
    page = phone().new_page()
    page.goto(f"{tasks(visit)}proof/")
    page.check("[name=kind] >> nth=0")
    page.click(".dock .btn-primary")
    bar_says(page, "Anh/Chị hãy chụp hoặc chọn một ảnh trước.")
    assert page.url.endswith("/proof/")


def test_two_tabs_of_one_phone_tell_who_was_met_over_nothing_unseen(phone, visit):
    context = phone()
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{tasks(visit)}met/")
    first.fill("#id_description", "Quầy số 2")
    first.click(".dock .btn-primary")
    first.wait_for_url(f"**{tasks(visit)}")
    second.fill("#id_description", "Quầy số 3")
    second.click(".dock .btn-primary")
    bar_says(second, "Quầy số 2")
    assert met(visit) == "Quầy số 2"
    second.click(".dock .btn-primary")  # both have been seen
    until(lambda: met(visit) == "Quầy số 3", second)


@pytest.mark.parametrize(("word", "stands"), [(0, "Quầy số 3"), (1, "Quầy số 2")])
def test_what_one_tab_has_pressed_without_a_network_is_not_replaced_by_another(phone, visit, word, stands):
    context = phone()
    first = opened_whole(context, visit)
    second = context.new_page()
    context.set_offline(True)
    for page in (first, second):
        page.goto(f"{tasks(visit)}met/")
    first.fill("#id_description", "Quầy số 2")
    first.click(".dock .btn-primary")
    bar_says(first, KEPT)
    second.fill("#id_description", "Quầy số 3")
    bar_says(second, "Quầy số 2")
    second.fill("#id_description", "Quầy số 3")  # typing on decides nothing
    second.wait_for_timeout(600)
    second.click(f"[data-outbox] button >> nth={word}")
    context.set_offline(False)
    until(lambda: met(visit) == stands, second)


def test_the_photo_of_a_report_that_came_too_late_stays_with_its_owner(phone, visit, people, tmp_path):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}not-possible/")
    page.check("[value=closed]")
    page.fill("#id_note", "Cửa khóa lúc 9 giờ.")
    (tmp_path / "door.jpg").write_bytes(sheets.picture("teal", size=(800, 600)).read())
    page.set_input_files("#id_photo", str(tmp_path / "door.jpg"))
    expect(page.locator("#door [data-photos] .kept")).to_contain_text(DRAFT)
    page.click("main button:has-text('Gửi báo cáo')")
    expect(page.locator("#door [data-photos] .kept")).to_contain_text(KEPT)
    visits.report_not_possible(
        visit=visit, reason="closed", note="Nghỉ lễ.", photos=[], by=people.shopper, at=timezone.now()
    )
    page.goto("/visits/")
    context.set_offline(False)
    page.wait_for_timeout(2000)
    page.goto("/visits/")
    left = page.locator("[data-leftovers] li")
    expect(left).to_have_count(2)
    expect(left.filter(has=page.locator("img"))).to_contain_text("ĐGD Long Xuyên")
    expect(left.get_by_role("link", name="Tải ảnh về máy")).to_have_count(1)


def test_a_text_put_aside_stops_no_later_answers(phone, visit, people):
    """Two tabs have answered differently, another phone as well, and its text has been taken."""
    complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    context = phone()
    first = opened_whole(context, visit)
    second = context.new_page()
    context.set_offline(True)
    for page, answer in ((first, "yes"), (second, "no")):
        page.goto(f"{tasks(visit)}follow-up/")
        page.check(f"#TK-B3-{answer}")
        says(page, "B3", KEPT)
    there = entry("B3", "no", note="Không ai gọi.")
    visits.save_answers(visit=visit, entries=[there], by=people.shopper, at=timezone.now())
    context.set_offline(False)
    says(second, "B3", "Phần này vừa được đổi")
    second.click("#TK-B3 [data-state] button >> nth=1")
    second.click(".dock .btn-primary")
    second.wait_for_url("**/receipt/")
    assert visit.submissions.count() == 2
