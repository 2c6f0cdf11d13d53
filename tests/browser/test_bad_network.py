"""A whole visit over a network that loses four answers of ten and cuts three of ten things sent."""

import re
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from audits.models import Answer, Photo, Submission
from tests import sheets
from tests.browser.phones import Error, expect, log_in, section
from tests.browser.proxy import bad_network
from tests.races import TIMES

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

CLAIM = re.compile(r"Đã gửi (\d+)/\d+ câu")
PATIENCE = 90  # seconds


def claimed(page) -> int:
    """How many answers the page says the server has."""
    found = CLAIM.search(page.inner_text(".dock"))
    return int(found[1]) if found else 0


def claimed_photos(page) -> int:
    """How many photos of this page it says the server has."""
    return page.locator("[data-photos] .photo .is-sent").count()


def claimed_receipt(page) -> str:
    shown = page.locator(".receipt-no dd, .notice.is-met b")
    return shown.first.inner_text() if shown.count() else ""


def stored(visit) -> int:
    return Answer.objects.filter(visit=visit).count()


def until(page, visit, all_is_there) -> None:
    """Tries again and again, as a phone does that finds its network, and lets no page claim what is not there."""
    end = time.monotonic() + PATIENCE
    while not all_is_there():
        assert claimed(page) <= stored(visit)
        assert claimed_photos(page) <= Photo.objects.kept().count()
        assert time.monotonic() < end, page.inner_text("main")
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(150)


def hashes(page) -> list[str]:
    """Of the photos that the phone holds, as it made them."""
    return sorted(
        page.evaluate(
            """() => new Promise((resolve) => {
                const asked = indexedDB.open("smile");
                asked.onsuccess = () => {
                    const all = asked.result.transaction("photos").objectStore("photos").getAll();
                    all.onsuccess = () => { asked.result.close(); resolve(all.result.map((each) => each.sha256)); };
                };
            })"""
        )
    )


@pytest.mark.parametrize("seed", [2026 + number for number in range(TIMES)])
def test_every_answer_and_photo_arrives_exactly_once(chromium, live_server, people, visit, tmp_path, seed):
    with bad_network(live_server.url, lost=0.4, cut=0.3, seed=seed) as (address, done):
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN", base_url=address)
        context.set_default_timeout(20_000)
        log_in(context, people.shopper, address)
        page = context.new_page()
        files = []
        for number, colour in enumerate(("steelblue", "gold", "tomato", "teal")):
            files.append(tmp_path / f"{number}.jpg")
            files[-1].write_bytes(sheets.picture(colour, size=(1600, 1200)).read())

        page.goto(section(visit, "A"))
        page.check("#TK-A1-yes")
        page.set_input_files("#TK-A1-photos", [str(file) for file in files])
        page.check("#TK-A2-not_met")
        page.fill("#TK-A2-note", "Không ai chào khi tôi bước vào.")
        until(page, visit, lambda: page.locator("#TK-A1 [data-photos] .photo .is-sent").count() == len(files))
        page.goto(section(visit, "B"))
        page.fill("#TK-B1-number", "7")
        page.check("#TK-B2-a")
        until(page, visit, lambda: page.locator("fieldset .kept.is-sent").count() == 2)
        page.goto(section(visit, "Z"))
        page.check("#TK-Z1-4")
        page.fill("#TK-Z2-text", "Tôi vào lúc vắng khách.")
        until(page, visit, lambda: page.locator("fieldset .kept.is-sent").count() == 2)

        answers = Answer.objects.filter(visit=visit).select_related("criterion")
        assert {
            each.criterion.code.removeprefix("TK-"): (each.value, each.number, each.text, each.note) for each in answers
        } == {
            "A1": ("yes", None, "", ""),
            "A2": ("not_met", None, "", "Không ai chào khi tôi bước vào."),
            "B1": ("", 7, "", ""),
            "B2": ("a", None, "", ""),
            "Z1": ("4", None, "", ""),
            "Z2": ("", None, "Tôi vào lúc vắng khách.", ""),
        }
        assert sorted(Photo.objects.kept().values_list("sha256", flat=True)) == hashes(page)
        assert len(set(hashes(page))) == Photo.objects.count() == len(files)

        for _ in range(40):
            receipt = claimed_receipt(page)
            assert not receipt or Submission.objects.filter(visit=visit, receipt=receipt).exists()
            if urlsplit(page.url).path.endswith("/receipt/"):
                break
            go(page, f"/visits/{visit.public_id}/")
            if "Phiếu nhận" in page.inner_text("main") or page.locator("text=biên nhận").count():
                break
            go(page, f"/visits/{visit.public_id}/met/")
            page.fill("#id_description", "Quầy số 2")
            click_through(page, ".dock .btn-primary")
            go(page, f"/visits/{visit.public_id}/check/")
            if page.locator(".submit .btn-primary").count():
                click_through(page, ".submit .btn-primary")
        made = Submission.objects.get(visit=visit)
        go(page, f"/visits/{visit.public_id}/receipt/")
        assert claimed_receipt(page) == made.receipt
        expect(page.locator("h1")).to_have_text(f"Đã nhận đủ {made.answers} câu, {made.photos} ảnh")
        assert (made.answers, made.photos) == (stored(visit), Photo.objects.kept().count())
        assert min(done["lost"], done["cut"]) >= 3, done
        context.close()


def go(page, address) -> None:
    """Opens a page, also where a script has just set out for another."""
    with suppress(Error):  # that journey came between
        page.goto(address)
        return
    page.wait_for_timeout(800)
    page.goto(address)


def click_through(page, selector) -> None:
    """Presses a button whose answer may be lost: then the browser shows a page of its own."""
    page.click(selector)
    page.wait_for_timeout(800)
