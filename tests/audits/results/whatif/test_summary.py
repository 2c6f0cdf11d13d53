"""The what-if in a few lines, where the second person decides: there or said not to be there, never waited for."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.publishing import actions as publishing
from audits.fieldwork.states import VisitState
from audits.models import Checklist
from audits.results.whatif import sharing, summary
from outlets.models import Role
from tests import pages, plans, published, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    for number, answers in enumerate(("yy", "ny", "ny")):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(date(2026, 10, 1))


@pytest.fixture
def proposed(at, people):
    """A draft sent for approval by an editor."""
    checklist = Checklist.objects.filter(code="TQ").first() or plans.checklist()
    editor = worlds.user("bientap", Role.EDITOR)
    draft = checklists.draft_from(version=checklist.versions.get(), by=editor, at=NOW)
    drafts.edit_criterion(version=draft, code="A1", changed={"weight": "9"}, seen=0, by=editor, at=NOW)
    publishing.set_facts(
        version=draft, note="A1 quan trọng hơn.", effective_on=None, bands=plans.BANDS, by=editor, at=timezone.now()
    )
    publishing.propose(version=draft, by=editor, at=timezone.now())
    return draft


@pytest.fixture
def decide(client, people, proposed):
    """What the second person's page says of the what-if."""

    def decide():
        client.force_login(people.office)
        said = pages.words(client.get(reverse("audits:proposal_decide", args=[proposed.public_id])))
        return said[said.index("Nếu") :]

    return decide


def asked(version):
    return sharing.asked_of(version, summary.MONTHS, whole=True)


def test_few_visits_are_scored_with_the_page(october, decide, proposed):
    said = decide()
    for words in (
        "3 lượt, tháng 08/2026 – tháng 10/2026",
        "83,3%",
        "50,0%",
        "−33,3",
        "1/1 điểm phục vụ đổi xếp loại: 0 lên, 1 xuống, chủ yếu do A1",
        "Xem điểm nếu dùng bản này",
    ):
        assert words in said, words


def test_many_are_not_and_the_page_says_so_until_they_are_there(october, decide, proposed, monkeypatch):
    monkeypatch.setattr(summary, "AT_ONCE", 2)
    said = decide()
    assert "Chưa tính: 3 lượt cần một lúc" in said
    assert "Mở trang “Điểm nếu dùng bản này”" in said
    going = sharing.steps(asked(proposed))
    next(going), next(going)
    assert "Đang tính: 3/3 lượt" in decide()
    list(going)
    assert "83,3%" in decide()


def test_without_a_closed_month_there_is_nothing(decide):
    assert "chưa có gì để tính lại" in decide()


def test_it_is_of_what_its_reader_may_see(october, decide, proposed, people):
    list(sharing.steps(sharing.asked_of(proposed, summary.MONTHS, whole=False)))
    decide()
    assert sharing.found(asked(proposed)) is not None


def test_what_becomes_of_the_visits_under_way_is_said(at, people, proposed, decide):
    checklist = proposed.checklist
    wave = plans.wave(at.counter.unit, checklist)
    day = timezone.localdate()
    for state, shopper in ((VisitState.ASSIGNED, people.shopper), (VisitState.ASSIGNED, people.shopper2)):
        plans.visit_in(state, wave, at.counter, shopper, opens_on=day, due_on=day)
    assert "0 lượt đã bắt đầu, giữ bản 1" in decide()
    assert "2 lượt chưa bắt đầu, sau khi duyệt sẽ dùng bản 2" in decide()
    sheets.started(at.counter, people.shopper, checklist, at=timezone.now())
    assert "1 lượt đã bắt đầu, giữ bản 1" in decide()
