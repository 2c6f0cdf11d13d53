"""The settings of one draft, open before two persons."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from audits.checklists.publishing import actions as publishing
from outlets.models import Role
from tests import pages, worlds
from tests.plans import BANDS
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


class TestSettingsOfTwo:
    """Two have the settings of one draft open."""

    @pytest.fixture
    def office(self):
        return worlds.user("vanphong", Role.OFFICE)

    @pytest.fixture
    def save(self, client, draft, editor):
        """The page as it was drawn; a post sends all its fields, with those that are given in place of them."""
        address = reverse("audits:draft_settings", args=[draft.public_id])
        form = client.get(address).context["form"]
        drawn = {"seen": form.seen, "note": "", "effective_on": "", **{name: str(BANDS[name]) for name in BANDS}}
        return lambda **fields: client.post(address, drawn | fields)

    def facts(self, draft):
        draft.refresh_from_db()
        return draft.note, draft.effective_on, draft.band_good, draft.band_fair

    def changed_by_another(self, draft, office, **bands):
        facts = {"note": "Của người kia", "effective_on": date(2026, 12, 24), "bands": BANDS | bands}
        publishing.set_facts(version=draft, by=office, at=NOW, **facts)

    def test_what_was_not_touched_stays_as_the_other_left_it(self, save, draft, office):
        self.changed_by_another(draft, office, band_good=Decimal(85))
        assert save(band_fair="66").status_code == 302
        assert self.facts(draft) == ("Của người kia", date(2026, 12, 24), 85, 66)

    def test_the_second_is_shown_both_and_decides(self, save, draft, office):
        self.changed_by_another(draft, office, band_good=Decimal(85))
        answer = save(note="Của tôi", band_good="82,5")
        shown = pages.words(answer)
        assert answer.status_code == 409
        assert self.facts(draft) == ("Của người kia", date(2026, 12, 24), 85, 65)
        for words in (office.shown_name, "Thay đổi gì, vì saoCủa người kia", "Tốt từ (%)85", "Của tôi"):
            assert words in shown
        form = answer.context["form"]
        assert 'value="82,5"' in answer.content.decode()
        assert 'value="2026-12-24"' in answer.content.decode()
        save(seen=form.seen, note="Của tôi", band_good="82,5", effective_on="2026-12-24")
        assert self.facts(draft) == ("Của tôi", date(2026, 12, 24), Decimal("82.5"), 65)

    @pytest.mark.parametrize("seen", ["", "[]", '{"note": 1}', '{"note": "", "effective_on": 5, "band_good": []}'])
    def test_a_page_that_says_nothing_of_what_it_saw_overwrites_nothing(self, save, draft, office, seen):
        self.changed_by_another(draft, office)
        assert save(seen=seen, note="Của tôi").status_code == 409
        assert self.facts(draft)[0] == "Của người kia"

    def test_the_history_says_what_was_changed(self, save, draft):
        save(note="Lần một", band_good="85")
        save(seen="", note="Lần một", band_good="85")
        assert [event.note for event in draft.events.filter(kind="settings")] == [
            "Thay đổi gì, vì sao\nTốt từ (%): 80 → 85"
        ]
        draft.refresh_from_db()
        given = {"note": "Lần hai", "effective_on": date(2026, 12, 24), "bands": {}}
        with translation.override("vi"):
            publishing.set_facts(version=draft, by=None, at=timezone.now() + timedelta(days=1), **given)
        assert draft.events.first().note == (
            "Thay đổi gì, vì sao, trước đó: “Lần một”\nÁp dụng từ: ngày được duyệt → 24/12/2026"
        )
