"""What differs between two versions of a checklist, told by the criteria's codes. Pure over two outlines: no query."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline, Outline, SectionOutline

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Words:
    """A stretch of text: `mark` is "" where both versions say it, "removed" or "added" where one does."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule that differs, in words: "Weight: 6 → 7"."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Differing:
    """A criterion in both versions that is not the same in both.

    `moved_from` is the earlier section's code, or "" for the same section; `is_reordered` says that it stands
    elsewhere among the criteria that its section kept.
    """

    before: CriterionOutline
    after: CriterionOutline
    texts: tuple[tuple[str, tuple[Words, ...]], ...]
    rules: tuple[Rule, ...]
    moved_from: str
    is_reordered: bool

    @property
    def has_other_picture(self) -> bool:
        return self.before.picture != self.after.picture

    @property
    def is_reworded(self) -> bool:
        return self.before.text_vi != self.after.text_vi


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side."""

    before: Outline
    after: Outline
    added: tuple[CriterionOutline, ...]
    removed: tuple[CriterionOutline, ...]
    differing: tuple[Differing, ...]
    sections: tuple[Rule, ...]
    bands: tuple[Rule, ...]

    @cached_property
    def shared(self) -> int:
        """How many scored criteria both versions have."""
        scored = {each.code for each in self.before.criteria if each.is_scored}
        return sum(each.is_scored and each.code in scored for each in self.after.criteria)

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.differing or self.sections or self.bands)

    @cached_property
    def by_code(self) -> dict[str, Differing]:
        return {each.after.code: each for each in self.differing}


def compare(before: Outline, after: Outline) -> Comparison:
    """What `after` changes in `before`, in the order of `after`."""
    kept = [each for each in after.criteria if each.code in before.by_code]
    reordered = _reordered(before, after)
    found = (_differing(before, after, each.code, each.code in reordered) for each in kept)
    return Comparison(
        before=before,
        after=after,
        added=tuple(each for each in after.criteria if each.code not in before.by_code),
        removed=tuple(each for each in before.criteria if each.code not in after.by_code),
        differing=tuple(each for each in found if each is not None),
        sections=tuple(_sections(before, after)),
        bands=tuple(_bands(before, after)),
    )


def undone(base: Outline | None, meanwhile: Outline, after: Outline) -> Comparison:
    """What `after` takes back of what `meanwhile` changed in `base`, which both come from: from `meanwhile` to `after`.

    Also what both changed, each in its way. Without a base, all of `meanwhile` that `after` says otherwise or not.
    """
    against = compare(meanwhile, after)
    if base is None:
        return replace(against, added=())
    theirs = compare(base, meanwhile)
    sections, bands = ({each.name for each in rules} for rules in (theirs.sections, theirs.bands))
    narrowed = (_narrowed(each, theirs.by_code.get(each.after.code), base) for each in against.differing)
    return replace(
        against,
        added=tuple(each for each in against.added if each.code in base.by_code),
        removed=tuple(each for each in against.removed if each.code not in base.by_code or each.code in theirs.by_code),
        differing=tuple(each for each in narrowed if each is not None),
        sections=tuple(each for each in against.sections if each.name in sections),
        bands=tuple(each for each in against.bands if each.name in bands),
    )


def _narrowed(against: Differing, theirs: Differing | None, base: Outline) -> Differing | None:
    """Of what differs, what others had changed; all of it where the base did not have the criterion."""
    if theirs is None:
        return None if against.after.code in base.by_code else against
    texts, rules = ({name for name, _words in theirs.texts}, {each.name for each in theirs.rules})
    found = replace(
        against,
        texts=tuple(each for each in against.texts if each[0] in texts),
        rules=tuple(each for each in against.rules if each.name in rules),
        moved_from=against.moved_from if theirs.moved_from else "",
        is_reordered=against.is_reordered and theirs.is_reordered,
    )
    return found if found.texts or found.rules or found.moved_from or found.is_reordered else None


def marked(before: str, after: str) -> tuple[Words, ...]:
    """Both texts as one, word by word, with what was taken out and what was put in."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Words] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Words("".join(old[old_from:old_to])))
            continue
        if old_from < old_to:
            found.append(Words("".join(old[old_from:old_to]), "removed"))
        if new_from < new_to:
            found.append(Words("".join(new[new_from:new_to]), "added"))
    return tuple(found)


def _reordered(before: Outline, after: Outline) -> set[str]:
    """Criteria that changed places within their section: the fewest that explain the new order."""
    found: set[str] = set()
    for section in after.sections:
        earlier = before.section_by_code.get(section.code)
        if earlier is None:
            continue
        stayed = {each.code for each in earlier.criteria} & {each.code for each in section.criteria}
        old = [each.code for each in earlier.criteria if each.code in stayed]
        new = [each.code for each in section.criteria if each.code in stayed]
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        still = {code for block in blocks for code in new[block.b : block.b + block.size]}
        found |= set(new) - still
    return found


def _differing(old: Outline, new: Outline, code: str, is_reordered: bool) -> Differing | None:
    before, after = old.by_code[code], new.by_code[code]
    texts = (
        (_("Text (Vietnamese)"), before.text_vi, after.text_vi),
        (_("Text (English)"), before.text_en, after.text_en),
        (_("Guidance (Vietnamese)"), before.guidance_vi, after.guidance_vi),
        (_("Guidance (English)"), before.guidance_en, after.guidance_en),
    )
    differing = Differing(
        before=before,
        after=after,
        texts=tuple((name, marked(was, now)) for name, was, now in texts if was != now),
        rules=(*_rules(_in_words(old, before), _in_words(new, after)), *_picture(before, after)),
        moved_from=before.section_code if before.section_code != after.section_code else "",
        is_reordered=is_reordered,
    )
    is_same = not (differing.texts or differing.rules or differing.moved_from or is_reordered)
    return None if is_same else differing


def _rules(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> Iterator[Rule]:
    for (name, old), (_name, new) in zip(before, after, strict=True):
        if old != new:
            yield Rule(name, old, new)


def _picture(before: CriterionOutline, after: CriterionOutline) -> Iterator[Rule]:
    if before.picture != after.picture:
        later = _("another one") if before.picture else _("added")
        yield Rule(
            _("Example picture"), _("yes") if before.picture else _("none"), later if after.picture else _("none")
        )


def _in_words(version: Outline, criterion: CriterionOutline) -> Iterator[tuple[str, str]]:
    none = _("none")
    yield _("Kind"), str(Criterion.Kind(criterion.kind).label)
    yield _("Weight"), _number(criterion.weight) if criterion.is_scored else _("not scored")
    yield _("Critical"), _yes_or_no(criterion.critical)
    yield _("May be “not applicable”"), _yes_or_no(criterion.allows_na)
    yield _("Photo"), str(Criterion.Photo(criterion.photo).label)
    yield _("Photos of papers"), _yes_or_no(criterion.photo_is_private)
    yield _("Note"), str(Criterion.NoteRule(criterion.note_rule).label)
    yield _("Controlled by"), str(Criterion.ControlledBy(criterion.controlled_by).label)
    yield _("Theme"), version.theme_name(criterion.theme) or none
    yield _("Stage"), str(Criterion.Stage(criterion.stage).label)
    yield _("Unit of measure"), criterion.measure_label or none
    yield _("Options"), "; ".join(f"{each.label_vi}: {each.result}%" for each in criterion.options) or none
    yield _("Thresholds"), "; ".join(_steps(criterion)) or none


def _steps(criterion: CriterionOutline) -> Iterator[str]:
    for each in criterion.thresholds:
        params = {"upper": "" if each.upper is None else _number(each.upper), "result": each.result}
        yield (_("more: %(result)d%%") if each.upper is None else _("up to %(upper)s: %(result)d%%")) % params


def _sections(before: Outline, after: Outline) -> Iterator[Rule]:
    for section in after.sections:
        earlier = before.section_by_code.get(section.code)
        if earlier is None:
            yield Rule(section.code, _("not there"), section.name_vi)
        elif (earlier.name_vi, earlier.name_en) != (section.name_vi, section.name_en):
            yield Rule(section.code, _names(earlier), _names(section))
    for section in before.sections:
        if section.code not in after.section_by_code:
            yield Rule(section.code, section.name_vi, _("not there"))
    stayed = [each.code for each in after.sections if each.code in before.section_by_code]
    earlier_order = [each.code for each in before.sections if each.code in after.section_by_code]
    if stayed != earlier_order:
        yield Rule(_("Order of sections"), ", ".join(earlier_order), ", ".join(stayed))


def _names(section: SectionOutline) -> str:
    return f"{section.name_vi} / {section.name_en}" if section.name_en else section.name_vi


def _bands(before: Outline, after: Outline) -> Iterator[Rule]:
    names: Sequence[tuple[str, str]] = (
        ("excellent", _("Excellent")),
        ("good", _("Good")),
        ("fair", _("Fair")),
        ("to_improve", _("To improve")),
    )
    for name, label in names:
        old, new = getattr(before.bands, name), getattr(after.bands, name)
        if old != new:
            says = _("from %(bound)s%%")
            yield Rule(label, says % {"bound": _number(old)}, says % {"bound": _number(new)})


def _number(value: Decimal) -> str:
    return number_format(value.normalize(), force_grouping=False)


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")
