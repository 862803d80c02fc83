"""A class graded by lgm-grade and by plain nbgrader: the same submissions, by turns.

Both start from nothing each time: a new gradebook, no cache, every process started anew, and all
that is counted. Wall time is that of the command, processor time that of all its processes.
`make bench` writes a table to benchmarks/results/.
"""

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from rich.console import Console
from rich.table import Table

from grading.pool import cores
from grading.workspace import WORK_VARIABLE, chapter_source, exercise_of

RESULTS = Path(__file__).parent / "results"
SUBREAPER = 36
WRONG = """

_right = {name}
def {name}(*arguments):
    answer = _right(*arguments)
    return tuple(1.01 * np.asarray(part) for part in answer) if isinstance(answer, tuple) else (
        1.01 * np.asarray(answer)
    )
"""


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds for each submission."""

    wall: float
    processor: float


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "chapters", nargs="*", default=["03_discrete_marginal", "08_mixtures_and_em"]
    )
    options = parser.parse_args()
    # Whoever outlives its parent is then ours, and its time is counted.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    table = Table(
        title=f"{options.students} submissions, {cores()} cores; seconds per submission, "
        f"medians of {options.rounds} alternating rounds"
    )
    for column in ("chapter", "what", "nbgrader", "lgm-grade", "ratio"):
        table.add_column(column)
    for chapter in options.chapters:
        costs: dict[str, list[Cost]] = {"nbgrader": [], "lgm-grade": []}
        for _ in range(options.rounds):
            costs["nbgrader"].append(plain(chapter, options.students))
            costs["lgm-grade"].append(ours(chapter, options.students))
        for what in ("wall", "processor"):
            theirs, own = (median(getattr(c, what) for c in costs[name]) for name in costs)
            row = (f"{theirs:.2f}", f"{own:.2f}", f"{theirs / own:.1f}")
            table.add_row(chapter, f"{what} time", *row)
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "graders.txt").open("w", encoding="utf-8") as file:
        Console(file=file, width=100).print(table)


def plain(chapter: str, students: int) -> Cost:
    """Let nbgrader grade a class, as it comes."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        (course / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'plain'\n", encoding="utf-8"
        )
        source = course / "source" / chapter / f"{chapter}.ipynb"
        source.parent.mkdir(parents=True)
        shutil.copy(chapter_source(chapter), source)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        run([*nbgrader, "generate_assignment", chapter], course)
        hand_in(course / "submitted", chapter, students, course / "release")
        return run([*nbgrader, "autograde", chapter], course, students)


def ours(chapter: str, students: int) -> Cost:
    """Let lgm-grade grade the same class."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        command = [str(Path(sys.executable).with_name("lgm-grade")), "--work", name]
        run([*command, "release", chapter], work)
        hand_in(work / "submitted", chapter, students, work / "release")
        return run([*command, "autograde", chapter], work, students)


def hand_in(submitted: Path, chapter: str, students: int, release: Path) -> None:
    """Of three students one is right, one is wrong in everything, and one hands in nothing new."""
    for number in range(students):
        notebook = answers(chapter, number) if number % 3 < 2 else blank(release, chapter)
        notebook.cells.append(new_markdown_cell(f"Handed in by number {number}."))
        path = submitted / f"student{number:04}" / chapter / f"{chapter}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def answers(chapter: str, number: int) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(chapter_source(chapter), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for answer, test in pairwise(cells):
        if number % 3 == 1 and (name := exercise_of(test.source)):
            answer.source += WRONG.format(name=name.rpartition(".")[2])
    return notebook


def blank(release: Path, chapter: str) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(release / chapter / f"{chapter}.ipynb", as_version=4)
    return notebook


def run(command: list[str], folder: Path, students: int = 1) -> Cost:
    """Run a command to its end, and to that of all that it started."""
    before, start = processor(), time.perf_counter()
    # nbgrader looks for alembic there.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PATH": path, WORK_VARIABLE: ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    for _ in orphans():
        time.sleep(0.05)
    return Cost(wall / students, (processor() - before) / students)


def orphans() -> Iterator[None]:
    """For as long as any process is left."""
    with suppress(ChildProcessError):
        while True:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                yield


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
