"""A class graded by lgm-grade, by nbgrader and by otter-grader: the same submissions, by turns.

All start from nothing each time: a new gradebook, no cache, every process started anew, and all
that is counted. Wall time is that of the command, processor time that of all its processes.
otter-grader knows a class only with Docker; without, its command is typed for each submission.
It asks our judge, too, but inside the student's process. `make bench` writes a table to
benchmarks/results/.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from psutil import disk_partitions
from rich.console import Console
from rich.table import Table

from grading.pool import cores
from grading.workspace import WORK_VARIABLE, chapter_source, exercise_of

RESULTS = Path(__file__).parent / "results"
OTTER = Path(__file__).parents[1] / ".venv-otter" / "bin"
NBGRADER = (sys.executable, "-m", "nbgrader")
WRONG = """

_right = {name}
def {name}(*arguments):
    answer = _right(*arguments)
    return tuple(1.01 * np.asarray(part) for part in answer) if isinstance(answer, tuple) else (
        1.01 * np.asarray(answer)
    )
"""

OTTER_TEST = """
OK_FORMAT = False
from otter.test_files import test_case
name = "{exercise}"
points = 1

@test_case()
def right({name}):
    from lgm.exercises.catalogue import catalogue
    from lgm.exercises.exercise import judge
    assert judge(catalogue()["{exercise}"], {name}, 7).fraction == 1.0
"""


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds for each submission."""

    wall: float
    processor: float


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument(
        "--first",
        type=int,
        default=12,
        help="how many of them the others grade, who take one after another and always as long",
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "chapters", nargs="*", default=["03_discrete_marginal", "08_mixtures_and_em"]
    )
    options = parser.parse_args()
    table = Table(
        title=f"{options.students} submissions to lgm-grade, the first {options.first} of them to "
        f"the others; {cores()} cores; seconds per submission, medians of {options.rounds} "
        "alternating rounds"
    )
    graders = {"nbgrader": plain, "otter-grader": otter, "lgm-grade": ours}
    for column in ("chapter", "what", *graders, "nbgrader ÷ ours", "otter ÷ ours"):
        table.add_column(column)
    for chapter in options.chapters:
        costs: dict[str, list[Cost]] = {name: [] for name in graders}
        for _ in range(options.rounds):
            for name, grade in graders.items():
                students = options.students if grade is ours else options.first
                costs[name].append(grade(chapter, students))
        for what in ("wall", "processor"):
            *theirs, own = (median(getattr(c, what) for c in costs[name]) for name in graders)
            figures = [f"{each:.2f}" for each in (*theirs, own)]
            ratios = [f"{each / own:.1f}" for each in theirs]
            table.add_row(chapter, f"{what} time", *figures, *ratios)
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "graders.txt").open("w", encoding="utf-8") as file:
        Console(file=file, width=120).print(table)


def plain(chapter: str, students: int) -> Cost:
    """Let nbgrader grade a class, as it comes."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        hand_in(course / "submitted", chapter, students, released(course, chapter))
        cost = run([*NBGRADER, "autograde", chapter], course, students, may_fail=True)
        graded = len(list((course / "autograded").rglob("*.ipynb")))
        if graded < students:
            print(f"nbgrader graded {graded} of {students}")
    return cost


def released(course: Path, chapter: str) -> Path:
    """Make a course for plain nbgrader, and release a chapter; returns the folder of releases."""
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'plain'\n", encoding="utf-8"
    )
    source = course / "source" / chapter / f"{chapter}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copy(chapter_source(chapter), source)
    run([*NBGRADER, "generate_assignment", chapter], course)
    return course / "release"


def otter(chapter: str, students: int) -> Cost:
    """Let otter-grader grade the class, one after another."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        submitted, release = course / "submitted", released(course, chapter)
        hand_in(submitted, chapter, students, release)
        tests = course / "tests"
        tests.mkdir()
        for cell in nbformat.read(chapter_source(chapter), as_version=4).cells:
            if exercise := exercise_of(cell.source):
                function = exercise.rpartition(".")[2]
                text = OTTER_TEST.format(exercise=exercise, name=function)
                (tests / f"{function}.py").write_text(text, encoding="utf-8")
        generate = [OTTER / "otter", "generate", "-t", tests, "-o", "autograder.zip"]
        run([*generate, "--no-requirements", "--no-environment"], course)
        grade = [OTTER / "otter", "run", "--no-logo", "-a", "autograder.zip"]
        costs = [run([*grade, path], course) for path in sorted(submitted.rglob("*.ipynb"))]
    return Cost(fmean(cost.wall for cost in costs), fmean(cost.processor for cost in costs))


def ours(chapter: str, students: int) -> Cost:
    """Let lgm-grade grade the same class."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        command = [sys.executable, "-m", "grading", "--work", name]
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


def run(
    command: Sequence[str | Path], folder: Path, students: int = 1, may_fail: bool = False
) -> Cost:
    """Run a command to its end, and to that of all that it started."""
    # nbgrader looks for alembic there, and otter-grader for itself.
    path = f"{Path(command[0]).parent}:{os.environ['PATH']}"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PATH": path, WORK_VARIABLE: ""}
    # As usual: what is compiled is kept.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with control_group() as group:
        join = ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', group, *command]
        start = time.perf_counter()
        done = subprocess.run(
            join, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        wall = time.perf_counter() - start
        if done.returncode != 0 and not may_fail:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
        while "populated 1" in (group / "cgroup.events").read_text():
            time.sleep(0.05)
        used = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return Cost(wall / students, int(used["usage_usec"]) / 1e6 / students)


@contextmanager
def control_group() -> Iterator[Path]:
    """One that counts the time of all its processes.

    What `wait` counts leaves out whoever ends together with a process namespace, as a kernel in a
    jail does.
    """
    mounted = [part.mountpoint for part in disk_partitions(all=True) if part.fstype == "cgroup2"]
    try:
        group = Path(mounted[0]) / f"lgm-{os.getpid()}"
        group.mkdir()
    except (IndexError, OSError):
        sys.exit("processor time is counted by a control group (version 2), which only root makes")
    try:
        yield group
    finally:
        (group / "cgroup.kill").write_text("1")
        while "populated 1" in (group / "cgroup.events").read_text():
            time.sleep(0.05)
        group.rmdir()


if __name__ == "__main__":
    main()
