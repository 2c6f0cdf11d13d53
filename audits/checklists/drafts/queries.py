"""What the draft editor's page reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.checklists import content
from audits.checklists.drafts import checks, compare
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import ChecklistVersion, Criterion
from audits.checklists.outline import CriterionOutline, Outline, SectionOutline, outline

RECENT = 8  # steps that the page lists; all of them have a page of their own
_WIDEST = Decimal(25)  # per cent of the weight that fills a section's bar, unless one has more


Part, Kind = DraftChange.Part, DraftChange.Kind
_DONE = {
    (Part.SECTION, Kind.ADDED): gettext_lazy("Section %(code)s added"),
    (Part.SECTION, Kind.MOVED): gettext_lazy("Section %(code)s moved"),
    (Part.SECTION, Kind.DELETED): gettext_lazy("Section %(code)s deleted"),
    (Part.CRITERION, Kind.ADDED): gettext_lazy("%(code)s added"),
    (Part.CRITERION, Kind.MOVED): gettext_lazy("%(code)s moved"),
    (Part.CRITERION, Kind.DELETED): gettext_lazy("%(code)s deleted"),
}
_BACK = {  # by what taking back did
    (Part.SECTION, Kind.ADDED): gettext_lazy("Deletion of section %(code)s undone"),
    (Part.SECTION, Kind.MOVED): gettext_lazy("Move of section %(code)s undone"),
    (Part.SECTION, Kind.DELETED): gettext_lazy("Adding of section %(code)s undone"),
    (Part.CRITERION, Kind.ADDED): gettext_lazy("Deletion of %(code)s undone"),
    (Part.CRITERION, Kind.MOVED): gettext_lazy("Move of %(code)s undone"),
    (Part.CRITERION, Kind.DELETED): gettext_lazy("Adding of %(code)s undone"),
}


@dataclass(frozen=True)
class Row:
    """A criterion of the outline. `was` is its weight in the version before, where that differs."""

    criterion: CriterionOutline
    kind: str
    share: Decimal
    was: Decimal | None
    is_new: bool
    is_changed: bool


@dataclass(frozen=True)
class SectionPart:
    """A section of the outline. `delta` is how many points of its share it gained on the version before."""

    section: SectionOutline
    rows: tuple[Row, ...]
    share: Decimal
    delta: Decimal
    width: int


@dataclass(frozen=True)
class Step:
    """One step in words."""

    change: DraftChange
    text: str
    can_undo: bool


@dataclass(frozen=True)
class DraftPage:
    """A draft with all that its editor sees. `seen` is the number of the last step; `scale` the bars' full width."""

    outline: Outline
    checks: checks.Checks
    comparison: compare.Comparison | None
    parts: tuple[SectionPart, ...]
    steps: tuple[Step, ...]
    seen: int
    scale: int

    @property
    def biggest_loss(self) -> Decimal:
        """What the biggest lever can cost a visit, in points of 100."""
        biggest = self.checks.biggest
        return self.checks.loss(biggest) if biggest else Decimal(0)

    @property
    def redrawn(self) -> str:
        """The parts of the page that any saved change may alter, and that nobody types into, as htmx names them."""
        sections = [part.section.code for part in self.parts]
        criteria = [row.criterion.code for part in self.parts for row in part.rows]
        ids = ["saved", "short", "scale", "checks", "steps"]
        ids += [f"{name}-{code}" for code in sections for name in ("share", "bar")]
        ids += [f"{name}-{code}" for code in criteria for name in ("share", "head", "was")]
        return ",".join(f"#{each}" for each in ids)


def read(version: ChecklistVersion) -> DraftPage:
    """A draft. Twelve queries at most besides the outlines', whatever its size."""
    now = outline(version)
    base = outline(version.based_on) if version.based_on else None
    runs = running(version)
    found = checks.check(now, outline(runs) if runs else None)
    comparison = compare.compare(base, now) if base else None
    changes = list(version.changes.select_related("by", "undoes")[:RECENT])
    shares = [found.share(section) for section in now.sections]
    scale = max([_WIDEST, *shares])
    before = checks.Checks(base, ()) if base else None
    return DraftPage(
        outline=now,
        checks=found,
        comparison=comparison,
        parts=tuple(_part(section, found, comparison, before, scale) for section in now.sections),
        steps=tuple(steps(changes)),
        seen=changes[0].number if changes else 0,
        scale=int(scale),
    )


def running(version: ChecklistVersion) -> ChecklistVersion | None:
    """The version of the checklist that runs. No query where it is what this one was copied from, otherwise one."""
    base = version.based_on
    if base is not None and base.state == ChecklistVersion.State.PUBLISHED:
        return base
    return version.checklist.versions.filter(state=ChecklistVersion.State.PUBLISHED).first()


def _part(
    section: SectionOutline,
    found: checks.Checks,
    comparison: compare.Comparison | None,
    before: checks.Checks | None,
    scale: Decimal,
) -> SectionPart:
    share = found.share(section)
    earlier = before and before.outline.section_by_code.get(section.code)
    return SectionPart(
        section=section,
        rows=tuple(_row(each, found, comparison) for each in section.criteria),
        share=share,
        delta=share - before.share(earlier) if before and earlier else Decimal(0),
        width=round(100 * share / scale),
    )


def _row(criterion: CriterionOutline, found: checks.Checks, comparison: compare.Comparison | None) -> Row:
    earlier = comparison.before.by_code.get(criterion.code) if comparison else None
    return Row(
        criterion=criterion,
        kind=str(Criterion.Kind(criterion.kind).label),
        share=found.share(criterion),
        was=earlier.weight if earlier and earlier.weight != criterion.weight else None,
        is_new=comparison is not None and earlier is None,
        is_changed=comparison is not None and criterion.code in comparison.by_code,
    )


def steps(changes: Iterable[DraftChange]) -> Iterable[Step]:
    """Steps in words, the newest first as they came. One query: which of them have been taken back."""
    changes = list(changes)
    undone = set(DraftChange.objects.filter(undoes__in=changes).values_list("undoes_id", flat=True))
    for change in changes:
        yield Step(change, _in_words(change), change.pk not in undone)


def _in_words(change: DraftChange) -> str:
    # What takes back a step that took one back does again what that one had done.
    is_back = change.undoes is not None and change.undoes.undoes_id is None
    params = {"code": change.code}
    if change.kind == Kind.EDITED and change.before and change.after:
        names = [label for name, label in _labels() if change.before.get(name) != change.after.get(name)]
        what = ", ".join(f"{name[0].lower()}{name[1:]}" for name in names)
        says = _("Change of %(code)s undone: %(what)s") if is_back else _("%(code)s changed: %(what)s")
        return says % (params | {"what": what})
    return (_BACK if is_back else _DONE)[Part(change.part), Kind(change.kind)] % params


def _labels() -> tuple[tuple[str, str], ...]:
    return (
        ("name_vi", _("Name (Vietnamese)")),
        ("name_en", _("Name (English)")),
        ("text_vi", _("Text (Vietnamese)")),
        ("text_en", _("Text (English)")),
        ("guidance_vi", _("Guidance (Vietnamese)")),
        ("guidance_en", _("Guidance (English)")),
        ("kind", _("Kind")),
        ("weight", _("Weight")),
        ("critical", _("Critical")),
        ("allows_na", _("May be “not applicable”")),
        ("photo", _("Photo")),
        ("photo_is_private", _("Photos of papers")),
        ("note_rule", _("Note")),
        ("controlled_by", _("Controlled by")),
        ("theme", _("Theme")),
        ("stage", _("Stage")),
        ("measure", _("Unit of measure")),
        ("picture", _("Example picture")),
        ("options", _("Options")),
        ("thresholds", _("Thresholds")),
    )


def label_of(column: str) -> str:
    """What the page calls a column of a criterion or a section."""
    return dict(_labels()).get(column, column)


def plain_criterion(now: Outline, code: str) -> content.Content | None:
    """A criterion's content, or None when the draft has none of that code."""
    criterion = now.by_code.get(code)
    return content.of_criterion(criterion) if criterion else None
