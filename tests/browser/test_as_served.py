"""Scripts and styles as production serves them do what those in the repository do."""

from pathlib import Path

import pytest
from django.urls import reverse

from audits.fieldwork.states import VisitState
from tests.browser.phones import choose, complete, expect, opened, photos_say, says, stored
from vnpt_smile.static_files import as_served

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

FILES = sorted(path.relative_to("static").as_posix() for path in Path("static").rglob("*.[cj]s*"))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_script_made_small_can_still_be_read(chromium, name):
    page = chromium.new_page()
    page.evaluate("script => void new Function(script)", as_served(name, Path("static", name).read_text()))
    page.close()


def test_a_visit_is_filled_in_and_submitted_with_them(phone, visit, people, tmp_path):
    context = phone()
    served, problems = set(), []

    def serve(route):
        name = route.request.url.partition("/static/")[2]
        served.add(name)
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        route.fulfill(body=as_served(name, Path("static", name).read_text()), content_type=kind)

    context.route(lambda url: url.partition("/static/")[2] in FILES, serve)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = opened(context, visit)
    assert {"js/phone/store.js", "js/phone/outbox.js", "css/visits.css"} <= served
    page.check("#TK-A2-partly")
    says(page, "A2", "Đã gửi")
    choose(page, tmp_path, "gold")
    photos_say(page, "Đã gửi")
    assert stored(visit, "A2").value == "partly"
    complete(visit, people.shopper)
    page.goto(reverse("audits:visit_check", args=[visit.public_id]))
    page.click(".submit .btn-primary")
    expect(page.locator("main")).to_contain_text("Đã nhận đủ")
    visit.refresh_from_db()
    assert visit.state == VisitState.SUBMITTED
    assert problems == []
