"""What we plug into nbgrader's autograde: how a submission is read, and how it is run.

nbgrader reads a submission, overwrites its locked cells from the source, runs it and saves its
scores. Reading is replaced, so that a file that is no notebook is graded as an empty one instead of
stopping the class; and running is replaced by the jail and the judge. The rest is nbgrader's.
"""

import hashlib
import inspect
import json
import platform
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

import lgm
from grading import executor, forkserver, jail, judge, kernels, needed
from grading.executor import VERDICT_TYPE, Result, run
from grading.needed import idle_cells
from grading.workspace import Workspace, chapter_source, exercise_of
from lgm.exercises.exercise import Verdict

__all__ = [
    "KEY",
    "MAX_BYTES",
    "JudgedExecute",
    "SubmissionExporter",
    "Task",
    "content_key",
    "judged",
    "keep",
    "run_cached",
    "verdicts",
]

KEY = "lgm_result"  # in a graded notebook's metadata: which result it shows
MAX_BYTES = 100 << 20
SCHEMA_VERSION = 3


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in, whatever it is."""

    def from_filename(  # type: ignore[override]
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Read a file and run the preprocessors on it.

        A file that cannot be read as a notebook counts as the untouched release, with a cell on top
        that says why.
        """
        chapter = (resources or {})["nbgrader"]["assignment"]
        try:
            notebook = _read(Path(filename))
            _restore_marks(notebook, _released(chapter))
        except Exception as error:
            notebook = _blank(chapter, str(error))
        exported: tuple[str, dict[str, Any]] = self.from_notebook_node(
            notebook, resources, **kwargs
        )
        return exported


class JudgedExecute(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a submission in the jail and writes each test cell's outputs from its verdict."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run, or take from the cache, a sanitized submission.

        Raises
        ------
        GraderError
            If we failed. nbgrader then leaves the submission ungraded and goes on with the class.
        """
        chapter = resources["nbgrader"]["assignment"]
        work = Workspace.current()
        return run_cached(Task.of(nb, chapter, work), work).notebook, resources


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

    def kept(self, work: Workspace) -> Path:
        """Where its result is kept, whether it is there or not."""
        return work.cache / f"{self.key}.json"


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
    path = task.kept(work)
    if not path.exists():
        keep(path, judged(task)[0])
    return _load(path)


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


def _load(path: Path) -> Result:
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


def _read(path: Path) -> NotebookNode:
    """Read a notebook, of any version of the format.

    Raises
    ------
    ValueError
        If it is none.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is not a file")
    if status.st_size > MAX_BYTES:
        raise ValueError(f"it has {status.st_size} bytes, at most {MAX_BYTES} are read")
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    # JSON can spell half a character, which no file can hold afterwards.
    text = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace").decode()
    notebook: NotebookNode = nbformat.v4.upgrade(nbformat.reads(text, as_version=4))
    nbformat.validate(notebook)
    return notebook


def _restore_marks(notebook: NotebookNode, released: NotebookNode) -> None:
    """Let every marked cell of the release occur once, which nbgrader takes for granted.

    Of copies the last one counts. A missing cell comes back after the one that it followed, or at
    the end; an answer comes back empty, since it may have been given in a cell without marks.
    """
    wanted = {name: cell for cell in released.cells if (name := _grade_id(cell))}
    found = set()
    for cell in reversed(notebook.cells):
        # A tag can keep a cell from being run.
        cell.metadata.pop("tags", None)
        name = _grade_id(cell)
        if name in found or name not in wanted or cell.cell_type != wanted[name].cell_type:
            cell.metadata.pop("nbgrader", None)
        else:
            cell.metadata["nbgrader"] = wanted[name].metadata.nbgrader
            found.add(name)
    place = len(notebook.cells)
    for name, cell in wanted.items():
        if name in found:
            place = [_grade_id(other) for other in notebook.cells].index(name) + 1
            continue
        if cell.cell_type == "code" and cell.metadata.nbgrader.solution:
            cell.source = ""
        # The cell that it replaces may still be there, without its marks and with its id.
        cell.id = f"{name}-returned"[-64:]
        notebook.cells.insert(place, cell)
        place += 1


def _grade_id(cell: NotebookNode) -> str | None:
    """nbgrader's name of a cell, unless it has none or its metadata are strange."""
    marks = cell.metadata.get("nbgrader")
    if not isinstance(marks, dict) or marks.get("schema_version") != SCHEMA_VERSION:
        return None
    name = marks.get("grade_id")
    return name if isinstance(name, str) else None


def _released(chapter: str) -> NotebookNode:
    path = Workspace.current().release / chapter / f"{chapter}.ipynb"
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _blank(chapter: str, reason: str) -> NotebookNode:
    notebook = _released(chapter)
    note = (
        f"**The file that was handed in cannot be read as a notebook:** `{reason[:200]}`. "
        "It was graded as if it were empty."
    )
    notebook.cells.insert(0, new_markdown_cell(note.replace("<", "&lt;")))
    return notebook
