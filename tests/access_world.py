"""The world in which test_access.py tries every URL: an object of each kind in each relation."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.tokens import default_token_generator

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.models import Block, ChecklistVersion, Export, Photo, Visit
from audits.results import months
from audits.results.exports import actions as exports
from audits.results.reading import Tree
from audits.review import showing
from outlets.models import Outlet, User
from outlets.people import tokens
from tests import plans, published, second_looks, sheets, worlds

LATER = worlds.NOW + timedelta(days=365)


@dataclass(frozen=True)
class World:
    """`targets[kind][relation]` are the URL arguments of that object."""

    places: worlds.Places
    people: worlds.People
    targets: dict[str, dict[str, dict[str, object]]]


def build() -> World:
    places = worlds.places()
    people = worlds.people(places)
    third = worlds.user("shopper3", worlds.Role.SHOPPER)
    owners = {
        "own": (people.shopper, places.counter, "steelblue"),
        "sibling": (people.shopper2, places.counter, "gold"),
        "foreign": (third, places.far_counter, "tomato"),
    }
    made = {
        relation: sheets.submitted(outlet, shopper, colour=colour)
        for relation, (shopper, outlet, colour) in owners.items()
    }
    targets = {
        "visit": {relation: {"visit_id": visit.public_id} for relation, visit in made.items()},
        "section": {relation: {"visit_id": visit.public_id, "section": "A"} for relation, visit in made.items()},
        "photo": {
            relation: {"visit_id": visit.public_id, "photo_id": Photo.objects.get(visit=visit).public_id}
            for relation, visit in made.items()
        },
    }
    targets["shown"] = {relation: _shown(visit, people.reviewer) for relation, visit in made.items()}
    targets |= _examples(owners)
    targets |= plans.access_targets(places, people)
    targets |= _published(places, people)
    targets |= _exports(places, people)
    targets |= _organisation(places)
    targets |= _checklists(people.editor)
    targets |= _accounts(people)
    return World(places, people, targets)


def _shown(visit: Visit, by: User) -> dict[str, object]:
    """A copy of the visit's photo, marked for its unit."""
    photo = Photo.objects.select_related("criterion", "visit").get(visit=visit)
    shown = showing.show_photo(photo=photo, by=by, at=worlds.NOW)
    return {"visit_id": visit.public_id, "shown_id": shown.public_id}


def _examples(owners: dict[str, tuple[User, Outlet, str]]) -> dict[str, dict[str, dict[str, object]]]:
    """For each shopper a visit with a checklist of its own, which shows an example picture."""
    pictures = {}
    for number, (relation, (shopper, outlet, colour)) in enumerate(owners.items()):
        checklist = plans.checklist(f"V{number}", is_running=False)
        picture = sheets.example(checklist.versions.get(), "A1", colour)
        checklists.publish(version=checklist.versions.get(), by=None, at=worlds.NOW)
        sheets.started(outlet, shopper, checklist)
        pictures[relation] = {"picture_id": picture}
    return {"example_of_visit": pictures, "example": dict.fromkeys(pictures, pictures["own"])}


def _published(places: worlds.Places, people: worlds.People) -> dict[str, dict[str, dict[str, object]]]:
    """A visit, a copy shown of it and a request for a second look at three outlets, in a closed month."""
    outlets = {"own": places.counter, "sibling": places.other_counter, "foreign": places.far_counter}
    photos, visits, criteria = {}, {}, {}
    for relation, outlet in outlets.items():
        made = [
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
            for number, (shopper, answers) in enumerate(
                ((people.shopper, "yy"), (people.shopper, "yy"), (people.shopper2, "nn"))
            )
        ]
        photos[relation] = {"shown_id": published.shown_photo(made[0], people.reviewer).public_id}
        visits[relation] = {"visit_id": made[0].public_id}
        criteria[relation] = visits[relation] | {"code": "A1"}
    published.closed(date(2026, 10, 1))
    targets = {"published_photo": photos, "published_visit": visits, "published_criterion": criteria}
    return targets | _second_looks(people, {relation: outlet.pk for relation, outlet in outlets.items()})


def _second_looks(people: worlds.People, outlets: dict[str, int]) -> dict[str, dict[str, dict[str, object]]]:
    """A request of each outlet's manager: one waits, one was kept as it is, one upheld. About A1 nobody has asked."""
    managers = {"own": people.outlethead, "sibling": people.manager, "foreign": people.manager2}
    blocks, criteria, looks, files = {}, {}, {}, {}
    for relation, outlet in outlets.items():
        block = Block.objects.get(outlet=outlet)
        look = second_looks.asked(block, managers[relation], "A2", with_files=True)
        blocks[relation] = {"block_id": block.public_id}
        criteria[relation] = blocks[relation] | {"code": "A1"}
        looks[relation] = {"second_look_id": look.public_id}
        files[relation] = looks[relation] | {"file_id": look.files.order_by("pk").first().public_id}
        if relation == "sibling":
            second_looks.kept(look, people.office)
        if relation == "foreign":
            second_looks.upheld(look, people.office)
    return {
        "second_look": looks,
        "second_look_file": files,
        "asked_block": blocks,
        "asked_criterion": criteria,
    }


def _exports(places: worlds.Places, people: worlds.People) -> dict[str, dict[str, dict[str, object]]]:
    """Figures that three managers took along, each of their own unit."""
    owners = {
        "own": (people.manager, places.counter),
        "sibling": (people.outlethead, places.counter),
        "foreign": (people.manager2, places.far_counter),
    }
    span = months.span(months.SpanKind.MONTH, date(2026, 10, 1))
    made = {
        relation: exports.begin(
            unit=outlet.unit,
            of=Export.Of.OUTLETS,
            form=Export.Format.CSV,
            span=span,
            tree=Tree.TODAY,
            by=user,
            at=worlds.NOW,
        )
        for relation, (user, outlet) in owners.items()
    }
    return {"export": {relation: {"export_id": export.public_id} for relation, export in made.items()}}


def _organisation(places: worlds.Places) -> dict[str, dict[str, dict[str, object]]]:
    outlets = {"own": places.counter, "sibling": places.other_counter, "foreign": places.far_counter}
    units = {"own": places.long_xuyen, "sibling": places.hotline.unit, "foreign": places.dong_da}
    staff = {
        relation: worlds.staff_member(f"NV-{relation}", "Đặng Thị Ngọc Ánh", outlet)
        for relation, outlet in outlets.items()
    }
    return {
        "unit": {relation: {"public_id": unit.public_id} for relation, unit in units.items()},
        "outlet": {relation: {"public_id": outlet.unit.public_id} for relation, outlet in outlets.items()},
        "scored_unit": {relation: {"unit_id": outlet.unit.public_id} for relation, outlet in outlets.items()},
        "staff": {relation: {"public_id": person.public_id} for relation, person in staff.items()},
    }


def _checklists(editor: User) -> dict[str, dict[str, dict[str, object]]]:
    version = ChecklistVersion.objects.filter(checklist__code="TK").get()
    one = {"checklist_id": version.checklist.public_id}
    other = {"version_id": version.public_id}
    relations = ("own", "sibling", "foreign")
    draft = checklists.draft_from(version=version, by=editor, at=worlds.NOW)
    changed = {"weight": "5"}
    drafts.edit_criterion(version=draft, code="TK-A2", changed=changed, seen=0, by=editor, at=worlds.NOW)
    of_draft = {"version_id": draft.public_id}
    proposal = checklists.draft_from(version=version, by=editor, at=worlds.NOW)
    ChecklistVersion.objects.filter(pk=proposal.pk).update(
        state="proposed", proposed_at=worlds.NOW, proposed_by=editor, note="Vì sao"
    )
    of_proposal = {"version_id": proposal.public_id}
    return {
        "checklist": dict.fromkeys(relations, one),
        "version": dict.fromkeys(relations, other),
        "draft": dict.fromkeys(relations, of_draft),
        "draft_section": dict.fromkeys(relations, of_draft | {"code": "A"}),
        "draft_criterion": dict.fromkeys(relations, of_draft | {"code": "TK-A1"}),
        "proposal": dict.fromkeys(relations, of_proposal),
        "draft_step": dict.fromkeys(relations, of_draft | {"number": 1}),
    }


def _accounts(people: worlds.People) -> dict[str, dict[str, dict[str, object]]]:
    users = {"own": people.shopper, "sibling": people.manager, "foreign": people.manager2}
    named = {"own": people.manager, "sibling": people.outlethead, "foreign": people.manager2}
    for user in named.values():
        tokens.make(user=user, name="Power BI", at=worlds.NOW)
    return {
        "token": {relation: {"public_id": user.tokens.get().public_id} for relation, user in named.items()},
        "account": {relation: {"public_id": user.public_id} for relation, user in users.items()},
        "membership": {relation: {"public_id": user.memberships.get().public_id} for relation, user in users.items()},
        "link": {
            relation: {"uidb64": user.public_id, "token": default_token_generator.make_token(user)}
            for relation, user in users.items()
        },
    }
