"""The content of a version as plain frozen data: what a form draws, a page prints and the arithmetic reads.

A version that runs or has run never changes, so its outline is read once by each process and kept: later
readers cost no query. Every other one is read anew each time: a draft, and what waits for approval or for its
day, since that can be taken back and changed. Names of checklists and themes are not part of a version;
a kept outline shows them as they were when this process first read it.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from threading import Lock
from typing import TypeVar
from uuid import UUID

from django.utils.translation import get_language

from audits import scoring
from audits.checklists.models import (
    ChecklistVersion,
    Criterion,
    CriterionOption,
    CriterionThreshold,
    ExamplePicture,
    Section,
    Theme,
)
from audits.photos import THUMBNAIL_SIDE, within

SETTLED = frozenset({ChecklistVersion.State.PUBLISHED, ChecklistVersion.State.RETIRED})  # no way leads back from these
KEPT = 64  # outlines that one process keeps; the least recently used goes first


def _in_language(vi: str, en: str) -> str:
    return (en if get_language() == "en" else "") or vi


def short_code(code: str) -> str:
    """A criterion's code without its checklist: "E1" of "TQ-E1"."""
    return code.partition("-")[2] or code


@dataclass(frozen=True)
class OptionOutline:
    """One answer of a choice; `result` is 0 to 100."""

    code: str
    label_vi: str
    label_en: str
    result: int

    @property
    def label(self) -> str:
        return _in_language(self.label_vi, self.label_en)


@dataclass(frozen=True)
class PictureOutline:
    """An example picture: its size in pixels, and that of its thumbnail."""

    public_id: UUID
    width: int
    height: int

    @property
    def thumbnail_width(self) -> int:
        return within((self.width, self.height), THUMBNAIL_SIDE)[0]

    @property
    def thumbnail_height(self) -> int:
        return within((self.width, self.height), THUMBNAIL_SIDE)[1]


@dataclass(frozen=True)
class ThemeOutline:
    code: str
    name_vi: str
    name_en: str

    @property
    def name(self) -> str:
        return _in_language(self.name_vi, self.name_en)


@dataclass(frozen=True)
class CriterionOutline:
    """One criterion. `theme` is a theme's code or None; `measure` is empty unless the kind is measured."""

    id: int
    code: str
    section_code: str
    text_vi: str
    text_en: str
    guidance_vi: str
    guidance_en: str
    kind: scoring.Kind
    weight: Decimal
    critical: bool
    allows_na: bool
    photo: Criterion.Photo
    photo_is_private: bool
    note_rule: Criterion.NoteRule
    controlled_by: Criterion.ControlledBy
    theme: str | None
    stage: Criterion.Stage
    measure: str
    options: tuple[OptionOutline, ...] = ()
    thresholds: tuple[scoring.Threshold, ...] = ()
    picture: PictureOutline | None = None

    @property
    def short_code(self) -> str:
        return short_code(self.code)

    @property
    def text(self) -> str:
        return _in_language(self.text_vi, self.text_en)

    @property
    def guidance(self) -> str:
        return _in_language(self.guidance_vi, self.guidance_en)

    @property
    def is_scored(self) -> bool:
        return self.kind.is_scored

    @property
    def measure_label(self) -> str:
        """The unit of a measured number in the reader's language ("minutes"); empty for other kinds."""
        return str(Criterion.Measure(self.measure).label) if self.measure else ""

    @cached_property
    def rule(self) -> scoring.Rule:
        """The criterion as the arithmetic needs it. Raises ValueError for one that cannot be scored (drafts only)."""
        return scoring.Rule(
            code=self.code,
            section=self.section_code,
            theme=self.theme,
            kind=self.kind,
            weight=self.weight,
            critical=self.critical,
            by_person=self.controlled_by == Criterion.ControlledBy.PERSON,
            options=tuple((option.code, option.result) for option in self.options),
            thresholds=self.thresholds,
        )


@dataclass(frozen=True)
class SectionOutline:
    id: int
    code: str
    name_vi: str
    name_en: str
    criteria: tuple[CriterionOutline, ...]

    @property
    def name(self) -> str:
        return _in_language(self.name_vi, self.name_en)

    @cached_property
    def weight(self) -> Decimal:
        """The sum of the scored criteria's weights."""
        return sum((criterion.weight for criterion in self.criteria if criterion.is_scored), Decimal(0))


@dataclass(frozen=True)
class Outline:
    """A version's whole content, in its order. `themes` are those its criteria use, in the themes' order."""

    version_id: int
    public_id: UUID
    number: int
    checklist_id: int
    checklist_code: str
    checklist_name_vi: str
    checklist_name_en: str
    channel: str
    bands: scoring.Bands
    sections: tuple[SectionOutline, ...]
    themes: tuple[ThemeOutline, ...]

    @property
    def checklist_name(self) -> str:
        return _in_language(self.checklist_name_vi, self.checklist_name_en)

    @cached_property
    def criteria(self) -> tuple[CriterionOutline, ...]:
        return tuple(criterion for section in self.sections for criterion in section.criteria)

    @cached_property
    def by_code(self) -> dict[str, CriterionOutline]:
        return {criterion.code: criterion for criterion in self.criteria}

    @cached_property
    def section_by_code(self) -> dict[str, SectionOutline]:
        return {section.code: section for section in self.sections}

    @cached_property
    def rules(self) -> tuple[scoring.Rule, ...]:
        """The rules in the checklist's order, as `scoring.score` takes them."""
        return tuple(criterion.rule for criterion in self.criteria)

    @cached_property
    def critical_codes(self) -> frozenset[str]:
        return frozenset(criterion.code for criterion in self.criteria if criterion.critical)

    @cached_property
    def weight(self) -> Decimal:
        return sum((section.weight for section in self.sections), Decimal(0))

    def theme_name(self, code: str | None) -> str:
        """The name of a theme in the reader's language; empty for none and for an unknown code."""
        return next((theme.name for theme in self.themes if theme.code == code), "")


_kept: OrderedDict[UUID, Outline] = OrderedDict()
_lock = Lock()


def outline(version: ChecklistVersion) -> Outline:
    """The content of `version`. No query when this process has it; otherwise five, whatever the size.

    What decides about keeping is the state in the database, not that of the object handed in. The key is
    the public id: it is never reused, while test databases reuse primary keys.
    """
    with _lock:
        found = _kept.get(version.public_id)
        if found is not None:
            _kept.move_to_end(version.public_id)
            return found
    fresh = ChecklistVersion.objects.select_related("checklist").get(pk=version.pk)
    read = read_anew(fresh)
    if fresh.state in SETTLED:
        with _lock:
            _kept[read.public_id] = read
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return read


def forget() -> None:
    """Empties what this process keeps. For tests."""
    with _lock:
        _kept.clear()


def read_anew(version: ChecklistVersion) -> Outline:
    """The content as the database holds it, and the bands of the object handed in; nothing is kept.

    Four queries: sections, criteria with their themes, options, thresholds.
    """
    sections = list(Section.objects.filter(version=version).order_by("position", "pk"))
    criteria = list(
        Criterion.objects.filter(version=version).select_related("theme", "picture").order_by("position", "pk")
    )
    in_version = {"criterion__version": version}
    options = _grouped(CriterionOption.objects.filter(**in_version).order_by("position", "pk"))
    thresholds = _grouped(CriterionThreshold.objects.filter(**in_version).order_by("position", "pk"))
    of_section: dict[int, list[Criterion]] = defaultdict(list)
    for criterion in criteria:
        of_section[criterion.section_id].append(criterion)
    used = {criterion.theme.pk: criterion.theme for criterion in criteria if criterion.theme}
    return Outline(
        version_id=version.pk,
        public_id=version.public_id,
        number=version.number,
        checklist_id=version.checklist_id,
        checklist_code=version.checklist.code,
        checklist_name_vi=version.checklist.name_vi,
        checklist_name_en=version.checklist.name_en,
        channel=version.checklist.channel,
        bands=version.bands,
        sections=tuple(
            SectionOutline(
                id=section.pk,
                code=section.code,
                name_vi=section.name_vi,
                name_en=section.name_en,
                criteria=tuple(
                    _criterion(row, section.code, options[row.pk], thresholds[row.pk]) for row in of_section[section.pk]
                ),
            )
            for section in sections
        ),
        themes=tuple(_theme(theme) for theme in sorted(used.values(), key=lambda theme: (theme.position, theme.pk))),
    )


_Part = TypeVar("_Part", CriterionOption, CriterionThreshold)


def _grouped(rows: Iterable[_Part]) -> dict[int, list[_Part]]:
    groups: dict[int, list[_Part]] = defaultdict(list)
    for row in rows:
        groups[row.criterion_id].append(row)
    return groups


def _theme(theme: Theme) -> ThemeOutline:
    return ThemeOutline(code=theme.code, name_vi=theme.name_vi, name_en=theme.name_en)


def _picture(row: ExamplePicture | None) -> PictureOutline | None:
    return PictureOutline(row.public_id, row.width, row.height) if row else None


def _criterion(
    row: Criterion, section_code: str, options: list[CriterionOption], thresholds: list[CriterionThreshold]
) -> CriterionOutline:
    return CriterionOutline(
        id=row.pk,
        code=row.code,
        section_code=section_code,
        text_vi=row.text_vi,
        text_en=row.text_en,
        guidance_vi=row.guidance_vi,
        guidance_en=row.guidance_en,
        kind=scoring.Kind(row.kind),
        weight=row.weight,
        critical=row.critical,
        allows_na=row.allows_na,
        photo=Criterion.Photo(row.photo),
        photo_is_private=row.photo_is_private,
        note_rule=Criterion.NoteRule(row.note_rule),
        controlled_by=Criterion.ControlledBy(row.controlled_by),
        theme=row.theme.code if row.theme else None,
        stage=Criterion.Stage(row.stage),
        measure=row.measure,
        options=tuple(OptionOutline(o.code, o.label_vi, o.label_en, o.result) for o in options),
        thresholds=tuple(scoring.Threshold(t.upper, t.result) for t in thresholds),
        picture=_picture(row.picture),
    )
