"""What holds for any text at all."""

import unicodedata

import pytest

from outlets import text

pytest.importorskip("hypothesis", reason="random text needs hypothesis (requirements-dev.txt)")

from hypothesis import example, given
from hypothesis import strategies as st

pytestmark = pytest.mark.once

# Any code point, halves of surrogate pairs included, with the troublesome ones often.
ANY_TEXT = st.text(
    st.one_of(
        st.characters(codec=None, exclude_categories=()),
        st.sampled_from(
            "đĐÐặộ \u0301\u0323\u0306\u0302\u031b\u200b\u200d\ufe0f\u202e\x00\r\n\t\u00a0"
            "\U0001f469\U0001f3f4\U000e0067\U000e007f"
        ),
    )
)
VIETNAMESE = st.text(st.sampled_from("aàảãáạăằẳẵắặâầẩẫấậbdđeèẹêềệghiìnoòôồơờuùưừyỳ 0123456789-'AĐƠ"))


@given(ANY_TEXT)
@example("\u2329\u200d\u2329")
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    once = text.clean(typed)
    assert text.clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    one_line = text.clean(typed, multiline=False)
    assert text.clean(one_line, multiline=False) == one_line


@given(ANY_TEXT)
@example("İ")
@example("\u0149")
def test_folding_twice_changes_nothing(typed: str) -> None:
    once = text.fold(typed)
    assert text.fold(once) == once


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_sent(typed: str) -> None:
    cleaned = text.clean(typed)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned


@given(VIETNAMESE)
def test_a_text_is_found_by_each_of_its_own_words_however_composed(typed: str) -> None:
    stored = text.fold(typed)
    assert all(word in stored for word in text.search_words(unicodedata.normalize("NFD", typed.upper())))


@given(ANY_TEXT)
def test_keys_are_digits_and_do_not_depend_on_composition(typed: str) -> None:
    for make_key in (text.sort_key, text.person_sort_key):
        key = make_key(typed)
        assert key == make_key(unicodedata.normalize("NFD", typed))
        assert key.isascii()
        assert key.isdigit()


@given(VIETNAMESE, VIETNAMESE)
def test_a_text_sorts_before_its_continuation(first: str, rest: str) -> None:
    assert text.sort_key(first) < text.sort_key(f"{first} B{rest}")


@given(st.lists(st.text("aàăđdê", min_size=1, max_size=3), min_size=2, max_size=4))
def test_people_sort_by_their_words_in_the_order_ten_ho_dem(words: list[str]) -> None:
    ho, *dem, ten = words
    assert (text.person_sort_key(" ".join(words)) < text.person_sort_key("đa ăn da")) == (
        (text.sort_key(ten), text.sort_key(ho), text.sort_key(" ".join(dem)))
        < (text.sort_key("da"), text.sort_key("đa"), text.sort_key("ăn"))
    )
