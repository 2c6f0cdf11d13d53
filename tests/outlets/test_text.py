"""Text at the door, in search and in order: the vectors of the Vietnamese conventions."""

import unicodedata

import pytest

from outlets import text

pytestmark = pytest.mark.once

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"
TECHNICIAN = "\U0001f469\U0001f3fd\u200d\U0001f527"
FLAG_OF_WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
FLAG_OF_VIETNAM = "\U0001f1fb\U0001f1f3"


def assert_ascending(keys: list[str]) -> None:
    """Each key strictly above the one before: two equal ones would leave the order to chance."""
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (unicodedata.normalize("NFD", "Đặng Thị Hường"), "Đặng Thị Hường"),
        ("\u00d0\u1eb7ng \u00f0ồng ý", "\u0110\u1eb7ng \u0111ồng ý"),
        ("một\r\nhai\rba\nbốn\u2028năm", "một\nhai\nba\nbốn\nnăm"),
        ("dòng\x0bmới", "dòng\nmới"),
        ("Hà\u00a0Nội\u202f\u3000!", "Hà Nội  !"),
        ("\ufeffBưu\u200b điện\u200e", "Bưu điện"),
        ("ảnh\u202egpj.exe\u2066\u2069", "ảnhgpj.exe"),
        ("a\x00b\x07c\x1b[31md\x85e\x9f", "abc[31md\ne"),
        ("nửa \ud83d đôi", "nửa  đôi"),
        ("e\u200b\u0323\u0302", "ệ"),
        ("mềm\u00ad", "mềm"),
        ("giữ\ttab", "giữ\ttab"),
        ("  \n hai đầu \n ", "hai đầu"),
        ("x\ufffey\uffffz", "xyz"),
        ("", ""),
    ],
)
def test_clean_keeps_what_can_be_seen(typed: str, kept: str) -> None:
    assert text.clean(typed) == kept


def test_clean_on_one_line_makes_each_run_of_white_space_one_space() -> None:
    assert text.clean(" Phạm\u00a0\u00a0Đức \t\r\n Dũng\n", multiline=False) == "Phạm Đức Dũng"


@pytest.mark.parametrize("emoji", [FAMILY, RAINBOW_FLAG, TECHNICIAN, FLAG_OF_WALES, FLAG_OF_VIETNAM, "1\ufe0f\u20e3"])
def test_clean_keeps_emoji_whole(emoji: str) -> None:
    assert text.clean(f"tốt {emoji} lắm") == f"tốt {emoji} lắm"


@pytest.mark.parametrize("hidden", ["a\u200db", "\u200da\u200d\u200db", "a\U000e0041\U000e007fb"])
def test_clean_drops_joiners_and_tags_outside_emoji(hidden: str) -> None:
    assert text.clean(hidden) == "ab"


def test_clean_leaves_nothing_that_a_database_refuses() -> None:
    everything = "".join(map(chr, range(0x3000)))
    assert not {"\x00", "\x1b", "\u200b", "\u202e", "\ufeff"} & set(text.clean(everything))


@pytest.mark.parametrize(
    "typed", ["dang", "Đặng", "ĐẶNG", unicodedata.normalize("NFD", "đặng"), "\u00d0ẶNG", " đ\u200bặng\u00a0"]
)
def test_fold_makes_every_spelling_of_dang_the_same(typed: str) -> None:
    assert text.fold(typed) == "dang"


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("Thúy", "THUÝ"), ("H’Linh", "h'linh"), ("Tân Bình – 2", "tân bình - 2"), ("STRASSE", "straße")],
)
def test_fold_ignores_ways_of_writing(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


def test_search_words_of_a_full_name_are_in_the_folded_name() -> None:
    assert text.search_words("  dang thi  HƯỜNG thi") == ["dang", "thi", "huong"]
    assert all(word in text.fold("Đặng Thị Hường") for word in text.search_words("dang thi huong"))


@pytest.mark.parametrize("query", ["duong", "Dương", "ĐƯỜNG"])
def test_search_words_of_duong_are_in_both_names(query: str) -> None:
    assert [text.search_words(query)[0] in text.fold(name) for name in ("Dương", "Đường")] == [True, True]


def test_search_words_are_limited() -> None:
    assert text.search_words(" ".join(map(str, range(5000)))) == [str(number) for number in range(10)]


@pytest.mark.parametrize(
    "ordered",
    [
        "An Anh Ảnh Ánh Ăn Ân Ấn Bình Châu Dung Dũng Đào Đặng Em Ê Giang Hà Ích Khánh Lan Mỹ Nga Oanh Ông Ơn Phú Quý "
        "Sơn Tú Uyên Ước Vân Xuân Yến",
        "Cà Mau|Cao Bằng|Cần Thơ|Đà Nẵng|Đắk Lắk|Điện Biên|Đồng Nai|Gia Lai",
        "toan toàn toản toãn toán toạn",
        "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z",
        "Điểm|Điểm 1|Điểm 2|Điểm 10|Điểm 10 B|Điểm 100|Điểm A",
        "HCM-002|HCM-03|HCM-010",
        "Hạ Long|Hà Nam|Hà Nội",
        "An|An Giang|Ánh|Ánh Dương",
        "Nguyễn|Nguyễn An|Nguyễn Án|Nguyện An",
        "1|9|10|" + "9" * 30 + "|A|Zet|Я",
    ],
)
def test_sort_key_orders_as_a_vietnamese_dictionary(ordered: str) -> None:
    words = ordered.split("|") if "|" in ordered else ordered.split()
    assert_ascending([text.sort_key(word) for word in words])


def test_sort_key_ignores_case_composition_and_the_place_of_the_tone() -> None:
    spellings = ["Hòa Bình", "HOÀ BÌNH", unicodedata.normalize("NFD", "hòa bình"), " Hòa-Bình "]
    assert len({text.sort_key(spelling) for spelling in spellings}) == 1


def test_sort_key_is_digits_of_bounded_length() -> None:
    key = text.sort_key("Điểm giao dịch Trần Phú № 7 (mới), 東京 \U0001f600" * 50)
    assert key.isascii()
    assert key.isdigit()
    assert len(key) == text.SORT_KEY_LENGTH


def test_sort_key_survives_a_number_of_thousands_of_digits() -> None:
    assert text.sort_key("7" * 9000) > text.sort_key("9" * 50)


def test_people_sort_by_ten_then_ho_then_dem() -> None:
    people = [
        "Nguyễn An",
        "Trần Văn An",
        "Hoàng Anh",
        "Lê Thị Ánh",
        "Võ Thị Ngọc Ân",
        "Phạm Đức Dũng",
        "Nguyễn Văn Đạt",
        "Đặng Thị Hường",
        "Nguyễn Thị Hồng Nhung",
        "Bùi Thị Yến",
    ]
    assert_ascending([text.person_sort_key(person) for person in people])


@pytest.mark.parametrize(
    "people",
    [
        ["An", "Lê An", "Lê Bình An", "Lê Văn An", "Lý An", "Lê Ân"],
        ["Trần An", "Lê Án"],  # the tone of the tên counts before the họ
        ["Lê Hoà An", "Lê Hoá An", "Lễ An"],
    ],
)
def test_people_of_one_ten_sort_by_ho_then_dem(people: list[str]) -> None:
    assert_ascending([text.person_sort_key(person) for person in people])


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("Điểm giao dịch Đống Đa", "diem-giao-dich-dong-da"),
        ("Đặng Thị Hường", "dang-thi-huong"),
        (" --- H'Linh Niê / 2 --- ", "h-linh-nie-2"),
        ("東京", ""),
    ],
)
def test_slug_is_ascii(written: str, made: str) -> None:
    assert text.slug(written) == made


@pytest.mark.parametrize(
    ("full_name", "letters"),
    [
        ("Đặng Thị Ngọc Ánh", "NÁ"),
        ("y thiên niê", "TN"),
        ("H'Linh Niê", "HN"),
        ("'Đức", "Đ"),
        (unicodedata.normalize("NFD", "Lê Ẩn"), "LẨ"),
        (" 12 ", ""),
        ("", ""),
    ],
)
def test_initials_end_in_the_ten(full_name: str, letters: str) -> None:
    assert text.initials(full_name) == letters
