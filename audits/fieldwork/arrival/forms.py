"""The proof of arrival: what it is, and its photo; or a place, with its consent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audits import photos as photo_files
from audits.fieldwork.models import Photo


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the picture?"), choices=Photo.Proof, widget=forms.RadioSelect)
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("Take pictures of the place, not of people."),
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif", "class": "form-control"}),
    )

    def clean_photo(self):
        try:
            return photo_files.intake(self.cleaned_data["photo"])
        except photo_files.PhotoRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class PlaceForm(forms.Form):
    """A point, as a script reads it from the phone, and the consent to it."""

    is_agreed = forms.BooleanField(
        label=_("I agree that this page reads my place once and keeps it as described"),
        error_messages={"required": _("Without your consent no place is kept. Nothing has been saved.")},
    )
    latitude = forms.FloatField(min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, widget=forms.HiddenInput)
    accuracy = forms.FloatField(min_value=0, widget=forms.HiddenInput)

    def clean(self):
        """One message for a place that has not come, or is none: its three numbers are nobody's typing."""
        data = super().clean() or self.cleaned_data
        unread = [self.errors.pop(name) for name in ("latitude", "longitude", "accuracy") if name in self.errors]
        if unread and "is_agreed" not in self.errors:
            self.add_error(None, _("The phone gave no place, so nothing has been saved. You may try again, or go on."))
        return data
