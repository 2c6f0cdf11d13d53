"""What a shopper's actions do and refuse."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from audits import scoring
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import refusals, sheet
from audits.fieldwork.visits.completeness import Missing
from audits.models import Answer, AnswerCard, Photo, Submission, VisitEvent
from tests import plans, sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return worlds.places()


@pytest.fixture
def shopper(places):
    return worlds.user("shopper", worlds.Role.SHOPPER)


@pytest.fixture
def visit(places, shopper):
    return sheets.started(places.counter, shopper)


def gaps(visit):
    return [(gap.missing, gap.criterion and gap.criterion.short_code) for gap in sheet.read(visit).gaps]


def test_start_pins_the_running_version_and_the_answer_card_in_force(places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    scenario = plans.scenario()
    plans.answer_card(scenario, TODAY + timedelta(days=1))
    card = plans.answer_card(scenario, TODAY - timedelta(days=9))
    plans.answer_card(scenario, TODAY - timedelta(days=40))
    visit.scenario = scenario
    visit.save()
    visits.start(visit=visit, by=shopper, at=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.version.number, visit.visited_on) == (VisitState.IN_PROGRESS, 1, TODAY)
    assert AnswerCard.objects.get(visits=visit) == card
    assert [event.kind for event in visit.events.all()] == [VisitEvent.Kind.STARTED]


def test_start_refuses_before_the_first_day(places, shopper):
    visit = sheets.assigned(places.counter, shopper, opens_on=TODAY + timedelta(days=1))
    with pytest.raises(refusals.NotYetOpen):
        visits.start(visit=visit, by=shopper, at=NOW)
    visit.refresh_from_db()
    assert visit.state == VisitState.ASSIGNED


def test_start_refuses_without_a_running_version(places, shopper):
    checklist = plans.checklist("DT", is_running=False)
    visit = sheets.assigned(places.hotline, shopper, checklist)
    with pytest.raises(refusals.NoRunningChecklist):
        visits.start(visit=visit, by=shopper, at=NOW)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 17, 0, 0, tzinfo=UTC), date(2026, 12, 1)),
    ],
    ids=["23:59:59 in Vietnam is still November", "00:00:00 in Vietnam is December"],
)
def test_the_day_of_a_visit_is_the_local_day(places, shopper, at, day):
    visit = sheets.started(places.counter, shopper, at=at)
    visit.refresh_from_db()
    assert visit.visited_on == day


def test_saving_never_demands_completeness(visit, shopper):
    saved = visits.save_answers(visit=visit, entries=[entry("A1", "no")], by=shopper, at=NOW)
    assert saved == visits.Saved(saved=("TK-A1",))
    assert gaps(visit)[:4] == [
        (Missing.MET, None),
        (Missing.NOTE, "A1"),
        (Missing.PHOTO, "A1"),
        (Missing.ANSWER, "A2"),
    ]


def test_saving_the_same_again_changes_nothing(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("A1", "yes")], by=shopper, at=NOW)
    later = NOW + timedelta(minutes=1)
    assert (
        visits.save_answers(visit=visit, entries=[entry("A1", "yes", seen=1)], by=shopper, at=later) == visits.Saved()
    )
    assert Answer.objects.get(visit=visit).changed_at == NOW


def test_an_answer_changed_elsewhere_is_not_overwritten_unseen(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("A1", "yes")], by=shopper, at=NOW)
    visits.save_answers(visit=visit, entries=[entry("A1", "no", seen=1)], by=shopper, at=NOW)
    saved = visits.save_answers(
        visit=visit, entries=[entry("A1", "yes", note="khác", seen=1), entry("A2", "met")], by=shopper, at=NOW
    )
    assert saved == visits.Saved(saved=("TK-A2",), conflicts=("TK-A1",))
    assert Answer.objects.get(criterion__code="TK-A1").value == "no"


def test_an_answer_given_on_two_empty_pages_is_not_overwritten_unseen(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("A1", "yes")], by=shopper, at=NOW)
    saved = visits.save_answers(visit=visit, entries=[entry("A1", "no")], by=shopper, at=NOW)
    assert saved.conflicts == ("TK-A1",)


def test_the_same_picture_twice_is_kept_once(visit, shopper, media_root):
    photos = [visits.NewPhoto("TK-A1", visits.photo_files.intake(sheets.picture())) for _ in range(2)]
    saved = visits.save_answers(visit=visit, photos=photos, by=shopper, at=NOW)
    assert (saved.photos, saved.already_there, Photo.objects.count()) == (1, 1, 1)
    assert len([file for file in media_root.rglob("*") if file.is_file()]) == 2  # the picture and its thumbnail


def test_a_removed_photo_comes_back(visit, shopper):
    photo = visits.NewPhoto("TK-A1", visits.photo_files.intake(sheets.picture()))
    visits.save_answers(visit=visit, photos=[photo], by=shopper, at=NOW)
    row = Photo.objects.get()
    visits.save_answers(visit=visit, remove=[row], by=shopper, at=NOW)
    assert not Photo.objects.kept().exists()
    visits.save_answers(visit=visit, restore=[row], by=shopper, at=NOW)
    assert Photo.objects.kept().get() == row


def test_no_file_stays_when_the_visit_moved_on(visit, shopper, media_root):
    type(visit).objects.filter(pk=visit.pk).update(state=VisitState.VOIDED, void_reason="nhầm")
    photo = visits.NewPhoto("TK-A1", visits.photo_files.intake(sheets.picture()))
    with pytest.raises(StaleState):
        visits.save_answers(visit=visit, photos=[photo], by=shopper, at=NOW)
    assert [file for file in media_root.rglob("*") if file.is_file()] == []


def test_rest_not_applicable_marks_only_unanswered_criteria_that_allow_it(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("A2", "met")], by=shopper, at=NOW)
    criteria = sheet.read(visit).outline.criteria
    marked = visits.mark_rest_not_applicable(
        visit=visit, criteria=criteria, reason="Không có giao dịch", by=shopper, at=NOW
    )
    assert marked == 1
    assert list(Answer.objects.values_list("criterion__code", "value", "na_reason").order_by("pk")) == [
        ("TK-A2", "met", ""),
        ("TK-B1", "na", "Không có giao dịch"),
    ]


def test_submit_refuses_and_names_every_gap(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("A1", "yes", photo_waiver="Có người")], by=shopper, at=NOW)
    with pytest.raises(refusals.Incomplete) as refused:
        visits.submit(visit=visit, by=shopper, at=NOW)
    assert [(gap.missing, gap.criterion and gap.criterion.short_code) for gap in refused.value.gaps] == [
        (Missing.MET, None),
        (Missing.ANSWER, "A2"),
        (Missing.ANSWER, "B1"),
        (Missing.ANSWER, "B2"),
        (Missing.ANSWER, "Z1"),
        (Missing.ANSWER, "Z2"),
    ]
    assert not Submission.objects.exists()


def test_submit_scores_keeps_the_workings_and_gives_a_receipt(visit, shopper):
    sheets.complete(visit, shopper)
    submission = visits.submit(visit=visit, by=shopper, at=NOW)
    # (2×100 + 3×50 + 4×50 + 1×100) / 10 = 65 %; the follow-up item is still open and leaves both sums.
    assert (submission.percent, submission.grade, submission.open_follow_ups) == (650_000, "fair", 1)
    assert (submission.personal, submission.answers, submission.photos) == (500_000, 6, 1)
    assert submission.receipt.startswith("NC-261112-")
    assert scoring.from_workings(submission.workings).percent == 650_000
    lost = dict(Answer.objects.filter(result__isnull=False).values_list("criterion__code", "lost"))
    assert lost == {"TK-A1": 0, "TK-A2": 150_000, "TK-B1": 200_000, "TK-B2": 0}


def test_submit_twice_makes_one_submission(visit, shopper):
    sheets.complete(visit, shopper)
    submission = visits.submit(visit=visit, by=shopper, at=NOW)
    with pytest.raises(StaleState) as stale:
        visits.submit(visit=visit, by=shopper, at=NOW)
    assert stale.value.visit.submissions.get() == submission


def test_follow_up_is_a_further_submission_of_its_own(visit, shopper):
    sheets.complete(visit, shopper)
    first = visits.submit(visit=visit, by=shopper, at=NOW)
    later = NOW + timedelta(days=3)
    with pytest.raises(refusals.Incomplete):
        visits.submit_follow_up(visit=visit, by=shopper, at=later)
    visits.save_answers(visit=visit, entries=[entry("B3", "no", note="Không gọi lại")], by=shopper, at=later)
    second = visits.submit_follow_up(visit=visit, by=shopper, at=later)
    # (2×100 + 3×50 + 4×50 + 1×100 + 2×0) / 12
    assert (second.number, second.percent, second.open_follow_ups) == (2, 541_667, 0)
    first.refresh_from_db()
    assert first.percent == 650_000
    with pytest.raises(StaleState):
        visits.submit_follow_up(visit=visit, by=shopper, at=later)


def test_after_submission_only_follow_up_items_can_be_changed(visit, shopper):
    sheets.complete(visit, shopper)
    visits.submit(visit=visit, by=shopper, at=NOW)
    saved = visits.save_answers(
        visit=visit, entries=[entry("A2", "met", seen=1), entry("B3", "yes")], by=shopper, at=NOW
    )
    assert (saved.saved, saved.refused) == (("TK-B3",), ("TK-A2",))
    assert Answer.objects.get(criterion__code="TK-A2").value == "partly"


def test_all_not_applicable_is_not_scored(places, shopper):
    visit = sheets.started(places.counter, shopper)
    content = sheet.read(visit).outline
    every = [scoring.Answer(code=criterion.code, value=scoring.NOT_APPLICABLE) for criterion in content.criteria]
    assert scoring.score(content.rules, every, content.bands).percent is None


def test_not_possible_ends_the_visit_with_its_reason_and_the_door(places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    door = visits.photo_files.intake(sheets.picture("firebrick"))
    visits.report_not_possible(visit=visit, reason="closed", note="Cửa khóa", photos=[door], by=shopper, at=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.not_possible_reason) == (VisitState.NOT_POSSIBLE, "closed")
    assert visit.photos.get().criterion is None


def test_not_possible_keeps_the_day_of_a_visit_that_was_begun(places, shopper):
    visit = sheets.started(places.counter, shopper, at=NOW)
    later = NOW + timedelta(days=1)
    visits.report_not_possible(visit=visit, reason="refused", note="Bị từ chối", by=shopper, at=later)
    visit.refresh_from_db()
    assert visit.visited_on == TODAY


def test_not_possible_refuses_a_visit_before_its_first_day(places, shopper):
    visit = sheets.assigned(places.counter, shopper, opens_on=TODAY + timedelta(days=1))
    with pytest.raises(refusals.NotYetOpen):
        visits.report_not_possible(visit=visit, reason="closed", note="Cửa khóa", by=shopper, at=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.visited_on) == (VisitState.ASSIGNED, None)


def test_another_day_pins_the_answer_card_of_that_day(visit, shopper):
    scenario = plans.scenario()
    before = plans.answer_card(scenario, TODAY - timedelta(days=40))
    plans.answer_card(scenario, TODAY)
    type(visit).objects.filter(pk=visit.pk).update(scenario=scenario, answer_card=None)
    met = {"visit": visit, "staff": None, "description": "Quầy 2", "by": shopper, "at": NOW}
    visits.save_met(visited_on=TODAY, **met)
    visit.refresh_from_db()
    assert visit.answer_card is None  # what was pinned at the start stays with its day
    visits.save_met(visited_on=TODAY - timedelta(days=1), **met)
    visit.refresh_from_db()
    assert (visit.visited_on, visit.answer_card) == (TODAY - timedelta(days=1), before)


def test_met_refuses_a_day_before_the_visit_was_open_and_one_to_come(visit, shopper):
    for day in (visit.opens_on - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(refusals.DayRefused):
            visits.save_met(visit=visit, visited_on=day, staff=None, description="x", by=shopper, at=NOW)


def test_met_refuses_staff_of_another_outlet(visit, places, shopper):
    other = worlds.staff_member("NV2", "Nguyễn Thị Hương", places.other_counter)
    with pytest.raises(refusals.StaffElsewhere):
        visits.save_met(visit=visit, visited_on=TODAY, staff=other, description="", by=shopper, at=NOW)


def test_measured_values_keep_their_decimals(visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("B1", number=Decimal("7.25"))], by=shopper, at=NOW)
    assert Answer.objects.get().number == Decimal("7.25")
