"""How long a phone waits before it tries again: longer each time, and not at all when its owner does something."""

import pytest

from tests.browser.phones import KEPT, SENT, eventually, expect, opened, says, stored

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Writes down each wait between two tries, in seconds, and shortens it to a thousandth, or lets it never end. Other
# timers are left alone.
WAITS = """
    globalThis.waits = [];
    globalThis.isEndless = false;
    const really = setTimeout;
    globalThis.setTimeout = (act, ms, ...more) => {
        const seconds = ms / 1000;
        const isWait = seconds === 300 || (seconds >= 1 && Number.isInteger(Math.log2(seconds)));
        if (isWait) waits.push(seconds);
        return really(act, !isWait ? ms : isEndless ? 2 ** 30 : seconds, ...more);
    };
"""
DOUBLED = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.fixture
def page(phone, visit):
    context = phone()
    context.add_init_script(WAITS)
    return opened(context, visit)


def failing(page):
    """Every request of the outbox comes to nothing from now on; those asked so far."""
    asked = []
    page.route("**/sync/**", lambda route: (asked.append(route), route.abort()))
    return asked


def waits(page):
    return page.evaluate("waits")


def test_each_wait_is_twice_the_one_before_up_to_five_minutes(page):
    asked = failing(page)
    page.check("#TK-A2-met")
    eventually(page, lambda: len(waits(page)) >= 11)
    assert waits(page)[:11] == DOUBLED
    assert len(asked) <= len(waits(page)) + 1  # one wait for each try


def test_many_taps_are_no_failures_of_the_network(page, visit):
    failing(page)
    page.evaluate("isEndless = true")
    page.evaluate("""async () => {
        for (let tap = 0; tap < 12; tap += 1) {
            document.querySelector(`#TK-A2-${tap % 2 ? "met" : "partly"}`).click();
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }""")
    says(page, "A2", KEPT)
    eventually(page, lambda: len(waits(page)) >= 2)
    assert set(waits(page)) == {1}
    page.evaluate("isEndless = false; waits.length = 0")
    page.check("#TK-A1-yes")
    eventually(page, lambda: len(waits(page)) >= 6)
    made = waits(page)
    last = len(made) - 1 - made[::-1].index(1)  # after the last tap the count begins anew, once
    assert made[last:] == DOUBLED[: len(made) - last]


def test_what_is_typed_is_tried_at_once_and_leaves_no_older_wait(page, visit):
    asked = failing(page)
    page.check("#TK-A2-met")
    eventually(page, lambda: len(waits(page)) >= 7)
    page.evaluate("waits.length = 0")
    page.check("#TK-A1-yes")
    eventually(page, lambda: len(waits(page)) >= 3)
    made = waits(page)
    last = len(made) - 1 - made[::-1].index(1)
    assert made[last:] == DOUBLED[: len(made) - last]
    page.unroute("**/sync/**")
    says(page, "A1", SENT)
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"
    assert asked


def test_what_is_asked_for_while_a_try_goes_on_is_tried_once_after_it(page):
    asked = []

    def slow(route):
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/sync/**/changes/", slow)
    page.check("#TK-A2-met")
    eventually(page, lambda: asked)
    begun = page.evaluate("navigator.locks.query().then(({ pending }) => pending.length)")
    page.evaluate("for (let time = 0; time < 20; time += 1) dispatchEvent(new Event('online'))")
    page.check("#TK-A1-yes")
    says(page, "A1", KEPT)
    assert page.evaluate("navigator.locks.query().then(({ pending }) => pending.length)") == begun == 0
    asked[0].abort()
    expect(page.locator("#TK-A1 [data-state]")).to_contain_text(SENT, timeout=10_000)
    says(page, "A2", SENT)
