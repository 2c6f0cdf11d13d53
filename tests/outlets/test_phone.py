"""Telephone numbers as people write them in Vietnam. All numbers are made up or public hotlines."""

import pytest

from outlets.phone import Phone, PhoneRefused, parse_phone, show_phone

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("written", "e164", "shown"),
    [
        ("0912345678", "+84912345678", "0912 345 678"),
        (" 0912.345.678 ", "+84912345678", "0912 345 678"),
        ("091-234-5678", "+84912345678", "0912 345 678"),
        ("+84 912 345 678", "+84912345678", "0912 345 678"),
        ("0084912345678", "+84912345678", "0912 345 678"),
        ("84912345678", "+84912345678", "0912 345 678"),
        ("+84 (0)912 345 678", "+84912345678", "0912 345 678"),
        ("0912\u00a0345\u200b678", "+84912345678", "0912 345 678"),
        ("0846 000 000", "+84846000000", "0846 000 000"),
        ("+84846000000", "+84846000000", "0846 000 000"),
        ("024 3795 8888", "+842437958888", "024 3795 8888"),
        ("(028) 3800–0000", "+842838000000", "028 3800 0000"),
        ("+84 (0)24 3795 8888", "+842437958888", "024 3795 8888"),
        ("0236 3000 000", "+842363000000", "0236 300 0000"),
        ("1800 1091", "+8418001091", "1800 1091"),
        ("18001091", "+8418001091", "1800 1091"),
        ("+84 1800 1091", "+8418001091", "1800 1091"),
        ("1900 123456", "+841900123456", "1900 123 456"),
    ],
)
def test_each_way_of_writing_is_read_and_shown(written: str, e164: str, shown: str) -> None:
    assert parse_phone(written) == Phone(e164)
    assert show_phone(e164) == shown


@pytest.mark.parametrize(
    ("old", "e164"),
    [
        ("0123 456 7890", "+84834567890"),
        ("01244567890", "+84844567890"),
        ("0125.456.7890", "+84854567890"),
        ("+84 127 456 7890", "+84814567890"),
        ("841294567890", "+84824567890"),
        ("01694567890", "+84394567890"),
    ],
)
def test_old_number_of_eleven_digits_is_converted_and_says_so(old: str, e164: str) -> None:
    assert parse_phone(old) == Phone(e164, is_converted=True)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0",
        "+84",
        "091234567",
        "09123456789",
        "912345678",
        "0112345678",
        "01304567890",
        "0612345678",
        "024 3795 888",
        "024 3795 88888",
        "1800 109",
        "1900 12345",
        "+1 202 555 0100",
        "0912345678 / 0913345678",
        "0912345678x",
        "++84912345678",
        "٠٩١٢٣٤٥٦٧٨",
        "9" * 10_000,
        "không có",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(PhoneRefused):
        parse_phone(written)


@pytest.mark.parametrize("stored", ["", "119", "+12025550100", "091 (số cũ)", "+84"])
def test_a_text_that_is_no_number_is_shown_as_it_is(stored: str) -> None:
    assert show_phone(stored) == stored
