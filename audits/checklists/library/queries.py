"""Criteria of other checklists, to be used again."""

from django.db.models import Exists, OuterRef, QuerySet

from audits.checklists.models import Checklist, ChecklistVersion, Criterion
from outlets import text

_ONCE_PUBLISHED = (ChecklistVersion.State.PUBLISHED, ChecklistVersion.State.RETIRED)


def criteria_beside(checklist: Checklist) -> QuerySet[Criterion]:
    """What published and retired versions of all other checklists ask, each code once: as its newest version says it.

    With section, theme, version and checklist.
    """
    published = Criterion.objects.filter(version__state__in=_ONCE_PUBLISHED)
    newer = published.filter(
        version__checklist=OuterRef("version__checklist"),
        code=OuterRef("code"),
        version__number__gt=OuterRef("version__number"),
    ).order_by()
    rows = published.exclude(version__checklist=checklist).filter(~Exists(newer))
    return rows.select_related("section", "theme", "version__checklist")


def matching(rows: QuerySet[Criterion], query: str) -> QuerySet[Criterion]:
    """Those whose code or text holds every word, in Vietnamese without marks or in English. Python looks: one query."""
    words = text.search_words(query)
    found = [
        key
        for key, *said in rows.values_list("pk", "code", "text_vi", "text_en")
        if all(word in text.fold(" ".join(said)) for word in words)
    ]
    return rows.filter(pk__in=found)
