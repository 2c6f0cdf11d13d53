"""The way of a draft into force, and its end: two persons, one day, and nothing that moves under either."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists import triggers
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.undone import mark_of, undone
from audits.checklists.publishing import actions as publishing
from audits.checklists.publishing.pages import approvers
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import refusals
from audits.models import ChecklistEvent, ChecklistVersion, Submission
from outlets.models import Role
from tests import pages, sheets, worlds
from tests.kept import kept
from tests.plans import BANDS
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

State = ChecklistVersion.State
TODAY = timezone.localdate(NOW)


@kept
def places():
    return worlds.places()


@kept
def people(places):
    return worlds.people(places)


@pytest.fixture
def running(places):
    return sheets.every_kind().versions.get()


@pytest.fixture
def editor():
    return worlds.user("bientap", Role.EDITOR)


@pytest.fixture
def office():
    return worlds.user("vanphong", Role.OFFICE)


def drafted(running, editor, note="Bỏ câu hỏi trùng, tăng trọng số lời chào.", effective_on=None):
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    drafts.edit_criterion(version=draft, code="TK-A1", changed={"weight": "8"}, seen=0, by=editor, at=NOW)
    return publishing.set_facts(version=draft, note=note, effective_on=effective_on, bands=BANDS, by=editor, at=NOW)


@pytest.fixture
def proposed(running, editor):
    return publishing.propose(version=drafted(running, editor), by=editor, at=NOW)


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def happened(version) -> list[str]:
    return list(version.events.order_by("pk").values_list("kind", flat=True))


class TestProposing:
    def test_a_proposed_draft_does_not_change_any_more(self, proposed, editor):
        assert (proposed.state, proposed.proposed_by, proposed.proposed_at) == (State.PROPOSED, editor, NOW)
        with pytest.raises(checklists.NotADraft, match="chờ duyệt"):
            drafts.add_section(version=proposed, name_vi="Mới", by=editor, at=NOW)
        with pytest.raises(checklists.NotADraft):
            publishing.set_facts(version=proposed, note="", effective_on=None, bands=BANDS, by=editor, at=NOW)
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            run(f"UPDATE audits_criterion SET weight = 9 WHERE version_id = {proposed.pk}")
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            run(f"UPDATE audits_checklistversion SET note = 'khác' WHERE id = {proposed.pk}")
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            run(
                "UPDATE audits_checklistversion SET state = 'retired', published_at = proposed_at, "
                f"retired_at = proposed_at WHERE id = {proposed.pk}"
            )

    def test_what_changes_and_why_has_to_be_said(self, running, editor):
        with pytest.raises(publishing.NoNote):
            publishing.propose(version=drafted(running, editor, note=" \n"), by=editor, at=NOW)

    def test_a_draft_with_faults_is_not_proposed(self, running, editor):
        draft = drafted(running, editor)
        drafts.edit_criterion(version=draft, code="TK-A1", changed={"text_vi": ""}, seen=0, by=editor, at=NOW)
        with pytest.raises(checklists.Unpublishable):
            publishing.propose(version=draft, by=editor, at=NOW)

    def test_it_can_be_taken_back_and_changed(self, proposed, editor):
        publishing.withdraw(version=proposed, by=editor, at=NOW)
        assert (proposed.state, proposed.proposed_at, proposed.proposed_by) == (State.DRAFT, None, None)
        drafts.edit_criterion(version=proposed, code="TK-A1", changed={"weight": "5"}, seen=1, by=editor, at=NOW)
        assert happened(proposed) == ["drafted", "settings", "proposed", "withdrawn"]


class TestDeciding:
    def test_the_second_person_puts_it_in_force(self, running, proposed, office):
        publishing.approve(version=proposed, seen=mark_of(proposed), by=office, at=NOW)
        running.refresh_from_db()
        assert (proposed.state, proposed.approved_by, proposed.published_by) == (State.PUBLISHED, office, office)
        assert (running.state, running.grace_until) == (State.RETIRED, None)
        assert happened(proposed) == ["drafted", "settings", "proposed", "approved", "published"]
        assert proposed.events.first().note == proposed.note

    def test_nobody_approves_what_they_proposed_or_changed(self, running, editor, office):
        own = publishing.propose(version=drafted(running, office), by=office, at=NOW)
        with pytest.raises(publishing.SamePerson, match="gửi duyệt"):
            publishing.approve(version=own, seen=mark_of(own), by=office, at=NOW)
        touched = publishing.propose(version=drafted(running, office), by=editor, at=NOW)
        with pytest.raises(publishing.SamePerson, match="sửa"):
            publishing.approve(version=touched, seen=mark_of(touched), by=office, at=NOW)
        assert touched.state == State.PROPOSED

    def test_nobody_approves_the_copy_they_made_or_whose_settings_they_chose(self, running, editor, office):
        copied = checklists.draft_from(version=running, by=office, at=NOW)
        publishing.set_facts(version=copied, note="Vì sao", effective_on=None, bands=BANDS, by=editor, at=NOW)
        publishing.propose(version=copied, by=editor, at=NOW)
        with pytest.raises(publishing.SamePerson):
            publishing.approve(version=copied, seen=mark_of(copied), by=office, at=NOW)
        chosen = checklists.draft_from(version=running, by=editor, at=NOW)
        publishing.set_facts(version=chosen, note="Vì sao", effective_on=None, bands=BANDS, by=office, at=NOW)
        publishing.propose(version=chosen, by=editor, at=NOW)
        with pytest.raises(publishing.SamePerson):
            publishing.approve(version=chosen, seen=mark_of(chosen), by=office, at=NOW)

    def test_it_is_sent_back_with_words(self, proposed, office):
        publishing.send_back(version=proposed, seen=mark_of(proposed), note="Giữ trọng số A1.", by=office, at=NOW)
        assert proposed.state == State.DRAFT
        assert (proposed.events.first().kind, proposed.events.first().note) == ("sent_back", "Giữ trọng số A1.")

    def test_of_two_decisions_the_second_is_told_of_the_first(self, proposed, office):
        again = ChecklistVersion.objects.get(pk=proposed.pk)
        publishing.approve(version=proposed, seen=mark_of(proposed), by=office, at=NOW)
        for late in (
            lambda: publishing.approve(
                version=again, seen=mark_of(again), by=worlds.user("vanphong2", Role.OFFICE), at=NOW
            ),
            lambda: publishing.send_back(version=again, seen=mark_of(again), note="Không", by=office, at=NOW),
            lambda: publishing.withdraw(version=again, by=office, at=NOW),
        ):
            with pytest.raises(publishing.Decided) as refused:
                late()
            assert refused.value.event.kind == ChecklistEvent.Kind.PUBLISHED

    def test_approved_for_a_later_day_it_runs_from_that_day_on(self, running, editor, office, places, people):
        day = TODAY + timedelta(days=3)
        version = publishing.propose(version=drafted(running, editor, effective_on=day), by=editor, at=NOW)
        publishing.approve(version=version, seen=mark_of(version), by=office, at=NOW)
        assert version.state == State.APPROVED
        before = visits.start(visit=sheets.assigned(places.counter, people.shopper), by=people.shopper, at=NOW)
        late = sheets.assigned(places.other_counter, people.shopper)
        on_the_day = visits.start(visit=late, by=people.shopper, at=NOW + timedelta(days=3))
        assert (before.version, on_the_day.version) == (running, version)
        version.refresh_from_db()
        assert (version.state, version.published_by) == (State.PUBLISHED, office)

    def test_the_daily_command_puts_in_force_what_is_due(self, running, editor, office, capsys):
        version = drafted(running, editor, effective_on=timezone.localdate() + timedelta(days=2))
        publishing.propose(version=version, by=editor, at=NOW)
        publishing.approve(version=version, seen=mark_of(version), by=office, at=timezone.now())
        call_command("take_effect")
        assert "Nothing is due" in capsys.readouterr().out
        assert publishing.take_effect(at=timezone.now() + timedelta(days=2)) == [version]
        assert publishing.take_effect(at=timezone.now() + timedelta(days=2)) == []

    def test_until_its_day_it_can_be_taken_back(self, running, editor, office):
        version = drafted(running, editor, effective_on=TODAY + timedelta(days=3))
        publishing.propose(version=version, by=editor, at=NOW)
        publishing.approve(version=version, seen=mark_of(version), by=office, at=NOW)
        publishing.withdraw(version=version, by=editor, at=NOW)
        assert (version.state, version.approved_at) == (State.DRAFT, None)
        assert publishing.take_effect(at=NOW + timedelta(days=9)) == []


class TestRetiring:
    def test_visits_begun_can_be_submitted_until_the_last_day(self, running, office, places, people):
        visit = sheets.complete(sheets.started(places.counter, people.shopper), people.shopper)
        late = sheets.complete(sheets.started(places.other_counter, people.shopper), people.shopper, colour="gold")
        publishing.retire(
            version=running, note="Kênh này dừng khảo sát.", grace_until=TODAY + timedelta(days=5), by=office, at=NOW
        )
        visits.submit(visit=visit, by=people.shopper, at=NOW + timedelta(days=5))
        with pytest.raises(refusals.GraceEnded):
            visits.submit(visit=late, by=people.shopper, at=NOW + timedelta(days=6))
        with pytest.raises(refusals.NoRunningChecklist):
            visits.start(visit=sheets.assigned(places.counter, people.shopper), by=people.shopper, at=NOW)
        publishing.extend_grace(version=running, grace_until=TODAY + timedelta(days=9), by=office, at=NOW)
        late.refresh_from_db()
        visits.submit(visit=late, by=people.shopper, at=NOW + timedelta(days=6))
        assert Submission.objects.count() == 2

    def test_what_was_submitted_once_can_always_be_mended(self, running, office, places, people):
        visit = sheets.returned(sheets.submitted(places.counter, people.shopper), "A1")
        publishing.retire(version=running, note="Dừng", grace_until=TODAY, by=office, at=NOW)
        later = NOW + timedelta(days=30)
        visits.save_answers(
            visit=visit, entries=[sheets.entry("A1", "no", note="Cửa bẩn.", seen=1)], by=people.shopper, at=later
        )
        visits.submit(visit=visit, by=people.shopper, at=later)

    def test_a_last_day_in_the_past_is_refused(self, running, office):
        with pytest.raises(publishing.GraceTooShort):
            publishing.retire(version=running, note="Dừng", grace_until=TODAY - timedelta(days=1), by=office, at=NOW)
        running.refresh_from_db()
        assert running.state == State.PUBLISHED

    def test_of_a_retired_version_only_the_last_day_changes(self, running, office):
        publishing.retire(version=running, note="Dừng", grace_until=TODAY, by=office, at=NOW)
        run("UPDATE audits_checklistversion SET grace_until = '2026-12-31'")
        for sql in ("state = 'published', retired_at = NULL, grace_until = NULL", "band_good = 81"):
            with pytest.raises(DatabaseError, match=triggers.REFUSAL):
                run(f"UPDATE audits_checklistversion SET {sql}")


def test_the_whole_way_by_the_pages(client, running, editor, office):
    """Two persons, from the settings of the draft to the history of the running version."""
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    drafts.edit_criterion(version=draft, code="TK-A1", changed={"weight": "8"}, seen=0, by=editor, at=NOW)

    def to(name):
        return reverse(f"audits:{name}", args=[draft.public_id])

    client.force_login(editor)
    first = client.get(to("draft_propose"))
    assert "Bước 1/2" in pages.words(first)
    assert "Mức xếp loại: giữ như bản 1" in pages.words(first)
    assert '<details class="fold">' in first.content.decode()
    facts = {"note": "Tăng trọng số A1.", "effective_on": "", **{name: str(value) for name, value in BANDS.items()}}
    facts["seen"] = first.context["form"].seen
    wrong = client.post(to("draft_settings"), facts | {"band_good": "95", "effective_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert {"band_good", "effective_on"} <= set(wrong.context["form"].errors)
    assert '<details class="fold" open>' in wrong.content.decode()
    assert client.post(to("draft_settings"), facts | {"second": "1"}).url == to("draft_edit")
    assert client.post(to("draft_settings"), facts).url == to("draft_propose")
    second = pages.words(client.get(to("draft_propose")))
    assert "Đã lưu, chưa gửi" in second
    assert "Bước 2/2" in second
    sent = pages.words(client.post(to("draft_propose"), follow=True))
    draft.refresh_from_db()
    assert draft.state == State.PROPOSED
    assert f"Người có thể duyệt, ở ban chương trình: {office.shown_name}." in sent
    assert "Duyệt xong, bản này áp dụng ngay" in sent
    assert client.get(to("draft_edit")).status_code == 302
    client.force_login(office)
    assert draft.checklist.name in pages.words(client.get("/"))
    decide = client.get(to("proposal_decide"))
    assert "Tăng trọng số A1." in pages.words(decide)
    assert client.post(to("proposal_decide"), {"do": "send_back", "note": ""}).status_code == 422
    assert client.post(to("proposal_decide"), {}).status_code == 422  # nothing is approved by accident
    client.post(to("proposal_decide"), {"do": "approve", "seen": decide.context["seen"]})
    draft.refresh_from_db()
    assert draft.state == State.PUBLISHED
    shown = pages.words(client.get(to("version_detail")))
    for word in ("Gửi duyệt", "Đã duyệt", "Đã công bố", "Tăng trọng số A1."):
        assert word in shown
    client.force_login(editor)
    assert "đã có người quyết định" in pages.words(client.post(to("proposal_withdraw"), follow=True))


def test_only_those_are_named_who_can_decide(running, editor, office):
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    second = worlds.user("vanphong2", Role.OFFICE)
    assert approvers(draft) == sorted([office.shown_name, second.shown_name])
    drafts.edit_criterion(version=draft, code="TK-A1", changed={"weight": "8"}, seen=0, by=second, at=NOW)
    drafts.edit_criterion(version=draft, code="TK-A1", changed={"weight": "9"}, seen=9, by=None, at=NOW)
    assert approvers(draft) == [office.shown_name]
    publishing.set_facts(version=draft, note="", effective_on=None, bands={}, by=office, at=NOW)
    assert approvers(draft) == [office.shown_name]  # nothing has been changed by that
    publishing.set_facts(version=draft, note="Vì sao", effective_on=None, bands={}, by=office, at=NOW)
    assert approvers(draft) == []


def test_grades_that_differ_from_the_version_before_are_shown_unfolded(client, running, editor):
    draft = checklists.draft_from(version=running, by=editor, at=NOW)
    publishing.set_facts(version=draft, note="", effective_on=None, bands={"band_good": 85}, by=editor, at=NOW)
    client.force_login(editor)
    shown = client.get(reverse("audits:draft_propose", args=[draft.public_id]))
    assert '<details class="fold" open>' in shown.content.decode()


def test_after_the_last_day_a_visit_is_read_and_taken_along(client, running, office, places, people):
    visit = sheets.complete(sheets.started(places.counter, people.shopper), people.shopper)
    publishing.retire(version=running, note="Dừng", grace_until=TODAY, by=office, at=NOW)
    client.force_login(people.shopper)
    ids = [visit.public_id]
    told = client.post(reverse("audits:visit_submit", args=ids), follow=True)
    assert "đến hết" in pages.words(told)
    visit.refresh_from_db()
    assert visit.state == "in_progress"
    file = client.get(reverse("audits:visit_answers", args=ids))
    assert file["Content-Type"].startswith("text/csv")
    assert "TK-A1" in file.content.decode("utf-8-sig")


# --- What would be taken back ----------------------------------------------------------------------


def edited(draft, editor, code="TK-A1", **changed):
    drafts.edit_criterion(version=draft, code=code, changed=changed, seen=999, by=editor, at=NOW)
    return draft


def in_force(draft, editor, office, effective_on=None, at=NOW):
    """A draft taken all the way, everything that it takes back said to be meant by both."""
    publishing.set_facts(version=draft, note="Vì sao", effective_on=effective_on, bands=BANDS, by=editor, at=at)
    publishing.propose(version=draft, meant=marks(draft), by=editor, at=at)
    return publishing.approve(version=draft, seen=mark_of(draft), meant=marks(draft), by=office, at=at)


def marks(version):
    return [each.mark for each in undone(version, today=TODAY)]


def told(version):
    """What is taken back, as (number of the other version, later, code, rule, from, to)."""
    return [
        (each.other.number, each.is_later, one.after.short_code, rule.name, rule.before, rule.after)
        for each in undone(version, today=TODAY)
        for one in each.comparison.differing
        for rule in one.rules
    ]


class TestTakingBack:
    def test_a_copy_of_an_old_version_takes_back_what_runs_and_both_must_say_that_it_is_meant(
        self, running, editor, office
    ):
        in_force(edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, weight="9"), editor, office)
        old = edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, "TK-A2", weight="5")
        publishing.set_facts(version=old, note="Vì sao", effective_on=None, bands=BANDS, by=editor, at=NOW)
        assert told(old) == [(2, False, "A1", "Trọng số", "9", "2")]  # its own change of A2 takes nothing back
        with pytest.raises(publishing.WouldUndo) as refused:
            publishing.propose(version=old, by=editor, at=NOW)
        assert [each.other.number for each in refused.value.undone] == [2]
        publishing.propose(version=old, meant=marks(old), by=editor, at=NOW)
        with pytest.raises(publishing.WouldUndo):
            publishing.approve(version=old, seen=mark_of(old), by=office, at=NOW)
        publishing.approve(version=old, seen=mark_of(old), meant=marks(old), by=office, at=NOW)
        assert old.state == State.PUBLISHED

    def test_what_was_said_counts_for_what_was_shown_only(self, running, editor, office):
        in_force(edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, weight="9"), editor, office)
        old = checklists.draft_from(version=running, by=editor, at=NOW)
        publishing.set_facts(version=old, note="Vì sao", effective_on=None, bands=BANDS, by=editor, at=NOW)
        said = marks(old)
        edited(old, editor, weight="8")
        with pytest.raises(publishing.WouldUndo):
            publishing.propose(version=old, meant=said, by=editor, at=NOW)

    def test_a_copy_of_what_runs_takes_nothing_back(self, running, editor, office):
        new = in_force(
            edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, weight="9"), editor, office
        )
        draft = edited(checklists.draft_from(version=new, by=editor, at=NOW), editor, weight="4")
        copy = checklists.draft_from(version=draft, by=editor, at=NOW)
        assert (told(draft), told(copy)) == ([], [])

    def test_what_the_copied_draft_was_given_after_the_copying_is_not_in_the_copy(self, running, editor, office):
        first = checklists.draft_from(version=running, by=editor, at=NOW)
        copy = checklists.draft_from(version=first, by=editor, at=NOW)
        in_force(edited(first, editor, weight="9"), editor, office, at=NOW + timedelta(hours=1))
        assert told(copy) == [(2, False, "A1", "Trọng số", "9", "2")]

    def test_criteria_added_and_removed_meanwhile_are_told(self, running, editor, office):
        new = checklists.draft_from(version=running, by=editor, at=NOW)
        added = drafts.add_criterion(version=new, section="A", plain={"text_vi": "Mới"}, by=editor, at=NOW)
        drafts.delete_criterion(version=new, code="TK-B3", by=editor, at=NOW)
        in_force(new, editor, office)
        old = checklists.draft_from(version=running, by=editor, at=NOW)
        drafts.add_criterion(version=old, section="B", plain={"text_vi": "Của tôi"}, by=editor, at=NOW)
        [found] = undone(old, today=TODAY)
        assert [each.code for each in found.comparison.removed] == [added]
        assert [each.code for each in found.comparison.added] == ["TK-B3"]

    def test_of_two_approved_for_their_days_the_second_says_what_becomes_of_the_first(self, running, editor, office):
        late, soon = (checklists.draft_from(version=running, by=editor, at=NOW) for _ in range(2))
        in_force(edited(late, editor, weight="9"), editor, office, effective_on=TODAY + timedelta(days=9))
        publishing.set_facts(
            version=edited(soon, editor, "TK-A2", weight="5"),
            note="Vì sao",
            effective_on=TODAY + timedelta(days=2),
            bands=BANDS,
            by=editor,
            at=NOW,
        )
        assert told(soon) == [(2, True, "A2", "Trọng số", "5", "3")]
        publishing.set_facts(
            version=soon, note="Vì sao", effective_on=TODAY + timedelta(days=20), bands=BANDS, by=editor, at=NOW
        )
        assert told(soon) == [(2, False, "A1", "Trọng số", "9", "2")]

    def test_what_is_due_already_is_in_force_before_the_next_is_approved(self, running, editor, office):
        due = edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, weight="9")
        in_force(due, editor, office, effective_on=TODAY + timedelta(days=1))
        next_one = edited(checklists.draft_from(version=due, by=editor, at=NOW), editor, weight="4")
        later = NOW + timedelta(days=1)
        in_force(next_one, editor, office, at=later)
        due.refresh_from_db()
        assert (due.state, next_one.state) == (State.RETIRED, State.PUBLISHED)
        assert publishing.take_effect(at=later + timedelta(days=9)) == []


def test_the_pages_say_aloud_what_is_taken_back_and_ask_for_each(client, running, editor, office):
    in_force(edited(checklists.draft_from(version=running, by=editor, at=NOW), editor, weight="9"), editor, office)
    old = checklists.draft_from(version=running, by=editor, at=NOW)
    publishing.set_facts(version=old, note="Vì sao", effective_on=None, bands=BANDS, by=editor, at=NOW)
    loud = "Chép từ bản 1, trong khi bản 2 đang dùng"

    def to(name):
        return reverse(f"audits:{name}", args=[old.public_id])

    client.force_login(editor)
    assert loud in pages.words(client.get(to("draft_edit")))
    shown = client.get(to("draft_propose"))
    assert loud in pages.words(shown)
    assert "Trọng số: 9 2" in pages.words(shown)
    refused = client.post(to("draft_propose"))
    assert (refused.status_code, loud in pages.words(refused)) == (422, True)
    client.post(to("draft_propose"), {"meant": marks(old)})
    client.force_login(office)
    decide = client.get(to("proposal_decide"))
    assert loud in pages.words(decide)
    approval = {"do": "approve", "seen": decide.context["seen"]}
    assert client.post(to("proposal_decide"), approval).status_code == 422
    client.post(to("proposal_decide"), approval | {"meant": marks(old)})
    old.refresh_from_db()
    assert old.state == State.PUBLISHED


# --- What was shown --------------------------------------------------------------------------------


def test_a_decision_counts_for_what_was_shown_only(proposed, editor, office):
    seen = mark_of(proposed)
    publishing.withdraw(version=proposed, by=editor, at=NOW)
    edited(proposed, editor, weight="900")
    publishing.propose(version=proposed, by=editor, at=NOW)
    with pytest.raises(publishing.NotAsShown):
        publishing.approve(version=proposed, seen=seen, by=office, at=NOW)
    with pytest.raises(publishing.NotAsShown):
        publishing.send_back(version=proposed, seen=seen, note="Giữ trọng số", by=office, at=NOW)
    assert proposed.state == State.PROPOSED
    publishing.set_facts(
        version=publishing.withdraw(version=proposed, by=editor, at=NOW),
        note="Lý do khác",
        effective_on=None,
        bands=BANDS,
        by=editor,
        at=NOW,
    )
    assert mark_of(proposed) != seen


def test_whoever_decides_on_an_old_page_is_shown_the_new_content_and_what_happened(client, proposed, editor, office):
    address = reverse("audits:proposal_decide", args=[proposed.public_id])
    client.force_login(office)
    seen = client.get(address).context["seen"]
    publishing.withdraw(version=proposed, by=editor, at=NOW)
    waits_no_more = client.post(address, {"do": "approve", "seen": seen}, follow=True)
    assert editor.shown_name in pages.words(waits_no_more)
    edited(proposed, editor, weight="900")
    publishing.propose(version=proposed, by=editor, at=NOW)
    for do in ("approve", "send_back"):
        told_so = client.post(address, {"do": do, "seen": seen, "note": "Giữ nguyên"})
        shown = pages.words(told_so)
        assert told_so.status_code == 409
        for words in ("Chưa quyết định gì", "Rút lại để sửa", editor.shown_name, "900"):
            assert words in shown
    assert "Giữ nguyên" in shown  # the words for the editors are still there
    client.post(address, {"do": "approve", "seen": told_so.context["seen"]})
    proposed.refresh_from_db()
    assert proposed.state == State.PUBLISHED
