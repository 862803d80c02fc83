"""A judge that lets a changed answer pass must say why it may."""

import ast
import inspect
import signal
import textwrap
import tomllib
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
import scipy
from mutants import mutants

from grading.workspace import SOURCES, chapters
from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Stopped, judge

SEEDS = (PUBLIC_SEED, 1, 2)
SECONDS = 2  # of processor time: a changed loop may have no end
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text("utf-8"))

for_each_exercise = pytest.mark.parametrize("name", catalogue())


def notebook_of(name):
    chapter = name.partition(".")[0]
    (folder,) = (f for f in chapters() if f[3:] == chapter)
    return nbformat.read(SOURCES / folder / f"{folder}.ipynb", as_version=4)


def sources(name):
    """The reference, and the solution in the notebook, each with what its code refers to."""
    reference = catalogue()[name].reference
    yield textwrap.dedent(inspect.getsource(reference)), vars(inspect.getmodule(reference))
    scope, solution = {"np": np, "scipy": scipy}, None
    for cell in notebook_of(name).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            if cell.metadata.nbgrader.grade_id == name.rpartition(".")[2]:
                solution = cell.source
        elif cell.cell_type == "code":
            for statement in ast.parse(cell.source).body:
                if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef):
                    exec(ast.unparse(statement), scope)
    yield solution, scope


def survives(name, mutant):
    """Whether a mutant is taken for a right answer, on one of the seeds at least."""

    def give_up(*_):
        raise Stopped("timeout", "It did not come to an end.")

    without_bank = replace(catalogue()[name], misconceptions=())
    before = signal.signal(signal.SIGVTALRM, give_up)
    try:
        for seed in SEEDS:
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            verdict = judge(without_bank, Observed(mutant.function), seed)
            if verdict.fraction == 1.0:
                return True
            if verdict.status == "timeout":
                return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


@for_each_exercise
def test_a_mutant_is_rejected_or_it_is_known_why_it_is_right(name):
    tried = [mutant for source, scope in sources(name) for mutant in mutants(source, scope)]
    survivors = {mutant.statement for mutant in tried if survives(name, mutant)}
    assert len(tried) >= 3
    assert survivors == set(EQUIVALENT.get(name, {}))


def test_every_reason_is_a_sentence_about_an_exercise_that_exists():
    assert set(EQUIVALENT) <= set(catalogue())
    for reasons in EQUIVALENT.values():
        assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons.values())
