"""The demo's world from nothing, in one transaction: it is there whole, or not at all."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation

from audits.checklists import actions as checklists
from audits.checklists.models import Checklist, ChecklistVersion, ExamplePicture
from audits.review import screening
from outlets.models import User
from outlets.organisation import provinces, reference
from outlets.people import job_roles
from vnpt_smile.demo import (
    evidence,
    guard,
    history,
    organisation,
    people,
    pictures,
    publication,
    scenarios,
    second_looks,
    specials,
)
from vnpt_smile.demo.dates import local, month_before
from vnpt_smile.demo.loader import Loader
from vnpt_smile.demo.scale import FULL, Scale

BEFORE_ALL = 14  # months before the running one: accounts, checklists and scenarios are there


@dataclass(frozen=True)
class Seeded:
    """What was written: rows by kind."""

    rows: Counter[str]


def seed(*, today: date, scale: Scale = FULL, say: Callable[[str], None] = lambda line: None) -> Seeded | None:
    """Fills an empty database; None when the demo is there already. `say` is told what is being done.

    Raises guard.Foreign, and then nothing has been changed.
    """
    if guard.is_seeded():
        return None
    pool = pictures.pool(settings.MEDIA_ROOT)
    with translation.override("vi"), transaction.atomic():
        guard.refuse_strangers()
        if guard.is_seeded():
            return None
        at = local(month_before(today, BEFORE_ALL), 8)
        say("Đơn vị, điểm phục vụ, nhân viên · Units, outlets, staff")
        reference.install()
        provinces.install()
        job_roles.install()
        team = people.create_accounts(today=today, at=at)
        sysadmin, editor = team.by_name["sysadmin"], team.by_name["editor"]
        made = organisation.open_all(scale, today=today, by=sysadmin)
        people.hire_staff(made, team)
        organisation.reorganise(made, today=today, by=sysadmin)
        people.changes_of_staff(made, team, today=today)
        people.grant_roles(team, made, at=at)
        say("Bộ tiêu chí, kịch bản · Checklists, scenarios")
        checklists.install_defaults(by=editor, at=at, pictures=_examples(editor, at))
        pilot = specials.install_pilot(today=today, by=editor)
        questions = scenarios.create(today=today, by=team.by_name["coordinator"])
        loader = Loader({version.checklist_id: version for version in _running()})
        world = history.begin(
            today=today,
            scale=scale,
            made=made,
            team=team,
            questions=questions,
            loader=loader,
            pictures=pool,
            checklists=list(Checklist.objects.exclude(code=specials.PILOT_CODE).order_by("position")),
        )
        say("Một năm đánh giá · A year of visits")
        loader.write(map(evidence.of_its_own, specials.lives_of_today(world, team)))
        loader.write(map(evidence.of_its_own, specials.lives_of_the_pilot(world, pilot)))
        for wave in sorted(world.waves.values(), key=lambda wave: (wave.starts_on, wave.pk)):
            loader.write(evidence.of_its_own(world.live(errand)) for errand in history.errands(world, wave))
        screening.screen_waiting(at=local(today))
        say("Chốt các tháng đã qua · Closing the months that are over")
        publication.close_months(today=today, by=team.by_name["office"])
        second_looks.ask(today=today, team=team)
    return Seeded(loader.written)


def restore_pictures() -> None:
    """Draws the pictures again where somebody has emptied the media folder."""
    if not pictures.are_there(settings.MEDIA_ROOT):
        pictures.pool(settings.MEDIA_ROOT)
        pictures.examples(settings.MEDIA_ROOT)


def _examples(by: User, at: datetime) -> dict[str, str]:
    """The example pictures of the default checklists, public ids by the criterion's code."""
    rows = {
        code: ExamplePicture.objects.create(
            file=picture.file,
            thumbnail=picture.thumbnail,
            sha256=sha256((Path(settings.MEDIA_ROOT) / picture.file).read_bytes()).hexdigest(),
            width=picture.width,
            height=picture.height,
            size=picture.size,
            added_at=at,
            added_by=by,
        )
        for code, picture in pictures.examples(settings.MEDIA_ROOT).items()
    }
    return {code: str(row.public_id) for code, row in rows.items()}


def _running() -> Iterable[ChecklistVersion]:
    return ChecklistVersion.objects.filter(state=ChecklistVersion.State.PUBLISHED).select_related("checklist")
