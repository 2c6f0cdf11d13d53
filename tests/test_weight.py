"""What the first page of the form weighs over the wire, and what its scripts do."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.fieldwork.visits import kept_pages, sheet
from audits.models import Checklist, Visit
from tests import sheets, worlds
from vnpt_smile.offline import FILES
from vnpt_smile.static_files import StaticFiles, as_served

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PAGE_AND_FILES, PAGE_ALONE, SCRIPTS, FETCHED_AHEAD = 90_000, 12_000, 20_000, 150_000  # bytes
FILE = re.compile(r'"/static/([^"#]+)')
IMAGE = re.compile(r'url\("?\.\./img/([\w.-]+)')
HEADERS = 600  # of one answer, about


@pytest.fixture
def page(client):
    checklists.install_defaults(by=None, at=worlds.NOW)
    places = worlds.places()
    people = worlds.people(places)
    visit = sheets.started(places.counter, people.shopper, Checklist.objects.get(code="TQ"))
    client.force_login(people.shopper)
    address = reverse("audits:section_edit", args=[visit.public_id, "A"])
    return client.get(address, headers={"accept-encoding": "gzip, br"})


def files(page) -> dict[str, int]:
    """Bytes of each file of a page and of what its styles name, compressed as WhiteNoise serves them."""
    names = set(FILE.findall(gzip.decompress(page.content).decode()))
    styles = [name for name in names if name.endswith(".css")]
    for style in styles:
        names |= {f"img/{name}" for name in IMAGE.findall(read(style).decode())}
    return {name: len(brotli.compress(read(name))) for name in names}


def read(name: str) -> bytes:
    """A file as production serves it."""
    content = Path(finders.find(name)).read_bytes()
    return as_served(name, content.decode()).encode() if name.startswith(("js/", "css/")) else content


def test_the_first_section_is_light(page, client, capsys):
    """Cold is all that one sight of it brings over the wire: the page, its files, and what the worker keeps besides."""
    assert page["Content-Encoding"] == "gzip"
    sizes = files(page)
    sizes |= {name: len(brotli.compress(read(name))) for name in FILES}
    for name in ("service_worker", "offline"):
        sizes[name] = len(client.get(reverse(name), headers={"accept-encoding": "gzip, br"}).content)
    scripts = sizes["service_worker"] + sum(size for name, size in sizes.items() if name.endswith(".js"))
    assert len(page.content) + HEADERS <= PAGE_ALONE
    assert scripts <= SCRIPTS
    cold = len(page.content) + sum(sizes.values()) + HEADERS * (len(sizes) + 1)
    with capsys.disabled():
        print(f"\ncold {cold / 1000:.1f} kB, warm {len(page.content) / 1000:.1f}, scripts {scripts / 1000:.1f}")
    assert cold <= PAGE_AND_FILES


def test_the_pages_fetched_ahead_are_told_apart(client, page, capsys):
    """Once, when a visit is opened, its worker fetches all other pages: after the first sight, so it delays nobody."""
    visit = Visit.objects.get()
    pages = kept_pages.pages(sheet.read(visit))
    sizes = [len(client.get(each, headers={"accept-encoding": "gzip, br"}).content) + HEADERS for each in pages]
    with capsys.disabled():
        print(f"\n{len(pages)} pages fetched ahead: {sum(sizes) / 1000:.0f} kB, the largest {max(sizes) / 1000:.1f}")
    assert max(sizes) <= 2 * PAGE_ALONE
    assert sum(sizes) <= FETCHED_AHEAD


def test_production_serves_our_scripts_and_styles_made_small(tmp_path):
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    script = b'"use strict";\n// For people.\n(() => {\n  go(`//  ${here}`); // and more\n})();\n'

    def saved(name, content):
        return (tmp_path / storage.save(name, ContentFile(content))).read_text()

    assert saved("js/some.js", script) == '"use strict";(()=>{go(`//  ${here}`);})();'
    assert saved("css/some.css", b"/* For people. */\n.a {\n  color: red;\n}\n") == ".a{color:red}"
    assert saved("vendor/some.css", b".b { color: red; }\n") == ".b { color: red; }\n"


def test_a_photo_is_not_compressed_again(client, media_root):
    places = worlds.places()
    people = worlds.people(places)
    visit = sheets.submitted(places.counter, people.shopper)
    client.force_login(people.shopper)
    ids = [visit.public_id, visit.photos.get().public_id]
    answer = client.get(reverse("audits:visit_photo", args=ids), headers={"accept-encoding": "gzip"})
    assert (answer.status_code, answer.has_header("Content-Encoding")) == (200, False)
    assert answer.has_header("Content-Length")
