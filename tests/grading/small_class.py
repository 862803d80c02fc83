"""A few of the simulated students, with one chapter: what can be graded again and again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grading import sample_class, steps
from grading.workspace import WORK_VARIABLE, Workspace

__all__ = ["CHAPTER", "MEMBERS", "current", "make"]

CHAPTER = "02_joint_factorization"
# Right, partly right, wrong, not there, not readable, broken; two have handed in the very same.
MEMBERS = (
    "perfect",
    "special_cases_missed",
    "mistakes",
    "blank",
    "crash",
    "not_json",
    "partly_done",
    "same_mistakes",
    "returns_none",
    "error_elsewhere",
    "late",
    "warns",
)


@contextmanager
def current(work: Workspace) -> Iterator[None]:
    """Make it the work folder of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WORK_VARIABLE, str(work.root))
        yield


def make(root: Path, members: int = len(MEMBERS)) -> Workspace:
    """Release the chapter into a new work folder, and let the first so many hand in."""
    work = Workspace(root)
    with current(work):
        steps.release(CHAPTER)
        left = list(MEMBERS[:members])
        for student in sample_class.make(work, [CHAPTER]):
            member = student.name.partition("_")[2]
            if member in left:
                left.remove(member)  # of several with the same name, the first
            else:
                shutil.rmtree(work.submitted / student.name)
    assert not left, left
    assert work.seed
    return work
