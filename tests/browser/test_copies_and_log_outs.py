"""A page that was asked for before a log-out and comes after it is nobody's copy, whoever is there then."""

import time

import pytest

from audits.fieldwork.visits import views
from tests.browser.phones import log_out
from tests.browser.test_offline import KEPT_PAGES, tasks

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow(monkeypatch):
    """Pages of the form take so many seconds, once a number is in this list."""
    seconds: list[float] = []
    keepable = views.keepable

    def slowly(request, response):
        if seconds and any(part in request.path for part in ("sections", "check", "missing")):
            time.sleep(seconds[0])
        return keepable(request, response)

    monkeypatch.setattr(views, "keepable", slowly)
    return seconds


def copies(page):
    return [each for each in page.evaluate(KEPT_PAGES) if each.startswith("/visits/")]


def controlled(context):
    """A page whose worker is at work."""
    page = context.new_page()
    page.goto("/visits/")
    page.wait_for_timeout(1500)
    return page


@pytest.mark.parametrize("is_another_tab", [False, True])
def test_after_a_log_out_no_copy_comes_back(phone, visit, slow, is_another_tab):
    context = phone()
    page = controlled(context)
    slow.append(1.5)
    fetching = context.new_page() if is_another_tab else page
    fetching.goto(tasks(visit))
    fetching.wait_for_timeout(1000)
    log_out(page)
    page.wait_for_url("**/login/**")
    page.wait_for_timeout(4000)
    assert copies(page) == []


def test_a_page_of_before_a_log_in_does_not_make_its_owner_the_phones_again(phone, visit, slow):
    context = phone()
    page = controlled(context)
    slow.append(4)
    other = context.new_page()
    other.goto(tasks(visit))
    other.wait_for_timeout(800)
    log_out(page)
    page.wait_for_url("**/login/**")
    page.fill("#id_username", "shopper2")
    page.fill("#id_password", "mật khẩu thử nghiệm")
    page.press("#id_password", "Enter")
    page.wait_for_url("**/visits/")
    page.wait_for_timeout(5000)
    assert set(copies(page)) == {"/visits/"}
    context.set_offline(True)
    page.goto(f"{tasks(visit)}check/")
    assert page.inner_text("h1") == "Không có mạng"
