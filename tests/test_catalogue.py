"""The Vietnamese catalogues are whole, say what they are asked, and are the ones that run."""

import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import django
import pytest

from tests import msgids
from tests.msgids import Msgid, of_python, of_template

polib = pytest.importorskip("polib", reason="reads the catalogues; it is in requirements-dev.txt")
pytestmark = pytest.mark.once

OURS = msgids.ROOT / "locale/vi/LC_MESSAGES/django.po"
OF_PACKAGES = msgids.ROOT / "locale/packages/vi/LC_MESSAGES/django.po"
CATALOGUES = pytest.mark.parametrize("path", [OURS, OF_PACKAGES], ids=["ours", "packages"])

# No word of blame, and people are addressed as Anh/Chị.
FORBIDDEN = re.compile(r"\b(lỗi|vi phạm|giải trình|kỷ luật|bạn)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sdr]|(?<!%)(?:%%)*(%[sd])|\{\w*\}")
# Whatever one placeholder stands for, it is in English: the sentence does without.
LEAVES_OUT = {"The password is too similar to the %(verbose_name)s.": {"%(verbose_name)s"}}
VIETNAMESE = re.compile(r"[^\W\d_A-Za-z]")
# Vietnamese names that an English text may hold.
NAMES = ("Hà Nội",)
# Django's welcome page and its names of languages are never shown.
NOT_SHOWN = ("default_urlconf.html", "global_settings.py")
GLOSSARY = {
    "answer card": "thẻ đáp án",
    "critical": "trọng yếu",
    "identity custodian": "người giữ danh tính",
    "mystery shopper": "khách hàng bí mật",
    "one-time link": "liên kết",
    "password": "mật khẩu",
    "programme office": "ban chương trình",
    "scenario": "kịch bản",
    "system administrator": "quản trị hệ thống",
    "user name": "tên đăng nhập",
}


def key(entry) -> Msgid:
    return Msgid(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def translations(entry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def pairs(path: Path) -> list[tuple[str, str]]:
    """(text, translation) of every entry; a plural stands for its singular as well."""
    return [(entry.msgid_plural or entry.msgid, text) for entry in polib.pofile(path) for text in translations(entry)]


def placeholders(text: str) -> set[str]:
    return {found.group().replace("%%", "") for found in PLACEHOLDER.finditer(text)}


@CATALOGUES
def test_every_text_has_one_finished_translation(path):
    catalogue = polib.pofile(path)
    unfinished = [key(entry) for entry in catalogue if entry.fuzzy or entry.obsolete or "" in translations(entry)]
    assert unfinished == []
    assert [key(entry) for entry in catalogue if len(translations(entry)) != 1] == []
    assert catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"


@CATALOGUES
def test_the_compiled_catalogue_is_the_written_one(path):
    written = {key(entry): translations(entry) for entry in polib.pofile(path)}
    compiled = {key(entry): translations(entry) for entry in polib.mofile(path.with_suffix(".mo"))}
    assert compiled == written


@CATALOGUES
def test_a_translation_fills_in_the_same_values_as_its_text(path):
    wrong = [
        (text, translated)
        for text, translated in pairs(path)
        if placeholders(text) != placeholders(translated) | LEAVES_OUT.get(text, set())
    ]
    assert wrong == []


@CATALOGUES
def test_no_translation_blames_or_is_too_familiar(path):
    assert [translated for _, translated in pairs(path) if FORBIDDEN.search(translated)] == []


@CATALOGUES
def test_texts_are_in_composed_letters_and_end_alike(path):
    wrong = [
        (text, translated)
        for text, translated in pairs(path)
        if not unicodedata.is_normalized("NFC", text + translated)
        or "  " in translated
        or (text[:1].isspace(), text[-1:].isspace()) != (translated[:1].isspace(), translated[-1:].isspace())
    ]
    assert wrong == []


@CATALOGUES
def test_marks_of_html_are_kept(path):
    def tags(text: str) -> list[str]:
        return re.findall(r"</?\w+", text)

    assert [pair for pair in pairs(path) if tags(pair[0]) != tags(pair[1])] == []


def test_texts_in_the_code_are_english():
    def bare(text: str) -> str:
        return re.sub("|".join(NAMES), "", text)

    found = [msgid for msgid in msgids.of_sources() if VIETNAMESE.search(bare(msgid.text + msgid.plural))]
    assert found == []


def test_one_word_stands_for_one_thing():
    wrong = [
        (text, translated)
        for text, translated in pairs(OURS)
        for english, vietnamese in GLOSSARY.items()
        if re.search(rf"\b{english}s?\b", text, re.IGNORECASE) and vietnamese not in translated.casefold()
    ]
    assert wrong == []


def test_the_catalogue_holds_what_our_sources_ask_for_and_nothing_else():
    asked = msgids.of_sources()
    held = {key(entry) for entry in polib.pofile(OURS)}
    assert {msgid: where for msgid, where in asked.items() if msgid not in held} == {}
    assert held - asked.keys() == set()


def test_the_second_catalogue_holds_texts_of_packages_only():
    of_django = {(entry.msgctxt, entry.msgid) for entry in texts_of_django()}
    of_axes = (Path(find_spec("axes").origin).parent / "conf.py").read_text(encoding="utf-8")
    held = [(entry.msgctxt, entry.msgid) for entry in polib.pofile(OF_PACKAGES)]
    assert [text for text in held if text not in of_django and f'"{text[1]}"' not in of_axes] == []


def test_every_text_of_django_that_may_be_shown_has_a_translation():
    known = {(e.msgctxt, e.msgid) for path in (OURS, OF_PACKAGES) for e in polib.pofile(path)}
    known |= {(e.msgctxt, e.msgid) for e in texts_of_django("vi") if e.translated()}
    shown = [e for e in texts_of_django() if not any(e.occurrences[0][0].endswith(name) for name in NOT_SHOWN)]
    assert [e.msgid for e in shown if (e.msgctxt, e.msgid) not in known] == []


def test_what_django_itself_says_neither_blames_nor_is_too_familiar():
    asked = {(e.msgctxt, e.msgid) for e in texts_of_django()}
    asked -= {(e.msgctxt, e.msgid) for path in (OURS, OF_PACKAGES) for e in polib.pofile(path)}
    said = [e for e in texts_of_django("vi") if e.translated() and (e.msgctxt, e.msgid) in asked]
    assert [e.msgid for e in said if any(map(FORBIDDEN.search, translations(e)))] == []


def texts_of_django(language: str = "en") -> list:
    root = Path(django.__file__).parent
    return [
        entry
        for part in ("conf", *(f"contrib/{name}" for name in ("admin", "auth", "contenttypes", "sessions")))
        for entry in polib.pofile(root / part / "locale" / language / "LC_MESSAGES/django.po")
    ]


def test_texts_are_found_in_python():
    source = """
_("One" " two")
t.ngettext("%(n)d day", "%(n)d days", n)
pgettext("month", "May")
_(name)
"""
    assert set(of_python(source)) == {
        Msgid("One two"),
        Msgid("%(n)d day", "%(n)d days"),
        Msgid("May", context="month"),
    }


@pytest.mark.parametrize("source", ["_(f'Hello {name}')", "_('Hello ' + name)", "f\"{_('Hello')} {name}\""])
def test_a_text_that_no_catalogue_can_hold_is_refused(source):
    with pytest.raises(ValueError, match=":1: a catalogue cannot hold this text"):
        list(of_python(source, "module.py"))


def test_texts_are_found_in_templates():
    source = """
{% translate "Score, %" %}
{% translate 'Use' context "button" as use %}
{% include "x" with a=_("Both") %}
{{ name|default:_("Nobody") }}
{% comment %}{% translate "Not this" %}{% endcomment %}{# {% translate "Nor this" %} #}
{% blocktranslate count n=rows trimmed %}
  {{ n }} row, 5% {% plural %} {{ n }}
  rows
{% endblocktranslate %}
{% translate heading %}
"""
    assert set(of_template(source)) == {
        Msgid("Score, %%"),
        Msgid("Use", context="button"),
        Msgid("Both"),
        Msgid("Nobody"),
        Msgid("%(n)s row, 5%%", "%(n)s rows"),
    }
