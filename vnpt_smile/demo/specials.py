"""Visits that chance would not bring: every state on any day of the year, and what the demo's shoppers find to do.

Times lie before today, so that the same day seeds the same rows at any hour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from audits.checklists import actions as checklists
from audits.checklists.models import ChecklistVersion
from audits.fieldwork.planning.schedule import Window
from audits.models import Wave
from outlets.models import Channel, User
from vnpt_smile.demo import history, lives, words
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import is_served, local, month_before, month_end
from vnpt_smile.demo.history import History
from vnpt_smile.demo.lives import Course, Errand
from vnpt_smile.demo.loader import Kind, Life, Note, Shot, Step
from vnpt_smile.demo.people import Team

SOUTH = ("AGG", "KGG", "DNI", "HCM", "BPC")
NORTH = ("HNI", "LCI", "YBI", "DNG")


def lives_of_today(history: History, team: Team) -> Iterator[Life]:
    """What stands around today: for `shopper` something in every group of the list, and each state once."""
    make = _Maker(history, team)
    yield from make.of_shopper()
    yield from make.of_shopper2()
    yield from make.of_others()


class _Maker:
    """Makes single visits; each finds an outlet where its shopper may go."""

    def __init__(self, history: History, team: Team) -> None:
        self._history, self._team = history, team
        self._today = history.today
        self._number = 0

    def of_shopper(self) -> Iterator[Life]:
        who, day = self._team.by_name["shopper"], self._day
        yield self._returned(who, SOUTH, self._served_before(2), day(-1))
        yield self._made(who, SOUTH, day(-1), is_overnight=True)  # only the first half was saved yesterday
        yield self._assigned(who, SOUTH, Window(day(-8), day(-2)))
        yield self._assigned(who, SOUTH, Window(day(-5), day(0)))
        yield self._assigned(who, SOUTH, Window(day(-3), day(0)))
        yield self._assigned(who, SOUTH, Window(day(-2), day(3)))
        yield self._assigned(who, SOUTH, Window(day(1), day(5)))
        yield self._assigned(who, SOUTH, Window(day(8), day(13)))
        yield self._made(who, SOUTH, self._served_before(3), channel=Channel.TECHNICIAN, follow_up="never")
        yield self._made(who, SOUTH, self._served_before(1))
        yield self._approved(who, SOUTH, self._served_before(4))

    def of_shopper2(self) -> Iterator[Life]:
        who, day = self._team.by_name["shopper2"], self._day
        yield self._assigned(who, NORTH, Window(day(-4), day(0)))
        yield self._assigned(who, NORTH, Window(day(-1), day(3)))
        yield self._made(who, NORTH, self._served_before(2), channel=Channel.SALES, follow_up="never")
        yield self._made(who, NORTH, self._served_before(1), all_not_applicable=True)
        yield self._not_possible(who, NORTH, day(-1))

    def of_others(self) -> Iterator[Life]:
        other, day = self._team.by_name["s-0102"], self._day
        yield self._voided(other, SOUTH, Window(day(-3), day(1)))
        yield self._assigned(None, SOUTH, Window(day(1), day(6)))
        since = (self._today - month_end(month_before(self._today, 1))).days
        late = self._served_before(max(since, 2))  # of last month, and still not done with
        yield self._returned(other, SOUTH, late, min(late + timedelta(days=3), day(-1)))

    # --- Kinds of visit ---

    def _assigned(self, who: User | None, half: Sequence[str], window: Window) -> Life:
        errand = self._errand(who, half, Channel.COUNTER, window)
        return self._live(errand, Course(day=date.max - timedelta(days=60)))

    def _made(
        self, who: User, half: Sequence[str], day: date, *, channel: Channel = Channel.COUNTER, **course: object
    ) -> Life:
        """Made on that day, and not yet reviewed."""
        errand = self._errand(who, half, channel, self._around(day))
        life = self._live(errand, Course(day=day, **course))  # type: ignore[arg-type]
        return replace(life, steps=tuple(step for step in life.steps if step.kind != Kind.APPROVED))

    def _approved(self, who: User, half: Sequence[str], day: date) -> Life:
        life = self._made(who, half, day)
        reviewer = self._team.by_name["reviewer"]
        return replace(life, steps=(*life.steps, Step(Kind.APPROVED, local(self._day(-1), 14, 5), reviewer)))

    def _returned(self, who: User, half: Sequence[str], day: date, returned_on: date) -> Life:
        """With two remarks that the shopper has not looked at: one asks for a better photo, one for a fuller note."""
        life = self._made(who, half, day)
        at, reviewer, rng = local(returned_on, 10, 20), self._team.by_name["reviewer"], dice(life.key)
        photographed = {shot.code for shot in life.shots}
        noted = [said.code for said in life.said if said.note and said.code not in photographed]
        plain = [said.code for said in life.said if not said.note and said.code not in photographed and said.value]
        remarks = (
            Note(sorted(photographed)[0], at, reviewer, rng.choice(words.REMARKS["photo"])),
            Note((noted or plain)[0], at, reviewer, rng.choice(words.REMARKS["note"])),
        )
        return replace(life, remarks=remarks, steps=(*life.steps, Step(Kind.RETURNED, at, reviewer)))

    def _not_possible(self, who: User, half: Sequence[str], day: date) -> Life:
        errand = self._errand(who, half, Channel.COUNTER, self._around(day))
        life = self._live(errand, Course(day=date.max - timedelta(days=60)))
        at, doors = local(day, 9, 40), self._history.staging.pictures["door"]
        step = Step(Kind.NOT_POSSIBLE, at, who, words.NOT_POSSIBLE["closed"][0])
        return replace(life, not_possible="closed", shots=(Shot("", at, doors[0]),), steps=(*life.steps, step))

    def _voided(self, who: User, half: Sequence[str], window: Window) -> Life:
        life = self._assigned(who, half, window)
        step = Step(Kind.VOIDED, local(self._day(-1), 11), self._history.staging.coordinator, words.VOIDED[0])
        return replace(life, steps=(*life.steps, step))

    # --- Where and when ---

    def _live(self, errand: Errand, course: Course) -> Life:
        return self._history.live(errand, course)

    def _errand(self, who: User | None, half: Sequence[str], channel: Channel, window: Window) -> Errand:
        """In the wave of the window's last day, at the first outlet where the shopper may go."""
        wave = self._wave(channel, window.due_on)
        due_on = min(window.due_on, wave.ends_on)
        window = Window(min(max(window.opens_on, wave.starts_on), due_on), due_on)
        scenarios = self._history.staging.questions.by_channel[channel]
        code = self._outlet(who, half, channel, window)
        outlet_id = self._history.made.units[code].pk
        if who:
            self._history.rota.note(who, outlet_id, window)
        self._number += 1
        scenario = scenarios[self._number % len(scenarios)]
        return Errand(f"special {self._number}", wave, outlet_id, code, channel, window, scenario, who)

    def _outlet(self, who: User | None, half: Sequence[str], channel: Channel, window: Window) -> str:
        made = self._history.made
        for area in half:
            for code, place in made.places.items():
                unit = made.units[code]
                is_there = unit.closed_on is None and unit.opened_on <= window.opens_on
                may = who is None or self._history.rota.may(who, unit.pk, window)
                if code.startswith(area) and place.channel == channel and is_there and may:
                    return code
        raise LookupError(f"no outlet for {who} between {window.opens_on} and {window.due_on}")

    def _wave(self, channel: Channel, day: date) -> Wave:
        """That of the day, or the running one while that of the next month is not planned yet."""
        waves = self._history.waves
        return waves.get((channel, day.replace(day=1))) or waves[channel, self._today.replace(day=1)]

    def _around(self, day: date) -> Window:
        first = day.replace(day=1)
        return Window(max(first, day - timedelta(days=3)), min(month_end(first), day + timedelta(days=2)))

    def _day(self, number: int) -> date:
        return self._today + timedelta(days=number)

    def _served_before(self, days: int) -> date:
        """The last day, at least so many days ago, on which outlets were open; at most ten days are looked at."""
        latest = self._day(-days)
        return next((day for n in range(10) if is_served(day := latest - timedelta(days=n))), latest)


# --- A pilot: a checklist of which nothing may apply -------------------------------------------

PILOT_CODE = "SO"
PILOT = (
    ("SO-A1", "Ki-ốt tự phục vụ đang bật và dùng được", "The self-service kiosk is on and works", "yes_no", 3),
    ("SO-A2", "Màn hình ki-ốt sạch, hướng dẫn dễ đọc", "Its screen is clean, its guidance readable", "three_step", 2),
    ("SO-A3", "Có người hướng dẫn khi khách lúng túng", "Somebody helps when a customer hesitates", "three_step", 3),
    ("SO-A4", "Số phút hoàn thành một thao tác trên ki-ốt", "Minutes to finish one task at the kiosk", "measured", 2),
)


def install_pilot(*, today: date, by: User) -> ChecklistVersion:
    """A small fifth checklist, tried at a few outlets; where there is no kiosk nothing is scored."""
    at = local(month_before(today, 2), 9)
    draft = checklists.create(
        code=PILOT_CODE,
        channel=Channel.COUNTER,
        name_vi="Ki-ốt tự phục vụ (thử nghiệm)",
        name_en="Self-service kiosk (pilot)",
        method_vi="Đến trực tiếp, không báo trước",
        method_en="Unannounced visit",
        position=10,
        by=by,
        at=at,
    )
    criteria = [
        {
            "code": code,
            "text_vi": text_vi,
            "text_en": text_en,
            "kind": kind,
            "weight": weight,
            "allows_na": True,
            "note_rule": "not_met",
            "controlled_by": "unit",
            "theme": "process",
        }
        for code, text_vi, text_en, kind, weight in PILOT
    ]
    criteria[-1] |= {
        "measure": "minutes",
        "thresholds": [{"upper": 3, "result": 100}, {"upper": 6, "result": 50}, {"upper": None, "result": 0}],
    }
    closing = {"code": "SO-Z1", "text_vi": "Ghi nhận khác", "text_en": "Anything else", "kind": "text"}
    checklists.fill_draft(
        version=draft,
        sections=[
            {"code": "A", "name_vi": "Ki-ốt tự phục vụ", "name_en": "Self-service kiosk", "criteria": criteria},
            {"code": "Z", "name_vi": "Ghi nhận", "name_en": "Remarks", "criteria": [closing]},
        ],
    )
    return checklists.publish(version=draft, by=by, at=at)


def lives_of_the_pilot(made: History, version: ChecklistVersion) -> Iterator[Life]:
    """One visit at each of six counters in Hà Nội last month; at two of them there is no kiosk."""
    first = month_before(made.today, 1)
    scenarios = made.staging.questions.by_channel[Channel.COUNTER][:1]
    wave = history.add_wave(
        made,
        Wave(
            name=f"Tháng {first:%m/%Y} – {version.checklist.name_vi}",
            checklist=version.checklist,
            unit=made.made.units["HNI"],
            visits_per_outlet=1,
            starts_on=first,
            ends_on=month_end(first),
            created_at=local(first - history.PLANNED_AHEAD, 10),
        ),
        scenarios,
    )
    counters = [code for code, place in made.made.places.items() if place.channel == Channel.COUNTER]
    for number, code in enumerate([code for code in counters if code.startswith("HNI")][:6]):
        outlet_id, window = made.made.units[code].pk, Window(first, month_end(first) - timedelta(days=8))
        shopper = made.rota.pick(code, outlet_id, window)
        errand = Errand(f"pilot {code}", wave, outlet_id, code, Channel.COUNTER, window, scenarios[0], shopper)
        rng = dice(errand.key)
        course = replace(lives.course(rng, errand, made.today), ends="approved", all_not_applicable=number % 3 == 2)
        yield made.live(errand, course)
