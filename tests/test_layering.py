"""Imports run one way: grading → course → exercises → estimators → models, rules → … → logspace."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A part may import the parts of the lines above it, and itself.
LAYERS = (
    {"logspace"},
    {"distributions"},
    {"models", "rules"},
    {"estimates", "random_rules"},
    {"annealing", "estimators", "fitting", "modes"},
    {"bounds"},
    {"exercises"},
    {"course"},
)
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
PARTS = sorted({path.stem for path in (ROOT / "lgm").iterdir() if path.suffix in {"", ".py"}})


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """What a file imports, each with whether that is inside a function."""
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), inside=False)


def _imports(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            # `from lgm import logspace` imports lgm.logspace.
            yield from ((f"{child.module}.{alias.name}", inside) for alias in child.names)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, inside or function)


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "lgm").parts[0].removesuffix(".py")


for_each_file = pytest.mark.parametrize(
    "path", files("lgm"), ids=lambda path: str(path.relative_to(ROOT))
)


@pytest.mark.parametrize("part", [part for part in PARTS if part[0] != "_" and part != "py"])
def test_every_part_has_a_place_in_the_picture(part):
    assert part in LEVEL, f"say in {Path(__file__).name} which layer lgm.{part} belongs to"


@for_each_file
def test_a_part_imports_lower_parts_only(path):
    part = part_of(path)
    for name, inside in imports(path):
        home = name.split(".")
        if home[0] != "lgm" or part == "__init__":
            continue
        assert len(home) > 1, "importing lgm itself goes round in a circle"
        if home[1] != part:
            assert home[1] in LEVEL, f"{name} is loaded lazily: import it from its own module"
            assert LEVEL[home[1]] < LEVEL[part], name
        assert part != "course" or home[1] == "course" or inside, (
            f"{name} does not exist where a submission runs: import it where it is needed"
        )
        assert part != "course" or home[1] in {"course", "exercises"}, name


@for_each_file
def test_nothing_in_the_package_imports_the_graders_side(path):
    outside = {name.split(".")[0] for name, _ in imports(path)}
    assert not outside & {"grading", "nbgrader", "nbconvert", "nbclient", "jupyter_client", "tests"}


# A notebook draws and displays as well.
@pytest.mark.parametrize(
    "path",
    [path for path in files("lgm") if part_of(path) != "course"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_mathematics_needs_numpy_and_scipy_alone(path):
    foreign = {name.split(".")[0] for name, _ in imports(path)} - {"lgm", "numpy", "scipy"}
    assert foreign <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "path", files("lgm", "grading"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_that_arrives_is_unpickled_or_executed(path):
    names = {name.split(".")[0] for name, _ in imports(path)}
    assert not names & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "runpy", "code"}
    calls = [
        node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    assert not {call.id for call in calls if isinstance(call, ast.Name)} & {"eval", "exec"}


def loaded_by(statement: str) -> set[str]:
    """The modules that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}; import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_loads_nothing_until_it_is_used():
    loaded = loaded_by("import lgm")
    assert not {"numpy", "scipy", "matplotlib"} & loaded
    assert not {name for name in loaded if name.startswith("lgm.")}


def test_using_the_package_loads_no_statistics_that_take_a_second():
    assert "scipy.stats" not in loaded_by("import lgm; lgm.logsumexp; lgm.Mixture; lgm.Normal")


def test_every_public_name_can_be_loaded():
    statement = "import lgm; [getattr(lgm, name) for name in lgm.__all__]"
    loaded = loaded_by(statement)
    assert "lgm.logspace" in loaded
    assert not {name for name in loaded if name.startswith(("lgm.exercises", "lgm.course"))}


def test_a_worker_loads_neither_nbgrader_nor_figures():
    # It imports the program that started it, and what it has to do.
    loaded = loaded_by("import grading.__main__, grading.results")
    assert not {"nbgrader", "nbconvert", "matplotlib.pyplot", "scipy.stats"} & loaded
