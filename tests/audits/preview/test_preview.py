"""The form of a version, tried: the visit's own arithmetic, and nothing kept."""

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.fieldwork.preview import trial
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Photo, Submission, Visit
from outlets.models import Role
from tests import pages, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@kept
def places():
    return worlds.places()


@pytest.fixture
def running(places):
    return sheets.every_kind().versions.get()


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


def address(version):
    return reverse("audits:version_preview", args=[version.public_id])


def test_it_scores_as_a_visit_with_the_same_answers(running, places):
    shopper = worlds.user("khach", Role.SHOPPER)
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    entries = {"A1": ("no", "Cửa bẩn."), "A2": ("partly", "")}
    for short, (value, note) in entries.items():
        seen = Answer.objects.get(visit=visit, criterion__code=f"TK-{short}").revision
        visits.save_answers(visit=visit, entries=[sheets.entry(short, value, note=note, seen=seen)], by=shopper, at=NOW)
    submission = visits.submit(visit=visit, by=shopper, at=NOW)
    data = {}
    for answer in Answer.objects.filter(visit=visit).select_related("criterion"):
        code = answer.criterion.code
        data |= {code: answer.value, f"{code}-note": answer.note, f"{code}-text": answer.text}
        data[f"{code}-number"] = "" if answer.number is None else str(answer.number).replace(".", ",")
    tried = trial.read(running, data)
    assert tried.score.percent == submission.percent
    assert {line.code: line.lost for line in tried.score.lines} == {
        row["code"]: row["lost"] for row in _lines(submission)
    }


def _lines(submission):
    table = submission.workings["lines"]
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def test_nothing_is_stored_and_what_was_typed_stays_on_the_page(client, editor, running):
    before = [model.objects.count() for model in (Visit, Answer, Photo, Submission)]
    answer = client.post(address(running), {"TK-A1": "no", "TK-A1-note": "Cửa bẩn."})
    assert [model.objects.count() for model in (Visit, Answer, Photo, Submission)] == before
    shown = pages.words(answer)
    assert answer.status_code == 200
    assert "0,0%" in shown
    assert "Cửa bẩn." in answer.content.decode()


def test_a_wrong_number_is_told_and_the_rest_counts(client, editor, running):
    measured = next(each for each in trial.read(running, {}).sheet.outline.criteria if each.kind == "measured")
    answer = client.post(address(running), {f"{measured.code}-number": "mười", "TK-A1": "yes"})
    assert answer.context["trial"].score.percent == 1_000_000
    assert answer.context["trial"].form.errors


def test_what_cannot_be_scored_yet_is_left_out_and_named(client, editor, running):
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    made = drafts.add_criterion(version=draft, section="A", by=editor, at=NOW)
    drafts.edit_criterion(
        version=draft,
        code=made,
        changed={"text_vi": "Chờ bao lâu", "kind": "measured", "measure": "minutes", "critical": False},
        seen=99,
        by=editor,
        at=NOW,
    )
    answer = client.post(address(draft), {f"{made}-number": "5", "TK-A1": "yes"})
    assert [each.code for each in answer.context["trial"].unsound] == [made]
    assert answer.context["trial"].score.percent == 1_000_000


def test_the_page_takes_the_same_queries_for_any_number_of_answers(
    client, editor, running, django_assert_max_num_queries
):
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    counts = []
    for fields in ({}, {"TK-A1": "yes"}, {"TK-A1": "yes", "TK-A2": "met", "TK-B1": "yes"}):
        with django_assert_max_num_queries(20) as found:
            client.post(address(draft), fields)
        counts.append(len(found))
    assert len(set(counts)) == 1, counts
