"""A class with attackers in it, graded by the real command, and what became of everything."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import matplotlib as mpl
from attack import CANARY, CHAPTER, CLASSMATES, Attack, hand_in_class
from nbgrader.api import Gradebook

from grading.executor import VERDICT_TYPE
from grading.workspace import WORK_VARIABLE, Workspace

__all__ = ["LEFT_BEHIND", "Classroom", "bait", "hashes", "listener"]

_COMMAND = (sys.executable, "-m", "grading")
PORTS = range(58000, 59000)  # which an attacker tries
LEFT_BEHIND = "was_here"
"""What an attacker's file is called that it leaves where it should not be able to write."""


@dataclass(frozen=True)
class Classroom:
    """An instructor's machine.

    Attributes
    ----------
    root : Path
        Holds the instructor's home, a folder for temporary files, and the work folder.
    """

    root: Path

    @property
    def work(self) -> Workspace:
        return Workspace(self.root / "work")

    @property
    def home(self) -> Path:
        return self.root / "home"

    def set_up(self, attackers: Sequence[Attack], seed: int) -> None:
        """Release a chapter, let the class hand in, and lay out what nobody may read or change."""
        self.work.root.mkdir(parents=True)
        (self.work.root / "seed").write_text(f"{seed}\n", encoding="ascii")
        self.run("release", CHAPTER)
        hand_in_class(self.work.root, list(attackers), self.work.root)
        bait(self.root, self.work.release, self.work.gradebook)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type ``lgm-grade``."""
        mine = {
            WORK_VARIABLE: str(self.work.root),
            "HOME": str(self.home),
            # Otherwise each home would get a list of fonts of its own, which takes long to make.
            "MPLCONFIGDIR": mpl.get_cachedir(),
            "LGM_CANARY": CANARY,
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.run(
            [*_COMMAND, *arguments],
            env=os.environ | mine,
            capture_output=True,
            text=True,
            check=False,
        )

    def verdicts(self, student: str) -> dict[str, dict[str, Any]]:
        """What the judge said on each function, as the graded notebook shows it."""
        return {
            cell["metadata"]["nbgrader"]["grade_id"].removeprefix("check_"): record
            for cell in self.graded(student)["cells"]
            for output in cell.get("outputs", [])
            if (record := output.get("data", {}).get(VERDICT_TYPE))
            and cell["metadata"].get("nbgrader", {}).get("grade")
        }

    def graded(self, student: str) -> dict[str, Any]:
        """The graded notebook."""
        path = self.work.autograded / student / CHAPTER / f"{CHAPTER}.ipynb"
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return notebook

    def points(self) -> dict[str, dict[str, float | None]]:
        """What the gradebook says, by student and function."""
        with Gradebook(self.work.gradebook) as gradebook:
            return {
                submission.student.id: {
                    grade.name.removeprefix("check_"): grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(CHAPTER)
            }

    def untouchable(self) -> dict[str, str]:
        """A hash of each file that no attacker may change, or add to."""
        folders = (self.work.release, self.work.submitted, self.root / "tmp", self.home / ".ssh")
        return hashes(*folders) | {"seed": _hash(self.work.root / "seed")}


def bait(root: Path, release: Path, gradebook: str) -> None:
    """Lay out what nobody may read: at home, among temporary files, in the course."""
    for folder in (root / "home" / ".ssh", root / "tmp", release):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret.txt").write_text(f"{CANARY}\n", encoding="ascii")
    with Gradebook(gradebook) as book:
        for name in CLASSMATES:
            book.add_student(name, first_name=CANARY)


@contextmanager
def listener() -> Iterator[None]:
    """Listen on the machine's loopback, as a database does, and tell whoever connects."""

    class Secret(BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(CANARY.encode())

    with _bound(Secret) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def _bound(handler: type[BaseRequestHandler]) -> ThreadingTCPServer:
    for port in PORTS:
        with suppress(OSError):
            return ThreadingTCPServer(("127.0.0.1", port), handler)
    raise OSError(f"no port between {PORTS.start} and {PORTS.stop} is free")


def hashes(*folders: Path) -> dict[str, str]:
    """A hash of each file in these folders."""
    return {
        str(path): _hash(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _hash(path: Path) -> str:
    status = path.stat()
    if status.st_size > 1 << 20:  # one attacker's file has a terabyte
        return f"{status.st_size} bytes, {status.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
