"""Every page as its reader sees it: in Vietnamese, on a phone and on a desk, with the accessibility rules of axe."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import access_world
from tests.access_table import TABLE, Row

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
# What is a picture or a plain word, not a page.
NO_PAGES = {
    "healthz",
    "readyz",
    "service_worker",
    "audits:visit_photo",
    "audits:visit_thumbnail",
    "audits:received_photo",
}
NO_PAGES |= {"audits:received_thumbnail", "audits:review_shown_photo", "audits:scorecard_export"}
NO_PAGES |= {"audits:visit_answers", "audits:version_whatif_export", "audits:version_whatif_xlsx_export"}
NO_PAGES |= {"audits:version_export"}
NO_PAGES |= {
    "audits:api_results",
    "audits:api_scorecard",
    "audits:api_rows",
    "audits:export_file",
    "audits:evidence_photo",
    "audits:evidence_thumbnail",
}
NO_PAGES |= {"audits:second_look_file", "audits:second_look_thumbnail", "audits:example_picture"}
NO_PAGES |= {"audits:example_thumbnail", "audits:visit_example", "audits:visit_example_thumbnail"}
NOT_LOGGED_IN = ""
PARTS = 4  # all pages together take longer than one test may
ALSO = {"landmark-unique"}  # moderate: who goes from landmark to landmark hears two of one name
# Without what holds, of which axe tells as much: bringing that out of the browser takes longer than finding it.
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(({violations}) => violations)"


def readers(row: Row) -> list[str]:
    """Who looks at a page: one role that may, or everybody for the home, which differs for each."""
    if row.url == "home":
        return list(row.roles)
    return list(row.roles)[:1] or [NOT_LOGGED_IN]


# Pages for nobody first: a log-in ends the one-time links of its owner.
PAGES = sorted(
    (row for row in TABLE if "GET" in row.methods and row.url not in NO_PAGES), key=lambda row: bool(row.roles)
)


@pytest.fixture
def world():
    return access_world.build()


def signed_in(browser, live_server, user):
    context = browser.new_context(locale="vi-VN")
    if user is not None:
        client = Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context


def problems(page) -> list[str]:
    """What is wrong with a page at its present width."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.Axe().axe_script)
    found = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in page.evaluate(VIOLATIONS)
        if violation["impact"] in ("serious", "critical") or violation["id"] in ALSO
    ]
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{too_wide} px too wide"] if too_wide > 0 else [])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_fits_and_is_accessible(chromium, live_server, world, part):
    found, pages = {}, {}
    for row in PAGES[part::PARTS]:
        arguments = world.targets[row.target]["own"] if row.target else {}
        for role in readers(row):
            if role not in pages:
                pages[role] = signed_in(chromium, live_server, world.people.all.get(role)).new_page()
            page = pages[role]
            answer = page.goto(live_server.url + reverse(row.url, kwargs=arguments))
            wrong = [f"status {answer.status}"] if answer.status >= 400 else []
            if page.locator("h1").count() != 1:
                wrong.append(f"{page.locator('h1').count()} main headings")
            for name, (width, height) in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                wrong += [f"{name}: {problem}" for problem in problems(page)]
            if wrong:
                found[f"{row.url} as {role or 'nobody'}"] = wrong
    for page in pages.values():
        page.context.close()
    assert found == {}
