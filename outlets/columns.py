"""Model columns that behave alike on SQLite and PostgreSQL."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import Promise

from outlets import text


class SortKeyField(models.CharField):
    """An ASCII sort key. PostgreSQL compares it byte by byte, as SQLite does, whatever the database's locale."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 400)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


def search_rank(query: str) -> models.Case:
    """How well a row's `search_text` answers `query`.

    0: words begin as written, marks included. 1: they begin so but for the marks. 2: the rest, as `Thương` for `huong`.
    """
    exact = text.clean(query, multiline=False).casefold()
    as_written = models.Q(search_text__contains=f" {exact}") | models.Q(search_text__contains=f"\n{exact}")
    begin = models.Q()
    for word in text.search_words(query):
        begin &= models.Q(search_text__startswith=word) | models.Q(search_text__contains=f" {word}")
    return models.Case(models.When(as_written, then=0), models.When(begin, then=1), default=2)


_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class SearchableQuerySet(models.QuerySet[_Row]):
    def matching(self, query: str) -> Self:
        """Rows whose search text holds every word of `query`, in the order of `search_rank`. No words: all rows."""
        words = text.search_words(query)
        if not words:
            return self
        rows = self
        for word in words:
            rows = rows.filter(search_text__contains=word)
        return rows.annotate(_rank=search_rank(query)).order_by("_rank", "sort_key", "pk")


class Searchable(models.Model):
    """Two stored columns written here, in Python, so that both databases find and sort Vietnamese alike.

    `search_text` holds the folded words and, after a line break, the same words with their marks.
    Bulk writers call `fill_search()` on each row before `bulk_create`.
    """

    search_text = models.TextField(editable=False, blank=True, default="")
    sort_key = SortKeyField(default="")

    search_hint: ClassVar[str | Promise]  # what `search_source` holds, for the empty search box

    objects = SearchableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_search()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "search_text", "sort_key"}
        super().save(*args, **kwargs)

    def search_source(self) -> list[str]:
        """The texts by which this row is found."""
        raise NotImplementedError

    def sort_source(self) -> str:
        """The sort key of this row."""
        raise NotImplementedError

    def fill_search(self) -> Self:
        """Writes both columns from the row's own fields and returns the row."""
        plain = text.clean(" ".join(part for part in self.search_source() if part), multiline=False)
        self.search_text = f"{text.fold(plain)}\n{plain.casefold()}"
        self.sort_key = self.sort_source()[:400]
        return self
