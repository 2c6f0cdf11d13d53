"""Waves, scenarios and visits, with the answers, photos, remarks and events of each visit."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audits import scoring
from audits.checklists.models import Checklist, ChecklistVersion, Criterion
from audits.fieldwork.states import VisitState
from outlets import text
from outlets.columns import Searchable, SortKeyField
from outlets.models import Channel, Outlet, StaffMember, Unit, User


class Scenario(Searchable):
    """What the shopper asks for, and how. The correct answers stand on its dated answer cards."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=160)
    channel = models.CharField(max_length=12, choices=Channel)
    service = models.CharField(max_length=120)
    service_key = SortKeyField(default="")
    brief = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["sort_key", "pk"]

    def __str__(self):
        return self.title

    search_hint = _("Title or service")

    def search_source(self):
        return [self.title, self.service]

    def sort_source(self):
        return text.sort_key(self.title)

    def fill_search(self) -> Self:
        """Also the order by service."""
        self.service_key = text.sort_key(self.service)[:400]
        return super().fill_search()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "service_key"}
        super().save(*args, **kwargs)


class AnswerCard(models.Model):
    """The correct price and terms of the service asked about, from a day on, until the next card."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="answer_cards")
    valid_from = models.DateField()
    content = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints = [models.UniqueConstraint(fields=["scenario", "valid_from"], name="one_answer_card_a_day")]

    def __str__(self):
        return f"{self.scenario_id} from {self.valid_from}"


class Wave(Searchable):
    """A round of visits with one checklist, between two days."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="waves")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="waves")
    visits_per_outlet = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    scenarios = models.ManyToManyField(Scenario, related_name="waves", blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-starts_on", "sort_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="wave_dates_in_order"),
            models.CheckConstraint(
                condition=Q(visits_per_outlet__gte=1, visits_per_outlet__lte=20), name="wave_visits_per_outlet"
            ),
        ]

    def __str__(self):
        return self.name

    search_hint = _("Name of the wave")

    def search_source(self):
        return [self.name]

    def sort_source(self):
        return text.sort_key(self.name)


class BlockedUnitQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Blocks in force."""
        return self.filter(ended_at__isnull=True)


class BlockedUnit(models.Model):
    """A unit that a shopper must not visit, nor anything below it: own workplace, family, neighbourhood.

    Ended, never deleted: who lifted a block, and when, can be asked later.
    """

    shopper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="blocked_units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = BlockedUnitQuerySet.as_manager()

    class Meta:
        ordering = ["unit__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shopper", "unit"], condition=Q(ended_at__isnull=True), name="unit_blocked_once"
            ),
        ]

    def __str__(self):
        return f"{self.shopper_id} not at {self.unit_id}"


class VisitQuerySet(models.QuerySet):
    def of_shopper(self, user: User) -> Self:
        """The shopper's own visits; a voided one is gone for them."""
        return self.filter(shopper=user).exclude(state=VisitState.VOIDED)

    def in_wave(self, wave: Wave) -> Self:
        return self.filter(wave=wave)


class Visit(models.Model):
    """One mystery visit, from plan to publication. Nothing of it is deleted; it is voided."""

    class NotPossible(models.TextChoices):
        CLOSED = "closed", _("The outlet was closed")
        MOVED = "moved", _("The outlet has moved or does not exist")
        REFUSED = "refused", _("Service was refused")
        RECOGNISED = "recognised", _("I was recognised")
        UNSAFE = "unsafe", _("It was not safe")
        OTHER = "other", _("Another reason")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="visits")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="visits")
    scenario = models.ForeignKey(Scenario, models.PROTECT, null=True, blank=True, related_name="visits")
    answer_card = models.ForeignKey(AnswerCard, models.PROTECT, null=True, blank=True, related_name="visits")
    version = models.ForeignKey(ChecklistVersion, models.PROTECT, null=True, blank=True, related_name="visits")
    shopper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="visits")
    state = models.CharField(max_length=12, choices=VisitState, default=VisitState.PLANNED)
    opens_on = models.DateField()
    due_on = models.DateField()
    visited_on = models.DateField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)  # as the shopper says, on the day of the visit
    left_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    met_staff = models.ForeignKey(StaffMember, models.PROTECT, null=True, blank=True, related_name="visits")
    met_description = models.CharField(max_length=300, blank=True)
    met_stamp = models.UUIDField(null=True, blank=True, editable=False)  # another with each change of who was met
    not_possible_reason = models.CharField(max_length=12, choices=NotPossible, blank=True)
    not_possible_note = models.TextField(blank=True)
    void_reason = models.TextField(blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["shopper", "state", "due_on"], name="visit_of_shopper"),
            models.Index(fields=["state", "submitted_at"], name="visit_queue"),
            models.Index(fields=["outlet", "visited_on"], name="visit_of_outlet"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="visit_dates_in_order"),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at")),
                name="visit_left_after_arriving",
            ),
            models.CheckConstraint(
                condition=Q(state="voided")
                | Q(state="planned", shopper__isnull=True)
                | Q(~Q(state__in=["planned", "voided"]), shopper__isnull=False),
                name="visit_has_a_shopper_once_assigned",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "assigned", "not_possible", "voided"])
                | Q(version__isnull=False, visited_on__isnull=False, started_at__isnull=False),
                name="visit_has_a_version_once_started",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "returned", "approved", "published"])
                | Q(submitted_at__isnull=False),
                name="visit_has_a_time_once_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "published"])
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="visit_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="not_possible") | ~Q(not_possible_reason=""), name="not_possible_has_a_reason"
            ),
            models.CheckConstraint(condition=~Q(state="voided") | ~Q(void_reason=""), name="voided_has_a_reason"),
        ]

    def __str__(self):
        return str(self.public_id)


class Answer(models.Model):
    """What the shopper says about one criterion. Blank value and number: not answered.

    `value` is one of yes/no, met/partly/not_met, an option's code, 1 to 5, or `na`; `number` holds a
    measured value and `text` a free text. `result` (0 to 100) and `lost` (percent x 10,000) are copied
    from the score at each submission for set-based sums; they are empty for N/A and before submission.
    """

    # The largest table: what is unique of a visit and a criterion finds a visit's, too.
    visit = models.ForeignKey(Visit, models.PROTECT, db_index=False, related_name="answers")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answers")
    value = models.CharField(max_length=16, blank=True)
    number = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    text = models.TextField(blank=True)
    note = models.TextField(blank=True)
    na_reason = models.CharField(max_length=300, blank=True)
    photo_waiver = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    result = models.PositiveSmallIntegerField(null=True, blank=True)
    lost = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "criterion"], name="one_answer_a_criterion"),
            models.CheckConstraint(
                condition=Q(result__isnull=True) | Q(result__lte=100), name="answer_result_percentage"
            ),
        ]

    def __str__(self):
        return f"{self.visit_id} {self.criterion_id}"


class PhotoQuerySet(models.QuerySet):
    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Photo(models.Model):
    """A cleaned photo of a criterion; without one, of the door when a visit was not possible, or the proof of arrival.

    `file` and `thumbnail` are paths below MEDIA_ROOT. `sha256` is of the bytes as sent, so that sending
    the same picture twice stores it once. Removing keeps the row, so that it can be undone.
    """

    class Proof(models.TextChoices):
        """What a proof of having been there shows: never a place or an hour of anybody's phone."""

        SIGN = "sign", _("The outlet's sign")
        TICKET = "ticket", _("A queue ticket")
        RECEIPT = "receipt", _("A receipt")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, blank=True, related_name="photos")
    proof = models.CharField(max_length=8, choices=Proof, blank=True)
    file = models.CharField(max_length=120)
    thumbnail = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    phash = models.CharField(max_length=16, db_index=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "criterion", "sha256"], condition=Q(removed_at__isnull=True), name="same_photo_once"
            ),
            models.UniqueConstraint(
                fields=["visit"], condition=Q(removed_at__isnull=True) & ~Q(proof=""), name="one_proof_a_visit"
            ),
            models.CheckConstraint(condition=Q(proof="") | Q(criterion__isnull=True), name="proof_is_of_no_criterion"),
        ]
        indexes = [models.Index(fields=["sha256"], name="photo_by_content")]

    def __str__(self):
        return str(self.public_id)


class TakenBack(models.Model):
    """The id of a photo that a phone took back before it had arrived. What comes under it later is not kept."""

    public_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.public_id)


class PhotoTwin(models.Model):
    """Another id under which a phone sent a picture that its question had already: what comes again is that photo."""

    public_id = models.UUIDField(unique=True)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="twins")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.public_id)


class Submission(models.Model):
    """What the server received and scored, once per submission. Rows are only added.

    `percent` and `personal` are percent x 10,000; empty when nothing could be scored. `workings` is the whole
    arithmetic (`scoring.workings`), so that a figure is explained from what was stored and never recomputed.
    """

    class Grade(models.TextChoices):
        EXCELLENT = scoring.Grade.EXCELLENT.value, _("Excellent")
        GOOD = scoring.Grade.GOOD.value, _("Good")
        FAIR = scoring.Grade.FAIR.value, _("Fair")
        TO_IMPROVE = scoring.Grade.TO_IMPROVE.value, _("To improve")
        NEEDS_SUPPORT = scoring.Grade.NEEDS_SUPPORT.value, _("Needs support")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    receipt = models.CharField(max_length=20, unique=True)
    submitted_at = models.DateTimeField()
    answers = models.PositiveSmallIntegerField()
    photos = models.PositiveSmallIntegerField()
    open_follow_ups = models.PositiveSmallIntegerField(default=0)
    percent = models.IntegerField(null=True)
    personal = models.IntegerField(null=True)
    grade = models.CharField(max_length=16, choices=Grade, blank=True)
    is_capped = models.BooleanField(default=False)
    critical_failures = models.PositiveSmallIntegerField(default=0)
    rules = models.CharField(max_length=8)
    workings = models.JSONField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="submission_number"),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=1_000_000), name="percent_in_range"
            ),
        ]

    def __str__(self):
        return self.receipt


class Remark(models.Model):
    """What a reviewer asks the shopper to complete. Only criteria with an open remark can be changed."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="remarks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="remarks")
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "criterion"], condition=Q(resolved_at__isnull=True), name="one_open_remark"
            ),
        ]

    def __str__(self):
        return f"{self.visit_id} {self.criterion_id}"


class VisitEvent(models.Model):
    """What happened to a visit, in order. Written in the same transaction as the change itself."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ASSIGNED = "assigned", _("Assigned")
        UNASSIGNED = "unassigned", _("Assignment withdrawn")
        RESCHEDULED = "rescheduled", _("Dates changed")
        STARTED = "started", _("Started")
        SUBMITTED = "submitted", _("Submitted")
        FOLLOWED_UP = "followed_up", _("Follow-up submitted")
        RETURNED = "returned", _("Returned")
        TAKEN_BACK = "taken_back", _("Decision taken back")
        APPROVED = "approved", _("Approved")
        HIDDEN = "hidden", _("Withdrawn from what the unit may see")
        PUBLISHED = "published", _("Published")
        NOT_POSSIBLE = "not_possible", _("Could not be carried out")
        VOIDED = "voided", _("Voided")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    from_state = models.CharField(max_length=12, choices=VisitState, blank=True)
    to_state = models.CharField(max_length=12, choices=VisitState)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.kind} {self.visit_id}"
