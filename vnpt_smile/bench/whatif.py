"""What it takes to score many published visits under another version: seconds and memory, in a database of its own."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.outline import outline
from audits.fieldwork.models import Answer, Submission, Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.results import months
from audits.results.models import Block, Period, PublishedVisit
from audits.results.whatif import sharing
from audits.results.whatif.rescored import Rescored, rescore
from outlets.models import Membership, Outlet, Role, Unit, UnitParent, User
from outlets.organisation import tree
from vnpt_smile.bench import form
from vnpt_smile.bench.measuring import Amount, Beside, client_of, peak
from vnpt_smile.demo import seed as demo
from vnpt_smile.demo.scale import Scale

PATTERNS = 50  # different visits; the others repeat their answers
MONTHS = 12
OF_BLOCK = 4  # visits
SEED = 20261123
EDITOR = "bench-editor"


@dataclass(frozen=True)
class Taken:
    """What one what-if took: of so many visits, in seconds, with so much memory more than before (megabytes)."""

    visits: int
    seconds: float
    megabytes: float


def run(count: int) -> Taken:
    """Builds `count` published visits of the counter checklist over twelve months, and scores them under a draft.

    They are built in a process of their own, so that what building needs is not counted. Visits carry answers and
    results; figures of units, which what-if does not read for the office, are left out.
    """
    Beside(partial(_build, count)).result()
    draft = ChecklistVersion.objects.get(checklist__code="TQ", state=ChecklistVersion.State.DRAFT)
    last = Period.objects.latest("month").month
    before, begun = peak(), time.perf_counter()
    *_progress, found = rescore(draft, months.later(last, 1 - MONTHS), last, whole=True)
    seconds = time.perf_counter() - begun
    if not isinstance(found, Rescored) or found.visits != count:
        raise RuntimeError("not every visit was scored: the figure would be of something else")
    return Taken(found.visits, seconds, peak() - before)


def of_demo(count: int) -> Iterator[Amount]:
    """What an editor waits for: the page of `count` months of the demo, of each of its checklists, worked out anew.

    Each checklist has a draft with another weight. Editors are told of whole blocks, which takes more reading than
    the office's single visits.
    """
    Beside(partial(_build_demo, count)).result()
    client = client_of(User.objects.get(username=EDITOR))
    client.get(reverse("home"))  # the first page of a process reads templates
    before, visits, seconds = peak(), 0, 0.0
    for draft in ChecklistVersion.objects.filter(state=ChecklistVersion.State.DRAFT).order_by("pk"):
        begun = time.perf_counter()
        page = client.get(reverse("audits:version_whatif", args=[draft.public_id]), {"months": count})
        seconds += time.perf_counter() - begun
        asked = sharing.asked_of(draft, count, whole=False)
        if page.status_code != 200 or asked is None or sharing.found(asked) is None:
            raise RuntimeError("the page did not come, or without figures")
        visits += asked.visits
    yield Amount(f"an editor's what-if, {count} months of the demo, {visits:,} published visits", seconds, "s", 3)
    yield Amount("memory that it takes", peak() - before, "MB", 400)


def _build_demo(count: int) -> None:
    demo.seed(today=timezone.localdate(), scale=Scale(months=count))
    at = timezone.now()
    editor = User.objects.create(username=EDITOR)  # the demo's own accounts log in nowhere but in the demo
    Membership.objects.create(user=editor, role=Role.EDITOR, granted_at=at)
    for version in ChecklistVersion.objects.filter(state=ChecklistVersion.State.PUBLISHED).order_by("pk"):
        draft = checklists.draft_from(version=version, by=None, at=at)
        code = next(each.code for each in outline(version).criteria if each.is_scored)
        drafts.edit_criterion(version=draft, code=code, changed={"weight": "9"}, seen=0, by=None, at=at)


@transaction.atomic
def _build(count: int) -> None:
    world = form.build()
    rng = random.Random(SEED)  # noqa: S311  # test data
    patterns = [_pattern(world, rng) for _ in range(min(PATTERNS, -(-count // 20)))]
    version = patterns[0].version
    if version is None:
        raise RuntimeError("a started visit has a version")
    draft = checklists.draft_from(version=version, by=None, at=world.at)
    changes: dict[str, dict[str, object]] = {
        "TQ-F2": {"weight": "9"},
        "TQ-C3": {"thresholds": [{"upper": "4", "result": 100}, {"upper": None, "result": 30}]},
    }
    for code, changed in changes.items():
        drafts.edit_criterion(version=draft, code=code, changed=changed, seen=0, by=None, at=world.at)
    last = months.later(months.month_of(timezone.localdate(world.at)), -1)
    periods = [
        Period.objects.create(month=months.later(last, -back), closed_at=world.at, least_visits=3, least_shoppers=2)
        for back in range(MONTHS)
    ]
    blocks = _blocks(world, count, periods)
    submission = Submission.objects.get(visit=patterns[0])
    made = 0
    for some in _chunks(blocks, 500):
        rows = []
        for block in some:
            for _ in range(min(OF_BLOCK, count - made)):
                rows.append((block, patterns[made % len(patterns)], made))
                made += 1
        _add(world, rows, version, submission)


def _chunks(blocks: list[Block], size: int) -> Iterator[list[Block]]:
    for first in range(0, len(blocks), size):
        yield blocks[first : first + size]


def _pattern(world: form.World, rng: random.Random) -> Visit:
    """A submitted visit with answers of its own; some of what may not apply does not."""
    visit = world.answered()
    entries = []
    now = sheet.read(visit)
    for criterion in now.outline.criteria:
        answer = now.answers[criterion.code]
        value = answer.value
        if criterion.allows_na and rng.random() < 0.2:
            value = "na"
        elif criterion.kind in ("yes_no", "three_step") and rng.random() < 0.2:
            value = "no" if criterion.kind == "yes_no" else "not_met"
        number = Decimal(rng.randrange(15)) if criterion.kind == "measured" and value != "na" else None
        entries.append(
            visits.Entry(
                criterion.code,
                value=value,
                number=number,
                text=answer.text if value != "na" else "",
                note=answer.note,
                photo_waiver=answer.photo_waiver,
                seen=answer.revision,
            )
        )
    visits.save_answers(visit=visit, entries=entries, by=world.shopper, at=world.at)
    visits.submit(visit=visit, by=world.shopper, at=world.at)
    visit.refresh_from_db()
    return visit


def _blocks(world: form.World, count: int, periods: list[Period]) -> list[Block]:
    wanted = -(-count // OF_BLOCK)
    outlets = -(-wanted // len(periods))
    day = timezone.localdate(world.at) - timedelta(days=30)
    top = Unit.objects.get(code="TOP")
    units = Unit.objects.bulk_create(
        Unit(code=f"B{number}", name=f"B{number}", unit_type=top.unit_type, opened_on=day) for number in range(outlets)
    )
    UnitParent.objects.bulk_create(UnitParent(unit=unit, parent=top, valid_from=day) for unit in units)
    tree.write_closure()
    Outlet.objects.bulk_create(
        Outlet(unit=unit, channel=world.outlet.channel, province=world.outlet.province) for unit in units
    )
    checklist = Checklist.objects.get(code="TQ")
    return Block.objects.bulk_create(
        Block(
            period=periods[number % len(periods)],
            outlet_id=units[number // len(periods)].pk,
            checklist=checklist,
            visits=OF_BLOCK,
        )
        for number in range(wanted)
    )


def _add(
    world: form.World, rows: list[tuple[Block, Visit, int]], version: ChecklistVersion, submission: Submission
) -> None:
    day: date = timezone.localdate(world.at)
    made = Visit.objects.bulk_create(
        Visit(
            wave=world.wave,
            outlet_id=block.outlet_id,
            version=version,
            shopper=world.shopper,
            state=VisitState.PUBLISHED,
            opens_on=day,
            due_on=day,
            visited_on=day,
            started_at=world.at,
            submitted_at=world.at,
            approved_at=world.at,
            approved_by=world.shopper,
            met_description="1",
        )
        for block, _pattern, _number in rows
    )
    submissions = Submission.objects.bulk_create(
        Submission(
            visit=visit,
            number=1,
            receipt=uuid4().hex[:20],
            submitted_at=world.at,
            answers=35,
            photos=0,
            percent=submission.percent,
            rules=submission.rules,
            workings={},
        )
        for visit in made
    )
    PublishedVisit.objects.bulk_create(
        PublishedVisit(visit=visit, block=block, submission=each, percent=submission.percent or 0)
        for visit, each, (block, _pattern, _number) in zip(made, submissions, rows, strict=True)
    )
    names = [
        field.attname for field in Answer._meta.concrete_fields if not field.primary_key and field.attname != "visit_id"
    ]
    copies = ", ".join(f"a.{name}" for name in names)
    with connection.cursor() as cursor:
        for pattern in {pattern.pk for _block, pattern, _number in rows}:
            ids = [visit.pk for visit, (_block, own, _number) in zip(made, rows, strict=True) if own.pk == pattern]
            cursor.execute(
                f"INSERT INTO audits_answer (visit_id, {', '.join(names)}) SELECT v.id, {copies} "  # noqa: S608
                "FROM audits_visit v CROSS JOIN audits_answer a "
                f"WHERE a.visit_id = %s AND v.id IN ({', '.join(['%s'] * len(ids))})",
                [pattern, *ids],
            )
