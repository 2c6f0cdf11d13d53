"""Reading pages in tests."""

import re

from django.http import HttpResponse

_TOKEN = re.compile(r'name="(csrfmiddlewaretoken|form-owner)" value="[^"]*"')


def essence(response: HttpResponse) -> tuple[int, str]:
    """Status and page without its one-time tokens and the address it was asked for, to compare two answers."""
    body = _TOKEN.sub(r'name="\1"', response.content.decode())
    return response.status_code, body.replace(response.wsgi_request.get_full_path(), "")
