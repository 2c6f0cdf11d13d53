"""What a server that takes something not says, and that what is behind it still arrives."""

import json

import pytest

from audits.models import Photo
from tests.browser.phones import (
    KEPT,
    SENT,
    bar_says,
    choose,
    eventually,
    expect,
    opened,
    photos_say,
    says,
    stored,
)

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

CHANGES, PHOTOS = "**/sync/**/changes/", "**/sync/**/photos/"


def refuse(page, address, status, word, *, fits=lambda request: True):
    """Answers what fits with a refusal; those so answered."""
    asked = []

    def answer(route):
        if fits(route.request):
            asked.append(route)
            route.fulfill(status=status, content_type="application/json", body=json.dumps({"refused": word}))
        else:
            route.continue_()

    page.route(address, answer)
    return asked


def put(page, code, fields):
    """Has the phone hold a change as an older page of ours may have left it."""
    page.evaluate(
        """([code, fields]) => {
            const { user, visit, url } = document.querySelector("form[data-visit]").dataset;
            const id = crypto.randomUUID();
            const made = { id, fields, page: location.pathname, seen: 0, at: Date.now(), state: "waiting" };
            return smile.store.changes.keep({ user, visit, code, url, ...made });
        }""",
        [code, fields],
    )


# --- No room ------------------------------------------------------------------------------------


def test_a_server_without_room_for_photos_says_so_and_takes_the_answers_and_later_the_photo(phone, visit, tmp_path):
    page = opened(phone(), visit)
    asked = refuse(page, PHOTOS, 507, "no_room")
    choose(page, tmp_path, "gold")
    bar_says(page, "Máy chủ hiện hết chỗ chứa ảnh")
    photos_say(page, KEPT)
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    bar_says(page, "Máy chủ hiện hết chỗ chứa ảnh")
    assert (stored(visit, "A2").value, Photo.objects.count()) == ("met", 0)
    assert len(asked) >= 2
    page.unroute(PHOTOS)
    photos_say(page, SENT)
    assert Photo.objects.count() == 1


# --- Unreadable ---------------------------------------------------------------------------------


def test_half_a_letter_is_kept_as_a_mark_and_stops_nothing(phone, visit):
    page = opened(phone(), visit)
    page.check("#TK-A2-not_met")
    page.eval_on_selector(
        "#TK-A2-note",
        "box => { box.value = 'Vắng \\ud800 vẻ 😀'; box.dispatchEvent(new Event('input', { bubbles: true })); }",
    )
    says(page, "A2", SENT)
    eventually(page, lambda: stored(visit, "A2").note == "Vắng \ufffd vẻ 😀")


def test_a_change_that_cannot_be_read_says_so_and_lets_the_others_pass(phone, visit):
    page = opened(phone(), visit)
    put(page, "TK-A2", {"TK-A2": "not_met", "TK-A2-note": "\ud800"})
    put(page, "TK-B1", {"TK-B1-number": "7"})
    put(page, "TK-A1", {"TK-A1": "yes"})
    page.reload()
    says(page, "A1", SENT)
    says(page, "A2", "Máy chủ không đọc được nội dung này")
    eventually(page, lambda: stored(visit, "B1") is not None)
    bar_says(page, "2/6")
    assert stored(visit, "A2") is None


def test_what_a_server_of_a_moment_could_not_read_goes_with_the_next_page(phone, visit):
    page = opened(phone(), visit)
    refuse(page, CHANGES, 400, "unreadable")
    page.check("#TK-A2-met")
    says(page, "A2", "Máy chủ không đọc được nội dung này")
    page.unroute(CHANGES)
    page.reload()
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"


def test_a_photo_that_cannot_be_read_lets_the_others_pass(phone, visit, tmp_path):
    page = opened(phone(), visit)
    first = []

    def is_first(request):
        first[:] = first or [request.post_data_buffer]
        return request.post_data_buffer == first[0]

    refuse(page, PHOTOS, 400, "unreadable", fits=is_first)
    choose(page, tmp_path, "gold", "teal")
    expect(page.locator("#TK-A1 [data-photos] .is-sent")).to_have_count(1, timeout=15_000)
    expect(page.locator("#TK-A1 [data-photos] .is-invalid")).to_contain_text("Máy chủ không đọc được ảnh này")
    assert Photo.objects.count() == 1


# --- Too large ----------------------------------------------------------------------------------


def changes_in(request):
    return json.loads(request.post_data)["changes"]


def test_what_is_too_large_together_goes_one_by_one(phone, visit):
    page = opened(phone(), visit)
    asked = refuse(page, CHANGES, 413, "too_large", fits=lambda request: len(changes_in(request)) > 1)
    page.context.set_offline(True)  # so that both wait, and go together
    put(page, "TK-B1", {"TK-B1-number": "7"})
    page.check("#TK-A2-met")
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    says(page, "A2", SENT)
    assert stored(visit, "B1").number == 7
    assert asked


def test_one_that_is_too_large_alone_says_so_and_lets_the_others_pass(phone, visit):
    page = opened(phone(), visit)
    refuse(
        page,
        CHANGES,
        413,
        "too_large",
        fits=lambda request: any(each["code"] == "TK-A2" for each in changes_in(request)),
    )
    put(page, "TK-B1", {"TK-B1-number": "7"})
    page.check("#TK-A2-met")
    says(page, "A2", "quá dài")
    eventually(page, lambda: stored(visit, "B1") is not None)
    assert stored(visit, "A2") is None


def test_a_photo_that_is_too_large_says_so_whoever_refuses_it(phone, visit, tmp_path):
    page = opened(phone(), visit)
    page.route(PHOTOS, lambda route: route.fulfill(status=413, body="<h1>Request Entity Too Large</h1>"))
    choose(page, tmp_path, "gold")
    photos_say(page, "Ảnh này quá lớn")


# --- Told and kept ------------------------------------------------------------------------------


def test_a_token_that_the_browser_has_lost_is_fetched_anew(phone, visit):
    """A browser that was killed may have kept what was typed and not its cookies."""
    context = phone()
    page = opened(context, visit)
    context.clear_cookies(name="csrftoken")
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"


def test_a_token_that_is_not_taken_keeps_the_work_and_says_what_to_do(phone, visit):
    page = opened(phone(), visit)
    refuse(page, CHANGES, 403, "token")
    page.check("#TK-A2-met")
    bar_says(page, "Trang đã cũ")
    says(page, "A2", KEPT)
    assert stored(visit, "A2") is None
    page.unroute(CHANGES)
    page.check("#TK-A1-yes")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"
