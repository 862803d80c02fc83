"""What we plug into nbgrader's autograde: how a submission is read, run and recorded.

nbgrader reads a submission, overwrites its locked cells from the source, runs it and saves its
scores. Reading is replaced, so that a file that is no notebook is graded as an empty one instead of
stopping the class; and running is replaced by the jail and the judge. What was run by others is
only recorded. The rest is nbgrader's.
"""

import json
import stat
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.results import Task, load, run_cached
from grading.workspace import Workspace

__all__ = ["MAX_BYTES", "JudgedExecute", "Recorder", "SubmissionExporter"]

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


class Recorder(Autograde):  # type: ignore[misc]
    """nbgrader's autograder, for a submission whose result is kept already.

    What is left for it to do is to enter student and scores, and to write the graded notebook.
    """

    def __init__(self, kept: Path, **traits: Any) -> None:
        super().__init__(**traits)
        self.kept = kept

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Save the scores of the result, not of the file, and write it."""
        resources = self.init_single_notebook_resources(notebook_filename)
        self._sanitizing = False
        self._init_preprocessors()
        notebook = load(self.kept).notebook
        graded, resources = self.exporter.from_notebook_node(notebook, resources)
        self.write_single_notebook(graded, resources)


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
    # The same file is graded in the same way: not even an id is drawn.
    notebook.cells.insert(0, new_markdown_cell(note.replace("<", "&lt;"), id="not-readable"))
    return notebook
