"""The draft editor's pages: what each form does, what it refuses, and that nothing typed is lost."""

import unicodedata
from decimal import Decimal

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.undone import mark_of
from audits.checklists.outline import outline
from audits.checklists.publishing import actions as publishing
from audits.models import ChecklistVersion, DraftChange
from outlets.models import Role
from tests import pages, sheets, worlds
from tests.plans import BANDS
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


def criterion(draft, short):
    return outline(draft).by_code[f"TK-{short}"]


def order(draft):
    return {section.code: [each.short_code for each in section.criteria] for section in outline(draft).sections}


def test_a_draft_is_shown_as_an_outline(page):
    shown = pages.words(page.get())
    for words in ("Bộ thử, bản nháp 2", "Chép từ bản 1", "Tổng trọng số 12", "Ảnh hưởng lớn nhất: B1", "mất 33,3 điểm"):
        assert words in shown


def test_what_the_running_version_has_as_well_is_said_apart(page):
    untouched = pages.words(page.get())
    assert "Không có cảnh báo mới so với bản 1" in untouched
    assert "điều nên xem" not in untouched
    standing = untouched.partition("Đã có ở bản 1 đang dùng")[2]
    assert "TK-A2 là trọng yếu" in standing
    page.criterion("B2", weight="4")
    own, _said, standing = pages.words(page.get()).partition("Đã có ở bản 1 đang dùng")
    assert "1 điều nên xem" in own
    assert "TK-B2 chiếm" in own


def test_a_copy_of_an_old_version_is_checked_against_what_runs(page, draft):
    other = checklists.draft_from(version=draft.based_on, by=None, at=NOW)
    checklists.publish(version=other, by=None, at=NOW)
    assert "Đã có ở bản 3 đang dùng" in pages.words(page.get())


def test_a_criterion_opens_in_its_place(page):
    shown = page.get(open="TK-B1").content.decode()
    assert 'name="thresholds-0-upper" value="5"' in shown
    assert shown.count('name="text_vi"') == 1
    assert "Nên dùng" not in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_steps(page, draft, count, django_assert_num_queries):
    for number in range(count):
        step = {"changed": {"weight": str(number + 3)}, "seen": 99}
        drafts.edit_criterion(version=draft, code="TK-A1", by=None, at=NOW, **step)
    with django_assert_num_queries(19):
        page.get(open="TK-A1")


def test_a_weight_alone_is_saved(page, draft):
    answer = page.criterion("A1", weight="2,5")
    assert answer.url == f"{page.address}?near=TK-A1#TK-A1"
    assert criterion(draft, "A1").weight == Decimal("2.5")
    assert criterion(draft, "A1").text_vi == "Tiêu chí A1"


def test_a_line_in_view_has_its_section_unfolded_and_no_form(page):
    shown = page.get(near="TK-A1").content.decode()
    assert shown.count("<details open>") == 1
    assert 'name="text_vi"' not in shown


def test_numbers_and_marks_of_a_line_are_said_in_words(page):
    shown = pages.words(page.get())
    for words in ("Trọng số TK-A1", "chiếm 16,7%", "có thể không áp dụng", "Không cần bằng 100"):
        assert words in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0", "lớn hơn 0"),
        ("-1", "lớn hơn 0"),
        ("", "Nhập trọng số"),
        ("1e9", "nhập một số"),
        ("1.234,5", "1000"),
        ("nhiều", "nhập một số"),
        ("1.234", "hiểu theo hai cách"),
    ],
)
def test_a_weight_that_cannot_be_is_said_and_stays_typed(page, draft, typed, words):
    answer = page.criterion("A1", weight=typed)
    assert answer.status_code == 422
    assert words in pages.words(answer)
    assert f'value="{typed}"' in answer.content.decode()
    assert ">\nTiêu chí A1</textarea>" in answer.content.decode()  # the fields that did not come stand as they are
    assert criterion(draft, "A1").weight == 2


def test_a_whole_form_is_saved_with_ticks_and_texts(page, draft):
    fields = {
        "text_vi": "  Chào khách\u202e trước ",
        "text_en": "Greets first",
        "kind": "yes_no",
        "weight": "4",
        "ticks": "1",
        "critical": "on",
        "photo": "none",
        "note_rule": "always",
        "controlled_by": "person",
        "stage": "before",
        "theme": "",
    }
    assert page.criterion("A2", **fields).status_code == 302
    now = criterion(draft, "A2")
    assert (now.text_vi, now.text_en, now.kind, now.weight) == ("Chào khách trước", "Greets first", "yes_no", 4)
    assert (now.critical, now.allows_na, now.note_rule, now.stage) == (True, False, "always", "before")


def test_a_text_that_is_too_long_is_given_back(page, draft):
    answer = page.criterion("A1", text_vi="dài " * 1250)
    assert answer.status_code == 422
    assert "dài dài dài" in pages.words(answer)
    assert criterion(draft, "A1").text_vi == "Tiêu chí A1"


def thresholds(*rows):
    fields = {"thresholds-TOTAL_FORMS": str(len(rows)), "thresholds-INITIAL_FORMS": "0"}
    for number, (upper, result) in enumerate(rows):
        fields |= {f"thresholds-{number}-upper": upper, f"thresholds-{number}-result": result}
    return fields


def test_thresholds_are_put_in_order(page, draft):
    page.criterion("B1", **thresholds(("", "0"), ("12,5", "40"), ("5", "100"), ("", "")))
    assert [(each.upper, each.result) for each in criterion(draft, "B1").thresholds] == [
        (Decimal(5), 100),
        (Decimal("12.5"), 40),
        (None, 0),
    ]


@pytest.mark.parametrize("rows", [[("5", "")], [("5", "101")], [("5", "-1")], [("năm", "50")], [("-5", "50")]])
def test_thresholds_that_cannot_be_are_refused(page, draft, rows):
    answer = page.criterion("B1", **thresholds(*rows))
    assert answer.status_code == 422
    assert "Chưa lưu" in pages.words(answer)
    assert len(criterion(draft, "B1").thresholds) == 3


def options(*rows):
    fields = {"options-TOTAL_FORMS": str(len(rows)), "options-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        names = zip(("code", "label_vi", "result"), row, strict=True)
        fields |= {f"options-{number}-{name}": value for name, value in names}
    return fields


def test_options_keep_their_codes_and_new_ones_get_codes_that_none_has_had(page, draft):
    def saved(*rows):
        page.criterion("B2", page="one", **options(*rows))
        return [(each.code, each.label_vi, each.result) for each in criterion(draft, "B2").options]

    assert saved(("b", "Hai", "40"), ("", "Ba", "20"), ("", "", "")) == [("b", "Hai", 40), ("c", "Ba", 20)]
    # The line of "b" is emptied; what is typed into it later is another option.
    assert saved(("b", "", ""), ("c", "Ba", "20")) == [("c", "Ba", 20)]
    assert saved(("b", "Khác hẳn", "77"), ("c", "Ba hơn", "20")) == [("d", "Khác hẳn", 77), ("c", "Ba hơn", 20)]
    assert saved(("a", "Nữa", "1"), ("d", "Khác hẳn", "77")) == [("e", "Nữa", 1), ("d", "Khác hẳn", 77)]
    assert saved(("", "Tiếp", "2"), ("d", "Khác hẳn", "77")) == [("f", "Tiếp", 2), ("d", "Khác hẳn", 77)]


def test_a_new_line_stays_however_often_its_page_saves(page, draft):
    """The page was drawn with two options and three thresholds, and says so with each of its saves."""
    for label in ("Ba", "Ba rưỡi", "Ba rưỡi"):
        code = next((each.code for each in criterion(draft, "B2").options if each.label_vi.startswith("Ba")), "")
        rows = options(("a", "Một", "100"), ("b", "Hai", "40"), (code, label, "20"), ("", "", ""))
        page.criterion("B2", page="one", **rows | {"options-INITIAL_FORMS": "2"})
        assert [each.label_vi for each in criterion(draft, "B2").options] == ["Một", "Hai", label]
    for result in ("90", "80"):
        rows = thresholds(("5", result), ("10", "50"), ("", "0"), ("20", "30"))
        page.criterion("B1", page="one", **rows | {"thresholds-INITIAL_FORMS": "3"})
        assert [each.result for each in criterion(draft, "B1").thresholds] == [int(result), 50, 30, 0]


def test_a_code_of_an_option_of_another_version_is_not_given_again(page, draft, client, editor):
    page.criterion("B2", **options(("b", "Hai", "40"), ("", "Ba", "20")))
    other = checklists.draft_from(version=draft.based_on, by=None, at=NOW)
    address = reverse("audits:criterion_edit", args=[other.public_id, "TK-B2"])
    client.post(address, options(("a", "Một", "100"), ("", "Của bản khác", "3")) | {"seen": "0"})
    assert [each.code for each in criterion(other, "B2").options] == ["a", "d"]


def test_what_was_saved_is_redrawn_where_nobody_types(page, draft):
    page.criterion("A1", weight="7")
    shown = page.get()
    body, redrawn = shown.content.decode(), shown.context["page"].redrawn.split(",")
    for part in ("short", "scale", "bar-A", "share-A", "share-TK-A1", "was-TK-A1", "was-TK-A2", "head-TK-A1"):
        assert f"#{part}" in redrawn
        assert f'id="{part}"' in body
    assert "bản 1: 2" in pages.words(shown)


def test_the_draft_can_be_taken_along_and_says_how_it_comes_back(page, draft):
    body = page.get().content.decode()
    for name in ("version_export", "version_import"):
        assert reverse(f"audits:{name}", args=[draft.public_id]) in body


@pytest.mark.parametrize(
    ("short", "do", "expected"),
    [
        ("A2", "up", {"A": ["A2", "A1"], "B": ["B1", "B2", "B3"]}),
        ("A1", "up", {"A": ["A1", "A2"], "B": ["B1", "B2", "B3"]}),
        ("A2", "down", {"A": ["A1"], "B": ["A2", "B1", "B2", "B3"]}),
        ("B1", "up", {"A": ["A1", "A2", "B1"], "B": ["B2", "B3"]}),
        ("A1", "duplicate", {"A": ["A1", "A3", "A2"], "B": ["B1", "B2", "B3"]}),
        ("A1", "delete", {"A": ["A2"], "B": ["B1", "B2", "B3"]}),
        ("A1", "nonsense", {"A": ["A1", "A2"], "B": ["B1", "B2", "B3"]}),
    ],
)
def test_a_button_saves_and_then_does_what_it_says(page, draft, short, do, expected):
    page.criterion(short, do=do, weight="7")
    assert {code: order(draft)[code] for code in "AB"} == expected
    if do != "delete":
        assert criterion(draft, short).weight == 7


def test_a_line_is_dropped_at_a_place(page, draft):
    page.criterion("A1", do="place", section="B", position="1")
    assert order(draft)["B"] == ["B1", "A1", "B2", "B3"]
    assert page.criterion("A1", do="place", section="Q", position="1", follow=True).status_code == 409


def test_what_was_deleted_comes_back_by_one_press(page, draft):
    answer = page.criterion("A1", do="delete", follow=True)
    assert "Đã xóa TK-A1" in pages.words(answer)
    page.to("change_undo", 1)
    assert order(draft)["A"] == ["A1", "A2"]
    assert "đã được hoàn tác rồi" in pages.words(page.to("change_undo", 1, follow=True))
    assert "Không có thao tác này" in pages.words(page.to("change_undo", 77, follow=True))


def test_what_takes_a_step_back_says_which(page, draft, client):
    def newest():
        return page.get().context["page"].steps[0].text

    address = reverse("audits:change_list", args=[draft.public_id])
    for act, words in (
        (lambda: page.criterion("A1", do="delete"), "Hoàn tác xóa TK-A1"),
        (lambda: page.criterion("A2", do="down"), "Hoàn tác chuyển TK-A2"),
        (lambda: page.criterion("A2", weight="7"), "Hoàn tác sửa TK-A2: trọng số"),
        (lambda: page.to("criterion_add", "A"), "Hoàn tác thêm TK-A3"),
        (lambda: page.to("draft_section_edit", "B", do="delete"), "Hoàn tác xóa mục B"),
        (lambda: page.to("draft_section_edit", "B", do="up"), "Hoàn tác chuyển mục B"),
        (lambda: page.to("draft_section_add"), "Hoàn tác thêm mục C"),
    ):
        act()
        did = newest()
        page.to("change_undo", draft.changes.first().number)
        assert newest() == words
        assert words in pages.words(client.get(address))
    page.to("change_undo", draft.changes.first().number)
    assert newest() == did == "Đã thêm mục C"


def test_a_criterion_is_deleted_whatever_its_form_says(page, draft):
    page.criterion("A2", text_vi="Sửa ở trang kia")
    for short, typed in (("A1", {"weight": "nhiều"}), ("A2", {"text_vi": "dài " * 1250})):
        assert "Đã xóa" in pages.words(page.criterion(short, do="delete", follow=True, **typed))
    assert order(draft)["A"] == []
    assert [change.kind for change in draft.changes.order_by("number")] == ["edited", "deleted", "deleted"]
    page.criterion("B1", do="delete", text_vi="Vừa gõ rồi xóa")
    page.to("change_undo", draft.changes.first().number)
    assert criterion(draft, "B1").text_vi == "Vừa gõ rồi xóa"


def test_sections_are_added_named_moved_and_deleted(page, draft):
    page.to("draft_section_add")
    page.to("draft_section_edit", "C", name_vi="Mục C", seen="9", do="up")
    assert list(order(draft)) == ["A", "B", "C", "Z"]
    assert outline(draft).section_by_code["C"].name_vi == "Mục C"
    answer = page.to("draft_section_edit", "C", name_vi="", seen="9")
    assert (answer.status_code, "Tên (tiếng Việt)" in pages.words(answer)) == (422, True)
    page.to("draft_section_edit", "B", do="delete")
    assert list(order(draft)) == ["A", "C", "Z"]


def test_a_criterion_is_added_with_its_form_open(page, draft):
    answer = page.to("criterion_add", "A", follow=True)
    assert answer.redirect_chain[-1][0] == f"{page.address}?open=TK-A3#TK-A3"
    assert "chưa có lời tiếng Việt" in pages.words(answer)


def test_a_published_version_has_no_editor(page, draft, client):
    checklists.publish(version=draft, by=None, at=NOW)
    read = reverse("audits:version_detail", args=[draft.public_id])
    assert page.get().url == read
    for name, arguments in (("criterion_edit", ["TK-A1"]), ("draft_section_edit", ["A"]), ("draft_section_add", [])):
        answer = page.to(name, *arguments, follow=True, do="up", seen="0")
        assert "đã công bố" in pages.words(answer), name
        assert answer.redirect_chain[-1][0] == read
    assert criterion(draft, "A1").weight == 2


def test_the_office_is_led_from_the_editor_to_where_it_reads_or_decides(page, draft, client, editor):
    client.force_login(worlds.user("vanphong", Role.OFFICE))
    assert page.get().url == reverse("audits:version_detail", args=[draft.public_id])
    assert client.get(page.get().url).status_code == 200
    publishing.set_facts(version=draft, note="Vì sao.", effective_on=None, bands={}, by=editor, at=NOW)
    publishing.propose(version=draft, by=editor, at=NOW)
    assert page.get().url == reverse("audits:proposal_decide", args=[draft.public_id])
    client.force_login(editor)
    assert page.get().url == reverse("audits:version_detail", args=[draft.public_id])


def test_a_draft_is_made_from_any_version_and_discarded_after_a_question(client, editor):
    running = sheets.every_kind().versions.get()
    answer = client.post(reverse("audits:draft_create", args=[running.public_id]))
    made = ChecklistVersion.objects.get(number=2)
    assert answer.url == reverse("audits:draft_edit", args=[made.public_id])
    discard = reverse("audits:draft_discard", args=[made.public_id])
    assert "7 tiêu chí" in pages.words(client.get(discard))
    client.post(discard)
    made.refresh_from_db()
    assert made.state == "discarded"
    assert client.get(discard).url == reverse("audits:version_detail", args=[made.public_id])
    shown = client.get(reverse("audits:version_detail", args=[made.public_id]))
    assert "Đã bỏ" in pages.words(shown)
    listed = client.get(reverse("audits:checklist_list"))
    assert str(made.public_id) not in listed.content.decode()


def test_a_checklist_is_created_with_an_empty_draft(client, editor):
    fields = {"code": "XX", "channel": "counter", "name_vi": "Bộ mới"}
    address = reverse("audits:checklist_create")
    answer = client.post(address, fields, follow=True)
    assert "Chưa có mục nào" in pages.words(answer)
    assert "At least" not in pages.words(answer)
    assert "đã có bộ tiêu chí" in pages.words(client.post(address, fields)).lower()
    assert client.post(address, fields | {"code": "x y"}).status_code == 422


def test_every_step_is_listed_with_who_took_it(page, draft, client, editor):
    page.criterion("A1", weight="7")
    page.criterion("A2", do="delete")
    listed = client.get(reverse("audits:change_list", args=[draft.public_id]), {"q": "a1"})
    assert "Đã sửa TK-A1: trọng số" in pages.words(listed)
    assert "Đã xóa TK-A2" not in pages.words(listed)
    assert set(DraftChange.objects.values_list("by", flat=True)) == {editor.pk}


@pytest.mark.parametrize(
    ("short", "rows"),
    [("B1", thresholds(*((str(number), "50") for number in range(21)))), ("B2", options(*[("", "x", "1")] * 21))],
)
def test_more_lines_than_anybody_reads_are_refused(page, draft, short, rows):
    before = criterion(draft, short)
    answer = page.criterion(short, **rows)
    assert (answer.status_code, "20" in pages.words(answer)) == (422, True)
    assert criterion(draft, short) == before


def test_the_words_of_a_draft_sent_back_stand_where_its_editors_work(page, draft, client, editor, other):
    publishing.set_facts(version=draft, note="Vì sao", effective_on=None, bands=BANDS, by=other, at=NOW)
    publishing.propose(version=draft, by=other, at=NOW)
    office = worlds.user("vanphong", Role.OFFICE)
    given = {"version": draft, "seen": mark_of(draft), "by": office, "at": NOW}
    publishing.send_back(**given, note="Giữ nguyên trọng số A1.")
    for shown in (page.get(), client.get("/")):
        assert f"{office.shown_name} trả lại lúc" in pages.words(shown)
        assert "Giữ nguyên trọng số A1." in pages.words(shown)
    publishing.propose(version=draft, by=other, at=NOW)
    publishing.withdraw(version=draft, by=other, at=NOW)
    for shown in (page.get(), client.get("/")):
        assert "trả lại lúc" not in pages.words(shown)


def test_texts_are_stored_in_one_spelling_and_without_what_nobody_sees(page, draft):
    apart = unicodedata.normalize("NFD", "Tiếng Việt có dấu, đủ cả")
    hidden = "\u202eđảo\u202c \u200bngược\u2066 \ufeffchữ\x07"
    fields = {"text_vi": apart, "text_en": hidden, "guidance_vi": f"{apart}\r\n{hidden}", "ticks": "1"}
    page.criterion("B2", **fields, **options(("a", apart, "100"), ("b", hidden, "40")))
    page.to("draft_section_edit", "A", name_vi=apart, name_en=hidden, seen="9")
    whole, seen = unicodedata.normalize("NFC", apart), "đảo ngược chữ"
    now, section = criterion(draft, "B2"), outline(draft).section_by_code["A"]
    assert (now.text_vi, now.text_en, now.guidance_vi) == (whole, seen, f"{whole}\n{seen}")
    assert [each.label_vi for each in now.options] == [whole, seen]
    assert (section.name_vi, section.name_en) == (whole, seen)


def test_versions_are_compared(page, draft, client):
    page.criterion("A1", text_vi="Tiêu chí mới A1", weight="7")
    page.criterion("A2", do="delete")
    shown = client.get(reverse("audits:version_compare", args=[draft.public_id]))
    body = shown.content.decode()
    assert "<ins>mới </ins>" in body
    assert "<del>2</del>" in body
    assert "Tiêu chí A2" in pages.words(shown)
    assert client.get(shown.request["PATH_INFO"], {"with": "99"}).status_code == 200
