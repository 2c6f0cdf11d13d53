"""What an editor is told about a draft: each finding by a draft that has it; the shipped checklists have no error."""

from dataclasses import replace
from decimal import Decimal

import pytest

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists.drafts import checks
from audits.checklists.outline import OptionOutline, outline
from audits.models import ChecklistVersion
from tests import sheets
from tests.worlds import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STEPS = (scoring.Threshold(Decimal(5), 100), scoring.Threshold(Decimal(3), 50), scoring.Threshold(None, 0))
UP_AND_DOWN = (scoring.Threshold(Decimal(3), 50), scoring.Threshold(Decimal(5), 100), scoring.Threshold(None, 0))


@pytest.fixture
def sound():
    """Every kind of criterion, each with a theme and two languages: nothing to be said."""
    now = outline(sheets.every_kind().versions.get())
    sections = tuple(
        replace(
            section,
            name_en="Name",
            criteria=tuple(
                replace(each, theme="attitude", weight=each.weight and Decimal(1)) for each in section.criteria
            ),
        )
        for section in now.sections
    )
    return replace(now, sections=sections)


def with_criterion(now, code, **changed):
    """The same outline with columns of one criterion changed."""
    sections = tuple(
        replace(
            section,
            criteria=tuple(replace(each, **changed) if each.code == code else each for each in section.criteria),
        )
        for section in now.sections
    )
    return replace(now, sections=sections)


def said(now):
    return [(each.code, each.is_error) for each in checks.check(now).findings]


def test_large_shares_are_said(sound):
    assert said(sound) == [
        ("TK-A1", False),
        ("TK-A2", False),
        ("TK-A2", False),  # critical, and may be passed over
        ("TK-B1", False),
        ("TK-B2", False),
        ("TK-B3", False),
        ("Z", False),
    ]


@pytest.mark.parametrize(
    ("code", "changed", "words"),
    [
        ("TK-A1", {"text_vi": " "}, "chưa có lời tiếng Việt"),
        ("TK-B1", {"thresholds": ()}, "cần có ngưỡng"),
        ("TK-B1", {"thresholds": STEPS}, "tăng dần"),
        ("TK-B1", {"thresholds": STEPS[:1]}, "tăng dần"),
        ("TK-B2", {"options": (OptionOutline("a", "Một", "", 100),)}, "ít nhất hai"),
        ("TK-B2", {"options": (OptionOutline("a", "Một", "", 100), OptionOutline("b", " ", "", 0))}, "lựa chọn"),
    ],
)
def test_what_blocks_publishing_is_an_error(sound, code, changed, words):
    [error] = checks.check(with_criterion(sound, code, **changed)).errors
    assert error.code == code
    assert words in error.text


@pytest.mark.parametrize(
    ("code", "changed", "words"),
    [
        ("TK-A1", {"text_vi": "Giao dịch viên to tiếng với khách"}, "“Không”"),
        ("TK-A1", {"text_vi": "Nhân viên không chủ động chào khách"}, "“Không”"),
        ("TK-A1", {"text_en": ""}, "tiếng Anh"),
        ("TK-A1", {"text_vi": "Dài " * 40}, "160"),
        ("TK-A1", {"guidance_vi": "Dài " * 90}, "360"),
        ("TK-A1", {"theme": None}, "chủ đề"),
        ("TK-A1", {"critical": True, "note_rule": "optional"}, "ghi chú"),
        ("TK-B1", {"thresholds": UP_AND_DOWN}, "lúc tăng lúc giảm"),
        ("TK-B2", {"options": (OptionOutline("a", "A", "", 40), OptionOutline("b", "B", "", 40))}, "cùng một"),
        ("TK-B2", {"options": (OptionOutline("a", "A", "", 40), OptionOutline("b", "B", "", 0))}, "100"),
    ],
)
def test_what_is_worth_a_look_is_a_warning(sound, code, changed, words):
    before = {each.text for each in checks.check(sound).findings}
    [new] = [each for each in checks.check(with_criterion(sound, code, **changed)).findings if each.text not in before]
    assert (new.code, new.is_error) == (code, False)
    assert words in new.text


def test_a_draft_without_anything_scored_is_an_error(sound):
    now = sound
    for criterion in sound.criteria:
        now = with_criterion(now, criterion.code, kind=scoring.Kind.TEXT, critical=False)
    assert [each.code for each in checks.check(now).errors] == [""]
    assert checks.check(now).biggest is None
    assert checks.check(now).share(now.criteria[0]) == 0


def test_everything_not_applicable_is_said_of_section_and_whole(sound):
    now = sound
    for criterion in sound.criteria:
        now = with_criterion(now, criterion.code, allows_na=True)
    found = [each.code for each in checks.check(now).findings if "không áp dụng" in each.text.lower()]
    assert {"", "A", "B"} <= set(found)


def test_long_sections_and_checklists_are_said(sound):
    many = tuple(replace(sound.criteria[0], code=f"TK-A{number}") for number in range(61))
    now = replace(sound, sections=(replace(sound.sections[0], criteria=many), *sound.sections[1:]))
    assert {"", "A"} <= {each.code for each in checks.check(now).warnings}


def test_an_empty_section_and_one_without_a_name_block(sound):
    empty = replace(sound.sections[0], criteria=(), name_vi="")
    now = replace(sound, sections=(empty, *sound.sections[1:]))
    assert [each.code for each in checks.check(now).errors] == ["A", "A"]


def test_shares_are_of_the_whole_weight():
    now = outline(sheets.every_kind().versions.get())
    found = checks.check(now)
    assert [str(found.share(each)) for each in now.criteria] == ["16.7", "25.0", "33.3", "8.3", "16.7", "0.0", "0.0"]
    assert [str(found.share(each)) for each in now.sections] == ["41.7", "58.3", "0.0"]
    assert found.biggest.code == "TK-B1"
    assert (found.scored, found.critical) == (5, 1)


def test_results_that_only_rise_or_only_fall_are_not_asked_about(sound):
    rising = (scoring.Threshold(Decimal(3), 0), scoring.Threshold(Decimal(5), 0), scoring.Threshold(None, 100))
    for steps in (rising, sound.by_code["TK-B1"].thresholds):
        found = checks.check(with_criterion(sound, "TK-B1", thresholds=steps)).findings
        assert not [each for each in found if "lúc tăng" in each.text]


def test_the_biggest_lever_is_what_can_be_lost_not_what_is_weighed():
    now = outline(sheets.every_kind().versions.get())
    at_worst_half = (scoring.Threshold(Decimal(5), 100), scoring.Threshold(None, 50))
    found = checks.check(with_criterion(now, "TK-B1", thresholds=at_worst_half))
    assert [str(found.loss(each)) for each in now.criteria[:2]] == ["16.7", "25.0"]
    assert str(found.loss(found.outline.by_code["TK-B1"])) == "16.7"  # half of its share of 33.3
    assert str(found.loss(found.outline.by_code["TK-B2"])) == "5.0"  # its worst option gives 40%
    assert found.biggest.code == "TK-A2"


@pytest.mark.parametrize(
    "text",
    [
        "Không có lời nói, cử chỉ thiếu tôn trọng với khách",
        "Tập trung phục vụ: không dùng điện thoại riêng, không nói chuyện riêng, không bỏ quầy",
        "Hỏi khách có cần hỗ trợ gì thêm không",
        "Biển hiệu sạch, không rách hoặc bạc màu",
    ],
)
def test_what_must_not_happen_may_be_worded_so(sound, text):
    found = checks.check(with_criterion(sound, "TK-A1", text_vi=text)).findings
    assert not [each for each in found if "“Không”" in each.text]


def test_what_the_running_version_has_as_well_is_told_apart(sound):
    now = with_criterion(sound, "TK-A1", theme=None)
    found = checks.check(now, running=sound)
    assert [each.code for each in found.own] == ["TK-A1"]
    assert found.standing == checks.check(sound).findings
    assert checks.check(sound, running=sound).own == ()
    assert checks.check(sound).standing == ()


def test_a_warning_that_has_grown_is_the_drafts_own(sound):
    long = with_criterion(sound, "TK-A1", text_vi="Dài " * 40)
    longer = with_criterion(sound, "TK-A1", text_vi="Dài " * 50)
    assert ["200" in each.text for each in checks.check(longer, running=long).own] == [True]


def test_an_error_is_never_told_apart(sound):
    faulty = with_criterion(sound, "TK-A1", text_vi="")
    assert [each.is_error for each in checks.check(faulty, running=faulty).own] == [True]


def test_the_shipped_checklists_have_no_error_and_read_well():
    checklists.install_defaults(by=None, at=NOW)
    for version in ChecklistVersion.objects.all():
        found = checks.check(outline(version))
        assert found.errors == ()
        words = ("chữ cái", "tiếng Anh", "“Không”")
        assert [each.text for each in found.warnings if any(word in each.text for word in words)] == []
