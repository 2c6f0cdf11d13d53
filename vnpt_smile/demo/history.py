"""The waves of the demo, month by month, and every visit in them up to today."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings

from audits.checklists.models import Checklist
from audits.fieldwork.planning import schedule
from audits.fieldwork.planning.actions import blocking
from audits.fieldwork.planning.schedule import Window
from audits.models import Scenario, Wave
from outlets.models import Channel, Placement, Unit, UnitClosure, User
from vnpt_smile.demo import lives
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local, month_before, month_end
from vnpt_smile.demo.lives import Course, Errand, Staging
from vnpt_smile.demo.loader import Life, Loader
from vnpt_smile.demo.organisation import Made
from vnpt_smile.demo.people import Team
from vnpt_smile.demo.pictures import Picture
from vnpt_smile.demo.quality import Worker
from vnpt_smile.demo.rota import Rota
from vnpt_smile.demo.scale import Scale
from vnpt_smile.demo.scenarios import Questions

PLANNED_AHEAD = timedelta(days=10)  # a month's waves are planned so long before it begins
VISITS = {Channel.COUNTER: 2, Channel.HOTLINE: 4, Channel.TECHNICIAN: 2, Channel.SALES: 2}  # an outlet and month
# In these provinces every counter is visited once more, so that its own months can be shown.
DENSER = ("HNI", "HCM", "AGG", "KGG")
BLOCKED = (
    ("shopper", "AGG-LX", "Từng làm việc tại đây đến năm ngoái"),
    ("shopper2", "HNI-CG", "Nhà ở sát điểm giao dịch"),
    ("s-0104", "HCM-GD", "Có người thân làm việc tại đây"),
    ("s-0107", "DNG-CS", "Từng làm điện thoại viên tại đây"),
)


@dataclass
class History:
    """What the visits of the demo are made from."""

    today: date
    scale: Scale
    made: Made
    staging: Staging
    loader: Loader
    rota: Rota
    checklists: Sequence[Checklist]
    waves: dict[tuple[str, date], Wave] = field(default_factory=dict)  # by channel and first day

    def wave_of(self, channel: str, day: date) -> Wave:
        """The wave of the month of that day."""
        return self.waves[channel, day.replace(day=1)]

    def live(self, errand: Errand, course: Course | None = None) -> Life:
        """The visit's life up to the beginning of today; by chance unless its course is given."""
        rng = dice(f"life {errand.key}")
        asked = self.loader.outline_of(errand.wave)
        course = course or lives.course(rng, errand, self.today)
        return lives.live(rng, errand, course, asked, self.staging).until(local(self.today))


def begin(
    *,
    today: date,
    scale: Scale,
    made: Made,
    team: Team,
    questions: Questions,
    loader: Loader,
    pictures: Mapping[str, Sequence[Picture]],
    checklists: Sequence[Checklist],
) -> History:
    """Blocks some units, plans the waves, and gathers what the visits need."""
    coordinator = team.by_name["coordinator"]
    for username, code, reason in BLOCKED:
        blocking.block(
            shopper=team.by_name[username],
            unit=made.units[code],
            reason=reason,
            by=coordinator,
            at=local(month_before(today, scale.months + 1), 10),
        )
    history = History(
        today=today,
        scale=scale,
        made=made,
        staging=Staging(
            coordinator=coordinator,
            reviewers=team.reviewers,
            pictures=pictures,
            questions=questions,
            crews=_crews(),
            marks={code: place.mark for code, place in made.places.items()},
            today=today,
        ),
        loader=loader,
        rota=Rota(team.shoppers, today=today, apart=settings.SAME_SHOPPER_MONTHS, blocked=_blocked(team, made)),
        checklists=checklists,
    )
    _plan_waves(history)
    return history


def errands(history: History, wave: Wave) -> Iterator[Errand]:
    """Every visit of a wave, as planned and given out."""
    channel = Channel(wave.checklist.channel)
    whole = Window(wave.starts_on, wave.ends_on)
    here = sorted(code for code, place in history.made.places.items() if place.channel == channel)
    yield from _errands(history, wave, here, whole, VISITS[channel], "")
    if channel == Channel.COUNTER:
        more = [code for code in here if code.startswith(DENSER)]
        yield from _errands(history, wave, more, whole, 1, "+")


def _errands(
    history: History, wave: Wave, codes: Sequence[str], whole: Window, visits: int, sign: str
) -> Iterator[Errand]:
    channel = wave.checklist.channel
    scenarios: Sequence[Scenario] = history.staging.questions.by_channel[channel]
    slots = schedule.slots(whole, outlets=len(codes), visits_per_outlet=visits, scenarios=len(scenarios))
    for number, slot in enumerate(slots):
        code = codes[slot.outlet]
        key = f"{wave.starts_on:%Y-%m} {code} {sign}{number}"
        rng = dice(f"errand {key}")
        unit = history.made.units[code]
        is_left_out = history.staging.marks[code] == "few" and rng.random() < 0.6
        if is_left_out or not _is_open(unit, slot.window):
            continue
        # What lies ahead is not all given out yet.
        is_given = slot.window.opens_on <= history.today or rng.random() < 0.7
        shopper = None
        if is_given:
            shopper = history.rota.pick(code, unit.pk, slot.window, by_phone=channel == Channel.HOTLINE)
        scenario = scenarios[slot.scenario] if slot.scenario is not None else None
        yield Errand(key, wave, unit.pk, code, channel, slot.window, scenario, shopper)


def _is_open(unit: Unit, window: Window) -> bool:
    return unit.opened_on <= window.opens_on and (unit.closed_on is None or unit.closed_on > window.due_on)


def _plan_waves(history: History) -> None:
    """One wave a month and checklist; those of the next month once their planning day has come."""
    root = history.made.units["VNPT"]
    for months in range(history.scale.months, -2, -1):
        first = month_before(history.today, months)
        planned_on = first - PLANNED_AHEAD
        if planned_on >= history.today:
            continue
        for number, checklist in enumerate(history.checklists):
            history.waves[checklist.channel, first] = add_wave(
                history,
                Wave(
                    name=f"Tháng {first:%m/%Y} – {checklist.name_vi}",
                    checklist=checklist,
                    unit=root,
                    visits_per_outlet=VISITS[Channel(checklist.channel)],
                    starts_on=first,
                    ends_on=month_end(first),
                    created_at=local(planned_on, 9, 5 * number),
                ),
                history.staging.questions.by_channel[checklist.channel],
            )


def add_wave(history: History, wave: Wave, scenarios: Iterable[Scenario]) -> Wave:
    """Writes a wave; in the name of the coordinator, like every plan of the demo."""
    wave.created_by = history.staging.coordinator
    wave.save()
    wave.scenarios.set(scenarios)
    return wave


def _crews() -> dict[int, list[Worker]]:
    crews = defaultdict(list)
    for row in Placement.objects.select_related("staff").order_by("staff__staff_number", "valid_from"):
        worker = Worker(row.staff_id, row.staff.staff_number, row.valid_from, row.valid_to)
        crews[row.unit_id].append(worker)
    return dict(crews)


def _blocked(team: Team, made: Made) -> set[tuple[int, int]]:
    """(shopper, outlet) for every outlet at or below a unit blocked for that shopper."""
    pairs: set[tuple[int, int]] = set()
    for username, code, _reason in BLOCKED:
        below = UnitClosure.objects.filter(ancestor=made.units[code]).values_list("descendant_id", flat=True)
        user: User = team.by_name[username]
        pairs |= {(user.pk, unit_id) for unit_id in below}
    return pairs
