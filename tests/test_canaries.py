"""Who may see what of a shopper and of a visit: every answer that a role can get is searched for markers."""

import logging
import re
from collections.abc import Iterator, Mapping
from html import unescape
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests import canaries, worlds
from tests.access_table import EVERYBODY, TABLE
from tests.canaries import Canaries, Marker
from tests.pages import essence

pytestmark = [pytest.mark.once, pytest.mark.django_db]

OWN = "own"  # the shopper, of what is the shopper's own
QUALITY_OFFICE = {"reviewer", "office"}
SHOWN = "shown"  # who manages the unit of what it is shown, once its visit has been published
# Who may see a marker of a kind (DESIGN: who may do what). Nobody else, in whatever page, file, header or message.
MAY_SEE: dict[str, set[str]] = {
    "name": set(),
    "phone": set(),
    "agency": set(),
    "address": set(),  # from where a shopper logs in
    "agent": set(),  # and with which browser
    "point": set(),  # where a phone was
    "file": set(),  # where a picture lies on the server
    "login": {"sysadmin", OWN},
    "code": {"coordinator", "sysadmin", OWN} | QUALITY_OFFICE,
    "block": {"coordinator", "office"},
    "visit": {"coordinator", OWN} | QUALITY_OFFICE,
    "day": {"coordinator", OWN} | QUALITY_OFFICE,
    "receipt": {OWN} | QUALITY_OFFICE,
    "time": {OWN} | QUALITY_OFFICE,
    "note": {OWN} | QUALITY_OFFICE,
    "remark": {OWN} | QUALITY_OFFICE,
    "photo": {OWN} | QUALITY_OFFICE,
    "draft": QUALITY_OFFICE,
    "words": {SHOWN} | QUALITY_OFFICE,  # what a unit is shown of a note
    "copy": {SHOWN} | QUALITY_OFFICE,  # and of a photo
    "asked": {SHOWN, "office"},  # why a unit asks for a second look
    "sent": {SHOWN, "office"},  # and what it sends along
    "ruled": {SHOWN, "office"},  # what the office answers
    "staff": {"sysadmin", "shopper", "shopper2"} | QUALITY_OFFICE,
}
# What each role does see, so that a search which finds nothing anywhere is a search that does not work.
EVERYTHING_OWN = {"code", "visit", "day", "receipt", "time", "note", "photo"}
SEEN = {
    "shopper": EVERYTHING_OWN,
    "shopper2": EVERYTHING_OWN,
    "reviewer": EVERYTHING_OWN | {"draft", "words", "copy"},
    "office": EVERYTHING_OWN | {"draft", "words", "copy", "block", "asked", "sent", "ruled"},
    "coordinator": {"code", "block"},
    "manager": {"words", "copy", "asked", "sent", "ruled"},
    "manager2": {"words", "copy", "asked", "sent", "ruled"},
    "outlethead": {"words", "copy", "asked", "sent"},
    "sysadmin": {"login", "code", "staff"},
}
SEARCHED = ("name", "phone", "agency", "code", "login", "note", "receipt")
NOWHERE = "zqnowhere0z"
ROLES = ("", *EVERYBODY)
PARTS = 3  # all roles together take longer than one test should
MISSING = UUID("00000000-0000-4000-8000-000000000000")
LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
FOLLOWED = 60  # links of a role that no row of the table names: other months, spans, trees, orders, visits


def may_see(known: Canaries, role: str, marker: Marker) -> bool:
    allowed = MAY_SEE[marker.kind]
    is_own = OWN in allowed and bool(role) and marker.owner == role
    return role in allowed or is_own or (SHOWN in allowed and known.is_shown_to(role, marker))


@pytest.fixture
def known(db, monkeypatch) -> Canaries:
    monkeypatch.setattr("django.utils.timezone.now", lambda: worlds.NOW)
    return canaries.build()


@pytest.fixture
def log():
    """What is logged during the test, without the time of the line."""

    class Lines(logging.Handler):
        text = ""

        def emit(self, record):
            self.text += "\n" + logging.Formatter("%(name)s %(message)s").format(record)

    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def client_of(known: Canaries, role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role:
        client.force_login(known.world.people.all[role])
    return client


def ask(client: Client, method: str, address: str, body: Mapping[str, str] = {}) -> HttpResponse:
    """The answer; what the request writes is taken back, so that the next one meets the same world."""
    with transaction.atomic():
        response = getattr(client, method)(address, body)
        transaction.set_rollback(True)
    return response


def addresses(known: Canaries, role: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Method, address and body of all that the table names.

    Who lacks the right is refused before the object is looked for (test_access asks them all): one object stands for
    all, and of each page two roles for all that are refused, others from page to page.
    """
    for number, row in enumerate(TABLE):
        objects = list(known.world.targets[row.target].values()) if row.target else [{}]
        if not row.open_to_all and role not in row.roles:
            refused = [each for each in ROLES if each not in row.roles]
            if role not in {refused[number % len(refused)], refused[(number + 1) % len(refused)]}:
                continue
            objects = objects[:1]
        if row.target:
            objects.append({name: MISSING if isinstance(v, UUID) else v for name, v in objects[0].items()})
        for arguments in objects:
            address = reverse(row.url, kwargs=arguments)
            if "GET" in row.methods:
                yield "get", address, {}
            is_refused = not row.open_to_all and role not in row.roles  # which its page has shown already
            if "POST" in row.methods and row.url != "logout" and not (is_refused and "GET" in row.methods):
                yield "post", address, row.post


def answers(known: Canaries, role: str) -> Iterator[tuple[str, HttpResponse]]:
    """Every answer of the table to this role, then of the links on those pages that the table does not name."""
    client = client_of(known, role)
    asked: set[str] = set()
    links: dict[str, None] = {}
    for method, address, body in addresses(known, role):
        response = ask(client, method, address, body)
        asked.add(address)
        yield f"{method} {address}", response
        if response.status_code == 200 and not response.streaming:
            links |= dict.fromkeys(LINK.findall(unescape(response.content.decode(errors="replace"))))
    for link in [link for link in links if link not in asked and not link.startswith("/static/")][:FOLLOWED]:
        yield f"get {link}", ask(client, "get", link)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_role_finds_what_it_must_not_see(known, log, part):
    roles = ROLES[part::PARTS]
    leaks, seen, number = set(), {role: set() for role in roles}, 0
    for role in roles:
        for asked, response in answers(known, role):
            found = known.found_in(response) - known.found(asked)  # who asks for an id has it
            leaks |= {
                (role, asked, response.status_code, each.kind) for each in found if not may_see(known, role, each)
            }
            seen[role] |= {each.kind for each in found}
            number += 1
    assert leaks == set()
    # The search finds what is there to be found, and nobody was simply turned away.
    assert number > 100 * len(roles)
    for role in SEEN.keys() & seen:
        assert (role, SEEN[role] - seen[role]) == (role, set())
    assert {each.kind for each in known.found(log.text)} <= {"visit"}  # ids in addresses


def test_an_error_in_the_midst_of_a_visit_tells_nothing_of_it(known, log, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr("audits.review.views.render", broken)
    arguments = known.world.targets["visit"]["own"]
    address = reverse("audits:received_detail", kwargs=arguments)
    response = ask(client_of(known, "reviewer"), "get", address)
    assert response.status_code == 500
    assert "RuntimeError: broken" in log.text
    assert known.found_in(response) | known.found(log.text) == known.found(address)


def test_no_search_tells_whether_a_secret_exists(known):
    """Whoever must not see a marker gets the same page for it as for a word that is nowhere."""
    secrets = {kind: next(text for text, each in known.markers.items() if each.kind == kind) for kind in SEARCHED}
    told, number = [], 0
    for row in TABLE:
        if "GET" not in row.methods or row.open_to_all:
            continue
        for role, relations in row.roles.items():
            arguments = known.world.targets[row.target][min(relations, default="own")] if row.target else {}
            address = reverse(row.url, kwargs=arguments)
            client = client_of(known, role)
            nothing = searched(client, address, NOWHERE)
            if 'name="q"' not in nothing[1]:
                continue
            number += 1
            told += [
                (row.url, role, kind)
                for kind, text in secrets.items()
                if not may_see(known, role, known.markers[text]) and searched(client, address, text) != nothing
            ]
    assert told == []
    assert number > 30


def searched(client: Client, address: str, text: str) -> tuple[int, str]:
    response = ask(client, "get", address, {"q": text})
    if response.streaming:
        return response.status_code, ""
    status, page = essence(response)
    return status, page.replace(text, "")
