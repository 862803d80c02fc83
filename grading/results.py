"""Results of submissions: what they depend on, how they are made, kept, and read again.

Workers import this module and nothing of nbgrader's.
"""

import hashlib
import inspect
import json
import platform
import secrets
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import lgm
from grading import executor, forkserver, jail, judge, kernels, needed
from grading.executor import VERDICT_TYPE, Result, run
from grading.needed import idle_cells
from grading.workspace import Workspace, chapter_source, exercise_of
from lgm.exercises.exercise import Verdict

__all__ = ["KEY", "Task", "content_key", "judged", "keep", "load", "run_cached", "verdicts"]

KEY = "lgm_result"  # in a graded notebook's metadata: which result it shows


@dataclass(frozen=True)
class Task:
    """A sanitized submission that is to be run: all that a worker needs to know of it.

    Attributes
    ----------
    notebook : str
        As a file would hold it. Its locked cells must have been overwritten from the source.
    seed : int
        The course's secret.
    idle : frozenset of str
        The cells that need not run.
    key : str
        A hash of everything that the result depends on.
    """

    notebook: str
    seed: int
    idle: frozenset[str]
    key: str

    @classmethod
    def of(cls, notebook: NotebookNode, chapter: str, work: Workspace) -> "Task":
        """What has to be done for a chapter's submission."""
        source = chapter_source(chapter)
        idle = idle_cells(source) if source.exists() else frozenset()
        key = content_key(notebook, work.seed, idle)
        return cls(nbformat.writes(notebook), work.seed, idle, key)


def judged(task: Task) -> tuple[bytes, str]:
    """Run and judge a submission.

    Returns
    -------
    record : bytes
        The result, as `keep` writes it.
    isolation : str
        How the submission was kept from everything else.

    Raises
    ------
    GraderError
        If we failed.
    """
    notebook = nbformat.reads(task.notebook, as_version=4)
    result = run(notebook, task.seed, idle=task.idle)
    result.notebook.metadata[KEY] = task.key
    record = {
        "notebook": result.notebook,
        "verdicts": {name: asdict(verdict) for name, verdict in result.verdicts.items()},
        "isolation": result.isolation,
        "seconds": result.seconds,
    }
    # A kernel can send half a character, which no file can hold.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"), result.isolation


def run_cached(task: Task, work: Workspace) -> Result:
    """Run a submission, unless the very same was run before."""
    path = work.kept(task.key)
    if not path.exists():
        keep(path, judged(task)[0])
    return load(path)


def keep(path: Path, result: bytes) -> None:
    """Write a result aside and then move it: whoever is interrupted leaves no half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{secrets.token_hex(8)}.part")
    aside.write_bytes(result)
    aside.replace(path)


def content_key(notebook: NotebookNode, seed: int, idle: Set[str] = frozenset()) -> str:
    """A hash of everything that a result depends on: cells, seed, and our own code."""
    cells = [[cell.cell_type, cell.source, cell.metadata] for cell in notebook.cells]
    exercises = {exercise_of(cell.source) for cell in notebook.cells} - {None}
    chapters = frozenset(str(name).partition(".")[0] for name in exercises)
    text = json.dumps([cells, seed, sorted(idle), _code_key(chapters)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code_key(chapters: Set[str]) -> str:
    """A hash of the code that decides: what submissions import, and what runs and judges them.

    Of the exercises only those of the given chapters count, so that whoever mends one runs again
    what it touches and no more.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    package = Path(lgm.__file__).parent
    deciders = (executor, forkserver, jail, judge, kernels, needed)
    ours = [Path(inspect.getfile(module)) for module in deciders]
    for path in [*sorted(package.rglob("*.py")), *ours]:
        match path.parts[len(package.parts) :] if path.is_relative_to(package) else ():
            case ("exercises", folder, _, *_) if folder not in chapters:
                continue
        digest.update(path.read_bytes())
    return digest.hexdigest()


def load(path: Path) -> Result:
    """Read a result that was kept."""
    record = json.loads(path.read_text(encoding="utf-8"))
    verdicts = {
        name: Verdict(**fields | {"misconceptions": tuple(fields["misconceptions"])})
        for name, fields in record["verdicts"].items()
    }
    return Result(
        nbformat.from_dict(record["notebook"]), verdicts, record["isolation"], record["seconds"]
    )


def verdicts(path: Path) -> dict[str, Mapping[str, Any]] | None:
    """The verdicts that an autograded notebook holds, by exercise; None if there is none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return None
    return dict(_hearings(cells))


def _hearings(cells: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        name = exercise_of("".join(cell["source"]))
        # Only the outputs of these cells are ours; a student's own cell may show anything.
        if name and marks.get("grade") and not marks.get("solution"):
            data = (output.get("data", {}) for output in cell["outputs"])
            found = (part[VERDICT_TYPE] for part in data if VERDICT_TYPE in part)
            yield name, next(found, {"status": "grader_error", "fraction": 0.0})
