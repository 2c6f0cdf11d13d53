"""Tokens with which a program reads published figures in its owner's place: made, found, revoked.

The key is shown once. It holds 256 random bits, so that one plain hash of it is enough to keep.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outlets.people.models import AccessToken, AccountEvent, User

PREFIX = "smile_"  # by which a key that leaked into a file is known
AT_MOST = 10  # of one owner at a time
USED = timedelta(minutes=1)  # the last use is kept this exactly: not every answer writes it


class TokenRefused(Exception):
    """Nothing was made. `message` says why, in the reader's language."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class NameTaken(TokenRefused):
    message = _("You have a token of this name already.")


class TooMany(TokenRefused):
    message = _("You have ten tokens already. Revoke one that is not needed any more.")


def make(*, user: User, name: str, at: datetime) -> str:
    """The key of a new token, which stands nowhere else. Raises NameTaken, TooMany."""
    key = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            if user.tokens.filter(revoked_at__isnull=True).count() >= AT_MOST:
                raise TooMany
            AccessToken.objects.create(user=user, name=name, key_hash=_hash(key), made_at=at)
            _event(user, AccountEvent.Kind.TOKEN_MADE, at)
    except IntegrityError as taken:
        raise NameTaken from taken
    return key


@transaction.atomic
def revoke(*, token: AccessToken, at: datetime) -> bool:
    """From now on the key opens nothing. False where it did not any more."""
    if not AccessToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
        return False
    _event(token.user, AccountEvent.Kind.TOKEN_ENDED, at)
    return True


def found(key: str, *, at: datetime) -> AccessToken | None:
    """The token of a key with its owner, if both are in force; that it was used is kept. One query, or two."""
    tokens = AccessToken.objects.select_related("user").filter(revoked_at__isnull=True, user__is_active=True)
    token = tokens.filter(key_hash=_hash(key)).first()
    if token and (token.used_at is None or token.used_at <= at - USED):
        AccessToken.objects.filter(pk=token.pk).update(used_at=at)
    return token


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _event(user: User, kind: AccountEvent.Kind, at: datetime) -> None:
    AccountEvent.objects.create(user=user, kind=kind, at=at, by=user)
