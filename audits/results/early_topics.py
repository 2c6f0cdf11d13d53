"""The topics of outlets without a block, written with each closing and read until the next one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from django.db.models import Sum

from audits.checklists.models import Theme
from audits.checklists.outline import outline
from audits.results import closing, early, months
from audits.results.blocks import Place, Split
from audits.results.early import Channel, Here, WaitingVisit
from audits.results.models import EarlyTopic, Period, PeriodChecklist, PeriodUnit, UnitCriterionScore
from audits.results.tallies import OTHERS
from outlets.models import Outlet
from outlets.rows import insert

MONTHS = 12  # of the channel that topics may come from


@dataclass(frozen=True)
class _Source:
    """The checklist that speaks for a channel, and how often its themes come up there."""

    checklist_id: int
    visits: int
    channel: Channel


def write(period: Period, split: Split, rng: Random) -> None:
    """Three topics for each open outlet that has no block in this month, whether any of its visits wait or none does.

    Of the channel's checklist with most visits; none for a channel of which too few themes have been published. Called
    inside the closing's transaction, after its figures. Four queries and a write, one query for each 500
    waiting visits, and those of the outlines.
    """
    sources = _sources(period)
    outlets = dict(Outlet.objects.open().filter(channel__in=sources).order_by("pk").values_list("pk", "channel"))
    of_place = {place: sources[channel] for place, channel in _places(outlets, sources)}
    wanted = {place: source for place, source in of_place.items() if place not in split.published}
    seen = _seen(split, wanted)
    themes = _theme_keys()
    insert(
        EarlyTopic,
        ("period_id", "outlet_id", "checklist_id", "theme_id", "goes_well"),
        (
            (period.pk, *place, themes[code], goes_well)
            for place, source in wanted.items()
            for code, goes_well in _drawn(seen.get(place, Here()), source.channel, rng)
        ),
    )


def of_outlet(outlet_id: int) -> tuple[EarlyTopic, ...]:
    """What the latest closing gave an outlet to talk about; what goes well first. One query."""
    latest = Period.objects.order_by("-month").values("pk")[:1]
    rows = EarlyTopic.objects.filter(outlet=outlet_id, period__in=latest).select_related("theme", "checklist")
    return tuple(rows.order_by("-goes_well", "theme__position", "pk"))


def _drawn(here: Here, channel: Channel, rng: Random) -> Iterator[tuple[str, bool]]:
    found = early.topics(here, channel, rng)
    yield from ((code, True) for code in found.well)
    yield from ((code, False) for code in found.again)


def _places(outlets: Mapping[int, str], sources: Mapping[str, _Source]) -> Iterator[tuple[Place, str]]:
    for outlet, channel in outlets.items():
        yield (outlet, sources[channel].checklist_id), channel


def _sources(period: Period) -> dict[str, _Source]:
    """By channel, the checklist with most visits of the whole organisation in the last months."""
    first = months.later(period.month, 1 - MONTHS)
    of_months = {"period__month__gte": first, "period__month__lte": period.month}
    themes: dict[int, dict[str, str]] = {}
    channels: dict[int, str] = {}
    rows = PeriodChecklist.objects.filter(**of_months).select_related("checklist", "version__checklist")
    for row in rows.order_by("period__month"):
        channels[row.checklist_id] = row.checklist.channel
        criteria = outline(row.version).criteria
        themes[row.checklist_id] = {each.code: each.theme for each in criteria if each.theme and each.is_scored}
    top = PeriodUnit.objects.filter(period=period, parent__isnull=True).values("unit")
    sums = UnitCriterionScore.objects.filter(unit__in=top, **of_months).exclude(code=OTHERS)
    counted: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for checklist, code, *told in (
        sums.order_by()
        .values("checklist", "code")
        .annotate(cost=Sum("lost"), met_in=Sum("met"), seen_in=Sum("met") + Sum("partly") + Sum("not_met"))
        .values_list("checklist", "code", "cost", "met_in", "seen_in")
    ):
        if code in themes.get(checklist, {}):
            theme = counted[checklist][themes[checklist][code]]
            theme[:] = [one + other for one, other in zip(theme, told, strict=True)]
    found: dict[str, _Source] = {}
    for checklist, by_theme in sorted(counted.items()):
        lost, met, visits = ({theme: three[n] for theme, three in by_theme.items()} for n in range(3))
        source = _Source(checklist, sum(visits.values()), early.channel(lost, met, visits))
        best = found.get(channels[checklist])
        if source.channel.is_enough and (best is None or source.visits > best.visits):
            found[channels[checklist]] = source
    return found


def _seen(split: Split, wanted: Mapping[Place, _Source]) -> dict[Place, Here]:
    """What was seen in the visits that wait, by place."""
    submissions = {
        each.submission_id: (place, each.shopper_id)
        for place, some in split.waiting.items()
        if place in wanted
        for each in some
        if each.percent is not None
    }
    visits: dict[Place, list[WaitingVisit]] = defaultdict(list)
    for key, score in closing.scores(submissions):
        place, shopper = submissions[key]
        told = wanted[place].channel.again
        lines = [line for line in score.lines if line.result is not None and line.theme in told]
        visits[place].append(WaitingVisit(shopper, lines))
    return {place: early.seen_here(some) for place, some in visits.items()}


def _theme_keys() -> dict[str, int]:
    return dict(Theme.objects.values_list("code", "pk"))
