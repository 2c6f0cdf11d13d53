"""A month from the counter to the scorecard, as people do it: three visits, a return, the closing; without JavaScript.

Two shoppers visit one outlet three times. The reviewer returns one visit on two criteria; its shopper mends it; all
are approved, and the office closes the month. The manager reads the figures, computed here by hand. In the month after
a single visit is made, approved and passed over by the closing: nobody outside the office can tell that it exists.
"""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Period, PeriodUnit, Visit
from audits.results import months
from tests import published, sheets, worlds

# Once: that a closing counts alike on both databases is shown by tests that need no browser.
pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "mật khẩu thử nghiệm"
NOTE = "Nhân viên không nhìn lên khi tôi đến."
REMARKS = {"TK-A2": "Nhờ Anh/Chị nói rõ nhân viên nào.", "TK-B1": "Nhờ Anh/Chị xem lại số phút."}

# A1 weighs 2 (yes), A2 3 (met, partly, not met), B1 4 (up to 5 minutes: all; up to 10: half; else nothing),
# B2 1 (a: all; b: 40 %). B3 (2) comes days later, is never answered and lapses: it does not count.
FIRST = {"A1": "yes", "A2": "met", "B1": "7", "B2": "a"}  # 2 + 3 + 2 + 1 = 8 of 10
SECOND = {"A1": "yes", "A2": "not_met", "B1": "12", "B2": "b"}  # 2 + 0 + 0 + 0.4 = 2.4 of 10, before it is returned
MENDED = {"A2": "partly", "B1": "4"}  # 2 + 1.5 + 4 + 0.4 = 7.9 of 10
THIRD = {"A1": "no", "A2": "met", "B1": "5", "B2": "b"}  # 0 + 3 + 4 + 0.4 = 7.4 of 10
FOURTH = {"A1": "no", "A2": "not_met", "B1": "30", "B2": "b"}  # 4 %
# (80 + 79 + 74) / 3 = 77.67, "Khá" (65 to 80). One block shows no usual spread yet: 12.5 points are assumed;
# 1.95997 x 12.5 / sqrt(3) = 14.145; 63.52 to 91.81.
FIGURES = ("77,7 %", "Khá", "63,5–91,8", "3 lượt", "Dưới 9 lượt, chỉ tham khảo", "22,3 = 100 − 77,7")
# Points lost in a visit, on average: A1 20/3, A2 15/3, B1 20/3, B2 (6 + 6)/3; together 22.33 = 100 - 77.67.
# Printed to add up to 22.3: by largest remainder 223 tenths are 66 + 50 + 66 + 40 and one more for the first of equals.
LOST = {"A1": "6,7", "A2": "5,0", "B1": "6,6", "B2": "4,0"}
HEADS = {"outlethead": "counter", "officehead": "long_xuyen", "manager": "an_giang", "grouphead": "group"}


@pytest.fixture
def first_month():
    """The last month but one: pages go by the real clock, and follow-ups have to be over."""
    return months.later(timezone.localdate().replace(day=1), -2)


@pytest.fixture
def world(transactional_db):
    places = worlds.places()
    people = worlds.people(places)
    worlds.user("grouphead", worlds.Role.MANAGER, places.group)
    worlds.user("officehead", worlds.Role.MANAGER, places.long_xuyen)
    return places, people


@pytest.fixture
def sign_in(chromium, live_process):
    """Opens a page without JavaScript, of a phone or of a desk, signed in by the log-in form."""
    contexts = []

    def signed_in(username, width=1280):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=False, base_url=live_process.url
        )
        contexts.append(context)
        context.set_default_timeout(5_000)
        page = context.new_page()
        page.goto(reverse("login"))
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        assert reverse("login") not in page.url
        return page

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture
def picture(tmp_path):
    """Files with a picture of each colour."""

    def pictures(*colours):
        for colour in colours:
            (tmp_path / f"{colour}.jpg").write_bytes(sheets.picture(colour).read())
        return [str(tmp_path / f"{colour}.jpg") for colour in colours]

    return pictures


def begun(outlet, shopper, day: date) -> Visit:
    """A visit that the shopper has begun at the outlet on that day, and written down whom they met."""
    visit = sheets.assigned(outlet, shopper, opens_on=day, due_on=day + timedelta(days=2))
    at = published.moment(day)
    visits.start(visit=visit, by=shopper, at=at)
    visits.save_met(visit=visit, visited_on=day, staff=None, description="Quầy số 2", by=shopper, at=at)
    return visit


def answer(page, given: dict[str, str]) -> None:
    page.wait_for_load_state()
    for short, value in given.items():
        if page.locator(f"#TK-{short}-number").count():
            page.fill(f"#TK-{short}-number", value)
        else:
            page.check(f"#TK-{short}-{value}")
        if (short, value) in {("A1", "no"), ("A2", "not_met"), ("B1", "12"), ("B1", "30")}:
            note = page.locator(f"#TK-{short}-note")
            if not note.is_visible():  # it opens by itself beside "not met", not beside a number
                page.click(f"a[href='#TK-{short}-note']")
            note.fill(NOTE)


def fill_in_and_submit(page, visit: Visit, given: dict[str, str], picture) -> None:
    page.goto(reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": "A"}))
    page.set_input_files("#TK-A1-photos", picture)
    answer(page, {short: value for short, value in given.items() if short[0] == "A"})
    page.click(".dock .btn-primary")
    answer(page, {short: value for short, value in given.items() if short[0] == "B"})
    page.click(".dock .btn-primary")
    page.check("#TK-Z1-4")
    page.fill("#TK-Z2-text", "Tôi vào lúc vắng khách.")
    page.click(".dock .btn-primary")
    submit(page, visit)


def submit(page, visit: Visit) -> None:
    page.goto(reverse("audits:visit_check", kwargs={"visit_id": visit.public_id}))
    page.click(".submit .btn-primary")
    page.wait_for_load_state()
    assert "/receipt/" in page.url
    assert visit.submissions.first().receipt in page.inner_text("main")


def mend(page, visit: Visit) -> None:
    """The shopper opens the returned visit, finds each remark where it belongs, and changes just that."""
    page.goto(reverse("audits:visit_list"))
    page.click(".visit .btn")
    for section, short, locked in (("A", "A2", 1), ("B", "B1", 2)):
        page.goto(reverse("audits:section_edit", kwargs={"visit_id": visit.public_id, "section": section}))
        assert REMARKS[f"TK-{short}"] in page.inner_text(f"[id='TK-{short}']")
        assert (page.locator("fieldset.criterion").count(), page.locator(".locked").count()) == (1, locked)
        answer(page, {short: MENDED[short]})
        page.click(".dock .btn-primary")
    submit(page, visit)


def decide(page, visit: Visit, do: str, remarks: dict[str, str] | None = None) -> None:
    """Opens a waiting visit, writes the remarks where they belong, and decides."""
    page.goto(reverse("audits:review_detail", kwargs={"visit_id": visit.public_id}))
    for code, text in (remarks or {}).items():
        summary = page.locator(f"[id='{code}'] .remark summary")
        section = page.locator("details.rv-sec:not([open]) > summary", has=page.locator(f"xpath=..//*[@id='{code}']"))
        if section.count():
            section.click()
        summary.click()
        page.fill(f"[id='remark-{code}']", text)
    page.click(f".dock button[value={do}]")


def close_month(page, month: date) -> str:
    page.goto(reverse("audits:month_close"))
    assert f"{month:%m/%Y}" in page.inner_text("h1")
    page.check("#id_is_read")
    page.click("main form .btn-primary")
    page.wait_for_load_state()  # the click waits for the answer's address, not for its text
    assert page.url.endswith(reverse("audits:period_list"))
    return page.inner_text("body")


def words(page: str) -> str:
    """What a page says, wherever its links go."""
    body = re.sub(r"(?s)^.*?<main", "<main", page)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def scorecard(unit, **query: str) -> str:
    return reverse("audits:scorecard_detail", args=[unit.public_id], query=query)


def read_everything(heads, places, month: date) -> dict[tuple[str, str], str]:
    """All that the heads of the outlet, its office, its province and the group can read of their units after `month`.

    Homes, scorecards of each span, files, and what was seen.
    """
    seen = {}
    for name, page in heads.items():
        unit = getattr(places, HEADS[name])
        unit = getattr(unit, "unit", unit)
        evidence = reverse("audits:evidence_list", args=[unit.public_id])
        cards = [scorecard(unit, month=months.written(month), span=span) for span in ("month", "quarter", "12-months")]
        file = cards[-1].replace("?", "scorecard.csv?")
        for address in (reverse("home"), evidence, scorecard(unit), *cards, file):
            answer = page.request.get(address)
            assert answer.ok
            seen[name, address] = words(answer.text())
    return seen


def open_again(month: date) -> None:
    """Takes a closing that published nothing back, as nobody can but a test."""
    PeriodUnit.objects.filter(period__month=month).delete()
    Period.objects.filter(month=month).delete()


def test_a_month_from_three_visits_to_the_scorecard_without_javascript(sign_in, world, first_month, picture):
    places, people = world
    day, last_month = first_month.replace(day=6), months.later(first_month, 1)
    phones = {shopper: sign_in(shopper.username, 390) for shopper in (people.shopper, people.shopper2)}
    made = []
    for shopper, given in ((people.shopper, FIRST), (people.shopper2, SECOND), (people.shopper, THIRD)):
        visit = begun(places.counter, shopper, day + timedelta(days=len(made)))
        fill_in_and_submit(phones[shopper], visit, given, picture("steelblue", "gold", "tomato")[len(made)])
        made.append(visit)

    desk = sign_in("reviewer")
    decide(desk, made[1], "return", REMARKS)
    mend(phones[people.shopper2], made[1])
    for visit in made:
        decide(desk, visit, "approve")
    latest = [visit.submissions.first() for visit in made]
    assert [(each.number, each.percent // 10_000) for each in latest] == [(1, 80), (2, 79), (1, 74)]

    office = sign_in("office")
    assert "công bố 3 lượt" in close_month(office, first_month)

    heads = {name: sign_in(name) for name in HEADS}
    for name, unit in (("manager", places.an_giang), ("manager", places.counter.unit), ("grouphead", places.group)):
        heads[name].goto(scorecard(unit))
        shown = words(heads[name].content())
        assert [figure for figure in (f"Tháng {first_month:%m/%Y}", *FIGURES) if figure not in shown] == []
        rows = heads[name].locator("section[aria-labelledby=improve] .rank li").all()
        codes = [row.locator("span.quiet").first.inner_text().split(" ")[0] for row in rows]
        lost = dict(zip(codes, [row.locator("b").inner_text() for row in rows], strict=True))
        assert lost == LOST

    close_month(office, last_month)
    without = read_everything(heads, places, last_month)
    open_again(last_month)
    alone = begun(places.counter, people.shopper, last_month.replace(day=6))
    fill_in_and_submit(phones[people.shopper], alone, FOURTH, picture("teal")[0])
    decide(desk, alone, "approve")
    assert "1 lượt chờ" in close_month(office, last_month)
    alone.refresh_from_db()
    assert alone.state == VisitState.APPROVED
    with_it = read_everything(heads, places, last_month)
    assert {place for place in with_it if with_it[place] != without[place]} == set()
    assert (
        "ít nhất ba lượt của ít nhất hai khách hàng bí mật"
        in with_it["outlethead", scorecard(places.counter.unit, month=months.written(last_month), span="month")]
    )
