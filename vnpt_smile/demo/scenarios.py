"""What the demo's shoppers ask for, with dated answer cards of invented prices."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from audits.fieldwork.planning.actions import scenarios
from audits.models import AnswerCard, Scenario
from outlets.models import User
from vnpt_smile.demo.dates import local, month_before

SCENARIOS = Path(__file__).with_name("scenarios.txt")


@dataclass
class Questions:
    """Scenarios by channel, in the file's order, each with its cards, the newest first."""

    by_channel: dict[str, list[Scenario]] = field(default_factory=lambda: defaultdict(list))
    cards: dict[int, list[AnswerCard]] = field(default_factory=lambda: defaultdict(list))

    def card_on(self, scenario: Scenario | None, day: date) -> AnswerCard | None:
        """The card in force on that day."""
        cards: Sequence[AnswerCard] = self.cards[scenario.pk] if scenario else ()
        return next((card for card in cards if card.valid_from <= day), None)


def create(*, today: date, by: User) -> Questions:
    """Every scenario of the file with its cards, as the coordinator would enter them."""
    made = Questions()
    for block in _blocks():
        channel, title, service = (part.strip() for part in block["head"].split("|"))
        at = local(month_before(today, 14), 9)
        scenario = scenarios.create(title=title, channel=channel, service=service, brief=block["brief"], by=by, at=at)
        made.by_channel[channel].append(scenario)
        for line in block["cards"].splitlines():
            months, content = line.split(":", 1)
            day = month_before(today, int(months))
            card = scenarios.add_answer_card(
                scenario=scenario, valid_from=day, content=content.strip(), by=by, at=local(day, 9)
            )
            made.cards[scenario.pk].insert(0, card)
    return made


def _blocks() -> Sequence[Mapping[str, str]]:
    blocks: list[dict[str, str]] = []
    for line in SCENARIOS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and line.count("|") == 2:
            blocks.append({"head": line.removeprefix("#"), "brief": "", "cards": ""})
        elif line.startswith("="):
            blocks[-1]["cards"] += line.removeprefix("=").strip() + "\n"
        elif line and not line.startswith("#"):
            blocks[-1]["brief"] += line
    return blocks
