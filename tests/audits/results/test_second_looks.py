"""A unit asks about one criterion of one block; the office rules; both sides know whose turn it is."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audits import media
from audits.models import Block, Period, Revision, SecondLook, SecondLookFile, UnitScore
from audits.results import actions as results
from audits.results.actions import CorrectedValue
from audits.results.second_looks import actions, deadlines, queries
from audits.results.tallies import Kind
from outlets.models import Role
from outlets.people.permissions import access_of
from tests import published, second_looks, worlds
from tests.kept import kept
from tests.second_looks import ASKED_AT, REASON, RULED_AT

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
State, Turn = SecondLook.State, SecondLook.Turn


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    """Two blocks, of 100, 100 and 25 %: A2 was not met once in each."""
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "yy", "yn")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)


@pytest.fixture
def block(october, at):
    return Block.objects.select_related("period").get(outlet=at.counter)


@pytest.fixture
def look(block, people):
    return second_looks.asked(block, people.outlethead)


def kinds(look):
    return list(look.events.values_list("kind", "by__username", "text"))


def test_a_request_waits_for_the_office_since_it_was_asked(look, people):
    assert (look.state, look.turn, look.since, look.criterion.code) == (State.ASKED, Turn.OFFICE, ASKED_AT, "A2")
    assert kinds(look) == [("asked", "outlethead", REASON)]


def test_only_a_criterion_that_is_told_and_lost_points_is_asked_about(block, people):
    assert [each.code for each in queries.askable(block)] == ["A2"]
    for code in ("A1", "A9"):
        with pytest.raises(actions.NotAskable):
            second_looks.asked(block, people.outlethead, code)


def test_what_a_block_folds_is_not_asked_about(october, at, people):
    """A2 did not apply in two of four visits: closing tells of it nothing but the points lost."""
    for number, answers in enumerate(("y-", "n-", "yn", "nn")):
        shopper = people.shopper2 if number % 2 else people.shopper
        published.approved(at.other_counter, shopper, date(2026, 11, 5) + timedelta(days=number), answers)
    published.closed(date(2026, 11, 1))
    codes = {each.code for each in queries.askable(Block.objects.get(outlet=at.other_counter))}
    assert "A2" not in codes


def test_the_last_day_counts_whole_and_the_next_is_too_late(block, people, settings):
    assert deadlines.until(block.period) == date(2026, 11, 17)
    last = datetime(2026, 11, 17, 23, 59, tzinfo=published.VIETNAM)
    assert list(deadlines.open_periods(last)) == [block.period]
    assert list(deadlines.open_periods(last + timedelta(minutes=1))) == []
    with pytest.raises(actions.TooLate) as late:
        second_looks.asked(block, people.outlethead, at=last + timedelta(minutes=1))
    assert (late.value.until, SecondLook.objects.count()) == (date(2026, 11, 17), 0)
    settings.SECOND_LOOK_DAYS = 15
    assert second_looks.asked(block, people.outlethead, at=last + timedelta(minutes=1)).state == State.ASKED


def test_a_criterion_of_a_block_is_asked_about_once(look, block, people):
    with pytest.raises(actions.AlreadyAsked) as asked:
        second_looks.asked(block, people.manager)
    assert asked.value.second_look == look
    second_looks.kept(look, people.office)
    with pytest.raises(actions.AlreadyAsked):
        second_looks.asked(block, people.manager)


def test_the_database_refuses_a_second_one_too(look, block, people):
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondLook.objects.create(
            block=block,
            criterion=look.criterion,
            reason="x",
            asked_at=ASKED_AT,
            asked_by=people.manager,
            turned_at=ASKED_AT,
        )


def test_what_was_withdrawn_may_be_asked_again(look, block, people):
    actions.withdraw(second_look=look, by=people.manager, at=RULED_AT)
    look.refresh_from_db()
    assert (look.state, look.turn, look.since) == (State.WITHDRAWN, Turn.NOBODY, RULED_AT)
    assert kinds(look)[1:] == [("withdrawn", "manager", "")]
    again = second_looks.asked(block, people.outlethead, at=RULED_AT)
    assert (again.state, SecondLook.objects.count()) == (State.ASKED, 2)


def test_kept_as_it_is_moves_no_figure_and_is_the_units_turn_to_read(look, people, at):
    second_looks.kept(look, people.office)
    assert (look.state, look.turn, look.since, look.ruling) == (State.KEPT, Turn.UNIT, RULED_AT, second_looks.KEPT)
    assert Revision.objects.count() == 0
    actions.mark_read(second_look=look, by=people.manager, at=RULED_AT + timedelta(days=1))
    look.refresh_from_db()
    assert (look.turn, look.since) == (Turn.NOBODY, RULED_AT + timedelta(days=1))
    with pytest.raises(actions.Moved):
        actions.mark_read(second_look=look, by=people.outlethead, at=RULED_AT)


@pytest.mark.parametrize(
    ("state", "is_read", "said"),
    [
        (State.ASKED, False, "Chờ Ban chương trình xem lại và trả lời."),
        (State.UPHELD, False, "Ban chương trình đã đính chính; đơn vị chưa đọc trả lời."),
        (State.UPHELD, True, "Ban chương trình đã đính chính; đơn vị đã đọc trả lời."),
        (State.KEPT, False, "Ban chương trình giữ nguyên kết quả; đơn vị chưa đọc trả lời."),
        (State.KEPT, True, "Ban chương trình giữ nguyên kết quả; đơn vị đã đọc trả lời."),
        (State.WITHDRAWN, False, "Đơn vị đã rút ý kiến, không cần làm gì thêm."),
    ],
)
def test_one_sentence_says_where_it_stands(state, is_read, said):
    look = SecondLook(state=state, turned_at=ASKED_AT, read_at=RULED_AT if is_read else None)
    with translation.override("vi"):
        assert look.standing == said


@pytest.mark.parametrize("state", [State.UPHELD, State.KEPT])
def test_the_unit_itself_is_told_that_it_is_its_turn(state):
    unread, read = (SecondLook(state=state, turned_at=ASKED_AT, read_at=at) for at in (None, RULED_AT))
    with translation.override("vi"):
        assert unread.own_standing.endswith("; mời Anh/Chị đọc trả lời.")
        assert read.own_standing == read.standing


def test_upheld_corrects_the_visit_and_every_figure_above_it(look, people, at):
    second_looks.upheld(look, people.office)
    revision = look.revisions.get()
    assert (revision.reason, revision.made_by, revision.published) == (
        second_looks.UPHELD,
        people.office,
        second_looks.doubted(look),
    )
    for unit in (at.counter.unit, at.long_xuyen, at.an_giang):
        assert UnitScore.objects.get(unit=unit, kind=Kind.TOTAL).total == 3_000_000
    assert UnitScore.objects.get(unit=at.ha_noi, kind=Kind.TOTAL).total == 2_250_000
    assert (look.state, kinds(look)[-1]) == (State.UPHELD, ("upheld", "office", second_looks.UPHELD))


@pytest.mark.parametrize("values", [{}, {"A": "no"}])
def test_upheld_without_a_change_writes_nothing(look, people, values):
    chosen = {second_looks.doubted(look).visit: CorrectedValue(value) for value in values.values()}
    with pytest.raises(actions.NothingCorrected), transaction.atomic():
        actions.uphold(second_look=look, ruling="Đúng vậy", values=chosen, by=people.office, at=RULED_AT)
    look.refresh_from_db()
    assert (look.state, Revision.objects.count(), look.events.count()) == (State.ASKED, 0, 1)


def test_a_visit_of_another_block_is_not_corrected(look, people, at):
    other = Block.objects.get(outlet=at.far_counter).published.select_related("visit").first().visit
    with pytest.raises(ValueError, match="another block"):
        actions.uphold(
            second_look=look, ruling="x", values={other: CorrectedValue("no")}, by=people.office, at=RULED_AT
        )


def test_a_correction_that_would_single_a_visit_out_leaves_the_request_open(look, people, monkeypatch):
    def refuse(**given):
        raise results.TooFewLeft(["A2"], results.Rule(visits=3, shoppers=2))

    monkeypatch.setattr(results, "correct", refuse)
    with pytest.raises(results.TooFewLeft):
        second_looks.upheld(look, people.office)
    look.refresh_from_db()
    assert (look.state, look.events.count()) == (State.ASKED, 1)


def test_the_office_takes_up_again_what_it_kept_and_nothing_else(look, people):
    with pytest.raises(actions.Moved):
        actions.reopen(second_look=look, reason="Có ảnh mới", by=people.office, at=RULED_AT)
    second_looks.kept(look, people.office)
    actions.reopen(second_look=look, reason="Có ảnh mới", by=people.office, at=RULED_AT)
    look.refresh_from_db()
    assert (look.state, look.turn, look.ruling) == (State.ASKED, Turn.OFFICE, "")
    assert [kind for kind, _by, _text in kinds(look)] == ["asked", "kept", "reopened"]
    second_looks.upheld(look, people.office)
    with pytest.raises(actions.Moved):
        actions.reopen(second_look=look, reason="Lần nữa", by=people.office, at=RULED_AT)


@pytest.mark.parametrize("act", ["withdraw", "keep"])
def test_what_has_been_ruled_is_neither_withdrawn_nor_ruled_again(look, people, act):
    second_looks.upheld(look, people.office)
    words = {"ruling": "Giữ nguyên"} if act == "keep" else {}
    with pytest.raises(actions.Moved) as moved:
        getattr(actions, act)(second_look=look, by=people.office, at=RULED_AT, **words)
    assert moved.value.second_look.state == State.UPHELD


class TestWhoReads:
    @pytest.fixture
    def looks(self, look, at, people):
        far = second_looks.asked(Block.objects.get(outlet=at.far_counter), people.manager2)
        return {look.pk: "here", far.pk: "there"}

    def seen(self, looks, user):
        return {looks[each.pk] for each in queries.readable(user, access_of(user))}

    def test_a_manager_reads_those_of_the_own_units_and_the_office_all(self, looks, people):
        assert {name: self.seen(looks, people.all[name]) for name in ("outlethead", "manager", "manager2")} == {
            "outlethead": {"here"},
            "manager": {"here"},
            "manager2": {"there"},
        }
        assert self.seen(looks, people.office) == {"here", "there"}

    def test_an_office_person_who_manages_a_unit_asks_there_and_rules_elsewhere(self, looks, people, at):
        both = worlds.user("both", Role.OFFICE)
        both.memberships.create(role=Role.MANAGER, unit=at.ha_noi, granted_at=worlds.NOW - timedelta(days=9))
        access = access_of(both)
        assert self.seen(looks, both) == {"here", "there"}
        rules = {looks[each.pk]: queries.may_rule(both, access, each) for each in queries.readable(both, access)}
        assert rules == {"here": True, "there": False}
        assert queries.waiting_for_office(both).waiting == 1

    def test_an_office_person_who_works_at_the_outlet_does_not_see_its_requests(self, looks, people, at):
        worlds.staff_member("NV9", "Lê Thị Thu Hà", at.counter, user=people.office)
        assert self.seen(looks, people.office) == {"there"}

    def test_the_counts_are_of_what_waits_for_the_reader(self, looks, look, people):
        access = access_of(people.manager)
        assert (queries.waiting_for_office(people.office).waiting, queries.waiting_for_unit(access)) == (2, 0)
        assert queries.waiting_for_office(people.office).since == look.turned_at
        second_looks.kept(look, people.office)
        assert (queries.waiting_for_office(people.office).waiting, queries.waiting_for_unit(access)) == (1, 1)
        assert queries.waiting_for_unit(access_of(people.manager2)) == 0


class TestFiles:
    def test_each_file_is_kept_once_clean_and_named_by_nothing_of_its_own(self, block, people, media_root):
        look = second_looks.asked(block, people.outlethead, with_files=True)
        sent = list(look.files.all())
        assert [each.is_photo for each in sent] == [True, False]
        assert (media_root / sent[1].file).read_bytes() == second_looks.pdf()
        assert {Path(each.file).suffix for each in sent} == {".jpg", ".pdf"}
        assert all((media_root / each.file).stat().st_size == each.size for each in sent)

    def test_files_of_a_refused_request_are_not_left_behind(self, look, block, people, media_root):
        with pytest.raises(actions.AlreadyAsked):
            second_looks.asked(block, people.manager, with_files=True)
        assert [path for path in media_root.rglob("*") if path.is_file()] == []

    def test_nor_those_of_one_that_the_database_refuses(self, block, people, media_root, monkeypatch):
        def fails(*args, **named):
            raise RuntimeError

        monkeypatch.setattr(actions, "_note", fails)
        with pytest.raises(RuntimeError):
            second_looks.asked(block, people.outlethead, with_files=True)
        assert [path for path in media_root.rglob("*") if path.is_file()] == []

    def test_the_sweep_leaves_what_a_request_holds_and_takes_what_none_does(self, block, people, media_root):
        look = second_looks.asked(block, people.outlethead, with_files=True)
        for number in (1, 2):
            (media_root / f"2026/11/{str(number) * 32}.pdf").write_bytes(b"left")
        swept = media.sweep(at=datetime.now(published.VIETNAM) + timedelta(days=2))
        assert swept == 2
        assert all((media_root / each.file).exists() for each in look.files.all())


def test_health_counts_what_units_were_right_about(look, block, people):
    assert queries.upheld_by_code(Block.objects.all()) == {}
    second_looks.upheld(look, people.office)
    assert queries.upheld_by_code(Block.objects.all()) == {"A2": 1}
    assert queries.upheld_by_code(Block.objects.exclude(pk=block.pk)) == {}
    assert (Period.objects.count(), SecondLookFile.objects.count()) == (1, 0)
