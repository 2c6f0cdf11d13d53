"""The design language holds together: classes, icons and colours are defined once, used, and readable."""

import re
from pathlib import Path

import brotli
import crispy_bootstrap5
import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.models import ChecklistVersion, SecondLook
from tests import worlds
from vnpt_smile.static_files import as_served

ROOT = Path(__file__).resolve().parent.parent
STYLES = {path.name: path.read_text() for path in sorted((ROOT / "static/css").glob("*.css"))}
# Linked by the pages that change checklists, compare units or are printed: no shopper's phone loads them.
AT_A_DESK = {"comparison.css", "editing.css", "print.css"}
TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text() for path in (ROOT / "templates").rglob("*.html")
}
SOURCES = [
    path.read_text() for package in ("outlets", "audits", "vnpt_smile") for path in (ROOT / package).rglob("*.py")
] + [path.read_text() for path in (ROOT / "static/js").rglob("*.js")]
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text()))
# What a look is called in Python and drawn by a template: a choice's name is its class and its icon.
LOOKS = {"met", "part", "miss", "na"}


def selectors(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\{[^{}]*\}", "{}", css)


def classes_of(css: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors(css)))


def classes_in(template: str) -> set[str]:
    """The classes a template gives by name; those it puts together from a variable are left out."""
    found: set[str] = set()
    for value in re.findall(r'class="([^"]*)"', template):
        value = re.sub(r"\{%.*?%\}", " ", value)
        found |= set(re.sub(r"\S*\{\{.*?\}\}\S*", " ", value).split())
    return found


def bootstrap() -> str:
    return Path(finders.find("bootstrap/css/bootstrap.min.css")).read_text()


def words_of_crispy() -> set[str]:
    folder = Path(crispy_bootstrap5.__file__).parent / "templates"
    return {word for path in folder.rglob("*.html") for word in re.findall(r"[\w-]+", path.read_text())}


# --- Classes ------------------------------------------------------------------------------------


@pytest.mark.once
def test_every_class_of_ours_is_used():
    used = {
        word
        for source in TEMPLATES.values()
        for value in re.findall(r'class="([^"]*)"', source)
        for word in re.findall(r"[\w-]+", value)
    }
    used |= {
        word
        for template in TEMPLATES.values()
        for block in re.findall(r"block page_class %\}(.*?)\{% endblock", template)
        for word in re.findall(r"[\w-]+", block)
    }
    used |= {
        word
        for source in SOURCES
        for text in re.findall(r'"([^"\n]*)"', source)
        for word in re.findall(r"[\w-]+", text)
    }
    used |= {f"t-{look}" for look in LOOKS} | words_of_crispy()
    assert {name: sorted(classes_of(css) - used) for name, css in STYLES.items() if classes_of(css) - used} == {}


@pytest.mark.once
def test_every_class_in_a_template_has_a_look():
    known = classes_of(bootstrap()).union(*map(classes_of, STYLES.values()))
    assert {
        name: sorted(classes_in(source) - known) for name, source in TEMPLATES.items() if classes_in(source) - known
    } == {}


@pytest.mark.once
def test_the_page_of_components_shows_every_component():
    shown = set(re.findall(r'include "(components/[\w.]+)"', TEMPLATES["components/all.html"]))
    frames = {name for name, source in TEMPLATES.items() if name.startswith("components/") and "{% extends" in source}
    assert {name for name in TEMPLATES if name.startswith("components/")} - frames - shown == set()


# --- Icons --------------------------------------------------------------------------------------


@pytest.mark.once
def test_every_icon_exists_and_is_used():
    named = {icon for source in TEMPLATES.values() for icon in re.findall(r'\{% icon "([\w-]+)"', source)}
    named |= {icon for source in TEMPLATES.values() for icon in re.findall(r"icons\.svg' %\}#([\w-]+)", source)}
    assert (named | LOOKS) ^ ICONS == set()


def drawn(template: str, state: str) -> tuple[str, str]:
    """The colour and the icon of a state's tag."""
    html = render_to_string(f"components/{template}", {"state": state, "label": "Nhãn"})
    assert "Nhãn" in html
    return re.search(r'class="tag ?([\w-]*)"', html)[1], re.search(r"#([\w-]+)\"", html)[1]


@pytest.mark.once
def test_each_state_of_a_visit_is_told_by_colour_and_icon():
    assert {state: drawn("visit_state.html", state) for state in VisitState} == {
        VisitState.PLANNED: ("is-thin", "clock"),
        VisitState.ASSIGNED: ("is-brand", "user"),
        VisitState.IN_PROGRESS: ("is-part", "part"),
        VisitState.SUBMITTED: ("is-brand", "sync"),
        VisitState.RETURNED: ("is-miss", "return"),
        VisitState.APPROVED: ("is-met", "met"),
        VisitState.PUBLISHED: ("is-met", "met"),
        VisitState.NOT_POSSIBLE: ("", "na"),
        VisitState.VOIDED: ("", "na"),
    }


@pytest.mark.once
def test_each_state_of_a_version_is_told_by_colour_and_icon():
    states = ChecklistVersion.State
    assert {state: drawn("version_state.html", state) for state in states} == {
        states.DRAFT: ("is-thin", "note"),
        states.PROPOSED: ("is-part", "clock"),
        states.APPROVED: ("is-brand", "clock"),
        states.PUBLISHED: ("is-met", "met"),
        states.RETIRED: ("", "lock"),
        states.DISCARDED: ("", "na"),
    }


@pytest.mark.once
def test_each_state_of_a_request_for_a_second_look_is_told_by_colour_and_icon():
    assert {state: drawn("second_look_state.html", state) for state in SecondLook.State} == {
        SecondLook.State.ASKED: ("is-brand", "clock"),
        SecondLook.State.UPHELD: ("is-met", "met"),
        SecondLook.State.KEPT: ("is-thin", "level"),
        SecondLook.State.WITHDRAWN: ("", "na"),
    }


# --- Colours ------------------------------------------------------------------------------------


def tokens(*, dark: bool) -> dict[str, str]:
    """The colours of a theme by name, as #rrggbb."""
    light, _, rest = STYLES["smile.css"].partition("@media screen and (prefers-color-scheme: dark)")
    pattern = r"--([\w-]+): (#[0-9a-f]{3,6})\b"
    found = dict(re.findall(pattern, light))
    if dark:
        found |= dict(re.findall(pattern, rest.partition("[data-bs-theme]")[0]))
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])
        for name, value in found.items()
    }


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Text and the grounds it stands on.
TEXT = {
    "ink": ("canvas", "surface", "sunken", "brand-soft", "met-soft", "part-soft", "miss-soft", "na-soft"),
    "ink-2": ("canvas", "surface", "sunken", "brand-soft", "miss-soft"),
    "ink-3": ("canvas", "surface"),
    "brand": ("canvas", "surface"),
    "brand-strong": ("surface", "brand-soft", "sunken"),
    "on-brand": ("brand", "brand-strong"),
    "met": ("canvas", "surface", "met-soft"),
    "part": ("canvas", "surface", "part-soft"),
    "miss": ("canvas", "surface", "miss-soft"),
    "na": ("surface", "na-soft"),
}  # fmt: skip


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.once
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_on_each_of_its_grounds(dark):
    colours = tokens(dark=dark)
    found = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, grounds in TEXT.items()
        for ground in grounds
    }
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.once
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_edges_of_controls_can_be_seen(dark):
    colours = tokens(dark=dark)
    assert contrast(colours["line-control"], colours["surface"]) >= 3
    assert contrast(colours["line-control"], colours["canvas"]) >= 3


@pytest.mark.once
def test_every_token_is_used():
    css = "".join(STYLES.values())
    given = set(re.findall(r"(--(?!bs-)[\w-]+):", css))
    assert given ^ set(re.findall(r"var\((--(?!bs-)[\w-]+)", css)) == set()


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.once
def test_styles_take_nothing_from_elsewhere():
    addresses = [address for css in STYLES.values() for address in re.findall(r'url\("?([^")]+)"?\)', css)]
    assert [address for address in addresses if not (ROOT / "static/css" / address).resolve().is_file()] == []
    assert [name for name, css in STYLES.items() if "@import" in css] == []


@pytest.mark.once
def test_the_base_template_links_every_stylesheet_once():
    linked = re.findall(r"static 'css/([\w.]+)'", TEMPLATES["base.html"])
    assert sorted(linked) == sorted(STYLES.keys() - AT_A_DESK)


@pytest.mark.once
def test_all_styles_together_weigh_little():
    """What a phone loads once, as production serves it; Bootstrap's part is 23 kB."""
    weights = {name: len(brotli.compress(as_served(f"css/{name}", css).encode())) for name, css in STYLES.items()}
    at_a_desk = sum(weights.pop(name) for name in AT_A_DESK)
    assert len(brotli.compress(bootstrap().encode())) + sum(weights.values()) < 36_000
    assert at_a_desk < 4_000


# --- The page -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_only_who_keeps_the_product_in_shape_sees_the_components(client):
    people = worlds.people(worlds.places())
    seen = set()
    for role, user in people.all.items():
        client.force_login(user)
        if client.get(reverse("components")).status_code == 200:
            seen.add(role)
    assert seen == {"office", "editor", "sysadmin"}


@pytest.mark.django_db
def test_a_form_in_error_names_its_errors_where_they_are(client):
    client.force_login(worlds.people(worlds.places()).office)
    html = client.get(reverse("components")).content.decode()
    described = re.search(r'<input[^>]*name="wrong-day"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in described
    identifiers = re.search(r'aria-describedby="([^"]+)"', described)[1].split()
    assert [identifier for identifier in identifiers if f'id="{identifier}"' not in html] == []
