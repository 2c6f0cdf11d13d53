"""The published figures as JSON, for a program with its owner's token. A cookie opens nothing here.

The same rights, scope and sources as the pages; numbers with the one decimal that pages show; null: nothing is told.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audits.results import months
from audits.results.asking import Asked, asked
from audits.results.beside import Held
from audits.results.comparing import tenths
from audits.results.exports import actions as exports
from audits.results.exports import rows as source
from audits.results.exports.rows import Row, Wanted
from audits.results.facts import CriterionRow, Headline, PartRow, Point
from audits.results.models import Export, Period
from audits.results.months import SpanKind
from audits.results.reading import Tree
from audits.results.scorecard import Scorecard
from audits.results.statistics import Change, Range
from outlets.models import AccessToken, Unit
from outlets.people import permissions, tokens
from outlets.people.permissions import Right, Scope

A_MINUTE = timedelta(minutes=1)
AT_MOST = 60  # answers to one token in a minute

View = Callable[..., JsonResponse]


class NotThere(Exception):
    """What the address asks for, by name, that is not published or no word of ours. Another view would pass for it."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(*self.names)


def by_token(view: View) -> View:
    """Lets the owner of the token in, with the rights held at this moment; 401, 403 and 429 are told in JSON."""

    @login_not_required
    @require_safe
    @wraps(view)
    def checked(request: HttpRequest, **given: Any) -> JsonResponse:
        at = timezone.now()
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        token = tokens.found(key.strip(), at=at) if scheme.casefold() == "bearer" else None
        if token is None:
            answer = JsonResponse({"refused": "token"}, status=401)
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        access = permissions.access_of(token.user)
        if not access.may(Right.READ_UNIT_RESULTS):
            return JsonResponse({"refused": "forbidden"}, status=403)
        if Export.objects.filter(token=token, begun_at__gt=at - A_MINUTE).count() >= AT_MOST:
            answer = JsonResponse({"refused": "too_many"}, status=429)
            answer["Retry-After"] = "60"
            return answer
        try:
            return view(request, token, access.scope(Right.READ_UNIT_RESULTS), **given)
        except NotThere as wrong:
            return JsonResponse({"refused": "not_there", "parameters": wrong.names}, status=400)

    return checked


@by_token
def api_results(request: HttpRequest, token: AccessToken, scope: Scope) -> JsonResponse:
    """Where to begin: the units whose figures the owner may read, the highest of each, and the published months."""
    every = Unit.objects.open().order_by("sort_key", "pk")
    units = every.filter(ancestor_links__depth=0).exclude(ancestor_links__depth__gt=0)
    if not scope.is_everything:
        units = every.filter(pk__in=scope.unit_ids)
    published = list(Period.objects.order_by("-month").values_list("month", flat=True))
    found = list(units)
    if found and published:
        span = months.span(SpanKind.MONTH, published[0])
        _put_down(token, found[0], Export.Of.SCORECARD, span, Tree.TODAY, rows=0)
    return JsonResponse(
        {"units": [_unit(request, unit) for unit in found], "months": list(map(months.written, published))}
    )


@by_token
def api_scorecard(request: HttpRequest, token: AccessToken, scope: Scope, unit_id: UUID) -> JsonResponse:
    """A unit's scorecard; the address takes what that of the page takes: span, month, checklist, tree, trend."""
    page = _asked(request, scope, unit_id)
    card = page.card
    if card is None:
        return JsonResponse({"unit": _unit(request, page.unit), "span": None, "headlines": [], "detail": None})
    _put_down(token, page.unit, Export.Of.SCORECARD, card.span, card.tree, rows=len(card.headlines))
    return JsonResponse(
        _span(card)
        | {
            "unit": _unit(request, page.unit),
            "headlines": [_headline(each) for each in card.headlines],
            "detail": _detail(request, card),
        }
    )


@by_token
def api_rows(request: HttpRequest, token: AccessToken, scope: Scope, unit_id: UUID) -> JsonResponse:
    """The rows of the file: `of` units or outlets, `months` span or each; outlets come in pages, `next` leads on."""
    page = _asked(request, scope, unit_id, of=("units", "outlets"), months=("span", "each"))
    of = Export.Of.OUTLETS if request.GET.get("of") == Export.Of.OUTLETS else Export.Of.UNITS
    number = max(1, int(written)) if (written := request.GET.get("page", "")).isdecimal() and len(written) < 6 else 1
    card = page.card
    if card is None:
        return JsonResponse({"unit": _unit(request, page.unit), "span": None, "rows": [], "next": None})
    wanted = Wanted(card, scope, of, by_month=request.GET.get("months") == "each")
    is_whole = of is Export.Of.UNITS  # as many as the unit's page has
    first = 0 if is_whole else (number - 1) * source.TOGETHER
    step = next(source.steps(wanted, first_unit=first, together=10**6 if is_whole else None), None)
    rows = list(step.rows) if step else []
    _put_down(token, page.unit, of, card.span, card.tree, rows=len(rows), by_month=wanted.by_month)
    following = None
    if step and step.done < step.total:
        query = request.GET.copy()
        query["page"] = str(number + 1)
        following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return JsonResponse(
        _span(card)
        | {"unit": _unit(request, page.unit), "rows": [_row(each, card) for each in rows], "next": following}
    )


def _asked(request: HttpRequest, scope: Scope, unit_id: UUID, **words: tuple[str, ...]) -> Asked:
    """The scorecard that the address asks for, if the owner may open it; else 404. Raises NotThere."""
    units = Unit.objects.visible_to(scope).select_related("unit_type", "outlet")
    page = asked(request.GET, get_object_or_404(units, public_id=unit_id), scope)
    unknown = [name for name, known in words.items() if request.GET.get(name, known[0]) not in known]
    if page.fallbacks or unknown:
        raise NotThere([*page.fallbacks, *unknown])
    return page


def _put_down(
    token: AccessToken, unit: Unit, of: Export.Of, span: months.Span, tree: Tree, *, rows: int, by_month: bool = False
) -> None:
    at = timezone.now()
    export = exports.begin(
        unit=unit,
        of=of,
        form=Export.Format.JSON,
        span=span,
        tree=tree,
        by=token.user,
        at=at,
        by_month=by_month,
        token=token,
    )
    exports.finish(export=export, rows=rows, at=at)


# --- Figures as JSON ------------------------------------------------------------------------------

Told = dict[str, Any]


def _number(stored: int | None) -> float | None:
    return None if stored is None else tenths(stored) / 10


def _unit(request: HttpRequest, unit: Unit) -> Told:
    address = request.build_absolute_uri(reverse("audits:api_scorecard", args=[unit.public_id]))
    return {"id": str(unit.public_id), "code": unit.code, "name": unit.name, "url": address}


def _span(card: Scorecard) -> Told:
    span = card.span
    ends = {"first": months.written(span.first), "last": months.written(span.last)}
    return {"span": {"kind": str(span.kind), **ends}, "tree": str(card.tree)}


def _range(value: Range | None) -> Told:
    if value is None:
        return {"score": None, "low": None, "high": None}
    return {"score": _number(value.mean), "low": _number(value.low), "high": _number(value.high)}


def _change(change: Change | None) -> Told:
    if change is None:
        return {"change": None, "change_low": None, "change_high": None, "change_is_clear": None}
    return {
        "change": _number(change.difference),
        "change_low": _number(change.low),
        "change_high": _number(change.high),
        "change_is_clear": change.is_clear,
    }


def _group(held: Held | None) -> Told:
    """The whole group's figure of the same, with what must travel with it."""
    value = _range(held.range if held else None)
    ends = {"group_low": value["low"], "group_high": value["high"]}
    return {"group": value["score"], **ends, "group_visits": held.visits if held else None}


def _headline(each: Headline) -> Told:
    return {
        "checklist": each.checklist.code,
        "checklist_name": each.checklist.name,
        "visits": each.visits,
        **_range(each.range),
        "grade": each.grade or None,
        **_change(each.change),
        **_group(each.of_group),
        "failures": each.figure.failures,
        "is_for_reference": each.is_for_reference if each.range else None,
    }


def _detail(request: HttpRequest, card: Scorecard) -> Told | None:
    detail = card.detail
    if detail is None:
        return None
    return {
        "checklist": detail.headline.checklist.code,
        "trend": [_point(point) for point in detail.trend],
        "sections": [_part(part) for part in detail.sections],
        "themes": [_part(part) for part in detail.themes],
        "criteria": [_criterion(row) for row in detail.criteria],
        "units": [
            _unit(request, child.unit)
            | {"name": child.name, "visits": child.figure.visits, **_range(child.range), **_change(child.change)}
            | {"group_of_units": child.pile, "failures": child.figure.failures}
            for child in detail.children
        ],
    }


def _point(point: Point) -> Told:
    return {
        "month": months.written(point.month),
        "visits": point.figure.visits,
        **_range(point.range),
        **_group(point.of_group),
        "version": point.version,
    }


def _part(part: PartRow) -> Told:
    told = {"code": part.code or None, "name": part.name, "visits": part.visits or None}
    lost = _number(part.lost) if part.is_told else None
    return told | _range(part.range) | _group(part.of_group) | {"lost": lost}


def _criterion(row: CriterionRow) -> Told:
    """Of several criteria together the lost points alone."""
    figure = row.figure
    counts: Told = {
        "met": figure.met,
        "partly": figure.partly,
        "not_met": figure.not_met,
        "not_applicable": figure.not_applicable,
    }
    if row.is_rest:
        counts = dict.fromkeys(counts)
    return {"code": row.code or None, "text": row.text, **counts, "lost": _number(row.lost)}


def _row(row: Row, card: Scorecard) -> Told:
    listed, has_figure = row.listed, row.range is not None
    return {
        "unit": listed.name,
        "code": listed.code,
        "above": listed.above,
        "checklist": row.checklist.code if row.checklist else None,
        "month": months.written(row.month) if row.month else None,
        "visits": row.figure.visits if has_figure else None,
        **_range(row.range),
        "grade": str(row.grade) if row.grade else None,
        **_change(row.change),
        "failures": row.figure.failures,
        "version": row.version,
        "group_of_units": row.pile,
        "is_for_reference": row.is_for_reference if has_figure else None,
    }
