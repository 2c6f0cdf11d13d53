"""What a machine notices about a submission."""

import hashlib
from datetime import timedelta

import pytest
from django.core.management import call_command

from audits.fieldwork.visits import actions as visits
from audits.models import Photo, Screening, Submission, Visit
from audits.review import actions as review
from audits.review import flags, receiving, screening
from audits.review.flags import Flag, Kind, Told
from tests import sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW

LONG = "Nhân viên chào khách trước, giọng vui vẻ, hỏi rõ nhu cầu."
DAY = timedelta(days=1)


def submitted(outlet, shopper, *, minutes=20, days=0, start=NOW, pattern=0, **texts) -> Visit:
    """A visit with a photo of its own bits, and a note for A2 when given."""
    visit = sheets.complete(sheets.started(outlet, shopper, at=start), shopper, at=start)
    if texts:
        visits.save_answers(visit=visit, entries=[entry("A2", "partly", seen=1, **texts)], by=shopper, at=start)
    own = hashlib.sha256(str(visit.pk).encode()).hexdigest()
    Photo.objects.filter(visit=visit).update(sha256=own, phash=f"{pattern:016x}" if pattern else own[:16])
    visits.submit(visit=visit, by=shopper, at=start + timedelta(minutes=minutes, days=days))
    visit.refresh_from_db()
    return visit


def flags_of(visit) -> list[Flag]:
    screening.screen([visit], at=NOW)
    return list(flags.from_rows(Screening.objects.get(submission__visit=visit).flags))


def test_a_calm_visit_has_no_flag(places, shopper):
    assert flags_of(submitted(places.counter, shopper, note=LONG)) == []


def test_a_form_filled_in_within_minutes_is_flagged(places, shopper):
    assert flags_of(submitted(places.counter, shopper, minutes=7)) == [Flag(Kind.TOO_FAST, (), {"minutes": 7})]
    assert flags_of(submitted(places.counter, shopper, minutes=8)) == []


def test_answers_sent_days_after_the_visit_are_flagged(places, shopper):
    assert flags_of(submitted(places.counter, shopper, days=2)) == [Flag(Kind.LATE_ANSWERS, (), {"days": 2})]
    assert flags_of(submitted(places.counter, shopper, days=1)) == []


@pytest.mark.parametrize(
    ("hours", "told"),
    [(47, {"days": 2, "hours": 47}), (38, {"days": 2, "hours": 38}), (48, {"days": 2}), (71, {"days": 3})],
)
def test_fewer_than_two_days_are_told_in_hours(places, shopper, hours, told):
    found = flags_of(submitted(places.counter, shopper, minutes=hours * 60))  # begun at ten
    assert found == [Flag(Kind.LATE_ANSWERS, (), told)]
    assert (f"{hours} giờ" in found[0].words) is ("hours" in told)


def test_the_hours_are_not_told_of_a_form_begun_on_another_day_than_the_visit(places, shopper):
    visit = submitted(places.counter, shopper)
    Visit.objects.filter(pk=visit.pk).update(visited_on=worlds.TODAY - 2 * DAY)
    visit.refresh_from_db()
    assert flags_of(visit) == [Flag(Kind.LATE_ANSWERS, (), {"days": 2})]


def test_the_hours_are_counted_from_leaving_where_it_is_known(places, shopper):
    visit = submitted(places.counter, shopper, days=2)
    Visit.objects.filter(pk=visit.pk).update(left_at=worlds.NOW + timedelta(hours=4, minutes=30))
    visit.refresh_from_db()
    assert flags_of(visit) == [Flag(Kind.LATE_ANSWERS, (), {"days": 2, "hours": 43})]


def test_the_first_submission_is_timed_not_a_mended_one(places, shopper, reviewer):
    visit = submitted(places.counter, shopper)
    review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=reviewer, at=NOW + DAY)
    visits.save_answers(visit=visit, entries=[entry("A2", "met", seen=1)], by=shopper, at=NOW + 3 * DAY)
    visits.submit(visit=visit, by=shopper, at=NOW + 3 * DAY)
    screening.screen([visit], at=NOW)
    assert Screening.objects.get().submission == Submission.objects.get(number=2)
    assert Screening.objects.get().flag_count == 0


def test_the_same_file_anywhere_before_is_flagged_in_the_later_visit(places, shopper):
    other = worlds.user("shopper2", worlds.Role.SHOPPER)
    first, second = submitted(places.counter, shopper), submitted(places.far_counter, other, start=NOW + DAY)
    Photo.objects.update(sha256="a" * 64)
    assert flags_of(first) == []
    detail = {"visit": str(first.public_id), "code": "A1", "exact": True}
    assert flags_of(second) == [Flag(Kind.SAME_PICTURE, ("TK-A1",), detail)]


@pytest.mark.parametrize(
    ("place", "who", "bits", "is_flagged"),
    [
        ("counter", "shopper2", 4, True),  # the same outlet
        ("far_counter", "shopper", 4, True),  # the same shopper
        ("far_counter", "shopper2", 4, False),
        ("counter", "shopper2", 5, False),
    ],
)
def test_nearly_the_same_picture_is_looked_for_at_the_outlet_and_of_the_shopper(
    places, shopper, place, who, bits, is_flagged
):
    people = {"shopper": shopper, "shopper2": worlds.user("shopper2", worlds.Role.SHOPPER)}
    pattern = 0x0F0F_1234_5678_9ABC
    submitted(places.counter, shopper, pattern=pattern)
    second = submitted(getattr(places, place), people[who], start=NOW + DAY, pattern=pattern ^ (2**bits - 1))
    assert [flag.kind for flag in flags_of(second)] == [Kind.SAME_PICTURE] * is_flagged


def test_two_plain_surfaces_are_not_the_same_picture(places, shopper):
    submitted(places.counter, shopper, pattern=1)
    assert flags_of(submitted(places.counter, shopper, start=NOW + DAY, pattern=2)) == []


def test_a_text_that_the_shopper_wrote_before_is_flagged(places, shopper):
    first = submitted(places.counter, shopper, note=LONG)
    second = submitted(places.far_counter, shopper, start=NOW + DAY, note=LONG.upper() + " ")
    assert flags_of(first) == []
    detail = {"visit": str(first.public_id), "code": "A2"}
    assert flags_of(second) == [Flag(Kind.SAME_NOTE, ("TK-A2",), detail)]


def test_short_texts_and_those_of_others_repeat_freely(places, shopper):
    other = worlds.user("shopper2", worlds.Role.SHOPPER)
    flags_of(submitted(places.counter, shopper, note=LONG))
    assert flags_of(submitted(places.far_counter, other, start=NOW + DAY, note=LONG)) == []
    flags_of(submitted(places.counter, shopper, note="Sạch sẽ."))
    assert flags_of(submitted(places.counter, shopper, start=NOW + DAY, note="Sạch sẽ.")) == []


def test_what_another_shopper_wrote_about_the_outlet_is_flagged_without_telling_who(places, shopper):
    other = worlds.user("shopper2", worlds.Role.SHOPPER)
    first = submitted(places.counter, shopper, note=LONG)
    own = submitted(places.far_counter, other, start=NOW + DAY, note=LONG)
    second = submitted(places.counter, other, start=NOW + 2 * DAY, note=LONG)
    assert flags_of(first) == flags_of(own) == []
    [flag] = flags_of(second)
    assert flag == Flag(Kind.SAME_NOTE, ("TK-A2",), {"visit": str(own.public_id), "code": "A2"})  # the nearer finding
    own.answers.update(note="")
    flags_of(own)
    [flag] = flags_of(second)
    assert flag == Flag(Kind.SAME_NOTE, ("TK-A2",), {"visit": str(first.public_id), "code": "A2", "is_others": True})
    assert "khách hàng bí mật khác" in flag.words
    assert shopper.shopper_code
    assert shopper.shopper_code not in flag.words + str(flag.as_row())


NAME = "Đặng Thị Ngọc Ánh"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Gọi lại số 0912 345 678 nhé", [Told.PHONE]),
        ("Số 0912.345.678 10h gọi", [Told.PHONE]),
        ("+84 24 3795 8888", [Told.PHONE]),
        ("Tổng đài 1800 1091 không nghe máy", []),
        ("Cước 350.000 đ, lắp 300.000 đồng, năm 2026, lúc 10:15 ngày 12/11/2026", []),
        ("Phiếu số A0123", [Told.NUMBER]),
        ("Hóa đơn 0004512 ghi đúng", [Told.NUMBER]),
        ("Hóa đơn 350.000 đ ghi đúng, hợp đồng 12 tháng", []),
        ("Mã HD-204512", [Told.NUMBER]),
        ("CCCD 079203001234", [Told.NUMBER]),
        ("Bạn dang thi ngoc anh tư vấn", [Told.NAME]),
        ("Thẻ ghi Ngọc Ánh", [Told.NAME]),
        ("Chị Ánh rất vui vẻ", [Told.NAME]),
        ("Anh nhân viên vui vẻ, ánh đèn sáng", []),
        ("Chị Ánh, 0912345678", [Told.PHONE, Told.NAME]),
        ("", []),
    ],
)
def test_what_a_text_gives_away(written, found):
    assert list(flags.told(written, [NAME])) == found


def test_a_name_of_the_outlet_in_a_note_is_flagged(places, shopper):
    worlds.staff_member("NV1", NAME, places.counter)
    worlds.staff_member("NV2", "Lê Văn Nam", places.far_counter)
    found = flags_of(submitted(places.counter, shopper, note="Chị Ánh chào trước, anh Nam đứng cạnh."))
    assert found == [Flag(Kind.NAMES_OR_NUMBERS, ("TK-A2",), {"told": ["name"]})]


def test_every_flag_says_what_to_look_at():
    each = [
        Flag(Kind.TOO_FAST, (), {"minutes": 3}),
        Flag(Kind.LATE_ANSWERS, (), {"days": 3}),
        Flag(Kind.SAME_PICTURE, (), {"visit": "x", "code": "A1", "exact": True}),
        Flag(Kind.SAME_PICTURE, (), {"visit": "x", "code": "A1", "exact": False}),
        Flag(Kind.SAME_PICTURE, (), {"visit": "", "code": "A1", "exact": False}),
        Flag(Kind.SAME_NOTE, (), {"visit": "x", "code": "A1"}),
        Flag(Kind.SAME_NOTE, (), {"visit": "x", "code": "A1", "is_others": True}),
        Flag(Kind.LATE_ANSWERS, (), {"days": 2, "hours": 30}),
        Flag(Kind.NAMES_OR_NUMBERS, (), {"told": ["phone", "number", "name"]}),
    ]
    assert len({flag.words for flag in each}) == len(each)
    assert flags.from_rows([flag.as_row() for flag in each]) == tuple(each)


# --- When it is done ------------------------------------------------------------------------------


def test_screening_again_changes_nothing_and_takes_the_same_queries(places, shopper, django_assert_num_queries):
    made = [submitted(places.counter, shopper, start=NOW + DAY * n, note=LONG) for n in range(3)]
    with django_assert_num_queries(13):
        screening.screen(made[:1], at=NOW)
    with django_assert_num_queries(13):
        screening.screen(made, at=NOW)
    once = list(Screening.objects.order_by("pk").values())
    screening.screen(made, at=NOW)
    assert list(Screening.objects.order_by("pk").values()) == once


def test_what_waits_unscreened_is_caught_up_with(places, shopper, capsys):
    submitted(places.counter, shopper)
    sheets.started(places.counter, shopper)
    call_command("screen")
    call_command("screen")
    assert capsys.readouterr().out == "1 visits screened.\n0 visits screened.\n"


def test_submitting_screens(places, shopper):
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    receiving.submit(visit=visit, by=shopper, at=NOW)
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=shopper, at=NOW)
    receiving.submit_follow_up(visit=visit, by=shopper, at=NOW)
    assert list(Screening.objects.order_by("pk").values_list("submission__number", flat=True)) == [1, 2]


def test_a_failing_screening_loses_no_submission_and_is_made_up_for(places, shopper, monkeypatch, caplog):
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    with monkeypatch.context() as broken:
        broken.setattr(screening, "_of_texts", lambda visits: 1 / 0)
        made = receiving.submit(visit=visit, by=shopper, at=NOW)
    assert Submission.objects.get() == made
    assert not Screening.objects.exists()
    assert "was not screened: ZeroDivisionError" in caplog.text
    receiving.screen_if_missed(visit=visit, at=NOW)
    assert Screening.objects.get().submission == made
