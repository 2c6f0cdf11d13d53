"""Every URL, for every role and object, against the one written table (access_table.TABLE)."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import access_world
from tests.access_table import ANY, EVERYBODY, TABLE, Row
from tests.kept import kept
from tests.pages import essence
from vnpt_smile.endpoints import is_endpoint

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MISSING = UUID("00000000-0000-4000-8000-000000000000")


def named_urls(resolver=None, namespace="") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from named_urls(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


@pytest.mark.once
def test_every_url_stands_in_the_table_once():
    assert sorted(named_urls()) == sorted(row.url for row in TABLE)


@pytest.mark.once
def test_the_table_names_only_known_roles_and_objects():
    assert {role for row in TABLE for role in row.roles} <= set(EVERYBODY)
    assert {relation for row in TABLE for relations in row.roles.values() for relation in relations} <= ANY


@kept
def world():
    return access_world.build()


@contextmanager
def undone():
    """Lets a request write, and takes it back, so that the next one meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def nothing_written():
    """Fails when the request writes anything but its session or the log of log-ins."""
    written = []

    def watch(execute, sql, params, many, context):
        verb, _, rest = sql.lstrip().partition(" ")
        if verb.upper() in ("INSERT", "UPDATE", "DELETE") and "session" not in rest and "axes_" not in rest:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert written == []


def objects(row: Row, world) -> dict[str, dict[str, object]]:
    """URL arguments by relation; "missing" has ids that nothing has."""
    if not row.target:
        return {"": {}}
    known = world.targets[row.target]
    missing = {name: MISSING if isinstance(value, UUID) else value for name, value in known["own"].items()}
    return {**known, "missing": missing}


def request(client: Client, method: str, row: Row, address: str):
    body = dict(row.post) if method == "POST" else {}
    return (
        client.generic(method, address)
        if method not in ("GET", "HEAD", "POST")
        else getattr(client, method.lower())(address, body)
    )


def expected(row: Row, role: str, relation: str) -> tuple[int, ...]:
    if row.open_to_all:
        return row.done
    if row.by_token:
        return (401,)
    if role not in row.roles:
        return (403,)
    if relation and relation not in row.roles[role]:
        return (404,)
    return row.done


@pytest.fixture
def nothing_drawn(monkeypatch):
    """Statuses are all that is asked for here; tests.crawl draws every page for every role that may open it."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_arguments, **_named: "")


@pytest.mark.parametrize("role", EVERYBODY)
def test_each_role_reaches_what_the_table_gives_it_and_nothing_else(world, role, database, nothing_drawn):
    client = Client()
    client.force_login(world.people.all[role])
    wrong = []
    for row in TABLE:
        if database == "postgresql" and role not in row.roles and not row.open_to_all:
            continue  # refused before any object is read: once, on SQLite, is enough
        method = "GET" if "GET" in row.methods else "POST"
        for relation, arguments in objects(row, world).items():
            if role not in row.roles and relation in ("sibling", "foreign"):
                continue  # without the right the object is not looked at: own and missing show it
            address = reverse(row.url, kwargs=arguments)
            wanted = expected(row, role, relation)
            if wanted == row.done:
                with undone():
                    status = request(client, method, row, address).status_code
                if row.url == "logout":
                    client.force_login(world.people.all[role])
            else:
                for each in {method, *({"POST"} & set(row.methods))}:
                    with nothing_written():
                        status = request(client, each, row, address).status_code
                    if status not in wanted:
                        break
            if status not in wanted:
                wrong.append((row.url, relation, status, wanted))
    assert wrong == []


def test_out_of_scope_reads_like_missing(world):
    """The very same page, but for the address it was asked for."""
    for role, name in (("shopper2", "audits:visit_detail"), ("shopper", "audits:section_edit")):
        row = next(row for row in TABLE if row.url == name)
        client = Client()
        client.force_login(world.people.all[role])
        arguments = objects(row, world)
        pages = [client.get(reverse(name, kwargs=arguments[relation])) for relation in ("foreign", "missing")]
        assert essence(pages[0]) == essence(pages[1])


def test_nobody_signed_in_is_sent_to_the_log_in_or_as_a_script_told_to(world):
    wrong = []
    for row in TABLE:
        for arguments in objects(row, world).values():
            address = reverse(row.url, kwargs=arguments)
            with nothing_written():
                response = Client().get(address) if "GET" in row.methods else Client().post(address)
            to_login = response.status_code == 302 and response.url.startswith(reverse("login"))
            to_login |= response.status_code == 401 and is_endpoint(address)
            if to_login == row.open_to_all and not (row.url == "logout" and to_login):
                wrong.append((row.url, response.status_code))
    assert wrong == []


def test_a_method_that_is_not_in_the_table_is_not_allowed(world):
    wrong = []
    for row in TABLE:
        role = next(iter(row.roles), "office")
        client = Client()
        if row.roles:
            client.force_login(world.people.all[role])
        relation = next(iter(row.roles.get(role, ("own",)))) if row.target else ""
        address = reverse(row.url, kwargs=objects(row, world)[relation])
        for method in METHODS:
            if method not in row.methods:
                with nothing_written():
                    response = request(client, method, row, address)
                leads_up = method in ("GET", "HEAD") and "/" in address.strip("/") and not is_endpoint(address)
                if not (is_page_above(address, response) if leads_up else response.status_code == 405):
                    wrong.append((row.url, method, response.status_code))
    assert wrong == []


def is_page_above(address: str, response) -> bool:
    return response.status_code == 302 and address.startswith(response.url) and response.url not in (address, "/")


def test_a_role_that_ends_is_gone_at_the_next_request(world):
    client = Client()
    client.force_login(world.people.reviewer)
    assert client.get(reverse("audits:received_list")).status_code == 200
    world.people.reviewer.memberships.update(ended_at=access_world.LATER)
    assert client.get(reverse("audits:received_list")).status_code == 403


def test_an_account_that_is_disabled_is_out_at_the_next_request(world):
    client = Client()
    client.force_login(world.people.office)
    type(world.people.office).objects.filter(pk=world.people.office.pk).update(is_active=False)
    assert client.get(reverse("home")).status_code == 302
