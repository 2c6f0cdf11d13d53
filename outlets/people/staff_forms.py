"""Forms of the staff pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outlets.fields import CleanCharField
from outlets.organisation.forms import DayField, UnitField
from outlets.organisation.models import Unit
from outlets.people.models import JobRole, StaffMember, User


def open_outlets() -> Any:
    return Unit.objects.open().filter(outlet__isnull=False)


class FullNameField(CleanCharField):
    """A name as its owner writes it: any number of words, no change of capitals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Full name"))
        super().__init__(max_length=120, **kwargs)


class StaffMoveForm(forms.Form):
    """At which outlet, as what, from which day on."""

    unit = UnitField(label=_("Outlet"), units=open_outlets)
    job_role = forms.ModelChoiceField(label=_("Job"), queryset=JobRole.objects.all(), empty_label=_("Choose"))
    effective_on = DayField(label=_("From"))


class StaffForm(StaffMoveForm):
    """Somebody new."""

    staff_number = CleanCharField(label=_("Staff number"), max_length=20)
    full_name = FullNameField()
    field_order = ("staff_number", "full_name")


class StaffEditForm(forms.Form):
    """The name, and the account with which the person reads their own results."""

    full_name = FullNameField()
    user = CleanCharField(
        label=_("User name of the account"),
        max_length=60,
        required=False,
        help_text=_("With it the person reads their own results. Leave it empty when there is none."),
    )

    def __init__(self, *args: Any, staff: StaffMember, **kwargs: Any) -> None:
        kwargs["initial"] = {"full_name": staff.full_name, "user": staff.user.username if staff.user else ""}
        super().__init__(*args, **kwargs)

    def clean_user(self) -> User | None:
        """The account. Raises ValidationError when nobody has this user name."""
        username = User.normalize_username(self.cleaned_data["user"])
        user = User.objects.filter(username=username, kind=User.Kind.EMPLOYEE).first() if username else None
        if username and user is None:
            raise ValidationError(_("No employee's account has this user name."))
        return user


class StaffLeaveForm(forms.Form):
    left_on = DayField(label=_("First day no longer at work"))
    beside = {"effective_on": "left_on"}
