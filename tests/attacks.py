"""What somebody learns who combines published figures: the equations behind them, and of whom they speak.

`words` are the visits of a block, a letter for each criterion: "-" where it did not count, anything else is an unknown.

`checklist()` and `visits_of()` make such visits; `random_block()` draws one that the rule lets through.
"""

from datetime import timedelta
from itertools import combinations

import pytest

from audits import scoring
from audits.checklists.models import Checklist, ChecklistVersion, Criterion, Section, Theme
from audits.results.folding import BlockVisit
from tests import plans, worlds

numpy = pytest.importorskip("numpy", reason="NumPy comes with SciPy in requirements-dev.txt")


def equations(read_cells, words, rng):
    """What each cell makes of each unknown: a matrix of unknowns by cells, and the visit of each unknown."""
    unknowns = [(visit, place) for visit, word in enumerate(words) for place, x in enumerate(word) if x != "-"]
    tried, said = [], []
    for _ in range(len(unknowns) + 12):
        answers = [[rng.choice("yn") if x != "-" else "-" for x in word] for word in words]
        tried.append([float(answers[visit][place] == "y") for visit, place in unknowns] + [1.0])
        said.append(read_cells(answers))
    names = sorted({name for each in said for name in each})
    outputs = numpy.array([[each.get(name, 0) for name in names] for each in said], dtype=float)
    found = numpy.linalg.lstsq(numpy.array(tried), outputs, rcond=None)[0][:-1]
    size = numpy.abs(found).max(axis=0)
    found = found[:, size > 1e-2] / size[size > 1e-2]  # cells that speak of no answer, and all on one scale
    return found, [visit for visit, _place in unknowns]


def tells(matrix, visit_of, some):
    """Whether some combination of the cells speaks of these visits and of no others."""
    inside = numpy.array([visit in some for visit in visit_of], dtype=bool)
    if not inside.any() or not matrix.size:
        return False
    _u, sizes, rows = numpy.linalg.svd(matrix[~inside], full_matrices=True) if not inside.all() else (0, [], None)
    null = numpy.eye(matrix.shape[1]) if rows is None else rows[int((numpy.array(sizes) > 1e-3).sum()) :].T
    return bool(null.size and numpy.abs(matrix[inside] @ null).max() > 5e-3)


def told(matrix, visit_of, shoppers, rule):
    """Sets of visits that the rule means to hide and that the cells tell: fewer than it asks for, or of too few
    shoppers."""
    everyone = range(len(shoppers))
    few = [set(some) for size in range(1, rule.visits) for some in combinations(everyone, size)]
    for size in range(1, rule.shoppers):
        for names in combinations(sorted(set(shoppers)), size):
            few.append({visit for visit in everyone if shoppers[visit] in names})
    return [some for some in few if tells(matrix, visit_of, some)]


def checklist():
    """Two sections of two and three criteria, a theme across them, unlike weights, one criterion critical."""
    made = plans.checklist(is_running=False)
    version = made.versions.get()
    theme = Theme.objects.create(code="smile", name_vi="Nụ cười", name_en="Smile", position=1)
    section = Section.objects.create(version=version, code="B", name_vi="Phục vụ", position=2)
    for number, (weight, critical) in enumerate([(2, True), (2, False), (5, False)], start=1):
        Criterion.objects.create(
            version=version,
            section=section,
            code=f"B{number}",
            position=number,
            text_vi=f"Tiêu chí B{number}",
            kind=Criterion.Kind.YES_NO,
            weight=weight,
            critical=critical,
            allows_na=True,
            theme=theme if number == 1 else None,
        )
    version.criteria.filter(code="A1").update(theme=theme)
    ChecklistVersion.objects.filter(pk=version.pk).update(
        state=ChecklistVersion.State.PUBLISHED, published_at=worlds.NOW - timedelta(days=365)
    )
    return made


def shapes(rng):
    """Which criteria apply in each visit of a block, as letters: "-" for not applicable, "y" for the others."""
    codes = range(5)
    often = rng.choice([0.05, 0.2, 0.5])
    return ["".join("-" if rng.random() < often else "y" for _ in codes) for _ in range(rng.choice([3, 4, 4, 5, 6, 7]))]


def visits_of(asked, words, shoppers):
    critical = {criterion.code for criterion in asked.criteria if criterion.critical}
    given = {"y": "yes", "n": "no", "-": "na"}
    return [
        BlockVisit(
            shopper,
            scoring.score(
                asked.rules,
                [scoring.Answer(rule.code, given[letter]) for rule, letter in zip(asked.rules, word, strict=True)],
                asked.bands,
            ),
            critical,
        )
        for word, shopper in zip(words, shoppers, strict=True)
    ]


def random_block(rng, rule):
    """N/A letters and shoppers of a block that the rule lets through."""
    while True:
        words = shapes(rng)
        shoppers = [rng.randrange(3) for _ in words]
        if rule.hides([who for word, who in zip(words, shoppers, strict=True) if word.strip("-")]):
            return words, shoppers


def asked_checklist():
    return Checklist.objects.get()
