"""Checklists, started visits and pictures for tests of the phone form."""

import io
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from audits import photos
from audits.checklists.examples import actions as examples
from audits.checklists.models import ChecklistVersion, Criterion, CriterionOption, CriterionThreshold, Section
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Checklist, Remark, Visit, Wave
from outlets.models import Channel, Outlet, User
from tests import worlds
from tests.worlds import NOW, TODAY

K = Criterion.Kind


def every_kind(
    code: str = "TK", *, papers: bool = False, note_of_rating: str = Criterion.NoteRule.OPTIONAL
) -> Checklist:
    """A running checklist with one criterion of each kind and rule. `papers`: its photos are of papers.

    A: A1 yes/no 2 (photo required) · A2 three-step 3 (critical, N/A, note when not met)
    B: B1 measured minutes 4 (N/A; ≤5 → 100, ≤10 → 50, else 0) · B2 choice 1 (a → 100, b → 40) · B3 yes/no 2, follow-up
    Z: Z1 rating · Z2 text
    """
    made = Checklist.objects.create(code=code, channel=Channel.COUNTER, name_vi="Bộ thử", name_en="Test checklist")
    version = ChecklistVersion.objects.create(checklist=made, number=1, created_at=NOW)
    made_of = [
        Section(version=version, code=letter, name_vi=f"Mục {letter}", position=position)
        for position, letter in enumerate("ABZ")
    ]
    sections = {section.code: section for section in Section.objects.bulk_create(made_of)}

    def criterion(short: str, kind: str, **fields) -> Criterion:
        return Criterion(
            version=version,
            section=sections[short[0]],
            code=f"{code}-{short}",
            position=int(short[1]),
            text_vi=f"Tiêu chí {short}",
            text_en=f"Criterion {short}",
            kind=kind,
            **fields,
        )

    when_missed = Criterion.NoteRule.NOT_MET
    measured = criterion("B1", K.MEASURED, weight=4, measure="minutes", allows_na=True, note_rule=when_missed)
    choice = criterion("B2", K.CHOICE, weight=1)
    Criterion.objects.bulk_create(
        [
            criterion(
                "A1", K.YES_NO, weight=2, photo=Criterion.Photo.REQUIRED, photo_is_private=papers, note_rule=when_missed
            ),
            criterion(
                "A2",
                K.THREE_STEP,
                weight=3,
                critical=True,
                allows_na=True,
                note_rule=when_missed,
                controlled_by="person",
            ),
            measured,
            choice,
            criterion("B3", K.YES_NO, weight=2, stage=Criterion.Stage.FOLLOW_UP, note_rule=when_missed),
            criterion("Z1", K.RATING, note_rule=note_of_rating),
            criterion("Z2", K.TEXT),
        ]
    )
    CriterionThreshold.objects.bulk_create(
        CriterionThreshold(criterion=measured, position=position, upper=upper, result=result)
        for position, (upper, result) in enumerate(((5, 100), (10, 50), (None, 0)))
    )
    CriterionOption.objects.bulk_create(
        CriterionOption(criterion=choice, position=position, code=option, label_vi=f"Phương án {option}", result=result)
        for position, (option, result) in enumerate((("a", 100), ("b", 40)))
    )
    ChecklistVersion.objects.filter(pk=version.pk).update(
        state=ChecklistVersion.State.PUBLISHED, published_at=NOW - timedelta(days=60)
    )
    return made


def assigned(outlet: Outlet, shopper: User, checklist: Checklist | None = None, **fields) -> Visit:
    """A visit assigned to `shopper`, open since yesterday and due in three days."""
    checklist = checklist or Checklist.objects.filter(code="TK").first() or every_kind()
    wave, _ = Wave.objects.get_or_create(
        checklist=checklist,
        defaults={
            "name": "Đợt thử",
            "unit": outlet.unit,
            "visits_per_outlet": 1,
            "starts_on": TODAY - timedelta(days=11),
            "ends_on": TODAY + timedelta(days=18),
            "created_at": NOW,
        },
    )
    fields = {"opens_on": TODAY - timedelta(days=1), "due_on": TODAY + timedelta(days=3)} | fields
    return Visit.objects.create(wave=wave, outlet=outlet, shopper=shopper, state=VisitState.ASSIGNED, **fields)


def started(outlet: Outlet, shopper: User, checklist: Checklist | None = None, *, at: datetime = NOW) -> Visit:
    return visits.start(visit=assigned(outlet, shopper, checklist), by=shopper, at=at)


def picture(colour: str = "steelblue", name: str = "anh.jpg", size: tuple[int, int] = (320, 240)) -> SimpleUploadedFile:
    """A JPEG as a phone would send it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def entry(short: str, value: str = "", code: str = "TK", **fields) -> visits.Entry:
    return visits.Entry(f"{code}-{short}", value=value, **fields)


def example(version: ChecklistVersion, code: str, colour: str = "steelblue", *, seen: int = 99) -> UUID:
    """Gives a criterion of a draft an example picture; its public id."""
    photo = photos.intake(picture(colour))
    examples.put(version=version, code=code, photo=photo, seen=seen, by=None, at=NOW)
    return Criterion.objects.get(version=version, code=code).picture.public_id


def complete(visit: Visit, shopper: User, *, at: datetime = NOW, colour: str = "steelblue") -> Visit:
    """Answers everything that submitting asks for: A1 yes, A2 partly, B1 7 minutes, B2 a, rating 4, a text."""
    visits.save_met(
        visit=visit,
        visited_on=timezone.localdate(at),
        staff=None,
        description="Quầy số 2",
        by=shopper,
        at=at,
    )
    visits.save_answers(
        visit=visit,
        entries=[
            entry("A1", "yes"),
            entry("A2", "partly"),
            entry("B1", number=7),
            entry("B2", "a"),
            entry("Z1", "4"),
            entry("Z2", text="Tôi vào lúc vắng khách."),
        ],
        photos=[visits.NewPhoto("TK-A1", visits.photo_files.intake(picture(colour)))],
        by=shopper,
        at=at,
    )
    visit.refresh_from_db()
    return visit


def submitted(outlet: Outlet, shopper: User, *, at: datetime = NOW, colour: str = "steelblue") -> Visit:
    visit = complete(started(outlet, shopper, at=at), shopper, at=at, colour=colour)
    visits.submit(visit=visit, by=shopper, at=at)
    visit.refresh_from_db()
    return visit


def returned(visit: Visit, *shorts: str, code: str = "TK") -> Visit:
    """A submitted visit sent back with one remark on each of `shorts`, as bare rows."""
    office = User.objects.filter(username="office").first() or worlds.user("office", worlds.Role.OFFICE)
    for short in shorts:
        criterion = visit.version.criteria.get(code=f"{code}-{short}")
        Remark.objects.create(visit=visit, criterion=criterion, text="Nhờ xem lại", made_at=NOW, made_by=office)
    Visit.objects.filter(pk=visit.pk).update(state=VisitState.RETURNED)
    visit.refresh_from_db()
    return visit
