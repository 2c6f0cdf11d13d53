"""How guessing of passwords is slowed, and what whoever is held back reads. Counting and refusing is django-axes' work.

Failures of the last 15 minutes (AXES_COOLOFF_TIME) count, a refused try does not, so every lock ends by itself:

* A name from one address is closed after AXES_FAILURE_LIMIT failures. From elsewhere it is open.
* An address is closed, for all names, after LOGIN_FAILURES_PER_ADDRESS: many people share one behind a mobile network.
* A name that failed LOGIN_FAILURES_PER_NAME times, from wherever, has one try from each address, not several. A guesser
  with many addresses is slowed; the owner, coming from an address that has not failed, still gets in.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext


class Closed(StrEnum):
    """What is closed to further tries."""

    PAIR = "pair"  # a name, from one address
    NAME = "name"  # the same, at the first failure, because the name is tried from many addresses
    ADDRESS = "address"


@dataclass(frozen=True)
class Lock:
    closed: Closed
    until: datetime


def lock_on(username: str | None, address: str | None, at: datetime) -> Lock | None:
    """What keeps this name from being tried from this address at `at`, if anything. Two queries."""
    recent = AccessAttempt.objects.filter(attempt_time__gte=at - settings.AXES_COOLOFF_TIME)
    from_here = recent.filter(ip_address=address).order_by("attempt_time", "pk")
    failed = list(from_here.values_list("attempt_time", "failures_since_start", "username"))
    # Without an address nobody knows whose failures these are: closing it would close it to everybody.
    if address is not None and (until := _open_again(failed, settings.LOGIN_FAILURES_PER_ADDRESS)):
        return Lock(Closed.ADDRESS, until)
    of_pair = [row for row in failed if row[2] == username]
    if until := _open_again(of_pair, settings.AXES_FAILURE_LIMIT):
        return Lock(Closed.PAIR, until)
    everywhere = recent.filter(username=username).aggregate(number=Sum("failures_since_start"))["number"] or 0
    if everywhere >= settings.LOGIN_FAILURES_PER_NAME and (until := _open_again(of_pair, 1)):
        return Lock(Closed.NAME, until)
    return None


def _open_again(failed: list[tuple[datetime, int, str]], limit: int) -> datetime | None:
    """When so many of the failures (oldest first) will no longer count that fewer than `limit` are left; None: now."""
    left = sum(number for _time, number, _name in failed)
    until = None
    for time, number, _name in failed:
        if left < limit:
            break
        left -= number
        until = time + settings.AXES_COOLOFF_TIME
    return until


class LockoutHandler(AxesDatabaseHandler):
    """Axes' own handler, which knows one limit, with three."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """As many failures as the limit asks for while the door is closed, else none."""
        at = request.axes_attempt_time or timezone.now()
        lock = lock_on(get_client_username(request, credentials), request.axes_ip_address, at)
        return settings.AXES_FAILURE_LIMIT if lock else 0


def locked_out(request: Any, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """The page of a log-in that was held back: why, and for how many minutes more."""
    at = timezone.now()
    lock = lock_on((credentials or {}).get("username"), request.axes_ip_address, at)
    seconds = max(1, math.ceil((lock.until - at).total_seconds())) if lock else 1
    minutes = math.ceil(seconds / 60)
    wait = ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
    context = {"closed": lock.closed if lock else Closed.PAIR, "wait": wait}
    page = render(request, "registration/locked_out.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
