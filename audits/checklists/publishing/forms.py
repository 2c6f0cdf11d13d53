"""Forms of the way of a draft into force."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from audits.checklists.models import ChecklistVersion
from audits.checklists.publishing import facts
from audits.checklists.publishing.facts import BANDS, LABELS
from outlets.fields import CleanTextField, LocalDecimalField

LONGEST_NOTE = 2000


def _bound(label: Any) -> LocalDecimalField:
    return LocalDecimalField(label=label, max_digits=4, decimal_places=1, validators=[MaxValueValidator(100)])


class FactsForm(forms.Form):
    """What changes and why, from when on, and the grades."""

    note = CleanTextField(
        label=LABELS["note"],
        help_text=_("Whoever approves the version reads this first; it stays in the version's history."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    effective_on = forms.DateField(
        label=LABELS["effective_on"],
        help_text=_("Visits started from this day on use this version. Empty: from the day it is approved."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    band_excellent = _bound(LABELS["band_excellent"])
    band_good = _bound(LABELS["band_good"])
    band_fair = _bound(LABELS["band_fair"])
    band_to_improve = _bound(LABELS["band_to_improve"])

    def __init__(self, version: ChecklistVersion, data: QueryDict | None, *, today: date):
        super().__init__(data, initial=facts.of(version))
        self.version, self.today = version, today
        self.seen = facts.dumped(facts.of(version)) if data is None else data.get("seen", "")

    def clean_effective_on(self) -> date | None:
        """A day that has passed is no day to begin on."""
        day: date | None = self.cleaned_data["effective_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("This day has passed. Choose today or a later day, or leave it empty."))
        return day

    def clean(self) -> dict[str, Any]:
        """Each grade begins below the one before it."""
        cleaned = super().clean() or self.cleaned_data
        bounds = [cleaned.get(name) for name in BANDS]
        for name, above, bound in zip(BANDS[1:], bounds, bounds[1:], strict=False):
            if above is not None and bound is not None and bound >= above:
                self.add_error(name, _("This has to be less than the bound of the grade above."))
        if bounds[-1] is not None and bounds[-1] <= 0:
            self.add_error(BANDS[-1], _("Enter a number greater than 0."))
        return cleaned

    @property
    def says_other_bands(self) -> bool:
        """The grades have to be seen: they are not those of the version before, or something is wrong with them."""
        before = self.version.based_on
        is_other = before is None or any(getattr(before, name) != self.initial[name] for name in BANDS)
        return is_other or any(name in self.errors for name in BANDS)

    def beside(self, version: ChecklistVersion) -> "FactsForm":
        """The same, with what stands for all that was not changed in it: as drawn in sight of what stands."""
        stands, known = facts.of(version), facts.loaded(self.seen)
        changed = {name for name in stands if name not in known or self.cleaned_data[name] != known[name]}
        shown = FactsForm(version, None, today=self.today)
        for name in changed:
            shown.initial[name] = self.cleaned_data[name]
        return shown

    def bands(self) -> dict[str, Decimal]:
        return {name: self.cleaned_data[name] for name in BANDS}


class SendBackForm(forms.Form):
    """Words for the editors."""

    note = CleanTextField(
        label=_("What is to be changed"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )


class GraceForm(forms.Form):
    """The last day on which visits begun with a version that runs no more can be submitted."""

    grace_until = forms.DateField(
        label=_("Last day to submit visits that have begun"),
        help_text=_("After it their answers can still be read and taken along, but not submitted."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class RetireForm(GraceForm):
    """That, and why."""

    note = CleanTextField(label=_("Why"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))
