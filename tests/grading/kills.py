"""Kill what grades a class, again and again, and see whether anybody notices.

``python tests/grading/kills.py 100`` kills a hundred times and prints what was killed. The command,
one of its workers (the judge lives there) or a fork server is killed at a random moment. What has
ended is started again until it says that all is done; then everything must be as in a class that
nobody has disturbed. A kernel is never killed from outside: that could not be told from a student
who kills it.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import small_class
from fuzz import pick
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from grading import forkserver
from grading.results import verdicts
from grading.steps import submissions
from grading.workspace import Workspace

SUBREAPER = 36
SECONDS_TO_END = 30.0
COMMAND = (sys.executable, "-m", "grading", "--work")
KINDS = ("command", "worker", "fork server")


@dataclass(frozen=True)
class Kill:
    """What was killed, and whether the gradebook held anything of the class already."""

    what: str
    recording: bool


@dataclass(frozen=True)
class Graded:
    """All that grading a class has come to, by student, and how long it took."""

    points: dict[str, dict[str, float | None]]
    verdicts: dict[str, Any]
    seconds: float = field(default=0.0, compare=False)


def graded(work: Workspace) -> Graded:
    """What the gradebook says, and what the graded notebooks say."""
    chapter = small_class.CHAPTER
    with Gradebook(work.gradebook) as gradebook:
        points = {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(chapter)
        }
    everybody = submissions(work, [chapter])
    return Graded(
        points, {each.student: verdicts(each.path(work.autograded)) for each in everybody}
    )


def undisturbed(work: Workspace) -> Graded:
    """Grade a copy of a class as it is meant to be done."""
    copy = _copied(work, work.root.with_name("undisturbed"))
    started = time.monotonic()
    with _running(copy) as command:
        assert command.wait() == 0
    seconds = time.monotonic() - started
    truth = replace(graded(copy), seconds=seconds)
    everybody = {each.student for each in submissions(copy, [small_class.CHAPTER])}
    assert set(truth.points) == everybody
    assert None not in truth.verdicts.values()
    return truth


def kills(work: Workspace, truth: Graded, count: int, seed: int) -> Iterator[Kill]:
    """Kill so many times while copies of a class are graded.

    Raises
    ------
    AssertionError
        If a class comes out otherwise than it should, or not at all, or a process stays.
    """
    rng = np.random.default_rng(seed)
    done = 0
    while done < count:
        copy = _copied(work, work.root.with_name("disturbed"))
        ended: int | None = None
        while ended != 0:
            with _running(copy) as command:
                killed, longest = 0, truth.seconds
                while done < count and command.poll() is None:
                    with suppress(subprocess.TimeoutExpired):
                        command.wait(rng.uniform(0.0, longest))
                        break
                    longest = truth.seconds / 4  # one kill follows another
                    if what := _kill(psutil.Process(command.pid), rng):
                        killed, done = killed + 1, done + 1
                        yield Kill(what, any(copy.autograded.glob("*/*/*.ipynb")))
                ended = command.wait()
            assert killed or ended == 0, f"left in peace, the command returned {ended}"
        outcome = graded(copy)
        assert outcome == truth, _differences(outcome, truth)


def _differences(outcome: Graded, truth: Graded) -> str:
    """What a class has come to, and what it should have, where that is not the same."""
    pairs = ((outcome.points, truth.points), (outcome.verdicts, truth.verdicts))
    return "\n".join(
        f"{student}: {got.get(student)}, not {wanted.get(student)}"
        for got, wanted in pairs
        for student in sorted(got | wanted)
        if got.get(student) != wanted.get(student)
    )


def _copied(work: Workspace, root: Path) -> Workspace:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(work.root, root)
    return Workspace(root)


@contextmanager
def _running(work: Workspace) -> Iterator["subprocess.Popen[bytes]"]:
    """The command at work; nothing of it is left afterwards."""
    before = set(psutil.Process().children(recursive=True))
    # Whoever outlives its parent becomes our child, where we find it.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    try:
        with subprocess.Popen(
            [*COMMAND, str(work.root), "autograde", small_class.CHAPTER],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as command:
            yield command
        deadline = time.monotonic() + SECONDS_TO_END
        while left := set(psutil.Process().children(recursive=True)) - before:
            psutil.wait_procs(left, timeout=0.2)
            assert time.monotonic() < deadline, f"still there: {left}"
    finally:
        ctypes.CDLL(None).prctl(SUBREAPER, 0)


def _kill(command: psutil.Process, rng: np.random.Generator) -> str | None:
    """Kill something, of a kind that is chosen first; None if it was gone before."""
    workers = _children(command, "spawn_main")
    # Those of the workers alone: a kernel that a fork server made has the same command line.
    servers = [each for worker in workers for each in _children(worker, forkserver.__file__)]
    found = dict(zip(KINDS, ([command], workers, servers), strict=True))
    kind = pick(rng, [kind for kind in KINDS if found[kind]])
    with suppress(psutil.NoSuchProcess):
        pick(rng, found[kind]).kill()
        return kind
    return None


def _children(process: psutil.Process, mark: str) -> list[psutil.Process]:
    """Those whose command line has a mark in it."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in process.children():
            with suppress(psutil.NoSuchProcess):
                if mark in " ".join(child.cmdline()):
                    found.append(child)
    return found


def main() -> None:
    """Kill so many times, and print what was killed."""
    count = int(sys.argv[1]) if sys.argv[1:] else 100
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        tempfile.tempdir = os.environ["TMPDIR"] = f"{name}/tmp"
        Path(tempfile.tempdir).mkdir()
        work = small_class.make(Path(name) / "work")
        truth = undisturbed(work)
        counted = Counter(kills(work, truth, count, seed=1))
        left = len(list(Path(tempfile.tempdir).iterdir()))
    table = Table(
        title=f"{len(truth.points)} submissions in, {len(truth.points)} out, all as undisturbed: "
        f"{counted.total()} kills in {time.monotonic() - started:.0f} s; "
        f"{left} temporary folders were left"
    )
    for column in ("killed", "nothing recorded yet", "something recorded"):
        table.add_column(column)
    for what in KINDS:
        table.add_row(what, *(str(counted[Kill(what, begun)]) for begun in (False, True)))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
