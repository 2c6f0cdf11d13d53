"""What opening a scorecard of the whole country costs beside an empty page, and beside asking the answers."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.checklists.models import Checklist
from audits.results import views
from vnpt_smile.bench import country, questions
from vnpt_smile.bench.measuring import Amount, Ratio, client_of, medians, p95, turns

CLIENTS, IN_A_ROW = 8, 4
PAGE_BAR, LEVEL_BAR, CROWD_BAR, QUERIES_BAR, FASTER_BAR = 6, 1.5, 8, 15, 1000
ASKED = 3  # times that the answers are asked: each takes seconds


def figures(rounds: int) -> Iterator[Ratio | Amount]:
    """Of the country in the database in use."""
    client, cards = client_of(country.reader()), country.cards()
    for card in cards.values():
        _require(client, card)
    floor = partial(client.get, reverse("empty"))
    *pages, least = medians(rounds, *(partial(first_sight, client, card.address) for card in cards.values()), floor)
    for card, ours in zip(cards.values(), pages, strict=True):
        yield Ratio(f"{card.name} scorecard ÷ empty page", ours, least, PAGE_BAR)
    *kept, least = medians(rounds, *(partial(client.get, card.address) for card in cards.values()), floor)
    for card, ours in zip(cards.values(), kept, strict=True):
        yield Ratio(f"{card.name} scorecard seen before ÷ empty page", ours, least, PAGE_BAR)
    of_card = dict(zip(cards, pages, strict=True))
    yield Ratio("group scorecard ÷ outlet scorecard", of_card["group"], of_card["outlet"], LEVEL_BAR)
    for card in cards.values():
        yield Amount(f"queries of the {card.name} scorecard", _queries(client, card), "queries", QUERIES_BAR)
    ours, least = _crowded([cards["group"].address, reverse("empty")], rounds)
    yield Ratio(f"group scorecard ÷ empty page, p95 with {CLIENTS} clients at once", ours, least, CROWD_BAR)
    yield from _against_answers(client, cards["group"], rounds)


def first_sight(client: Client, address: str) -> object:
    """A page of which this process has drawn nothing yet."""
    views.drawn_pages.clear()
    return client.get(address)


def _require(client: Client, card: country.Card) -> None:
    page = client.get(card.address)
    if page.status_code != 200 or card.unit.name not in page.content.decode():
        raise RuntimeError(f"the {card.name} scorecard does not open")


def _queries(client: Client, card: country.Card) -> int:
    with CaptureQueriesContext(connection) as queries:
        first_sight(client, card.address)
    return len(queries)


def _crowded(addresses: Sequence[str], rounds: int) -> list[float]:
    """The p95 of each address in milliseconds, with so many clients at once; the addresses take turns."""
    together = Barrier(CLIENTS, timeout=120)

    def ask(client: Client) -> list[list[float]]:
        taken: list[list[float]] = [[] for _ in addresses]
        try:
            for _ in range(max(1, rounds // 5)):
                for address, times in zip(addresses, taken, strict=True):
                    together.wait()
                    times += turns(IN_A_ROW, partial(first_sight, client, address))[0]
        finally:
            connections.close_all()
        return taken

    with ThreadPoolExecutor(CLIENTS) as pool:
        found = list(pool.map(ask, [client_of(country.reader()) for _ in range(CLIENTS)]))
    return [p95([each for times in of_clients for each in times]) for of_clients in zip(*found, strict=True)]


def _against_answers(client: Client, card: country.Card, rounds: int) -> Iterator[Amount]:
    """The queries of the group's page against the four questions asked of the answers, in turns."""
    asked = questions.of_last_year(card.unit.pk, Checklist.objects.get(code="TQ").pk)
    questions.check(asked, questions.ask(asked))
    spent: list[float] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[-1] += 1000 * (time.perf_counter() - begun)

    def page() -> None:
        spent.append(0)
        with connection.execute_wrapper(timed):
            first_sight(client, card.address)

    raw, _page = medians(ASKED, partial(questions.ask, asked), page)
    for _ in range(rounds):
        page()
    ours = sorted(spent)[len(spent) // 2]
    yield Amount(
        f"the four questions of the answers ({raw:,.0f} ms) ÷ the page's queries ({ours:.1f} ms)",
        raw / ours,
        "times",
        FASTER_BAR,
        is_least=True,
    )
