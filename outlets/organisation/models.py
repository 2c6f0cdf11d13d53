"""Units, their dated tree, and the outlets that are visited."""

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from outlets import text
from outlets.columns import Searchable, SearchableQuerySet


class Channel(models.TextChoices):
    """How a customer meets us. An outlet serves exactly one."""

    COUNTER = "counter", _("Transaction counter")
    HOTLINE = "hotline", _("Hotline")
    TECHNICIAN = "technician", _("Technician at home")
    SALES = "sales", _("Sales person")


class Province(models.Model):
    """A province as it was between two dates. Codes changed meaning in 2025, so (code, valid_from) is the key.

    Dates are half-open: valid_from <= day < valid_to.
    """

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", _("City")
        PROVINCE = "province", _("Province")

    code = models.CharField(max_length=2)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    landline = models.CharField(max_length=4, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    sort_key = models.CharField(max_length=200, editable=False)

    class Meta:
        ordering = ["sort_key", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="province_code_and_date"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="province_dates_in_order"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = text.sort_key(self.name)
        super().save(*args, **kwargs)


class UnitType(models.Model):
    """What a unit is called in the organisation. Rows, not levels: a tree may skip or repeat them."""

    code = models.SlugField(max_length=32, unique=True)
    name_vi = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi


class UnitQuerySet(SearchableQuerySet["Unit"]):
    def open(self) -> Self:
        return self.filter(closed_on__isnull=True)

    def matching(self, query: str) -> Self:
        """As every search, but the unit with exactly this code comes first."""
        rows = super().matching(query)
        if not rows.query.annotations:
            return rows
        has_code = models.Case(
            models.When(code__iexact=text.clean(query, multiline=False), then=0),
            default=1,
            output_field=models.IntegerField(),
        )
        return rows.annotate(_has_code=has_code).order_by("_has_code", "_rank", "sort_key", "pk")

    def within(self, unit_ids: Iterable[int] | models.QuerySet[Any, Any] | RawSQL) -> Self:
        """Units of today's tree at or below any of `unit_ids`, closed predecessors included."""
        links = UnitClosure.objects.filter(ancestor_id__in=unit_ids)
        return self.filter(pk__in=links.values("descendant_id"))

    def visible_to(self, scope):
        """Units in a reader's scope (`permissions.Scope`); everything when the scope is the whole organisation."""
        return self if scope.is_everything else self.within(scope.unit_ids)


class Unit(Searchable):
    """Any node of the organisation. `code` is the organisation's own and is never used again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=160)
    unit_type = models.ForeignKey(UnitType, models.PROTECT, related_name="units")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    search_hint = _("Name or code")
    objects = UnitQuerySet.as_manager()  # type: ignore[misc]  # Searchable has a plainer one

    class Meta:
        ordering = ["sort_key", "pk"]
        indexes = [models.Index(fields=["sort_key"], name="unit_sort_key")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gt=F("opened_on")), name="unit_dates_in_order"
            ),
        ]

    def __str__(self):
        return self.name

    def search_source(self):
        return [self.name, self.code]

    def sort_source(self):
        return text.sort_key(self.name)


class DatedRow(models.Model):
    """A fact that holds from one day until another: valid_from <= day < valid_to, open while valid_to is empty."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class UnitParent(DatedRow):
    """Under whom a unit stood, and when."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="parent_rows")
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="child_rows")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to__isnull=True), name="one_open_parent"),
            models.UniqueConstraint(fields=["unit", "valid_from"], name="one_parent_a_day"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="parent_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(unit=F("parent")), name="parent_is_another_unit"),
        ]

    def __str__(self):
        return f"{self.unit_id} under {self.parent_id} from {self.valid_from}"


class UnitName(DatedRow):
    """What a unit was called, and when."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="names")
    name = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to__isnull=True), name="one_open_name"),
            models.UniqueConstraint(fields=["unit", "valid_from"], name="one_name_a_day"),
        ]

    def __str__(self):
        return self.name


class UnitSuccession(models.Model):
    """What became of a unit. A rename and a move have the same unit on both sides.

    `carries_history` marks the one successor under which a closed predecessor hangs in today's tree.
    """

    class Kind(models.TextChoices):
        RENAME = "rename", _("Renamed")
        MOVE = "move", _("Moved")
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split")

    kind = models.CharField(max_length=8, choices=Kind)
    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="origins")
    carries_history = models.BooleanField(default=True)
    effective_on = models.DateField()
    was = models.CharField(max_length=160, blank=True)
    became = models.CharField(max_length=160, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-effective_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor"],
                condition=Q(carries_history=True, kind__in=["merge", "split"]),
                name="one_heir",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.predecessor_id} -> {self.successor_id}"


class UnitClosure(models.Model):
    """Every pair of ancestor and descendant in today's tree, each unit with itself at depth 0.

    Written only by the actions of this package; `tree.closure_today()` recomputes it.
    """

    ancestor = models.ForeignKey(Unit, models.CASCADE, related_name="descendant_links")
    descendant = models.ForeignKey(Unit, models.CASCADE, related_name="ancestor_links")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ancestor", "descendant"], name="closure_pair")]
        indexes = [models.Index(fields=["descendant", "depth"], name="closure_upwards")]

    def __str__(self):
        return f"{self.ancestor_id} > {self.descendant_id}"


class OutletQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(unit__closed_on__isnull=True)

    def visible_to(self, scope):
        if scope.is_everything:
            return self
        return self.filter(unit__in=Unit.objects.within(scope.unit_ids))


LATITUDES, LONGITUDES = (Decimal(6), Decimal(24)), (Decimal(101), Decimal(118))  # Vietnam with its islands


class Outlet(models.Model):
    """A service point with one channel: a leaf unit. A hotline team or a crew is one too, without an address."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="outlet")
    channel = models.CharField(max_length=12, choices=Channel)
    province = models.ForeignKey(Province, models.PROTECT, related_name="outlets")
    former_province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, related_name="former_outlets")
    commune = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    opening_hours = models.CharField(max_length=120, blank=True)
    # Degrees of WGS 84; both or neither.
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # A comparison with nothing is neither true nor false, and would let half a place pass.
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=LATITUDES, longitude__range=LONGITUDES),
                name="outlet_lies_in_vietnam",
            )
        ]

    def __str__(self):
        return self.unit.name

    @property
    def place(self) -> str:
        """Commune and province as a reader would write them; empty for a team without an address."""
        return ", ".join(part for part in (self.commune, self.province.name) if part)

    @property
    def coordinates(self) -> str:
        """Latitude and longitude as map services write them; empty where they are not known."""
        return "" if self.latitude is None else f"{self.latitude}, {self.longitude}"


class UnitEvent(models.Model):
    """Who changed what in the organisation, and when. Rows are only added."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        EDITED = "edited", _("Details changed")
        RENAMED = "renamed", _("Renamed")
        MOVED = "moved", _("Moved")
        MERGED = "merged", _("Merged")
        SPLIT = "split", _("Split")
        CLOSED = "closed", _("Closed")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.unit_id}"
