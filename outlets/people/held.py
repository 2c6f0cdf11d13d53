"""Typed text that outlives an expired log-in, a rotated token or a body over a limit.

A form carries its owner's signed id (`{% form_owner %}`). When such a form cannot be taken, its text is
held for that owner and that page; on the owner's next visit there the view fills its form from it
(`held_data`). Nothing is saved into the product until the owner presses the button: docs/decisions/0007.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from outlets.people import refused_body
from outlets.people.models import HeldForm, User
from outlets.people.permissions import ReaderRequest

OWNER_FIELD = "form-owner"
LARGEST = 2_000_000  # characters of text held for one page
LONGEST_CARRIED = 200_000  # characters of an address-encoded form that a language switch carries
LONGEST_PAGE = 300  # characters of a page's address
KEPT_FOR = timedelta(days=7)
_NEVER_HELD = {
    *("csrfmiddlewaretoken", OWNER_FIELD, "password", "old_password", "new_password1", "new_password2"),
    "declared",  # what a phone says that it has sent: nobody typed it
}
_SALT = "held-form-owner"


@dataclass(frozen=True)
class Held:
    """What was kept: the fields, and whether files came with them (files are not kept)."""

    data: QueryDict
    had_files: bool


@dataclass(frozen=True)
class Kept:
    """Whose form has just been turned away, which page it belongs to, whether it had text (kept) and files (not)."""

    owner: User
    page: str
    had_text: bool
    had_files: bool

    @property
    def before_log_in(self) -> str:
        """What the log-in page says to the person."""
        if not self.had_text:
            return _("Your log-in had ended, so nothing has been saved. Log in and try again.")
        says = _(
            "Your log-in had ended, so nothing has been saved. "
            "What you typed is kept: log in, and it stands on its page again."
        )
        return f"{says} {_files_text()}" if self.had_files else says

    @property
    def on_its_page(self) -> str:
        """What the page says to which the person is sent back at once."""
        if not self.had_text:
            why, saved = _("This page was open for too long"), _("Nothing was saved or changed.")
            return f"{why}. {saved}"
        return returned_text(self.had_files)


def owner_token(user: User) -> str:
    """The signed id that a form carries. It opens nothing; it only says whose text this is."""
    return signing.dumps(str(user.public_id), salt=_SALT, compress=False)


def page_of(request: HttpRequest) -> str:
    """The page a request belongs to: its own address or, for a POST, the page of this site that it was sent from.

    The two differ where a page sends its form to an address that only takes POSTs.
    """
    if request.method == "POST":
        source = request.headers.get("Referer", "")
        if url_has_allowed_host_and_scheme(source, {request.get_host()}, request.is_secure()):
            parts = urlsplit(source)
            if parts.path.startswith("/"):
                return escape_leading_slashes(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return escape_leading_slashes(request.get_full_path())


def hold(request: HttpRequest, *, at: datetime) -> Kept | None:
    """Keeps the posted text for the owner whom the form names. None when it names nobody, or is too large to keep."""
    return _hold(request, dict(request.POST.lists()), bool(request.FILES), at)


def hold_refused(request: HttpRequest, *, at: datetime) -> Kept | None:
    """As `hold`, for a body that Django refused to read: too many fields, too many files, too much text."""
    text = refused_body.text_of(request, at_most=LARGEST)
    return None if text is None else _hold(request, text.fields, text.had_files, at)


def held_for(request: ReaderRequest, *, at: datetime) -> Held | None:
    """What was kept for this reader on this page, if anything still is. One query."""
    return waiting(request.user, page_of(request), at=at)


def held_data(request: ReaderRequest, *, at: datetime) -> QueryDict | None:
    """The fields that were kept for this reader on this page, as a form takes them, or None. One query."""
    held = held_for(request, at=at)
    return held.data if held else None


def waiting(owner: User, page: str, *, at: datetime) -> Held | None:
    """What is kept for `owner` on `page`. One query."""
    row = HeldForm.objects.filter(owner=owner, path=page[:LONGEST_PAGE], held_at__gt=at - KEPT_FOR).first()
    if row is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in row.data.items():
        data.setlist(name, values)
    return Held(data, row.had_files)


def typed(request: HttpRequest) -> str:
    """What the form that is being answered holds, for the language switch of the answer to carry. "" when nothing.

    A long text is left out: the switch then starts the form anew.
    """
    try:
        if request.method != "POST" or OWNER_FIELD not in request.POST:
            return ""
        fields = request.POST.copy()
    except (BadRequest, MultiPartParserError, SuspiciousOperation, OSError):  # a body that cannot be read
        return ""
    for name in _NEVER_HELD - {OWNER_FIELD}:
        fields.pop(name, None)
    shown = fields.urlencode()
    return shown if len(shown) <= LONGEST_CARRIED else ""


def hold_typed(request: ReaderRequest, shown: str, page: str, *, at: datetime) -> None:
    """Keeps for the reader's next look at `page` what `typed` gave to a form that they sent from it."""
    if not shown or not request.user.is_authenticated:
        return
    try:
        fields = dict(QueryDict(shown).lists())
    except SuspiciousOperation:
        return
    owner = _owner(fields.get(OWNER_FIELD, [""])[-1])
    if owner == request.user:
        _keep(owner, page, fields, had_files=False, at=at)


def keep_posted(request: ReaderRequest, page: str, *, at: datetime) -> bool:
    """Keeps what the reader has just posted for their next look at `page`; whether it could be: a lot is not kept."""
    kept = _keep(request.user, page, dict(request.POST.lists()), had_files=bool(request.FILES), at=at)
    request.form_was_held = kept is not None  # or it would be forgotten as a form that went through
    return request.form_was_held


def carry_up(request: ReaderRequest, page: str) -> None:
    """What was kept for this address, which has no page of its own, is kept for `page` instead. One query or four."""
    row = HeldForm.objects.filter(owner=request.user, path=request.get_full_path()[:LONGEST_PAGE]).first()
    if row is not None:
        _keep(row.owner, page, row.data, had_files=row.had_files, at=row.held_at)
        row.delete()


def release(request: ReaderRequest) -> None:
    """Forgets what was kept for this page: it has been saved, or the reader let it go. One query, two if there was."""
    pages = {page[:LONGEST_PAGE] for page in (page_of(request), request.get_full_path())}
    rows = HeldForm.objects.filter(owner=request.user, path__in=pages)
    if rows.exists():
        rows.delete()


def sweep(*, at: datetime) -> int:
    """Deletes what nobody came back for. Returns how many forms that were."""
    return HeldForm.objects.filter(held_at__lte=at - KEPT_FOR).delete()[0]


def returned_text(had_files: bool) -> str:
    """What the page says when it shows the kept text again."""
    says = _("This is what you had typed. Nothing has been saved yet: check it and press the button once more.")
    return f"{says} {_files_text()}" if had_files else says


def _files_text() -> str:
    return _("Photos and files could not be kept: please choose them again.")


def _hold(request: HttpRequest, fields: dict[str, list[str]], had_files: bool, at: datetime) -> Kept | None:
    owner = _owner(fields.get(OWNER_FIELD, [""])[-1])
    return _keep(owner, page_of(request), fields, had_files=had_files, at=at) if owner else None


def _keep(owner: User, page: str, fields: dict[str, list[str]], *, had_files: bool, at: datetime) -> Kept | None:
    # PostgreSQL's JSON cannot hold a NUL, and no field keeps one.
    data = {
        name.replace("\0", ""): [value.replace("\0", "") for value in values]
        for name, values in fields.items()
        if name not in _NEVER_HELD
    }
    if sum(len(value) for values in data.values() for value in values) > LARGEST:
        return None
    had_text = had_files or any(value.strip() for values in data.values() for value in values)
    if had_text:
        HeldForm.objects.update_or_create(
            owner=owner, path=page[:LONGEST_PAGE], defaults={"data": data, "had_files": had_files, "held_at": at}
        )
    return Kept(owner, page, had_text, had_files)


def _owner(token: str) -> User | None:
    try:
        public_id = signing.loads(token, salt=_SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return User.objects.filter(public_id=public_id, is_active=True).first()
