"""Cells that no verdict needs are told from those that one does."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading import executor
from grading.needed import idle_cells
from grading.workspace import chapter_source, chapters, exercise_of

SEED = 5


def marked(source, **marks):
    cell = new_code_cell(source)
    cell.metadata.nbgrader = {"grade_id": "any", "schema_version": 3, **marks}
    return cell


@pytest.fixture
def source(tmp_path):
    def written(*cells):
        notebook = new_notebook(
            cells=[cell if not isinstance(cell, str) else new_code_cell(cell) for cell in cells]
        )
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ipynb"
        nbformat.write(notebook, path)
        return path

    return written


ANSWER = marked("def answer(x):\n    return [helper(y) for y in np.abs(x)]", solution=True)


@pytest.mark.parametrize(
    "needed",
    [
        "import numpy as np",
        "from somewhere import helper",
        "def helper(y): return y",
        "helper = abs",
        "if True:\n    helper = abs",
        "for helper in [abs]: pass",
        "class helper: pass",
        "first, (helper, *rest) = abs, (abs, 1)",
        "%matplotlib inline\nhelper = abs",
    ],
)
def test_a_cell_that_binds_what_an_answer_names_is_needed(source, needed):
    assert idle_cells(source(needed, ANSWER)) == set()


@pytest.mark.parametrize(
    "idle",
    [
        "print(answer(1))",
        "def show(helper):\n    y = helper\n    return y",
        "figure = lambda: helper",
        "[helper for helper in [1]]",
        "np.random",
    ],
)
def test_a_cell_that_only_uses_names_is_idle(source, idle):
    assert idle_cells(source(ANSWER, idle)) == {idle}


def test_need_is_passed_on(source):
    cells = ["base = 2", "def helper(y): return inner(y)", "def inner(y): return base", "base + 1"]
    assert idle_cells(source(*cells, ANSWER)) == {"base + 1"}


def test_of_two_cells_with_the_same_text_both_are_run_if_one_is_needed(source):
    twice = "helper = abs"
    assert idle_cells(source(twice, ANSWER, twice, "other = 1")) == {"other = 1"}


@pytest.mark.parametrize("chapter", chapters())
def test_without_its_idle_cells_a_chapter_earns_all_its_points(chapter):
    path = chapter_source(chapter)
    notebook, idle = nbformat.read(path, as_version=4), idle_cells(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(idle) > len(code) / 2
    result = executor.run(notebook, SEED, idle=idle)
    assert [verdict.status for verdict in result.verdicts.values()] == ["correct"] * sum(
        exercise_of(cell.source) is not None for cell in code
    )
    # Had a name been missing, all cells would have been run, and these have outputs.
    assert not any(cell.outputs for cell in code if cell.source in idle)


def test_a_function_that_needs_an_idle_cell_gets_it():
    path = chapter_source("03_discrete_marginal")
    idle = "hidden = 'nobody knew that an answer would need this'"
    notebook = nbformat.read(path, as_version=4)
    for index, cell in reversed(list(enumerate(notebook.cells))):
        if cell.cell_type == "code" and "def log_marginal" in cell.source:
            cell.source = cell.source.replace("### BEGIN SOLUTION", "assert hidden")
            notebook.cells.insert(index, new_code_cell(idle))
    result = executor.run(notebook, SEED, idle=idle_cells(path) | {idle})
    assert {verdict.status for verdict in result.verdicts.values()} == {"correct"}
