"""Who may see an example picture: whoever may read a version that shows it."""

from django.db.models import Exists, OuterRef, QuerySet

from audits.checklists.models import ChecklistVersion, Criterion, ExamplePicture


def shown_in(criteria: QuerySet[Criterion]) -> QuerySet[ExamplePicture]:
    """The pictures of these criteria."""
    return ExamplePicture.objects.filter(Exists(criteria.filter(picture=OuterRef("pk")).order_by()))


def readable(*, with_history: bool) -> QuerySet[ExamplePicture]:
    """Those of running versions; with history, those of all."""
    criteria = Criterion.objects.all()
    return shown_in(criteria if with_history else criteria.filter(version__state=ChecklistVersion.State.PUBLISHED))
