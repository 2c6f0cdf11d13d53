"""The phone form: a Django form over any set of criteria, drawn by a hand-written template (DESIGN §12).

The form never demands completeness. Each criterion is cleaned on its own, so that one wrong number does not
keep the rest of the page from being saved.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audits import photos as photo_files
from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.arrival import times
from audits.fieldwork.models import Answer, Photo, Remark, Visit
from audits.fieldwork.visits import completeness, wording
from audits.fieldwork.visits.actions import PHOTOS_EACH, Entry, NewPhoto
from audits.fieldwork.visits.cues import cue
from audits.fieldwork.visits.forgetting import LABELS, fading
from audits.fieldwork.visits.sheet import Sheet
from outlets.fields import CleanCharField, CleanTextField, LocalDecimalField
from outlets.models import StaffMember

LONGEST_NOTE = 4000
LONGEST_TEXT = 20_000
LONGEST_REASON = 300

_PARTS = ("text", "number", "note", "waiver", "reason", "seen", "photos")  # `<code>-<part>`, besides the choice itself
_COLUMNS = {0: "none", 2: "two", 3: "three", 5: "five"}  # how many big buttons stand side by side


@dataclass(frozen=True)
class Choice:
    """One big button. `look` names colour and icon: met, part, miss, na or rate."""

    value: str
    label: str
    look: str
    is_chosen: bool


@dataclass(frozen=True)
class Card:
    """One criterion as the template draws it: everything decided, nothing to compute."""

    criterion: CriterionOutline
    section: str
    cue: str
    fading: str  # how soon it is forgotten, in words
    code: str
    choices: tuple[Choice, ...]
    columns: str
    allows_na: bool
    is_na: bool
    number: str
    text: str
    note: str
    takes_note: bool
    note_is_open: bool
    is_note_always: bool
    waiver: str
    na_reason: str
    takes_photos: bool
    needs_photo: bool
    photos: tuple[Photo, ...]
    removed: tuple[Photo, ...]
    seen: str
    errors: tuple[str, ...]
    conflict: str
    remark: Remark | None
    is_follow_up: bool
    is_before: bool


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class SectionForm(forms.Form):
    """The criteria of one page. Those that may be changed now are drawn; all that come back are read."""

    rest_na_reason = CleanCharField(required=False, max_length=LONGEST_REASON, label=_("Reason"))

    def __init__(self, sheet: Sheet, criteria: Sequence[CriterionOutline], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        self.criteria = criteria
        self.photo_errors: dict[str, list[str]] = {}
        self.conflicts: tuple[str, ...] = ()
        self.only: Collection[str] | None = None  # the codes that are drawn, of those that may be changed
        for criterion in criteria:
            code = criterion.code
            if criterion.kind == scoring.Kind.TEXT:
                self.fields[f"{code}-text"] = CleanTextField(required=False, max_length=LONGEST_TEXT)
            elif criterion.kind == scoring.Kind.MEASURED:
                self.fields[f"{code}-number"] = LocalDecimalField(
                    required=False,
                    max_digits=9,
                    decimal_places=2,
                    validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100_000))],
                )
            if criterion.kind not in (scoring.Kind.TEXT, scoring.Kind.MEASURED) or criterion.allows_na:
                self.fields[code] = forms.ChoiceField(required=False, choices=wording.values(criterion))
            self.fields[f"{code}-note"] = CleanTextField(required=False, max_length=LONGEST_NOTE)
            self.fields[f"{code}-waiver"] = CleanCharField(required=False, max_length=LONGEST_REASON)
            if criterion.allows_na:
                self.fields[f"{code}-reason"] = CleanCharField(required=False, max_length=LONGEST_REASON)
            self.fields[f"{code}-seen"] = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def holds(self, code: str) -> bool:
        """Something came back for this criterion."""
        return self.is_bound and any(name in self.data or name in self.files for name in field_names(code))

    @property
    def faulty_codes(self) -> set[str]:
        """The criteria with a field or a photo that cannot be taken."""
        wrong = {c.code for c in self.criteria if any(name in self.errors for name in field_names(c.code))}
        return wrong | set(self.photo_errors)

    def errors_of(self, code: str) -> tuple[str, ...]:
        """What is wrong with the fields of a criterion, in words."""
        return tuple(str(message) for name in field_names(code) for message in self.errors.get(name, ()))

    def entries(self) -> list[Entry]:
        """What was typed, for every criterion that came back and whose own fields are all sound."""
        found = []
        for criterion in self.criteria:
            code = criterion.code
            if not self.holds(code) or any(name in self.errors for name in field_names(code)):
                continue
            cleaned = self.cleaned_data
            value = cleaned.get(code) or ""
            stored = self.sheet.answers.get(code)
            measured, said = cleaned.get(f"{code}-number"), cleaned.get(f"{code}-text") or ""
            if stored and stored.value == value == scoring.NOT_APPLICABLE and (measured is not None or said):
                value = ""  # N/A stood there before; what has been typed since is meant
            is_na = value == scoring.NOT_APPLICABLE
            found.append(
                Entry(
                    code,
                    value=value,
                    number=None if is_na else measured,
                    text="" if is_na else said,
                    note=cleaned[f"{code}-note"],
                    na_reason=self._na_reason(code, stored) if is_na else "",
                    photo_waiver=cleaned[f"{code}-waiver"],
                    seen=cleaned.get(f"{code}-seen") or 0,
                )
            )
        return found

    def _na_reason(self, code: str, stored: Answer | None) -> str:
        """What came; what stands, on a page of the days when the form did not bring it along."""
        if f"{code}-reason" in self.data:
            return self.cleaned_data.get(f"{code}-reason") or ""
        return stored.na_reason if stored else ""

    def new_photos(self) -> list[NewPhoto]:
        """The sound photos among the files; what is wrong with the others goes into `photo_errors`."""
        found = []
        for criterion in self.criteria:
            room = PHOTOS_EACH - len(self.sheet.photos.get(criterion.code, ()))
            for index, file in enumerate(self.files.getlist(f"{criterion.code}-photos")):
                if index >= room:
                    self.say_full(criterion.code)
                    break
                try:
                    found.append(NewPhoto(criterion.code, photo_files.intake(file)))
                except photo_files.PhotoRefused as refused:
                    self._refuse_photo(criterion.code, str(refused))
        return found

    def say_full(self, code: str) -> None:
        """That the question takes no further photo."""
        says = _("At most %(limit)d photos for one question.") % {"limit": PHOTOS_EACH}
        if says not in self.photo_errors.get(code, ()):
            self._refuse_photo(code, says)

    def _refuse_photo(self, code: str, message: str) -> None:
        self.photo_errors.setdefault(code, []).append(message)

    @property
    def has_problems(self) -> bool:
        return bool(self.errors or self.photo_errors or self.conflicts)

    @property
    def problem_cards(self) -> list[Card]:
        return [card for card in self.cards if card.errors or card.conflict]

    @property
    def can_mark_rest(self) -> bool:
        """Some unanswered criterion of this page allows N/A."""
        return any(
            criterion.allows_na and not self.sheet.given[criterion.code].is_answered for criterion in self._drawn
        )

    @property
    def _drawn(self) -> list[CriterionOutline]:
        drawn = self.sheet.open_codes if self.only is None else self.sheet.open_codes & frozenset(self.only)
        return [criterion for criterion in self.criteria if criterion.code in drawn]

    @property
    def cards(self) -> list[Card]:
        return [self._card(criterion) for criterion in self._drawn]

    def _card(self, criterion: CriterionOutline) -> Card:
        code = criterion.code
        answer = self.sheet.answers.get(code)
        stored = fields_of(code, answer)
        value, note = self._shown(stored, code, ""), self._shown(stored, code, "-note")
        errors = self.errors_of(code) if self.is_bound else ()
        choices = tuple(Choice(each, label, look, each == value) for each, label, look in wording.choices(criterion))
        return Card(
            criterion=criterion,
            section=self.sheet.outline.section_by_code[criterion.section_code].name,
            cue=cue(criterion.text) or criterion.short_code,
            fading=str(LABELS[fading(criterion)]),
            code=code,
            choices=choices,
            columns=_COLUMNS.get(len(choices), "many") if criterion.kind != scoring.Kind.CHOICE else "many",
            allows_na=criterion.allows_na,
            is_na=value == scoring.NOT_APPLICABLE,
            number=self._shown(stored, code, "-number"),
            text=self._shown(stored, code, "-text"),
            note=note,
            takes_note=criterion.is_scored or criterion.note_rule == Criterion.NoteRule.ALWAYS,
            note_is_open=bool(note) or criterion.note_rule == Criterion.NoteRule.ALWAYS,
            is_note_always=criterion.note_rule == Criterion.NoteRule.ALWAYS,
            waiver=self._shown(stored, code, "-waiver"),
            na_reason=self._shown(stored, code, "-reason"),
            takes_photos=criterion.photo != Criterion.Photo.NONE,
            needs_photo=criterion.photo == Criterion.Photo.REQUIRED,
            photos=self.sheet.photos.get(code, ()),
            removed=self.sheet.removed.get(code, ())[-1:],
            seen=str(self._seen(code)),
            errors=(*errors, *self.photo_errors.get(code, ())),
            conflict=wording.in_full(criterion, self.sheet.given[code]) if code in self.conflicts else "",
            remark=self.sheet.remarks.get(code),
            is_follow_up=criterion.stage == completeness.FOLLOW_UP,
            is_before=criterion.stage == Criterion.Stage.BEFORE,
        )

    def _seen(self, code: str) -> int:
        """The revision that the text shown was typed over.

        It is the stored one where the text shown is what is stored, or where what is stored stands beside it; any other
        text keeps the revision it came with, so that saving it overwrites nothing that its writer has not seen.
        """
        answer = self.sheet.answers.get(code)
        stored = answer.revision if answer else 0
        if not self.holds(code) or code in self.conflicts:
            return stored
        entry = self._sent.get(code)
        if entry is not None and not entry.differs_from(answer):
            return stored
        return self.cleaned_data.get(f"{code}-seen") or 0

    @cached_property
    def _sent(self) -> dict[str, Entry]:
        """What came back, by code, read beside the sheet that is shown."""
        return {entry.code: entry for entry in self.entries()}

    def _shown(self, stored: Mapping[str, str], code: str, part: str) -> str:
        return (self.data if self.holds(code) else stored).get(f"{code}{part}", "")


def field_names(code: str) -> list[str]:
    """The names of a criterion's fields on the form."""
    return [code, *(f"{code}-{part}" for part in _PARTS)]


def fields_of(code: str, answer: Answer | None) -> dict[str, str]:
    """The form's fields as they show an answer."""
    return {
        code: answer.value if answer else "",
        f"{code}-number": wording.plain(answer.number) if answer else "",
        f"{code}-text": answer.text if answer else "",
        f"{code}-note": answer.note if answer else "",
        f"{code}-waiver": answer.photo_waiver if answer else "",
        f"{code}-reason": answer.na_reason if answer else "",
    }


class MetForm(forms.Form):
    """The day, and who was met: one of the outlet's staff, or a description."""

    visited_on = forms.DateField(
        label=_("Day of the visit"),
        help_text=_("day/month/year"),
        widget=forms.DateInput(attrs={"inputmode": "numeric"}),
    )
    arrived = forms.TimeField(
        label=_("When did you arrive? (optional)"),
        required=False,
        error_messages={"invalid": _("Write the time as hours and minutes, for example 09:05.")},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    left = forms.TimeField(
        label=_("When did you leave? (optional)"),
        help_text=_("Only the quality office reads these times, never the outlet."),
        required=False,
        error_messages={"invalid": _("Write the time as hours and minutes, for example 09:05.")},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    staff = forms.ModelChoiceField(
        label=_("Who served you?"),
        queryset=StaffMember.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.RadioSelect,
        empty_label=_("I could not read the name"),
    )
    description = CleanCharField(
        label=_("Describe the person"),
        help_text=_("If the name is not in the list: counter number, hair, glasses, part of the name on the badge."),
        required=False,
        max_length=300,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    fields: dict[str, Any]  # each of its own class
    meanwhile: Visit | None = None  # as it is now, where it holds what the writer has not seen
    stamp: UUID | None = None  # of what is stored, once that is what the form says

    def __init__(self, visit: Visit, staff: QuerySet[StaffMember], *args: Any, **kwargs: Any) -> None:
        hours = times.of(visit.arrived_at, visit.left_at)
        kwargs["initial"] = {
            "visited_on": visit.visited_on,
            "arrived": hours.arrived,
            "left": hours.left,
            "staff": visit.met_staff and visit.met_staff.public_id,
            "description": visit.met_description,
            "seen": visit.met_stamp,
        }
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = staff
        if not staff:
            del self.fields["staff"]
            self.fields["description"].help_text = _("Counter number, hair, glasses, part of the name on the badge.")
            return
        self.fields["staff"].label_from_instance = lambda person: f"{person.full_name} ({person.staff_number})"

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("staff") and not cleaned["description"]:
            self.add_error("description", _("Choose a name, or describe the person in a few words."))
        return cleaned

    @property
    def hours(self) -> times.Times | None:
        """The hours given; None when the page that was sent did not ask for them, as those kept before did not."""
        if not {"arrived", "left"} & self.data.keys():
            return None
        return times.Times(self.cleaned_data["arrived"], self.cleaned_data["left"])

    @property
    def seen_stamps(self) -> frozenset[str] | None:
        """Of what its writer has seen told before; None from a page that did not ask, as those kept before did not."""
        return frozenset(self.cleaned_data["seen"].split()) if "seen" in self.data else None

    def stand_beside(self, stored: Visit) -> None:
        """Says in words what is stored meanwhile, beside what was typed. Whoever saves again has seen it."""
        self.meanwhile = stored
        says = _("Changed on another page or phone meanwhile. Stored there: “%(stored)s”. Save again to keep yours.")
        self.add_error(None, says % {"stored": wording.met_in_full(stored)})
        self.data = {name: self.data[name] for name in self.data} | {"seen": str(stored.met_stamp)}

    def shown(self) -> dict[str, str]:
        """The fields as the page shows them."""
        found = {}
        for bound in self:
            value = bound.value()
            if not isinstance(bound.field, forms.ModelChoiceField):
                value = bound.field.widget.format_value(value)
            found[bound.name] = "" if value is None else str(value)
        return found

    def refuse(self, refused: times.TimesRefused) -> None:
        says = {
            times.Wrong.FUTURE: _("This time has not come yet. Please check the day and the time."),
            times.Wrong.ORDER: _("You cannot have left before you arrived. Please check both times."),
        }
        self.add_error(refused.name, says[refused.wrong])


class NotPossibleForm(forms.Form):
    """Why a visit could not be carried out."""

    reason = forms.ChoiceField(label=_("What happened?"), choices=Visit.NotPossible, widget=forms.RadioSelect)
    note = CleanTextField(
        label=_("In a few words"),
        help_text=_("What you saw, at what time. Do not write anybody's name."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photo = forms.FileField(
        label=_("Photo of the door (optional)"),
        help_text=_("Take pictures of the place, not of people."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif", "class": "form-control"}),
    )

    def clean_photo(self):
        file = self.cleaned_data.get("photo")
        if not file:
            return None
        try:
            return photo_files.intake(file)
        except photo_files.PhotoRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
