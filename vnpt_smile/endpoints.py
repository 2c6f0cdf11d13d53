"""The addresses that scripts talk to: JSON in both directions, refusals included, and never a redirect."""

import json

from django.http import HttpResponse

PREFIXES = ("/sync/", "/api/")
JSON = "application/json"
OUTDATED = "token"
# A word for each refusal; the page that sent has the sentence for it, in its reader's language.
WORDS = {
    400: "unreadable",
    401: "log_in",
    403: "forbidden",
    404: "gone",
    405: "method",
    409: "changed",
    411: "unreadable",
    413: "too_large",
    422: "invalid",
    429: "too_many",
    503: "busy",
}


def is_endpoint(path: str) -> bool:
    return path.startswith(PREFIXES)


def body_of(status: int, refused: str = "") -> bytes:
    return json.dumps({"refused": refused or WORDS.get(status, "failed")}).encode()


def refusal(status: int, refused: str = "") -> HttpResponse:
    """`refused` says more than the status does, where it can be said."""
    return HttpResponse(body_of(status, refused), content_type=JSON, status=status)
