"""What is taken along is put down before it is made, and again when it is over.

Call through the module: `from audits.results.exports import actions as exports`, `exports.begin(..., by=..., at=...)`.
"""

from datetime import datetime

from audits.results.models import Export
from audits.results.months import Span
from audits.results.reading import Tree
from outlets.models import AccessToken, Unit, User


def begin(
    *,
    unit: Unit,
    of: Export.Of,
    form: Export.Format,
    span: Span,
    tree: Tree,
    by: User,
    at: datetime,
    by_month: bool = False,
    token: AccessToken | None = None,
) -> Export:
    """The row of an export that is about to be made. Whoever may read the unit's scorecard may take it along."""
    return Export.objects.create(
        unit=unit,
        made_by=by,
        token=token,
        begun_at=at,
        of=of,
        format=form,
        first=span.first,
        last=span.last,
        by_month=by_month,
        as_then=tree is Tree.THEN,
    )


def finish(*, export: Export, rows: int, at: datetime) -> bool:
    """It is whole. False where it has been cancelled meanwhile: then its file must not be given."""
    return _end(export, Export.State.DONE, at, rows)


def cancel(*, export: Export, at: datetime) -> bool:
    """Stops the work at its next step. False where it is over already."""
    return _end(export, Export.State.CANCELLED, at)


def fail(*, export: Export, at: datetime) -> bool:
    return _end(export, Export.State.FAILED, at)


def _end(export: Export, state: Export.State, at: datetime, rows: int | None = None) -> bool:
    begun = Export.objects.filter(pk=export.pk, state=Export.State.BEGUN)
    return bool(begun.update(state=state, ended_at=at, rows=rows))
