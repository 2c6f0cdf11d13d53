"""What review adds to a visit: who has it open, what wants a second look, and what the unit may see."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models

from audits.checklists.models import Criterion
from audits.fieldwork.models import Answer, Photo, Submission, Visit

CLAIMED_FOR = timedelta(minutes=30)


class Claim(models.Model):
    """A reviewer has this visit open. One row a visit, so that the database decides between two who ask at once.

    `at` is the last time the reviewer did anything with it; after CLAIMED_FOR another may take it over.
    """

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="claim")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="claim_by_age")]

    def __str__(self):
        return f"{self.visit_id} by {self.by_id}"


class Screening(models.Model):
    """What a machine noticed about a submission (`audits.review.flags`), once for each; a reviewer decides.

    `flags` is a list of {"kind", "codes", "detail"}; no text of the visit is repeated in it.
    """

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="screening")
    flags = models.JSONField(default=list)
    flag_count = models.PositiveSmallIntegerField(default=0)
    screened_at = models.DateTimeField()

    def __str__(self):
        return f"{self.submission_id}: {self.flag_count}"


class Passage(models.Model):
    """A text of a screened visit by what it says, so that the same words elsewhere are found without reading them all.

    `key` is a digest of the folded text; nothing can be read back from it.
    """

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="passages")
    key = models.CharField(max_length=32, db_index=True)

    def __str__(self):
        return f"{self.answer_id} {self.key}"


class DraftRemark(models.Model):
    """A remark that a reviewer has written and not sent yet: it outlives the page, the claim and the log-in."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="draft_remarks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "criterion"], name="one_draft_remark")]

    def __str__(self):
        return f"{self.visit_id} {self.criterion_id}"


class ShownNote(models.Model):
    """The wording in which a unit reads a note, once the visit is published. No row: not shown.

    `source` is the fingerprint (`ReadLine.source`) of what the shopper had written when the wording was given; where
    that has become another text, a reviewer looks at the wording again. Empty: over a text that nobody has seen.

    `public_id` is random; ordering by it is a shuffle that stays, and tells nothing of the visit.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="shown_notes")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    text = models.TextField()
    source = models.CharField(max_length=16, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "criterion"], name="one_shown_note"),
            models.CheckConstraint(condition=~models.Q(text=""), name="shown_note_has_words"),
        ]

    def __str__(self):
        return str(self.public_id)


class ShownPhoto(models.Model):
    """A copy of a photo that the unit may see once the visit is published: cut and blurred, in files of its own.

    `file` and `thumbnail` are paths below MEDIA_ROOT; never those of the photo itself. `crop` and `blurred` are the
    boxes (left, top, right, bottom, in per cent of the photo) that it was made with: who edits it again starts there.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="shown")
    crop = models.JSONField(default=list, blank=True)
    blurred = models.JSONField(default=list, blank=True)
    file = models.CharField(max_length=120)
    thumbnail = models.CharField(max_length=120)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.public_id)
