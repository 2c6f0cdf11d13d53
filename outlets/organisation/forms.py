"""Form fields and forms of the organisation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template import loader
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from outlets.fields import CleanCharField
from outlets.organisation import queries
from outlets.organisation.models import Unit, UnitQuerySet


class UnitInput(forms.TextInput):
    """A text box for a unit. When what was typed fits several, they stand below it as radio buttons.

    The buttons count only while the text above them is still the one they were offered for.
    """

    candidates: tuple[queries.Candidate, ...] = ()
    asked = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> Any:
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

    def __init__(self, *, units: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Unit"))
        kwargs.setdefault("help_text", _("Its code, or words of its name."))
        super().__init__(max_length=200, **kwargs)
        self.units = units

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
        """The unit. At most three queries. Raises ValidationError."""
        typed = super().clean(value)
        if typed in self.empty_values:
            return None
        found = queries.find_unit(self.chosen_from(), typed)
        if found.unit is not None:
            return found.unit
        if not found.candidates:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"typed": typed})
        self.widget.candidates, self.widget.asked = found.candidates, str(value)
        code = "many" if found.has_more else "several" if len(found.candidates) > 1 else "part"
        params = {"typed": typed, "number": queries.CANDIDATES}
        raise ValidationError(self.error_messages[code], code=code, params=params)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "spellcheck": "false", **super().widget_attrs(widget)}
