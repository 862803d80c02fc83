"""The source notebooks keep the promises that the course makes for each of them."""

import ast
import re
from pathlib import Path

import nbformat
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
def test_every_check_in_the_source_is_passed(chapter):
    shown = [
        output.data["text/plain"]
        for cell in code(chapter)
        if exercise_of(cell.source)
        for output in cell.outputs
    ]
    assert len(shown) == len(checked(chapter))
    assert all(text.startswith("✓") for text in shown)
