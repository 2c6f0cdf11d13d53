"""What tests of the phone form do on a phone, and what they read from it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.models import Answer
from tests import sheets

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect, Error = playwright.expect, playwright.Error

PHONE = {"width": 390, "height": 844}
KEPT, SENT = "Đã giữ trên máy, sẽ tự gửi", "Đã gửi"


def log_in(context, user, url):
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def section(visit, code="A"):
    return reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": code})


def opened(context, visit, code="A"):
    page = context.new_page()
    page.goto(section(visit, code))
    return page


def says(page, short, text):
    expect(page.locator(f"#TK-{short} [data-state]")).to_contain_text(text, timeout=10_000)


def bar_says(page, text):
    expect(page.locator("[data-outbox]")).to_contain_text(text, timeout=10_000)


def stored(visit, short):
    return Answer.objects.filter(visit=visit, criterion__code=f"TK-{short}").first()


def eventually(page, is_so):
    """Waits, at most ten seconds, until what the page has set going has come about."""
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(100)
    assert is_so()


def complete(visit, shopper):
    return sheets.complete(visit, shopper, at=timezone.now())


def log_out(page):
    if not page.locator(".menu[open]").count():
        page.click(".menu summary")
    page.click(".menu-form button")


def choose(page, tmp_path, *colours, size=(2400, 1800)):
    """Picks files at the first question, as from the gallery."""
    files = [tmp_path / f"{colour}.jpg" for colour in colours]
    for file, colour in zip(files, colours, strict=True):
        file.write_bytes(sheets.picture(colour, size=size).read())
    page.set_input_files("#TK-A1-photos", [str(file) for file in files])


def photos_say(page, *texts):
    expect(page.locator("#TK-A1 [data-photos] .kept")).to_contain_text(list(texts), timeout=15_000)


def held(page):
    """How many records the phone holds, with those of pages that went away."""
    return page.evaluate(
        """() => new Promise((resolve, reject) => {
            const asked = indexedDB.open("smile");
            asked.onerror = () => reject(asked.error);
            asked.onsuccess = () => {
                const names = [...asked.result.objectStoreNames];
                const transaction = asked.result.transaction(names);
                const counts = names.map((name) => transaction.objectStore(name).count());
                const left = Object.keys(localStorage).filter((name) => name.startsWith("smile ")).length;
                transaction.oncomplete = () => resolve(counts.reduce((sum, each) => sum + each.result, left));
            };
        })"""
    )


def put_away(page):
    """Closes a page. A page without a network has one again while it closes: what it sends just then would arrive."""
    page.goto("about:blank")
    page.close()
