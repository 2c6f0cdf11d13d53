"""What was sent and is not the answer: the quality office reads it beside the visit."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.sync import actions as sync
from audits.fieldwork.sync.queries import set_aside
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from tests import pages, sheets
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


def sent(short, seen=0, id=None, **fields):
    code = f"TK-{short}"
    named = {f"{code}-{name}" if name != "value" else code: value for name, value in fields.items()}
    return sync.Sent(id or uuid4(), code, named | {f"{code}-seen": str(seen)})


def receive(visit, people, *changes):
    return sync.receive(visit=visit, changes=changes, by=people.shopper, at=NOW).changes


def aside(visit):
    return [(each.criterion.short_code, each.said, each.is_late) for each in set_aside(sheet.read(visit))]


def test_a_text_that_met_another_answer_is_kept_to_read(visit, people):
    receive(visit, people, sent("A2", value="met"))
    (taken,) = receive(visit, people, sent("A2", value="not_met", note="Không ai chào."))
    assert taken.outcome == "conflict"
    assert aside(visit) == [("A2", "Chưa đạt · Không ai chào.", False)]


def test_what_its_writer_has_decided_since_is_over(visit, people):
    receive(visit, people, sent("A2", value="met"))
    (taken,) = receive(visit, people, sent("A2", value="not_met", note="Không ai chào."))
    receive(visit, people, sent("A2", value="not_met", note="Không ai chào tôi.", seen=taken.revision))
    assert aside(visit) == []


def test_what_came_after_submitting_is_told_as_late(visit, people):
    sheets.complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=NOW)
    receive(visit, people, sent("B1", number="12"))
    assert aside(visit) == [("B1", "12 phút", True)]


def test_another_content_under_an_id_that_was_known_is_kept_too(visit, people):
    first = sent("B1", number="3")
    receive(visit, people, first)
    receive(visit, people, sent("B1", number="4", id=first.id))
    assert aside(visit) == [("B1", "4 phút", False)]


def test_what_its_writer_leaves_to_the_reviewer_stays_to_be_read_as_typed(visit, people):
    (taken,) = receive(visit, people, replace(sent("B1", number="bảy phút"), is_aside=True))
    receive(visit, people, sent("B1", number="7"))
    (left,) = set_aside(sheet.read(visit))
    assert taken.outcome == "aside"
    assert (left.criterion.short_code, left.said, left.is_late, left.is_left) == ("B1", "bảy phút", False, True)


def test_the_office_and_the_reviewer_read_it_and_the_shopper_does_not(visit, people, client):
    sheets.complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=NOW)
    receive(visit, people, sent("B1", number="12"))
    for user, name in ((people.office, "received_detail"), (people.reviewer, "review_detail")):
        client.force_login(user)
        shown = pages.words(client.get(reverse(f"audits:{name}", args=[visit.public_id])))
        assert "Đã gửi nhưng không thành câu trả lời" in shown
        assert "12 phút" in shown
    client.force_login(people.shopper)
    assert "12 phút" not in pages.words(client.get(reverse("audits:visit_check", args=[visit.public_id])))
