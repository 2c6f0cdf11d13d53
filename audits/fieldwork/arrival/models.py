"""Where a shopper's phone was, once, if its owner consented; and for how long that is known."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.fieldwork.arrival import distance
from audits.fieldwork.models import Visit


class Place(models.Model):
    """The one point that a shopper gave for a visit, and the consent to it.

    The point goes after KEPT_FOR (`actions`): the band of its distance to the outlet stays, and how exact it was. When
    the consent is withdrawn all of it goes at once, and what stays is that there was a consent, and until when.
    """

    class Band(models.TextChoices):
        NEAR = distance.NEAR, _("less than 200 m from the outlet")
        CLOSE = distance.CLOSE, _("200 m to 1 km from the outlet")
        FAR = distance.FAR, _("1 to 5 km from the outlet")
        AWAY = distance.AWAY, _("more than 5 km from the outlet")
        UNKNOWN = distance.UNKNOWN, _("distance not known")

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="arrival_place")
    consent = models.PositiveSmallIntegerField()  # the number of the text that was consented to (`wording`)
    consented_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy = models.PositiveIntegerField(null=True, blank=True)  # metres
    band = models.CharField(max_length=8, choices=Band, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True)
                | Q(latitude__isnull=True, longitude__isnull=True, accuracy__isnull=True, band=""),
                name="nothing_kept_after_withdrawal",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="a_point_has_both_degrees",
            ),
        ]
        indexes = [models.Index(fields=["taken_at"], condition=Q(latitude__isnull=False), name="points_to_forget")]

    def __str__(self):
        return f"{self.visit_id} {self.band}"

    @property
    def is_given(self) -> bool:
        return self.withdrawn_at is None
