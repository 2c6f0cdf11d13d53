"""Forms that a phone sends by itself: each under an id of the phone's own, so that sending it again changes nothing.

For what is not the answer of one question (`actions`): who was met, that a visit was not possible, a submission.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction

from audits.fieldwork.models import Visit
from audits.fieldwork.sync.models import PostedForm
from audits.fieldwork.visits import actions as visits
from outlets.models import User


@dataclass(frozen=True)
class Posted:
    """One form as it came. `name` says which, `fields` are those of its page."""

    id: UUID
    name: str
    fields: Mapping[str, str]

    @property
    def digest(self) -> str:
        said = json.dumps([self.name, dict(self.fields)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


class Wrong(Exception):
    """What was typed cannot be taken; `errors` say why, in the reader's language. Nothing of it is kept."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__(*self.errors)


class Meanwhile(Exception):
    """The visit holds something else that the writer has not seen; `visit` is as it is now. Nothing has been done."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        super().__init__(visit.pk)


class AnotherForm(Exception):
    """Under this id something else came before."""


Act = Callable[[Visit, Posted], UUID | None]


def take_once(*, visit: Visit, posted: Posted, act: Act, by: User, at: datetime) -> None:
    """Calls `act` with the visit, its row held, and the form; never twice for one id. `act` returns the stamp of who
    was met, if it took that in.

    Raises AnotherForm, StaleState when the visit is not `by`'s any more, and what `act` raises: then nothing has been
    done.
    """
    with transaction.atomic():
        locked = visits.lock(visit, by)
        known = PostedForm.objects.filter(public_id=posted.id).first()
        if known is None:
            stamp = act(locked, posted)
            PostedForm.objects.create(
                public_id=posted.id,
                visit=locked,
                name=posted.name,
                digest=posted.digest,
                met_stamp=stamp,
                received_at=at,
            )
        elif (known.visit_id, known.digest) != (locked.pk, posted.digest):
            raise AnotherForm


def with_stamps(visit: Visit, fields: Mapping[str, str]) -> Mapping[str, str]:
    """The form of who was met; as seen counts also what stood there once the forms named in it had been taken in.

    One that said the same as what stood there, on another phone, has left that its stamp. One query.
    """
    if not fields.get("seen"):
        return fields
    rows = PostedForm.objects.filter(visit=visit, met_stamp__isnull=False)
    stamps = {str(id): str(stamp) for id, stamp in rows.values_list("public_id", "met_stamp")}
    seen = fields["seen"].split()
    return {**fields, "seen": " ".join([*seen, *(stamps[id] for id in seen if id in stamps)])}


def check(form: forms.BaseForm) -> None:
    """Raises Wrong with what is wrong with a form that has been acted on, each with its field's label."""
    found = []
    for name, messages in form.errors.items():
        label = "" if name == NON_FIELD_ERRORS else form.fields[name].label
        found += [f"{label}: {message}" if label else str(message) for message in messages]
    if found:
        raise Wrong(found)
