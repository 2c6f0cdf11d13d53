"""The pages and files of scorecards."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.fieldwork.models import Visit
from audits.results import actions as results
from audits.results import scorecard, views
from audits.results.exports.card import scorecard_csv
from audits.results.statistics import Rung
from audits.results.views import BELOW, _listed
from audits.scoring import shown
from outlets.models import Outlet, Unit, UnitClosure
from outlets.organisation import actions as organisation
from outlets.templatetags.smile import exact
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
TOLD = "Nội dung mà đường dẫn yêu cầu hiện không có"


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "ny", "yn")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)


def page(client, user, unit, **query):
    client.force_login(user)
    return client.get(reverse("audits:scorecard_detail", args=[unit.public_id], query=query))


def test_the_page_shows_the_figure_with_its_visits_range_and_words(client, october, at, people):
    text = pages.words(page(client, people.manager, at.an_giang))
    for words in ("66,7", "3 lượt", "Dưới 9 lượt, chỉ tham khảo", "Tháng 10/2026", "33,3 = 100 − 66,7"):
        assert words in text


def test_what_the_figures_are_held_against_stands_with_its_range_and_visits(client, october, at, people):
    shown = page(client, people.manager, at.an_giang)
    text, (headline,) = pages.words(shown), shown.context["card"].headlines
    (row,) = shown.context["detail"].sections

    def ends(value):
        return f"{shown_number(value.low):.1f}–{shown_number(value.high):.1f}".replace(".", ",")

    group, rest = ends(headline.of_group.range), ends(headline.rest.range)
    for words in (
        f"Tập đoàn 66,7 ({group}; 6 lượt)",
        f"Phần còn lại của Tập đoàn: 66,7 ({rest}; 3 lượt)",
        f"Mặt tiền66,7 {ends(row.range)}366,7 {ends(row.of_group.range)}; 6 lượt",
        f"Cả phiếu66,7 {ends(headline.range)}366,7 {group}; 6 lượt",
    ):
        assert words in text
    explained = client.get(reverse("audits:scorecard_explain", args=[at.an_giang.public_id]))
    of_parts = pages.words(explained).partition("Cùng cách tính trên các tiêu chí của một mục")[2]
    assert f"{exact(row.range.low)}–{exact(row.range.high)}" in of_parts


def test_before_the_first_closing_the_page_says_so(client, at, people):
    assert "Chưa có tháng nào được chốt" in pages.words(page(client, people.manager, at.an_giang))


@pytest.mark.parametrize("waiting", [1, 2])
def test_an_outlet_that_waits_says_why_and_never_how_many(client, october, at, people, waiting):
    shown_without_visits = pages.words(page(client, people.manager, at.other_counter.unit))
    for number in range(waiting):
        published.approved(at.other_counter, people.shopper, date(2026, 10, 12) + timedelta(days=number))
    shown = pages.words(page(client, people.manager, at.other_counter.unit))
    assert "ít nhất ba lượt của ít nhất hai khách hàng bí mật" in shown
    assert shown == shown_without_visits


def test_what_the_address_cannot_mean_falls_back(client, october, at, people):
    plain = page(client, people.manager, at.an_giang)
    odd = {"span": "decade", "month": "13/2026", "checklist": "XX", "tree": "upside-down"}
    shown = page(client, people.manager, at.an_giang, **odd)
    assert shown.context["card"] == plain.context["card"]
    assert TOLD not in pages.words(plain)


@pytest.mark.parametrize(
    "odd",
    [{"span": "decade"}, {"month": "2026-11"}, {"month": "10/2026"}, {"checklist": "XX"}, {"tree": "upside-down"}],
)
def test_another_view_than_the_one_asked_for_is_told(client, october, at, people, odd):
    assert TOLD in pages.words(page(client, people.manager, at.an_giang, **odd))


def test_what_was_asked_for_is_shown_without_further_words(client, october, at, people):
    asked = {"span": "quarter", "month": "2026-10", "checklist": "TQ", "tree": "today"}
    assert TOLD not in pages.words(page(client, people.manager, at.an_giang, **asked))


def test_a_unit_without_outlets_says_so_and_not_that_visits_wait(client, october, at, people):
    for unit in Unit.objects.filter(pk__in=Outlet.objects.values("pk")):
        assert "Chưa có điểm giao dịch" not in pages.words(page(client, people.office, unit))
    empty = Unit.objects.create(code="MOI", name="VNPT Mới", unit_type=at.an_giang.unit_type, opened_on=OCTOBER)
    UnitClosure.objects.create(ancestor=empty, descendant=empty, depth=0)
    shown = pages.words(page(client, people.office, empty))
    assert "Chưa có điểm giao dịch nào thuộc đơn vị này" in shown
    assert "ít nhất ba lượt" not in shown


def test_a_channel_without_figures_in_the_span_is_shown_as_asked_and_says_why(client, october, at, people):
    """Not another channel in its place: its own card led here."""
    other = plans.checklist("KT")
    for number in range(3):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 11, 5) + timedelta(days=number), of=other)
    published.closed(date(2026, 11, 1))
    shown = pages.words(page(client, people.manager, at.counter.unit, span="month", checklist="TQ"))
    assert "Kỳ này chưa có số liệu công bố" in shown
    assert "ít nhất ba lượt của ít nhất hai khách hàng bí mật" in shown
    assert "Nội dung cần cải thiện" not in shown


def test_links_upwards_end_where_the_scope_ends(client, october, at, people):
    shown = page(client, people.manager, at.counter.unit).content.decode()
    assert reverse("audits:scorecard_detail", args=[at.long_xuyen.public_id]) in shown
    assert reverse("audits:scorecard_detail", args=[at.group.public_id]) not in shown


def test_a_manager_of_one_unit_is_taken_to_it(client, october, at, people):
    client.force_login(people.manager)
    assert client.get(reverse("audits:scorecard_list")).url == reverse(
        "audits:scorecard_detail", args=[at.an_giang.public_id]
    )


def test_who_reads_the_whole_group_finds_it_first(client, october, at, people):
    address = reverse("audits:scorecard_list")
    group = reverse("audits:scorecard_detail", args=[at.group.public_id])
    client.force_login(people.office)
    shown = client.get(address, {"q": "long xuyen"})
    assert shown.content.decode().index(group) < shown.content.decode().index("<table")
    client.force_login(people.manager)
    assert group not in client.get(address, {"q": "long xuyen"}).content.decode()


def test_others_find_units_by_name(client, october, at, people):
    client.force_login(people.office)
    found = pages.words(client.get(reverse("audits:scorecard_list"), {"q": "long xuyen"}))
    assert "ĐGD Long Xuyên" in found
    assert "ĐGD Đống Đa" not in found


def test_the_file_holds_the_figures_of_the_page(client, october, at, people):
    client.force_login(people.manager)
    answer = client.get(reverse("audits:scorecard_export", args=[at.an_giang.public_id]))
    assert answer["Content-Disposition"] == 'attachment; filename="vnpt-an-giang-thang-10-2026.csv"'
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))
    headline = next(row for row in rows if row[:1] == ["Bảng kiểm TQ"])
    assert (headline[1], headline[4:6], headline[-5], headline[-2:]) == ("66,7", ["3", "Khá"], "66,7", ["6", "0"])
    assert ["Tiêu chí 2", "A2", "2", "0", "1", "0", "25,0"] in rows
    of_sections, of_themes = (row for row in rows if row[:1] == ["Cả phiếu"])
    assert (of_sections[1:5], of_sections[5:]) == (headline[1:5], [*headline[-5:-1], "33,3"])
    assert of_themes == of_sections


def test_no_heading_of_a_table_of_the_file_stands_there_twice(client, october, at, people):
    client.force_login(people.manager)
    answer = client.get(reverse("audits:scorecard_export", args=[at.an_giang.public_id]), {"span": "month"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    headings = [row for row in rows if "Điểm từ" in row]
    assert len(headings) == 5
    assert all(len(row) == len(set(row)) for row in headings)
    trend = next(row for row in headings if row[0] == "Tháng")
    assert "Bản bộ tiêu chí" in trend
    empty = next(row for row in rows if row[:1] == ["09/2026"])
    assert empty[1:5] == ["", "", "", ""]  # the page shows a dash there


def test_the_file_holds_every_change_with_its_range_and_every_unit_below_with_its_months(client, october, at, people):
    for number in range(3):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 11, 5) + timedelta(days=number), "yy")
    published.closed(date(2026, 11, 1))
    client.force_login(people.manager)
    answer = client.get(reverse("audits:scorecard_export", args=[at.an_giang.public_id]))
    card = page(client, people.manager, at.an_giang).context["card"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    change = card.headlines[0].change
    figures = [f"{number:.1f}".replace(".", ",") for number in map(shown_number, (change.difference, change.low))]
    headline = next(row for row in rows if row[:1] == ["Bảng kiểm TQ"])
    assert headline[6:8] == figures
    assert headline[9] == "Chỉ tham khảo (ít lượt)"
    (child,) = card.detail.published_below
    row = next(row for row in rows if row[:1] == [child.name])
    assert row[6:8] == figures
    assert row[-2:] == ["66,7", "100,0"]
    heading = next(each for each in rows if each[:2] == ["Đơn vị", "Mã"])
    assert (len(heading), heading[-2:]) == (len(row), ["10/2026", "11/2026"])


def shown_number(stored):
    return (-1 if stored < 0 else 1) * shown(abs(stored))


def test_a_name_that_looks_like_a_formula_stays_text(october, at):
    type(at.an_giang).objects.filter(pk=at.an_giang.pk).update(name="=HYPERLINK(1)")
    at.an_giang.refresh_from_db()
    card = scorecard.read(at.an_giang, OCTOBER, top=at.group)
    assert scorecard_csv(card).splitlines()[0].startswith("\ufeff'=HYPERLINK")


@pytest.mark.parametrize("name", ["counter", "an_giang", "group"])
def test_a_scorecard_takes_at_most_fifteen_queries(client, october, at, people, name, django_assert_max_num_queries):
    unit = getattr(getattr(at, name), "unit", getattr(at, name))
    client.force_login(people.office)
    page(client, people.office, unit)
    views.drawn_pages.clear()
    with django_assert_max_num_queries(15):
        client.get(reverse("audits:scorecard_detail", args=[unit.public_id]))


def test_the_list_has_the_same_queries_with_one_row_and_with_three(
    client, october, at, people, django_assert_num_queries
):
    client.force_login(people.office)
    for words in ("VNPT Hà Nội", "long xuyen"):
        with django_assert_num_queries(8):
            client.get(reverse("audits:scorecard_list"), {"q": words})


def test_what_was_seen_too_rarely_stands_in_one_line_without_counts(client, at, people):
    """A2 counted in one visit alone: neither it nor A1, from which it would follow, is told."""
    for number, answers in enumerate(("yn", "n-", "y-")):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)
    shown = page(client, people.manager, at.an_giang)
    text = pages.words(shown)
    assert "Các tiêu chí quá ít lượt (gộp chung)chỉ gặp ở quá ít lượt để nêu riêng từng tiêu chí58,3" in text
    assert not any(row.figure.visits for row in shown.context["detail"].criteria)
    home = pages.words(client.get(reverse("home")))
    assert "Các tiêu chí quá ít lượt" not in home


def test_a_page_drawn_once_is_kept_until_a_closing_a_correction_or_a_reorganisation(
    client, october, at, people, django_assert_max_num_queries
):
    def told():
        return pages.words(page(client, people.manager, at.an_giang))

    before = told()
    with django_assert_max_num_queries(7):
        client.get(reverse("audits:scorecard_detail", args=[at.an_giang.public_id]))
    assert told() == before
    organisation.rename(
        unit=at.long_xuyen,
        name="PBH Mới",
        effective_on=date(2026, 11, 2),
        by=None,
        at=published.moment(date(2026, 11, 3)),
    )
    assert "PBH Mới" in told()
    visit = Visit.objects.filter(outlet=at.counter).earliest("pk")
    corrected = {"A1": results.CorrectedValue("no"), "A2": results.CorrectedValue("no")}
    results.correct(visit=visit, values=corrected, reason="Xem lại", by=people.office, at=worlds.NOW)
    assert "33,3 = 100 − 66,7" in before
    assert "66,7 = 100 − 33,3" in told()


def test_what_is_kept_for_one_reader_is_not_shown_to_another(client, settings, october, at, people):
    page(client, people.office, at.an_giang)
    assert page(client, people.manager2, at.an_giang).status_code == 404
    assert "Những điều ghi nhận" in pages.words(page(client, people.manager, at.an_giang))
    assert "Những điều ghi nhận" not in pages.words(page(client, people.observer, at.an_giang))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "What to improve" in pages.words(page(client, people.manager, at.an_giang))


def test_of_many_units_below_those_out_of_the_ordinary_come_first(at):
    class Row:
        def __init__(self, rung):
            self.rung = rung

    rows = [Row(Rung.WITHIN) for _ in range(BELOW)] + [Row(Rung.HIGHER), Row(Rung.LOW), Row(Rung.HIGH), Row(None)]
    assert _listed(rows[:BELOW]) == rows[:BELOW]
    assert [row.rung for row in _listed(rows)][:4] == [Rung.LOW, Rung.HIGH, Rung.HIGHER, Rung.WITHIN]
    assert len(_listed(rows)) == BELOW


def test_what_costs_points_leads_to_what_was_seen_of_it_where_that_may_be_read(client, october, at, people):
    for user, links in ((people.manager, True), (people.observer, False)):
        client.force_login(user)
        page = client.get(reverse("audits:scorecard_detail", args=[at.an_giang.public_id])).content.decode()
        evidence = reverse("audits:evidence_list", args=[at.an_giang.public_id])
        assert (f'href="{evidence}?criterion=' in page) is links
