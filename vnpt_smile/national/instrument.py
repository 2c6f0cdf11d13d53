"""The checklists of the national data set: the product's own, two of them with a second version along the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import Outline, outline
from outlets.models import Channel
from vnpt_smile.demo.dates import local
from vnpt_smile.national.scale import Scale


@dataclass(frozen=True)
class Revised:
    """What a second version changes: criteria that go, and columns of others. `after` is the share of the months."""

    after: float
    deleted: tuple[str, ...]
    changed: Mapping[str, Mapping[str, Any]]


REVISIONS = {
    "TQ": Revised(
        after=0.4,
        deleted=("TQ-B4", "TQ-F6"),
        changed={
            "TQ-F2": {"weight": "8"},
            "TQ-C3": {
                "thresholds": [
                    {"upper": "4", "result": 100},
                    {"upper": "10", "result": 60},
                    {"upper": None, "result": 0},
                ]
            },
            "TQ-A4": {"weight": "3"},
        },
    ),
    "BH": Revised(after=0.7, deleted=(), changed={"BH-A3": {"weight": "3"}}),
}


@dataclass(frozen=True)
class Running:
    """A version with the day from whose beginning it runs."""

    since: date
    asked: Outline


Instruments = Mapping[Channel, tuple[Running, ...]]  # each channel's versions in order


def install(scale: Scale) -> Instruments:
    """Publishes every version, each in its time."""
    begun = scale.founded_on
    at = local(begun, 9)
    found: dict[Channel, tuple[Running, ...]] = {}
    for version in checklists.install_defaults(by=None, at=at):
        asked = outline(version)
        running = [Running(begun, asked)]
        if revised := REVISIONS.get(asked.checklist_code):
            month = scale.all_months[int(revised.after * scale.months)]
            second = _second(version, revised, at=local(month - timedelta(days=1), 20))
            running.append(Running(month, outline(second)))
        found[Channel(asked.channel)] = tuple(running)
    return found


def on(running: tuple[Running, ...], month: date) -> Outline:
    """What is asked of the visits of a month."""
    return next(each.asked for each in reversed(running) if each.since <= month)


def _second(version: ChecklistVersion, revised: Revised, at: datetime) -> ChecklistVersion:
    draft = checklists.draft_from(version=version, by=None, at=at)
    for code in revised.deleted:
        drafts.delete_criterion(version=draft, code=code, by=None, at=at)
    for code, changed in revised.changed.items():
        drafts.edit_criterion(version=draft, code=code, changed=dict(changed), seen=0, by=None, at=at)
    return checklists.publish(version=draft, by=None, at=at)
