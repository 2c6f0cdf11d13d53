"""A version as plain data: what it holds, what reading it costs, and what is kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists import outline as outlines
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.undone import mark_of
from audits.checklists.outline import CriterionOutline, OptionOutline, SectionOutline, forget, outline
from audits.checklists.publishing import actions as publishing
from audits.models import Checklist, ChecklistVersion, Criterion, Section
from outlets.models import Role
from tests import plans, sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    forget()
    return sheets.every_kind().versions.get()


def test_outline_holds_the_whole_version_in_its_order(running):
    read = outline(running)
    assert (read.version_id, read.number, read.checklist_code, read.channel) == (running.pk, 1, "TK", "counter")
    assert [(section.code, len(section.criteria), section.weight) for section in read.sections] == [
        ("A", 2, Decimal(5)),
        ("B", 3, Decimal(7)),
        ("Z", 2, Decimal(0)),
    ]
    assert list(read.by_code) == ["TK-A1", "TK-A2", "TK-B1", "TK-B2", "TK-B3", "TK-Z1", "TK-Z2"]
    assert (read.weight, read.bands) == (Decimal(12), scoring.DEFAULT_BANDS)


def test_a_criterion_is_read_to_the_last_field(running):
    read = outline(running).by_code["TK-B1"]
    assert read == CriterionOutline(
        id=Criterion.objects.get(code="TK-B1").pk,
        code="TK-B1",
        section_code="B",
        text_vi="Tiêu chí B1",
        text_en="Criterion B1",
        guidance_vi="",
        guidance_en="",
        kind=scoring.Kind.MEASURED,
        weight=Decimal(4),
        critical=False,
        allows_na=True,
        photo=Criterion.Photo.NONE,
        photo_is_private=False,
        note_rule=Criterion.NoteRule.NOT_MET,
        controlled_by=Criterion.ControlledBy.UNIT,
        theme=None,
        stage=Criterion.Stage.DURING,
        measure="minutes",
        thresholds=tuple(scoring.Threshold(upper, result) for upper, result in ((5, 100), (10, 50), (None, 0))),
    )
    assert read.short_code == "B1"


def test_rules_are_what_scoring_takes(running):
    read = outline(running)
    assert read.by_code["TK-A2"].rule == scoring.Rule(
        "TK-A2", "A", None, scoring.Kind.THREE_STEP, Decimal(3), critical=True, by_person=True
    )
    assert read.by_code["TK-B2"].rule.options == (("a", 100), ("b", 40))
    assert [rule.code for rule in read.rules] == list(read.by_code)


def test_texts_follow_the_language_and_fall_back_to_vietnamese():
    option = OptionOutline("a", "Có quầy", "", 100)
    section = SectionOutline(1, "A", "Mặt tiền", "Front", ())
    with translation.override("en"):
        assert (option.label, section.name) == ("Có quầy", "Front")
    with translation.override("vi"):
        assert (option.label, section.name) == ("Có quầy", "Mặt tiền")


def test_a_published_version_is_read_once(running, django_assert_num_queries):
    with django_assert_num_queries(5):
        first = outline(running)
    with django_assert_num_queries(0):
        assert outline(ChecklistVersion(public_id=running.public_id)) is first


def test_reading_takes_the_same_queries_for_any_size(django_assert_num_queries):
    checklists.install_defaults(by=None, at=NOW)
    counter = Checklist.objects.get(code="TQ").versions.get()
    forget()
    with django_assert_num_queries(5):
        assert len(outline(counter).criteria) == 35


def test_a_draft_is_read_anew_each_time(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    before = outline(draft)
    Section.objects.filter(version=draft, code="A").update(name_vi="Đổi tên")
    assert [section.name_vi for section in outline(draft).sections] == ["Đổi tên", "Mục B", "Mục Z"]
    assert before.sections[0].name_vi == "Mục A"


def test_what_can_be_taken_back_is_read_anew_each_time(running):
    editor, office = worlds.user("bientap", Role.EDITOR), worlds.user("vanphong", Role.OFFICE)
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    day = timezone.localdate(NOW) + timedelta(days=3)
    facts = {"note": "Vì sao", "effective_on": day, "bands": plans.BANDS}
    publishing.set_facts(version=draft, by=editor, at=NOW, **facts)

    def taken_back(weight, back, **given):
        assert outline(draft).by_code["TK-A1"].weight != weight
        back(version=draft, at=NOW, **given)
        changed = {"weight": str(weight)}
        drafts.edit_criterion(version=draft, code="TK-A1", changed=changed, seen=99, by=editor, at=NOW)
        assert outline(draft).by_code["TK-A1"].weight == weight

    publishing.propose(version=draft, by=editor, at=NOW)
    taken_back(7, publishing.send_back, seen=mark_of(draft), note="Khác", by=office)
    publishing.propose(version=draft, by=editor, at=NOW)
    taken_back(8, publishing.withdraw, by=editor)
    publishing.propose(version=draft, by=editor, at=NOW)
    publishing.approve(version=draft, seen=mark_of(draft), by=office, at=NOW)
    taken_back(9, publishing.withdraw, by=editor)


def test_a_retired_version_is_kept_like_a_running_one(running, django_assert_num_queries):
    checklists.retire(version=running, by=None, at=NOW)
    outline(running)
    with django_assert_num_queries(0):
        outline(running)


def test_the_least_recently_used_outline_makes_room(running, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(outlines, "KEPT", 2)
    second, third = (sheets.every_kind(code).versions.get() for code in ("TL", "TM"))
    for version in (running, second, running, third):
        outline(version)
    with django_assert_num_queries(0):
        outline(running)
    with django_assert_num_queries(5):
        outline(second)


def test_outlines_are_frozen(running):
    read = outline(running)
    with pytest.raises(AttributeError):
        read.number = 2  # type: ignore[misc]
    assert replace(read, number=2) != read
