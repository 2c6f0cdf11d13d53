"""A reviewer's desk by keyboard, with its script: out of a text, what is left of it, and what the bar would hide."""

import pytest
from django.test import Client
from django.urls import reverse

from outlets.models import Role
from tests import sheets, worlds

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

FOCUSED = "document.activeElement.id"
# Fields and buttons of the form outside the bar that the bar covers while they have the focus. All folds are open.
HIDDEN = """() => {
  document.querySelectorAll('#desk details').forEach((fold) => { fold.open = true; });
  const bar = document.querySelector('.dock');
  const seen = [...document.querySelectorAll('#desk :is(a, summary, textarea, button, input)')]
    .filter((each) => !bar.contains(each) && each.checkVisibility() && !each.matches('.visually-hidden'));
  const hidden = seen.filter((each) => {
    window.scrollTo(0, 0);
    each.focus();
    const top = bar.getBoundingClientRect().top;
    const place = each.getBoundingClientRect();
    return place.bottom > top + 1 && place.height < top;
  });
  return { seen: seen.length, hidden: hidden.map((each) => each.id || each.outerHTML.slice(0, 80)) };
}"""


@pytest.fixture
def desk(chromium, live_server):
    """Opens the desk over a submitted visit at a width; closes it afterwards."""
    places = worlds.places()
    visit = sheets.submitted(places.counter, worlds.user("shopper", Role.SHOPPER))
    client, contexts = Client(), []
    client.force_login(worlds.user("reviewer", Role.REVIEWER))
    client.post(reverse("audits:review_claim", args=[visit.public_id]))

    def opens(width, height):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="vi-VN", reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + reverse("audits:review_detail", args=[visit.public_id]))
        return page

    yield opens
    for context in contexts:
        context.close()


def test_a_remark_is_written_and_left_by_keyboard(desk):
    page = desk(1280, 900)
    page.keyboard.press("j")
    here = page.evaluate(FOCUSED)
    page.keyboard.press("n")
    assert page.evaluate(FOCUSED) == f"remark-{here}"
    left = page.locator(f"#remark-{here}-left")
    assert not left.is_visible()
    page.keyboard.type("Nhờ Anh/Chị")
    assert left.inner_text() == "Còn 989 ký tự"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == here
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) != here
    page.fill(f"#remark-{here}", "ă" * 999 + "😀" * 4)  # the server counts signs, not halves of them
    assert left.inner_text() == "Thừa 3 ký tự"
    assert page.locator(f"#remark-{here}").get_attribute("aria-describedby") == left.get_attribute("id")


def test_answer_and_points_share_a_line_on_a_phone(desk):
    head = desk(390, 844).locator(".rv-head").first
    places = [head.locator(each).bounding_box() for each in (".ans", ".num")]
    assert abs(places[0]["y"] - places[1]["y"]) < 8


def test_a_long_text_fits_above_the_bar_on_a_phone(desk):
    page = desk(390, 844)
    page.keyboard.press("n")
    here = page.evaluate("document.activeElement.closest('.rv').id")
    page.fill(f"#remark-{here}", "Nhờ Anh/Chị nói rõ hơn. " * 40)
    assert page.locator(f"#remark-{here}").bounding_box()["height"] < page.locator(".dock").bounding_box()["y"] * 0.7


@pytest.mark.parametrize(("width", "height"), [(390, 844), (390, 600), (1280, 900)])
def test_nothing_that_has_the_focus_is_hidden_by_the_bar(desk, width, height):
    page = desk(width, height)
    found = page.evaluate(HIDDEN)
    assert found["seen"] > 20
    assert found["hidden"] == []
