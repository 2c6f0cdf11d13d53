"""Closed months: what was published, block by block, and the figures of every unit.

Outside the quality office every figure is a sum over published visits. Rows are written by closing a month, by a
correction, and by nothing else.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.checklists.models import Checklist, ChecklistVersion, Criterion, Theme
from audits.fieldwork.models import Submission, Visit
from audits.results.statistics import ASSUMED, Pooled
from audits.results.tallies import Kind
from outlets.models import AccessToken, Outlet, Unit


class Period(models.Model):
    """A closed month, with the rule of its blocks as it was in force. `month` is its first day."""

    month = models.DateField(unique=True)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    least_visits = models.PositiveSmallIntegerField()
    least_shoppers = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-month"]

    def __str__(self):
        return f"{self.month:%m/%Y}"


class PeriodUnit(models.Model):
    """A unit as it stood on the last day of a closed month: its name, and under whom its figures are counted."""

    period = models.ForeignKey(Period, models.PROTECT, db_index=False, related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    parent = models.ForeignKey(Unit, models.PROTECT, db_index=False, null=True, related_name="+")
    name = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "unit"], name="one_place_in_a_month")]
        indexes = [models.Index(fields=["parent", "period"], name="units_below_in_a_month")]

    def __str__(self):
        return f"{self.name} {self.period_id}"


class PeriodChecklist(models.Model):
    """What goes with a checklist's figures of a month: the grades' bounds, and the spread within and between outlets.

    Both variances are in (per cent x 10,000) squared, over the outlets' visits of twelve months. `variance` is pooled
    within outlets from the means of their blocks (`statistics.of_blocks`), and empty while there are few of those;
    `between` then, too.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="checklists")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="+")
    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="+")
    variance = models.BigIntegerField(null=True)
    degrees = models.PositiveIntegerField(default=0)
    between = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "checklist"], name="one_spread_a_month")]

    def __str__(self):
        return f"{self.checklist_id} {self.period_id}"

    @property
    def spread(self) -> Pooled:
        """The usual spread of visits within outlets, or what is assumed while there is none."""
        return ASSUMED if self.variance is None else Pooled(self.variance, self.degrees)


class Block(models.Model):
    """The visits of one outlet with one checklist that were published together. Never fewer than the rule says."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    period = models.ForeignKey(Period, models.PROTECT, related_name="blocks")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="blocks")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="+")
    visits = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "outlet", "checklist"], name="one_block_a_month")]

    def __str__(self):
        return str(self.public_id)


class PublishedVisit(models.Model):
    """A visit in its block, with the figure that counts now: that of its submission, or of its latest revision."""

    visit = models.OneToOneField(Visit, models.PROTECT, primary_key=True, related_name="published")
    block = models.ForeignKey(Block, models.PROTECT, related_name="published")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    percent = models.IntegerField(null=True)
    critical_failures = models.PositiveSmallIntegerField(default=0)
    is_late = models.BooleanField(default=False)

    def __str__(self):
        return str(self.visit_id)


class Revision(models.Model):
    """A correction of a published visit, scored again. Rows are only added; the one before stays readable.

    `effects` holds, for each unit whose figures moved, [unit's key, visits, sum before, sum after].
    """

    published = models.ForeignKey(PublishedVisit, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    reason = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    percent = models.IntegerField(null=True)
    personal = models.IntegerField(null=True)
    grade = models.CharField(max_length=16, choices=Submission.Grade, blank=True)
    is_capped = models.BooleanField(default=False)
    critical_failures = models.PositiveSmallIntegerField(default=0)
    rules = models.CharField(max_length=8)
    workings = models.JSONField()
    effects = models.JSONField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["published", "number"], name="revision_number"),
            models.CheckConstraint(condition=~Q(reason=""), name="revision_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.published_id} r{self.number}"


class Correction(models.Model):
    """What a criterion counts as since a revision, in place of the shopper's answer, which stays as it is."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="corrections")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.CharField(max_length=16, blank=True)
    number = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "criterion"], name="corrected_once_a_revision")]

    def __str__(self):
        return f"{self.revision_id} {self.criterion_id}"


class EarlyTopic(models.Model):
    """What an outlet without a block in a closed month is given to talk about: a theme, in standard words.

    Drawn by `early`, also where no visit waits; nothing says from which visits, if from any.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="early_topics")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="early_topics")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="+")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    goes_well = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "outlet", "checklist", "theme"], name="one_early_topic_a_theme")
        ]

    def __str__(self):
        return f"{self.outlet_id} {self.theme_id} {self.period_id}"


class Export(models.Model):
    """Figures taken along: who took which, of which unit and months, and how it ended. Rows are never deleted.

    `by_month`: month by month, not over the span. `rows` is how many lines of figures there were.
    """

    class Of(models.TextChoices):
        SCORECARD = "scorecard", _("The scorecard")
        UNITS = "units", _("Units directly below")
        OUTLETS = "outlets", _("All outlets below")

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel workbook (.xlsx)")
        CSV = "csv", _("Text file for Excel (.csv)")
        JSON = "json", _("Answer to a program (JSON)")

    class State(models.TextChoices):
        BEGUN = "begun", _("In progress")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token = models.ForeignKey(AccessToken, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(db_index=True)
    of = models.CharField(max_length=9, choices=Of)
    format = models.CharField(max_length=4, choices=Format)
    first = models.DateField()
    last = models.DateField()
    by_month = models.BooleanField(default=False)
    as_then = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State, default=State.BEGUN)
    ended_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="begun", ended_at__isnull=True) | (~Q(state="begun") & Q(ended_at__isnull=False)),
                name="export_ends_when_it_is_over",
            )
        ]
        indexes = [models.Index(fields=["token", "begun_at"], name="exports_of_a_token")]

    def __str__(self):
        return str(self.public_id)


class NarrowKey(models.ForeignKey):
    """A foreign key of 4 bytes to a key of 8, for tables that have millions of rows to a few thousand referred to."""

    def db_type(self, connection: Any) -> str | None:
        return models.IntegerField().db_type(connection)


class UnitScore(models.Model):
    """A figure of a unit in a closed month, as organised on the month's last day; sums only, so that spans add.

    `visits` are those with a percentage; `total` sums that percentage x 10,000, `squares` the squares of their blocks'
    means, once for each visit, rounded up for each block.
    `unscored`, `outlets` and `critical_failures` are counted in the rows of the total alone.
    """

    KINDS = [(kind.value, kind.name) for kind in Kind]

    # The largest tables of figures: they have no index but that of the key, and wide columns come first, without
    # padding. All reads name months, so that closing can append; and kinds, so that all totals lie together.
    pk = models.CompositePrimaryKey("period", "kind", "unit", "checklist", "code")
    total = models.BigIntegerField()
    squares = models.BigIntegerField()
    unit = NarrowKey(Unit, models.PROTECT, db_index=False, related_name="scores")
    period = NarrowKey(Period, models.PROTECT, db_index=False, related_name="scores")
    checklist = NarrowKey(Checklist, models.PROTECT, db_index=False, related_name="+")
    visits = models.PositiveIntegerField()
    unscored = models.PositiveIntegerField(default=0)
    outlets = models.PositiveIntegerField()
    critical_failures = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=1, choices=KINDS)
    code = models.CharField(max_length=20, blank=True)

    def __str__(self):
        return f"{self.unit_id} {self.checklist_id} {self.kind} {self.code} {self.period_id}"


class UnitCriterionScore(models.Model):
    """How a criterion went in a unit in a closed month: counts, and the sums of results (0-100) and lost shares."""

    pk = models.CompositePrimaryKey("period", "unit", "checklist", "code")  # as above
    lost = models.BigIntegerField()
    unit = NarrowKey(Unit, models.PROTECT, db_index=False, related_name="criterion_scores")
    period = NarrowKey(Period, models.PROTECT, db_index=False, related_name="criterion_scores")
    checklist = NarrowKey(Checklist, models.PROTECT, db_index=False, related_name="+")
    met = models.PositiveIntegerField()
    partly = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    not_applicable = models.PositiveIntegerField()
    results = models.PositiveIntegerField()
    code = models.CharField(max_length=16)

    def __str__(self):
        return f"{self.unit_id} {self.code} {self.period_id}"
