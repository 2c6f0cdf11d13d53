"""Scenarios and their dated answer cards."""

from datetime import date
from uuid import uuid4

import pytest

from audits.fieldwork.models import AnswerCard, Scenario
from audits.fieldwork.planning import queries, refusals
from audits.fieldwork.planning.actions import scenarios
from outlets.models import Channel
from tests import plans
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

TEXTS = {"title": "Cấp lại SIM", "channel": Channel.COUNTER, "service": "Di động", "brief": "Hỏi thủ tục."}


def create(**changes) -> Scenario:
    return scenarios.create(**(TEXTS | {"by": None, "at": NOW} | changes))


def test_create_makes_a_scenario_in_use_that_can_be_found():
    made = create()
    assert list(Scenario.objects.matching("cap lai sim")) == [made]
    assert (made.is_active, made.created_at) == (True, NOW)


def test_same_form_twice_makes_one_scenario():
    public_id = uuid4()
    assert create(public_id=public_id) == create(public_id=public_id)
    assert Scenario.objects.count() == 1


def test_create_refuses_a_title_in_use_in_the_channel():
    create()
    with pytest.raises(refusals.TitleTaken):
        create()
    assert create(channel=Channel.HOTLINE).title == "Cấp lại SIM"


def edit(scenario, **changes):
    return scenarios.edit(scenario=scenario, **(TEXTS | {"by": None, "at": NOW} | changes))


def test_edit_changes_the_texts():
    made = edit(create(), title="Cấp lại SIM đã mất", brief="Mang căn cước.")
    made.refresh_from_db()
    assert (made.title, made.brief) == ("Cấp lại SIM đã mất", "Mang căn cước.")


def test_edit_refuses_the_title_of_another(db):
    create()
    other = create(title="Chữ ký số")
    with pytest.raises(refusals.TitleTaken):
        edit(other)


def test_edit_refuses_another_channel_once_a_wave_uses_it(at):
    made = create()
    plans.wave(at.group, scenarios=(made,))
    with pytest.raises(refusals.ChannelInUse):
        edit(made, channel=Channel.HOTLINE)


def test_retired_scenario_is_not_offered_and_can_come_back():
    made = create()
    assert scenarios.retire(scenario=made, by=None, at=NOW) is True
    assert scenarios.retire(scenario=made, by=None, at=NOW) is False
    assert list(queries.scenarios_in_use(Channel.COUNTER)) == []
    assert scenarios.reinstate(scenario=made, by=None, at=NOW) is True
    assert list(queries.scenarios_in_use(Channel.COUNTER)) == [made]


def test_reinstate_refuses_a_title_that_is_in_use_by_now():
    old = create()
    scenarios.retire(scenario=old, by=None, at=NOW)
    create()
    with pytest.raises(refusals.TitleTaken):
        scenarios.reinstate(scenario=old, by=None, at=NOW)


def test_card_in_force_is_the_latest_whose_day_has_come():
    made = create()
    old, new = plans.answer_card(made, date(2026, 10, 1)), plans.answer_card(made, date(2026, 11, 12))
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 11, 11), date(2026, 11, 12), date(2027, 1, 1)]
    assert [queries.card_on(made, day) for day in days] == [None, old, old, new, new]


def test_card_of_a_day_is_written_once():
    made = create()
    add = {"scenario": made, "valid_from": date(2026, 11, 12), "by": None, "at": NOW}
    scenarios.add_answer_card(content="120.000 đ", **add)
    with pytest.raises(refusals.CardExists):
        scenarios.add_answer_card(content="150.000 đ", **add)
    assert AnswerCard.objects.values_list("content", "valid_from").get() == ("120.000 đ", date(2026, 11, 12))


def test_card_can_be_mended_until_a_visit_is_measured_against_it(at, wave):
    card = plans.answer_card(create())
    scenarios.correct_answer_card(card=card, content="130.000 đ", by=None, at=NOW)
    assert AnswerCard.objects.get().content == "130.000 đ"
    plans.planned_visit(wave, at.counter, answer_card=card)
    with pytest.raises(refusals.CardInUse):
        scenarios.correct_answer_card(card=card, content="140.000 đ", by=None, at=NOW)


def test_scenarios_without_a_card_in_force_are_named():
    having, missing = create(), create(title="Chữ ký số")
    plans.answer_card(having, date(2026, 11, 1))
    plans.answer_card(missing, date(2026, 12, 1))
    assert queries.without_card([having, missing], date(2026, 11, 12)) == [missing]
