"""What a manager's week starts with."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.results import briefing
from audits.results import kept as remembered
from outlets.models import Channel
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


def visits(outlet, people, *answers):
    for number, each in enumerate(answers):
        shopper = people.shopper if number % 2 else people.shopper2
        published.approved(outlet, shopper, OCTOBER + timedelta(days=number), each)


@kept
def october(at, people):
    """Nine visits at each of twelve counters, eleven of them alike and one far below; three at a thirteenth."""
    *alike, low, few = plans.outlets_below(at.dong_da, 13)
    for outlet in alike:
        visits(outlet, people, *["yy", "ny", "yy"] * 3)
    visits(low, people, *["nn", "yn", "nn"] * 3)
    visits(few, people, "yy", "yy", "ny")
    published.closed(OCTOBER)
    return alike, low, few


def test_who_needs_help_is_told_from_chance_and_few_visits_are_in_no_pile(october, at):
    week = briefing.read(at.dong_da, OCTOBER)
    alike, low, _few = october
    assert [(each.unit, each.above, each.visits) for each in week.standing.help] == [(low.unit, at.dong_da.name, 9)]
    assert (week.standing.thanks, week.standing.usual, week.standing.thin) == ((), len(alike), 1)
    assert [each.code for each in week.standing.help_in] == [week.card.shown.checklist.code]
    assert briefing.read(at.group, OCTOBER).standing == week.standing


def test_who_differs_from_the_mean_no_more_than_usual_is_told_and_counted_apart(at, people):
    outlets = plans.outlets_below(at.dong_da, 10)
    for outlet in outlets:
        visits(outlet, people, *(["ny", *["yy"] * 8] if outlet in outlets[:5] else ["yy", *["ny"] * 8]))
    published.closed(OCTOBER)
    found = briefing.read(at.dong_da, OCTOBER).standing
    assert (found.help, found.thanks, found.usual) == ((), (), 0)
    assert {each.unit for each in found.higher} == {each.unit for each in outlets[:5]}
    assert {each.unit for each in found.lower} == {each.unit for each in outlets[5:]}


def test_a_closed_outlet_needs_no_help(october, at):
    _alike, low, _few = october
    type(low.unit).objects.filter(pk=low.pk).update(closed_on=date(2026, 11, 1))
    assert briefing.read(at.dong_da, OCTOBER).standing.help == ()


def test_topics_are_what_costs_most(october, at):
    week = briefing.read(at.dong_da, OCTOBER)
    assert [(topic.row.code, topic.row.figure.not_met) for topic in week.topics] == [("A1", 40), ("A2", 9)]


def test_channels_take_turns_in_what_to_talk_about(at, people):
    """A short checklist that loses more points a visit does not crowd out the channel with more visits."""
    short = plans.checklist("KT", channel=Channel.TECHNICIAN)
    (crew,) = plans.outlets_below(at.an_giang, 1, channel=Channel.TECHNICIAN)
    for outlet in plans.outlets_below(at.long_xuyen, 2):
        visits(outlet, people, *["yy", "ny", "yn"] * 3)
    for number in range(9):
        shopper = people.shopper if number % 2 else people.shopper2
        published.approved(crew, shopper, OCTOBER + timedelta(days=number), "nn", short)
    published.closed(OCTOBER)
    topics = briefing.read(at.an_giang, OCTOBER).topics
    assert [(each.headline.checklist.code, each.row.code) for each in topics] == [
        ("TQ", "A2"),
        ("KT", "A2"),
        ("TQ", "A1"),
    ]
    assert topics[1].row.lost > topics[0].row.lost


def test_a_channel_with_few_visits_is_left_out_of_the_topics_and_named(client, october, at, people):
    short = plans.checklist("KT", channel=Channel.TECHNICIAN)
    (crew,) = plans.outlets_below(at.ha_noi, 1, channel=Channel.TECHNICIAN)
    for number in range(3):
        shopper = people.shopper if number % 2 else people.shopper2
        published.approved(crew, shopper, NOVEMBER + timedelta(days=number), "nn", short)
    for number, outlet in enumerate(october[0]):
        published.approved(outlet, people.shopper, NOVEMBER + timedelta(days=number), "ny")
        published.approved(outlet, people.shopper2, NOVEMBER + timedelta(days=number), "ny")
        published.approved(outlet, people.shopper, NOVEMBER + timedelta(days=number + 1), "ny")
    published.closed(NOVEMBER)
    week = briefing.read(at.ha_noi, NOVEMBER)
    assert [each.checklist.code for each in week.weighed] == ["TQ"]
    assert [each.checklist.code for each in week.left_out] == ["KT"]
    client.force_login(people.manager2)
    assert "Bảng kiểm KT: dưới 9 lượt, chưa xét" in pages.words(client.get("/"))
    assert briefing.read(at.ha_noi, OCTOBER).left_out == ()


def test_what_was_seen_of_a_topic_opens_with_its_month(client, october, at, people):
    client.force_login(people.manager2)
    address = reverse("audits:evidence_list", args=[at.ha_noi.public_id])
    assert f'href="{address}?criterion=A1&amp;month=2026-10"' in client.get("/").content.decode()


def test_an_outlet_has_no_piles(october, at):
    week = briefing.read(october[1].unit, OCTOBER)
    assert (week.standing, len(week.topics)) == (None, 2)


def test_the_home_shows_the_week_and_names_no_shopper(client, october, at, people):
    client.force_login(people.manager2)
    words = pages.words(client.get("/"))
    for expected in (
        "Tháng 10/2026",
        "Ưu tiên hỗ trợ",
        "Ba việc cho cuộc họp thứ Hai",
        "Bảng kiểm TQ: những điều làm mất nhiều điểm nhất mỗi lượt",
        "Bảng kiểm TQTiêu chí 1A1 · 111 lượt",
        "Điểm phục vụ nào cần ưu tiên hỗ trợ, điểm nào đáng cảm ơn",
    ):
        assert expected in words
    assert people.shopper.shopper_code not in words


def test_the_home_begins_with_three_answers_and_folds_what_is_looked_at(client, october, at, people):
    client.force_login(people.manager2)
    page = client.get("/").content.decode()
    parts = ('class="panel answer"', 'class="piles"', 'class="topics panel"', 'class="channels', 'class="fold about">')
    assert sorted(parts, key=page.index) == list(parts)
    assert page.index('class="fold about">') < page.index('aria-labelledby="checklists"')


@pytest.fixture
def apart(at, people):
    """Nine visits at each of sixteen counters, half of them clearly above the mean and half below, none by much."""
    outlets = plans.outlets_below(at.dong_da, 16)
    for outlet in outlets:
        visits(outlet, people, *(["ny", *["yy"] * 8] if outlet in outlets[:8] else ["yy", *["ny"] * 8]))
    published.closed(OCTOBER)
    return outlets


def test_who_comes_next_is_named_six_times_and_the_rest_are_where_the_link_leads(client, apart, at, people):
    client.force_login(people.manager2)
    shown = client.get("/")
    words = pages.words(shown)
    assert "Nên quan tâm thêm: 8ĐGD Phòng bán hàng Đống Đa" in words
    assert "Bình thường: 0; chỉ tham khảo (dưới 9 lượt): 0. Mọi điểm phục vụ: Bảng kiểm TQ" in words
    assert words.count("và 2 điểm phục vụ khác. Xem tất cả: Bảng kiểm TQ") == 2
    address = reverse("audits:scorecard_units", args=[at.ha_noi.public_id])
    for rung, sort, outlets in (("lower", "score", apart[8:]), ("higher", "-score", apart[:8])):
        query = f"span=12-months&level=outlets&pile={rung}&checklist=TQ&sort={sort}"
        assert f'href="{address}?{query.replace("&", "&amp;")}#units"' in shown.content.decode()
        listing = client.get(f"{address}?{query}").context["listing"]
        assert ({row.child.unit for row in listing.page}, listing.sort) == ({each.unit for each in outlets}, sort)


def test_an_outlet_has_the_same_word_at_home_and_on_every_page(client, apart, at, people):
    client.force_login(people.manager2)
    told = {apart[0]: "Nên có lời khen", apart[8]: "Nên quan tâm thêm"}
    query = {"span": "12-months", "q": "", "level": "outlets"}
    units = pages.words(client.get(reverse("audits:scorecard_units", args=[at.ha_noi.public_id]), query))
    card = pages.words(client.get(reverse("audits:scorecard_detail", args=[at.dong_da.public_id]), query))
    for outlet, word in told.items():
        assert f"{outlet.unit.name} · {at.dong_da.name} {word}" in units
        assert f"{outlet.unit.name} {word}" in card
    assert "Bình thường" not in card


def test_the_number_of_queries_does_not_depend_on_the_units_below(october, at, django_assert_num_queries):
    briefing.read(at.dong_da, OCTOBER)
    for unit in (at.dong_da, at.ha_noi, at.group):
        remembered.forget()
        with django_assert_num_queries(20):
            briefing.read(unit, OCTOBER)
        with django_assert_num_queries(9):
            briefing.read(unit, OCTOBER)


def test_outlets_stand_by_their_distance_from_the_mean_of_their_own_channel(at, people):
    """A call of a good checklist that is far below its like comes before a counter that is lower but nearer."""
    near, far = (
        briefing.Placed(unit, "", plans.checklist(code, is_running=False), 9, briefing.Range(mean, mean, mean))
        for unit, code, mean in ((at.counter.unit, "Q1", 700_000), (at.far_counter.unit, "Q2", 750_000))
    )
    centres = {near.checklist.pk: 720_000, far.checklist.pk: 900_000}
    assert briefing.by_distance([near, far], centres) == (far, near)
    assert briefing.by_distance([near, far], centres, highest_first=True) == (near, far)
