"""A whole class, graded by the real command; made once, since it takes minutes."""

import os
import subprocess
import sys
from typing import NamedTuple

import pytest

from grading import sample_class, steps
from grading.workspace import WORK_VARIABLE, Workspace, chapters


class GradedClass(NamedTuple):
    work: Workspace
    students: list[sample_class.Student]
    command: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory):
    work = Workspace(tmp_path_factory.mktemp("work"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WORK_VARIABLE, str(work.root))
        for chapter in chapters():
            steps.release(chapter)
        students = sample_class.make(work, chapters())
    command = subprocess.run(
        [sys.executable, "-m", "grading", "--work", str(work.root), "autograde"],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return GradedClass(work, students, command)
