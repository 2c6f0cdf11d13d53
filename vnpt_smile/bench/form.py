"""What the phone form costs: a section's page, sync of one answer, submitting, the intake of a photo."""

import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from uuid import uuid4

from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audits import photos, scoring
from audits.checklists import actions as checklists
from audits.checklists.models import Checklist, Criterion
from audits.fieldwork.models import Answer, Visit, Wave
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from outlets.models import Membership, Outlet, Province, Role, Unit, UnitParent, UnitType, User
from outlets.organisation import tree
from vnpt_smile.bench.measuring import Ratio, client_of, medians

PHOTO_ROUNDS = 7  # at most: a round takes a second


@dataclass(frozen=True)
class World:
    """A shopper with visits at one outlet, with the counter checklist."""

    shopper: User
    outlet: Outlet
    wave: Wave
    at: datetime

    def visit(self) -> Visit:
        """A visit that has begun."""
        today = timezone.localdate(self.at)
        visit = Visit.objects.create(
            wave=self.wave,
            outlet=self.outlet,
            shopper=self.shopper,
            state=VisitState.ASSIGNED,
            opens_on=today,
            due_on=today + timedelta(days=3),
        )
        return visits.start(visit=visit, by=self.shopper, at=self.at)

    def answered(self) -> Visit:
        """A visit that can be submitted."""
        visit = self.visit()
        day = timezone.localdate(self.at)
        visits.save_met(visit=visit, visited_on=day, staff=None, description="1", by=self.shopper, at=self.at)
        visits.save_answers(visit=visit, entries=_entries(visit), by=self.shopper, at=self.at)
        return visit

    def client(self) -> Client:
        return client_of(self.shopper)


def _entries(visit: Visit) -> list[visits.Entry]:
    found = []
    for criterion in sheet.read(visit).outline.criteria:
        note = (
            f"Quầy {uuid4().hex}: tôi thấy rõ."  # the same text in every visit would be searched for by the screening
        )
        entry = partial(visits.Entry, criterion.code, note=note, photo_waiver="Không chụp được.")
        if criterion.kind == scoring.Kind.MEASURED:
            found.append(entry(number=Decimal(3)))
        elif criterion.kind == scoring.Kind.TEXT:
            found.append(entry(text="Quầy sạch."))
        else:
            values = {scoring.Kind.YES_NO: "yes", scoring.Kind.THREE_STEP: "met", scoring.Kind.RATING: "4"}
            found.append(entry(value=values.get(criterion.kind) or criterion.options[0].code))
    return found


def build() -> World:
    at = timezone.now()
    checklists.install_defaults(by=None, at=at)
    kind = UnitType.objects.create(code="bench", name_vi="Đo", name_en="Bench")
    day = timezone.localdate(at) - timedelta(days=30)
    top, unit = (Unit.objects.create(code=code, name=code, unit_type=kind, opened_on=day) for code in ("TOP", "OUTLET"))
    UnitParent.objects.create(unit=unit, parent=top, valid_from=day)
    tree.write_closure()
    place = {"name": "Đo", "full_name": "Đo", "kind": Province.Kind.PROVINCE, "valid_from": day}
    checklist = Checklist.objects.get(code="TQ")
    outlet = Outlet.objects.create(
        unit=unit, channel=checklist.channel, province=Province.objects.create(code="00", **place)
    )
    shopper = User.objects.create_user("bench", kind=User.Kind.SHOPPER, shopper_code="S-9999")
    Membership.objects.create(user=shopper, role=Role.SHOPPER, granted_at=at)
    today = timezone.localdate(at)
    wave = Wave.objects.create(
        name="Đo",
        unit=top,
        checklist=checklist,
        visits_per_outlet=1,
        starts_on=today,
        ends_on=today + timedelta(days=5),
        created_at=at,
    )
    return World(shopper, outlet, wave, at)


# --- The figures -------------------------------------------------------------------------------


def figures(world: World, rounds: int) -> Iterator[Ratio]:
    """Section page, sync of one answer, submitting, photo intake."""
    yield section_page(world, rounds)
    yield sync_of_one(world, rounds)
    yield from submit(world, max(1, rounds // 2))
    yield photo_intake(min(PHOTO_ROUNDS, rounds))


def section_page(world: World, rounds: int) -> Ratio:
    client, visit = world.client(), world.answered()
    page = reverse("audits:section_edit", args=[visit.public_id, "A"])
    ours, floor = medians(rounds, partial(client.get, page), partial(client.get, reverse("empty")))
    return Ratio("section page ÷ empty page", ours, floor, 2)


def sync_of_one(world: World, rounds: int) -> Ratio:
    client, visit, other = world.client(), world.visit(), world.visit()
    criterion = Criterion.objects.get(version=visit.version, code="TQ-A2")
    address, floor_address = reverse("audits:changes_receive", args=[visit.public_id]), reverse("floor")
    send = partial(client.post, content_type="application/json")
    turns, floor_turns, values = count(), count(), ("yes", "no")

    def ours() -> None:
        turn = next(turns)
        fields = {"TQ-A2": values[turn % 2], "TQ-A2-note": "Tôi thấy rõ.", "TQ-A2-seen": str(turn)}
        change = {"id": str(uuid4()), "code": "TQ-A2", "fields": fields}
        send(address, json.dumps({"user": str(world.shopper.public_id), "changes": [change]}))

    def floor() -> None:
        send(floor_address, json.dumps([other.pk, criterion.pk, values[next(floor_turns) % 2]]))

    taken, least = medians(rounds, ours, floor)
    if Answer.objects.get(visit=visit).revision != rounds + 1:
        raise RuntimeError("not every change was saved: the figure would be of something else")
    return Ratio("sync of one answer ÷ bare upsert through the same stack", taken, least, 4)


def submit(world: World, rounds: int) -> Iterator[Ratio]:
    """The transaction that submits, and its whole request, beside the same rows in bare SQL in one transaction."""
    ready = iter([world.answered() for _ in range(3 * (rounds + 1))])
    client = world.client()

    def by_request() -> None:
        address = reverse("audits:visit_submit", args=[next(ready).public_id])
        client.post(address)

    def by_action() -> None:
        visits.submit(visit=next(ready), by=world.shopper, at=world.at)

    model = world.answered()
    made = visits.submit(visit=model, by=world.shopper, at=world.at)
    rows = list(Answer.objects.filter(visit=model).values_list("result", "lost", "criterion_id"))
    submission = {field.attname: getattr(made, field.attname) for field in made._meta.concrete_fields}
    submission |= {"workings": json.dumps(made.workings)}
    del submission["id"]
    insert = f"INSERT INTO audits_submission ({', '.join(submission)}) VALUES ({', '.join(['%s'] * len(submission))})"  # noqa: S608

    def by_sql() -> None:
        visit = next(ready).pk
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE audits_answer SET result = %s, lost = %s WHERE criterion_id = %s AND visit_id = %s",
                [(*row, visit) for row in rows],
            )
            cursor.execute(
                "UPDATE audits_visit SET state = 'submitted', submitted_at = %s WHERE id = %s", [world.at, visit]
            )
            cursor.execute(
                "INSERT INTO audits_visitevent (visit_id, kind, from_state, to_state, at, by_id, note) "
                "VALUES (%s, 'submitted', 'in_progress', 'submitted', %s, %s, '')",
                [visit, world.at, world.shopper.pk],
            )
            own = submission | {"visit_id": visit, "receipt": uuid4().hex[:20]}
            cursor.execute(insert, list(own.values()))

    action, request, floor = medians(rounds, by_action, by_request, by_sql)
    if Visit.objects.filter(state=VisitState.SUBMITTED).count() < 3 * (rounds + 1):
        raise RuntimeError("not every visit was submitted: the figure would be of something else")
    yield Ratio(f"submit of {len(rows)} answers, transaction ÷ the same rows in bare SQL", action, floor, 3)
    yield Ratio(f"submit of {len(rows)} answers, whole request ÷ the same rows in bare SQL", request, floor, 6)


def photo_intake(rounds: int) -> Ratio:
    """A picture of 12 megapixels with as much detail as a street has."""
    buffer = io.BytesIO()
    Image.effect_noise((4032, 3024), 40).convert("RGB").save(buffer, "JPEG", quality=85)
    data = buffer.getvalue()

    def decode() -> None:
        Image.open(io.BytesIO(data)).load()

    ours, floor = medians(rounds, lambda: photos.intake(io.BytesIO(data)), decode)
    return Ratio("photo intake ÷ full decode, 12 megapixels", ours, floor, 2)


def requests_a_second(world: World, clients: int, requests: int) -> float:
    """Section pages a second that one process gives to so many clients at once, over so many requests."""
    visit = world.answered()
    page = reverse("audits:section_edit", args=[visit.public_id, "A"])

    def ask(client: Client) -> None:
        for _ in range(requests // clients):
            client.get(page)
        connections.close_all()

    with ThreadPoolExecutor(clients) as pool:
        begun = time.perf_counter()
        list(pool.map(ask, [world.client() for _ in range(clients)]))
        return requests / (time.perf_counter() - begun)
