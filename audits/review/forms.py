"""The forms of review: what is written beside each criterion, and what is cut off or blurred in a photo."""

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.review.actions import Marks, fingerprint
from audits.review.models import ShownPhoto
from audits.review.queries import Reading
from audits.review.showing import Box
from outlets import text
from outlets.fields import CleanCharField, CleanTextField

LONGEST_REMARK = 1000
LONGEST_WORDS = 2000
COLUMNS, ROWS = 12, 9  # of the grid that is laid over a photo
MOST_CUT = 90  # per cent at one side
_BEFORE_CODE = re.compile(r"^(?:(?:remark|words)(?:-seen)?|show|source|confirm|sure)-")


class MarksForm(forms.Form):
    """A remark for each criterion; for those with a text, what the unit shall read of it. Drawn by the template.

    `worded` are the codes that words are kept of: they stand on the page though the shopper has taken the text away.
    So do words that are ticked on a page from before that.
    """

    def __init__(self, reading: Reading, worded: Collection[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written: dict[str, str] = {}  # what the shopper wrote, by code, where there is something to show
        self.codes = [line.criterion.code for line in reading.lines]
        for line in reading.lines:
            code = line.criterion.code
            self.fields[f"remark-{code}"] = CleanTextField(required=False, max_length=LONGEST_REMARK)
            self.fields[f"remark-seen-{code}"] = CleanCharField(required=False, max_length=16)
            if line.written or code in worded or self.data.get(f"show-{code}"):
                self.written[code] = line.written
                self.fields[f"words-{code}"] = CleanTextField(required=False, max_length=LONGEST_WORDS)
                self.fields[f"words-seen-{code}"] = CleanCharField(required=False, max_length=16)
                self.fields[f"show-{code}"] = forms.BooleanField(required=False)
                self.fields[f"source-{code}"] = CleanCharField(required=False, max_length=16)
                self.fields[f"confirm-{code}"] = forms.BooleanField(required=False)
                self.fields[f"sure-{code}"] = CleanCharField(required=False, max_length=16)

    def clean(self) -> dict[str, Any]:
        """What the unit shall read is ticked and has words; words that were changed and not ticked are asked about."""
        for code in self.written:
            words, is_shown = self.cleaned_data.get(f"words-{code}"), self.cleaned_data.get(f"show-{code}")
            if is_shown and words == "":
                self.add_error(f"words-{code}", _("Write what the unit shall read, or remove the tick."))
            elif not is_shown and words and not self._is_as_it_was(code, words):
                self.add_error(f"words-{code}", _("Tick that the unit is shown these words, or empty the field."))
        return self.cleaned_data

    def _is_as_it_was(self, code: str, words: str) -> bool:
        return words == text.clean(self.written[code]) or fingerprint(words) == self.cleaned_data[f"words-seen-{code}"]

    def marks(self) -> list[Marks]:
        """What a valid form holds. A page that lacks a criterion's fields says nothing about it."""
        return [self._marks(code) for code in self.codes]

    def _marks(self, code: str) -> Marks:
        cleaned = self.cleaned_data
        remark = cleaned[f"remark-{code}"] if f"remark-{code}" in self.data else None
        words = None
        if f"words-{code}" in self.data and code in self.written:
            words = cleaned[f"words-{code}"] if cleaned[f"show-{code}"] else ""
        return Marks(
            code,
            remark,
            cleaned[f"remark-seen-{code}"],
            words,
            cleaned.get(f"words-seen-{code}", ""),
            source=cleaned.get(f"source-{code}", ""),
            is_confirmed=cleaned.get(f"confirm-{code}", False),
            sure=cleaned.get(f"sure-{code}", ""),
        )

    def errors_by_code(self) -> dict[str, list[str]]:
        """What is wrong, by criterion; of a remark it is said that it is of the remark, for words stand beside it."""
        found: dict[str, list[str]] = {}
        for name, errors in self.errors.items():
            code = _BEFORE_CODE.sub("", name)
            remark = _("Remark for the shopper")
            of = f"{remark}: " if name.startswith("remark-") else ""
            found.setdefault(code, []).extend(f"{of}{error}" for error in errors)
        return found


def _side(label: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=MOST_CUT, label=label)


class PhotoForm(forms.Form):
    """How much is cut off at each side, in per cent; which cells of the grid are blurred, as "row-column"."""

    left = _side(gettext_lazy("Left, %"))
    top = _side(gettext_lazy("Top, %"))
    right = _side(gettext_lazy("Right, %"))
    bottom = _side(gettext_lazy("Bottom, %"))
    cells = forms.MultipleChoiceField(
        required=False, choices=[(f"{row}-{column}", "") for row in range(ROWS) for column in range(COLUMNS)]
    )

    def clean(self) -> dict[str, Any]:
        cut = {side: self.cleaned_data.get(side) or 0 for side in ("left", "top", "right", "bottom")}
        if max(cut["left"] + cut["right"], cut["top"] + cut["bottom"]) > MOST_CUT:
            raise forms.ValidationError(_("At least a tenth of the width and of the height must be left."))
        return self.cleaned_data | cut

    @property
    def crop(self) -> Box:
        cut = self.cleaned_data
        return Box(cut["left"], cut["top"], 100 - cut["right"], 100 - cut["bottom"])

    @property
    def blurred(self) -> list[Box]:
        """The ticked cells, each a little wider than it is drawn."""
        return [_box(cell) for cell in self.cleaned_data["cells"]]


def _box(cell: str) -> Box:
    row, column = map(int, cell.split("-"))
    return Box(
        column * 100 // COLUMNS,
        row * 100 // ROWS,
        -(-(column + 1) * 100 // COLUMNS),
        -(-(row + 1) * 100 // ROWS),
    )


def as_edited(shown: ShownPhoto) -> dict[str, Any]:
    """What the form held when the copy was made."""
    crop = Box(*shown.crop)
    blurred = {Box(*each) for each in shown.blurred}
    cells = [f"{row}-{column}" for row in range(ROWS) for column in range(COLUMNS)]
    return {
        "left": crop.left,
        "top": crop.top,
        "right": 100 - crop.right,
        "bottom": 100 - crop.bottom,
        "cells": [cell for cell in cells if _box(cell) in blurred],
    }
