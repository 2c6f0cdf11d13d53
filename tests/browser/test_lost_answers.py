"""The server has acted and the phone does not know: what is typed, removed or submitted next still comes out right."""

import re

import pytest
from django.urls import reverse

from audits.models import Change, Photo
from tests.browser.phones import (
    KEPT,
    SENT,
    bar_says,
    choose,
    complete,
    expect,
    opened,
    photos_say,
    says,
    section,
    stored,
)

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def answers_lost(page, kind, number=1):
    """The server takes in the first requests of a kind; their answers do not come back."""
    asked = []

    def lose(route):
        if len(asked) < number:
            route.fetch()
            asked.append(route)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/sync/**/{kind}/", lose)
    return asked


def check(visit):
    return reverse("audits:visit_check", args=[visit.public_id])


def test_typing_on_meets_no_conflict_with_ones_own_words(phone, visit):
    page = opened(phone(), visit)
    asked = answers_lost(page, "changes")
    page.check("#TK-A2-not_met")
    says(page, "A2", KEPT)
    while not asked:
        page.wait_for_timeout(50)
    assert stored(visit, "A2").value == "not_met"
    page.fill("#TK-A2-note", "Không ai chào tôi.")
    says(page, "A2", SENT)
    assert (stored(visit, "A2").note, stored(visit, "A2").revision) == ("Không ai chào tôi.", 2)


def test_the_same_question_in_two_tabs_without_a_network_keeps_both_texts(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit)
    context.set_offline(True)
    first.check("#TK-A2-partly")
    says(first, "A2", KEPT)
    second.check("#TK-A2-not_met")
    says(second, "A2", KEPT)
    context.set_offline(False)
    says(second, "A2", "Phần này vừa được đổi ở trang hoặc điện thoại khác")
    says(second, "A2", "Đạt một phần")
    assert stored(visit, "A2").value == "partly"
    second.click("#TK-A2 [data-state] button >> nth=0")  # mine
    says(second, "A2", SENT)
    assert stored(visit, "A2").value == "not_met"
    assert set(Change.objects.values_list("outcome", flat=True)) == {"saved", "conflict"}


def test_a_photo_is_safe_as_soon_as_it_is_chosen(phone, visit, tmp_path):
    page = opened(phone(), visit)
    choose(page, tmp_path, "gold", "teal", size=(4032, 3024))
    expect(page.locator("#TK-A1 [data-photos] li")).to_have_count(2)
    page.goto(section(visit, "B"))  # while they are being made small
    for _ in range(150):
        if Photo.objects.count() == 2:
            break
        page.wait_for_timeout(100)
    assert sorted(Photo.objects.values_list("width", "height")) == [(1600, 1200)] * 2


def test_a_photo_removed_while_it_is_sent_is_not_kept_by_the_server(phone, visit, tmp_path):
    page = opened(phone(), visit)
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    asked = answers_lost(page, "photos", 3)
    choose(page, tmp_path, "gold")
    while not asked:
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    assert Photo.objects.count() == 1
    page.click("#TK-A1 [data-photos] button:has-text('Gỡ ảnh')")
    page.evaluate("dispatchEvent(new Event('online'))")
    for _ in range(100):
        if not Photo.objects.kept().exists():
            break
        page.wait_for_timeout(100)
    assert (Photo.objects.count(), Photo.objects.kept().count()) == (1, 0)


def test_a_photo_that_does_not_get_through_stops_no_other(phone, visit, tmp_path):
    page = opened(phone(), visit)
    cut = []

    def spoil(route):
        (sha256,) = re.findall(rb'name="sha256"\s+(\w+)', route.request.post_data_buffer)
        cut[:] = cut or [sha256]
        route.abort() if sha256 == cut[0] else route.continue_()

    page.route("**/sync/**/photos/", spoil)
    choose(page, tmp_path, "gold", "teal", "navy")
    expect(page.locator("#TK-A1 [data-photos] .is-sent")).to_have_count(2, timeout=15_000)
    assert Photo.objects.count() == 2
    page.unroute("**/sync/**/photos/")
    page.evaluate("dispatchEvent(new Event('online'))")
    photos_say(page, SENT, SENT, SENT)


def test_a_photo_says_how_far_it_has_got(phone, visit, tmp_path):
    page = opened(phone(), visit)
    slow = {"offline": False, "latency": 50, "downloadThroughput": 100_000, "uploadThroughput": 4_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    choose(page, tmp_path, "gold")
    page.wait_for_selector("#TK-A1 [data-photos] progress")
    assert 0 < page.eval_on_selector("#TK-A1 [data-photos] progress", "bar => bar.value") <= 1
    photos_say(page, SENT)
    assert page.locator("#TK-A1 [data-photos] progress").count() == 0


def test_what_the_server_has_lost_since_is_sent_again_before_anything_is_submitted(phone, visit, people, tmp_path):
    complete(visit, people.shopper)
    page = opened(phone(), visit)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    page.check("#TK-A2-not_met")
    page.fill("#TK-A2-note", "Không ai chào tôi.")
    says(page, "A2", SENT)
    bar_says(page, "6/6")
    page.wait_for_timeout(500)
    Change.objects.all().delete()
    Photo.objects.filter(pk=Photo.objects.latest("pk").pk).delete()
    before = Photo.objects.count()
    page.goto(check(visit))
    page.click(".submit .btn-primary")
    expect(page.locator("h1")).to_have_text("Chưa nộp")
    assert not visit.submissions.exists()
    for short in ("A1", "A2"):
        expect(page.locator(f".gaps a:has-text('{short}')")).to_have_count(1)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert Photo.objects.count() == before + 1


def test_the_checking_page_names_the_question_that_wants_its_writer(phone, visit, people):
    complete(visit, people.shopper)
    page = opened(phone(), visit, "B")
    page.fill("#TK-B1-number", "bảy")
    page.wait_for_selector("#TK-B1 .kept.is-invalid")
    page.goto(check(visit))
    page.click(".submit .btn-primary")
    link = page.locator("[data-outbox] a")
    expect(link).to_have_text("B1")
    link.click()
    page.wait_for_url(f"**{section(visit, 'B')}?then=check#TK-B1")
    says(page, "B1", "một số")
    assert page.input_value("#TK-B1-number") == "bảy"


def test_a_tab_that_is_closed_while_it_sends_leaves_the_rest_to_another(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit)
    second.evaluate("() => void navigator.locks.request('smile-outbox', () => new Promise(() => {}))")
    first.check("#TK-A2-partly")
    says(first, "A2", KEPT)
    second.close()
    says(first, "A2", SENT)
    assert stored(visit, "A2").value == "partly"
