"""What is typed when a month is closed or a published visit corrected."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.results import months


class CloseMonthForm(forms.Form):
    """The office confirms what it has read, of the month that it has read it for."""

    month = forms.CharField(widget=forms.HiddenInput)
    is_read = forms.BooleanField(
        label=_("I have read what is still open. A closed month is published at once and not opened again.")
    )

    def clean_month(self) -> date:
        try:
            return months.parse(self.cleaned_data["month"])
        except ValueError:
            raise forms.ValidationError(_("Please open this page again: it did not say which month.")) from None
