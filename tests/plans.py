"""Waves, scenarios and visits of the tests. Builders write plain rows and never surprise.

`checklist()` makes a running checklist of two criteria; a test of answers brings its own.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from audits.fieldwork.states import VisitState
from audits.models import (
    AnswerCard,
    BlockedUnit,
    Checklist,
    ChecklistVersion,
    Criterion,
    Scenario,
    Section,
    Visit,
    VisitEvent,
    Wave,
)
from outlets.models import Channel, Outlet, Unit, UnitParent, User
from outlets.organisation import tree
from tests.worlds import FOUNDED, NOW, TODAY, People, Places, province

STARTS_ON = date(2026, 11, 1)
ENDS_ON = date(2026, 11, 30)
BANDS = {  # lower bounds of a draft's grades, as its settings take them
    "band_excellent": Decimal(90),
    "band_good": Decimal(80),
    "band_fair": Decimal(65),
    "band_to_improve": Decimal(50),
}


def checklist(code: str = "TQ", channel: Channel = Channel.COUNTER, *, is_running: bool = True) -> Checklist:
    """A checklist with one version: one section, two yes/no criteria (weights 1 and 3)."""
    made = Checklist.objects.create(
        code=code, channel=channel, name_vi=f"Bảng kiểm {code}", name_en=f"Checklist {code}"
    )
    version = ChecklistVersion.objects.create(checklist=made, number=1, created_at=NOW)
    section = Section.objects.create(version=version, code="A", name_vi="Mặt tiền", name_en="Front", position=1)
    Criterion.objects.bulk_create(
        Criterion(
            version=version,
            section=section,
            code=f"A{position}",
            position=position,
            text_vi=f"Tiêu chí {position}",
            text_en=f"Criterion {position}",
            kind=Criterion.Kind.YES_NO,
            weight=weight,
        )
        for position, weight in ((1, 1), (2, 3))
    )
    if is_running:
        ChecklistVersion.objects.filter(pk=version.pk).update(
            state=ChecklistVersion.State.PUBLISHED, published_at=NOW - timedelta(days=60)
        )
    return made


def scenario(
    title: str = "Chuyển gói trả trước sang trả sau", channel: Channel = Channel.COUNTER, **fields
) -> Scenario:
    fields = {"service": "Di động trả sau", "brief": "Hỏi thủ tục và giá cước.", "created_at": NOW} | fields
    return Scenario.objects.create(title=title, channel=channel, **fields)


def answer_card(
    of: Scenario, valid_from: date = STARTS_ON, content: str = "Gói D60G: 120.000 đ một tháng."
) -> AnswerCard:
    return AnswerCard.objects.create(scenario=of, valid_from=valid_from, content=content, created_at=NOW)


def wave(unit: Unit, of: Checklist | None = None, scenarios: tuple[Scenario, ...] = (), **fields) -> Wave:
    """A wave over `unit` for November 2026, without visits."""
    fields = {
        "name": "Đợt tháng 11/2026",
        "visits_per_outlet": 1,
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "created_at": NOW - timedelta(days=20),
    } | fields
    of = of or Checklist.objects.filter(code="TQ").first() or checklist()
    made = Wave.objects.create(unit=unit, checklist=of, **fields)
    made.scenarios.set(scenarios)
    return made


def planned_visit(of: Wave, outlet: Outlet, *, at: datetime | None = None, **fields) -> Visit:
    """A visit nobody has been given yet, with the event of its planning."""
    fields = {"opens_on": TODAY - timedelta(days=2), "due_on": TODAY + timedelta(days=4)} | fields
    made = Visit.objects.create(wave=of, outlet=outlet, **fields)
    VisitEvent.objects.create(
        visit=made, kind=VisitEvent.Kind.PLANNED, to_state=VisitState.PLANNED, at=at or of.created_at
    )
    return made


def assigned_visit(of: Wave, outlet: Outlet, shopper: User, *, at: datetime | None = None, **fields) -> Visit:
    """A visit given to `shopper` and not started, with the events of both."""
    made = planned_visit(of, outlet, at=at, **fields)
    made.state, made.shopper = VisitState.ASSIGNED, shopper
    made.save(update_fields=["state", "shopper"])
    VisitEvent.objects.create(
        visit=made,
        kind=VisitEvent.Kind.ASSIGNED,
        from_state=VisitState.PLANNED,
        to_state=VisitState.ASSIGNED,
        at=at or of.created_at,
    )
    return made


def visit_in(state: VisitState, of: Wave, outlet: Outlet, shopper: User, **fields) -> Visit:
    """A visit standing in `state`, as a bare row that fits the constraints: no answers, no submission."""
    started = state not in (VisitState.PLANNED, VisitState.ASSIGNED, VisitState.NOT_POSSIBLE, VisitState.VOIDED)
    row = {
        "opens_on": TODAY - timedelta(days=2),
        "due_on": TODAY + timedelta(days=4),
        "state": state,
        "shopper": None if state == VisitState.PLANNED else shopper,
    }
    if started:
        row |= {"version": of.checklist.versions.latest("number"), "started_at": NOW, "visited_on": TODAY}
    if state in (VisitState.SUBMITTED, VisitState.RETURNED, VisitState.APPROVED, VisitState.PUBLISHED):
        row["submitted_at"] = NOW
    if state in (VisitState.APPROVED, VisitState.PUBLISHED):
        row |= {"approved_at": NOW, "approved_by": User.objects.get(username="reviewer")}
    if state == VisitState.NOT_POSSIBLE:
        row["not_possible_reason"] = Visit.NotPossible.CLOSED
    if state == VisitState.VOIDED:
        row["void_reason"] = "Trùng lượt"
    made = Visit.objects.create(wave=of, outlet=outlet, **(row | fields))
    VisitEvent.objects.create(
        visit=made, kind=VisitEvent.Kind.PLANNED, to_state=VisitState.PLANNED, at=NOW - timedelta(days=20)
    )
    return made


def blocked(shopper: User, unit: Unit, reason: str = "Từng làm việc tại đây") -> BlockedUnit:
    return BlockedUnit.objects.create(shopper=shopper, unit=unit, reason=reason, added_at=NOW)


def outlets_below(parent: Unit, number: int, channel: Channel = Channel.COUNTER) -> list[Outlet]:
    """Many outlets at once, named and numbered after `parent`."""
    rows = [
        Unit(
            code=f"{parent.code}-{index:05}",
            name=f"ĐGD {parent.name} {index}",
            unit_type=parent.unit_type,
            opened_on=FOUNDED,
        ).fill_search()
        for index in range(number)
    ]
    units = Unit.objects.bulk_create(rows)
    UnitParent.objects.bulk_create(UnitParent(unit=unit, parent=parent, valid_from=FOUNDED) for unit in units)
    where = province("01", "Hà Nội")
    made = Outlet.objects.bulk_create(Outlet(unit=unit, channel=channel, province=where) for unit in units)
    tree.write_closure()
    return made


def access_targets(at: Places, people: People) -> dict[str, dict[str, dict[str, object]]]:
    """Objects of planning for the table of who may open what; all of them are everybody's who plans."""
    made = wave(at.group, of=Checklist.objects.first() or checklist(), name="Đợt phân quyền")
    question = scenario("Kịch bản phân quyền")
    card = answer_card(question)
    visit = planned_visit(made, at.hotline, scenario=question)
    block = blocked(people.shopper2, at.ha_noi)
    return {
        "wave": {"own": {"wave_id": made.public_id}},
        "planned_visit": {"own": {"visit_id": visit.public_id}},
        "scenario": {"own": {"scenario_id": question.public_id}},
        "answer_card": {"own": {"scenario_id": question.public_id, "valid_from": card.valid_from.isoformat()}},
        "shopper": {"own": {"shopper_id": people.shopper.public_id}},
        "blocked_unit": {
            "own": {"shopper_id": people.shopper2.public_id, "unit_id": block.unit.public_id},
        },
    }
