"""The log-ins of an account that are still open."""

from datetime import datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session

from outlets.people.models import User

BEGAN = "logged_in_at"


def begin(session: SessionBase, *, at: datetime) -> None:
    """Notes when the person logged in: however busy, a log-in does not last longer than `has_lasted` says."""
    session[BEGAN] = int(at.timestamp())


def has_lasted(session: SessionBase, limit: timedelta, *, at: datetime) -> bool:
    """Whether the person logged in longer ago than `limit`."""
    began = session.get(BEGAN)
    return began is not None and at.timestamp() - began > limit.total_seconds()


def end_all(*, user: User, at: datetime) -> int:
    """Ends every open session of `user`, so that none comes back to life with the account. Returns how many.

    Sessions do not say in a column whose they are, so all open ones are read: a rare act, 20 µs each.
    """
    mine = str(user.pk)
    open_sessions = Session.objects.filter(expire_date__gt=at).iterator(chunk_size=1000)
    keys = [session.pk for session in open_sessions if session.get_decoded().get(SESSION_KEY) == mine]
    for start in range(0, len(keys), 500):
        Session.objects.filter(pk__in=keys[start : start + 500]).delete()
    return len(keys)
