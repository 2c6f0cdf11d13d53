"""What was changed in a draft, step by step: for those who work on it together, and for taking a step back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.checklists.models import ChecklistVersion


class DraftChange(models.Model):
    """One step in a draft. Rows are only added; taking a step back is a step of its own.

    `before` and `after` are the part's content (see `content`) with its place: `section`, the section's code, and
    `position`, counted from 0. One that was added has no `before`, one that was deleted no `after`; a section's
    content has its criteria only when it was deleted or brought back. `page` is the mark that an open page gives what
    it saves without being loaded anew; empty for any other step.
    """

    class Part(models.TextChoices):
        SECTION = "section", _("Section")
        CRITERION = "criterion", _("Criterion")

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        EDITED = "edited", _("changed")
        MOVED = "moved", _("moved")
        DELETED = "deleted", _("deleted")

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    part = models.CharField(max_length=9, choices=Part)
    kind = models.CharField(max_length=7, choices=Kind)
    code = models.CharField(max_length=16)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    page = models.CharField(max_length=36, blank=True, default="", db_default="")
    undoes = models.OneToOneField("self", models.CASCADE, null=True, related_name="undone_by")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="draft_change_number"),
            models.CheckConstraint(
                condition=models.Q(before__isnull=False) | models.Q(after__isnull=False),
                name="draft_change_of_something",
            ),
        ]

    def __str__(self):
        return f"{self.version_id} #{self.number} {self.kind} {self.code}"
