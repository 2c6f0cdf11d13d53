"""What the phone holds stands on its page, whatever has the focus and however late the phone's storage answers."""

import pytest

from audits.models import Change
from tests.browser.phones import KEPT, PHONE, SENT, eventually, expect, put_away, says, section, stored
from tests.browser.test_offline import opened_whole

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

NOTE = "Quầy số ba không có ai trong mười phút."
# The first thing a page of the form asks its phone for comes a second late.
SLOW = """
    const ask = navigator.locks.request.bind(navigator.locks);
    navigator.locks.request = async (name, ...rest) => {
        if (name === "smile-late") await new Promise((resolve) => setTimeout(resolve, 1000));
        return ask(name, ...rest);
    };
"""


def typed_without_a_network(context, visit):
    """A page whose kept note the server has not seen; the network stays away."""
    page = opened_whole(context, visit)
    page.goto(section(visit))
    context.set_offline(True)
    page.check("#TK-A2-met")
    page.click("#TK-A2 .extra.note")
    page.fill("#TK-A2-note", NOTE)
    says(page, "A2", KEPT)
    return page


@pytest.mark.parametrize("way", ["a new tab", "a reload"])
def test_a_note_that_its_address_leads_to_shows_what_was_typed(phone, visit, way):
    context = phone()
    page = typed_without_a_network(context, visit)
    if way == "a reload":
        page.reload()
    else:
        put_away(page)
        page = context.new_page()
        page.goto(f"{section(visit)}#TK-A2-note")
    expect(page.locator("#TK-A2-note")).to_have_value(NOTE)
    page.locator("#TK-A2-note").press("End")
    page.locator("#TK-A2-note").press_sequentially(" Hết.")
    context.set_offline(False)
    eventually(page, lambda: stored(visit, "A2") and stored(visit, "A2").note == f"{NOTE} Hết.")


def test_a_tap_before_the_phone_has_answered_takes_no_text_away(phone, visit):
    context = phone()
    typed_without_a_network(context, visit).close()
    context.add_init_script(SLOW)
    page = context.new_page()
    page.goto(section(visit))
    page.check("#TK-A2-partly")
    expect(page.locator("#TK-A2-note")).to_have_value(NOTE)
    expect(page.locator("#TK-A2-partly")).to_be_checked()
    context.set_offline(False)
    eventually(page, lambda: stored(visit, "A2") and stored(visit, "A2").value == "partly")
    assert stored(visit, "A2").note == NOTE
    says(page, "A2", SENT)


@pytest.mark.parametrize("was_sent", [False, True])
def test_a_text_typed_before_the_phone_has_answered_stands_beside_the_kept_one(phone, visit, was_sent):
    context = phone()
    page = typed_without_a_network(context, visit)
    if was_sent:
        context.set_offline(False)
        says(page, "A2", SENT)
        context.set_offline(True)
    put_away(page)
    context.add_init_script(SLOW)
    page = context.new_page()
    page.goto(f"{section(visit)}#TK-A2-note")  # as kept before anything was typed
    page.locator("#TK-A2-note").press_sequentially("x")
    says(page, "A2", KEPT)
    context.set_offline(False)
    says(page, "A2", "Phần này vừa được đổi")
    expect(page.locator("#TK-A2 [data-state] q")).to_contain_text(NOTE)
    assert stored(visit, "A2").note == NOTE
    assert Change.objects.get(outcome=Change.Outcome.CONFLICT).content["TK-A2-note"] == "x"


def test_a_tab_that_types_on_meets_no_conflict_with_itself(phone, visit):
    context = phone()
    first = opened_whole(context, visit)
    first.goto(section(visit))
    second = context.new_page()
    second.goto(section(visit))
    context.set_offline(True)
    for page, text in ((first, "A một"), (second, "B hai"), (first, "A một, A hai")):
        page.check("#TK-A2-not_met")
        page.fill("#TK-A2-note", text)
        says(page, "A2", KEPT)
    context.set_offline(False)
    eventually(first, lambda: stored(visit, "A2") and stored(visit, "A2").note == "A một, A hai")
    says(first, "A2", SENT)
    assert [each.outcome for each in Change.objects.exclude(outcome=Change.Outcome.SAVED)] == ["conflict"]


def test_a_note_stays_in_sight_while_it_holds_text(phone, visit):
    page = typed_without_a_network(phone(), visit)
    expect(page.locator("#TK-A1-note")).to_be_hidden()
    page.click("#TK-A1 .extra.note")
    expect(page.locator("#TK-A2-note")).to_be_visible()
    page.check("#TK-A1-no")
    page.fill("#TK-A1-note", NOTE)
    page.check("#TK-A1-yes")
    page.goto(section(visit))
    for short in ("A1", "A2"):
        expect(page.locator(f"#TK-{short}-note")).to_be_visible()


@pytest.mark.parametrize("path", ["", "sections/A/", "check/", "missing/", "met/", "quick/"])
def test_zoomed_to_twice_its_size_nothing_stands_before_a_page(phone, visit, path):
    context = phone()
    page = context.new_page()
    page.set_viewport_size({name: length // 2 for name, length in PHONE.items()})
    page.goto(f"/visits/{visit.public_id}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] // 2
    docks = page.locator(".dock")
    assert docks.count() == 0 or docks.evaluate("(dock) => getComputedStyle(dock).position") == "static"
