"""What a draft's editor should know while working: what blocks publishing, what to look at, where the points lie.

Pure over an outline: no query.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline, Outline, SectionOutline

# Of a phone in one hand: two lines of large type, half a screen of hints, a few turns of the thumb.
LONGEST_TEXT, LONGEST_GUIDANCE, MOST_IN_SECTION, MOST_IN_ALL = 140, 300, 12, 60
LARGE_SHARE = Decimal(15)  # per cent of all weight in one criterion
_TENTH = Decimal("0.1")
# What nobody wants to see, and what is wanted: a criterion that names the one, or denies the other, is good when the
# answer is "no". One that denies what nobody wants ("Không hút thuốc") is good when the answer is "yes".
_UNWANTED = re.compile(
    r"\b(thiếu tôn trọng|thiếu lịch sự|bất lịch sự|thô lỗ|to tiếng|quát|cáu gắt|nói tục|chửi|ngắt lời|cắt lời|nói xấu|"
    r"gây áp lực|chèo kéo|hút thuốc|đòi tiền|vòi vĩnh|việc riêng|nói chuyện riêng|điện thoại riêng|bỏ quầy|bỏ mặc|"
    r"để lộ|để khách chờ|khó chịu|ồn ào|tiếng ồn|bẩn|bừa bộn|rách)\b",
    re.IGNORECASE,
)
_DENIED = r"\b(không|chưa|chẳng)"
_NO = re.compile(rf"{_DENIED}\b|\b(tránh|đừng)\b", re.IGNORECASE)
_DENIES_WANTED = re.compile(
    rf"{_DENIED} (được |chủ động |có )*(chào|mỉm cười|tươi cười|cảm ơn|xin lỗi|hướng dẫn|giải thích|giới thiệu|"
    r"tư vấn|đeo thẻ|mặc đồng phục|lịch sự|thân thiện|tôn trọng|sạch|gọn|niêm yết|xác thực)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `code` is the criterion's, or the section's for a section; empty for the whole draft."""

    text: str
    code: str = ""
    is_error: bool = False


@dataclass(frozen=True)
class Checks:
    """What was found in a draft. `standing` are the warnings that the `running` version has as well, word for word."""

    outline: Outline
    findings: tuple[Finding, ...]
    running: Outline | None = None
    standing: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the draft from being published."""
        return tuple(each for each in self.findings if each.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if not each.is_error)

    @cached_property
    def own(self) -> tuple[Finding, ...]:
        """What the draft brings with it: all but what stands in the running version already."""
        return tuple(each for each in self.findings if each not in self.standing)

    @property
    def own_warnings(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.own if not each.is_error)

    @cached_property
    def scored(self) -> int:
        return sum(each.is_scored for each in self.outline.criteria)

    @cached_property
    def critical(self) -> int:
        return sum(each.critical for each in self.outline.criteria)

    @cached_property
    def biggest(self) -> CriterionOutline | None:
        """The criterion that can cost a visit most; None where nothing is scored."""
        scored = [each for each in self.outline.criteria if each.is_scored]
        return max(scored, key=_most_lost, default=None)

    def loss(self, criterion: CriterionOutline) -> Decimal:
        """What a criterion costs a visit, at its worst, in points of 100, one decimal."""
        whole = self.outline.weight
        return (_most_lost(criterion) / whole).quantize(_TENTH, ROUND_HALF_UP) if whole else Decimal("0.0")

    def share(self, part: CriterionOutline | SectionOutline) -> Decimal:
        """The part's share of the whole weight in per cent, one decimal."""
        weight = part.weight if isinstance(part, SectionOutline) or part.is_scored else Decimal(0)
        whole = self.outline.weight
        return (100 * weight / whole).quantize(_TENTH, ROUND_HALF_UP) if whole else Decimal("0.0")


def _most_lost(criterion: CriterionOutline) -> Decimal:
    """Weight × (100 − the worst result an answer can give); "no" and "not met" give 0."""
    results = [each.result for each in criterion.options] or [each.result for each in criterion.thresholds]
    return criterion.weight * (100 - min(results, default=0))


def check(now: Outline, running: Outline | None = None) -> Checks:
    """Everything there is to say about a draft, errors first, then in the checklist's order.

    With the version that runs, warnings that it has as well are told apart: nobody has just caused them.
    """
    found = (*_errors(now), *_warnings(now))
    already = set(_warnings(running)) if running else set()
    return Checks(now, found, running, tuple(each for each in found if each in already))


def _errors(now: Outline) -> Iterator[Finding]:
    if not any(criterion.is_scored for criterion in now.criteria):
        yield Finding(_("At least one criterion must be scored."), is_error=True)
    for section in now.sections:
        if not section.name_vi.strip():
            says = _("Section %(code)s has no Vietnamese name.") % {"code": section.code}
            yield Finding(says, section.code, is_error=True)
        if not section.criteria:
            yield Finding(_("Section %(code)s has no criterion.") % {"code": section.code}, section.code, is_error=True)
        for criterion in section.criteria:
            for text in _faults(criterion):
                yield Finding(text % {"code": criterion.code}, criterion.code, is_error=True)


def _faults(criterion: CriterionOutline) -> Iterator[str]:
    if not criterion.text_vi.strip():
        yield _("Criterion %(code)s has no Vietnamese text.")
    if any(not option.label_vi.strip() for option in criterion.options):
        yield _("Criterion %(code)s has an option without a Vietnamese text.")
    if criterion.kind == scoring.Kind.CHOICE and len(criterion.options) < 2:
        yield _("Criterion %(code)s needs at least two options.")
    elif criterion.kind == scoring.Kind.MEASURED and not criterion.thresholds:
        yield _("Criterion %(code)s needs thresholds.")
    elif criterion.kind == scoring.Kind.MEASURED and not _is_sound(criterion):
        yield _("Criterion %(code)s needs thresholds that rise, the last one without an upper bound.")
    elif not _is_sound(criterion):
        yield _("Criterion %(code)s cannot be scored as it is.")


def _is_sound(criterion: CriterionOutline) -> bool:
    try:
        return bool(criterion.rule)
    except ValueError:
        return False


def _warnings(now: Outline) -> Iterator[Finding]:
    count = len(now.criteria)
    if count > MOST_IN_ALL:
        yield Finding(
            _("%(count)d criteria are many for one visit; after %(most)d, answers become careless.")
            % {"count": count, "most": MOST_IN_ALL}
        )
    scored = [each for each in now.criteria if each.is_scored]
    if scored and all(each.allows_na for each in scored):
        yield Finding(_("Every criterion may be “not applicable”, so a visit can end without a score."))
    is_bilingual = any(each.text_en for each in now.criteria)
    for section in now.sections:
        yield from _of_section(section, is_bilingual)
        for criterion in section.criteria:
            for text in _of_criterion(criterion, now, is_bilingual):
                yield Finding(text, criterion.code)


def _of_section(section: SectionOutline, is_bilingual: bool) -> Iterator[Finding]:
    scored = [each for each in section.criteria if each.is_scored]
    name = {"code": section.code}
    if section.criteria and not scored:
        yield Finding(_("Section %(code)s has no scored criterion: it shows on no scorecard.") % name, section.code)
    elif scored and all(each.allows_na for each in scored):
        says = _("In section %(code)s everything may be “not applicable”: it can be left without a score.")
        yield Finding(says % name, section.code)
    if len(section.criteria) > MOST_IN_SECTION:
        says = ngettext(
            "Section %(code)s has %(count)d criterion on one page of the phone; at most %(most)d read well.",
            "Section %(code)s has %(count)d criteria on one page of the phone; at most %(most)d read well.",
            len(section.criteria),
        )
        params = {"count": len(section.criteria), "most": MOST_IN_SECTION}
        yield Finding(says % (name | params), section.code)
    if is_bilingual and not section.name_en:
        yield Finding(_("Section %(code)s has no English name.") % name, section.code)


def _is_good_when_denied(text: str) -> bool:
    """Whether "no" seems to be the good answer: a bad thing is named without a "not", or a good one with it."""
    unwanted = _UNWANTED.search(text)
    return bool(unwanted and not _NO.search(text[: unwanted.start()])) or bool(_DENIES_WANTED.search(text))


def _of_criterion(criterion: CriterionOutline, now: Outline, is_bilingual: bool) -> Iterator[str]:
    params = {"code": criterion.code}
    if is_bilingual and criterion.text_vi and not criterion.text_en:
        yield _("Criterion %(code)s has no English text; English readers see the Vietnamese one.") % params
    if criterion.kind == scoring.Kind.YES_NO and _is_good_when_denied(criterion.text_vi):
        says = _("Criterion %(code)s seems to be good when answered “No”. “Yes” counts as met: word it the other way.")
        yield says % params
    if len(criterion.text_vi) > LONGEST_TEXT:
        says = _("Criterion %(code)s has %(count)d letters; beyond %(most)d it is hard to read on a phone.")
        yield says % (params | {"count": len(criterion.text_vi), "most": LONGEST_TEXT})
    if len(criterion.guidance_vi) > LONGEST_GUIDANCE:
        says = _("The guidance of %(code)s has %(count)d letters; beyond %(most)d nobody reads it in an outlet.")
        yield says % (params | {"count": len(criterion.guidance_vi), "most": LONGEST_GUIDANCE})
    if criterion.is_scored and not criterion.theme:
        yield _("Criterion %(code)s has no theme, so it counts in none.") % params
    if criterion.critical and criterion.allows_na:
        yield _("Criterion %(code)s is critical and may be “not applicable”: it can be passed over.") % params
    if criterion.critical and criterion.note_rule == Criterion.NoteRule.OPTIONAL:
        yield _("Criterion %(code)s is critical, but no note says what was seen.") % params
    if criterion.is_scored and now.weight and 100 * criterion.weight / now.weight > LARGE_SHARE:
        says = _("Criterion %(code)s alone carries more than %(most)d%% of the score.")
        yield says % (params | {"most": LARGE_SHARE})
    results = [each.result for each in criterion.options] or [each.result for each in criterion.thresholds]
    if results and criterion.is_scored and len(set(results)) == 1:
        yield _("Every answer to %(code)s gives the same result, so it tells nothing.") % params
    elif results and criterion.is_scored and max(results) < 100:
        yield _("No answer to %(code)s gives 100%%, so nobody can meet it in full.") % params
    steps = [each.result for each in criterion.thresholds]
    if _is_sound(criterion) and steps not in (sorted(steps), sorted(steps, reverse=True)):
        yield _("The results of %(code)s go up and down as the number grows. Is that meant?") % params
