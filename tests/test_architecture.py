"""The house keeps its order: who may import whom, and what must not be there at all (DESIGN §1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
OURS = ("outlets", "audits", "programme", "vnpt_smile")

# Lower layers first. A module may import from its own layer and from those before it.
LAYERS = (
    ("outlets.text", "outlets.phone", "outlets.dates", "outlets.fields", "outlets.columns", "outlets.listing"),
    ("outlets.organisation",),
    ("outlets.people",),
    ("outlets",),
    ("audits.scoring", "audits.photos", "audits.photo_answers"),
    ("audits.checklists",),
    ("audits.fieldwork",),
    ("audits.review",),
    ("audits.results",),
    ("audits",),
    ("programme",),
    ("vnpt_smile",),
)
# What gathers a layer for Django stands above it but is imported from below: models by their application's name.
GATHERS = {"outlets.models": "outlets.people", "audits.models": "audits.fieldwork"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "tools", "signals", "receivers"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def layer_of(module: str) -> int:
    module = GATHERS.get(module, module)
    matching = [
        (len(prefix), number)
        for number, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if module == prefix or module.startswith(f"{prefix}.")
    ]
    return max(matching)[1]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(module, line) of everything of ours that a file imports, `from x import y` with y where y is a module."""
    names = {name for name, _ in modules()}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found = [
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in names else str(node.module)
                for alias in node.names
            ]
        else:
            continue
        yield from ((name, node.lineno) for name in found if name.split(".")[0] in OURS)


def is_checked(module: str) -> bool:
    """Migrations follow Django's own dependencies; applications' entry files only gather."""
    return ".migrations" not in module and not module.endswith((".apps", ".admin")) and module not in GATHERS


def upward(module: str, path: Path) -> list[str]:
    return [f"{module}:{line} imports {name}" for name, line in imports(path) if layer_of(name) > layer_of(module)]


def test_imports_run_one_way():
    wrong = [each for module, path in modules() if is_checked(module) for each in upward(module, path)]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("audits.checklists.planted", "from audits.fieldwork.models import Visit"),
        ("audits.fieldwork.planted", "from audits.review import actions"),
        ("outlets.organisation.planted", "import outlets.people.models"),
        ("outlets.planted", "from audits.models import Visit"),
        ("audits.scoring", "from audits.checklists.outline import Outline"),
    ],
)
def test_an_import_against_the_order_is_found(tmp_path, module, line):
    planted = tmp_path / "planted.py"
    planted.write_text(line)
    assert upward(module, planted) != []


def graph() -> dict[str, set[str]]:
    found = {module: {name for name, _ in imports(path)} for module, path in modules() if is_checked(module)}
    return {module: {name for name in names if name in found} for module, names in found.items()}


def test_no_two_modules_import_each_other_in_a_circle():
    edges, done, circles = graph(), set(), []

    def walk(module: str, trail: tuple[str, ...]) -> None:
        if module in trail:
            circles.append(" -> ".join((*trail[trail.index(module) :], module)))
        elif module not in done:
            for name in sorted(edges[module]):
                walk(name, (*trail, module))
            done.add(module)

    for module in sorted(edges):
        walk(module, ())
    assert circles == []


def test_no_module_is_named_for_nothing_in_particular():
    assert [name for name, _ in modules() if name.rpartition(".")[2] in FORBIDDEN_NAMES] == []


def test_no_module_is_longer_than_500_lines():
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules() if ".migrations" not in name}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def test_nothing_listens_to_signals():
    words = ("@receiver", "post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed")
    found = [f"{name}: {word}" for name, path in modules() for word in words if word in path.read_text()]
    assert found == []


def test_our_own_modules_are_imported_at_the_top():
    inside = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for module, path in modules()
        if is_checked(module)
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in OURS
    ]
    assert inside == []


def test_actions_are_called_by_keyword():
    """Every public function of an `actions` module takes keywords only, so that `by=` and `at=` cannot be swapped."""
    positional = []
    for module, path in modules():
        if ".actions" not in module and not module.endswith("actions"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = node.args.posonlyargs + node.args.args
                names = {each.arg for each in node.args.kwonlyargs}
                if "by" in names and arguments:
                    positional.append(f"{module}.{node.name}")
    assert positional == []


def test_the_clock_stands_outside_actions_and_arithmetic():
    words = ("timezone.now(", "datetime.now(", "date.today(", "time.time(")
    pure = [(name, path) for name, path in modules() if ".actions" in f"{name}." or name.endswith("scoring")]
    assert pure != []
    assert [f"{name}: {word}" for name, path in pure for word in words if word in path.read_text()] == []


def test_no_page_has_an_aware_time_cut_to_its_utc_day():
    """`.date()` of an aware time is the day in UTC: the local day comes from timezone.localdate."""
    found = []
    for module, path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args
            if is_call and node.func.attr == "date":
                found.append(f"{module}:{node.lineno}")
    assert found == []


def test_the_identity_of_shoppers_is_read_by_one_module():
    users = [name for name, path in modules() if "ShopperIdentity" in path.read_text() and ".migrations" not in name]
    assert set(users) <= {"outlets.people.models", "outlets.people.identity", "outlets.models"}
