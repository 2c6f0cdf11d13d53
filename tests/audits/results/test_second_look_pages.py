"""The pages of a second look: what each side may do there, and what the unit is never told."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audits.models import Block, Revision, SecondLook
from audits.results.second_looks import forms
from outlets.models import HeldForm
from outlets.people import held
from tests import pages, published, second_looks, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

NOW = published.moment(date(2026, 11, 10))
LIST, BLOCKS = "/second-looks/", "/second-looks/ask/"
LONG = "Điểm giao dịch VNPT VinaPhone khu vực cửa khẩu quốc tế Tịnh Biên và các xã biên giới"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    for outlet in (at.counter, at.other_counter, at.far_counter):
        for number, answers in enumerate(("yy", "yy", "nn")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(date(2026, 10, 1))


@pytest.fixture
def block(october, at):
    return Block.objects.select_related("period").get(outlet=at.counter)


@pytest.fixture
def look(block, people):
    return second_looks.asked(block, people.outlethead, with_files=True)


@pytest.fixture
def manager(client, people):
    client.force_login(people.manager)
    return client


@pytest.fixture
def office(client, people):
    client.force_login(people.office)
    return client


def ask_address(block, code="A2"):
    return reverse("audits:second_look_create", args=[block.public_id, code])


def send(manager, block, **given):
    return manager.post(ask_address(block), {"reason": second_looks.REASON} | given, follow=True)


def files(*contents):
    return [SimpleUploadedFile(f"../{number}.exe", data) for number, data in enumerate(contents)]


# --- The unit ---------------------------------------------------------------------------------------


def test_from_the_scorecard_to_a_sent_request(manager, block, at):
    card = manager.get(reverse("audits:scorecard_detail", args=[at.counter.unit.public_id]))
    (link,) = re.findall(rf'href="({BLOCKS}[^"]*)"', card.content.decode())
    blocks = manager.get(link)
    assert [each.outlet.unit.name for each, _until in blocks.context["rows"]] == ["ĐGD Long Xuyên"]
    assert "17/11/2026" in pages.words(blocks)
    criteria = manager.get(reverse("audits:second_look_criteria", args=[block.public_id]))
    assert "đến hết ngày 17/11/2026" in pages.words(criteria)
    form = manager.get(ask_address(block))
    assert "đến hết ngày 17/11/2026" in pages.words(form)
    answer = send(manager, block, attached=files(second_looks.photo(), second_looks.pdf()))
    look = SecondLook.objects.get()
    assert answer.redirect_chain == [(reverse("audits:second_look_detail", args=[look.public_id]), 302)]
    assert (look.asked_by.username, look.criterion.code, look.files.count()) == ("manager", "A2", 2)
    assert "Chờ Ban chương trình xem lại và trả lời. Từ ngày 10/11/2026" in pages.words(answer)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"reason": "ngắn"}, "ít nhất 20"),
        ({"reason": "\u202e" * 30}, "chưa điền"),
        ({"reason": "x" * 2001}, "thừa 1"),
    ],
)
def test_a_reason_too_short_or_too_long_is_kept_on_the_page(manager, block, given, expected):
    answer = send(manager, block, **given)
    assert (answer.status_code, SecondLook.objects.count()) == (422, 0)
    assert expected in pages.words(answer)


def test_a_reason_is_cleaned(manager, block):
    send(manager, block, reason="Bảng hie\u0323\u0302u\u200b đã treo ở cửa chính\r\nmời xem lại giúp")
    assert SecondLook.objects.get().reason == "Bảng hiệu đã treo ở cửa chính\nmời xem lại giúp"


def test_files_that_cannot_be_kept_are_named_by_number_and_nothing_is_sent(manager, block, media_root):
    answer = send(manager, block, attached=files(second_looks.pdf(b"<< /JS 1 >>"), second_looks.photo(), b"<html>"))
    words = pages.words(answer)
    assert (answer.status_code, SecondLook.objects.count()) == (422, 0)
    assert "Tệp 1: Tài liệu có chứa mã lệnh" in words
    assert "Tệp 3: Tệp này là trang web" in words
    assert second_looks.REASON in answer.content.decode()
    many = send(manager, block, attached=files(*[second_looks.pdf(str(n).encode()) for n in range(6)]))
    assert "chỉ nhận tối đa 5 tệp" in pages.words(many)
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


def test_after_the_last_day_nothing_is_sent_and_the_text_stays(manager, block, people, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 18, tzinfo=published.VIETNAM))
    manager.force_login(people.manager)
    answer = send(manager, block)
    assert (answer.status_code, SecondLook.objects.count()) == (422, 0)
    assert "Thời hạn ghi ý kiến đã hết ngày 17/11/2026" in pages.words(answer)
    assert second_looks.REASON in answer.content.decode()
    assert "Hiện chưa có kết quả nào để ghi ý kiến" in pages.words(manager.get(BLOCKS))
    assert "Đã hết thời hạn" in pages.words(manager.get(LIST))


def test_a_colleague_was_faster_the_text_stays_and_leads_there(manager, look, block):
    answer = send(manager, block)
    assert (answer.status_code, SecondLook.objects.count()) == (409, 1)
    assert second_looks.REASON in answer.content.decode()
    assert reverse("audits:second_look_detail", args=[look.public_id]) in answer.content.decode()
    assert manager.get(ask_address(block)).status_code == 302


def test_the_text_is_kept_when_the_log_in_has_ended(client, block, people):
    owner = held.owner_token(people.manager)
    client.post(ask_address(block), {"reason": second_looks.REASON, held.OWNER_FIELD: owner})
    assert HeldForm.objects.get().data["reason"] == [second_looks.REASON]
    client.force_login(people.manager)
    assert second_looks.REASON in client.get(ask_address(block)).content.decode()
    send(client, block)
    assert HeldForm.objects.count() == 0


def test_withdrawing_and_asking_again(manager, look, block):
    detail = reverse("audits:second_look_detail", args=[look.public_id])
    answer = manager.post(reverse("audits:second_look_withdraw", args=[look.public_id]), follow=True)
    assert "Đã rút ý kiến" in answer.content.decode()
    again = manager.post(reverse("audits:second_look_withdraw", args=[look.public_id]), follow=True)
    assert "Chưa có gì thay đổi" in again.content.decode()
    assert "Ghi ý kiến lại, đến hết ngày 17/11/2026" in pages.words(manager.get(detail))
    assert send(manager, block).status_code == 200


def test_a_ruling_is_the_units_turn_until_somebody_there_has_read_it(client, look, people):
    second_looks.kept(look, people.office)
    client.force_login(people.manager)
    assert "đã trả lời 1 ý kiến mà đơn vị chưa đọc" in pages.words(client.get("/"))
    shown = pages.words(client.get(reverse("audits:second_look_detail", args=[look.public_id])))
    listed = pages.words(client.get(reverse("audits:second_look_list")))
    assert "Xác nhận đã đọc trả lời" in shown
    for words in (shown, listed):
        assert "mời Anh/Chị đọc trả lời" in words
        assert "đơn vị chưa đọc" not in words
    answer = client.post(reverse("audits:second_look_read", args=[look.public_id]), follow=True)
    assert answer.context["listing"].total == 0
    assert "chưa đọc" not in pages.words(client.get("/"))
    assert client.post(reverse("audits:second_look_read", args=[look.public_id])).status_code == 302


def test_the_unit_reads_the_ruling_as_the_offices_not_as_a_persons(client, look, people):
    second_looks.kept(look, people.office)
    address = reverse("audits:second_look_detail", args=[look.public_id])
    client.force_login(people.manager)
    assert people.office.full_name not in pages.words(client.get(address))
    assert second_looks.KEPT in pages.words(client.get(address))
    client.force_login(people.office)
    assert people.office.full_name in pages.words(client.get(address))


def test_files_are_pictures_or_taken_as_files_by_those_who_may(client, look, people):
    photo, document = look.files.all()
    address = {
        each: reverse("audits:second_look_file", args=[look.public_id, each.public_id]) for each in look.files.all()
    }
    for role in ("office", "manager", "outlethead"):
        client.force_login(people.all[role])
        picture, paper = client.get(address[photo]), client.get(address[document])
        assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert paper["Content-Type"] == "application/pdf"
        assert paper["Content-Disposition"] == 'attachment; filename="document.pdf"'
        assert (paper["X-Content-Type-Options"], paper["Cache-Control"]) == ("nosniff", "no-store, private")
        assert "sandbox" in paper["Content-Security-Policy"]
        assert b"".join(paper.streaming_content) == second_looks.pdf()
    thumbnail = reverse("audits:second_look_thumbnail", args=[look.public_id, document.public_id])
    assert client.get(thumbnail).status_code == 404
    client.force_login(people.manager2)
    assert [client.get(each).status_code for each in address.values()] == [404, 404]
    client.force_login(people.observer)
    assert client.get(address[photo]).status_code == 403


# --- The office -------------------------------------------------------------------------------------


def rule_address(look):
    return reverse("audits:second_look_rule", args=[look.public_id])


def ruled(office, look, decision="upheld", value="yes", **given):
    """Asks what would change, and confirms it."""
    visit = second_looks.doubted(look).visit
    data = {"decision": decision, "ruling": second_looks.UPHELD, f"{visit.public_id.hex}-value": value}
    for other in look.block.published.exclude(visit=visit).select_related("visit"):
        data[f"{other.visit.public_id.hex}-value"] = forms._LEAVE
    shown = office.post(rule_address(look), data | given, follow=True)
    if shown.status_code != 200 or "seen" not in (shown.context or {}):
        return shown
    return office.post(rule_address(look), data | given | {"seen": shown.context["seen"]}, follow=True)


def test_the_office_finds_the_visits_in_which_the_criterion_was_answered(office, look):
    words = pages.words(office.get(rule_address(look)))
    assert f"{look.block.published.count()} lượt trong cụm" in words
    for published_visit in look.block.published.select_related("submission", "visit__shopper"):
        assert published_visit.submission.receipt in words
        assert f"{published_visit.visit.visited_on:%d/%m/%Y}" in words
    assert second_looks.REASON in words
    assert "không được để lộ khách hàng bí mật" in words


def test_upheld_after_what_would_change_was_confirmed(office, look):
    visit = second_looks.doubted(look).visit
    data = {"decision": "upheld", "ruling": second_looks.UPHELD, f"{visit.public_id.hex}-value": "yes"}
    for other in look.block.published.exclude(visit=visit).select_related("visit"):
        data[f"{other.visit.public_id.hex}-value"] = forms._LEAVE
    shown = office.post(rule_address(look), data)
    assert "Không → Có" in pages.words(shown)
    assert "0,0 %" in pages.words(shown)
    assert "75,0 %" in pages.words(shown)
    assert Revision.objects.count() == 0
    changed = office.post(rule_address(look), data | {"seen": shown.context["seen"], "change": "1"})
    assert (changed.status_code, Revision.objects.count()) == (200, 0)
    assert second_looks.UPHELD in changed.content.decode()
    answer = office.post(rule_address(look), data | {"seen": shown.context["seen"]}, follow=True)
    assert "đang chờ đơn vị đọc" in answer.content.decode()
    look.refresh_from_db()
    assert (look.state, look.revisions.get().published.visit_id) == (SecondLook.State.UPHELD, visit.pk)
    assert office.get(rule_address(look)).status_code == 302


@pytest.mark.parametrize(
    ("decision", "value", "expected"),
    [
        ("upheld", forms._LEAVE, "ít nhất một lượt"),
        ("kept", "yes", "hãy để nguyên mọi lượt"),
        ("", forms._LEAVE, "Hãy chọn một trong hai"),
        ("upheld", "no", "đã được tính đúng như vậy"),
        ("upheld", "perhaps", "perhaps"),
    ],
)
def test_a_ruling_that_does_not_fit_writes_nothing(office, look, decision, value, expected):
    answer = ruled(office, look, decision, value)
    assert (answer.status_code, Revision.objects.count()) == (422, 0)
    assert expected in pages.words(answer)
    look.refresh_from_db()
    assert look.state == SecondLook.State.ASKED


def test_kept_as_it_is_and_taken_up_again_with_a_reason(office, look):
    ruled(office, look, "kept", forms._LEAVE, ruling=second_looks.KEPT)
    look.refresh_from_db()
    assert look.state == SecondLook.State.KEPT
    reopen = reverse("audits:second_look_reopen", args=[look.public_id])
    assert office.post(reopen, {"reason": "ngắn"}).status_code == 422
    answer = office.post(reopen, {"reason": "Đơn vị vừa gửi ảnh rõ hơn"}, follow=True)
    for expected in (second_looks.KEPT, "Đơn vị vừa gửi ảnh rõ hơn", "Chờ trả lời"):
        assert expected in pages.words(answer)
    assert "Chưa có gì thay đổi" in office.get(reopen, follow=True).content.decode()


def test_withdrawn_meanwhile_the_office_is_told_and_its_words_stay(office, look, people):
    visit = second_looks.doubted(look).visit
    data = {"decision": "kept", "ruling": second_looks.KEPT, f"{visit.public_id.hex}-value": forms._LEAVE}
    for other in look.block.published.exclude(visit=visit).select_related("visit"):
        data[f"{other.visit.public_id.hex}-value"] = forms._LEAVE
    SecondLook.objects.filter(pk=look.pk).update(state="withdrawn")
    answer = office.post(rule_address(look), data | {"seen": "kept"})
    assert answer.status_code == 422
    assert "Đơn vị đã rút" in pages.words(answer)
    assert second_looks.KEPT in answer.content.decode()


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ("Ảnh ngày 7/10 cho thấy bảng chưa treo.", True),
        ("Lúc 14h30 quầy chưa mở.", True),
        ("Ở một trong các lượt, nhân viên chưa chào.", True),
        ("Chị Hà đã chào khách đúng mực.", True),
        ("S-0001 đã ghi như vậy.", True),
        ("Khách đến buổi sáng không thấy bảng.", True),
        ("Ảnh của đơn vị cho thấy bảng đã treo, kết quả được tính là đạt.", False),
        ("Bảng thiếu 2 trong 3 nội dung, đạt 66,7 % yêu cầu, tối đa 3 dòng.", False),
    ],
)
def test_words_that_may_give_somebody_away_are_pointed_at(office, look, people, at, words, is_told):
    visit = second_looks.doubted(look).visit
    visit.met_staff = worlds.staff_member("NV9", "Lê Thị Thu Hà", at.counter)
    visit.save()
    assert visit.shopper.shopper_code == "S-0001"
    data = {"decision": "upheld", "ruling": words, f"{visit.public_id.hex}-value": "yes"}
    for other in look.block.published.exclude(visit=visit).select_related("visit"):
        data[f"{other.visit.public_id.hex}-value"] = forms._LEAVE
    shown = office.post(rule_address(look), data)
    assert ("Lời này có thể để lộ" in pages.words(shown)) == is_told


def test_the_office_does_not_rule_on_its_own_unit(office, look, people, at):
    worlds.staff_member("NV9", "Lê Thị Thu Hà", at.counter, user=people.office)
    assert office.get(rule_address(look)).status_code == 404
    assert office.get(LIST).context["listing"].total == 0


def test_the_home_counts_what_waits_for_the_office(office, look):
    words = pages.words(office.get("/"))
    assert "1 ý kiến đang chờ trả lời" in words


# --- Lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("role", "queries"), [("office", 5), ("manager", 6)])
def test_the_list_takes_the_same_queries_for_any_number(
    client, october, people, role, queries, count, django_assert_num_queries
):
    codes = [("AGG-LX-01", "A2"), ("AGG-LX-01", "A1"), ("AGG-LX-02", "A2")]
    for outlet, code in codes[:count]:
        second_looks.asked(Block.objects.get(outlet__unit__code=outlet), people.manager, code)
    client.force_login(people.all[role])
    client.get(LIST)
    with django_assert_num_queries(queries):
        assert client.get(LIST).context["listing"].total == count


@pytest.mark.parametrize("count", [1, 3])
def test_nor_do_the_other_pages_take_more_for_more(client, october, at, people, count, django_assert_num_queries):
    block = Block.objects.get(outlet=at.counter)
    for number in range(count - 1):  # more visits in the block, more blocks
        other = Block.objects.exclude(pk=block.pk)[number]
        second_looks.asked(other, people.manager)
    look = second_looks.asked(block, people.manager, with_files=count == 3)
    pages_of = {
        ("manager", BLOCKS): 6,
        ("manager", reverse("audits:second_look_criteria", args=[block.public_id])): 7,
        ("manager", reverse("audits:second_look_detail", args=[look.public_id])): 7,
        ("office", reverse("audits:second_look_detail", args=[look.public_id])): 7,
        ("office", rule_address(look)): 13,
    }
    for (role, address), queries in pages_of.items():
        client.force_login(people.all[role])
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_lists_are_searched_filtered_and_sorted(client, october, people, at):
    mine = second_looks.asked(Block.objects.get(outlet=at.counter), people.manager)
    other = second_looks.asked(Block.objects.get(outlet=at.other_counter), people.manager)
    far = second_looks.asked(Block.objects.get(outlet=at.far_counter), people.manager2)
    second_looks.kept(other, people.office)
    client.force_login(people.office)

    def found(query):
        return [each.pk for each in client.get(f"{LIST}?{query}").context["listing"].page]

    assert found("") == [mine.pk, far.pk, other.pk]
    assert found("q=ha+noi") == [far.pk]
    assert found("turn=unit") == found("state=kept") == [other.pk]
    assert found("sort=outlet") == [other.pk, far.pk, mine.pk]
    assert found("q=khong+co") == found("state=withdrawn") == []


def test_a_long_name_stands_whole(manager, block, at):
    at.counter.unit.name = LONG
    at.counter.unit.save()
    assert LONG in pages.words(manager.get(BLOCKS))
    assert LONG in pages.words(manager.get(ask_address(block)))


# --- What the unit is never told --------------------------------------------------------------------


def test_no_page_of_the_unit_holds_a_day_an_id_or_a_code_of_a_visit(client, october, people, at):
    """Before and after each ruling, whatever its page, list, file or form."""
    block = Block.objects.get(outlet=at.counter)
    kept_one, upheld_one = (second_looks.asked(block, people.manager, code, with_files=True) for code in ("A1", "A2"))
    visits = list(block.published.select_related("visit__shopper", "submission"))
    secrets = {str(each.visit.public_id) for each in visits} | {each.visit.public_id.hex for each in visits}
    secrets |= {each.submission.receipt for each in visits} | {each.visit.shopper.shopper_code for each in visits}
    secrets |= {f"{each.visit.visited_on:%d/%m}" for each in visits} | {f"0{day}/10" for day in (5, 6, 7)}
    second_looks.kept(kept_one, people.office)
    second_looks.upheld(upheld_one, people.office)
    client.force_login(people.manager)
    seen = {"/", LIST, BLOCKS}
    todo = list(seen)
    while todo:
        answer = client.get(todo.pop())
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode(errors="replace") + str(answer.headers)
        assert [secret for secret in secrets if secret in text] == []
        links = set(re.findall(r'(?:href|src)="(/(?:second-looks|results)/[^"#]*)"', text))
        todo += links - seen
        seen |= links
        assert len(seen) < 200
    assert len([each for each in seen if "/files/" in each]) == 6
