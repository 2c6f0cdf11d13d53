"""The instrument: checklists, their versions, and what each version asks.

A published version and everything below it never changes. Actions refuse it, `save` and `delete`
refuse it, and triggers in both databases refuse it: docs/decisions/0005-immutable-versions.md.
"""

import uuid
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audits import scoring
from outlets.models import Channel

MOST_WEIGHT = 1000  # of one criterion
MOST_ROWS = 20  # options of a choice, thresholds of a measured number


class Immutable(Exception):
    """Somebody tried to change a version that has been published."""


class DraftQuerySet(models.QuerySet):
    """Deletes rows of drafts only. The triggers watch updates and inserts; deletes are watched here and by PROTECT."""

    def delete(self) -> tuple[int, dict[str, int]]:
        path = self.model.state_path  # type: ignore[attr-defined]
        if self.exclude(**{path: ChecklistVersion.State.DRAFT}).exists():
            raise Immutable("A published version is not deleted, nor anything in it.")
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class TwoLanguages(models.Model):
    """A name in Vietnamese, and in English where there is one."""

    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return (self.name_en if get_language() == "en" else "") or self.name_vi


class Theme(TwoLanguages):
    """What a criterion is about, across sections and channels."""

    code = models.SlugField(max_length=20, unique=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]


class Checklist(TwoLanguages):
    """A checklist of one channel. Its content lives in versions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=8, unique=True)
    channel = models.CharField(max_length=12, choices=Channel)
    method_vi = models.CharField(max_length=200, blank=True)
    method_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]

    @property
    def method(self) -> str:
        return (self.method_en if get_language() == "en" else "") or self.method_vi


class ChecklistVersion(models.Model):
    """One state of a checklist. Visits point at the exact version they were made with."""

    state_path = "state"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Waiting for approval")
        APPROVED = "approved", _("Approved, not yet in force")
        PUBLISHED = "published", _("Running")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    # The one reading of a file that this draft was made of: the same reading makes no second draft.
    reading = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    note = models.TextField(blank=True)
    band_excellent = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(90))
    band_good = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(80))
    band_fair = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(65))
    band_to_improve = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(50))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    effective_on = models.DateField(null=True, blank=True)  # none: from the day of its approval
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    grace_until = models.DateField(null=True, blank=True)  # last day on which visits begun with it are submitted

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["checklist", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="version_number"),
            models.UniqueConstraint(fields=["checklist"], condition=Q(state="published"), name="one_running_version"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "discarded"],
                    proposed_at=None,
                    approved_at=None,
                    published_at=None,
                    retired_at=None,
                )
                | Q(state="proposed", proposed_at__isnull=False, approved_at=None, published_at=None, retired_at=None)
                | Q(state="approved", approved_at__isnull=False, published_at=None, retired_at=None)
                | Q(state="published", published_at__isnull=False, retired_at=None)
                | Q(state="retired", published_at__isnull=False, retired_at__isnull=False),
                name="version_state_fits_dates",
            ),
            models.CheckConstraint(
                condition=Q(grace_until=None) | Q(state="retired"), name="version_grace_only_where_retired"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(effective_on__isnull=False), name="version_approved_for_a_day"
            ),
            models.CheckConstraint(
                condition=Q(band_excellent__gt=F("band_good"))
                & Q(band_good__gt=F("band_fair"))
                & Q(band_fair__gt=F("band_to_improve"))
                & Q(band_to_improve__gt=0)
                & Q(band_excellent__lte=100),
                name="version_bands_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.checklist_id} v{self.number}"

    def save(self, *args, **kwargs):
        if not self._state.adding and not type(self).objects.filter(pk=self.pk, state=self.State.DRAFT).exists():
            raise Immutable("Only a draft changes; copy a published version to a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if not type(self).objects.filter(pk=self.pk, state=self.State.DRAFT).exists():
            raise Immutable("A published version is not deleted; retire it.")
        return super().delete(*args, **kwargs)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def bands(self) -> scoring.Bands:
        return scoring.Bands(
            excellent=self.band_excellent, good=self.band_good, fair=self.band_fair, to_improve=self.band_to_improve
        )


class VersionPart(models.Model):
    """Anything below a version. Written and deleted only while the version is a draft."""

    state_path = "version__state"  # the lookup that leads to the version's state

    objects = DraftQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self._refuse_unless_draft()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_unless_draft()
        return super().delete(*args, **kwargs)

    def version_filter(self) -> dict[str, object]:
        """The lookup that finds this row's version."""
        raise NotImplementedError

    def _refuse_unless_draft(self):
        state = ChecklistVersion.objects.filter(**self.version_filter()).values_list("state", flat=True).get()
        if state != ChecklistVersion.State.DRAFT:
            raise Immutable("A published version does not change; copy it to a new draft.")


class Section(VersionPart, TwoLanguages):
    """A group of criteria, one page on the phone."""

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="sections")
    code = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="section_code_in_version")]

    def version_filter(self):
        return {"pk": self.version_id}


class ExamplePicture(models.Model):
    """What it looks like when a criterion is met. Rows are only added: criteria of several versions may name one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)  # of the stored file
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self):
        return str(self.public_id)

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise Immutable("A picture does not change; add another one.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise Immutable("A picture stays: a step of a draft may bring it back.")


class Criterion(VersionPart):
    """One thing to look at. `code` is stable across versions: results of the same code compare."""

    class Kind(models.TextChoices):
        YES_NO = scoring.Kind.YES_NO.value, _("Yes or no")
        THREE_STEP = scoring.Kind.THREE_STEP.value, _("Met, partly met, not met")
        CHOICE = scoring.Kind.CHOICE.value, _("Choice with results")
        MEASURED = scoring.Kind.MEASURED.value, _("Measured number")
        RATING = scoring.Kind.RATING.value, _("Rating from 1 to 5, not scored")
        TEXT = scoring.Kind.TEXT.value, _("Text, not scored")

    class Photo(models.TextChoices):
        NONE = "none", _("No photo")
        OPTIONAL = "optional", _("Photo optional")
        REQUIRED = "required", _("Photo required")

    class NoteRule(models.TextChoices):
        OPTIONAL = "optional", _("Note optional")
        NOT_MET = "not_met", _("Note required when not met")
        ALWAYS = "always", _("Note always required")

    class ControlledBy(models.TextChoices):
        PERSON = "person", _("Person")
        UNIT = "unit", _("Unit")

    class Stage(models.TextChoices):
        BEFORE = "before", _("Before the visit")
        DURING = "during", _("During the visit")
        FOLLOW_UP = "follow_up", _("Afterwards, within a week")

    class Measure(models.TextChoices):
        MINUTES = "minutes", _("minutes")
        SECONDS = "seconds", _("seconds")
        HOURS = "hours", _("hours")
        COUNT = "count", _("times")

    section = models.ForeignKey(Section, models.CASCADE, related_name="criteria")
    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    text_vi = models.TextField()
    text_en = models.TextField(blank=True)
    guidance_vi = models.TextField(blank=True)
    guidance_en = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    weight = models.DecimalField(max_digits=9, decimal_places=3, default=0, validators=[MaxValueValidator(MOST_WEIGHT)])
    critical = models.BooleanField(default=False)
    allows_na = models.BooleanField(default=False)
    photo = models.CharField(max_length=8, choices=Photo, default=Photo.NONE)
    # Of papers (receipts, tickets, records): the number on them leads to the shopper, so no unit is ever shown one.
    photo_is_private = models.BooleanField(default=False)
    note_rule = models.CharField(max_length=8, choices=NoteRule, default=NoteRule.OPTIONAL)
    controlled_by = models.CharField(max_length=6, choices=ControlledBy, default=ControlledBy.UNIT)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="criteria")
    stage = models.CharField(max_length=9, choices=Stage, default=Stage.DURING)
    measure = models.CharField(max_length=7, choices=Measure, blank=True)
    picture = models.ForeignKey(ExamplePicture, models.PROTECT, null=True, blank=True, related_name="criteria")

    class Meta:
        ordering = ["section__position", "position", "pk"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="criterion_code_in_version"),
            models.CheckConstraint(
                condition=Q(kind__in=["rating", "text"], weight=0) | Q(~Q(kind__in=["rating", "text"]), weight__gt=0),
                name="scored_criterion_has_weight",
            ),
            models.CheckConstraint(
                condition=Q(critical=False) | Q(kind__in=["yes_no", "three_step"]),
                name="critical_only_where_it_can_fail",
            ),
            models.CheckConstraint(
                condition=Q(kind="measured") & ~Q(measure="") | ~Q(kind="measured") & Q(measure=""),
                name="measure_only_where_measured",
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def text(self) -> str:
        return (self.text_en if get_language() == "en" else "") or self.text_vi

    def version_filter(self):
        return {"pk": self.version_id}


class CriterionOption(VersionPart):
    """One answer of a choice, with the result it gives (0 to 100)."""

    state_path = "criterion__version__state"

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="options")
    code = models.SlugField(max_length=16)
    position = models.PositiveSmallIntegerField()
    label_vi = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    result = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "code"], name="option_code_in_criterion"),
            models.CheckConstraint(condition=Q(result__lte=100), name="option_result_is_a_percentage"),
        ]

    def __str__(self):
        return self.code

    def version_filter(self):
        return {"criteria": self.criterion_id}


class CriterionThreshold(VersionPart):
    """Measured values up to and including `upper` give `result`; the last row has no upper bound."""

    state_path = "criterion__version__state"

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="thresholds")
    position = models.PositiveSmallIntegerField()
    upper = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    result = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "position"], name="threshold_position"),
            models.CheckConstraint(condition=Q(result__lte=100), name="threshold_result_is_a_percentage"),
        ]

    def __str__(self):
        return f"<= {self.upper}: {self.result}"

    def version_filter(self):
        return {"criteria": self.criterion_id}


class ChecklistEvent(models.Model):
    """Who did what with a version, and when. Rows are only added."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("Draft made")
        SETTINGS = "settings", _("Settings of the draft changed")
        PROPOSED = "proposed", _("Sent for approval")
        WITHDRAWN = "withdrawn", _("Taken back to be changed")
        SENT_BACK = "sent_back", _("Sent back by the approver")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")
        GRACE = "grace", _("Last day for visits begun changed")

    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.version_id}"
