"""What phones have sent: each change under an id of the phone's own, so that sending it again changes nothing."""

from django.db import models

from audits.checklists.models import Criterion
from audits.fieldwork.models import Visit


class Change(models.Model):
    """A change of one criterion's answer, as it was first received.

    `content` is what was sent where it did not become the answer, for the shopper and the reviewer to see; `parked`
    is what came later under the same id and said something else. A change is `aside` by the word of its writer, who
    leaves it to the reviewer.
    """

    class Outcome(models.TextChoices):
        SAVED = "saved", "saved"
        CONFLICT = "conflict", "conflict"
        REFUSED = "refused", "refused"
        ASIDE = "aside", "aside"

    public_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="changes")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome)
    # The answer's when this had become it; empty for what did not, and for what came before it was kept.
    revision = models.PositiveIntegerField(null=True, blank=True)
    content = models.JSONField(default=dict, blank=True)
    parked = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.public_id)


class PostedForm(models.Model):
    """A form besides the questions that a phone sent by itself and that went through: it is taken in once.

    `met_stamp` is the visit's once who was met had been taken in: of what says the same as before, the one before.
    """

    public_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="posted_forms")
    name = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    met_stamp = models.UUIDField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.public_id)
