"""A file that takes long: how far it is, cancelling it, and what must be left of it. And who took what."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Export, Period, Revision, Visit
from audits.results import actions as results
from audits.results import months
from audits.results.exports import actions as exports
from audits.results.exports import making, rows, views
from audits.results.reading import Tree
from tests import pages, worlds
from tests.audits.results.exports.worlds import OCTOBER, publish
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def figures(at, people):
    publish(at, people)


@pytest.fixture
def slow(monkeypatch):
    """Every unit is a step, and no step may pass without being told."""
    monkeypatch.setattr(rows, "TOGETHER", 1)
    monkeypatch.setattr(views, "PATIENCE", 0)


def asked_for(client, user, unit, **given):
    client.force_login(user)
    form = {"of": "outlets", "months": "span", "format": "xlsx"} | given
    return client.post(reverse("audits:export_create", args=[unit.public_id]), form)


def pieces(answer) -> list[str]:
    return [piece.decode() for piece in answer.streaming_content]


def test_a_long_one_says_how_far_it_is_and_then_gives_the_file(client, figures, at, people, slow):
    answer = asked_for(client, people.manager, at.an_giang)
    assert answer["X-Accel-Buffering"] == "no"
    told = pieces(answer)
    assert told[0].startswith("<!doctype html>")
    total = re.search(r'max="(\d+)"', told[1])[1]
    assert [re.search(r'value="(\d+)"', piece)[1] for piece in told[1:-2]] == [str(n + 1) for n in range(int(total))]
    made = Export.objects.get()
    link = reverse("audits:export_file", args=[made.public_id])
    assert link in told[-2]
    assert told[-1].rstrip().endswith("</html>")
    for _turn in range(2):  # a download that broke off can be begun again
        file = client.get(link)
        assert b"".join(file.streaming_content).startswith(b"PK")
    assert made.state == "done"
    client.force_login(people.outlethead)
    assert client.get(link).status_code == 404


def test_cancelling_stops_the_work(client, figures, at, people, slow):
    answer = asked_for(client, people.manager, at.an_giang)
    stream = answer.streaming_content
    head, _first = next(stream).decode(), next(stream)
    made = Export.objects.get()
    assert reverse("audits:export_cancel", args=[made.public_id]) in head
    left = client.post(reverse("audits:export_cancel", args=[made.public_id]))
    assert left.url == reverse("audits:export_create", args=[at.an_giang.public_id])
    told = b"".join(stream).decode()
    assert "Tệp này đã được hủy" in told
    assert "<progress" not in told  # at its next step, not at its end
    assert told.rstrip().endswith("</html>")
    made.refresh_from_db()
    assert (made.state, made.rows) == ("cancelled", None)
    assert not making.path_of(made).exists()
    assert client.get(reverse("audits:export_file", args=[made.public_id])).status_code == 302


def test_who_leaves_the_page_stops_the_work_too(client, figures, at, people, slow):
    stream = asked_for(client, people.manager, at.an_giang)._iterator  # closing the answer would close the database
    next(stream)
    stream.close()
    assert Export.objects.get().state == "cancelled"
    assert list(making.folder().iterdir()) == []


def test_figures_that_change_meanwhile_make_no_file(client, figures, at, people, slow):
    answer = asked_for(client, people.manager, at.an_giang)
    stream = answer.streaming_content
    next(stream)
    visit = Visit.objects.filter(outlet=at.counter).earliest("pk")
    results.correct(
        visit=visit, values={"A1": results.CorrectedValue("no")}, reason="Xem lại", by=people.office, at=worlds.NOW
    )
    assert Revision.objects.exists()
    assert "Số liệu vừa được đính chính" in b"".join(stream).decode()
    assert Export.objects.get().state == "failed"
    assert list(making.folder().iterdir()) == []


def test_what_goes_wrong_midway_is_said_on_the_page(client, figures, at, people, slow, monkeypatch):
    answer = asked_for(client, people.manager, at.an_giang)
    monkeypatch.setattr(making, "explanation", lambda *_given, **_named: 1 / 0)
    told = b"".join(answer.streaming_content).decode()
    assert "Chưa lập được tệp" in told
    assert told.rstrip().endswith("</html>")
    assert Export.objects.get().state == "failed"


def test_a_form_that_says_nothing_is_sent_back(client, figures, at, people):
    client.force_login(people.manager)
    answer = client.post(reverse("audits:export_create", args=[at.an_giang.public_id]), {"of": "scorecard"})
    assert answer.status_code == 422
    assert not Export.objects.exists()


def test_before_the_first_closing_there_is_nothing_to_take(client, at, people):
    assert "Chưa có tháng nào được chốt" in pages.words(asked_for(client, people.manager, at.an_giang))
    assert not Period.objects.exists()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"month": "2026-11"}, "Tháng"),
        ({"span": "week"}, "Kỳ"),
        ({"checklist": "XX"}, "Bộ tiêu chí"),
        ({"tree": "once"}, "Tổ chức"),
        ({"trend": "7"}, "Độ dài xu hướng"),
    ],
)
def test_no_file_holds_another_view_than_its_address_asks_for(client, figures, at, people, query, name):
    client.force_login(people.manager)
    card = client.get(reverse("audits:scorecard_export", args=[at.an_giang.public_id], query=query))
    address = reverse("audits:export_create", args=[at.an_giang.public_id], query=query)
    rows = client.post(address, {"of": "units", "months": "span", "format": "csv"})
    for answer in (card, rows):
        assert answer.status_code == 400
        said = f"Chưa lập tệp nào: đường dẫn yêu cầu nội dung hiện không có ({name}). Có thể tải: tháng 10/2026"
        assert said in pages.words(answer)
    assert not Export.objects.exists()
    page = client.get(address)
    assert "Đang hiện thay vào: tháng 10/2026." in pages.words(page)
    shown = page.content.decode()
    action = re.search(r'<form method="post" action="([^"]*/export/[^"]*)"', shown)[1].replace("&amp;", "&")
    assert client.post(action, {"of": "units", "months": "span", "format": "csv"}).status_code == 200


def test_the_page_keeps_the_span_that_was_looked_at(client, figures, at, people):
    client.force_login(people.manager)
    query = {"span": "12-months", "month": "2026-09"}
    card = client.get(reverse("audits:scorecard_detail", args=[at.an_giang.public_id], query=query))
    link = re.search(
        rf'href="({reverse("audits:export_create", args=[at.an_giang.public_id])}[^"]*)"', card.content.decode()
    )
    assert "12 tháng đến tháng 09/2026" in pages.words(client.get(link[1].replace("&amp;", "&")))


def test_files_that_nobody_fetched_are_swept(client, figures, at, people, slow):
    pieces(asked_for(client, people.manager, at.an_giang))
    (file,) = making.folder().iterdir()
    assert making.sweep(at=timezone.now()) == 0
    assert making.sweep(at=timezone.now() + making.KEPT_FOR + timedelta(minutes=1)) == 1
    assert not file.exists()


def test_an_export_ends_once(figures, at, people):
    made = exports.begin(
        unit=at.an_giang,
        of=Export.Of.UNITS,
        form=Export.Format.CSV,
        span=months.span(months.SpanKind.MONTH, OCTOBER),
        tree=Tree.TODAY,
        by=people.manager,
        at=worlds.NOW,
    )
    assert exports.cancel(export=made, at=worlds.NOW)
    assert not exports.finish(export=made, rows=3, at=worlds.NOW)


def test_the_office_reads_who_took_what(client, figures, at, people):
    for _turn in range(2):
        b"".join(asked_for(client, people.manager, at.an_giang, format="csv").streaming_content)
    client.force_login(people.office)
    told = pages.words(client.get(reverse("audits:export_list")))
    assert told.count(people.manager.shown_name) == 2
    assert "Tất cả điểm phục vụ trực thuộc CSV" in told


def test_the_list_has_the_same_queries_with_one_row_and_with_three(
    client, figures, at, people, django_assert_num_queries
):
    for _turn in range(2):
        b"".join(asked_for(client, people.manager, at.an_giang, format="csv").streaming_content)
        client.force_login(people.office)
        with django_assert_num_queries(5):
            client.get(reverse("audits:export_list"))
