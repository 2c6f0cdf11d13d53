"""Addresses and readings of planning's pages."""

import re
from html import unescape

from django.contrib.messages import get_messages
from django.urls import reverse

from audits.fieldwork.models import Visit
from audits.fieldwork.planning.views.visits import seen


def url(name, *ids, **query):
    return reverse(f"audits:{name}", args=[getattr(each, "public_id", each) for each in ids], query=query or None)


def text(response) -> str:
    """The words of a page's main part, single-spaced."""
    main = response.content.decode().partition('<main class="')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main.partition(">")[2])).split())


def told(response) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def send(client, name, visit, **fields):
    """Sends a form of the visit's page, made over the visit as it is now."""
    fresh = Visit.objects.select_related("shopper").get(pk=visit.pk)
    return client.post(url(name, visit), {"seen": seen(fresh), **fields})
