"""Every list of the product: searched, filtered, sorted and paged in one way.

A view names its columns and filters; what arrives in the address is looked up in those names and never
reaches the query itself, so an unknown sort, filter or page falls back to the default instead of an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import CharField, F, Model, OrderBy, QuerySet
from django.db.models.functions import Collate
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outlets import text
from outlets.columns import SearchableQuerySet

PER_PAGE = 25
LONGEST_QUERY = 100


@dataclass(frozen=True)
class Column:
    """A column heading. `order` is the ordering it stands for, empty when the column cannot be sorted."""

    key: str
    label: str | Promise
    order: tuple[str, ...] = ()
    is_number: bool = False


@dataclass(frozen=True)
class Filter:
    """A drop-down above the list. `apply(rows, value)` is called with one of `choices`' values."""

    key: str
    label: str | Promise
    choices: Sequence[tuple[str, str | Promise]]
    apply: Callable[[QuerySet, str], QuerySet]


@dataclass(frozen=True)
class Heading:
    label: str | Promise
    is_number: bool
    sort: str  # the value of ?sort= that a click asks for; empty when the column cannot be sorted
    direction: str  # "ascending", "descending" or "" as aria-sort wants it


@dataclass(frozen=True)
class ShownFilter:
    key: str
    label: str | Promise
    choices: Sequence[tuple[str, str | Promise]]
    value: str


@dataclass(frozen=True)
class Listing:
    """A page of rows with all that its search box, headings and pager need."""

    page: Page
    query: str
    sort: str
    headings: tuple[Heading, ...]
    filters: tuple[ShownFilter, ...] = field(default=())
    is_searchable: bool = True
    search_hint: str | Promise = ""

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or any(shown.value for shown in self.filters)


@dataclass(frozen=True)
class Narrowed:
    """Rows after the search and the filters of the address, with what was asked for."""

    rows: QuerySet
    query: str
    filters: tuple[ShownFilter, ...]


class PaginatorOfKeys(Paginator):
    """Pages found by primary key, in the same query: a database computes every column of the rows it skips."""

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = cast(QuerySet, self.object_list)
        return Page(rows.filter(pk__in=rows.values("pk")[first : first + self.per_page]), number, self)


def matching(rows: QuerySet, query: str) -> QuerySet:
    """The search of rows that are `Searchable`."""
    return cast(SearchableQuerySet, rows).matching(query)


def narrowed(
    request: HttpRequest,
    rows: QuerySet,
    filters: Sequence[Filter] = (),
    search: Callable[[QuerySet, str], QuerySet] | None = None,
) -> Narrowed:
    """The rows that a list with these filters and this search shows for the same address, on all its pages."""
    query = text.clean(request.GET.get("q", ""), multiline=False)[:LONGEST_QUERY] if search else ""
    if query and search:
        rows = search(rows, query)
    shown_filters = []
    for each in filters:
        value = request.GET.get(each.key, "")
        if value not in {choice for choice, _ in each.choices}:
            value = ""
        if value:
            rows = each.apply(rows, value)
        shown_filters.append(ShownFilter(each.key, each.label, each.choices, value))
    return Narrowed(rows, query, tuple(shown_filters))


def listing(
    request: HttpRequest,
    rows: QuerySet,
    *,
    columns: Sequence[Column],
    default: str,
    filters: Sequence[Filter] = (),
    search: Callable[[QuerySet, str], QuerySet] | None = matching,
    search_hint: str | Promise = "",
    per_page: int = PER_PAGE,
    is_dear: bool = False,
) -> Listing:
    """Reads ?q, ?sort, ?page and the filters' keys from the address. Two queries: the count and the page.

    `search_hint` says what a search of its own looks through; rows that are `Searchable` say it themselves.
    `default` is the sort when none, or an unknown one, is asked for: a column's key, with "-" before it for
    descending. `is_dear` rows compute something each: that is then done for those of the page, not for those skipped.
    While a ranked search (`matching`) is on and no sort is asked for, its order (best hits first) stands.
    """
    hint = search_hint or (rows.model.search_hint if search is matching else "")
    if search and not hint:
        raise ValueError("an empty search box has to say what it looks through")
    found = narrowed(request, rows, filters, search)
    rows, query = found.rows, found.query
    by_key = {column.key: column for column in columns if column.order}
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in by_key else default
    if "_rank" in rows.query.annotations and sort != asked:
        sort = ""  # no heading claims an order that it has not
    else:
        order = by_key[sort.removeprefix("-")].order
        rows = rows.order_by(*(_ordering(rows, field, is_reversed=sort.startswith("-")) for field in order), "pk")
    page = (PaginatorOfKeys if is_dear else Paginator)(rows, per_page).get_page(request.GET.get("page"))
    return Listing(
        page=page,
        query=query,
        sort=sort,
        headings=tuple(_heading(column, sort) for column in columns),
        filters=found.filters,
        is_searchable=search is not None,
        search_hint=hint,
    )


def listing_of(
    request: HttpRequest,
    items: Sequence[Any],
    *,
    columns: Sequence[Column],
    default: str,
    choices: Sequence[ShownFilter] = (),
    name: str = "name",
    apart: str = "",
    per_page: int = PER_PAGE,
) -> Listing:
    """A listing of things that no table holds. A column's `order` names one attribute; those without a value come last.

    Things whose attribute `apart` is true come after all others in the default's order, whatever else is sorted by.
    The search box looks for every word, without marks, in the attribute `name` and in `code`. `choices` are drop-downs
    that have been applied already. No query.
    """
    query = text.clean(request.GET.get("q", ""), multiline=False)[:LONGEST_QUERY]
    if words := text.search_words(query):
        items = [
            each for each in items if all(word in text.fold(f"{getattr(each, name)} {each.code}") for word in words)
        ]
    by_key = {column.key: column.order[0] for column in columns if column.order}
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in by_key else default
    wanted = by_key[sort.removeprefix("-")]
    there = [each for each in items if getattr(each, wanted) is not None]
    ordered = sorted(there, key=lambda each: getattr(each, wanted), reverse=sort.startswith("-"))
    ordered += [each for each in items if getattr(each, wanted) is None]
    if apart and sort.removeprefix("-") != default.removeprefix("-"):
        usual = by_key[default.removeprefix("-")]
        ordered = [each for each in ordered if not getattr(each, apart)]
        ordered += sorted((each for each in items if getattr(each, apart)), key=lambda each: getattr(each, usual))
    return Listing(
        page=Paginator(ordered, per_page).get_page(request.GET.get("page")),
        query=query,
        sort=sort,
        headings=tuple(_heading(column, sort) for column in columns),
        filters=tuple(choices),
        search_hint=_("Name or code"),
    )


def _ordering(rows: QuerySet, field: str, *, is_reversed: bool) -> OrderBy:
    """An ordering with empty values last both ways: left alone, the two databases put them at opposite ends.

    Codes and names of accounts are compared byte by byte, as SQLite does; PostgreSQL would follow its locale.
    """
    name = field.removeprefix("-")
    value: F | Collate = F(name)
    if connections[rows.db].vendor == "postgresql" and _is_text(rows.model, name):
        value = Collate(value, "C")
    is_descending = field.startswith("-") != is_reversed
    return value.desc(nulls_last=True) if is_descending else value.asc(nulls_last=True)


def _is_text(model: type[Model], path: str) -> bool:
    """Whether `path` leads to a column of text; not to one that a query computes."""
    found: Any = None
    for name in path.split("__"):
        try:
            found = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        model = found.related_model
    return isinstance(found, CharField)


def _heading(column: Column, sort: str) -> Heading:
    if not column.order:
        return Heading(column.label, column.is_number, "", "")
    if sort == column.key:
        return Heading(column.label, column.is_number, f"-{column.key}", "ascending")
    if sort == f"-{column.key}":
        return Heading(column.label, column.is_number, column.key, "descending")
    return Heading(column.label, column.is_number, column.key, "")
