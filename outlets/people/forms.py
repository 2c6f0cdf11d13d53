"""Forms of log-in, accounts and roles. They clean and check what was typed; the rules are in `actions`."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from outlets.fields import CleanCharField
from outlets.organisation.forms import UnitField
from outlets.people import permissions
from outlets.people.models import Role, User

_NAME_PATTERN = re.compile(r"[\w.@+-]+")
_CODE_PATTERN = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")


class UsernameField(CleanCharField):
    """A user name: one spelling of every letter, and capitals count as small letters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("User name"))
        super().__init__(max_length=60, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value).casefold()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            **super().widget_attrs(widget),
            "autocapitalize": "none",
            "spellcheck": "false",
            "autocomplete": "username",
        }


class LoginForm(AuthenticationForm):
    """User name and password. One answer to every pair that does not open, whatever the reason."""

    username = UsernameField()
    error_messages = {
        "invalid_login": _("The user name or the password is not right, or the account cannot log in at present."),
        "inactive": _("The user name or the password is not right, or the account cannot log in at present."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focused = "password" if self.initial.get("username") else "username"
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields[focused].widget.attrs["autofocus"] = True


class TokenForm(forms.Form):
    """What a token is called, so that its owner knows which to revoke."""

    name = CleanCharField(label=_("What it is for"), max_length=60, help_text=_("For example: Power BI, sales office"))


class NewPasswordForm(SetPasswordForm):
    """A new password, twice. What makes it unfit is said beside the first, where it has to change."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("New password once more")
        self.fields["new_password2"].help_text = ""

    def validate_password_for_user(self, user: Any, password_field_name: str = "") -> None:
        """Checks the first one, whichever Django asks for."""
        super().validate_password_for_user(user, "new_password1")


class OwnPasswordForm(NewPasswordForm, PasswordChangeForm):
    """Another password for oneself, after the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Present password")

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError when the new password is the present one."""
        super().clean()
        password = self.cleaned_data.get("new_password1")
        if password and self.user.check_password(password):
            self.add_error("new_password1", _("This is the present password. Choose another one."))
        return self.cleaned_data


class EmployeeForm(forms.Form):
    """A new account of an employee."""

    full_name = CleanCharField(label=_("Full name"), max_length=120)
    username = UsernameField(
        help_text=_("What the person types to log in, for example their work e-mail address."),
    )

    def clean_username(self) -> str:
        """The user name. Raises ValidationError."""
        username: str = self.cleaned_data["username"]
        if not _NAME_PATTERN.fullmatch(username):
            raise forms.ValidationError(_("Use letters, digits and the signs . @ + - _ without spaces."))
        return username


class ShopperForm(forms.Form):
    """A new account of a mystery shopper: a code, never a name."""

    code = CleanCharField(
        label=_("Code of the shopper"),
        max_length=12,
        help_text=_("For example S-0042. It is the user name as well, and says nothing about the person."),
    )

    def clean_code(self) -> str:
        """The code in capitals. Raises ValidationError."""
        code: str = self.cleaned_data["code"].upper()
        if not _CODE_PATTERN.fullmatch(code):
            raise forms.ValidationError(_("Use letters without marks, digits and hyphens, for example S-0042."))
        return code


class MembershipForm(forms.Form):
    """A role for an account, and the unit over which it is held where the role has one."""

    role = forms.ChoiceField(label=_("Role"))
    unit = UnitField(
        required=False,
        help_text=_(
            "For a unit manager or an observer: the code of the unit, or words of its name. Otherwise leave it empty."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(role.value, role.label) for role in Role if permissions.is_for_kind(role, user.kind)]
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=[("", ""), *offered])
