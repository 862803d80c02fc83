"""What grading adds to the cells of a submission, and how it grows with the class.

Four tables: running and judging a submission against the same cells in a kernel that is warm
already; what a check takes beside the student's own function; what a second worker is worth; a
class of growing size, with its memory. What a larger class takes is computed from these, not
measured. `make bench` writes the tables to benchmarks/results/.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import nbformat
import psutil
from graders import RESULTS, Cost, hand_in, run
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from rich.console import Console
from rich.table import Table

from grading import executor
from grading.needed import idle_cells
from grading.pool import cores, spread
from grading.results import Task, judged
from grading.workspace import chapter_source, chapters, exercise_of

SEED = 5
LARGER = (10_000, 1_000_000)
TIMED = """
from time import perf_counter as _now

_own = 0.0

def _timed(function):
    def call(*arguments):
        global _own
        start = _now()
        try:
            return function(*arguments)
        finally:
            _own += _now() - start
    return call
"""


def main() -> None:
    """Measure, print, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chapter", default="03_discrete_marginal", help="that the class hands in")
    options = parser.parse_args()
    if len(set(options.students)) < 2:
        parser.error("--students needs two sizes at least: larger classes are computed from them")
    tables = [
        beside_the_cells(options.rounds),
        beside_the_function(options.rounds),
        pool(options.chapter, min(options.students)),
        growth(options.chapter, sorted(options.students)),
    ]
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "scaling.txt").open("w", encoding="utf-8") as file:
        for table in tables:
            Console(file=file, width=120).print(table)


def beside_the_cells(rounds: int) -> Table:
    """Run and judge each chapter's solutions, and run the same cells in a warm kernel.

    Once the cells that a verdict needs, which is all that runs if the others are handed in word for
    word, and once all of them.
    """
    table = Table(title=f"seconds for one submission, medians of {rounds} alternating rounds")
    for column in ("chapter", "needed cells", "run and judged", "ratio",
                   "all cells", "run and judged", "ratio"):  # fmt: skip
        table.add_column(column)
    for chapter in chapters():
        figures = []
        for idle in (idle_cells(chapter_source(chapter)), frozenset[str]()):
            source = solved(chapter)
            task = Task(nbformat.writes(source), SEED, idle, "any")
            cells = [c for c in source.cells if c.cell_type == "code" and c.source not in idle]
            with warm(cells) as again:
                times = [
                    (timed(again), timed(lambda task=task: judged(task))) for _ in range(rounds)
                ]
            bare, ours = map(median, zip(*times, strict=True))
            figures += [f"{bare:.2f}", f"{ours:.2f}", f"{ours / bare:.2f}"]
        table.add_row(chapter, *figures)
    return shown(table)


@contextmanager
def warm(cells: Sequence[NotebookNode]) -> Iterator[Callable[[], object]]:
    """A kernel that has run these cells once; yields what runs them again."""
    notebook = new_notebook(cells=cells)
    client = NotebookClient(notebook, kernel_name="python3", record_timing=False)
    # It warns of what it does not need here.
    with client.setup_kernel(stderr=subprocess.DEVNULL):

        def again() -> None:
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)

        again()
        yield again


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def beside_the_function(rounds: int) -> Table:
    """What the check of each graded function takes, less the time inside the function."""
    found: dict[str, list[float]] = {}
    for chapter in chapters():
        for _ in range(rounds):
            notebook = solved(chapter)
            for cell in list(notebook.cells):
                if name := exercise_of(cell.source):
                    function = name.rpartition(".")[2]
                    cell.source = f'_start = _now()\ncheck("{name}", _timed({function}))'
                    place = notebook.cells.index(cell)
                    after = f'print("{name}", _now() - _start - _own)'
                    notebook.cells.insert(place + 1, new_code_cell(after))
                    notebook.cells.insert(place, new_code_cell(TIMED))
            executor.run(notebook, SEED, idle=idle_cells(chapter_source(chapter)))
            for cell in notebook.cells:
                if cell.source.startswith("print(") and cell.source.endswith("_own)"):
                    name, seconds = cell.outputs[0].text.split()
                    found.setdefault(name, []).append(1000.0 * float(seconds))
    costs = sorted((median(times), name) for name, times in found.items())
    table = Table(title=f"milliseconds of a check beside the function, {len(costs)} functions")
    for column in ("smallest", "median", "largest", "which"):
        table.add_column(column)
    (least, _), (most, name) = costs[0], costs[-1]
    table.add_row(f"{least:.0f}", f"{median(cost for cost, _ in costs):.0f}", f"{most:.0f}", name)
    return shown(table)


def pool(chapter: str, students: int) -> Table:
    """Run and judge a class, without reading and recording, on one worker and on all cores."""
    source, idle = solved(chapter), idle_cells(chapter_source(chapter))
    text = nbformat.writes(source)
    tasks = [Task(text, SEED, idle, str(number)) for number in range(students)]
    rates = []
    for workers in (1, cores()):
        answers = spread(judged, tasks, workers)
        # While these come, every worker starts and warms itself.
        for _ in range(2 * workers):
            next(answers)
        rates.append((students - 2 * workers) / timed(lambda answers=answers: list(answers)))
    table = Table(title=f"{students} submissions of {chapter} run and judged, start left out")
    for column in ("workers", "a second", "of as many times one"):
        table.add_column(column)
    for workers, rate in zip((1, cores()), rates, strict=True):
        table.add_row(str(workers), f"{rate:.2f}", f"{rate / rates[0] / workers:.0%}")
    return shown(table)


@dataclass
class Watched:
    """What was seen of the command and its workers: megabytes at most, and the command's time."""

    command: float = 0.0
    worker: float = 0.0
    serial: float = 0.0


@dataclass(frozen=True)
class Graded:
    """A class that was graded."""

    students: int
    workers: int
    cost: Cost
    seen: Watched

    @property
    def minutes(self) -> float:
        return self.cost.wall * self.students / 60.0


def growth(chapter: str, sizes: Sequence[int]) -> Table:
    """Grade classes of several sizes by the command, on all cores."""
    classes = [graded(chapter, size, cores()) for size in sizes]
    table = Table(title=f"a class that hands in {chapter}")
    for column in ("submissions", "workers", "minutes", "seconds each", "processor seconds each",
                   "of these the command's", "MB command", "MB worker"):  # fmt: skip
        table.add_column(column)
    for each in classes:
        table.add_row(
            f"{each.students:,}", str(each.workers), f"{each.minutes:.1f}",
            f"{each.cost.wall:.2f}", f"{each.cost.processor:.2f}",
            f"{each.seen.serial / each.students:.2f}",
            f"{each.seen.command:.0f}", f"{each.seen.worker:.0f}",
        )  # fmt: skip
    first, last = classes[0], classes[-1]
    # What each one more takes: the start is left out.
    more = last.students - first.students
    slope = (last.minutes - first.minutes) / more
    serial = (last.seen.serial - first.seen.serial) / more / 60.0
    for count in LARGER:
        on_these = last.minutes + slope * (count - last.students)
        # However many workers there are, one process reads and records.
        on_many = last.seen.serial / 60.0 + serial * (count - last.students)
        table.add_row(f"{count:,}", str(cores()), f"{on_these:,.0f} (computed)")
        table.add_row(f"{count:,}", "any number", f"{on_many:,.0f} at least (computed)")
    return shown(table)


def graded(chapter: str, students: int, workers: int) -> Graded:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        command = [sys.executable, "-m", "grading", "--work", name]
        run([*command, "release", chapter], work)
        hand_in(work / "submitted", chapter, students, work / "release")
        with watched() as seen:
            cost = run([*command, "autograde", chapter, "--workers", str(workers)], work, students)
    return Graded(students, workers, cost, seen)


@contextmanager
def watched() -> Iterator[Watched]:
    """Look every half second at the command and its workers."""
    seen, over = Watched(), threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    line = " ".join(process.cmdline())
                    megabytes = process.memory_info().rss / 2**20
                    if "-m grading" in line:
                        seen.command = max(seen.command, megabytes)
                        seen.serial = sum(process.cpu_times()[:2])
                    elif "spawn_main" in line:
                        seen.worker = max(seen.worker, megabytes)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def solved(chapter: str) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(chapter_source(chapter), as_version=4)
    return notebook


def shown(table: Table) -> Table:
    Console().print(table)
    return table


if __name__ == "__main__":
    main()
