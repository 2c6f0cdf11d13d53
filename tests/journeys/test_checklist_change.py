"""A checklist changed by two people, as they do it: in a draft, with its consequences in view, in force the same day.

The editor copies the running counter checklist, rewords, re-weights, moves by keyboard, adds a measured criterion,
tries the form, reads what changes and what it would have done, and sends it for approval; the office approves. A visit
begun before stays with its version and scores by it as those before did, the next one by the new version.
"""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists.outline import outline
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.models import Answer, Checklist, ChecklistVersion, Submission
from tests import plans, published, sheets, worlds
from tests.browser.phones import expect, log_in

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

WIDTHS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
BEST = {"yes_no": "yes", "three_step": "met", "rating": "5"}


def submitted(visit, at):
    """The best answer to all that its version asks, and twelve minutes wherever minutes are asked for."""
    Answer.objects.bulk_create(
        Answer(
            visit=visit,
            criterion_id=each.id,
            value=BEST.get(each.kind, ""),
            number=12 if each.kind == "measured" else None,
            text="Quầy sạch." if each.kind == "text" else "",
            changed_at=at,
        )
        for each in outline(visit.version).criteria
    )
    return visits.record_submission(sheet.read(visit), at=at)


@pytest.fixture
def world(transactional_db):
    """The default checklists, with three published visits of October; C3 took twelve minutes in each."""
    checklists.install_defaults(by=None, at=worlds.NOW - timedelta(days=90))
    places = worlds.places()
    people = worlds.people(places)
    running = Checklist.objects.get(code="TQ").versions.get()
    wave = plans.wave(places.counter.unit, running.checklist)
    for number in range(3):
        day = date(2026, 10, 5 + number)
        at = published.moment(day)
        visit = plans.visit_in(
            VisitState.APPROVED,
            wave,
            places.counter,
            (people.shopper, people.shopper, people.shopper2)[number],
            opens_on=day,
            due_on=day,
            started_at=at,
            visited_on=day,
            submitted_at=at,
            approved_at=at,
        )
        submitted(visit, at)
    published.closed(date(2026, 10, 1))
    return places, people, running


@pytest.mark.parametrize("width", WIDTHS)
def test_an_editor_changes_a_checklist_and_the_office_puts_it_in_force(chromium, live_server, world, width):
    places, people, running = world
    begun = sheets.started(places.counter, people.shopper, running.checklist, at=timezone.now())
    contexts = []

    def page_of(user):
        context = chromium.new_context(viewport=WIDTHS[width], locale="vi-VN", base_url=live_server.url)
        contexts.append(context)
        context.set_default_timeout(10_000)
        log_in(context, user, live_server.url)
        return context.new_page()

    page = page_of(people.editor)
    page.goto("/checklists/")
    page.click("table a:has-text('Quầy giao dịch')")
    page.click("text=Sửa: tạo bản nháp mới")

    # Reword and re-weight.
    page.click(".ce-sec summary:has-text('Tư vấn')")
    page.click("#head-TQ-F2 a")
    page.fill("#TQ-F2-text_vi", "Nêu đúng giá cước của dịch vụ được hỏi")
    expect(page.locator("#steps")).to_contain_text("lời tiêu chí")
    page.fill("#TQ-F2-weight", "9")
    page.press("#TQ-F2-weight", "Tab")
    expect(page.locator("#checks")).to_contain_text("Tổng trọng số 103")

    # Move by keyboard.
    page.focus("#head-TQ-F2 a")
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-rows='F'] > [data-row]").first).to_have_attribute("data-row", "TQ-F2")

    # A measured criterion with thresholds.
    with page.expect_navigation():
        page.click("text=Thêm tiêu chí vào mục F")
    page.fill("#TQ-F7-text_vi", "Số phút tư vấn")
    page.select_option("#TQ-F7-kind", "measured")
    page.fill("#TQ-F7 [name='thresholds-0-upper']", "10")
    page.fill("#TQ-F7 [name='thresholds-0-result']", "100")
    page.fill("#TQ-F7 [name='thresholds-1-result']", "50")
    page.press("#TQ-F7 [name='thresholds-1-result']", "Tab")
    expect(page.locator("#steps")).to_contain_text("ngưỡng")
    expect(page.locator("#checks")).not_to_contain_text("chặn")

    # Try it on the phone form.
    page.click("main >> text=Xem như trên điện thoại")
    page.check("#TQ-F2-partly")
    expect(page.locator("#score")).to_contain_text("50,0%")
    page.fill("#TQ-F7-number", "12")
    page.press("#TQ-F7-number", "Tab")
    expect(page.locator("#score")).to_contain_text("Đã trả lời 2/36")

    # What changes, and what it would have done.
    page.click(".back a")
    page.click("main >> text=So với bản 1")
    expect(page.locator("main")).to_contain_text("Số phút tư vấn")
    page.go_back()
    page.click("main >> text=Điểm nếu dùng bản này")
    expect(page.locator("main")).to_contain_text("tính lại trên 32/33 tiêu chí chung")
    expect(page.locator("main")).to_contain_text("C3")

    # Send it for approval.
    page.click(".back a")
    page.click("main >> text=Gửi duyệt")
    page.fill("#id_note", "Khách hỏi nhiều về giá cước.")
    page.click("main form .btn-primary")
    page.click("main form .btn-primary")
    expect(page.locator("main")).to_contain_text("Chờ duyệt")

    office = page_of(people.office)
    office.goto("/")
    office.click("#proposals + .lines a")
    expect(office.locator("main")).to_contain_text("Khách hỏi nhiều về giá cước.")
    office.click("text=Duyệt và áp dụng ngay")
    expect(office.locator("main")).to_contain_text("Đang dùng")

    draft = ChecklistVersion.objects.get(checklist=running.checklist, number=2)
    running.refresh_from_db()
    assert (draft.state, draft.proposed_by, draft.approved_by) == ("published", people.editor, people.office)
    assert running.state == "retired"
    begun.refresh_from_db()
    later = sheets.started(places.other_counter, people.shopper, running.checklist, at=timezone.now())
    assert (begun.version, later.version) == (running, draft)
    before = Submission.objects.get(visit__wave__isnull=False, visit__visited_on=date(2026, 10, 5)).percent
    now = timezone.now()
    # Twelve minutes lose 4.8 of the weight of 100, and half of the new F7, whose weight is 1; F2 weighs 3 more.
    assert (before, round(1_000_000 * (1 - (4.8 + 0.5) / 104))) == (952_000, 949_038)
    assert (submitted(begun, now).percent, submitted(later, now).percent) == (952_000, 949_038)
    assert re.match("Nêu đúng giá cước", outline(draft).by_code["TQ-F2"].text_vi)
    for context in contexts:
        context.close()
