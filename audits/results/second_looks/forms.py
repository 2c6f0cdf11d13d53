"""What is typed when a unit asks for a second look, and when the office rules."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audits import photos as photo_files
from audits import scoring
from audits.fieldwork.models import Visit
from audits.fieldwork.visits import wording
from audits.fieldwork.visits.forms import ManyFiles
from audits.results.actions import CorrectedValue
from audits.results.second_looks import attachments
from audits.results.second_looks.attachments import Attachment, DocumentRefused
from audits.results.second_looks.queries import LookedAt
from audits.review import flags
from outlets.fields import CleanTextField, LocalDecimalField

SHORTEST, LONGEST = 20, 2000  # characters of a unit's reason
_LEAVE = "as-it-is"
# A day, an hour, the number of a visit: what must not stand in words that a unit reads.
_WHEN = re.compile(
    r"\b[0-3]?[0-9]\s*[/.-]\s*(?:1[0-2]|0?[1-9])\b(?!\s*%)|\b[0-2]?[0-9]\s*(?:h|:|giờ)\s*[0-5]?[0-9]?\b"
    r"|\b(?:ngày|hôm|buổi|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|lượt|khách hàng bí mật)\b"
    r"|\b(?:shopper|visit|morning|afternoon|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b",
    re.IGNORECASE,
)


class SecondLookForm(forms.Form):
    """A unit's reason, and what it sends along. Sound files are in `attachments` once the form is valid."""

    reason = CleanTextField(
        label=_("What should be looked at again, and why"),
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("The programme office reads it. Please write about the outlet, not about who may have visited it."),
    )
    attached = forms.Field(
        label=_("Photos or documents"),
        required=False,
        widget=ManyFiles(attrs={"multiple": True, "accept": "image/*,.heic,.heif,application/pdf"}),
        help_text=_(
            "If they help: up to 5 photos or PDF documents, 30 MB together. Pictures of things, not of people: no "
            "camera recordings, no customers."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attachments: list[Attachment] = []

    def clean_attached(self) -> None:
        sent = self.files.getlist("attached") if self.files else []
        if len(sent) > attachments.FILES:
            raise forms.ValidationError(
                _("%(sent)d files were chosen; at most %(limit)d are possible."),
                params={"sent": len(sent), "limit": attachments.FILES},
            )
        if sum(file.size or 0 for file in sent) > attachments.TOGETHER * 1_000_000:
            raise forms.ValidationError(
                _("The files are larger than %(limit)d MB together. Please send fewer or smaller ones."),
                params={"limit": attachments.TOGETHER},
            )
        refused = []
        for number, file in enumerate(sent, start=1):
            try:
                self.attachments.append(attachments.intake(file))
            except (photo_files.PhotoRefused, DocumentRefused) as why:
                refused.append(
                    forms.ValidationError(_("File %(number)d: %(why)s"), params={"number": number, "why": str(why)})
                )
        if refused:
            raise forms.ValidationError(refused)


class ReopenForm(forms.Form):
    reason = CleanTextField(
        label=_("Why it is taken up again"),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The unit reads it word for word: no day, no hour, no single visit, no name or code."),
    )


class RulingForm(forms.Form):
    """Upheld or kept as it is, and the words that the unit reads."""

    UPHELD, KEPT = "upheld", "kept"

    decision = forms.ChoiceField(
        label=_("Ruling"),
        choices=[(UPHELD, _("Upheld: correct what counts")), (KEPT, _("Kept as it is"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the two.")},
    )
    ruling = CleanTextField(
        label=_("What the unit reads"),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "The unit reads it word for word, so it must not give the shopper away: no day, no hour, no single visit, "
            "no name or code, nothing that only somebody who was there could say."
        ),
    )

    @property
    def is_upheld(self) -> bool:
        return self.cleaned_data.get("decision") == self.UPHELD


class VisitValueForm(forms.Form):
    """What the criterion is to count as in one visit of the block; left as it is unless something is chosen."""

    def __init__(self, looked_at: LookedAt, *args: Any, **kwargs: Any) -> None:
        kwargs["prefix"] = looked_at.published.visit.public_id.hex
        super().__init__(*args, **kwargs)
        self.looked_at = looked_at
        leave = [(_LEAVE, _("Leave it as it is"))]
        choices = leave + wording.values(looked_at.criterion)
        self.fields["value"] = forms.ChoiceField(label=_("Counts from now on as"), choices=choices, initial=_LEAVE)
        if looked_at.criterion.kind is scoring.Kind.MEASURED:
            self.fields["value"].required = False
            self.fields["number"] = LocalDecimalField(
                label=looked_at.criterion.measure_label.capitalize(),
                required=False,
                max_digits=9,
                decimal_places=2,
                validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100_000))],
            )

    @property
    def corrected(self) -> CorrectedValue | None:
        """The value, or None where it is left as it is."""
        number, value = self.cleaned_data.get("number"), self.cleaned_data.get("value")
        if number is not None:
            return CorrectedValue(number=number)
        return CorrectedValue(value) if value and value != _LEAVE else None


class Ruling:
    """The form of a ruling with those of the block's visits, read together."""

    def __init__(self, looked_at: Sequence[LookedAt], data: Any = None) -> None:
        self.form = RulingForm(data)
        self.visits = [VisitValueForm(each, data) for each in looked_at]

    def is_valid(self) -> bool:
        """Upheld needs a visit that counts otherwise; kept as it is takes none."""
        valid = [each.is_valid() for each in (self.form, *self.visits)]
        if all(valid) and self.form.is_upheld != bool(self.values):
            message = (
                _("Upheld: choose what the criterion is to count as in at least one visit.")
                if self.form.is_upheld
                else _("Kept as it is: leave every visit as it is, or rule that it is upheld.")
            )
            self.form.add_error("decision", message)
        return all(valid) and self.form.is_valid()

    @cached_property
    def values(self) -> dict[Visit, CorrectedValue]:
        return {each.looked_at.published.visit: value for each in self.visits if (value := each.corrected)}

    @property
    def telling(self) -> tuple[str, ...]:
        """What in the words may give the shopper away, as it was written. A hint: somebody decides."""
        return telling(self.form.cleaned_data["ruling"], [each.looked_at for each in self.visits])


def telling(written: str, looked_at: Sequence[LookedAt]) -> tuple[str, ...]:
    """The parts of a text that name a time, a person, a number or a code."""
    found = [match.group() for match in _WHEN.finditer(written)]
    visits = [each.published.visit for each in looked_at]
    names = {visit.met_staff.full_name for visit in visits if visit.met_staff}
    found += [flags.in_words([each]) for each in flags.told(written, names)]
    codes = {visit.shopper.shopper_code for visit in visits if visit.shopper and visit.shopper.shopper_code}
    found += [code for code in sorted(codes) if code.casefold() in written.casefold()]
    return tuple(dict.fromkeys(found))
