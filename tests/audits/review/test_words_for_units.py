"""The words that a unit reads: over which text they were written, what they give away, how they are taken back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.fieldwork.planning.actions.assignments import void
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import DraftRemark, Photo, ShownNote, ShownPhoto, UnitCriterionScore, UnitScore, Visit
from audits.results import evidence
from audits.review import actions as review
from audits.review import queries
from audits.review.actions import fingerprint
from outlets.models import Role
from tests import pages, published, sheets, worlds
from tests.kept import kept
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=8)  # nothing waits for follow-ups any more
NOTE, WORDS = "Chị Ánh không chào ai", "Khách chưa được chào"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@kept
def visit(crew):
    """With a note at A2."""
    shopper = crew.shopper
    visit = sheets.complete(sheets.started(crew.places.counter, shopper), shopper)
    visits.save_answers(visit=visit, entries=[entry("A2", "partly", note=NOTE, seen=1)], by=shopper, at=NOW)
    visits.submit(visit=visit, by=shopper, at=NOW)
    visit.refresh_from_db()
    return visit


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


def url(name, visit, **kwargs):
    return reverse(f"audits:{name}", kwargs={"visit_id": visit.public_id, **kwargs})


def state_of(visit) -> str:
    return Visit.objects.get(pk=visit.pk).state


def item_of(response, code="TK-A2"):
    return next(item for item in response.context["desk"].items if item.code == code)


def filled(page, visit, do, code="TK-A2", **fields) -> dict[str, str]:
    """The form as the page has it for one question, with one button pressed; a field of None is left out."""
    item = item_of(page.get(url("review_detail", visit)), code)
    as_it_is = {
        "remark": item.remark,
        "remark-seen": item.remark_seen,
        "words": item.words,
        "words-seen": item.words_seen,
        "source": item.source,
        "show": "on" if item.is_shown else None,
    }
    given = as_it_is | {name.replace("_", "-"): value for name, value in fields.items()}
    return {f"{name}-{code}": value for name, value in given.items() if value is not None} | {
        "do": do,
        "submission": visit.submissions.count(),
    }


def press(page, visit, do, **fields):
    return page.post(url("review_detail", visit), filled(page, visit, do, **fields))


def refused(page, visit, do, **fields):
    """What the desk shows, asked for anew, when a button is refused."""
    assert press(page, visit, do, **fields).url == url("review_detail", visit)
    return page.get(url("review_detail", visit))


def mend(visit, reviewer, shopper, note, value="partly"):
    """The visit goes back, A2 is answered anew with this note, and it comes again."""
    review.return_visit(visit=visit, remarks={"TK-A2": "Xóa ghi chú"}, by=reviewer, at=LATER)
    visits.save_answers(
        visit=visit, entries=[entry("A2", value, note=note, seen=2)], by=shopper, at=LATER + timedelta(minutes=1)
    )
    visits.submit(visit=visit, by=shopper, at=LATER + timedelta(minutes=1))


# --- The text behind the words has changed --------------------------------------------------------


@pytest.mark.parametrize("note", ["", "Không ai chào"])
def test_words_over_a_text_that_has_changed_are_shown_on_the_desk_and_keep_the_visit_from_approval(
    page, visit, reviewer, shopper, note
):
    press(page, visit, "save", words=WORDS, show="on")
    mend(visit, reviewer, shopper, note)
    opened = page.get(url("review_detail", visit))
    assert WORDS in opened.content.decode()
    assert item_of(opened) in opened.context["desk"].to_look_at
    assert "đã sửa nội dung" in opened.content.decode()
    told = refused(page, visit, "approve", remark="").content.decode()
    assert state_of(visit) == VisitState.SUBMITTED
    assert "lời ghi cho đơn vị dựa vào: A2" in told
    assert ShownNote.objects.get().text == WORDS


@pytest.mark.parametrize(
    ("decided", "shown"),
    [({"confirm": "on"}, [WORDS]), ({"show": None}, []), ({"words": "Chưa được chào"}, ["Chưa được chào"])],
)
def test_words_over_a_changed_text_are_confirmed_withdrawn_or_written_anew(
    page, visit, reviewer, shopper, decided, shown
):
    press(page, visit, "save", words=WORDS, show="on")
    mend(visit, reviewer, shopper, "")
    assert press(page, visit, "approve", **decided).status_code == 302
    assert state_of(visit) == VisitState.APPROVED
    assert list(ShownNote.objects.values_list("text", flat=True)) == shown


def test_words_over_the_same_text_need_no_second_look_after_a_return(page, visit, reviewer, shopper):
    press(page, visit, "save", words=WORDS, show="on")
    mend(visit, reviewer, shopper, NOTE, "met")
    press(page, visit, "approve")
    assert state_of(visit) == VisitState.APPROVED


def test_words_sent_from_a_page_that_was_made_before_the_change_wait_to_be_confirmed(page, visit, reviewer, shopper):
    before = filled(page, visit, "save", words=WORDS, show="on")
    mend(visit, reviewer, shopper, "")
    page.post(url("review_detail", visit), before)
    assert queries.outdated(visit) == ("A2",)


# --- What the words give away ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "what"), [("Gọi lại số 0912 345 678", "số điện thoại"), ("Chị Nguyễn Thị Ánh vắng", "nhân viên")]
)
def test_words_with_a_name_or_a_number_are_asked_about_once_and_nothing_typed_is_lost(page, places, visit, words, what):
    worlds.staff_member("NV1", "Nguyễn Thị Ánh", places.counter)
    asked = refused(page, visit, "approve", words=words, show="on", remark="Nhờ nói rõ")
    assert state_of(visit) == VisitState.SUBMITTED
    assert not ShownNote.objects.exists()
    body = asked.content.decode()
    assert "Nhờ nói rõ" in body
    item = item_of(asked)
    assert (item.words, item.is_shown, item.sure) == (words, True, fingerprint(words))
    assert what in item.errors[0]
    again = press(page, visit, "save", words=words, show="on", sure=item.sure)
    assert (again.status_code, ShownNote.objects.get().text) == (302, words)
    assert press(page, visit, "save", remark="Khác").status_code == 302  # what was answered is not asked again


def test_an_answer_holds_for_the_words_it_was_given_to(page, visit):
    sure = fingerprint("Gọi lại số 0912 345 678")
    asked = refused(page, visit, "save", words="Gọi lại số 0987 654 321", show="on", sure=sure)
    assert (item_of(asked).is_sure, bool(item_of(asked).errors)) == (False, True)
    assert not ShownNote.objects.exists()


def test_words_that_are_not_to_be_shown_are_not_asked_about(page, visit):
    assert press(page, visit, "save", words=NOTE).status_code == 302


# --- After publication ----------------------------------------------------------------------------


@pytest.fixture
def block(places, shopper, reviewer, office):
    """Three visits of a closed month, each with words, the first with a photo, too."""
    other = worlds.user("shopper2", Role.SHOPPER)
    made = [
        published.approved(places.counter, by, date(2026, 10, 14 + number), "yn")
        for number, by in enumerate((shopper, shopper, other))
    ]
    for visit in made:
        ShownNote.objects.create(
            visit=visit,
            criterion=visit.version.criteria.get(code="A1"),
            text=WORDS,
            by=reviewer,
            at=NOW,
        )
    published.shown_photo(made[0], reviewer)
    published.closed(date(2026, 10, 1))
    return made


def figures():
    return [list(model.objects.order_by("pk").values()) for model in (UnitScore, UnitCriterionScore)]


def test_the_office_withdraws_what_a_unit_reads_and_no_figure_changes(client, places, block):
    office = worlds.User.objects.get(username="office")
    client.force_login(office)
    visit, before = block[0], figures()
    address = url("received_detail", visit)
    photo = Photo.objects.get()
    for what in ("note:A1", f"photo:{photo.public_id}"):
        assert what in client.get(address).content.decode()
        assert client.post(url("review_hide", visit), {"what": what}).url == address
        assert what not in client.get(address).content.decode()
    assert (ShownNote.objects.filter(visit=visit).count(), ShownPhoto.objects.count()) == (0, 0)
    events = visit.events.filter(kind="hidden").order_by("pk")
    assert list(events.values_list("by", "to_state", "note")) == [(office.pk, "published", "A1")] * 2
    (shown,) = evidence.shown(evidence.blocks(places.an_giang))
    assert shown.criteria[0].notes == (WORDS, WORDS)
    assert shown.criteria[0].photos == ()
    assert figures() == before


def test_a_reviewer_is_told_who_withdraws_what_is_published(client, block):
    client.force_login(worlds.User.objects.get(username="reviewer"))
    assert "note:A1" not in client.get(url("received_detail", block[0])).content.decode()
    for what in ("note:A1", f"photo:{Photo.objects.get().public_id}"):
        answer = client.post(url("review_hide", block[0]), {"what": what}, follow=True)
        assert "chỉ ban chương trình" in pages.words(answer)
    assert ShownNote.objects.filter(visit=block[0]).exists()
    assert ShownPhoto.objects.exists()


# --- Nothing typed is lost ------------------------------------------------------------------------


def test_words_and_remarks_come_back_with_their_question_when_a_colleague_has_the_visit(page, visit, colleague):
    sent = filled(page, visit, "save", words=WORDS, show="on", remark="Nhờ nói rõ")
    sent |= {"words-TK-Z2": "Tôi vào lúc vắng khách.", "words-seen-TK-Z2": ""}  # as the page offers it
    review.claim(visit=visit, by=colleague, at=LATER)
    refused = page.post(url("review_detail", visit), sent)
    assert refused.status_code == 409
    assert [(each.short_code, each.is_remark, each.text) for each in refused.context["typed"]] == [
        ("A2", True, "Nhờ nói rõ"),
        ("A2", False, WORDS),
    ]
    assert "A2 · Lời ghi đơn vị sẽ đọc" in refused.content.decode()


def hold(page, visit, **fields):
    """The log-in ends before the form is sent."""
    sent = filled(page, visit, "save", **fields)
    body = page.get(url("review_detail", visit)).content.decode()
    owner = body.split('name="form-owner" value="')[1].split('"')[0]
    page.logout()
    page.post(url("review_detail", visit), sent | {"form-owner": owner})


def test_words_from_before_the_log_in_come_back_though_the_visit_was_decided(page, visit, reviewer, colleague):
    hold(page, visit, words=WORDS, show="on")
    review.approve(visit=visit, by=colleague, at=LATER)
    page.force_login(reviewer)
    shown = page.get(url("review_detail", visit))
    assert (shown.status_code, WORDS in shown.content.decode()) == (409, True)


@pytest.fixture
def office(places):
    return worlds.user("office", Role.OFFICE)


def test_who_voided_a_visit_and_when_is_told_with_what_was_written(page, visit, office):
    sent = filled(page, visit, "return", words=WORDS, show="on", remark="Nhờ nói rõ")
    void(visit=visit, reason="Trùng phiếu", by=office, at=LATER)
    refused = page.post(url("review_detail", visit), sent)
    body = refused.content.decode()
    assert refused.status_code == 409
    for words in ("Người office", "20/11/2026", "Nhờ nói rõ", WORDS):
        assert words in body
    assert f'href="{url("review_detail", visit)}"' not in body
    assert not DraftRemark.objects.exists()
    assert page.post(url("review_claim", visit)).status_code == 409
    assert page.get(url("review_detail", visit)).status_code == 404


def test_what_was_written_before_the_log_in_comes_back_though_the_visit_was_voided(page, visit, reviewer, office):
    hold(page, visit, remark="Nhờ nói rõ")
    void(visit=visit, reason="Trùng phiếu", by=office, at=LATER)
    page.force_login(reviewer)
    shown = page.get(url("review_detail", visit))
    assert (shown.status_code, "Nhờ nói rõ" in shown.content.decode()) == (409, True)
    assert page.get(url("review_detail", visit)).status_code == 404


def test_of_a_voided_visit_of_the_own_unit_or_never_submitted_nothing_is_told(page, places, visit, shopper, office):
    begun = sheets.started(places.other_counter, shopper)
    void(visit=begun, reason="Nhầm", by=office, at=LATER)
    assert page.post(url("review_detail", begun), {"do": "save"}).status_code == 404
    void(visit=visit, reason="Trùng phiếu", by=office, at=LATER)
    worlds.staff_member("NV2", "Lê Thị Thu Hà", places.counter, user=worlds.User.objects.get(username="reviewer"))
    assert page.post(url("review_detail", visit), {"do": "save"}).status_code == 404


# --- Files that are damaged -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda _data: b"", lambda _data: b"x" * 99, None]
)
def test_a_damaged_photo_is_told_on_both_pages_and_what_was_written_is_kept(page, visit, media_root, damage):
    photo = Photo.objects.get()
    path = media_root / photo.file
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    answer = refused(page, visit, f"show:{photo.public_id}", remark="Nhờ nói rõ")
    assert DraftRemark.objects.get().text == "Nhờ nói rõ"
    assert "bị hỏng" in answer.content.decode()
    answer = page.post(url("review_photo", visit, photo_id=photo.public_id), {"do": "show"})
    assert answer.status_code == 422
    assert "bị hỏng" in answer.content.decode()
    assert not ShownPhoto.objects.exists()


def test_a_photo_too_small_for_a_copy_is_told_on_the_desk(page, visit, media_root):
    photo = Photo.objects.get()
    (media_root / photo.file).write_bytes(sheets.picture(size=(20, 20)).read())
    assert "quá nhỏ" in refused(page, visit, f"show:{photo.public_id}").content.decode()
