"""Whether a scorecard takes longer because there are more visits: the same tree and months, few visits and all."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import log

from django.urls import reverse

from vnpt_smile.bench import country
from vnpt_smile.bench.measuring import Amount, client_of, medians
from vnpt_smile.bench.scorecard import first_sight
from vnpt_smile.national.scale import Scale

BAR, FEW = 1.25, 10_000


def few(scale: Scale) -> Scale:
    """The same country with few visits: at most `FEW`, fewer where the country is small."""
    return replace(scale, visits=max(3 * scale.months, min(FEW, scale.visits // 10)))


def pages(rounds: int) -> dict[str, float]:
    """How many times as long as the empty page each scorecard of the country in use takes."""
    client = client_of(country.reader())
    cards = country.cards()
    asks = [partial(first_sight, client, card.address) for card in cards.values()]
    *ours, floor = medians(rounds, *asks, partial(client.get, reverse("empty")))
    return {name: taken / floor for name, taken in zip(cards, ours, strict=True)}


def figures(small: dict[str, float], large: dict[str, float], scale: Scale) -> Iterator[Amount]:
    """The growth of each page. The two were not measured in turns, so each stands beside its own empty page."""
    grown = scale.visits / few(scale).visits
    for name, times in large.items():
        growth = times / small[name]
        what = f"{name} scorecard, {scale.visits:,} ÷ {few(scale).visits:,} visits"
        yield Amount(f"{what} (exponent {log(growth) / log(grown):.3f})", growth, "times", BAR)
