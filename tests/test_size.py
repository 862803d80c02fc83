"""The mathematics stays small enough to be read in an afternoon."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import lgm

ROOT = Path(lgm.__file__).parent
FILES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in {"course", "exercises"}
)
SCREEN = 50  # lines


def documentation(node):
    """Lines of the docstring that a function, class or module begins with."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return set(range(first.lineno, first.end_lineno + 1))
    return set()


def definitions(tree, *kinds):
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def lines_of_code(path):
    """Lines that are neither empty, nor a comment, nor part of a docstring."""
    text = path.read_text(encoding="utf-8")
    prose = set()
    for node in definitions(ast.parse(text), ast.Module, ast.ClassDef, ast.FunctionDef):
        prose |= documentation(node)
    lines = enumerate(text.splitlines(), start=1)
    return sum(1 for n, line in lines if n not in prose and line.strip() and line.strip()[0] != "#")


def test_the_mathematics_has_few_lines():
    # Not counted: the files that only list what a folder offers.
    assert sum(lines_of_code(path) for path in FILES if path.name != "__init__.py") <= 1200


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_in_the_head(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path):
    for function in definitions(ast.parse(path.read_text(encoding="utf-8")), ast.FunctionDef):
        length = function.end_lineno - function.lineno + 1 - len(documentation(function))
        assert length <= SCREEN, function.name


def test_there_are_few_names_to_learn():
    assert len(lgm.__all__) <= 40


@pytest.mark.parametrize("name", lgm.__all__)
def test_every_name_comes_with_an_example_that_runs(name):
    assert ">>> " in inspect.getdoc(getattr(lgm, name))


def test_the_package_loads_little_beyond_the_parts_of_scipy_that_it_uses():
    """The best of five, so that what else the machine does is left out as far as it can be."""
    scipy = "import scipy.linalg, scipy.optimize, scipy.spatial.distance, scipy.special"
    everything = "import lgm; [getattr(lgm, name) for name in lgm.__all__]"

    def seconds(statement):
        code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return float(run.stdout)

    beyond = min(seconds(f"{scipy}; {everything}") for _ in range(5)) - min(
        seconds(scipy) for _ in range(5)
    )
    assert beyond < 0.3
