"""The source notebooks keep the promises that the course makes for each of them."""

import ast
import functools
import re
import tomllib
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
    bugs = [
        (tag.removeprefix("bug:"), cell.source)
        for cell in code(chapter)
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("bug:")
    ]
    assert len(bugs) == prose(chapter).count("Find the bug")
    for mistaken, source in bugs:
        exercise, _, name = mistaken.rpartition(".")
        (mistake,) = (m for m in catalogue()[exercise].misconceptions if m.name == name)
        assert mistake.source.strip() in source


QUIZ = {
    (chapter, int(number)): question
    for chapter, questions in tomllib.loads(
        (Path(__file__).parent / "quiz.toml").read_text(encoding="utf-8")
    ).items()
    for number, question in questions.items()
}
LETTERS = "abcd"


def quiz(chapter: str) -> dict[int, tuple[dict[str, str], str]]:
    """The questions by number: the options by letter, and the letter of the right one."""
    text = prose(chapter).partition("## Quiz")[2].partition("## Going further")[0]
    _, *parts = re.split(r"^\*\*(\d)\.", text, flags=re.MULTILINE)
    asked = {}
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        question, _, answer = part.partition("<details>")
        options = dict(re.findall(r"\(([a-d])\) (.+?)\.?(?=  |$)", question, re.MULTILINE))
        asked[int(number)] = options, re.search(r"\(([a-d])\)", answer)[1]
    return asked


def number_shown(option: str) -> float | None:
    """The number that an option is, such as 0.33 or -2 + log 0.9; None for words."""
    plain = option.strip("$").replace("−", "-")
    constant, _, argument = plain.partition(r" + \log ")
    try:
        return float(constant) + (np.log(float(argument)) if argument else 0.0)
    except ValueError:
        return None


@CHAPTER
def test_an_option_of_the_quiz_is_a_mistake_of_the_bank_or_errs_about_an_idea(chapter):
    asked = quiz(chapter)
    assert {(chapter[3:], number) for number in asked} == {
        key for key in QUIZ if key[0] == chapter[3:]
    }
    for number, (options, right) in asked.items():
        assert "".join(options) == LETTERS
        question = QUIZ[chapter[3:], number]
        named = {letter: question[letter] for letter in LETTERS if letter in question}
        for name in named.values():
            function, _, mistake = name.partition(".")
            bank = catalogue()[f"{chapter[3:]}.{function}"].misconceptions
            assert mistake in {entry.name for entry in bank}, name
        assert bool(set(LETTERS) - {right, *named}) == ("ideas" in question), (number, named)


@pytest.mark.parametrize("key", [key for key in QUIZ if "arguments" in QUIZ[key]])
def test_a_number_of_the_quiz_is_what_the_mistake_gives(key):
    question = QUIZ[key]
    (chapter,) = (chapter for chapter in chapters() if chapter[3:] == key[0])
    options, right = quiz(chapter)[key[1]]
    names = {letter: question[letter].partition(".") for letter in LETTERS if letter in question}
    (function,) = {name[0] for name in names.values()}
    exercise = catalogue()[f"{key[0]}.{function}"]
    answers = {mistake.name: mistake.implementation for mistake in exercise.misconceptions}
    for letter, option in options.items():
        answer = exercise.reference if letter == right else answers[names[letter][2]]
        shown = number_shown(option)
        if shown is not None:
            with np.errstate(all="ignore"):
                output = answer(*map(np.array, question["arguments"]))
            given = functools.reduce(getitem, question["place"], output)
            assert f"{given:.2f}" == f"{shown:.2f}", option


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
