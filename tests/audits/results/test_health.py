"""How criteria go: sums of what is published, and nothing concluded from few visits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.checklists.outline import OptionOutline
from audits.models import Answer, Block, Checklist, Criterion, PublishedVisit, Remark
from audits.results import actions as results
from audits.results import health
from audits.results.second_looks import actions as asking
from outlets.models import Role
from tests import pages, plans, published, second_looks, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


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
    published.closed(OCTOBER)


@pytest.fixture
def version(october):
    return Checklist.objects.get(code="TQ").versions.get()


def by_code(version, *, whole=False):
    return {each.code: each for each in health.of_version(version, OCTOBER, OCTOBER, whole=whole)}


def test_shares_are_those_of_published_visits(version):
    found = by_code(version)
    assert (found["A1"].visits, found["A1"].met_share, found["A1"].na_share) == (6, 33, 0)
    assert (found["A2"].met_share, found["A2"].relation, found["A2"].reasons) == (100, None, ())
    assert found["A2"].is_few


def test_with_enough_visits_what_never_varies_is_named(version, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH", 6)
    assert by_code(version)["A2"].hints == 1
    assert by_code(version)["A1"].hints == 0


def test_waived_photos_and_remarks_are_counted_where_a_photo_is_asked_for(version, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH", 6)
    criterion = Criterion.objects.get(version=version, code="A1")
    Answer.objects.filter(criterion=criterion, visit__in=list(version.visits.all()[:3])).update(photo_waiver="Tối")
    found = by_code(version)["A1"]
    assert (found.waived, found.waived_share) == (3, None)
    asked = replace(found, criterion=replace(found.criterion, photo=Criterion.Photo.REQUIRED))
    assert asked.waived_share == 50


class TestTheSameVisits:
    """Of A2, which did not apply in one or two of four visits, closing tells nothing or tells three of them."""

    @pytest.fixture
    def closed(self, at, people):
        def close(answers):
            for number, each in enumerate(answers):
                shopper = people.shopper2 if number % 2 else people.shopper
                visit = published.approved(at.counter, shopper, date(2026, 10, 2) + timedelta(days=number), each)
                Answer.objects.filter(visit=visit, criterion__code="A2").update(photo_waiver="Tối")
                for code in ("A1", "A2"):
                    Remark.objects.create(
                        visit=visit,
                        criterion=Criterion.objects.get(version=visit.version, code=code),
                        text="Chụp lại",
                        made_at=visit.submitted_at,
                        made_by=people.reviewer,
                        resolved_at=visit.submitted_at,
                    )
            published.closed(OCTOBER)
            return by_code(Checklist.objects.get(code="TQ").versions.get())

        return close

    def test_of_what_closing_does_not_tell_nothing_is_counted(self, closed):
        found = closed(["y-", "n-", "yy", "ny"])["A2"]
        assert (found.visits, found.published, found.waived, found.remarks) == (0, 4, 0, 0)
        assert (found.waived_share, found.remark_share, found.is_of_part) == (None, None, True)

    def test_what_did_not_apply_has_no_photo_to_waive(self, closed):
        found = closed(["y-", "n-", "y-", "yy", "ny", "nn"])["A2"]
        assert (found.visits, found.not_applicable, found.waived, found.remarks) == (3, 3, 3, 6)
        assert (found.remark_share, found.is_of_part) == (100, False)

    def test_what_was_corrected_to_not_applicable_has_none_either(self, closed, people):
        closed(["y-", "n-", "y-", "yy", "ny", "nn", "yn"])
        visit = PublishedVisit.objects.order_by("-visit__visited_on").first().visit
        values = {"A2": results.CorrectedValue(value="na")}
        moment = published.moment(date(2026, 11, 5))
        results.correct(visit=visit, values=values, reason="Không có.", by=people.office, at=moment)
        found = by_code(visit.version)["A2"]
        assert (found.visits, found.waived) == (3, 3)


class TestCorrections:
    """How often a criterion counts otherwise since publication: all to the office, no few to an editor."""

    @staticmethod
    def correct(people, days, code="A2", value="no"):
        for day in days:
            visit = PublishedVisit.objects.get(visit__visited_on=day, block__outlet__unit__code="AGG-LX-01").visit
            values = {code: results.CorrectedValue(value=value)}
            moment = published.moment(date(2026, 11, 5))
            results.correct(visit=visit, values=values, reason="Ảnh cho thấy khác.", by=people.office, at=moment)

    def test_the_office_sees_each_and_an_editor_none_below_the_rule_of_blocks(self, version, people):
        assert (by_code(version)["A2"].corrected, by_code(version, whole=True)["A2"].corrected) == (None, 0)
        self.correct(people, [date(2026, 10, 5), date(2026, 10, 6)])
        assert (by_code(version)["A2"].corrected, by_code(version, whole=True)["A2"].corrected) == (None, 2)
        self.correct(people, [date(2026, 10, 7)])
        assert (by_code(version)["A2"].corrected, by_code(version, whole=True)["A2"].corrected) == (3, 3)

    def test_nor_those_of_one_shopper_alone(self, version, people, settings):
        settings.BLOCK_VISITS = 2
        self.correct(people, [date(2026, 10, 5), date(2026, 10, 6)])
        assert by_code(version)["A2"].corrected is None
        settings.BLOCK_SHOPPERS = 1
        assert by_code(version)["A2"].corrected == 2

    def test_a_visit_corrected_twice_counts_once(self, version, people):
        self.correct(people, [date(2026, 10, 5)])
        self.correct(people, [date(2026, 10, 5)], value="yes")
        assert by_code(version, whole=True)["A2"].corrected == 1

    def test_many_are_a_reason_to_reword_it(self, version, people, monkeypatch):
        monkeypatch.setattr(health, "ENOUGH", 6)
        self.correct(people, [date(2026, 10, 5)])
        (reason,) = by_code(version, whole=True)["A2"].reasons
        assert reason.startswith("Hay phải đính chính")


class TestSecondLooks:
    """How often a unit was right to ask: told to the office, and to an editor where corrections are."""

    @pytest.fixture
    def upheld(self, version, at, people):
        for outlet, by in ((at.counter, people.outlethead), (at.far_counter, people.manager2)):
            look = second_looks.asked(Block.objects.get(outlet=outlet), by, "A1")
            if outlet == at.counter:
                visits = [each.visit for each in look.block.published.filter(percent__lt=1_000_000)]
                values = dict.fromkeys(visits, results.CorrectedValue("yes"))
                moment = second_looks.RULED_AT
                asking.uphold(second_look=look, ruling="Đúng.", values=values, by=people.office, at=moment)
            else:
                second_looks.kept(look, people.office)

    def test_each_upheld_one_counts_for_the_office(self, upheld, version):
        found = by_code(version, whole=True)["A1"]
        assert (found.upheld, found.corrected) == (1, 2)
        assert by_code(version, whole=True)["A2"].upheld == 0

    def test_an_editor_is_told_none_where_few_were_corrected(self, upheld, version, settings):
        assert (by_code(version)["A1"].upheld, by_code(version)["A1"].corrected) == (0, None)
        settings.BLOCK_VISITS, settings.BLOCK_SHOPPERS = 2, 1
        assert (by_code(version)["A1"].upheld, by_code(version)["A1"].corrected) == (1, 2)

    def test_several_are_a_reason_to_look(self, version):
        several = replace(by_code(version)["A1"], visits=400, met=200, corrected=3, upheld=3)
        (reason,) = health._reasons(several)
        assert reason.startswith("Nhiều đơn vị đề nghị xem lại đúng")

    def test_the_page_tells_them(self, upheld, version, client, people):
        client.force_login(people.office)
        assert "1 ý kiến được chấp nhận" in pages.words(
            client.get(reverse("audits:version_health", args=[version.public_id]))
        )


def test_what_is_always_partly_met_does_not_vary_either(version):
    always = replace(by_code(version)["A1"], visits=50, met=0, partly=50)
    assert list(health._reasons(always)) == ["Gần như luôn đạt một phần: không phân biệt được các điểm phục vụ."]
    (never,) = health._reasons(replace(always, partly=40))
    assert never.startswith("Chưa nơi nào đạt")
    several = tuple(OptionOutline(code, code, "", result) for code, result in (("a", 100), ("b", 60), ("c", 30)))
    (never,) = health._reasons(replace(always, criterion=replace(always.criterion, options=several)))
    assert never.startswith("Chưa nơi nào đạt")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(number, number) for number in range(10)], 1.0),
        ([(number, -number) for number in range(10)], -1.0),
        ([(number, number) for number in range(9)], None),
        ([(1, number) for number in range(10)], None),
    ],
)
def test_a_relation_needs_outlets_that_differ(pairs, expected):
    found = health._correlation(pairs)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_page_says_few_and_takes_the_same_queries_for_any_number(client, version, django_assert_num_queries):
    client.force_login(worlds.user("bientap", Role.EDITOR))
    address = reverse("audits:version_health", args=[version.public_id])
    client.get(address)
    with django_assert_num_queries(12):
        shown = pages.words(client.get(address))
    assert "ít lượt" in shown
    assert "0/2 tiêu chí nên xem lại" in shown
    assert client.get(address, {"months": "x", "sort": "-met", "q": "tieu chi 1"}).context["listing"].total == 1


def test_before_the_first_closing_the_page_says_so(client, at):
    client.force_login(worlds.user("bientap", Role.EDITOR))
    version = plans.checklist().versions.get()
    shown = pages.words(client.get(reverse("audits:version_health", args=[version.public_id])))
    assert "tính từ các lượt đã công bố" in shown
