"""Form fields at the door: text is clean before it is counted, numbers come with comma or point."""

import unicodedata
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from outlets.fields import CleanCharField, CleanTextField, LocalDecimalField

pytestmark = pytest.mark.once

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


class NoteForm(forms.Form):
    name = CleanCharField(max_length=10)
    note = CleanTextField(max_length=20, required=False)
    minutes = LocalDecimalField(required=False, max_digits=7, decimal_places=2)


@pytest.mark.parametrize(("typed", "says"), [("0", "từ 1 trở lên"), ("21", "từ 20 trở xuống")])
def test_a_number_out_of_its_range_is_told_the_range(typed, says):
    with pytest.raises(ValidationError) as refused:
        forms.IntegerField(min_value=1, max_value=20).clean(typed)
    assert refused.value.messages == [f"Anh/Chị nhập số {says}."]


def refusal(field: forms.Field, typed: str) -> tuple[str, str]:
    """The code and the English message with which `field` refuses `typed`."""
    with translation.override("en"):
        with pytest.raises(ValidationError) as refused:
            field.clean(typed)
        [error] = refused.value.error_list
        return error.code or "", refused.value.messages[0]  # put into words here, while English is on


def test_text_is_cleaned_before_its_length_is_counted() -> None:
    typed = unicodedata.normalize("NFD", "\ufeffĐặng Hường\u200b\x00")
    assert CleanCharField(max_length=10).clean(typed) == "Đặng Hường"


def test_one_line_field_folds_white_space_and_a_text_field_keeps_lines() -> None:
    assert CleanCharField().clean(" a\u00a0\r\n b ") == "a b"
    assert CleanTextField().clean(" a\u00a0\r\n b ") == "a \n b"


def test_too_long_text_is_refused_with_its_length() -> None:
    assert refusal(CleanCharField(max_length=10), "Đặng Thị Hường") == (
        "max_length",
        "This text has 14 characters, 4 too many: at most 10 are possible. Please shorten it.",
    )


def test_emoji_count_as_code_points_and_are_kept_whole() -> None:
    field = CleanTextField(max_length=7)
    assert field.clean(FAMILY) == FAMILY
    assert refusal(field, FAMILY + "!")[0] == "max_length"


def test_browser_is_told_the_limit_but_not_asked_to_cut() -> None:
    rendered = str(NoteForm()["note"])
    assert 'data-max-length="20"' in rendered
    assert " maxlength=" not in rendered


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "\x00", "\u00a0\n"])
def test_invisible_text_does_not_fill_a_required_field(typed: str) -> None:
    assert refusal(CleanCharField(), typed)[0] == "required"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("8,5", "8.5"),
        ("8.5", "8.5"),
        (" 87,5\u00a0", "87.5"),
        ("0", "0"),
        ("-0", "0"),
        ("-3,25", "-3.25"),
        ("007", "7"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234.500", "1234.500"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234.567,25", "1234567.25"),
    ],
)
def test_number_means_the_same_in_both_languages(language: str, typed: str, number: str) -> None:
    with translation.override(language):
        assert str(LocalDecimalField().clean(typed)) == number


@pytest.mark.parametrize(("language", "own", "other"), [("vi", "1,234", "1.234"), ("en", "1.234", "1,234")])
def test_one_sign_before_three_digits_is_read_as_the_page_writes_it_or_asked_about(
    language: str, own: str, other: str
) -> None:
    with translation.override(language):
        assert LocalDecimalField().clean(own) == Decimal("1.234")
        with pytest.raises(ValidationError) as refused:
            LocalDecimalField().clean(other)
    [error] = refused.value.error_list
    assert error.code == "ambiguous"
    assert error.params == {"typed": other, "whole": "1234", "decimal": own}


@pytest.mark.parametrize(
    "typed",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e9",
        "1E-9",
        "0x10",
        "1_000",
        "٣",
        "½",
        "8,5,",
        ",5",
        "1.23.456",
        "1 234",
        "abc",
        "--1",
    ],
)
def test_what_is_no_plain_number_is_refused_with_an_example(typed: str) -> None:
    assert refusal(LocalDecimalField(), typed) == ("invalid", "Enter a number, for example 8.5.")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1" * 8, "max_digits"),
        ("1" * 5000, "max_digits"),
        ("1,125", "max_decimal_places"),
        ("123456", "max_whole_digits"),
    ],
)
def test_number_with_too_many_digits_is_refused(typed: str, code: str) -> None:
    with translation.override("vi"), pytest.raises(ValidationError) as refused:
        NoteForm.base_fields["minutes"].clean(typed)
    assert refused.value.error_list[0].code == code


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("stored", ["87.5", "8.125", "8.500", "-1234.567", "1234567", "0.001"])
def test_number_that_a_page_shows_can_be_sent_back(language: str, stored: str) -> None:
    class OneNumber(forms.Form):
        number = LocalDecimalField()

    with translation.override(language):
        shown = OneNumber(initial={"number": Decimal(stored)})["number"]
        assert 'inputmode="decimal"' in str(shown)
        assert 'type="text"' in str(shown)
        sent = shown.field.widget.format_value(shown.value())
        assert shown.field.clean(sent) == Decimal(stored)
        assert not shown.field.has_changed(Decimal(stored), sent)


def test_vietnamese_page_shows_a_decimal_comma() -> None:
    with translation.override("vi"):
        assert 'value="87,5"' in str(NoteForm(initial={"minutes": Decimal("87.5")})["minutes"])
