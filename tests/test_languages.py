"""Every page in Vietnamese and in English: nothing of the one language stands in the other.

What may stand in either language is data: whatever text a row of the test world holds (names, addresses,
checklists), and what an element marks as being in another language (lang="…"). All the rest is ours:
  - in Vietnamese, gettext finds every text it is asked for, and no text is the same as in English;
  - in English, no letter is Vietnamese.
"""

import gettext
import unicodedata

import pytest
from django.test import override_settings

from tests import crawl as crawler
from tests.crawl import NAMES, WORD, Crawl, Texts
from tests.msgids import ROOT, without_tags

# Once, since the pages are the same on both databases. One crawl, of a world that it takes back, serves all the tests.
pytestmark = [pytest.mark.once, pytest.mark.django_db]

# The same word in both languages.
SAME = frozenset({"Internet", "Email", "URL", "Menu"})


@pytest.fixture(scope="module")
def crawl(django_db_setup, django_db_blocker, tmp_path_factory) -> Crawl:
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        return crawler.crawl()


def is_said(text: str) -> bool:
    """Whether it holds a word: receipts and codes are in capitals, figures and marks are no words."""
    return any(not word.isupper() for word in WORD.findall(text))


def is_vietnamese(text: str) -> bool:
    return any(letter in "đĐ" or unicodedata.combining(letter) for letter in unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("name", NAMES)
def test_gettext_finds_every_text_of_a_vietnamese_page(crawl, name):
    assert {text: page.asked for page in crawl.of(name, "vi") for text in page.not_found} == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_ours_is_the_same_in_both_languages(crawl, name):
    english = {page.asked: set(page.texts) for page in crawl.of(name, "en")}
    same = {
        text: page.asked
        for page in crawl.of(name, "vi")
        for text in page.texts
        if text in english[page.asked] and text not in SAME and is_said(crawl.beside_data(text))
    }
    assert same == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_english_text_of_the_catalogue_stands_on_a_vietnamese_page(crawl, name):
    shown = {text: page.asked for page in crawl.of(name, "vi") for text in page.texts}
    assert {text: shown[text] for text in shown.keys() & english_texts() - crawl.data} == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_vietnamese_text_of_ours_stands_on_an_english_page(crawl, name):
    found = {
        text: page.asked
        for page in crawl.of(name, "en")
        for text in page.texts
        if is_vietnamese(text) and is_vietnamese(crawl.beside_data(text))
    }
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_declares_the_language_it_is_in(crawl, name):
    assert {page.declared for page in crawl.of(name, "vi")} <= {("vi", "vi")}
    assert {page.declared for page in crawl.of(name, "en")} <= {("en", "en")}


def test_the_crawl_meets_the_pages(crawl):
    """A crawl that is refused everywhere would find nothing."""
    met = {page.name for page in crawl.pages}
    without_page = (
        "healthz",
        "readyz",
        "service_worker",
        "_photo",
        "_thumbnail",
        "example_picture",
        "visit_example",
        "_export",
        "_answers",
        "export_file",
        "look_file",
        "api_results",
        "api_scorecard",
        "api_rows",
    )
    assert [name for name in NAMES if name not in met and not name.endswith(without_page)] == []
    assert [(page.name, page.asked) for page in crawl.pages if page.status >= 500] == []


TEMPLATES = sorted(path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("name", TEMPLATES, ids=str)
def test_a_template_hands_every_text_to_gettext(name):
    """Also where the crawl does not lead. A text is in neither language, or in an element that says in which."""
    own = without_tags((ROOT / "templates" / name).read_text(encoding="utf-8"))
    if own.lstrip().startswith("data-"):  # a piece that stands within a tag
        own = f"<form {own}>"
    assert [text for text in Texts(own).found if is_said(text)] == []


def english_texts() -> set[str]:
    """Texts of our catalogue that Vietnamese says differently."""
    with (ROOT / "locale/vi/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    return {text for text, translated in catalogue.items() if isinstance(text, str) and text != translated}
