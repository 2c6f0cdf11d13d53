"""How many taps a visit takes, with the real counter checklist."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists.outline import outline
from audits.fieldwork.visits import actions as visits
from audits.models import Checklist, Photo, Visit
from tests import plans, sheets, worlds
from tests.browser.phones import expect

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

TAPS_AT_MOST = 50
COLOURS = ("steelblue", "gold", "tomato", "teal", "olive", "orchid")


@pytest.fixture
def visit(people):
    checklists.install_defaults(by=None, at=worlds.NOW)
    worlds.staff_member("NV-0815", "Đặng Thị Ngọc Ánh", worlds.Outlet.objects.get(unit__code="AGG-LX-01"))
    plans.answer_card(plans.scenario(), timezone.localdate() - timedelta(days=30))
    counter = worlds.Outlet.objects.get(unit__code="AGG-LX-01")
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=1), "due_on": today + timedelta(days=3)}
    return sheets.assigned(counter, people.shopper, Checklist.objects.get(code="TQ"), **dates)


# Presses every button of the form, without letting it lead away; gives the marks that are then made.
PRESS_ALL = """() => {
  const form = document.querySelector("form[data-visit]");
  form.addEventListener("submit", (event) => event.preventDefault() || event.stopImmediatePropagation(), true);
  document.querySelectorAll("details").forEach((fold) => (fold.open = true));
  const buttons = [...document.querySelectorAll("main button, main [role=button], main input[type=submit]")];
  for (const button of buttons) button.click();
  const marks = form.querySelectorAll("input[type=radio]:checked:not([value=na])");
  return { buttons: buttons.length, marks: marks.length };
}"""


def test_nothing_answers_several_questions_at_once_but_that_they_do_not_apply(phone, visit, people):
    """A button that says "all met" would invite whoever is in a hurry to press it."""
    visits.start(visit=visit, by=people.shopper, at=timezone.now())
    page = phone().new_page()
    pages = [f"sections/{section.code}" for section in outline(Visit.objects.get().version).sections]
    for name in (*pages, "quick", "missing"):
        page.goto(f"/visits/{visit.public_id}/{name}/")
        page.wait_for_selector("[data-outbox]", state="attached")
        pressed = page.evaluate(PRESS_ALL)
        assert pressed["buttons"] >= 2, name
        assert pressed["marks"] == 0, name


def test_a_visit_where_all_is_well_takes_at_most_fifty_taps(phone, visit, tmp_path):
    """Besides typing and photos: one for each criterion and the way through. No button answers several at once."""
    page = phone().new_page()
    taps = []

    def tap(selector):
        taps.append(selector)
        page.click(selector)

    page.goto("/visits/")
    tap(".visit .btn")
    tap(".dock .btn-primary")  # start
    page.wait_for_selector(".tasks")
    tap(".dock .btn-primary")  # who was met, the first thing missing
    page.wait_for_url("**/met/")
    tap("label:has-text('Đặng Thị Ngọc Ánh')")
    tap(".dock .btn-primary")
    page.wait_for_selector(".tasks")
    tap(".dock .btn-primary")
    picture = tmp_path / "photo.jpg"
    asked = outline(Visit.objects.get().version)
    for section in asked.sections:
        page.wait_for_url(re.compile(f"/sections/{section.code}/"))
        for number, criterion in enumerate(section.criteria):
            if criterion.kind == "measured":
                page.fill(f"#{criterion.code}-number", "1")
            elif criterion.kind == "text":
                page.fill(f"#{criterion.code}-text", "Quầy sạch, nhân viên chào hỏi.")
            else:
                tap(f"#{criterion.code} .choice:first-child input")
            if criterion.photo == "required":
                picture.write_bytes(
                    sheets.picture(["steelblue", "gold", "tomato", "teal", "olive", "orchid"][number % 6]).read()
                )
                page.set_input_files(f"#{criterion.code}-photos", str(picture))
                expect(page.locator(f"#{criterion.code} [data-photos] li")).to_have_count(1)
        tap(".dock .btn-primary")
    page.wait_for_url("**/check/")
    expect(page.locator("[data-outbox]")).to_be_empty(timeout=30_000)
    page.reload()
    assert page.locator(".gaps li").all_inner_texts() == []
    tap(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert (Photo.objects.count() > 0, visit.submissions.get().percent) == (True, 1_000_000)
    assert len(asked.criteria) == 35
    assert len(taps) <= TAPS_AT_MOST, taps
