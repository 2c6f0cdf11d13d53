"""A world in which every secret is a marker that stands nowhere else, and the search for markers in an answer."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from audits.fieldwork.states import VisitState
from audits.models import (
    Answer,
    BlockedUnit,
    Criterion,
    DraftRemark,
    Photo,
    Place,
    Remark,
    Revision,
    SecondLook,
    ShownNote,
    ShownPhoto,
    Visit,
)
from outlets.models import Membership, Role, ShopperIdentity, StaffMember, Unit, User
from tests import access_world, published, second_looks, worlds
from tests.access_world import World

# Whatever has the shape of a marker; those of the world are told from the rest by being known.
SHAPES = re.compile(
    r"zq[a-z]+\d+z|\+?\d{10,11}|203\.0\.113\.\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|nc-\d{6}-\w{5}|\d\d[:h]\d\d|\d{4}-\d\d-\d\d|\d\d?/\d\d?(?:/\d{4})?|\d{2,3}[.,]\d{6}"
)


@dataclass(frozen=True)
class Marker:
    """A secret: what it is (a row of the table in test_canaries.py), and the account it belongs to, if to one.

    What a unit is shown knows its `outlet` (the unit's key), and whether its visit has been published.
    """

    kind: str
    owner: str = ""
    outlet: int = 0
    is_published: bool = False


@dataclass
class Canaries:
    """The world, and each marker by the text that gives it away."""

    world: World
    managed: dict[str, frozenset[int]] = field(default_factory=dict)  # by account: all units below what it manages
    markers: dict[str, Marker] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def mark(self, kind: str, owner: str = "", of: Visit | None = None) -> str:
        """A new word that stands nowhere else, of small letters and digits so that no encoding of a page changes it.

        `of` is the visit of something that its unit is shown.
        """
        return self.known(f"zq{kind}{next(self.numbers)}z", kind, owner, of)

    def mark_of_unit(self, kind: str, outlet: int) -> str:
        """A new word that those who manage the outlet's unit may read."""
        text = f"zq{kind}{next(self.numbers)}z"
        self.markers[text] = Marker(kind, outlet=outlet, is_published=True)
        return text

    def known(self, text: str, kind: str, owner: str = "", of: Visit | None = None) -> str:
        assert SHAPES.fullmatch(text.casefold()), text
        marker = Marker(kind, owner, of.outlet_id, of.state == VisitState.PUBLISHED) if of else Marker(kind, owner)
        assert self.markers.setdefault(text.casefold(), marker) == marker, text
        return text

    def is_shown_to(self, role: str, marker: Marker) -> bool:
        """Whether the account manages the unit of what is shown, and the visit behind it has been published."""
        return marker.is_published and marker.outlet in self.managed.get(role, ())

    def found(self, text: str) -> set[Marker]:
        """The markers in a text, also where it is written for HTML or for an address."""
        shapes = set(SHAPES.findall(unquote(unescape(text)).casefold()))
        return {self.markers[each] for each in shapes & self.markers.keys()}

    def found_in(self, response: HttpResponse) -> set[Marker]:
        """The markers in all that an answer sends: status line, headers, cookies, body or file.

        When a page or a cookie expires is left out: it is told by the machine's clock, which can show a marker's time.
        """
        parts = [f"{response.status_code} {response.reason_phrase}"]
        parts += [f"{name}: {value}" for name, value in response.items() if name != "Expires"]
        parts += [re.sub("expires=[^;]*", "", cookie.output()) for cookie in response.cookies.values()]
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return self.found("\n".join(parts)) | self.found(unpacked(body).decode("utf-8", errors="replace"))


def unpacked(body: bytes) -> bytes:
    """What is in a file: of a workbook, all of its parts."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return b"\n".join(parts.read(name) for name in parts.namelist())


def build() -> Canaries:
    """The world of test_access.py with a marker for every name, number, time and text in it that is somebody's own."""
    world = access_world.build()
    for relation, shown in world.targets["shown"].items():  # a copy's own address, before its visit is published
        world.targets["published_photo"][f"waiting {relation}"] = {"shown_id": shown["shown_id"]}
    canaries = Canaries(world, _managed(world))
    owners = {user.pk: name for name, user in canaries.world.people.all.items()}
    _mark_people(canaries, owners)
    visits = Visit.objects.filter(started_at__isnull=False).order_by("pk")
    for number, visit in enumerate(visits):
        _mark_visit(canaries, visit, number, owners.get(visit.shopper_id, ""))
    BlockedUnit.objects.update(reason=canaries.mark("block"))
    for look in SecondLook.objects.select_related("block"):
        _mark_second_look(canaries, look)
    for copy in ShownPhoto.objects.select_related("photo__visit"):
        _put_file(copy, canaries.mark("copy", of=copy.photo.visit), canaries.mark("file"))
    return canaries


def _managed(world: World) -> dict[str, frozenset[int]]:
    """The units of each account that manages some, by its name."""
    managers = Membership.objects.filter(role=Role.MANAGER, ended_at__isnull=True)
    return {
        name: frozenset(Unit.objects.within(managers.filter(user=user).values("unit")).values_list("pk", flat=True))
        for name, user in world.people.all.items()
        if managers.filter(user=user).exists()
    }


def _mark_people(canaries: Canaries, owners: Mapping[int, str]) -> None:
    for number, shopper in enumerate(User.objects.filter(kind=User.Kind.SHOPPER).order_by("pk")):
        owner = owners.get(shopper.pk, "")
        ShopperIdentity.objects.create(
            shopper=shopper,
            full_name=f"Nguyễn Thị {canaries.mark('name')}",
            phone=canaries.known(f"09123456{number:02}", "phone"),
            agency=canaries.mark("agency"),
        )
        shopper.shopper_code, shopper.username = canaries.mark("code", owner), canaries.mark("login", owner)
        shopper.save()
        address, agent = canaries.known(f"203.0.113.{number + 1}", "address"), canaries.mark("agent")
        for password in ("sai rồi", "mật khẩu thử nghiệm"):  # whatever keeps addresses has this one now
            client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
            client.post(reverse("login"), {"username": shopper.username, "password": password})
    for person in StaffMember.objects.all():
        person.full_name = f"Lê {canaries.mark('staff')}"
        person.save()


def _mark_visit(canaries: Canaries, visit: Visit, number: int, owner: str) -> None:
    """Its id, receipt, day and minutes, everything written in it, and its pictures."""
    canaries.known(str(visit.public_id), "visit", owner)
    day = date(2026, 9, 14 + number)  # no other day of the world lies there
    for written in (f"{day:%d/%m/%Y}", f"{day:%d/%m}", f"{day:%Y-%m-%d}"):
        canaries.known(written, "day", owner)
    arrived, left, started, sent = (_minute(canaries, owner, day, 4 * number + later) for later in range(4))
    Visit.objects.filter(pk=visit.pk).update(
        arrived_at=arrived,
        left_at=left,
        started_at=started,
        submitted_at=sent,
        visited_on=day,
        met_description=canaries.mark("note", owner),
    )
    visit.events.update(at=sent)
    visit.submissions.update(submitted_at=sent)
    for submission in visit.submissions.all():
        canaries.known(submission.receipt, "receipt", owner)
    for answer in Answer.objects.filter(visit=visit).select_related("criterion"):
        answer.note, answer.changed_at = canaries.mark("note", owner), sent
        answer.text = canaries.mark("note", owner) if answer.text else ""
        answer.save()
    for photo in Photo.objects.filter(visit=visit):
        _put_file(photo, canaries.mark("photo", owner), canaries.mark("file"))
        Photo.objects.filter(pk=photo.pk).update(added_at=sent)
    latitude, longitude = (f"{whole}.{200_001 + 11 * number}" for whole in (20, 107))
    for written in (latitude, longitude):
        for each in (written, written.replace(".", ",")):
            canaries.known(each, "point")
    told = {"consent": 1, "consented_at": sent, "taken_at": sent, "accuracy": 24, "band": "near"}
    Place.objects.create(visit=visit, latitude=latitude, longitude=longitude, **told)
    facts = {"visit": visit, "criterion": Criterion.objects.filter(version=visit.version).first()}
    by = canaries.world.people.reviewer
    ShownNote.objects.create(**facts, text=canaries.mark("words", of=visit), by=by, at=worlds.NOW)
    DraftRemark.objects.create(**facts, text=canaries.mark("draft"), by=by, at=worlds.NOW)
    Remark.objects.create(
        **facts, text=canaries.mark("remark", owner), made_by=by, made_at=worlds.NOW, resolved_at=worlds.NOW
    )


def _mark_second_look(canaries: Canaries, look: SecondLook) -> None:
    """What the unit wrote and sent, and what the office wrote to it: both sides' own, and nobody else's."""
    asked, ruled = (canaries.mark_of_unit(kind, look.block.outlet_id) for kind in ("asked", "ruled"))
    SecondLook.objects.filter(pk=look.pk).update(reason=asked, ruling=look.ruling and ruled)
    look.events.filter(kind="asked").update(text=asked)
    look.events.exclude(kind="asked").update(text=ruled)
    Revision.objects.filter(second_looks=look).update(reason=ruled)
    for sent in look.files.all():
        content, suffix = canaries.mark_of_unit("sent", look.block.outlet_id), Path(sent.file).suffix
        sent.file = f"{canaries.mark('file')}{suffix}"
        sent.thumbnail = sent.thumbnail and sent.file
        sent.save()
        data = second_looks.photo(comment=content.encode()) if sent.is_photo else second_looks.pdf(content.encode())
        (Path(settings.MEDIA_ROOT) / sent.file).write_bytes(data)


def _minute(canaries: Canaries, owner: str, day: date, number: int) -> datetime:
    """A minute of an evening in which nothing else happens, as Vietnam and as UTC write it."""
    moment = published.moment(day, 20) + timedelta(minutes=number + 1)
    canaries.known(f"{moment:%H:%M}", "time", owner)
    canaries.known(f"{moment.astimezone(UTC):%H:%M}", "time", owner)
    return moment


def _put_file(picture: Photo | ShownPhoto, content: str, name: str) -> None:
    """A file of its own: a picture that can be read, with the marker as its comment."""
    picture.file = picture.thumbnail = f"{name}.jpg"
    picture.save()
    drawn = Image.new("RGB", (picture.width, picture.height), "steelblue")
    drawn.save(Path(settings.MEDIA_ROOT) / picture.file, "JPEG", comment=content)
