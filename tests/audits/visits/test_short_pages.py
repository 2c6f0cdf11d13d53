"""The two short ways through the form: quick marks in the outlet, and only what is missing afterwards."""

import re

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Checklist
from tests import pages, sheets, worlds
from tests.sheets import entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return worlds.people(worlds.places())


@pytest.fixture
def visit(people):
    return sheets.started(worlds.Outlet.objects.get(unit__code="AGG-LX-01"), people.shopper)


@pytest.fixture
def shopper(client, people, visit):
    client.force_login(people.shopper)
    return client


def address(name, visit):
    return reverse(f"audits:visit_{name}", args=[visit.public_id])


def shown(answer):
    return re.findall(r'<fieldset class="criterion[^"]*" id="TK-(\w+)"', answer.content.decode())


def answer_to(visit, short):
    return Answer.objects.filter(visit=visit, criterion__code=f"TK-{short}").first()


def save(visit, people, *entries):
    visits.save_answers(visit=visit, entries=entries, by=people.shopper, at=sheets.NOW)


def test_only_what_is_missing_stands_on_one_page_first_what_is_forgotten_first(shopper, visit, people):
    page = shopper.get(address("missing", visit))
    assert shown(page) == ["B1", "Z2", "A2", "B2", "Z1", "A1"]
    headings = re.findall(r'<h2 class="h-s part-name">(.*?)</h2>', page.content.decode())
    assert (headings[0], headings[-1], len(headings)) == ("Con số và thời gian chờ", "Ảnh hoặc nơi đó còn cho thấy", 5)
    save(visit, people, entry("A2", "met"), entry("B1", number=4), entry("Z1", "5"))
    assert shown(shopper.get(address("missing", visit))) == ["Z2", "B2", "A1"]


def test_a_photo_or_a_note_that_is_missing_is_missing_too(shopper, visit, people):
    save(visit, people, entry("A1", "yes"), entry("A2", "not_met"))
    assert shown(shopper.get(address("missing", visit)))[2::3] == ["A2", "A1"]


def test_what_is_saved_leaves_the_page_and_the_last_leads_to_the_check(shopper, visit, people):
    sheets.complete(visit, people.shopper)
    Answer.objects.filter(visit=visit, criterion__code__in=["TK-B2", "TK-Z1"]).delete()
    page = address("missing", visit)
    assert shown(shopper.get(page)) == ["B2", "Z1"]
    assert shopper.post(page, {"TK-B2": "b", "TK-B2-seen": "0"}).url == page
    assert shown(shopper.get(page)) == ["Z1"]
    shopper.post(page, {"TK-Z1": "3", "TK-Z1-seen": "0"})
    assert shopper.get(page).url == address("check", visit)
    assert (answer_to(visit, "B2").value, answer_to(visit, "Z1").value) == ("b", "3")


def test_what_was_answered_elsewhere_meanwhile_is_not_lost(shopper, visit, people):
    """The page was open before; its answers still count, and nothing unseen is overwritten."""
    save(visit, people, entry("A2", "partly"))
    stale = shopper.post(
        address("missing", visit), {"TK-A2": "met", "TK-A2-seen": "0", "TK-B2": "a", "TK-B2-seen": "0"}
    )
    assert stale.status_code == 422
    assert "A2" in shown(stale)
    assert (answer_to(visit, "A2").value, answer_to(visit, "B2").value) == ("partly", "a")


def test_a_wrong_number_is_told_beside_the_others(shopper, visit):
    answer = shopper.post(
        address("missing", visit), {"TK-B1-number": "bảy", "TK-B1-seen": "0", "TK-A2": "met", "TK-A2-seen": "0"}
    )
    assert answer.status_code == 422
    assert "B1" in shown(answer)
    assert answer_to(visit, "A2").value == "met"


def test_quick_marks_are_what_one_sees_or_times_in_the_outlet(shopper, visit):
    answer = shopper.get(address("quick", visit))
    assert shown(answer) == ["A1", "A2", "B1"]
    assert "<textarea" not in answer.content.decode()
    assert 'type="file"' not in answer.content.decode()


def test_quick_marks_fill_the_form(shopper, visit):
    sent = {"TK-A1": "no", "TK-A1-seen": "0", "TK-B1-number": "3,5", "TK-B1-seen": "0"}
    assert shopper.post(address("quick", visit), sent).url == address("detail", visit)
    assert (answer_to(visit, "A1").value, str(answer_to(visit, "B1").number)) == ("no", "3.50")
    section = shopper.get(reverse("audits:section_edit", args=[visit.public_id, "A"])).content.decode()
    assert re.search(r'id="TK-A1-no" value="no" checked', section)


def test_quick_marks_keep_what_else_was_said(shopper, visit, people):
    save(visit, people, entry("A2", "na", note="", na_reason="Không có"), entry("A1", "no", note="Cửa bẩn."))
    html = shopper.get(address("quick", visit)).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(TK-[\w-]+)" value="([^"]*)"', html))
    sent |= dict(re.findall(r'<input type="radio" name="(TK-[\w-]+)" id="[^"]*" value="([^"]*)" checked', html))
    shopper.post(address("quick", visit), sent | {"TK-A1": "yes"})
    assert (answer_to(visit, "A1").value, answer_to(visit, "A1").note) == ("yes", "Cửa bẩn.")
    assert (answer_to(visit, "A2").value, answer_to(visit, "A2").na_reason) == ("na", "Không có")


def test_the_quick_page_names_nothing_that_a_neighbour_may_read(shopper, visit):
    """At a glance: the tab, and the page without what stands behind a tap, or for screen readers alone."""
    html = shopper.get(address("quick", visit)).content.decode()
    assert "<title>Ghi chú</title>" in html
    assert 'href="/static/img/note.svg"' in html
    main = re.search(r"<main.*</main>", html, re.DOTALL)[0]
    for hidden in (
        r"<legend.*?</legend>",
        r"</summary>.*?</details>",
        r'<span class="visually-hidden">.*?</span>',
        "<[^>]*>",
    ):
        main = re.sub(hidden, " ", main, flags=re.DOTALL)
    words = " ".join(main.split())
    assert "Tiêu chí A2" in words  # the cue of a short question is the question
    for telling in (
        "VNPT",
        "Nụ cười",
        visit.outlet.unit.name,
        visit.wave.checklist.name,
        "Mục A",
        "phiếu",
        "Đạt",
        "TK-",
    ):
        assert telling not in words


def test_the_quick_page_says_the_question_in_full_and_counts_from_the_start(shopper, visit, people):
    checklists.install_defaults(by=None, at=worlds.NOW)
    real = sheets.started(visit.outlet, people.shopper, Checklist.objects.get(code="TQ"))
    given = [entry("C1", "na", code="TQ", na_reason="Không có"), entry("Z1", "5", code="TQ")]
    visits.save_answers(visit=real, entries=given, by=people.shopper, at=sheets.NOW)
    words = pages.words(shopper.get(address("quick", real)))
    assert "sạch, không rách hoặc bạc màu, đèn biển sáng khi trời tối" in words
    assert " 1/32 " in words


def test_quick_marks_are_for_the_first_time_in_the_outlet(shopper, visit, people):
    sheets.complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=sheets.NOW)
    sheets.returned(visit, "A2")
    assert shopper.get(address("quick", visit)).url == address("detail", visit)
    assert shown(shopper.get(address("missing", visit))) == ["A2"]


def test_the_list_of_sections_leads_to_both(shopper, visit, people):
    assert "Tại điểm phục vụ: ghi nhanh" in pages.words(shopper.get(address("detail", visit)))
    assert "Chỉ những câu còn thiếu" not in pages.words(shopper.get(address("detail", visit)))
    save(visit, people, entry("A2", "met"))
    assert "Chỉ những câu còn thiếu" in pages.words(shopper.get(address("detail", visit)))
