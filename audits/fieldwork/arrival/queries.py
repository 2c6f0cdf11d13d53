"""What is known of a visit's proof of arrival."""

from audits.fieldwork.arrival.models import Place
from audits.fieldwork.models import Photo, Visit


def proof_of(visit: Visit) -> Photo | None:
    """The photo given as proof. One query."""
    return Photo.objects.kept().filter(visit=visit).exclude(proof="").first()


def place_of(visit: Visit) -> Place | None:
    """What was told of where the phone was, without its point; None after a withdrawal. One query."""
    return Place.objects.filter(visit=visit, withdrawn_at__isnull=True).defer("latitude", "longitude").first()
