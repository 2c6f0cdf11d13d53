"""What is typed when a month is closed or a published visit corrected."""

from datetime import date
from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audits import scoring
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.visits import wording
from audits.results import months
from audits.results.actions import CorrectedValue
from outlets.fields import CleanTextField, LocalDecimalField


class CloseMonthForm(forms.Form):
    """The office confirms what it has read, of the month that it has read it for."""

    month = forms.CharField(label=_("Month"), widget=forms.HiddenInput)
    is_read = forms.BooleanField(
        label=_("I have read what is still open"),
        help_text=_("A closed month is published at once and not opened again."),
        error_messages={"required": _("Please tick this first. Nothing has been changed.")},
    )

    def clean_month(self) -> date:
        try:
            return months.parse(self.cleaned_data["month"])
        except ValueError:
            raise forms.ValidationError(_("Please open this page again: it did not say which month.")) from None


class CorrectionForm(forms.Form):
    """What one criterion is to count as, and why. `now` is what it counts as at present, in words."""

    reason = CleanTextField(
        label=_("Reason"),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The quality office reads it beside the figures before and after."),
    )

    def __init__(self, criterion: CriterionOutline, now: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.is_measured = criterion.kind is scoring.Kind.MEASURED
        choices = wording.values(criterion)
        if self.is_measured:
            self.fields["number"] = LocalDecimalField(
                label=criterion.measure_label.capitalize(),
                required=False,
                max_digits=9,
                decimal_places=2,
                validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100_000))],
            )
        if choices:
            self.fields["value"] = forms.ChoiceField(
                label=_("Counts as"), choices=choices, widget=forms.RadioSelect, required=not self.is_measured
            )
        self.order_fields(["number", "value", "reason"])
        first = self.fields["number" if self.is_measured else "value"]
        first.help_text = format_html("{} <b>{}</b>", _("Counts now as:"), now)

    def clean(self) -> None:
        super().clean()
        value, number = self.cleaned_data.get("value", ""), self.cleaned_data.get("number")
        if self.is_measured and not self.errors and bool(value) == (number is not None):
            self.add_error("number", _("Give a number, or say that it does not apply."))

    @property
    def corrected(self) -> CorrectedValue:
        return CorrectedValue(self.cleaned_data.get("value", ""), self.cleaned_data.get("number"))
