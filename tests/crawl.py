"""Opens every page of the product in both languages and keeps what a reader meets there.

Each address of access_table is opened by each role that may; its form, if it has one, is sent empty for
its error messages, and a list is searched for what it does not hold. The phone's pages are opened for a
visit in each state. Every request is taken back, so that the next one meets the same world.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.translation import trans_real

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Visit, Wave
from audits.review import actions as review
from tests import access_world, sheets, worlds
from tests.access_table import TABLE, Row
from vnpt_smile.demo import accounts as demo

LANGUAGES = ("vi", "en")
ROLES = ("shopper", "reviewer", "coordinator", "office", "manager", "editor", "observer", "staff", "sysadmin")
PAGES = [row for row in TABLE if "GET" in row.methods]
VISITS = ("a visit to do", "a visit begun", "a visit complete", "a visit returned", "a visit not possible")
REFUSALS = ("400", "403", "404", "405")
DEMO = "log-in of the demo"
NAMES = [*(row.url for row in PAGES), *VISITS, *REFUSALS, DEMO]

WORD = re.compile(r"[^\W\d_]{2,}")
SHOWN_ATTRIBUTES = ("aria-label", "alt", "data-label", "placeholder", "title")
UNSEEN = ("script", "style", "template")
WITHOUT_END = ("area", "br", "col", "hr", "img", "input", "link", "meta", "rect", "wbr")
NOWHERE = "qqqqqq"
WRONG = {"TK-A1": "no", "TK-A2": "na", "TK-B1-number": "?", "TK-B2": "c", "TK-B3": "no", "rest_na": "1"}
MISSING = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Page:
    """One answer: who asked for what, in which language, the texts a reader meets, and what gettext did not have."""

    name: str
    asked: str
    language: str
    status: int
    declared: tuple[str, str]
    texts: tuple[str, ...]
    not_found: frozenset[str]


class Texts(HTMLParser):
    """The texts of a page that are in the page's own language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "html":
            self.language = values.get("lang", "")
        hidden = self._is_hidden() or tag in UNSEEN or values.get("lang", self.language) != self.language
        if tag not in WITHOUT_END:
            self._open.append((tag, hidden))
        if not hidden:
            self.found += [values[name] for name in SHOWN_ATTRIBUTES if values.get(name)]
            if tag == "input" and values.get("type") in ("submit", "button") and values.get("value"):
                self.found.append(values["value"])

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not self._is_hidden():
            self.found.append(" ".join(data.split()))

    def _is_hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]


class Listening:
    """The Vietnamese catalogue, noting what it is asked for and does not hold."""

    def __init__(self, catalogue) -> None:
        self._catalogue = catalogue
        self.not_found: set[str] = set()

    def __getattr__(self, name):
        return getattr(self._catalogue, name)

    def gettext(self, message):
        if message not in self._catalogue._catalog:
            self.not_found.add(message)
        return self._catalogue.gettext(message)

    def ngettext(self, singular, plural, number):
        if (singular, self._catalogue.plural(number)) not in self._catalogue._catalog:
            self.not_found.add(singular)
        return self._catalogue.ngettext(singular, plural, number)


@contextmanager
def listening() -> Iterator[Listening]:
    real = trans_real.translation("vi")
    trans_real._translations["vi"] = ear = Listening(real)
    try:
        yield ear
    finally:
        trans_real._translations["vi"] = real


@dataclass
class Crawl:
    """All pages, and the texts on them that are data: what a row of the world holds."""

    pages: list[Page]
    data: set[str]

    def of(self, name: str, language: str) -> list[Page]:
        return [page for page in self.pages if (page.name, page.language) == (name, language)]

    def beside_data(self, text: str) -> str:
        """A text without the data in it. A single plain word is data only where it is the whole text."""
        if text.strip(" .,:()“”…") in self.data:
            return ""
        for value in sorted(self.data, key=len, reverse=True):
            if value in text and not re.fullmatch("[a-z]+", value):
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "", text)
        return text


def crawl() -> Crawl:
    """Needs the database. Leaves nothing behind."""
    found = Crawl([], set())
    with pytest.MonkeyPatch.context() as patch, transaction.atomic(), listening() as ear:
        patch.setattr("django.utils.timezone.now", lambda: worlds.NOW)
        world = access_world.build()
        found.data |= data_of_the_world()
        for row in PAGES:
            found.pages += pages_of(row, world, ear)
        for language in LANGUAGES:
            found.pages += pages_of_refusals(world, language, ear)
            for name in VISITS:
                with transaction.atomic():
                    visit = a_visit(name, world)
                    found.data |= data_of_the_world()
                    found.pages += pages_of_a_visit(name, visit, world, language, ear)
                    transaction.set_rollback(True)
        transaction.set_rollback(True)
    return found


def pages_of(row: Row, world: access_world.World, ear: Listening) -> Iterator[Page]:
    may = {role: row.roles[role] for role in ROLES if row.roles.get(role)} or {"": ("foreign",)}
    for role, relations in may.items():
        relation = "own" if "own" in relations else min(relations)
        address = reverse(row.url, kwargs=world.targets[row.target][relation] if row.target else {})
        for language in LANGUAGES:
            client = client_of(world, role, language)
            yield from page(row.url, role, language, ear, partial(client.get, address))
            if role == next(iter(may)) and not row.target:
                yield from page(row.url, f"{role} ?q", language, ear, partial(client.get, address, {"q": NOWHERE}))
            if role == next(iter(may)) and "POST" in row.methods:
                yield from page(row.url, f"{role} POST", language, ear, partial(client.post, address))


def pages_of_a_visit(
    name: str, visit: Visit, world: access_world.World, language: str, ear: Listening
) -> Iterator[Page]:
    """The phone's pages of a visit, and what the quality office sees of it."""
    shopper, reviewer = client_of(world, "shopper", language), client_of(world, "reviewer", language)
    for url, section, sent in (
        ("visit_list", "", None),
        ("visit_detail", "", None),
        ("visit_start", "", {}),
        ("visit_met", "", {}),
        ("section_edit", "A", WRONG),
        ("section_edit", "B", WRONG),
        ("section_edit", "Z", {"go": "next"}),
        ("follow_up_edit", "", WRONG),
        ("visit_check", "", None),
        ("visit_submit", "", {}),
        ("visit_receipt", "", None),
        ("visit_not_possible", "", {}),
    ):
        address = address_of(url, visit, section)
        yield from page(name, f"{url} {section}", language, ear, partial(shopper.get, address))
        if sent is not None:
            yield from page(name, f"{url} {section} POST", language, ear, partial(shopper.post, address, sent))
    for url in ("received_list", "received_detail", "received_score"):
        yield from page(name, url, language, ear, partial(reviewer.get, address_of(url, visit)))


def address_of(url: str, visit: Visit, section: str = "") -> str:
    kwargs = {} if url.endswith("_list") else {"visit_id": visit.public_id}
    return reverse(f"audits:{url}", kwargs=kwargs | ({"section": section} if section else {}))


def a_visit(name: str, world: access_world.World) -> Visit:
    """A visit of the first shopper in the state that `name` tells."""
    shopper, at = world.people.shopper, worlds.NOW
    visit = Visit.objects.create(
        wave=Wave.objects.filter(checklist__code="TK").first(),
        outlet=world.places.other_counter,
        shopper=shopper,
        state=VisitState.ASSIGNED,
        opens_on=worlds.TODAY,
        due_on=worlds.TODAY,
    )
    if name == "a visit to do":
        return visit
    visit = visits.start(visit=visit, by=shopper, at=at)
    if name == "a visit not possible":
        visits.report_not_possible(visit=visit, reason="unsafe", note="Mưa to.", by=shopper, at=at)
    elif name != "a visit begun":
        sheets.complete(visit, shopper)
    if name == "a visit returned":
        visits.submit(visit=visit, by=shopper, at=at)
        visit.refresh_from_db()
        remarks = {"TK-A1": "Nhờ Anh/Chị chụp lại.", "TK-B1": "Nhờ Anh/Chị ghi số phút."}
        review.return_visit(visit=visit, remarks=remarks, by=world.people.reviewer, at=at)
    return visit


def pages_of_refusals(world: access_world.World, language: str, ear: Listening) -> Iterator[Page]:
    missing = reverse("audits:received_detail", kwargs={"visit_id": MISSING})
    office, shopper = client_of(world, "office", language), client_of(world, "shopper", language)
    yield from page("400", "office", language, ear, partial(office.get, "/?q=%00"))
    yield from page("403", "shopper", language, ear, partial(shopper.get, missing))
    yield from page("404", "office", language, ear, partial(office.get, missing))
    yield from page("405", "office", language, ear, partial(office.get, reverse("language_set")))
    with override_settings(DEMO=True):
        yield from page(DEMO, "", language, ear, partial(client_of(world, "", language).get, reverse("login")))


def client_of(world: access_world.World, role: str, language: str) -> Client:
    client = Client(raise_request_exception=False)  # one broken page must not hide all others
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    if role:
        client.force_login(world.people.all[role])
    return client


def page(name: str, asked: str, language: str, ear: Listening, ask: Callable[..., HttpResponse]) -> Iterator[Page]:
    """The page that `ask` ends on, if it is one. What the request writes is taken back."""
    ear.not_found.clear()
    with transaction.atomic():
        response = ask(follow=True)
        transaction.set_rollback(True)
    if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html") and response.content:
        texts = Texts(response.content.decode())
        declared = (texts.language, response.headers["Content-Language"])
        yield Page(name, asked, language, response.status_code, declared, tuple(texts.found), frozenset(ear.not_found))


def data_of_the_world() -> set[str]:
    """Every text that a row holds, and the accounts of the demo."""
    found = {demo.PASSWORD, *(account.username for account in demo.ACCOUNTS)}
    for model in apps.get_models():
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField)) and not field.choices
        ]
        for row in model._default_manager.values_list(*fields) if fields else ():
            found |= {" ".join(line.split()) for value in row if value for line in (value, *value.splitlines())}
    return {value for value in found if WORD.search(value)}
