"""Forms of the draft editor. A form takes what came: a weight alone, or everything there is to say of a criterion."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from audits.checklists import content
from audits.checklists.content import Content
from audits.checklists.models import MOST_ROWS, MOST_WEIGHT, Criterion, Theme
from outlets.fields import CleanCharField, CleanTextField, LocalDecimalField
from outlets.models import Channel

LONGEST_TEXT, LONGEST_GUIDANCE, LONGEST_NAME = 500, 2000, 200
BLANK_ROWS = 2
_FLAGS = ("critical", "allows_na", "photo_is_private")


def _result() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Result (%)"),
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class OptionForm(forms.Form):
    """One answer of a choice; a row left empty is no answer."""

    code = forms.SlugField(max_length=16, required=False, widget=forms.HiddenInput)
    label_vi = CleanCharField(label=_("Vietnamese"), max_length=120, required=False)
    label_en = CleanCharField(label=_("English"), max_length=120, required=False)
    result = _result()

    def clean(self) -> dict[str, Any]:
        """A row with words needs its result."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("label_vi") or cleaned.get("label_en")) and "result" in cleaned and cleaned["result"] is None:
            self.add_error("result", _("Enter what this answer is worth, 0 to 100."))
        return cleaned


class ThresholdForm(forms.Form):
    """One step of a measured number; a row without a result is no step."""

    upper = LocalDecimalField(
        label=_("Up to and including"),
        max_digits=9,
        decimal_places=2,
        required=False,
        validators=[MinValueValidator(0)],
    )
    result = _result()

    def clean(self) -> dict[str, Any]:
        """A bound needs its result."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("upper") is not None and "result" in cleaned and cleaned["result"] is None:
            self.add_error("result", _("Enter what numbers up to here are worth, 0 to 100."))
        return cleaned


_AT_MOST: dict[str, Any] = {"extra": BLANK_ROWS, "max_num": MOST_ROWS, "absolute_max": MOST_ROWS, "validate_max": True}
_Options = formset_factory(OptionForm, **_AT_MOST)
_Thresholds = formset_factory(ThresholdForm, **_AT_MOST)


class CriterionForm(forms.Form):
    """A criterion of a draft. Fields that did not come are left as they are; so are the ticks, unless `ticks` came."""

    text_vi = CleanTextField(label=_("Text (Vietnamese)"), max_length=LONGEST_TEXT, required=False)
    text_en = CleanTextField(label=_("Text (English)"), max_length=LONGEST_TEXT, required=False)
    guidance_vi = CleanTextField(label=_("Guidance (Vietnamese)"), max_length=LONGEST_GUIDANCE, required=False)
    guidance_en = CleanTextField(label=_("Guidance (English)"), max_length=LONGEST_GUIDANCE, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Criterion.Kind, required=False)
    weight = LocalDecimalField(
        label=_("Weight"),
        max_digits=9,
        decimal_places=3,
        required=False,
        validators=[MaxValueValidator(MOST_WEIGHT, _("A weight is at most %(limit_value)d."))],
    )
    critical = forms.BooleanField(label=_("Critical"), required=False)
    allows_na = forms.BooleanField(label=_("May be “not applicable”"), required=False)
    photo = forms.ChoiceField(label=_("Photo"), choices=Criterion.Photo, required=False)
    photo_is_private = forms.BooleanField(label=_("Photos of papers"), required=False)
    note_rule = forms.ChoiceField(label=_("Note"), choices=Criterion.NoteRule, required=False)
    controlled_by = forms.ChoiceField(label=_("Controlled by"), choices=Criterion.ControlledBy, required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), choices=Criterion.Stage, required=False)
    measure = forms.ChoiceField(label=_("Unit of measure"), choices=Criterion.Measure, required=False)
    fields: dict[str, Any]  # each of its own class

    def __init__(self, plain: Content, data: QueryDict | None = None) -> None:
        shown = plain | {"weight": _local(plain["weight"])}
        self.came = set(data or ())
        # What did not come is drawn as it stands: the page that gives back a mistake must not empty the other fields.
        super().__init__(data and _whole(shown, data), initial=shown, auto_id=f"{plain['code']}-%s")
        self.plain = plain
        self.fields["theme"].choices = [("", _("none")), *((each.code, each.name) for each in Theme.objects.all())]
        for name in ("text_vi", "text_en", "guidance_vi", "guidance_en"):
            self.fields[name].widget.attrs["rows"] = 2
        bounds = [each | {"upper": each["upper"] and _local(each["upper"])} for each in plain["thresholds"]]
        self.options = self._rows(_Options, "options", plain["options"])
        self.thresholds = self._rows(_Thresholds, "thresholds", bounds)

    def _rows(self, of: type[BaseFormSet], prefix: str, shown: list[Content]) -> BaseFormSet:
        came = f"{prefix}-TOTAL_FORMS" in self.came
        auto_id = f"{self.plain['code']}-%s"
        # What came stands for itself. Held against what is stored by now, a line saved since the page was drawn would
        # count as an empty one that nobody touched, and be left out.
        given: dict[str, Any] = {"data": self.data} if came else {"initial": shown}
        return of(prefix=prefix, auto_id=auto_id, **given)

    @property
    def kind_drawn(self) -> str:
        """The kind whose fields the page draws: the one that is stored."""
        return str(self.plain["kind"])

    def clean_weight(self):
        """Above nothing, where the criterion is scored."""
        weight = self.cleaned_data["weight"]
        if "weight" in self.came and self.plain["kind"] not in ("rating", "text"):
            if weight is None:
                raise forms.ValidationError(_("Enter a weight, for example 2 or 2.5."))
            if weight <= 0:
                raise forms.ValidationError(_("A weight is more than 0. What does not count is a rating or a text."))
        return weight

    def is_valid(self) -> bool:
        rows = [each for each in (self.options, self.thresholds) if each.is_bound]
        return all([super().is_valid(), *(each.is_valid() for each in rows)])

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything to mend: the id of the field, its label, what to do."""
        found = [(field.id_for_label, str(field.label), error) for field in self for error in map(str, field.errors)]
        for rows in (self.options, self.thresholds):
            fields = [field for row in rows for field in row]
            found += [(each.id_for_label, str(each.label), str(error)) for each in fields for error in each.errors]
            found += [("", "", str(error)) for error in rows.non_form_errors()]
        return found

    def changed(self) -> Content:
        """The columns that came, as content."""
        cleaned = self.cleaned_data
        found: Content = {name: cleaned[name] for name in cleaned if name in self.came and name not in _FLAGS}
        if "ticks" in self.came:
            found |= {name: cleaned[name] for name in _FLAGS}
        if "theme" in found:
            found["theme"] = found["theme"] or None
        found = {name: value for name, value in found.items() if value != "" or not self._is_choice(name)}
        weight = found.pop("weight", None)
        if weight is not None:
            found["weight"] = content.shortest(weight)
        if self.options.is_bound:
            found["options"] = self._options()
        if self.thresholds.is_bound:
            found["thresholds"] = self._thresholds()
        return found

    def _is_choice(self, name: str) -> bool:
        return isinstance(self.fields[name], forms.ChoiceField)

    def _options(self) -> list[Content]:
        """New ones have no code yet: it is given with their first saving."""
        rows = [row.cleaned_data for row in self.options if row.cleaned_data.get("result") is not None]
        names = ("code", "label_vi", "label_en", "result")
        return [{name: row[name] for name in names} for row in rows]

    def _thresholds(self) -> list[Content]:
        rows = [row.cleaned_data for row in self.thresholds if row.cleaned_data.get("result") is not None]
        rows.sort(key=lambda row: (row["upper"] is None, row["upper"] or 0))
        return [
            {"upper": None if row["upper"] is None else content.shortest(row["upper"]), "result": row["result"]}
            for row in rows
        ]


class SectionForm(forms.Form):
    """A section's names."""

    name_vi = CleanCharField(label=_("Name (Vietnamese)"), max_length=LONGEST_NAME)
    name_en = CleanCharField(label=_("Name (English)"), max_length=LONGEST_NAME, required=False)


class ChecklistForm(forms.Form):
    """A new checklist."""

    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[A-Z][A-Z0-9]{1,3}$",
        help_text=_("Two to four capital letters or digits. Every criterion's code begins with it; it never changes."),
        error_messages={"invalid": _("Write two to four capital letters or digits, for example TQ.")},
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel)
    name_vi = CleanCharField(label=_("Name (Vietnamese)"), max_length=LONGEST_NAME)
    name_en = CleanCharField(label=_("Name (English)"), max_length=LONGEST_NAME, required=False)
    method_vi = CleanCharField(label=_("How it is done (Vietnamese)"), max_length=LONGEST_NAME, required=False)
    method_en = CleanCharField(label=_("How it is done (English)"), max_length=LONGEST_NAME, required=False)


def _whole(shown: Content, data: QueryDict) -> QueryDict:
    """What came, with what stands for every field that did not."""
    whole = data.copy()
    for name, value in shown.items():
        if name in _FLAGS and value and "ticks" not in data:
            whole[name] = "on"
        elif name not in _FLAGS and name not in data and name not in ("options", "thresholds"):
            whole[name] = value or ""
    return whole


def _local(number: str) -> str:
    """A stored number as the page's language writes it."""
    return number_format(number, force_grouping=False)
