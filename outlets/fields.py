"""Form fields that take text and numbers as people in Vietnam type them.

Every text field of a form is one of these, so that no invisible character, no second spelling of
the same letter and no half of an emoji reaches an action.
"""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from outlets import text


class _AtMost(MaxLengthValidator):
    """Says by how many characters a text is too long."""

    message = _(
        "This text has %(show_value)d characters, %(over)d too many: at most %(limit_value)d are possible. "
        "Please shorten it."
    )

    def __call__(self, value: str) -> None:
        over = len(value) - self.limit_value
        if over > 0:
            params = {"limit_value": self.limit_value, "show_value": len(value), "over": over}
            raise ValidationError(self.message, code=self.code, params=params)


class CleanCharField(forms.CharField):
    """One line of text, cleaned (see `outlets.text.clean`) before its length is counted in characters."""

    multiline = False

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        if max_length is not None:
            self.validators = [v for v in self.validators if not isinstance(v, MaxLengthValidator)]
            self.validators.append(_AtMost(max_length))

    def to_python(self, value: Any) -> Any:
        """The cleaned text, or the empty value."""
        if value not in self.empty_values:
            value = text.clean(str(value), multiline=self.multiline)
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: a browser would cut a pasted text without a word, and counts an emoji as two or more."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        if "maxlength" in attrs:
            attrs["data-max-length"] = attrs.pop("maxlength")
        return attrs


class CleanTextField(CleanCharField):
    """Several lines of text, cleaned like CleanCharField; line breaks stay, as line feeds."""

    widget = forms.Textarea
    multiline = True


_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_GROUPED = re.compile(
    r"[+-]?[0-9]{1,3}"
    r"(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3})+\.[0-9]+|(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})"
)
_PERHAPS_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")


class LocalDecimalField(forms.DecimalField):
    """A number typed with a decimal comma or a decimal point: `8,5` and `8.5` are the same in every language.

    The page's own decimal sign always starts the decimals, so whatever the page shows can be sent back.
    Thousands may be grouped where nothing else can be meant: `1.234,5`, `1,234.5`, `1.234.567`. The other
    sign before exactly three digits (`1.234` on a Vietnamese page) could mean either, and is asked about.
    NaN, infinity and powers (`1e9`) are not numbers here. Values are Decimal; nothing typed is None.
    """

    default_error_messages = {
        "invalid": _("Enter a number, for example %(example)s."),
        "ambiguous": _("%(typed)s can be read in two ways. Write %(whole)s or %(decimal)s."),
    }

    def __init__(self, *, max_digits: int = 12, decimal_places: int = 3, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **{"localize": True, **kwargs})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as in Django itself
        """The number that was typed; raises ValidationError with what to write instead."""
        if not isinstance(value, str):
            return super().to_python(value)
        typed = text.clean(value, multiline=False)
        if not typed:
            return None
        sign = formats.get_format("DECIMAL_SEPARATOR")
        if _PERHAPS_GROUPED.fullmatch(typed) and sign not in typed:
            whole, decimals = re.split("[.,]", typed)
            params = {"typed": typed, "whole": whole + decimals, "decimal": whole + sign + decimals}
            raise ValidationError(self.error_messages["ambiguous"], code="ambiguous", params=params)
        if _GROUPED.fullmatch(typed):
            typed = _without_groups(typed)
        elif not _NUMBER.fullmatch(typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"example": f"8{sign}5"})
        return Decimal(typed.replace(",", ".")) or Decimal(0)  # never minus zero

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A phone opens its number keys, with the comma."""
        return {"inputmode": "decimal", **super().widget_attrs(widget)}


def _without_groups(typed: str) -> str:
    """`1.234,5` as `1234,5` and `1.234.567` as `1234567`: the last sign starts decimals only if it occurs once."""
    last = max(typed.rfind("."), typed.rfind(","))
    if typed.count(typed[last]) > 1:
        return typed.replace(typed[last], "")
    return re.sub("[.,]", "", typed[:last]) + typed[last:]
