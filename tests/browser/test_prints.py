"""Scorecards on paper: A4, nothing cut, each unit of a meeting on one sheet, Vietnamese letters as letters."""

import re
import time
import zlib

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outlets.models import Membership, Role
from tests import worlds
from tests.national.conftest import SMALL
from vnpt_smile.bench import country
from vnpt_smile.national.seed import seed

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

A4 = (595, 842)  # points
PAPER = 688  # pixels between the margins of A4
# What is drawn beyond the edge of the paper, or of a cell that hides it.
CUT = """() => [...document.querySelectorAll('main *')].filter((each) => {
  const place = each.getBoundingClientRect();
  return each.checkVisibility() && !each.closest('.visually-hidden') && place.width && place.right > innerWidth + 1;
}).map((each) => each.outerHTML.slice(0, 90))"""
SHOWN = """() => [...document.querySelectorAll('.btn, nav, .topbar, form')]
  .filter((each) => each.checkVisibility()).map((each) => each.outerHTML.slice(0, 90))"""


@pytest.fixture
def cards():
    """A group, a province, an office and an outlet of a small country, with checklists of the usual length."""
    list(seed(SMALL))
    return {name: card.unit for name, card in country.cards().items()}


@pytest.fixture
def page(chromium, live_server, cards):
    client = Client()
    client.force_login(country.reader())
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def opened(page, live_server, name, unit):
    page.goto(live_server.url + reverse(f"audits:{name}", args=[unit.public_id]))
    return page


def papers(pdf: bytes) -> list[tuple[int, int]]:
    """The size of each page in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)", pdf + inflated(pdf))
    return [(round(float(width)), round(float(height))) for width, height in found]


def inflated(pdf: bytes) -> bytes:
    parts = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_nothing_is_cut_on_a4(page, live_server, cards):
    for name in ("scorecard_detail", "scorecard_units", "scorecard_explain", "scorecard_sheets"):
        page.set_viewport_size({"width": PAPER, "height": 972})
        page.emulate_media(media="print")
        opened(page, live_server, name, cards["group"])
        assert page.evaluate(CUT) == []
        assert page.evaluate(SHOWN) == []
        is_wide = name == "scorecard_units"
        assert set(papers(page.pdf(prefer_css_page_size=True))) == {A4[::-1] if is_wide else A4}


def test_each_unit_of_a_meeting_has_one_sheet(page, live_server, cards):
    opened(page, live_server, "scorecard_sheets", cards["group"])
    number = page.locator("article.paper").count()
    assert number >= 2
    assert len(papers(page.pdf(prefer_css_page_size=True))) == number


def test_one_unit_takes_four_sheets_at_most(page, live_server, cards):
    opened(page, live_server, "scorecard_detail", cards["province"])
    assert len(papers(page.pdf(prefer_css_page_size=True))) <= 4


def test_one_unit_prints_in_two_seconds_at_most(page, live_server, cards):
    opened(page, live_server, "scorecard_detail", cards["province"])
    taken = []
    for _turn in range(3):
        begun = time.monotonic()
        page.pdf(prefer_css_page_size=True)
        taken.append(time.monotonic() - begun)
    assert min(taken) <= 2, taken


def test_what_is_printed_says_which_unit_and_months_it_is_of(page, live_server, cards):
    opened(page, live_server, "scorecard_detail", cards["province"])
    head = page.locator(".paper-head")
    assert not head.is_visible()
    page.emulate_media(media="print")
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert head.inner_text() == f"{cards['province'].name} · Tháng 10/2026 · in ngày {today}"


def test_a_managers_home_is_printed_with_the_same_head(page, live_server, cards):
    manager = worlds.user("manager")
    of_province = {"role": Role.MANAGER, "unit": cards["province"], "granted_at": timezone.now()}
    Membership.objects.create(user=manager, **of_province)
    client = Client()
    client.force_login(manager)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.set_viewport_size({"width": PAPER, "height": 972})
    page.goto(live_server.url)
    page.emulate_media(media="print")
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert page.locator(".paper-head").inner_text() == f"{cards['province'].name} · Tháng 10/2026 · in ngày {today}"
    assert page.evaluate(CUT) == []
    assert not page.locator(".about").is_visible()


def test_vietnamese_letters_are_in_the_file_as_text(page, live_server, cards):
    opened(page, live_server, "scorecard_detail", cards["province"])
    page.evaluate("document.querySelector('h1').textContent = 'Ữ Ẫ Ặ Ợ Ỵ đ Đ ₫'")
    mapped = letters_of(inflated(page.pdf(prefer_css_page_size=True)).decode("latin-1"))
    assert mapped.issuperset("ỮẪẶỢỴđĐ₫")


def letters_of(maps: str) -> set[str]:
    """What the fonts of a file say that their glyphs mean: one by one, or from one letter on."""
    found = {int(code, 16) for code in re.findall(r"<[0-9A-Fa-f]{4}> <([0-9A-Fa-f]{4})>\n", maps)}
    for first, last, letter in re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>\n", maps):
        found |= {int(letter, 16) + step for step in range(int(last, 16) - int(first, 16) + 1)}
    return {chr(code) for code in found}
