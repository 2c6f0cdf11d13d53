"""What all that phones talk to have in common: how texts are read, and what is told of a visit that has moved on."""

from typing import Any

from django.http import JsonResponse

from audits.fieldwork.transitions import StaleState
from outlets.models import User


def text_of(value: Any) -> str:
    """A text that can be kept: without NUL, which no field keeps and PostgreSQL's JSON cannot hold.

    Half of a letter (a lone surrogate) can be no part of one. Raises TypeError, ValueError.
    """
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value.replace("\0", "")


def fields_of(given: Any) -> dict[str, str]:
    """The fields of a form by their names. Raises TypeError, ValueError, AttributeError."""
    return {text_of(name): text_of(value) for name, value in given.items()}


def moved_on(stale: StaleState, reader: User) -> JsonResponse:
    """Of a visit that has become something else; what has been given to somebody else is gone for the reader."""
    if stale.visit.shopper_id != reader.pk:
        return JsonResponse({"refused": "gone"}, status=404)
    return JsonResponse({"refused": "changed"}, status=409)
