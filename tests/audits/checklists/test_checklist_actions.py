"""Drafting, publishing and retiring; the default checklists."""

from decimal import Decimal

import pytest

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.outline import outline
from audits.models import Checklist, ChecklistEvent, ChecklistVersion, Criterion, Theme
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


def plain(version):
    """What a version asks, without rows' ids."""
    rows = Criterion.objects.filter(version=version).order_by("section__position", "position")
    return [
        (
            row.section.code,
            row.code,
            row.text_vi,
            row.kind,
            row.weight,
            row.critical,
            row.stage,
            list(row.options.values_list("code", "label_vi", "result")),
            list(row.thresholds.values_list("upper", "result")),
        )
        for row in rows
    ]


def test_a_draft_is_a_whole_copy_under_the_next_number(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    assert (draft.number, draft.state, draft.based_on) == (2, State.DRAFT, running)
    assert plain(draft) == plain(running)
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
    sections = [
        {
            "code": "A",
            "name_vi": "Mục A",
            "criteria": [
                {"code": "X-A1", "text_vi": " ", "kind": "text"},
                {"code": "X-A2", "text_vi": "Chọn", "kind": "choice", "weight": 1, "options": []},
                {"code": "X-A3", "text_vi": "Đo", "kind": "measured", "weight": 1, "measure": "minutes"},
            ],
        },
        {"code": "B", "name_vi": "Mục B", "criteria": []},
    ]
    checklists.fill_draft(version=draft, sections=sections)
    with pytest.raises(checklists.Unpublishable) as refused:
        checklists.publish(version=draft, by=None, at=NOW)
    assert [next(code for code in ("A1", "A2", "A3", "Mục", "B") if code in fault) for fault in refused.value.faults]
    assert len(refused.value.faults) >= 4
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


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


@pytest.mark.once
def test_default_files_are_normalised():
    for each in content.default_checklists():
        for section in each["sections"]:
            for criterion in section["criteria"]:
                assert criterion["text_vi"].isprintable()
