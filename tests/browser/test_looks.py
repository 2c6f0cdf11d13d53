"""The design language in a real browser: both themes, both widths, without a script, by keyboard, on paper."""

import pytest
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outlets.models import Membership, Role, Unit
from tests import worlds

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
# The smallest thing a thumb can hit: WCAG asks for 24 px, the house for 40.
SMALL = """() => [...document.querySelectorAll('a.btn, button, summary, select, input:not([type=hidden])')]
  .filter(each => each.checkVisibility() && !each.matches('.form-check-input, .tick input'))
  .filter(each => each.getBoundingClientRect().height < 24)
  .map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture
def people():
    return worlds.people(worlds.places())


@pytest.fixture
def opened(chromium, live_server):
    """Opens an address as `user` and gives the page; closes all of them afterwards."""
    contexts = []

    def opens(user, name, *, width="desk", **options):
        size = WIDTHS[width]
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN", **options)
        contexts.append(context)
        client = Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + reverse(name))
        return page

    yield opens
    for context in contexts:
        context.close()


def problems(page) -> list[str]:
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in axe.Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_fits_and_is_accessible(opened, people, width, scheme):
    page = opened(people.office, "components", width=width, color_scheme=scheme)
    assert problems(page) == []
    assert page.evaluate(FITS)
    assert page.evaluate(SMALL) == []


def test_dark_is_another_theme(opened, people):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened(people.office, "components", color_scheme="light").evaluate(ground)
    dark = opened(people.office, "components", color_scheme="dark").evaluate(ground)
    assert (light, dark) == ("rgb(244, 246, 248)", "rgb(16, 23, 29)")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_name_in_the_header_leaves_room_for_the_rest(opened, people, width):
    people.manager.full_name = "Nguyễn Phước Công Tằng Tôn Nữ Thị Hoàng Bích Ngọc Thiên Hương"
    people.manager.save()
    page = opened(people.manager, "home", width=width)
    assert page.evaluate(FITS)
    assert page.locator(".topbar").bounding_box()["height"] < 60
    assert page.locator(".wordmark").bounding_box()["width"] > 140


def test_a_role_over_two_lines_is_read_whole_and_pushes_no_entry(opened, people):
    manager = people.manager
    Unit.objects.filter(code="AGG").update(name="Trung tâm Kinh doanh VNPT – Vinaphone tỉnh An Giang (Long Xuyên)")
    page = opened(manager, "home")
    role = page.locator(".who span")
    assert role.evaluate("each => each.scrollHeight <= each.clientHeight && each.scrollWidth <= each.clientWidth")
    assert page.locator(".who").get_attribute("title") == f"{manager.shown_name} · {role.inner_text()}"
    assert entries(page) == (4, True)
    assert page.locator(".topbar").bounding_box()["height"] < 68
    assert page.evaluate(FITS)


def entries(page) -> tuple[int, bool]:
    """How many entries the bar shows, and whether they stand on one line."""
    shown = [link.bounding_box() for link in page.locator(".topnav a").all() if link.is_visible()]
    return len(shown), len({box["y"] for box in shown}) <= 1


def test_many_entries_stand_on_a_line_of_their_own_and_fold_on_a_narrow_window(opened, people):
    page = opened(people.office, "home")
    assert entries(page) == (10, True)
    bar, name = page.locator(".topnav").bounding_box(), page.locator(".wordmark").bounding_box()
    assert bar["y"] >= name["y"] + name["height"] - 1
    assert entries(opened(people.manager, "home")) == (4, True)
    Membership.objects.create(user=people.coordinator, role=Role.SYSADMIN, granted_at=timezone.now())
    page = opened(people.coordinator, "home", width="phone")
    assert entries(page)[0] == 0
    page.locator(".menu summary").click()
    assert page.locator(".menu-pages a:visible").count() == 9
    assert page.evaluate(FITS)


def test_the_menu_works_by_keyboard_and_without_a_script(opened, people):
    page = opened(people.office, "home", width="phone", java_script_enabled=False)
    link = page.locator(".menu-pages a").nth(1)
    assert not link.is_visible()
    assert page.locator(".menu summary").inner_text().strip() == "Menu"
    for _ in range(3):  # the skip link, the name of the site, the menu
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert link.is_visible()
    page.locator(".menu-language button").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_first_tab_leads_past_the_header(opened, people):
    page = opened(people.office, "home")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_the_note_opens_with_an_answer_that_is_not_met(opened, people):
    page = opened(people.office, "components", width="phone", java_script_enabled=False)
    note = page.locator("#show-1-note")
    assert not note.is_visible()
    page.locator("#show-1-no").check()
    assert note.is_visible()


def test_a_row_of_a_list_becomes_a_block_on_a_phone(opened, people):
    cells = "[...document.querySelectorAll('.data tbody tr:first-child > *')].map(e => e.getBoundingClientRect().left)"
    assert len(set(opened(people.office, "components", width="phone").evaluate(cells))) == 1
    assert len(set(opened(people.office, "components", width="desk").evaluate(cells))) == 4


def test_paper_has_no_controls(opened, people):
    page = opened(people.office, "components", color_scheme="dark")
    page.emulate_media(media="print")
    for hidden in (".dock", ".top-right", ".listing-tools", ".pager", ".btn-primary >> nth=0"):
        assert not page.locator(hidden).is_visible()
    assert page.locator(".data").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_what_visits_count_as_is_out_of_sight_where_all_is_kept_as_it_is(opened, people):
    page = opened(people.office, "home")
    page.evaluate(
        """address => { document.body.innerHTML = `<link rel="stylesheet" href="${address}"><form>
        <input type="radio" name="decision" value="upheld"><input type="radio" name="decision" value="kept">
        <div class="only-upheld"><select><option value="as-it-is">-<option value="yes">+</select></div></form>`; }""",
        static("css/review.css"),
    )
    page.wait_for_load_state("networkidle")
    select = page.locator("select")
    assert select.is_visible()
    page.check("[value=kept]")
    select.wait_for(state="hidden")
    page.check("[value=upheld]")
    select.select_option("yes")
    page.check("[value=kept]")
    assert select.is_visible()


@pytest.mark.parametrize("look", ["btn-primary", "btn-quiet"])
def test_a_button_that_has_the_focus_is_seen_to_have_it(opened, people, look):
    page = opened(people.office, "components")
    page.locator(f".btn.{look}").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = page.evaluate(
        "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert ring == ["solid", "3px"]
    assert look in page.evaluate("document.activeElement.className")
