"""Vietnamese telephone numbers: read as people write them, kept as +84…, shown in groups."""

import re
from dataclasses import dataclass

from outlets import text

# In 2018 the mobile numbers of eleven digits lost one: the first four digits became three.
_PREFIXES_OF_2018 = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035",
    "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
_SEPARATORS = re.compile(r"[ .()\-‐‑–—]")
_COUNTRY = re.compile(r"\+84|0084|84")
_MOBILE = re.compile(r"0[35789][0-9]{8}")
_LANDLINE = re.compile(r"02[0-9]{9}")
_SERVICE = re.compile(r"1[89]00(?:[0-9]{4}|[0-9]{6})")


class PhoneRefused(ValueError):
    """The text is not one Vietnamese telephone number."""


@dataclass(frozen=True)
class Phone:
    """A number, with whether it was written in the form of before 2018 and has been converted."""

    e164: str
    is_converted: bool = False


def parse_phone(written: str) -> Phone:
    """The number in `written`: mobile, landline with its area, or an 1800/1900 hotline.

    Spaces, dots, dashes and parentheses may stand anywhere; +84, 0084 or 84 may replace the first 0.
    An old mobile number of eleven digits is converted, and says so. Raises PhoneRefused.
    """
    digits = _SEPARATORS.sub("", text.clean(written, multiline=False))
    if country := _COUNTRY.match(digits):  # no number within the country begins with 84
        digits = digits[country.end() :]
        if not _SERVICE.fullmatch(digits):
            digits = "0" + digits.removeprefix("0")  # some write +84 (0)24
    new_prefix = _PREFIXES_OF_2018.get(digits[:4]) if len(digits) == 11 else None
    if new_prefix:
        digits = new_prefix + digits[4:]
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return Phone(f"+84{digits[1:]}", is_converted=bool(new_prefix))
    if _SERVICE.fullmatch(digits):
        return Phone(f"+84{digits}")
    raise PhoneRefused  # without the text: exceptions end in logs


def show_phone(e164: str) -> str:
    """The number in groups as read aloud: `0912 345 678`, `024 3795 8888`, `1800 1091`; any other text unchanged."""
    national = e164.removeprefix("+84")
    if _SERVICE.fullmatch(national):
        return _grouped(national, 4, 4) if len(national) == 8 else _grouped(national, 4, 3, 3)
    if not e164.startswith("+84"):
        return e164
    national = f"0{national}"
    if _MOBILE.fullmatch(national):
        return _grouped(national, 4, 3, 3)
    if _LANDLINE.fullmatch(national):
        # Hà Nội (024) and Hồ Chí Minh City (028) have areas of three digits, the others of four.
        return _grouped(national, 3, 4, 4) if national[2] in "48" else _grouped(national, 4, 3, 4)
    return e164


def _grouped(digits: str, *lengths: int) -> str:
    groups = []
    for length in lengths:
        groups.append(digits[:length])
        digits = digits[length:]
    return " ".join(groups)
