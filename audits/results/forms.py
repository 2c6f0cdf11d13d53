"""What is typed when a month is closed or a published visit corrected."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseMonthForm(forms.Form):
    """The office confirms what it has read: a closed month is not opened again."""

    is_read = forms.BooleanField(
        label=_("I have read what is still open. A closed month is published at once and not opened again.")
    )
