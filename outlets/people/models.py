"""Accounts, roles, staff and where they work; and, apart from all that, who a shopper is."""

import unicodedata
import uuid
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from outlets import text
from outlets.columns import Searchable, SearchableQuerySet, SortKeyField
from outlets.organisation.models import Channel, DatedRow, Unit


class Role(models.TextChoices):
    """The roles of `permissions.ROLES`."""

    SHOPPER = "shopper", _("Mystery shopper")
    REVIEWER = "reviewer", _("Reviewer")
    COORDINATOR = "coordinator", _("Coordinator")
    OFFICE = "office", _("Programme office")
    CUSTODIAN = "custodian", _("Identity custodian")
    MANAGER = "manager", _("Unit manager")
    OBSERVER = "observer", _("Observer")
    EDITOR = "editor", _("Checklist editor")
    STAFF = "staff", _("Staff member")
    SYSADMIN = "sysadmin", _("System administrator")


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> "SearchableQuerySet[User]":
        return SearchableQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=self.model.normalize_username(username))

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(Searchable, AbstractBaseUser, PermissionsMixin):
    """An account. A shopper's account has a code and no name: the name stands in `ShopperIdentity` alone."""

    class Kind(models.TextChoices):
        EMPLOYEE = "employee", _("Employee")
        SHOPPER = "shopper", _("Mystery shopper")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(_("User name"), max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EMPLOYEE)
    full_name = models.CharField(_("Full name"), max_length=120, blank=True)
    shopper_code = models.CharField(max_length=12, unique=True, null=True, blank=True)
    language = models.CharField(max_length=2, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()  # type: ignore[misc, assignment]  # Searchable has a plainer one

    USERNAME_FIELD = "username"

    class Meta:
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="employee", shopper_code__isnull=True)
                | Q(kind="shopper", shopper_code__isnull=False, full_name=""),
                name="shopper_has_a_code_and_no_name",
            ),
        ]

    def __str__(self):
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.shopper_code or self.full_name or self.username

    @classmethod
    def normalize_username(cls, username: Any) -> Any:
        return text.clean(username, multiline=False).casefold() if isinstance(username, str) else username

    def set_password(self, raw_password: str | None) -> None:
        """As Django's; "ệ" typed as one sign or as three is the same password."""
        super().set_password(_in_one_spelling(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's; "ệ" typed as one sign or as three is the same password."""
        return super().check_password(_in_one_spelling(raw_password))

    search_hint = _("Name, code or user name")

    def search_source(self):
        return [self.full_name, self.username, self.shopper_code or ""]

    def sort_source(self):
        return text.person_sort_key(self.full_name) if self.full_name else text.sort_key(self.shown_name)


def _in_one_spelling(raw_password: Any) -> Any:
    return unicodedata.normalize("NFC", raw_password) if isinstance(raw_password, str) else raw_password


class ShopperIdentity(models.Model):
    """Who a shopper is. Read by the custodian's path alone; no other query joins this table."""

    shopper = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    full_name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    agency = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "shopper identities"

    def __str__(self):
        return f"identity {self.pk}"


class MembershipQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Memberships in force: not ended, and not of a unit that has been closed."""
        return self.filter(ended_at__isnull=True).filter(Q(unit__isnull=True) | Q(unit__closed_on__isnull=True))


class Membership(models.Model):
    """A role of a user, over one unit and all below it where the role has such a scope. Ended, never deleted."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="memberships")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"],
                condition=Q(ended_at__isnull=True),
                name="one_open_membership",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ended_at__isnull=True, unit__isnull=True),
                name="one_open_membership_everywhere",
            ),
            models.CheckConstraint(
                condition=(Q(role__in=["manager", "observer"], unit__isnull=False))
                | (~Q(role__in=["manager", "observer"]) & Q(unit__isnull=True)),
                name="membership_unit_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.user_id} {self.role}"


class AccountEvent(models.Model):
    """Who changed which account, and when. Rows are only added."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Account created")
        DISABLED = "disabled", _("Account disabled")
        ENABLED = "enabled", _("Account enabled")
        LINK_MADE = "link_made", _("One-time link made")
        PASSWORD_SET = "password_set", _("Password set")
        GRANTED = "granted", _("Role granted")
        ENDED = "ended", _("Role ended")
        TOKEN_MADE = "token_made", _("Access token made")
        TOKEN_ENDED = "token_ended", _("Access token revoked")

    user = models.ForeignKey(User, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.user_id}"


class AccessToken(models.Model):
    """Lets a program read, in its owner's place, what the owner may read at that moment. Kept as a hash of the key."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(revoked_at__isnull=True), name="one_token_of_a_name"
            )
        ]

    def __str__(self):
        return self.name


class JobRole(models.Model):
    """A job that customers meet, in one channel."""

    code = models.SlugField(max_length=32, unique=True)
    name_vi = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    channel = models.CharField(max_length=12, choices=Channel)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi


class StaffMember(Searchable):
    """Somebody whom customers meet. Many share a name, so the staff number always stands beside it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff_number = models.CharField(max_length=20, unique=True)
    full_name = models.CharField(max_length=120)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="staff_member")
    left_on = models.DateField(null=True, blank=True)
    full_name_key = SortKeyField(default="")

    class Meta:
        ordering = ["sort_key", "pk"]
        indexes = [models.Index(fields=["sort_key"], name="staff_sort_key")]

    def __str__(self):
        return self.full_name

    search_hint = _("Name or staff number")

    def search_source(self):
        return [self.full_name, self.staff_number]

    def sort_source(self):
        return text.person_sort_key(self.full_name)

    def fill_search(self) -> Self:
        """Also the second order, by the full name as it is written: họ, đệm, tên."""
        self.full_name_key = text.sort_key(self.full_name)[:400]
        return super().fill_search()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "full_name_key"}
        super().save(*args, **kwargs)


class Placement(DatedRow):
    """At which outlet, in which job, a staff member works."""

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="placements")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="placements")
    job_role = models.ForeignKey(JobRole, models.PROTECT, related_name="placements")

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(valid_to__isnull=True), name="one_open_placement"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="placement_dates_in_order"
            ),
        ]

    def __str__(self):
        return f"{self.staff_id} at {self.unit_id}"


class StaffEvent(models.Model):
    """Who changed what of a staff member, and when. Rows are only added; none holds a name, which may have to go."""

    class Kind(models.TextChoices):
        HIRED = "hired", _("Started work")
        RENAMED = "renamed", _("Name changed")
        LINKED = "linked", _("Account linked")
        MOVED = "moved", _("Moved")
        LEFT = "left", _("Left")
        RETURNED = "returned", _("Back at work")

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.staff_id}"


class HeldForm(models.Model):
    """What a person had typed when the log-in ended or its token changed, kept until they are back.

    Only the owner named (and signed) inside the form can see it again, on the same page.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    data = models.JSONField()
    had_files = models.BooleanField(default=False)
    held_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "path"], name="one_held_form_a_page")]

    def __str__(self):
        return f"held {self.path}"
