"""Whatever editors do to a checklist, what was found with it stays, to the last bit.

WALKS=50 in the environment takes so many random walks; every run takes a few.
"""

import hashlib
import os
import random
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from audits.checklists import actions as checklists
from audits.checklists import content, queries
from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.undone import mark_of, undone
from audits.checklists.outline import outline, read_anew
from audits.checklists.publishing import actions as publishing
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Checklist, ChecklistVersion, Submission
from audits.results import scorecard
from audits.results.exports import card as exports
from audits.results.reading import Tree
from audits.results.whatif.rescored import rescore
from outlets.models import Role, Unit
from outlets.people.permissions import Scope
from tests import plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
STEPS = 30
SEEDS = range(int(os.environ.get("WALKS", "4")))
STORED = ("submission", "publishedvisit", "unitscore", "unitcriterionscore", "block", "period", "periodchecklist")


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "ny", "n-")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)


def fingerprint() -> str:
    """Of every stored result, of the answers' results, and of every cell of every unit's exported scorecards."""
    found = hashlib.sha256()
    for name in STORED:
        for row in apps.get_model("audits", name).objects.order_by("pk").values_list():
            found.update(repr(row).encode())
    for row in Answer.objects.order_by("pk").values_list("pk", "value", "number", "result", "lost"):
        found.update(repr(row).encode())
    top = Unit.objects.get(code="VNPT")
    for unit in Unit.objects.order_by("pk"):
        for tree in Tree:
            card = scorecard.read(unit, OCTOBER, top=top, tree=tree, scope=Scope(is_everything=True))
            found.update(exports.scorecard_csv(card).encode())
    return found.hexdigest()


def assert_shown_as_stored(checklist: Checklist, after: str) -> None:
    """Every version as this process would show it, score with it or edit it, is what the database holds."""
    for version in ChecklistVersion.objects.filter(checklist=checklist).select_related("checklist"):
        assert outline(version) == read_anew(version), (after, version.number, version.state)


def walk(rng: random.Random, office, editors) -> list[str]:
    """Steps as two editors and the office might take them, refusals included; returns the names of those that were not
    refused."""
    checklist = Checklist.objects.get(code="TQ")
    now, done = timezone.now(), []
    for _ in range(STEPS):
        now += timedelta(hours=rng.randrange(1, 40))
        versions = list(ChecklistVersion.objects.filter(checklist=checklist))
        own = [version for version in versions if version.is_draft]
        name = rng.choice([*ACTS, *sorted(OF_DRAFTS), "edit", "edit", "propose", "approve", "approve", "send back"])
        if name in OF_DRAFTS and not own:
            own = [checklists.draft_from(version=rng.choice(versions), by=editors[0], at=now)]
        waiting = [version for version in versions if version.state in ("proposed", "approved")]
        version = rng.choice(own if name in OF_DRAFTS else (name in OF_WAITING and waiting) or versions)
        with suppress(ChecklistRefused):
            ACTS[name](rng, version, rng.choice(editors), office, now)
            done.append(name)
        assert_shown_as_stored(checklist, name)
    return done


def _code(rng, version) -> str:
    return rng.choice([each.code for each in outline(version).criteria] or ["none"])


def _section(rng, version) -> str:
    return rng.choice([each.code for each in outline(version).sections] or ["none"])


def _edit(rng, version, editor, _office, now):
    changed = rng.choice(
        [
            {"weight": str(rng.choice(["0.5", "2", "7.25", "99999"]))},
            {"text_vi": f"Lời khác {uuid4().hex}"},
            {"kind": "three_step"},
            {"kind": "rating"},
            {"critical": True},
            {"allows_na": True},
        ]
    )
    drafts.edit_criterion(version=version, code=_code(rng, version), changed=changed, seen=10**6, by=editor, at=now)


def _take_over(rng, version, editor, _office, now):
    checklists.draft_of(version=version, sections=content.of_version(outline(version)), by=editor, at=now)


def _facts(rng, version, editor, _office, now):
    bands = {
        "band_excellent": Decimal(95),
        "band_good": Decimal(70),
        "band_fair": Decimal(50),
        "band_to_improve": Decimal(20),
    }
    day = rng.choice([None, timezone.localdate(now) + timedelta(days=2)])
    publishing.set_facts(version=version, note="Vì sao", effective_on=day, bands=bands, by=editor, at=now)


def _propose(rng, version, editor, _office, now):
    """What stands in the way is mended first, or few drafts would come so far."""
    for section in outline(version).sections:
        for each in section.criteria:
            if not each.text_vi:
                drafts.edit_criterion(
                    version=version, code=each.code, changed={"text_vi": "Lời"}, seen=10**6, by=editor, at=now
                )
        if not section.criteria:
            drafts.delete_section(version=version, code=section.code, by=editor, at=now)
    _facts(rng, version, editor, None, now)
    publishing.propose(version=version, meant=_all_of(version, now), by=editor, at=now)


def _all_of(version, now) -> list[str]:
    return [each.mark for each in undone(version, today=timezone.localdate(now))]


def _approve(rng, version, _editor, office, now):
    publishing.approve(version=version, seen=mark_of(version), meant=_all_of(version, now), by=office, at=now)


def _retire(rng, version, _editor, office, now):
    publishing.retire(version=version, note="Dừng", grace_until=timezone.localdate(now), by=office, at=now)


def _what_if(rng, version, _editor, _office, now):
    list(rescore(version, OCTOBER, OCTOBER, whole=rng.random() < 0.5))


ACTS = {
    "copy": lambda rng, version, editor, office, now: checklists.draft_from(version=version, by=editor, at=now),
    "take over": _take_over,
    "edit": _edit,
    "move": lambda rng, version, editor, office, now: drafts.move_criterion(
        version=version, code=_code(rng, version), section=_section(rng, version), position=0, by=editor, at=now
    ),
    "add": lambda rng, version, editor, office, now: drafts.add_criterion(
        version=version, section=_section(rng, version), by=editor, at=now
    ),
    "add section": lambda rng, version, editor, office, now: drafts.add_section(
        version=version, name_vi="Nhóm mới", by=editor, at=now
    ),
    "delete": lambda rng, version, editor, office, now: drafts.delete_criterion(
        version=version, code=_code(rng, version), by=editor, at=now
    ),
    "undo": lambda rng, version, editor, office, now: drafts.undo(
        version=version, number=rng.randrange(1, 6), by=editor, at=now
    ),
    "facts": _facts,
    "propose": _propose,
    "look": lambda rng, version, editor, office, now: queries.read(version),
    "approve": _approve,
    "send back": lambda rng, version, editor, office, now: publishing.send_back(
        version=version, seen=mark_of(version), note="Xem lại", by=office, at=now
    ),
    "withdraw": lambda rng, version, editor, office, now: publishing.withdraw(version=version, by=editor, at=now),
    "take effect": lambda rng, version, editor, office, now: publishing.take_effect(at=now),
    "retire": _retire,
    "discard": lambda rng, version, editor, office, now: drafts.discard(version=version, by=editor, at=now),
    "what if": _what_if,
}
OF_DRAFTS = {"edit", "move", "add", "add section", "delete", "undo", "facts", "propose"}
OF_WAITING = {"approve", "send back", "withdraw"}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_walk_of_edits_publishings_and_retirements_moves_an_old_result(october, at, people, seed):
    editors = [worlds.user(f"bientap{number}", Role.EDITOR) for number in range(2)]
    before = fingerprint()
    done = walk(random.Random(seed), people.office, editors)
    assert fingerprint() == before
    assert len(done) > STEPS / 4, done


def test_the_fingerprint_sees_one_changed_bit(october):
    before = fingerprint()
    Submission.objects.filter(pk=Submission.objects.first().pk).update(percent=1)
    assert fingerprint() != before


def test_a_visit_begun_keeps_its_version_and_scores_by_it_to_the_last_digit(at, people):
    checklist = plans.checklist()
    old = checklist.versions.get()
    wave = plans.wave(at.counter.unit, checklist)
    day = timezone.localdate()
    moment = published.moment(day)
    begun, later = (
        plans.visit_in("assigned", wave, at.counter, people.shopper, opens_on=day, due_on=day) for _ in range(2)
    )
    visits.start(visit=begun, by=people.shopper, at=moment)
    draft = checklists.draft_from(version=old, by=None, at=moment)
    drafts.edit_criterion(version=draft, code="A1", changed={"weight": "7"}, seen=0, by=None, at=moment)
    checklists.publish(version=draft, by=None, at=moment)
    visits.start(visit=later, by=people.shopper, at=moment)
    assert (begun.version, later.version) == (old, draft)
    percents = []
    for visit in (begun, later):
        for criterion, value in zip(visit.version.criteria.order_by("code"), ("yes", "no"), strict=True):
            Answer.objects.create(visit=visit, criterion=criterion, value=value, changed_at=moment)
        visits.save_met(visit=visit, visited_on=day, staff=None, description="Quầy 2", by=people.shopper, at=moment)
        percents.append(visits.submit(visit=visit, by=people.shopper, at=moment).percent)
    assert percents == [250_000, 700_000]
