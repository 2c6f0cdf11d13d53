"""Every template is sound before anybody opens its page: it compiles, is used, and keeps the house's HTML rules.

Most rules read the HTML with Django's tags taken out and included templates put in, so that a file field is
seen inside the form that another template opens.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.template import TemplateSyntaxError, engines
from django.template.base import FilterExpression, Lexer, Node, Template, TokenType
from django.template.defaulttags import URLNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates"
PACKAGES = ("outlets", "audits", "vnpt_smile")
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
SOURCES = {name: (FOLDER / name).read_text() for name in NAMES}
# Served when the database or the code behind the base template is down.
STANDS_ALONE = {"500.html", "offline.html"}  # nobody's menu: the second is kept on phones for whoever holds them
# Part of a page all the same: a form field or a tag draws it.
PIECES = {
    "outlets/unit_candidates.html",
    "audits/results/_whatif_file.html",
    "audits/results/_whatif_progress.html",
    "audits/results/_whatif_result.html",
    "audits/results/_scorecard.html",
    "audits/results/_export_progress.html",
    "audits/results/_export_ready.html",
    "components/_spark.html",
    "components/_strip.html",
    "components/_trend.html",
}
# Nobody is logged in yet, or nothing that anybody typed could be lost.
WITHOUT_OWNER = {"registration/login.html", "registration/password_set.html", "registration/password_change.html"}
ACTIONS_WITHOUT_OWNER = {"url:logout", "url:language_set"}


@cache
def compiled(source: str) -> Template:
    return engines["django"].engine.from_string(source)


def nodes(source: str, kind: type[Node]) -> list:
    return compiled(source).nodelist.get_nodes_by_type(kind)


def literal(expression: FilterExpression) -> str | None:
    """The text of a quoted name in a tag; None when it is a variable."""
    return expression.var if isinstance(expression.var, str) else None


def parent_of(source: str) -> str | None:
    return next((literal(node.parent_name) for node in nodes(source, ExtendsNode)), None)


def rendered_by_python() -> set[str]:
    """The templates that some module of ours names, and the one that Django's log-in view names for us."""
    return {LoginView.template_name} | {
        node.value
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }


def computed_names() -> list[str]:
    """Template names put together at run time, which no search finds and this test cannot follow."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == ".html"
    ]


def ancestors(name: str) -> list[str]:
    """The template and all that it extends, itself first."""
    parent = parent_of(SOURCES[name])
    return [name, *(ancestors(parent) if parent else [])]


PAGES = sorted((rendered_by_python() & set(NAMES)) - PIECES)


# --- The HTML of a template ---------------------------------------------------------------------


def html_of(source: str) -> str:
    """The HTML between Django's tags: addresses as `url:name`, includes in place, what a form must hold as elements."""
    parts = []
    for token in Lexer(source).tokenize():
        words = token.split_contents() if token.token_type == TokenType.BLOCK else [""]
        if token.token_type == TokenType.TEXT:
            parts.append(token.contents)
        elif token.token_type == TokenType.VAR:
            parts.append("x")
        elif words[0] in ("csrf_token", "form_owner"):
            parts.append(f"<{words[0]}>")
        elif words[0] == "url":
            parts.append(f"url:{words[1][1:-1]}")
        elif words[0] == "include" and words[1].strip("\"'") in SOURCES:
            parts.append(html_of(SOURCES[words[1].strip("\"'")]))
    return "".join(parts)


@dataclass
class Form:
    action: str
    is_post: bool
    is_multipart: bool
    holds: set[str] = field(default_factory=set)


@dataclass
class Reading(HTMLParser):
    """What the rules ask of a page's HTML: `elements` in order, `forms`, `tables` by whether they have a caption."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    tables: list[bool] = field(default_factory=list)
    loose_files: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._form: Form | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = dict(pairs)
        self.elements.append((tag, attributes))
        if tag == "form":
            is_post = (attributes.get("method") or "get").lower() == "post"
            is_multipart = attributes.get("enctype") == "multipart/form-data"
            self._form = Form(attributes.get("action") or "", is_post, is_multipart)
            self.forms.append(self._form)
        elif tag == "table":
            self.tables.append(False)
        elif tag == "caption":
            self.tables[-1] = True
        is_file = tag == "input" and attributes.get("type") == "file"
        if self._form is not None:
            self._form.holds |= {"file"} if is_file else {tag}
        else:
            self.loose_files += is_file

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def reading(source: str) -> Reading:
    page = Reading()
    page.feed(html_of(source))
    return page


# --- The rules: each returns what is wrong with one template's source -----------------------------


def inline_code(source: str) -> list[str]:
    """The content security policy lets no style, script or handler stand in the page."""
    found = []
    for tag, attributes in reading(source).elements:
        found += [name for name in attributes if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(f"<{tag}>")
    return found


def unsafe_forms(source: str, name: str = "") -> list[str]:
    """A form that posts carries the token, and its owner so that typed text outlives a log-in."""
    found = []
    for form in reading(source).forms:
        if form.is_post and "csrf_token" not in form.holds:
            found.append(f"{form.action}: csrf_token")
        is_owned = name not in WITHOUT_OWNER and form.action not in ACTIONS_WITHOUT_OWNER
        if form.is_post and is_owned and "form_owner" not in form.holds:
            found.append(f"{form.action}: form_owner")
        if not form.is_post and "csrf_token" in form.holds:
            found.append(f"{form.action}: the token would stand in the address")
    return found


def lost_files(source: str) -> list[str]:
    """A chosen file is sent only by a multipart form that posts."""
    page = reading(source)
    found = [form.action for form in page.forms if "file" in form.holds and not (form.is_multipart and form.is_post)]
    return found + ["a file field outside a form"] * page.loose_files


def bare_tables(source: str) -> list[str]:
    page = reading(source)
    found = ["caption" for has_caption in page.tables if not has_caption]
    return found + ["th scope" for tag, attributes in page.elements if tag == "th" and not attributes.get("scope")]


def unread_images(source: str) -> list[str]:
    """A picture says what it shows, or that it only decorates; one of links has a name too, as their group."""
    found = []
    for tag, attributes in reading(source).elements:
        is_named = attributes.get("role") in ("img", "group") and {"aria-label", "aria-labelledby"} & attributes.keys()
        if (tag == "img" and "alt" not in attributes) or (
            tag == "svg" and attributes.get("aria-hidden") != "true" and not is_named
        ):
            found.append(tag)
    return found


def leaking_includes(source: str) -> list[str]:
    """A component gets what it takes by name, and nothing else."""
    names = [(literal(node.template) or "", node.isolated_context) for node in nodes(source, IncludeNode)]
    return [name for name, is_only in names if name.startswith("components/") and not is_only]


def tokenless_includes(source: str) -> list[str]:
    """A form in an include that sees only what it is given gets its token, and the request that names its owner."""
    found = []
    for node in nodes(source, IncludeNode):
        name = literal(node.template) or ""
        needs = {
            word
            for word, tag in (("csrf_token", "{% csrf_token %}"), ("request", "{% form_owner %}"))
            if tag in SOURCES.get(name, "")
        }
        if node.isolated_context and not needs <= node.extra_context.keys():
            found.append(f"{name}: {sorted(needs - node.extra_context.keys())}")
    return found


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, int]]:
    """(name with its namespaces, number of values) of every address."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, f"{prefix}{each.namespace}:" if each.namespace else prefix)
        elif each.name:
            yield f"{prefix}{each.name}", each.pattern.regex.groups


def wrong_addresses(source: str) -> list[str]:
    known = set(addresses(get_resolver().url_patterns))
    used = [(literal(node.view_name), len(node.args) + len(node.kwargs)) for node in nodes(source, URLNode)]
    return [f"{name} with {values}" for name, values in used if name is not None and (name, values) not in known]


RULES = (
    inline_code,
    unsafe_forms,
    lost_files,
    bare_tables,
    unread_images,
    leaking_includes,
    tokenless_includes,
    wrong_addresses,
)


def test_every_template_compiles():
    faults = {}
    for name, source in SOURCES.items():
        try:
            compiled(source)
        except TemplateSyntaxError as fault:
            faults[name] = str(fault)
    assert faults == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_template_keeps_the_rule(rule):
    found = {
        name: rule(source, name) if rule is unsafe_forms else rule(source)
        for name, source in SOURCES.items()
        if rule is not lost_files or name in PAGES
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("rule", "planted", "wrong"),
    [
        (inline_code, '<p style="color: red">a</p>', ["style"]),
        (inline_code, "<button{% if a %} onclick='go()'{% endif %}>a</button>", ["onclick"]),
        (inline_code, "<script>go()</script><style>p {}</style>", ["<script>", "<style>"]),
        (inline_code, "<script src=\"{% static 'js/a.js' %}\"></script>", []),
        (unsafe_forms, '<form method="post">{% form_owner %}</form>', [": csrf_token"]),
        (unsafe_forms, '<form method="post">{% csrf_token %}</form>{% form_owner %}', [": form_owner"]),
        (unsafe_forms, "<form method=POST action=\"{% url 'logout' %}\">{% csrf_token %}</form>", []),
        (unsafe_forms, "<form>{% csrf_token %}</form>", [": the token would stand in the address"]),
        (lost_files, '<form method="post"><input type="file"></form>', [""]),
        (lost_files, '<form method="post" action="/a">{% include "audits/visits/_card.html" %}</form>', ["/a"]),
        (lost_files, '<form method="post" enctype="multipart/form-data"><input type="file"></form>', []),
        (lost_files, '<form></form><input type="file">', ["a file field outside a form"]),
        (bare_tables, '<table><tr><th scope="row">a</th></tr></table>', ["caption"]),
        (bare_tables, "<table><caption>a</caption><tr><th{% if a %} class='num'{% endif %}>", ["th scope"]),
        (unread_images, '<img src="{{ photo }}"><svg role="img"></svg>', ["img", "svg"]),
        (unread_images, '<img src="a" alt=""><svg aria-hidden="true"></svg>{% icon "met" %}', []),
        (leaking_includes, '{% include "components/empty.html" with title=a %}', ["components/empty.html"]),
        (leaking_includes, '{% include "components/empty.html" with title=a only %}', []),
        (
            tokenless_includes,
            '{% include "audits/checklists/_section_form.html" with request=request only %}',
            ["audits/checklists/_section_form.html: ['csrf_token']"],
        ),
        (tokenless_includes, '{% include "audits/checklists/_section_form.html" %}', []),
        (wrong_addresses, "{% url 'outlets:nowhere' %}", ["outlets:nowhere with 0"]),
        (wrong_addresses, "{% if a %}{% url 'home' a %}{% endif %}{% url 'home' %}", ["home with 1"]),
    ],
)
def test_a_planted_fault_is_found(rule: Callable[[str], list[str]], planted, wrong):
    assert rule(planted) == wrong


@pytest.mark.parametrize("planted", ["{% if a %}", "{% load nothing_of_ours %}", "{{ a|no_such_filter }}"])
def test_a_template_that_does_not_compile_is_found(planted):
    with pytest.raises(TemplateSyntaxError):
        compiled(planted)


# --- The templates together -----------------------------------------------------------------------


def unused(sources: dict[str, str], rendered: set[str]) -> list[str]:
    named = set(rendered)
    for source in sources.values():
        named |= {literal(node.template) or "" for node in nodes(source, IncludeNode)} | {parent_of(source) or ""}
    return sorted(set(sources) - named)


def test_every_template_is_used():
    assert unused(SOURCES, rendered_by_python()) == []


def test_a_template_that_nothing_names_is_found():
    sources = {"a.html": '{% include "b.html" %}', "b.html": "", "c.html": '{% extends "d.html" %}', "d.html": ""}
    assert unused(sources, {"a.html"}) == ["c.html"]


def test_python_names_only_templates_that_exist():
    assert rendered_by_python() - set(NAMES) == set()


def test_no_name_of_a_template_is_put_together_at_run_time():
    assert computed_names() == []


def has_title(lineage: list[str]) -> bool:
    """Whether a template of the lineage, each extending the next, fills the title."""
    blocks = [node for source in lineage for node in nodes(source, BlockNode) if node.name == "title"]
    return any(len(block.nodelist) > 0 for block in blocks)


def test_every_page_stands_on_the_base_and_has_a_title():
    lineages = {name: ancestors(name) for name in PAGES if name not in STANDS_ALONE}
    assert [name for name, lineage in lineages.items() if lineage[-1] != "base.html"] == []
    titled = {name for name, lineage in lineages.items() if has_title([SOURCES[each] for each in lineage[:-1]])}
    assert set(lineages) - titled == set()


@pytest.mark.parametrize(
    "planted", ['{% extends "base.html" %}', '{% extends "base.html" %}{% block title %}{% endblock %}']
)
def test_a_page_without_a_title_is_found(planted):
    assert not has_title([planted])


def test_templates_are_read_from_one_folder():
    assert settings.TEMPLATES[0]["DIRS"] == [FOLDER]
