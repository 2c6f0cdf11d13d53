"""A wave, a visit and its figure, as people do it: a phone-sized Chromium without JavaScript.

The coordinator plans a wave and gives the visit to a shopper; the shopper fills in all 35 criteria of the
counter checklist with photos, one N/A and one answer that comes days later, submits and gets a receipt; the
office reads the figure. The figures below are computed by hand from the printed weights.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.models import ChecklistVersion, Criterion, Submission, Visit
from tests import plans, sheets, worlds

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "mật khẩu thử nghiệm"
PHOTOS = {"A1": "steelblue", "A2": "gold", "A3": "tomato", "B1": "olive", "B2": "orchid", "B3": "teal"}
NOTE = "Tôi không thấy nhân viên làm việc này."

# What the shopper chooses, section by section. Numbers are minutes; texts are typed.
ANSWERS = {
    "A": {"A1": "met", "A2": "yes", "A3": "yes", "A4": "partly"},
    "B": {"B1": "met", "B2": "partly", "B3": "yes", "B4": "no"},
    "C": {"C1": "na", "C2": "yes", "C3": "7,5"},
    "D": {"D1": "yes", "D2": "yes"},
    "E": {"E1": "yes", "E2": "partly", "E3": "yes", "E4": "met", "E5": "yes", "E6": "yes"},
    "F": {"F1": "met", "F2": "partly", "F3": "met", "F4": "no", "F5": "yes", "F6": "yes"},
    "G": {"G1": "yes", "G2": "12"},
    "H": {"H1": "yes", "H2": "yes"},
    "I": {"I1": "no", "I2": "met"},
    "Z": {"Z1": "4", "Z2": "Tôi vào lúc vắng khách.", "Z3": "Chào tươi. Nên giới thiệu thêm gói cước."},
}
NOT_MET = ("B4", "F4", "I1")
# Weights lost: A4 1 · B2 1.5 · B4 2 · C3 6×30 % · E2 2.5 · F2 3 · F4 3 · G2 4×30 % · I1 2 = 18.
# C1 (2) does not apply, G3 (2) is still open: 100 - 4 = 96, of which 78 are earned: 78 / 96.
FIRST_FIGURE = "81,2500"
# G3 answered "yes": 80 of 98.
LAST_FIGURE = "81,6327"


@pytest.fixture
def counter_with_a_follow_up(transactional_db):
    """The default counter checklist, in a second version in which G3 is answered after the visit."""
    checklists.install_defaults(by=None, at=worlds.NOW)
    running = ChecklistVersion.objects.get(checklist__code="TQ", state=ChecklistVersion.State.PUBLISHED)
    draft = checklists.draft_from(version=running, by=None, at=worlds.NOW)
    Criterion.objects.filter(version=draft, code="TQ-G3").update(stage=Criterion.Stage.FOLLOW_UP)
    checklists.publish(version=draft, by=None, at=worlds.NOW, note="G3 trả lời sau")
    return draft


@pytest.fixture
def world(counter_with_a_follow_up):
    places = worlds.places()
    people = worlds.people(places)
    worlds.staff_member("NV-0815", "Đặng Thị Ngọc Ánh", places.counter)
    plans.answer_card(plans.scenario(), timezone.localdate() - timedelta(days=30))
    return places, people


@pytest.fixture
def phone(chromium, live_server):
    """Opens a page of a phone without JavaScript, signed in by the log-in form."""
    contexts = []

    def sign_in(user):
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=False, base_url=live_server.url
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(reverse("login"))
        page.fill("#id_username", user.username)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        assert reverse("login") not in page.url
        return page

    yield sign_in
    for context in contexts:
        context.close()


def plan_and_assign(page, places, shopper) -> None:
    today = timezone.localdate()
    page.goto(reverse("audits:wave_create"))
    page.fill("#id_name", "Đợt thử quầy Long Xuyên")
    page.select_option("#id_checklist", "TQ")
    page.fill("#id_unit", places.counter.unit.code)
    page.fill("#id_visits_per_outlet", "1")
    page.fill("#id_starts_on", today.strftime("%d/%m/%Y"))
    page.fill("#id_ends_on", (today + timedelta(days=3)).strftime("%d/%m/%Y"))
    page.click("button[value=preview]")
    page.click("button[value=create]")
    visit = Visit.objects.get()
    page.goto(reverse("audits:visit_plan_detail", kwargs={"visit_id": visit.public_id}))
    page.select_option("#id_shopper", str(shopper.public_id))
    page.click("section[aria-labelledby=assign] .btn-primary")
    visit.refresh_from_db()
    assert visit.shopper == shopper


def answer(page, short: str, given: str, picture_folder) -> None:
    code = f"TQ-{short}"
    if page.locator(f"#{code}-number").count() and given != "na":
        page.fill(f"#{code}-number", given)
    elif page.locator(f"#{code}-text").count():
        page.fill(f"#{code}-text", given)
    else:
        page.check(f"#{code}-{given}")
    if short in NOT_MET:
        page.fill(f"#{code}-note", NOTE)
    if short in PHOTOS:
        file = picture_folder / f"{short}.jpg"
        file.write_bytes(sheets.picture(PHOTOS[short], size=(1200, 900)).read())
        page.set_input_files(f"#{code}-photos", str(file))


def test_a_visit_from_plan_to_figure_without_javascript(phone, world, tmp_path, live_server):
    places, people = world
    plan_and_assign(phone(people.coordinator), places, people.shopper)

    page = phone(people.shopper)
    page.goto(reverse("audits:visit_list"))
    page.click(".visit .btn")
    page.click(".dock .btn-primary")  # start
    page.click(".tasks a >> nth=0")  # who was met
    page.get_by_label(re.compile("Đặng Thị Ngọc Ánh")).check()
    page.click(".dock .btn-primary")
    page.click(".dock .btn-primary")  # the first gap: section A
    for section, given in ANSWERS.items():
        assert f"/sections/{section}/" in page.url
        for short, value in given.items():
            answer(page, short, value, tmp_path)
        page.click(".dock .btn-primary")
    assert "/check/" in page.url
    assert page.locator(".gaps").count() == 0
    page.click(".submit .btn-primary")

    first = Submission.objects.get()
    assert "/receipt/" in page.url
    assert first.receipt in page.inner_text("main")
    assert (first.answers, first.photos, first.open_follow_ups) == (34, 6, 1)

    page.goto(reverse("audits:visit_list"))
    page.click(".visit .btn")  # the follow-up stands in the list
    answer(page, "G3", "yes", tmp_path)
    page.click(".dock .btn-primary")  # saves and submits
    last = Submission.objects.get(number=2)
    assert last.receipt in page.inner_text("main")
    assert (last.answers, last.open_follow_ups) == (35, 0)

    office = phone(people.office)
    office.goto(reverse("audits:received_list"))
    office.click("table.data tbody a")
    assert "81,6%" in office.inner_text(".rv-score")
    office.click(".rv-score .why")
    assert LAST_FIGURE in office.inner_text("main")
    office.click(f"text={first.receipt}")
    assert FIRST_FIGURE in office.inner_text("main")
