"""A class of simulated students, so that the whole of grading can be tried before it counts.

Each of them fills in the released notebooks in some way of their own: rightly, wrongly, or not at
all; with mistakes from the bank; with code that loops, crashes, or asks for all memory; in files
that are no notebooks. Each carries what it must score, so that a run of the real pipeline can be
compared with it cell by cell.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from grading.workspace import SOURCES, Workspace, exercise_of
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Exercise, Misconception, judge

__all__ = ["DUE", "Student", "make"]

DUE = datetime(2026, 9, 14, 18, 0)
"""When a chapter is due, if the gradebook does not say; in UTC."""

# How many students get a share of the bank: two for each chapter, who between them make a mistake
# in every function. With ten chapters the class hands in 59 notebooks.
_MISTAKEN = 6
_SHARE = 3  # everybody's share of the chapters is a third, unless it is more or less
# The modules that an entry of the bank may use, beside the numpy that every notebook imports.
_MODULES = ("scipy", "math")


@dataclass(frozen=True)
class Student:
    """One simulated student.

    Attributes
    ----------
    name : str
        Says what is special about it, for example ``"s16_endless_loop"``.
    expected : mapping of str to mapping of str to float
        By chapter and test cell, the points that it must get. Cells that are graded by hand are
        not among them: nobody touched these.
    mistakes : mapping of str to mapping of str to tuple of str
        By chapter and test cell, the mistakes that must be named. Only where there are any.
    """

    name: str
    expected: Mapping[str, Mapping[str, float]]
    mistakes: Mapping[str, Mapping[str, tuple[str, ...]]]


def make(work: Workspace, chapters: Sequence[str]) -> list[Student]:
    """Write what a class of simulated students hands in, from the released notebooks.

    Files of the same students are overwritten, those of others left alone. Chapters without a due
    date get one, so that somebody can be late.

    Parameters
    ----------
    work : Workspace
        Its release folder must hold the chapters.
    chapters : sequence of str
        What to hand in. Some students hand in all of it, some a single chapter.

    Returns
    -------
    list of Student

    Raises
    ------
    ValueError
        If no chapter is asked for.
    """
    if not chapters:
        raise ValueError("a class needs at least one chapter to hand in, got none")
    _set_due_dates(work, chapters)
    released = [_Chapter(name, work) for name in chapters]
    students = []
    for index, member in enumerate(_members(), start=1):
        name = f"s{index:02}_{member.name}"
        papers = [_Paper(chapter) for chapter in _handed_in(member, index, released)]
        for paper in papers:
            member.fill(paper)
            paper.write(work, name)
        students.append(
            Student(
                name,
                {paper.chapter.name: paper.expected for paper in papers},
                {paper.chapter.name: paper.mistakes for paper in papers},
            )
        )
    return students


def _set_due_dates(work: Workspace, chapters: Sequence[str]) -> None:
    with Gradebook(work.gradebook) as gradebook:
        for name in chapters:
            assignment = gradebook.find_assignment(name)
            assignment.duedate = assignment.duedate or DUE
        gradebook.db.commit()


@dataclass(frozen=True)
class _Task:
    """One graded function of a chapter."""

    function: str
    test: str  # the test cell
    points: float
    exercise: Exercise
    solution: str  # as the source notebook has it


@dataclass(frozen=True)
class _Chapter:
    """A released chapter, and what it takes to answer it."""

    name: str
    work: Workspace

    @cached_property
    def notebook(self) -> NotebookNode:
        return _read(self.work.release / self.name / f"{self.name}.ipynb")

    @cached_property
    def tasks(self) -> tuple[_Task, ...]:
        solutions = self._solutions()
        tests = [cell for cell in self.notebook.cells if _marks(cell).get("grade")]
        return tuple(
            _Task(
                function=(function := name.rpartition(".")[2]),
                test=cell.metadata.nbgrader.grade_id,
                points=float(cell.metadata.nbgrader.points),
                exercise=catalogue()[name],
                solution=solutions[function],
            )
            for cell in tests
            if (name := exercise_of(cell.source)) is not None
        )

    def _solutions(self) -> dict[str, str]:
        source = _read(SOURCES / self.name / f"{self.name}.ipynb")
        return {
            cell.metadata.nbgrader.grade_id: "\n".join(
                line for line in cell.source.splitlines() if not line.strip().startswith("### ")
            )
            for cell in source.cells
            if _is_answer(cell)
        }

    @cached_property
    def least_used(self) -> _Task:
        """The task whose function the notebook's other cells call least: loops cost less there."""
        others = [c.source for c in self.notebook.cells if c.cell_type == "code" and not _marks(c)]
        return min(self.tasks, key=lambda task: sum(f"{task.function}(" in o for o in others))


class _Paper:
    """A submission in the making: a notebook, and what each of its test cells must score."""

    def __init__(self, chapter: _Chapter) -> None:
        self.chapter = chapter
        self.notebook = deepcopy(chapter.notebook)
        self.text: str | None = None  # the file's content, if it is not this notebook
        self.handed_in = DUE - timedelta(hours=5)
        self.expected = dict.fromkeys((task.test for task in chapter.tasks), 0.0)
        self.mistakes: dict[str, tuple[str, ...]] = {}

    def answer(self, task: _Task, source: str, fraction: float) -> None:
        """Write an answer that must get this share of the points."""
        self.notebook.cells[self.place(task.function)].source = source
        self.expected[task.test] = round(fraction * task.points, 2)

    def answer_rightly(self, *tasks: _Task) -> None:
        """Write the source notebook's own answer."""
        for task in tasks:
            self.answer(task, task.solution, 1.0)

    def answer_by(self, mistake: Misconception, task: _Task) -> None:
        """Write an answer from the bank, which must get what the judge says when asked here."""
        imports = "".join(f"import {name}\n" for name in _MODULES if f"{name}." in mistake.source)
        source = mistake.source.replace(f"def {mistake.name}(", f"def {task.function}(", 1)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            verdict = judge(task.exercise, mistake.implementation, self.chapter.work.seed)
        self.answer(task, imports + source, verdict.fraction)
        if verdict.misconceptions:
            self.mistakes[task.test] = verdict.misconceptions

    def insert(self, source: str) -> None:
        """Put a cell of the student's own before the first answer."""
        first = next(i for i, cell in enumerate(self.notebook.cells) if _is_answer(cell))
        self.notebook.cells.insert(first, new_code_cell(source, id="own"))

    def place(self, grade_id: str) -> int:
        """Where a cell is."""
        cells = enumerate(self.notebook.cells)
        return next(place for place, cell in cells if _marks(cell).get("grade_id") == grade_id)

    def write(self, work: Workspace, student: str) -> None:
        """Hand in."""
        folder = work.submitted / student / self.chapter.name
        folder.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(self.notebook) if self.text is None else self.text
        (folder / f"{self.chapter.name}.ipynb").write_text(text, encoding="utf-8")
        (folder / "timestamp.txt").write_text(f"{self.handed_in} UTC\n", encoding="ascii")


# --- the members of the class ------------------------------------------------------------------


@dataclass(frozen=True)
class _Member:
    name: str
    fill: Callable[[_Paper], None]
    hands_in: Literal["all", "one", "first"] | int = "one"  # a number: each third, from there on


def _members() -> tuple[_Member, ...]:
    return (
        _Member("perfect", _perfect, "all"),
        _Member("blank", lambda paper: None, 0),
        _Member("partly_done", _partly_done, 1),
        *(_Member("mistakes", partial(_mistaken, turn=k), k // 2) for k in range(_MISTAKEN)),
        # The very same file twice, as it happens: it need not be run twice.
        _Member("same_mistakes", partial(_mistaken, turn=0), 0),
        _Member("out_of_memory", partial(_one_replaced, body="return np.ones(10**12)")),
        _Member("endless_loop", partial(_one_replaced, body="while True:\n    pass")),
        _Member("returns_none", partial(_one_replaced, body="pass")),
        _Member("hostile_message", partial(_one_replaced, body=f"raise ValueError({_SCRIPT!r})")),
        _Member("crash", _crash),
        _Member("warns", partial(_all_wrapped, line="warnings.warn('an old habit', stacklevel=2)")),
        _Member("prints", partial(_all_wrapped, line="print('shape, type, value: ' * 100)")),
        _Member("loop_elsewhere", partial(_extra_cell, source="while True:\n    pass")),
        _Member("error_elsewhere", partial(_extra_cell, source="1 / 0")),
        _Member("redefines_check", _redefines_check),
        _Member("test_deleted", _test_deleted),
        _Member("test_twice", _test_twice),
        _Member("not_json", partial(_no_notebook, text="The dog ate my notebook.\n")),
        _Member("empty_file", partial(_no_notebook, text="")),
        _Member("old_format", _old_format),
        _Member("late", _late),
        _Member("only_first_chapter", _perfect, "first"),
        _Member("special_cases_missed", _special_cases_missed),
    )


_SCRIPT = "</pre><script>document.title = 'mine'</script><img src=x onerror=alert(1)>[bold]"


def _handed_in(member: _Member, index: int, released: Sequence[_Chapter]) -> Sequence[_Chapter]:
    if member.hands_in == "all":
        return released
    if isinstance(member.hands_in, int):
        return released[member.hands_in % min(_SHARE, len(released)) :: _SHARE]
    return [released[0 if member.hands_in == "first" else index % len(released)]]


def _perfect(paper: _Paper) -> None:
    paper.answer_rightly(*paper.chapter.tasks)


def _partly_done(paper: _Paper) -> None:
    tasks = paper.chapter.tasks
    paper.answer_rightly(*tasks[: (len(tasks) + 1) // 2])


def _mistaken(paper: _Paper, turn: int) -> None:
    """Answer one function rightly and the others by mistakes that the class has not made yet."""
    tasks = paper.chapter.tasks
    cycle = max(2, len(tasks))
    for place, task in enumerate(tasks):
        if (turn + place) % cycle == 0:
            paper.answer_rightly(task)
        else:
            bank = task.exercise.misconceptions
            before = sum((earlier + place) % cycle != 0 for earlier in range(turn))
            paper.answer_by(bank[before % len(bank)], task)


def _special_cases_missed(paper: _Paper) -> None:
    """Answer by the mistakes that earn part of the points, where the bank has such."""
    for task in paper.chapter.tasks:
        for mistake in task.exercise.misconceptions:
            paper.answer_by(mistake, task)
            if 0 < paper.expected[task.test] < task.points:
                break
        else:
            paper.mistakes.pop(task.test, None)
            paper.answer_rightly(task)


def _one_replaced(paper: _Paper, body: str) -> None:
    """Answer all rightly but one."""
    _perfect(paper)
    paper.answer(paper.chapter.least_used, _function(paper.chapter.least_used, body), 0.0)


def _crash(paper: _Paper) -> None:
    """End the process: what was judged before it counts, and there is nothing after it."""
    tasks = paper.chapter.tasks
    middle = len(tasks) // 2
    paper.answer_rightly(*tasks[:middle])
    for task in tasks[middle:]:
        paper.answer(task, _function(task, "import os\nos._exit(0)"), 0.0)


def _all_wrapped(paper: _Paper, line: str) -> None:
    """Answer rightly, and do something besides."""
    for task in paper.chapter.tasks:
        kept = f"_answer_{task.function}"
        wrapper = _function(task, f"{line}\nreturn {kept}(*args)")
        source = f"import warnings\n\n{task.solution}\n\n\n{kept} = {task.function}\n\n\n{wrapper}"
        paper.answer(task, source, 1.0)


def _function(task: _Task, body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"def {task.function}(*args):\n{lines}"


def _extra_cell(paper: _Paper, source: str) -> None:
    """Answer rightly, with something wrong in a cell that is not graded."""
    _perfect(paper)
    paper.insert(source)


def _redefines_check(paper: _Paper) -> None:
    """Answer rightly, but never come before the judge."""
    _perfect(paper)
    paper.insert("def check(name, function):\n    print('Correct!')")
    paper.expected = dict.fromkeys(paper.expected, 0.0)


def _test_deleted(paper: _Paper) -> None:
    _perfect(paper)
    del paper.notebook.cells[paper.place(paper.chapter.tasks[-1].test)]


def _test_twice(paper: _Paper) -> None:
    _perfect(paper)
    place = paper.place(paper.chapter.tasks[0].test)
    twin = deepcopy(paper.notebook.cells[place])
    # As Jupyter does when a cell is copied: all of it but its own id.
    twin.id = "twin"
    paper.notebook.cells.insert(place, twin)


def _no_notebook(paper: _Paper, text: str) -> None:
    paper.text = text


def _old_format(paper: _Paper) -> None:
    _perfect(paper)
    paper.text = nbformat.writes(paper.notebook, version=3)


def _late(paper: _Paper) -> None:
    """Hand in late, with the first mistake of the bank in every function."""
    for task in paper.chapter.tasks:
        paper.answer_by(task.exercise.misconceptions[0], task)
    paper.handed_in = DUE + timedelta(days=2)


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _marks(cell: NotebookNode) -> Mapping[str, object]:
    marks: Mapping[str, object] = cell.metadata.get("nbgrader", {})
    return marks


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and _marks(cell).get("solution"))
