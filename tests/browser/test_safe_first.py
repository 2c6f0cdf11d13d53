"""What is answered is on the phone's disk before anything else happens to it."""

import pytest

from tests.browser.phones import KEPT, SENT, choose, eventually, expect, opened, photos_say, says, stored

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Writes down, in their order, what is written to the phone and how, and what goes over the network.
ORDER = """
    globalThis.order = [];
    const really = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (names, mode, options) {
        const made = really.call(this, names, mode, options);
        if (mode === "readwrite") {
            const kept = `${[names].flat()} kept ${options?.durability}`;
            made.addEventListener("complete", () => order.push(kept));
        }
        return made;
    };
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
        order.push("sent");
        return send.call(this, body);
    };
"""
# Keeps the phone's disk busy until `busy` is false.
BUSY = """new Promise((resolve, reject) => {
    const asked = indexedDB.open("smile");
    asked.onsuccess = () => {
        globalThis.busy = true;
        const all = asked.result.transaction("changes", "readwrite").objectStore("changes");
        const again = () => { if (busy) all.count().onsuccess = again; else asked.result.close(); };
        again();
        resolve();
    };
})"""


def test_an_answer_is_on_the_disk_before_it_is_sent(phone, visit):
    context = phone()
    context.add_init_script(ORDER)
    page = opened(context, visit)
    page.check("#TK-A2-not_met")
    says(page, "A2", SENT)
    order = page.evaluate("order")
    assert order[0] == "changes kept strict"
    assert "sent" in order
    assert {entry for entry in order if "kept" in entry} == {"changes kept strict", "received kept strict"}


def test_a_photo_is_on_the_disk_before_it_is_sent(phone, visit, tmp_path):
    context = phone()
    context.add_init_script(ORDER)
    page = opened(context, visit)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    order = page.evaluate("order")
    assert order[0] == "photos kept strict"
    assert {entry for entry in order if "kept" in entry} == {"photos kept strict", "received kept strict"}


def test_the_camera_opens_when_what_was_typed_is_on_the_disk(phone, visit):
    page = opened(phone(), visit)
    page.route("**/sync/**", lambda route: route.abort())
    opened_choosers = []
    page.on("filechooser", lambda chooser: opened_choosers.append(chooser))
    page.evaluate(BUSY)
    page.check("#TK-A2-partly")
    page.click('label[for="TK-A1-photos"]')
    page.wait_for_timeout(800)
    assert opened_choosers == []
    page.evaluate("busy = false")
    says(page, "A2", KEPT)
    eventually(page, lambda: opened_choosers)
    assert len(opened_choosers) == 1


def test_the_camera_opens_at_once_when_all_is_on_the_disk(phone, visit):
    page = opened(phone(), visit)
    page.check("#TK-A2-partly")
    says(page, "A2", SENT)
    with page.expect_file_chooser():
        page.click('label[for="TK-A1-photos"]')


def test_a_tap_while_what_is_kept_is_laid_over_the_page_stands(phone, visit):
    """A radio tapped in the first instant of a page is newer than what the phone has kept."""
    context = phone()
    page = opened(context, visit)
    page.route("**/sync/**", lambda route: route.abort())
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    # After the scripts have run, and before the phone's database has answered them.
    page.add_init_script("addEventListener('DOMContentLoaded', () => document.getElementById('TK-A2-partly').click());")
    page.reload()
    says(page, "A2", KEPT)
    expect(page.locator("#TK-A2-partly")).to_be_checked()
    page.unroute("**/sync/**")
    page.check("#TK-A1-yes")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "partly"
    assert page.locator("#TK-A2-partly").is_checked()
    assert stored(visit, "A2").revision == 1
