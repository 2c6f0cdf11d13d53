"""What is known of a visit's proof of arrival."""

from audits.fieldwork.models import Photo, Visit


def proof_of(visit: Visit) -> Photo | None:
    """The photo given as proof. One query."""
    return Photo.objects.kept().filter(visit=visit).exclude(proof="").first()
