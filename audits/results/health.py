"""How the criteria of a version go: what is always met, rarely applies, or goes against the rest.

Figures are sums over published visits of some months, the same as on scorecards; of a single visit or outlet nothing is
told. What scorecards do not say, photos waived and questions asked back, is counted over the very visits that a told
cell of the criterion holds. Where too few visits stand behind a figure, nothing is concluded from it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import correlation

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audits import scoring
from audits.checklists.models import ChecklistVersion, Criterion
from audits.checklists.outline import CriterionOutline, outline
from audits.fieldwork.models import Answer, Remark
from audits.results import closing
from audits.results.blocks import Rule
from audits.results.models import Correction, PublishedVisit, UnitCriterionScore
from audits.results.second_looks import queries

ENOUGH = 30  # visits below which a share may well be chance
OUTLETS = 10  # outlets below which nothing is said of how a criterion goes with the rest
OF_OUTLET = 3  # visits that an outlet needs to be one of them
ALWAYS, RARELY, OFTEN, DISPUTED = 98, 50, 20, 3  # per cent
AGAINST = -0.2
UPHELD = 3  # second looks, each of another block


@dataclass(frozen=True)
class Health:
    """One criterion over a span. `visits` had a result; shares are whole per cent, None without visits.

    `published` visits were scored in the span; `asked` of them stand behind the shares. `relation` is the correlation,
    over outlets, of its mean result with the mean result of all the others; None where outlets are too few or all
    alike. `waived` photos are of visits with a result, `remarks` and `corrected` of all asked; the latter is None
    where the reader is not told. `upheld` are the second looks behind `corrected`, one for a block.
    """

    criterion: CriterionOutline
    published: int
    visits: int
    met: int
    partly: int
    not_applicable: int
    relation: float | None
    waived: int
    remarks: int
    corrected: int | None = None
    upheld: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def name(self) -> str:
        return self.criterion.text

    @property
    def is_few(self) -> bool:
        return self.visits < ENOUGH

    @property
    def asked(self) -> int:
        return self.visits + self.not_applicable

    @property
    def met_share(self) -> int | None:
        return _share(self.met, self.visits)

    @property
    def partly_share(self) -> int | None:
        return _share(self.partly, self.visits)

    @property
    def has_one_partly(self) -> bool:
        """One result alone lies between met and not met, so that all that are partly met are alike."""
        rule = self.criterion
        results = {each.result for each in rule.options} | {each.result for each in rule.thresholds}
        return len(results - {0, 100}) <= 1

    @property
    def is_of_part(self) -> bool:
        """Fewer visits stand behind its shares than were published."""
        return self.asked < self.published

    @property
    def na_share(self) -> int | None:
        return _share(self.not_applicable, self.asked)

    @property
    def waived_share(self) -> int | None:
        return _share(self.waived, self.visits) if self.criterion.photo == Criterion.Photo.REQUIRED else None

    @property
    def remark_share(self) -> int | None:
        return _share(self.remarks, self.asked)

    @property
    def corrected_share(self) -> int | None:
        return None if self.corrected is None else _share(self.corrected, self.asked)

    @property
    def relation_shown(self) -> str:
        """As printed: +0,31; a dash where there is none."""
        if self.relation is None:
            return "–"
        return f"{'−' if self.relation < 0 else '+'}{number_format(abs(self.relation), 2)}"

    @property
    def hints(self) -> int:
        """How many reasons there are to look at it."""
        return len(self.reasons)


def of_version(version: ChecklistVersion, first: date, last: date, *, whole: bool) -> list[Health]:
    """The scored criteria of a version over the months from `first` to `last`; `whole` for a reader of visits.

    Seven queries besides the outline's.
    """
    now = outline(version)
    cells = UnitCriterionScore.objects.filter(
        checklist=version.checklist_id, period__month__range=(first, last), unit__outlet__isnull=False
    )
    counted = cells.values("code").annotate(m=Sum("met"), p=Sum("partly"), n=Sum("not_met"), na=Sum("not_applicable"))
    sums = {code: counts for code, *counts in counted.values_list("code", "m", "p", "n", "na")}
    published = PublishedVisit.objects.filter(
        block__checklist=version.checklist_id, block__period__month__range=(first, last), percent__isnull=False
    )
    relations = _relations(cells)
    waived, remarks = _waived(published), _asked_back(published)
    corrected = _corrected(published, Rule(1, 1) if whole else closing.rule())
    upheld = queries.upheld_by_code(published.order_by().values("block"))
    published_visits = published.count()
    found = []
    for criterion in now.criteria:
        if criterion.is_scored:
            met, partly, not_met, not_applicable = sums.get(criterion.code, (0, 0, 0, 0))
            plain = Health(
                criterion=criterion,
                published=published_visits,
                visits=met + partly + not_met,
                met=met,
                partly=partly,
                not_applicable=not_applicable,
                relation=relations.get(criterion.code),
                waived=waived.get(criterion.code, 0),
                remarks=remarks.get(criterion.code, 0),
                corrected=corrected.get(criterion.code, 0 if whole else None),
                upheld=upheld.get(criterion.code, 0) if whole or criterion.code in corrected else 0,
            )
            found.append(_judged(plain))
    return found


def _told(rows: QuerySet, published: QuerySet[PublishedVisit], visit: str) -> QuerySet:
    """Those of `rows` whose visit is one of `published` and in a cell that closing tells of their criterion.

    `visit` is the lookup that leads from a row to its visit.
    """
    cells = UnitCriterionScore.objects.filter(
        unit=OuterRef(f"{visit}__published__block__outlet"),
        checklist=OuterRef(f"{visit}__published__block__checklist"),
        period=OuterRef(f"{visit}__published__block__period"),
        code=OuterRef("criterion__code"),
    ).filter(Q(met__gt=0) | Q(partly__gt=0) | Q(not_met__gt=0))
    scored = rows.exclude(criterion__kind__in=(Criterion.Kind.RATING, Criterion.Kind.TEXT))
    return scored.filter(Exists(cells), **{f"{visit}__in": published.values("visit")})


def _waived(published: QuerySet[PublishedVisit]) -> dict[str, int]:
    """By code, the told visits with a result whose photo was waived. One query."""
    corrected = Correction.objects.filter(
        revision__published__visit=OuterRef("visit"), criterion=OuterRef("criterion")
    ).order_by("-revision__number")
    rows = Answer.objects.exclude(photo_waiver="").filter(result__isnull=False)
    rows = rows.alias(now=Coalesce(Subquery(corrected.values("value")[:1]), "value")).exclude(
        now=scoring.NOT_APPLICABLE
    )
    told = _told(rows, published, "visit")
    return dict(told.values_list("criterion__code").annotate(Count("pk")).order_by())


def _asked_back(published: QuerySet[PublishedVisit]) -> dict[str, int]:
    """By code, the told visits in which a reviewer asked back. One query."""
    told = _told(Remark.objects.all(), published, "visit")
    return dict(told.values_list("criterion__code").annotate(Count("visit", distinct=True)).order_by())


def _corrected(published: QuerySet[PublishedVisit], rule: Rule) -> dict[str, int]:
    """By code, the told visits in which it counts otherwise since publication; where they are too few by `rule`, none.

    One query.
    """
    visit = "revision__published__visit"
    told = _told(Correction.objects.all(), published, visit).order_by().values_list("criterion__code")
    counted = told.annotate(Count(visit, distinct=True), Count(f"{visit}__shopper", distinct=True))
    return {code: some for code, some, shoppers in counted if some >= rule.visits and shoppers >= rule.shoppers}


def _judged(health: Health) -> Health:
    return replace(health, reasons=tuple(_reasons(health)))


def _reasons(health: Health) -> Iterator[str]:
    """Why somebody should look at it: nothing is said of few visits."""
    if health.is_few:
        return
    if health.met_share is not None and health.met_share >= ALWAYS:
        yield _("Nearly always met: it does not tell outlets apart.")
    if health.partly_share is not None and health.partly_share >= ALWAYS and health.has_one_partly:
        yield _("Nearly always partly met: it does not tell outlets apart.")
    elif health.met == 0:
        yield _("Never met: perhaps nobody can meet it as it is worded.")
    if health.na_share is not None and health.na_share >= RARELY:
        yield _("Does not apply in most visits.")
    if health.relation is not None and health.relation <= AGAINST:
        yield _("Goes against the rest: where it is met, other things are not.")
    if health.waived_share is not None and health.waived_share >= OFTEN:
        yield _("The photo is often waived: perhaps it cannot be taken.")
    if health.remark_share is not None and health.remark_share >= OFTEN:
        yield _("Reviewers often ask back: perhaps it is understood in different ways.")
    if health.corrected_share is not None and health.corrected_share >= DISPUTED:
        yield _("Often corrected after publication: perhaps its wording leaves room for doubt.")
    elif health.upheld >= UPHELD:
        yield _("Several units were right to ask for a second look: perhaps its wording leaves room for doubt.")


def _relations(cells) -> dict[str, float]:
    """By code, the correlation over outlets with the rest, where there is one. One query."""
    outlets: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows = cells.values("unit", "code").annotate(n=Sum("met") + Sum("partly") + Sum("not_met"), r=Sum("results"))
    for unit, code, visits, results in rows.values_list("unit", "code", "n", "r"):
        if visits >= OF_OUTLET:
            outlets[unit][code] = (visits, results)
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for of_outlet in outlets.values():
        whole = (sum(n for n, _r in of_outlet.values()), sum(r for _n, r in of_outlet.values()))
        for code, (visits, results) in of_outlet.items():
            if whole[0] > visits:
                pairs[code].append((results / visits, (whole[1] - results) / (whole[0] - visits)))
    return {code: found for code, some in pairs.items() if (found := _correlation(some)) is not None}


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    if len(pairs) < OUTLETS:
        return None
    own, rest = zip(*pairs, strict=True)
    if len(set(own)) == 1 or len(set(rest)) == 1:
        return None
    return correlation(own, rest)


def _share(part: int, whole: int) -> int | None:
    return (200 * part + whole) // (2 * whole) if whole else None
