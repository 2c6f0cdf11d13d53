"""Typed text that outlives an expired log-in or a rotated token.

A form carries its owner's signed id (`{% form_owner %}`). When such a form arrives without a valid
log-in or token, the text is held for that owner and that page; on the owner's next visit there the view
fills its form from it (`form_data`). Nothing is saved into the product until the owner presses the button.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, QueryDict

from outlets.people.models import HeldForm, User

OWNER_FIELD = "form-owner"
LARGEST = 2_000_000  # characters of text held for one page
KEPT_FOR = timedelta(days=7)
_NEVER_HELD = {"csrfmiddlewaretoken", OWNER_FIELD, "password", "old_password", "new_password1", "new_password2"}
_SALT = "held-form-owner"


@dataclass(frozen=True)
class Held:
    """What was kept: the fields, and whether files came with them (files are not kept)."""

    data: QueryDict
    had_files: bool


def owner_token(user: User) -> str:
    return signing.dumps(str(user.public_id), salt=_SALT, compress=False)


def hold(request: HttpRequest, *, at) -> bool:
    """Keeps the posted text for the owner the form names. False when the form names none, or is too large."""
    token = request.POST.get(OWNER_FIELD)
    if not token:
        return False
    try:
        public_id = signing.loads(token, salt=_SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return False
    owner = User.objects.filter(public_id=public_id, is_active=True).first()
    data = {name: values for name, values in request.POST.lists() if name not in _NEVER_HELD}
    if owner is None or sum(len(value) for values in data.values() for value in values) > LARGEST:
        return False
    HeldForm.objects.update_or_create(
        owner=owner,
        path=request.get_full_path()[:300],
        defaults={"data": data, "had_files": bool(request.FILES), "held_at": at},
    )
    return True


def held_for(request: HttpRequest, *, at) -> Held | None:
    """What was kept for this reader on this page, if anything still is. One query."""
    row = HeldForm.objects.filter(
        owner=request.user, path=request.get_full_path()[:300], held_at__gt=at - KEPT_FOR
    ).first()
    if row is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in row.data.items():
        data.setlist(name, values)
    return Held(data, row.had_files)


def release(request: HttpRequest) -> None:
    """Forgets what was kept for this page: it has been saved, or the reader let it go."""
    HeldForm.objects.filter(owner=request.user, path=request.get_full_path()[:300]).delete()
