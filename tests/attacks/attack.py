"""The attacks: what hostile and careless students hand in, and the verdicts they must get.

Each is one file. ``NAME.ipy`` is what a student writes where `log_marginal` is asked for;
``NAME.py`` has a function ``hand_in(notebook, path)`` that writes a file, or whatever it leaves
there. Both begin with what is tried, and with the verdicts on the four functions of the chapter:
the first is answered rightly, the second is the attacker's, the third is answered wrongly, and the
fourth not at all.
"""

import copy
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

__all__ = [
    "CANARY",
    "CHAPTER",
    "CLASSMATES",
    "POINTS",
    "TARGET",
    "Attack",
    "answered",
    "attacks",
    "hand_in_class",
]

CHAPTER = "03_discrete_marginal"
POINTS = {"logsumexp": 4, "log_marginal": 3, "responsibilities": 4, "dataset_log_likelihood": 3}
TARGET = "log_marginal"
CANARY = "canary-58213"  # lies wherever an attacker should not read

IMPORTS = "import numpy as np\nimport scipy\n\nfrom lgm.course import check"
RIGHT = {
    "logsumexp": "return scipy.special.logsumexp(a, axis=axis)",
    "log_marginal": "return scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0)",
    "responsibilities": "return scipy.special.softmax(log_prior[:, None] + log_lik, axis=0)",
    "dataset_log_likelihood": "return np.sum(log_marginal(log_prior, log_lik))",
}
WRONG = "return scipy.special.softmax(log_prior[:, None] + log_lik, axis=1)"
CLASSMATES: Mapping[str, Mapping[str, str]] = {
    "a_able": RIGHT,
    "m_middling": {**RIGHT, "responsibilities": WRONG, "dataset_log_likelihood": "return 0.0"},
    "z_idle": {},
}
"""Honest students, graded before, between and after the attackers, and what they answer."""


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes
    ----------
    path : Path
        Its file, in a folder named after what is attacked.
    """

    path: Path

    @property
    def name(self) -> str:
        """Also the student's."""
        return self.path.stem

    @property
    def kind(self) -> str:
        """What is attacked."""
        return self.path.parent.name

    @cached_property
    def _header(self) -> list[str]:
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [line.removeprefix("#").strip() for line in lines[: lines.index("")]]

    @property
    def about(self) -> str:
        """What is tried, in a sentence."""
        return " ".join(self._header[:-1])

    @property
    def verdicts(self) -> dict[str, frozenset[str]]:
        """The statuses that each function may get; empty if there is nothing to grade."""
        label, _, statuses = self._header[-1].partition(": ")
        assert label == "verdicts", f"{self.path} does not say which verdicts it must get"
        if statuses == "not graded":
            return {}
        allowed = (frozenset(word.split("|")) for word in statuses.split())
        return dict(zip(POINTS, allowed, strict=True))

    def hand_in(self, release: Path, folder: Path, course: Path) -> None:
        """Hand in.

        Parameters
        ----------
        release : Path
            What was released.
        folder : Path
            The student's own.
        course : Path
            The folder that the attacker is told everything lies in.
        """
        answers = {
            **dict.fromkeys(("logsumexp", TARGET)),
            "responsibilities": WRONG,
        }
        notebook = answered(release, {name: body or RIGHT[name] for name, body in answers.items()})
        notebook.cells.insert(1, new_code_cell(f"COURSE = {str(course)!r}", id="course"))
        path = _place(folder)
        if self.path.suffix == ".ipy":
            _cell(notebook, TARGET).source = self.path.read_text(encoding="utf-8")
            nbformat.write(notebook, path)
        else:
            runpy.run_path(str(self.path))["hand_in"](notebook, path)


def attacks() -> list[Attack]:
    """All of them, by kind and name."""
    here = Path(__file__).parent
    return [Attack(path) for path in sorted(here.glob("*/*.*")) if path.suffix in (".py", ".ipy")]


def hand_in_class(work: Path, attackers: list[Attack], course: Path) -> None:
    """Let the honest classmates hand in, and the attackers among them."""
    release = work / "release" / CHAPTER / f"{CHAPTER}.ipynb"
    for name, answers in CLASSMATES.items():
        notebook = answered(release, answers)
        notebook.cells[0].source += f"\n# {CANARY}"
        nbformat.write(notebook, _place(work / "submitted" / name))
    for attack in attackers:
        attack.hand_in(release, work / "submitted" / attack.name, course)


def answered(path: Path, answers: Mapping[str, str]) -> NotebookNode:
    """A notebook without its prose and figures, some of its functions written."""
    notebook = nbformat.read(path, as_version=4)
    # A student need not import all that the figures need, and it takes most of the time.
    imports = new_code_cell(IMPORTS, id="imports")
    notebook.cells = [imports, *(cell for cell in notebook.cells if "nbgrader" in cell.metadata)]
    for name, body in answers.items():
        cell = _cell(notebook, name)
        cell.source = f"{cell.source.splitlines()[0]}\n    {body}"
    return copy.deepcopy(notebook)


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def _place(folder: Path) -> Path:
    path = folder / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    (path.parent / "timestamp.txt").write_text(f"{datetime(2026, 9, 14)} UTC\n", encoding="ascii")
    return path
