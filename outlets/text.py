"""Text as people type it in Vietnam: cleaned at the door, folded for search, keyed for sorting.

Pure functions on strings: no Django, no database. Models store what `fold` and the two sort keys
return, because neither SQLite nor every PostgreSQL can compare Vietnamese text itself.
"""

import re
import unicodedata

# A stored sort key is cut here. Two names that agree so far are ordered by the caller's next column.
SORT_KEY_LENGTH = 400
# A query of more words is a paste, and each word costs one condition in SQL.
SEARCH_WORDS_AT_MOST = 10

# Eth (U+00D0) looks exactly like Đ (U+0110), and comes from old keyboards and scraped lists.
_LOOKALIKES = {"Ð": "Đ", "ð": "đ"}
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Everything that occupies no place on paper: controls, soft hyphen, zero-width and bidirectional
# marks, byte order mark, annotation marks, noncharacters and halves of surrogate pairs. The joiner
# U+200D and the tags U+E0020-E007F are looked at separately: emoji are made with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e001f]"
)
_PICTURE = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINER_OUTSIDE_EMOJI = re.compile(f"(?<![{_PICTURE}\ufe0f])\u200d|\u200d(?![{_PICTURE}])")
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0020-\U000e007f]")

# Đ is a letter of its own, with no mark to strip; dashes and apostrophes are typed in many ways.
_SAME_IN_SEARCH = str.maketrans("đ‐‑–—‘’ʼ`", "d----''''")


def clean(text: str, *, multiline: bool = True) -> str:
    """The same text in NFC, without what cannot be seen, without white space at its ends.

    Every kind of line break becomes a line feed and every kind of space an ordinary one; with
    `multiline=False` each run of white space becomes a single space. Ð (Eth) becomes Đ. Emoji made
    of several signs stay whole. Nothing visible is dropped; cleaning twice changes nothing.
    """
    text = unicodedata.normalize("NFC", text)
    text = _LINE_BREAKS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    text = _UNSEEN.sub("", text)
    text = _TAGS.sub(r"\1", text)
    text = _JOINER_OUTSIDE_EMOJI.sub("", text)
    # The second time, because a letter and its mark may have met only now.
    text = unicodedata.normalize("NFC", text)
    for wrong, right in _LOOKALIKES.items():
        text = text.replace(wrong, right)
    return text.strip() if multiline else " ".join(text.split())


def fold(text: str) -> str:
    """What search compares: no marks, no case, single spaces. `Đặng`, `ÐẶNG` and `dang` become `dang`."""
    text = _without_marks(clean(text, multiline=False)).casefold()
    # Once more, because some letters, such as İ, fall apart only when their case is folded.
    text = _without_marks(text).translate(_SAME_IN_SEARCH)
    return " ".join(text.split())


def search_words(query: str) -> list[str]:
    """The folded words of a query, each once, at most SEARCH_WORDS_AT_MOST; all of them must be found."""
    return list(dict.fromkeys(fold(query).split()))[:SEARCH_WORDS_AT_MOST]


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens: `Điểm giao dịch Đống Đa` becomes `diem-giao-dich-dong-da`."""
    return re.sub("[^a-z0-9]+", "-", fold(text)).strip("-")


def initials(full_name: str) -> str:
    """One or two capitals for an avatar, the last one that of the tên: `Đặng Thị Ngọc Ánh` gives `NÁ`."""
    words = clean(full_name, multiline=False).split()
    letters = ("".join(character for character in word if character.isalpha())[:1] for word in words)
    return "".join(letter for letter in letters if letter)[-2:].upper()


# --- Order ------------------------------------------------------------------------------------
#
# A key consists of digits only, so it sorts alike under SQLite's BINARY, PostgreSQL's "C" and any
# language's collation. It has two levels: the letters of the whole text, then the tones of its words.

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_CODES = {letter: str(20 + place) for place, letter in enumerate(_ALPHABET)}
_LEVEL_END, _SPACE_CODE, _NUMBER_CODE, _FOREIGN_CODE = "00", "01", "10", "90"
_SHAPES = {
    "a\u0306": "ă",
    "a\u0302": "â",
    "e\u0302": "ê",
    "o\u0302": "ô",
    "o\u031b": "ơ",
    "u\u031b": "ư",
}
# Ngang, which has no mark, is 1; the ones at the end of a text are left away.
_TONES = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}
_PARTS = re.compile(r"[0-9]+|[^\W\d_][\u0300-\u036f]*|.", re.DOTALL)


def sort_key(text: str) -> str:
    """A string of digits whose order is that of a Vietnamese dictionary.

    Letters of the whole text count first (ă after all a, đ after all d), numbers by their value,
    then the tones word by word (ngang, huyền, hỏi, ngã, sắc, nặng). Case and punctuation do not
    count, nor whether a tone stands as in hòa or as in hoà. At most SORT_KEY_LENGTH characters.
    """
    letters, tones = _levels(text)
    return (letters + _LEVEL_END + tones)[:SORT_KEY_LENGTH]


def person_sort_key(full_name: str) -> str:
    """Like `sort_key`, for people: by tên, then họ, then đệm. At most SORT_KEY_LENGTH characters."""
    words = clean(full_name, multiline=False).split()
    key = ""
    for part in (words[-1:], words[:1] if len(words) > 1 else [], words[1:-1]):
        letters, tones = _levels(" ".join(part))
        key += letters + _LEVEL_END + tones + "0"
    return key[:SORT_KEY_LENGTH]


def _levels(text: str) -> tuple[str, str]:
    """The codes of the letters, and one digit (1-6) for the tone of each word, level ones cut off the end."""
    decomposed = unicodedata.normalize("NFD", clean(text, multiline=False).casefold())
    words: list[str] = [""]
    tones: list[str] = [""]
    for part in _PARTS.findall(decomposed):
        if part.isascii() and part.isdigit():
            number = part.lstrip("0")
            words[-1] += f"{_NUMBER_CODE}{min(len(number), 99):02}{number}"
        elif part[0].isalpha():
            letter, marks = part[0], part[1:]
            for mark in marks:
                letter = _SHAPES.get(letter + mark, letter)
                tones[-1] += _TONES.get(mark, "")
            words[-1] += _LETTER_CODES.get(letter) or f"{_FOREIGN_CODE}{ord(letter):07}"
        elif words[-1] and not unicodedata.combining(part):
            words.append("")
            tones.append("")
    if not words[-1]:
        del words[-1], tones[-1]
    level = "".join(tone or "1" for tone in tones).rstrip("1")
    return _SPACE_CODE.join(words), level


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
