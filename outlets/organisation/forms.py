"""Form fields and forms of the organisation."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.template import loader
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outlets.fields import CleanCharField, CleanTextField
from outlets.organisation import provinces, queries
from outlets.organisation.actions import NewUnit
from outlets.organisation.models import (
    LATITUDES,
    LONGITUDES,
    Channel,
    Outlet,
    Province,
    Unit,
    UnitQuerySet,
    UnitType,
)
from outlets.phone import PhoneRefused, parse_phone, show_phone

# The day before 63 provinces became 34: an outlet's former province is one of that day's.
LAST_DAY_OF_63 = date(2025, 6, 30)
PARTS = 4  # new units that one split can open


class Refusal(Protocol):
    """What a rule refused: `str()` of it is a sentence, `field` the action's argument that has to change."""

    field: str


def show_refusal(form: forms.Form, refused: Refusal) -> None:
    """Puts what a rule refused into the form, beside the field it is about when the form has that.

    `form.beside` gives the form's own name for an argument of the action, where they differ.
    """
    field = getattr(form, "beside", {}).get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, str(refused))


# --- Fields -----------------------------------------------------------------------------------


class UnitInput(forms.TextInput):
    """A text box for a unit. When what was typed fits several, they stand below it as radio buttons.

    The buttons count only while the text above them is still the one they were offered for.
    """

    candidates: tuple[queries.Candidate, ...] = ()
    asked = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The text, or the code of the button chosen for that text."""
        typed = super().value_from_datadict(data, files, name)
        picked = data.get(f"{name}-pick")
        return picked if picked and data.get(f"{name}-asked") == typed else typed

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The text box and, after a text that fits several, the units to choose from."""
        box = super().render(name, value, attrs, renderer)
        if not self.candidates:
            return box
        context = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "asked": self.asked,
            "candidates": self.candidates,
        }
        return box + loader.render_to_string("outlets/unit_candidates.html", context)


class UnitField(CleanCharField):
    """One unit, by its code, its whole name, or words that fit it alone: a list of thousands helps nobody.

    The cleaned value is a Unit of `units` (a queryset, or a function that gives one; open units by default), or
    None for an empty optional field. A form that knows its reader narrows `form.fields["unit"].units`. When
    several units fit, the field offers up to ten of them to choose from, without a script.

    With `takes_any_code` the whole code of a unit outside `units` is taken too: the action then says why it cannot be
    that one. Only for readers who may see every unit.
    """

    widget = UnitInput
    default_error_messages = {
        "unknown": _("No unit fits “%(typed)s”. Type its code, or some words of its name."),
        "part": _("“%(typed)s” is only part of a code. Choose the unit if it is this one, or type its whole code."),
        "several": _("Several units fit “%(typed)s”. Choose one of them, or type its code."),
        "many": _(
            "More than %(number)d units fit “%(typed)s”. Choose one of them, or type more of its name or its code."
        ),
    }

    def __init__(self, *, units: Any = None, takes_any_code: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Unit"))
        kwargs.setdefault("help_text", _("Its code, or words of its name."))
        super().__init__(max_length=200, **kwargs)
        self.units = units
        self.takes_any_code = takes_any_code

    def chosen_from(self) -> UnitQuerySet:
        """The units that can be chosen."""
        units = self.units() if callable(self.units) else self.units
        return Unit.objects.open() if units is None else units.all()

    def prepare_value(self, value: Any) -> Any:
        """An initial unit is shown by its code."""
        return value.code if isinstance(value, Unit) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> Any:
        """The unit. At most three queries, four with `takes_any_code`. Raises ValidationError."""
        typed = super().clean(value)
        if typed in self.empty_values:
            return None
        found = queries.find_unit(self.chosen_from(), typed)
        if found.unit is not None:
            return found.unit
        meant = Unit.objects.filter(code__iexact=typed).first() if self.takes_any_code else None
        if meant is not None:
            return meant
        if not found.candidates:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"typed": typed})
        self.widget.candidates, self.widget.asked = found.candidates, str(value)
        code = "many" if found.has_more else "several" if len(found.candidates) > 1 else "part"
        params = {"typed": typed, "number": queries.CANDIDATES}
        raise ValidationError(self.error_messages[code], code=code, params=params)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "spellcheck": "false", **super().widget_attrs(widget)}


class UnitsField(CleanTextField):
    """Several units, one a line, each by its code or whole name. The cleaned value is a list of Units."""

    def __init__(self, *, units: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}))
        super().__init__(max_length=4000, **kwargs)
        self.units = units

    def clean(self, value: Any) -> Any:
        """The units in the order of their lines. One to three queries a line. Raises ValidationError."""
        lines = [line.strip() for line in super().clean(value).split("\n") if line.strip()]
        units = Unit.objects.open() if self.units is None else self.units
        found = {line: queries.find_unit(units.all(), line).unit for line in lines[:50]}
        unknown = [line for line in lines if found.get(line) is None]
        if unknown:
            message = ngettext(
                "This line is not the code of one unit: %(lines)s.",
                "These lines are not the codes of one unit each: %(lines)s.",
                len(unknown),
            )
            raise ValidationError(message, code="unknown", params={"lines": "; ".join(unknown[:10])})
        return list(dict.fromkeys(found.values()))


class CodeField(CleanCharField):
    """The code of a new unit: letters without marks, digits and - . _ / in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Code"))
        kwargs.setdefault("help_text", _("The organisation's own, for example AGG-LX-01. It is never used again."))
        super().__init__(max_length=32, **kwargs)

    def clean(self, value: Any) -> Any:
        """The code in capitals. Raises ValidationError."""
        code = super().clean(value).upper()
        if code and not re.fullmatch(r"[A-Z0-9][A-Z0-9._/-]*", code):
            raise ValidationError(_("Use letters without marks, digits and the signs - . _ / without spaces."))
        return code


class DayField(forms.DateField):
    """A day typed as day/month/year."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Takes effect on"))
        kwargs.setdefault("help_text", _("Day/month/year: today, or an earlier day."))
        widget = forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(widget=widget, **kwargs)


class NameField(CleanCharField):
    """The name of a unit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Name"))
        super().__init__(max_length=160, **kwargs)


# --- Forms ------------------------------------------------------------------------------------


class UnitForm(forms.Form):
    """A new unit. Only the very first has no unit above it."""

    parent = UnitField(label=_("Under which unit"), takes_any_code=True)
    code = CodeField()
    name = NameField()
    unit_type = forms.ModelChoiceField(label=_("Type"), queryset=UnitType.objects.all(), empty_label=_("Choose"))
    opened_on = DayField(label=_("Opens on"))
    beside = {"effective_on": "opened_on"}
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].units = Unit.objects.open().filter(outlet__isnull=True)
        self.fields["parent"].required = Unit.objects.exists()


class CoordinatesField(CleanCharField):
    """A place in Vietnam as map services write it, "10.3869, 105.4352"; gives latitude and longitude in degrees."""

    default_error_messages = {
        "unreadable": _("Write two numbers, latitude first, for example 10.386900, 105.435200."),
        "elsewhere": _("This place is not in Vietnam. Latitude comes first, for example 10.386900, 105.435200."),
    }

    def clean(self, value: Any) -> Any:
        """None for an empty field. Raises ValidationError."""
        typed = super().clean(value)
        if not typed:
            return None
        found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,20})?)[,;\s]\s*(\d{1,3}(?:\.\d{1,20})?)", typed, re.ASCII)
        if not found:
            raise ValidationError(self.error_messages["unreadable"], code="unreadable")
        latitude, longitude = (round(Decimal(number), 6) for number in found.groups())
        if not (LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]):
            raise ValidationError(self.error_messages["elsewhere"], code="elsewhere")
        return latitude, longitude


class OutletFactsForm(forms.Form):
    """What can be changed of an outlet without a reorganisation."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none(), empty_label=_("Choose"))
    former_province = forms.ModelChoiceField(
        label=_("Province until 30/06/2025"),
        queryset=Province.objects.none(),
        required=False,
        empty_label=_("Not known, or a newer outlet"),
        help_text=_("For an outlet that is older than the new provinces."),
    )
    commune = CleanCharField(label=_("Ward, commune or special zone"), max_length=80, required=False)
    address = CleanCharField(label=_("Address"), max_length=200, required=False)
    phone = CleanCharField(label=_("Telephone"), max_length=40, required=False)
    opening_hours = CleanCharField(label=_("Opening hours"), max_length=120, required=False)
    coordinates = CoordinatesField(
        label=_("Coordinates"),
        required=False,
        help_text=_("Latitude, longitude, as copied from a map: 10.386900, 105.435200. Shoppers do not see them."),
    )
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, today: date, outlet: Outlet | None = None, **kwargs: Any) -> None:
        if outlet is not None:
            kwargs["initial"] = {name: getattr(outlet, name) for name in self.base_fields if hasattr(outlet, name)}
            kwargs["initial"]["phone"] = show_phone(outlet.phone)
        super().__init__(*args, **kwargs)
        kept = Province.objects.filter(pk=outlet.province_id) if outlet else Province.objects.none()
        self.fields["province"].queryset = (provinces.in_force_on(today) | kept).order_by("sort_key")
        self.fields["former_province"].queryset = provinces.in_force_on(LAST_DAY_OF_63)

    def clean(self) -> dict[str, Any]:
        """The coordinates as the two facts that they are."""
        data = super().clean() or self.cleaned_data
        if "coordinates" in data:
            data["latitude"], data["longitude"] = data.pop("coordinates") or (None, None)
        return data

    def clean_phone(self) -> str:
        """The number as it is kept. Raises ValidationError."""
        typed = self.cleaned_data["phone"]
        try:
            return parse_phone(typed).e164 if typed else ""
        except PhoneRefused:
            raise ValidationError(
                _("This is not a telephone number. Write it like 024 3795 8888 or 0912 345 678.")
            ) from None


class OutletForm(UnitForm, OutletFactsForm):
    """A new outlet."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[("", _("Choose")), *Channel.choices],
        help_text=_("It stays: another channel is another outlet."),
    )
    field_order = ("parent", "code", "name", "unit_type", "channel", "opened_on")


class UnitRenameForm(forms.Form):
    name = NameField(label=_("New name"))
    effective_on = DayField()


class UnitMoveForm(forms.Form):
    parent = UnitField(label=_("Under which unit from now on"), takes_any_code=True)
    effective_on = DayField()
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].units = Unit.objects.open().filter(outlet__isnull=True)


class UnitCloseForm(forms.Form):
    closed_on = DayField(label=_("First day without it"))
    beside = {"effective_on": "closed_on"}


class UnitMergeForm(forms.Form):
    """Into which unit, an existing or a new one; and what else is merged into it on the same day."""

    successor = UnitField(label=_("Into which unit"), required=False, takes_any_code=True)
    new_code = CodeField(label=_("Or into a new unit: its code"), required=False)
    new_name = NameField(label=_("Name of the new unit"), required=False)
    others = UnitsField(
        label=_("Other units merged into the same one"), required=False, help_text=_("Codes, one a line.")
    )
    effective_on = DayField()
    beside = {"code": "new_code", "parent": "successor", "unit": "successor"}
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, unit: Unit, is_outlet: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        alike = Unit.objects.open().filter(outlet__isnull=not is_outlet).exclude(pk=unit.pk)
        self.fields["successor"].units = self.fields["others"].units = alike

    def clean(self) -> dict[str, Any]:
        """The successor as `merge` takes it. Raises ValidationError unless exactly one is given."""
        data = super().clean() or self.cleaned_data
        code, name = data.get("new_code"), data.get("new_name")
        if {"successor", "new_code", "new_name"} <= data.keys():
            if data["successor"] is not None and (code or name):
                self.add_error("successor", _("Give either an existing unit or a new one, not both."))
            elif data["successor"] is None and not (code or name):
                self.add_error("successor", _("Give the unit, or the code and the name of a new one."))
            elif data["successor"] is None and not (code and name):
                self.add_error("new_name" if code else "new_code", _("A new unit needs a code and a name."))
        return data

    def change(self) -> dict[str, Any]:
        """What `merge` takes, of a valid form."""
        data = self.cleaned_data
        successor = data["successor"] or NewUnit(data["new_code"], data["new_name"])
        return {
            "predecessors": [self.unit, *data["others"]],
            "successor": successor,
            "effective_on": data["effective_on"],
        }


class UnitSplitForm(forms.Form):
    """The new units, which of them carries on the history, and where each unit below goes."""

    effective_on = DayField()
    heir = forms.ChoiceField(
        label=_("Carries on the history"),
        help_text=_("In reports by today's organisation, what was before counts for this one."),
    )
    fields: dict[str, Any]  # each of its own class

    def __init__(self, *args: Any, children: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = children
        parts = []
        for number in range(1, PARTS + 1):
            parts.append((str(number), _("New unit %(number)d") % {"number": number}))
            required = number <= 2
            self.fields[f"code_{number}"] = CodeField(label=_("Code"), help_text="", required=required)
            self.fields[f"name_{number}"] = NameField(required=required)
        self.fields["heir"].choices = parts
        for child in children:
            label = f"{child.name} ({child.code})"
            self.fields[f"to_{child.public_id}"] = forms.ChoiceField(label=label, choices=[("", _("Choose")), *parts])

    def part_fields(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Heading, code and name of each new unit."""
        return [
            (label, self[f"code_{number}"], self[f"name_{number}"]) for number, label in self.fields["heir"].choices
        ]

    def child_fields(self) -> list[forms.BoundField]:
        """Where each unit below goes."""
        return [self[f"to_{child.public_id}"] for child in self.children]

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError when a new unit is named by half, or one that is not named is chosen."""
        data = super().clean() or self.cleaned_data
        for number in range(1, PARTS + 1):
            code, name = data.get(f"code_{number}"), data.get(f"name_{number}")
            if number > 2 and bool(code) != bool(name):
                self.add_error(f"name_{number}" if code else f"code_{number}", _("A new unit needs a code and a name."))
        chosen = ["heir", *(f"to_{child.public_id}" for child in self.children)]
        for name in chosen:
            if name in data and not data.get(f"code_{data[name]}"):
                self.add_error(name, _("This new unit has no code. Choose another one."))
        return data

    def change(self) -> dict[str, Any]:
        """What `split` takes, of a valid form."""
        data = self.cleaned_data
        codes = {str(number): data[f"code_{number}"] for number in range(1, PARTS + 1) if data[f"code_{number}"]}
        return {
            "into": [(code, data[f"name_{number}"]) for number, code in codes.items()],
            "assign": {child: codes[data[f"to_{child.public_id}"]] for child in self.children},
            "heir": codes[data["heir"]],
            "effective_on": data["effective_on"],
        }
