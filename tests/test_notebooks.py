"""The source notebooks keep the promises that the course makes for each of them."""

import ast
import functools
import re
from operator import getitem
from pathlib import Path

import nbformat
import numpy as np
import pytest

from grading.workspace import SOURCES, chapters, exercise_of
from lgm.exercises.catalogue import CHAPTERS, catalogue

CHAPTER = pytest.mark.parametrize("chapter", chapters())
HEADINGS = [
    "What you will be able to do",
    "A question",
    "On real data",
    "Summary",
    "Mnemonic",
    "Flash cards",
    "Quiz",
    "Going further",
    "In your own words",
]


def path_of(chapter: str) -> Path:
    return SOURCES / chapter / f"{chapter}.ipynb"


def notebook(chapter: str) -> nbformat.NotebookNode:
    return nbformat.read(path_of(chapter), as_version=4)


def code(chapter: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(chapter).cells if cell.cell_type == "code"]


def prose(chapter: str) -> str:
    return "\n\n".join(c.source for c in notebook(chapter).cells if c.cell_type == "markdown")


def checked(chapter: str) -> list[str]:
    names = [exercise_of(cell.source) for cell in code(chapter) if "nbgrader" in cell.metadata]
    return [name for name in names if name]


def test_every_chapter_of_the_catalogue_has_its_notebook():
    assert [chapter[3:] for chapter in chapters()] == list(CHAPTERS)


@CHAPTER
def test_each_exercise_of_the_chapter_is_checked_once(chapter):
    exercises = [name for name in catalogue() if name.startswith(f"{chapter[3:]}.")]
    assert sorted(checked(chapter)) == sorted(exercises)


@CHAPTER
def test_solution_and_test_cells_are_named_after_the_function(chapter):
    marks = [c.metadata.nbgrader for c in code(chapter) if "nbgrader" in c.metadata]
    solutions = {mark.grade_id for mark in marks if mark.solution}
    tests = {mark.grade_id for mark in marks if mark.grade}
    functions = {name.rpartition(".")[2] for name in checked(chapter)}
    assert functions <= solutions
    assert tests == {f"check_{function}" for function in functions}


@CHAPTER
def test_a_test_cell_is_nothing_but_its_check(chapter):
    for cell in code(chapter):
        if cell.metadata.get("nbgrader", {}).get("grade"):
            name = exercise_of(cell.source)
            assert cell.source == f'check("{name}", {name.rpartition(".")[2]})'


@CHAPTER
def test_the_section_to_reread_is_a_heading(chapter):
    headings = set(re.findall(r"^#+ (.+)$", prose(chapter), re.MULTILINE))
    sections = {catalogue()[name].section for name in checked(chapter)}
    assert sections <= headings


@CHAPTER
def test_the_chapter_has_the_rhythm_of_the_course(chapter):
    headings = re.findall(r"^## (.+)$", prose(chapter), re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == HEADINGS
    tags = [tag for cell in code(chapter) for tag in cell.metadata.get("tags", [])]
    assert "predict" in tags
    assert any(tag.startswith("bug:") for tag in tags)


@CHAPTER
def test_there_are_eight_flash_cards_and_three_quiz_questions(chapter):
    text = prose(chapter)
    cards = text[text.index("## Flash cards") : text.index("## Quiz")]
    quiz = text[text.index("## Quiz") : text.index("## Going further")]
    assert cards.count("<details>") >= 8
    assert quiz.count("<details>") == 3


@CHAPTER
def test_a_bug_to_find_stands_in_the_bank(chapter):
    for cell in code(chapter):
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("bug:"):
                exercise, _, name = tag.removeprefix("bug:").rpartition(".")
                (mistake,) = (m for m in catalogue()[exercise].misconceptions if m.name == name)
                assert mistake.source.strip() in cell.source


# Questions whose options are numbers: arguments, where the asked number stands in the results, and
# what gives each option, the right answer or a mistake of the bank.
QUIZ = {
    "latent_variables.ancestral_sample": (
        ([0.75], [0.0], [0.25, 0.5, 0.25], [0.0, 1.0, 2.0], [1.0, 1.0, 1.0]),
        (0, 0),
        {"(a) 0": "compares_with_weights", "(b) 1": "border_to_the_left", "(c) 2": "right"},
    ),
    "joint_factorization.joint_table": (
        ([0.2, 0.8], [[0.5, 0.5], [0.5, 0.5]]),
        (0, 0),
        {
            "(a) 0.7": "added_instead",
            "(b) 0.5": "conditional_only",
            "(c) 0.1": "right",
            "(d) 2.5": "prior_divided_out",
        },
    ),
    "joint_factorization.log_joint": (
        ([-1.0], [[-1200.0]]),
        (0, 0),
        {
            "(a) −inf": "through_probabilities",
            "(b) −1201": "right",
            "(c) 1200": "product_of_logs",
            "(d) −1200": "likelihood_only",
        },
    ),
    "joint_factorization.conditionals": (
        ([[0.08, 0.02], [0.27, 0.63]],),
        (1, 0, 0),
        {
            "(a) 0.80": "directions_exchanged",
            "(b) 0.08": "joint_undivided",
            "(c) 0.73": "prior_forgotten",
            "(d) 0.23": "right",
        },
    ),
    "factors_and_regimes.factor_covariance": (
        ([[0.9, -0.2], [0.5, 0.6]], [0.15, 0.39]),
        (0, 1),
        {"(a) 0.33": "right", "(c) 0.57": "signs_dropped"},
    ),
}


@pytest.mark.parametrize("name", QUIZ)
def test_an_option_of_the_quiz_is_what_a_mistake_of_the_bank_gives(name):
    exercise, (args, place, options) = catalogue()[name], QUIZ[name]
    functions = {mistake.name: mistake.implementation for mistake in exercise.misconceptions}
    functions["right"] = exercise.reference
    (chapter,) = (chapter for chapter in chapters() if chapter[3:] == name.partition(".")[0])
    quiz = prose(chapter).partition("## Quiz")[2]
    for option, function in options.items():
        with np.errstate(all="ignore"):
            number = functools.reduce(getitem, place, functions[function](*map(np.array, args)))
        assert re.search(re.escape(option) + r"\.?(\s|$)", quiz, re.MULTILINE)
        assert f"{number:.2f}" == f"{float(option[4:].replace('−', '-')):.2f}", function


@CHAPTER
def test_a_notebook_imports_nothing_that_students_cannot_see(chapter):
    allowed = {"numpy", "scipy", "matplotlib", "math", "time", "lgm.course"}
    for cell in code(chapter):
        for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.M))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                assert any(name == a or name.startswith(f"{a}.") for a in allowed), name


@CHAPTER
def test_no_graded_function_calls_another(chapter):
    functions = {name.rpartition(".")[2] for name in checked(chapter)}
    for cell in code(chapter):
        own = cell.metadata.get("nbgrader", {}).get("grade_id")
        if own in functions:
            called = {n.id for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)}
            defined = {a.asname or a.name for n in ast.walk(ast.parse(cell.source))
                       if isinstance(n, ast.ImportFrom) for a in n.names}  # fmt: skip
            assert not (called - defined) & (functions - {own})


@CHAPTER
def test_every_picture_says_what_it_shows(chapter):
    for cell in code(chapter):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt) > 40, cell.source[:80]


@CHAPTER
def test_the_notebook_is_small_and_shows_no_complaint(chapter):
    assert path_of(chapter).stat().st_size < 300_000
    for cell in code(chapter):
        assert cell.execution_count
        for output in cell.outputs:
            assert output.output_type != "error"
            assert not (output.output_type == "stream" and output.name == "stderr"), output.text


@CHAPTER
def test_no_cell_keeps_when_it_ran(chapter):
    # Times differ from run to run, and would bury a change of the output in the changes of all.
    assert not [cell.id for cell in code(chapter) if "execution" in cell.metadata]


@CHAPTER
def test_every_check_in_the_source_is_passed(chapter):
    shown = [
        output.data["text/plain"]
        for cell in code(chapter)
        if exercise_of(cell.source)
        for output in cell.outputs
    ]
    assert len(shown) == len(checked(chapter))
    assert all(text.startswith("✓") for text in shown)
