"""Reading pages in tests."""

import html
import re

from django.http import HttpResponse

_TOKEN = re.compile(r'name="(csrfmiddlewaretoken|form-owner)" value="[^"]*"')


def essence(response: HttpResponse) -> tuple[int, str]:
    """Status and page without its one-time tokens and the address it was asked for, to compare two answers."""
    body = _TOKEN.sub(r'name="\1"', response.content.decode(errors="replace"))
    return response.status_code, body.replace(response.wsgi_request.get_full_path(), "")


def words(response: HttpResponse) -> str:
    """What a reader sees of a page's body: its words with single spaces, without tags."""
    body = re.sub(r"(?s)^.*?<main", "<main", response.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", body)).split())
