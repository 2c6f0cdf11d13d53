"""Drafting, publishing and retiring; the default checklists."""

import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.outline import outline
from audits.models import Checklist, ChecklistEvent, ChecklistVersion, Theme
from outlets.text import clean
from tests import sheets
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

State = ChecklistVersion.State


@pytest.fixture
def running():
    return sheets.every_kind().versions.get()


@pytest.fixture
def defaults():
    checklists.install_defaults(by=None, at=NOW)
    return {version.checklist.code: outline(version) for version in ChecklistVersion.objects.all()}


def content_of(version):
    """All that a version asks, without the ids of rows."""
    read = outline(version)
    return read.bands, [
        replace(section, id=0, criteria=tuple(replace(criterion, id=0) for criterion in section.criteria))
        for section in read.sections
    ]


def test_a_draft_is_a_whole_copy_under_the_next_number(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    assert (draft.number, draft.state, draft.based_on) == (2, State.DRAFT, running)
    assert content_of(draft) == content_of(running)
    assert not set(draft.criteria.values_list("pk", flat=True)) & set(running.criteria.values_list("pk", flat=True))


def test_publishing_retires_the_version_before(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    checklists.publish(version=draft, by=None, at=NOW, note="Quý IV")
    running.refresh_from_db()
    assert (draft.state, running.state, running.retired_at) == (State.PUBLISHED, State.RETIRED, NOW)
    kinds = list(ChecklistEvent.objects.order_by("pk").values_list("version__number", "kind"))
    assert kinds == [(2, "drafted"), (1, "retired"), (2, "published")]


def test_publishing_twice_is_refused(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    checklists.publish(version=draft, by=None, at=NOW)
    with pytest.raises(checklists.NotADraft):
        checklists.publish(version=draft, by=None, at=NOW)


def test_retiring_leaves_none_running(running):
    checklists.retire(version=running, by=None, at=NOW)
    assert not ChecklistVersion.objects.filter(state=State.PUBLISHED).exists()
    with pytest.raises(checklists.NotRunning):
        checklists.retire(version=running, by=None, at=NOW)


def test_publishing_names_every_fault():
    draft = checklists.create(code="X", channel="counter", name_vi="Thử", by=None, at=NOW)
    option = {"code": "a", "label_vi": " ", "result": 100}
    measured = {"text_vi": "Đo", "kind": "measured", "weight": 1, "measure": "minutes"}
    sections = [
        {
            "code": "A",
            "name_vi": "Mục A",
            "criteria": [
                {"code": "X-A1", "text_vi": " ", "kind": "text"},
                {"code": "X-A2", "text_vi": "Chọn", "kind": "choice", "weight": 1, "options": [option]},
                {"code": "X-A3", **measured},
                {"code": "X-A4", **measured, "thresholds": [{"upper": 5, "result": 100}]},
                {"code": "X-A5", **measured, "thresholds": [{"upper": upper, "result": 9} for upper in (5, 4, None)]},
            ],
        },
        {"code": "B", "name_vi": "", "criteria": []},
    ]
    checklists.fill_draft(version=draft, sections=sections)
    with pytest.raises(checklists.Unpublishable) as refused, translation.override("en"):
        checklists.publish(version=draft, by=None, at=NOW)
    assert refused.value.faults == (
        "Criterion X-A1 has no Vietnamese text.",
        "Criterion X-A2 has an option without a Vietnamese text.",
        "Criterion X-A2 needs at least two options.",
        "Criterion X-A3 needs thresholds.",
        "Criterion X-A4 needs thresholds that rise, the last one without an upper bound.",
        "Criterion X-A5 needs thresholds that rise, the last one without an upper bound.",
        "Section B has no Vietnamese name.",
        "Section B has no criterion.",
    )
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_nothing_scored_is_not_published():
    draft = checklists.create(code="X", channel="counter", name_vi="Thử", by=None, at=NOW)
    with pytest.raises(checklists.Unpublishable) as refused, translation.override("en"):
        checklists.publish(version=draft, by=None, at=NOW)
    assert refused.value.faults == ("At least one criterion must be scored.",)


def test_a_code_is_given_once(running):
    with pytest.raises(checklists.CodeTaken):
        checklists.create(code="TK", channel="hotline", name_vi="Khác", by=None, at=NOW)
    assert Checklist.objects.count() == 1


def test_a_draft_is_filled_with_cleaned_texts_and_its_bands_are_kept_in_copies():
    draft = checklists.create(code="X", channel="counter", name_vi="Thử", by=None, at=NOW)
    text = unicodedata.normalize("NFD", "Cửa mở ")
    criterion = {"code": "X-A1", "text_vi": text, "kind": "yes_no", "weight": 2.5}
    checklists.fill_draft(version=draft, sections=[{"code": "A", "name_vi": text, "criteria": [criterion]}])
    ChecklistVersion.objects.filter(pk=draft.pk).update(band_good=Decimal("82.5"))
    draft.refresh_from_db()
    copy = outline(checklists.draft_from(version=draft, by=None, at=NOW))
    (section,) = copy.sections
    assert (section.name_vi, section.criteria[0].text_vi, copy.weight) == ("Cửa mở", "Cửa mở", Decimal("2.5"))
    assert copy.bands == scoring.Bands(good=Decimal("82.5"))


def test_filling_takes_the_same_queries_for_any_size(django_assert_num_queries):
    draft = checklists.create(code="X", channel="counter", name_vi="Thử", by=None, at=NOW)
    Theme.objects.create(code="waiting", name_vi="Chờ", position=1)
    criteria = [
        {"code": f"X-A{n}", "text_vi": "Mở cửa", "kind": "yes_no", "weight": 1, "theme": "waiting"} for n in range(40)
    ]
    with django_assert_num_queries(6):  # a savepoint and its release, the draft, the themes, sections, criteria
        checklists.fill_draft(version=draft, sections=[{"code": "A", "name_vi": "A", "criteria": criteria}])


def test_a_published_version_is_not_filled(running):
    with pytest.raises(checklists.NotADraft):
        checklists.fill_draft(version=running, sections=[])


def test_defaults_hold_everything_that_was_written_for_them(defaults):
    figures = {
        code: (
            len(each.criteria),
            each.weight,
            sum(criterion.critical for criterion in each.criteria),
            sum(criterion.photo == "required" for criterion in each.criteria),
            sum(criterion.stage == "follow_up" for criterion in each.criteria),
        )
        for code, each in defaults.items()
    }
    assert figures == {
        "TQ": (35, Decimal(100), 5, 6, 0),
        "DT": (28, Decimal(100), 4, 0, 1),
        "KT": (31, Decimal(100), 3, 3, 3),
        "BH": (28, Decimal(100), 5, 0, 1),
    }


def test_defaults_speak_both_languages(defaults):
    for each in defaults.values():
        assert all(criterion.text_vi and criterion.text_en for criterion in each.criteria)
        assert all(section.name_vi and section.name_en for section in each.sections)


def test_everything_met_is_a_hundred_percent(defaults):
    best = {scoring.Kind.YES_NO: "yes", scoring.Kind.THREE_STEP: "met"}
    for each in defaults.values():
        answers = [
            scoring.Answer(rule.code, number=Decimal(0))
            if rule.kind is scoring.Kind.MEASURED
            else scoring.Answer(rule.code, value=best.get(rule.kind))
            for rule in each.rules
        ]
        assert scoring.score(each.rules, answers, each.bands).percent == scoring.WHOLE


def test_installing_defaults_again_changes_nothing(defaults):
    before = list(ChecklistVersion.objects.order_by("pk").values_list("pk", "published_at"))
    assert checklists.install_defaults(by=None, at=NOW) == []
    assert list(ChecklistVersion.objects.order_by("pk").values_list("pk", "published_at")) == before
    assert (Checklist.objects.count(), Theme.objects.count()) == (4, 10)


def texts(plain):
    """Every text in a piece of content, however deep."""
    if isinstance(plain, str):
        return [plain]
    inner = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    return [text for each in inner for text in texts(each)]


@pytest.mark.once
def test_default_files_are_clean():
    found = texts([content.default_themes(), content.default_checklists()])
    assert len(found) > 900
    assert [text for text in found if text != clean(text, multiline=False)] == []
