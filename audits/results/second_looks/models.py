"""Ý kiến của đơn vị: a unit asks for a second look at one criterion of one published block, and the office rules.

A row names a block and a criterion, never a visit: what a unit may read of it is all that stands here.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.checklists.models import Criterion
from audits.checklists.outline import short_code
from audits.results.models import Block, Revision


class SecondLook(models.Model):
    """A request, with where it stands now. `ruling` is what the office says to the unit, in its own words.

    `turned_at` is since when it stands so; `read_at` when the unit has read the ruling. The criterion is that of the
    latest version that the block was visited with. A ruling is the last word on a criterion of a block, unless the
    office takes it up again; what was withdrawn may be asked anew.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a ruling")
        UPHELD = "upheld", _("Upheld: corrected")
        KEPT = "kept", _("Kept as it is")
        WITHDRAWN = "withdrawn", _("Withdrawn by the unit")

    class Turn(models.TextChoices):
        OFFICE = "office", _("The programme office is to answer")
        UNIT = "unit", _("The unit is to read the answer")
        NOBODY = "nobody", _("Nothing more to do")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    block = models.ForeignKey(Block, models.PROTECT, related_name="second_looks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    reason = models.TextField()
    ruling = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    turned_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    revisions = models.ManyToManyField(Revision, related_name="second_looks", blank=True)

    class Meta:
        ordering = ["-turned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["block", "criterion"], condition=~Q(state="withdrawn"), name="one_second_look_a_criterion"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="second_look_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn"], ruling="")
                | (Q(state__in=["upheld", "kept"]) & ~Q(ruling="")),
                name="second_look_is_ruled_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(state__in=["upheld", "kept"]), name="only_a_ruling_is_read"
            ),
        ]
        indexes = [models.Index(fields=["state", "turned_at"], name="second_look_by_turn")]

    def __str__(self):
        return str(self.public_id)

    @property
    def turn(self) -> Turn:
        """Who is to do something: the office to rule, or the unit to read what was ruled."""
        if self.state == self.State.ASKED:
            return self.Turn.OFFICE
        is_unread = self.state in (self.State.UPHELD, self.State.KEPT) and self.read_at is None
        return self.Turn.UNIT if is_unread else self.Turn.NOBODY

    @property
    def standing(self) -> str:
        """Where it stands and who is to do something, in one sentence."""
        if self.state == self.State.ASKED:
            return gettext("The programme office is to look and answer.")
        if self.state == self.State.WITHDRAWN:
            return gettext("The unit has withdrawn it; nothing more is to be done.")
        if self.state == self.State.UPHELD:
            if self.read_at is None:
                return gettext("The office agreed and has corrected it; the unit is to read the answer.")
            return gettext("The office agreed and has corrected it; the unit has read the answer.")
        if self.read_at is None:
            return gettext("The office has kept the result; the unit is to read the answer.")
        return gettext("The office has kept the result; the unit has read the answer.")

    @property
    def own_standing(self) -> str:
        """The same to somebody of the unit itself, whose turn it is to read."""
        if self.state == self.State.UPHELD and self.read_at is None:
            return gettext("The office agreed and has corrected it; it is your turn to read the answer.")
        if self.state == self.State.KEPT and self.read_at is None:
            return gettext("The office has kept the result; it is your turn to read the answer.")
        return self.standing

    @property
    def short_code(self) -> str:
        return short_code(self.criterion.code)

    @property
    def since(self):
        """Since when it stands so."""
        return self.read_at or self.turned_at


class SecondLookEvent(models.Model):
    """What happened to a request, in order. Written in the same transaction as the change itself."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        UPHELD = "upheld", _("Upheld")
        KEPT = "kept", _("Kept as it is")
        REOPENED = "reopened", _("Taken up again")
        READ = "read", _("Ruling read")

    second_look = models.ForeignKey(SecondLook, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.kind} {self.second_look_id}"

    @property
    def is_of_office(self) -> bool:
        """Done by the programme office; the others by the unit."""
        return self.kind in (self.Kind.UPHELD, self.Kind.KEPT, self.Kind.REOPENED)


class SecondLookFile(models.Model):
    """What a unit sent along: a cleaned photo, or a document as it came. Paths are below MEDIA_ROOT.

    A document has no thumbnail. The name that the file had is not kept.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    second_look = models.ForeignKey(SecondLook, models.PROTECT, related_name="files")
    file = models.CharField(max_length=120)
    thumbnail = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["second_look", "sha256"], name="same_file_once")]

    def __str__(self):
        return str(self.public_id)

    @property
    def is_photo(self) -> bool:
        return bool(self.thumbnail)
