"""The what-if page and its file: searched, sorted, paged, and told in pieces when it takes long."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from html import escape

import pytest
from django.core.cache import caches
from django.urls import reverse
from openpyxl import load_workbook

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.models import Checklist
from audits.results.charts import Strip
from audits.results.whatif import shown, views
from audits.results.whatif.plan import Change
from outlets.models import Role, Unit, UnitType
from tests import pages, plans, published, worlds
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
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "ny", "ny")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(date(2026, 10, 1))


@pytest.fixture
def draft(october):
    version = Checklist.objects.get(code="TQ").versions.get()
    draft = checklists.draft_from(version=version, by=None, at=NOW)
    drafts.edit_criterion(version=draft, code="A1", changed={"weight": "9"}, seen=0, by=None, at=NOW)
    return draft


@pytest.fixture
def editor(client):
    user = worlds.user("bientap", Role.EDITOR)
    client.force_login(user)
    return user


def address(version, name="version_whatif"):
    return reverse(f"audits:{name}", args=[version.public_id])


def test_the_page_says_what_would_change_and_why(client, editor, draft):
    shown = pages.words(client.get(address(draft)))
    for words in ("83,3%", "50,0%", "−33,3", "tính lại trên 2/2 tiêu chí chung", "2/2 điểm phục vụ đổi xếp loại"):
        assert words in shown, words
    assert "0 lên, 2 xuống, chủ yếu do A1" in shown


def test_units_are_searched_sorted_and_chosen_by_level(client, editor, draft, at):
    listed = client.get(address(draft), {"q": "long xuyen"}).context["listing"]
    assert {row.unit for row in listed.page} == {at.counter.unit}
    for sort in ("name", "-visits", "before", "-after", "difference", "grade"):
        rows = list(client.get(address(draft), {"sort": sort}).context["listing"].page)
        assert len(rows) == 2
    group = client.get(address(draft), {"level": "group"}).context["listing"]
    assert [(row.unit, row.visits) for row in group.page] == [(at.group, 6)]
    assert client.get(address(draft), {"months": "999", "level": "x", "sort": "x", "page": "-3"}).status_code == 200


def test_the_table_has_as_many_rows_as_outlets_are_counted_whatever_their_kind(client, editor, draft, at):
    shop = UnitType.objects.create(code="shop", name_vi="Cửa hàng", position=90)
    Unit.objects.filter(pk=at.counter.pk).update(unit_type=shop)
    page = client.get(address(draft))
    assert "2/2 điểm phục vụ đổi xếp loại" in pages.words(page)
    listed = page.context["listing"]
    assert (listed.total, listed.filters[0].value) == (2, "all-outlets")
    assert ("all-outlets", "Mọi điểm phục vụ (2)") in listed.filters[0].choices
    assert client.get(address(draft), {"level": "shop"}).context["listing"].total == 1


def test_the_largest_changes_are_drawn_with_their_figures(client, editor, draft, at):
    page = client.get(address(draft))
    shifts = page.context["shifts"]
    assert [(each.row.unit, each.row.before, each.row.after) for each in shifts.units] == [
        (at.far_counter.unit, 833_333, 500_000),
        (at.counter.unit, 833_333, 500_000),
    ]
    assert (shifts.least, shifts.units[0].strip) == (50, Strip("0.0", "66.7", "0.0", "66.7"))
    assert "Thay đổi nhiều nhất" in pages.words(page)


def test_units_that_stay_as_they_are_are_not_drawn(client, editor, october):
    running = Checklist.objects.get(code="TQ").versions.get()
    page = client.get(address(running))
    assert page.context["shifts"].units == []
    assert "Thay đổi nhiều nhất" not in pages.words(page)


def test_the_file_has_every_unit_with_its_figures(client, editor, draft):
    answer = client.get(address(draft, "version_whatif_export"))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    counter = next(row for row in rows if row and row[0] == "AGG-LX-01")
    assert counter[3:7] == ["3", "83,3", "50,0", "-33,3"]
    assert counter[-1] == "A1"
    assert {"VNPT", "AGG", "HNI"} <= {row[0] for row in rows if row}


def test_the_workbook_says_the_same_as_the_text(client, editor, draft):
    text = client.get(address(draft, "version_whatif_export")).content.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row]
    answer = client.get(address(draft, "version_whatif_xlsx_export"))
    assert answer["Content-Disposition"].endswith('.xlsx"')
    figures, about = load_workbook(io.BytesIO(answer.content)).worksheets
    told = [[cell.value for cell in row] for row in figures.iter_rows()]
    assert [[*row[:4], *map(as_printed, row[4:7]), *row[7:]] for row in told[1:]] == [
        [*row[:3], int(row[3]), *row[4:]] for row in rows[4:]
    ]
    assert told[0] == rows[3]
    assert [[cell.value for cell in row] for row in about.iter_rows()] == rows[:3]
    assert told[-1][4:7] == [83.3, 50.0, -33.3]


def as_printed(figure: float) -> str:
    return f"{figure:.1f}".replace(".", ",")


def test_each_reader_is_told_what_is_counted_and_that_others_read_other_figures(client, editor, people, draft):
    assert "Ban chương trình xem số tính từng lượt" in pages.words(client.get(address(draft)))
    client.force_login(people.office)
    assert "Ở đây tính từng lượt" in pages.words(client.get(address(draft)))
    file = client.get(address(draft, "version_whatif_export")).content.decode()
    assert "Cách tính;tính từng lượt" in file


def test_units_lead_to_their_scorecards_for_who_may_read_them(client, editor, people, draft, at):
    scorecard = reverse("audits:scorecard_detail", args=[at.counter.unit.public_id])
    assert scorecard not in client.get(address(draft)).content.decode()
    client.force_login(people.office)
    assert f'href="{scorecard}?checklist=TQ"' in client.get(address(draft)).content.decode()
    assert client.get(scorecard, {"checklist": "TQ"}).status_code == 200


def test_a_difference_that_is_not_that_of_the_rounded_figures_says_so(client, editor, draft):
    page = client.get(address(draft))
    assert not page.context["found"].is_rounded_apart  # 83.3 to 50.0, and 33.3 less
    apart = Change(visits=1, before=850_600, after=846_400)  # 85.1 to 84.6, and 0.4 less
    assert replace(page.context["found"], whole=apart).is_rounded_apart


@pytest.mark.parametrize(
    ("before", "after", "words", "in_row", "in_file", "tag"),
    [
        (851_600, 851_400, "85,2% Bản 285,1% dưới 0,1 điểm", "85,285,1dưới 0,1", "0,0", '<span class="tag">dưới'),
        (851_400, 851_600, "85,1% Bản 285,2% dưới 0,1 điểm", "85,185,2dưới 0,1", "0,0", '<span class="tag">dưới'),
        (851_400, 851_400, "85,1% Bản 285,1% không đổi", "85,185,10,0", "0,0", '<span class="tag">không'),
        (850_600, 846_400, "85,1% Bản 284,6% −0,4 điểm", "85,184,6−0,4", "-0,4", '<span class="tag is-part">−0,4'),
    ],
)
def test_a_difference_too_small_to_show_is_no_warning(
    client, editor, draft, monkeypatch, before, after, words, in_row, in_file, tag
):
    worked_out = shown.found

    def found(*given):
        all_of_it = worked_out(*given)
        rows = [replace(row, before=before, after=after) for row in all_of_it.rows]
        return replace(all_of_it, whole=Change(visits=1, before=before, after=after, by_criterion=[0, 0]), rows=rows)

    monkeypatch.setattr(shown, "found", found)
    page = client.get(address(draft))
    assert words in pages.words(page)
    assert in_row in pages.words(page)
    assert "Mỗi số được làm tròn riêng, nên chênh lệch có thể hơn kém 0,1" in pages.words(page)
    assert tag in page.content.decode()
    text = client.get(address(draft, "version_whatif_export")).content.decode()
    assert {row[6] for row in csv.reader(io.StringIO(text), delimiter=";") if len(row) > 6} == {
        "Chênh lệch, điểm",
        in_file,
    }


def test_what_a_criterion_does_is_told_in_points(client, editor, draft):
    assert "−33,33 điểm" in pages.words(client.get(address(draft)))


def test_a_file_that_takes_long_is_told_in_pieces_and_then_asked_for(client, editor, draft, monkeypatch):
    at_once = client.get(address(draft, "version_whatif_export"), {"months": 1}).content
    caches["figures"].clear()
    monkeypatch.setattr(views, "TOLD_FROM", 1)
    answer = client.get(address(draft, "version_whatif_export"), {"months": 1})
    head, *pieces, tail = [piece.decode() for piece in answer.streaming_content]
    assert ("<main" in head, "wi-step" in pieces[0], tail.rstrip().endswith("</html>")) == (True, True, True)
    file = f"{address(draft, 'version_whatif_export')}?months=1&ready=1"
    assert f'http-equiv="refresh" content="0;url={escape(file)}"' in pieces[-1]
    assert f'href="{escape(file)}"' in pieces[-1]
    assert client.get(file).content == at_once
    caches["figures"].clear()  # where nothing can be kept, nobody is sent round and round
    assert client.get(file).content == at_once


def test_before_the_first_closing_there_is_nothing_to_score_again(client, editor, at):
    version = plans.checklist().versions.get()
    assert "Chưa chốt tháng nào" in pages.words(client.get(address(version)))
    assert client.get(address(version, "version_whatif_export")).status_code == 200


def test_a_long_span_is_told_in_pieces_and_ends_in_the_same_page(client, editor, draft, monkeypatch):
    at_once = pages.words(client.get(address(draft)))
    caches["figures"].clear()
    monkeypatch.setattr(views, "TOLD_FROM", 1)
    answer = client.get(address(draft))
    pieces = [piece.decode() for piece in answer.streaming_content]
    assert answer["X-Accel-Buffering"] == "no"
    assert [("wi-step" in piece) for piece in pieces] == [False, True, True, False, False]
    assert "0/6" in pieces[1]
    assert "50,0%" in pieces[3]
    assert pieces[-1].rstrip().endswith("</html>")
    again = client.get(address(draft))
    assert not again.streaming
    assert pages.words(again) == at_once


def test_what_goes_wrong_midway_is_said_on_the_page(client, editor, draft, monkeypatch):
    monkeypatch.setattr(views, "TOLD_FROM", 1)
    monkeypatch.setattr(views.shown, "found", lambda *_given: 1 / 0)
    told = b"".join(client.get(address(draft)).streaming_content).decode()
    assert "Chưa tính được" in told
    assert told.rstrip().endswith("</html>")


def test_a_changed_draft_is_scored_anew(client, editor, draft):
    first = pages.words(client.get(address(draft)))
    drafts.edit_criterion(version=draft, code="A1", changed={"weight": "2"}, seen=9, by=editor, at=NOW)
    assert pages.words(client.get(address(draft))) != first


@pytest.mark.parametrize("more", [False, True])
def test_the_page_takes_the_same_queries_for_any_number_of_units(
    client, editor, at, people, october, more, django_assert_num_queries
):
    version = Checklist.objects.get(code="TQ").versions.get()
    for number in range(6 if more else 0):
        shopper = people.shopper2 if number > 3 else people.shopper
        outlet = (at.other_counter, at.counter)[number % 2]
        published.approved(outlet, shopper, date(2026, 11, 1) + timedelta(days=number), "yn")
    published.closed(date(2026, 11, 1))
    draft = checklists.draft_from(version=version, by=None, at=NOW)
    client.get("/")
    with django_assert_num_queries(27):
        client.get(address(draft))
