"""The proof of arrival: what it is, and its photo."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.fieldwork import photos as photo_files
from audits.fieldwork.models import Photo


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the picture?"), choices=Photo.Proof, widget=forms.RadioSelect)
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("Take pictures of the place, not of people."),
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif"}),
    )

    def clean_photo(self):
        try:
            return photo_files.intake(self.cleaned_data["photo"])
        except photo_files.PhotoRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
