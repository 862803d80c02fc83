"""Grade the same class again and again: by more workers and fewer, in one order and another.

``python tests/grading/gradings.py 10`` grades ten times and stops when one comes out otherwise.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import small_class

from grading import steps
from grading.workspace import Workspace

WORKERS = (1, 2, 4)


def gradings(work: Workspace, count: int, seed: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Run a class so many times; yields the number of workers, and what was kept for each student.

    That is all that nbgrader is given, but for the time that it took.
    """
    rng = np.random.default_rng(seed)
    everybody = steps.submissions(work, [small_class.CHAPTER])
    for workers in islice(cycle(WORKERS), count):
        shutil.rmtree(work.cache, ignore_errors=True)
        order = [everybody[place] for place in rng.permutation(len(everybody))]
        with small_class.current(work):
            outcomes = list(steps.execute(order, work, workers))
        kept = {each.submission.student: _kept(work, each) for each in outcomes}
        assert len(kept) == len(everybody)
        yield workers, kept


def _kept(work: Workspace, outcome: steps.Outcome) -> str:
    assert not outcome.problem, outcome
    record = json.loads(work.kept(outcome.key).read_text(encoding="utf-8"))
    return json.dumps({part: record[part] for part in record if part != "seconds"})


def main() -> None:
    """Grade so many times, and stop when one comes out otherwise."""
    count = int(sys.argv[1]) if sys.argv[1:] else 10
    with tempfile.TemporaryDirectory(prefix="gradings-") as name:
        work = small_class.make(Path(name) / "work")
        first: dict[str, str] = {}
        for number, (workers, kept) in enumerate(gradings(work, count, seed=1), start=1):
            first = first or kept
            other = [student for student in kept if kept[student] != first[student]]
            print(f"{number}: {workers} workers, {len(kept)} results; others than first: {other}")
            assert not other


if __name__ == "__main__":
    main()
