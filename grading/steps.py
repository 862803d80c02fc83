"""The steps of grading a class: each through nbgrader's own API, the slow parts two at a time."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import nbformat
from joblib import Parallel, delayed
from nbformat import NotebookNode
from nbformat.warnings import MissingIDFieldWarning
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grading import kernels
from grading.autograde import MAX_BYTES, SubmissionExporter, run_cached
from grading.workspace import REPOSITORY, WORK_VARIABLE, Workspace

__all__ = [
    "Outcome",
    "Submission",
    "api",
    "execute",
    "feedback",
    "record",
    "release",
    "sanitize",
    "submissions",
]

WORKERS = 2


@dataclass(frozen=True, order=True)
class Submission:
    """What one student handed in for one chapter."""

    chapter: str
    student: str

    def path(self, folder: Path, suffix: str = ".ipynb") -> Path:
        """Where its file lies in one of the folders ``STUDENT/CHAPTER/``."""
        return folder / self.student / self.chapter / f"{self.chapter}{suffix}"


@dataclass(frozen=True)
class Outcome:
    """How a step went for one submission; `problem` is empty when it went well."""

    submission: Submission
    problem: str = ""


def api() -> NbGraderAPI:
    """nbgrader, configured for the current work folder."""
    return NbGraderAPI(config=_configuration())


def _configuration() -> Config:
    loader = PyFileConfigLoader("nbgrader_config.py", path=str(REPOSITORY / "grading"))
    config = loader.load_config()
    # We show the outcome ourselves; nbgrader's log comes back with each answer.
    config.Application.log_level = "ERROR"
    # Nothing is exchanged here, and nbgrader complains of an exchange that cannot be written.
    config.Exchange.root = str(Workspace.current().root)
    return config


def release(chapter: str) -> None:
    """Make the student's version of a chapter, and enter it into the gradebook.

    Raises
    ------
    RuntimeError
        If nbgrader refuses the notebook; the message holds its log.
    """
    _prepare(Workspace.current())
    answer = api().generate_assignment(chapter)
    if not answer["success"]:
        raise RuntimeError(_complaint(answer))


def _prepare(work: Workspace) -> None:
    """Make the work folder a course folder, where nbgrader can be typed by hand as well."""
    work.root.mkdir(parents=True, exist_ok=True)
    (work.root / "nbgrader_config.py").write_text(
        "# Made by lgm-grade. nbgrader, typed in this folder, grades as lgm-grade does.\n"
        "import os\n\n"
        f"os.environ[{WORK_VARIABLE!r}] = {str(work.root)!r}\n"
        f"load_subconfig('nbgrader_config.py', path={str(REPOSITORY / 'grading')!r})\n",
        encoding="utf-8",
    )


def submissions(work: Workspace, chapters: Sequence[str]) -> list[Submission]:
    """All that was handed in for these chapters, by chapter and student."""
    return sorted(
        Submission(chapter, folder.parent.name)
        for chapter in chapters
        for folder in work.submitted.glob(f"*/{chapter}")
        if folder.is_dir()
    )


def sanitize(submission: Submission, work: Workspace) -> NotebookNode:
    """Read a submission and overwrite its locked cells, as nbgrader does before it runs one."""
    config = _configuration()
    config.Exporter.default_preprocessors = []
    exporter = SubmissionExporter(config=config)
    for preprocessor in Autograde.sanitize_preprocessors.default():
        exporter.register_preprocessor(preprocessor, enabled=True)
    names = {
        "student": submission.student,
        "assignment": submission.chapter,
        "notebook": submission.chapter,
        "db_url": work.gradebook,
    }
    with _nbgrader_as_it_is():
        text, _ = exporter.from_filename(str(submission.path(work.submitted)), {"nbgrader": names})
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    return notebook


def execute(todo: Sequence[Submission], work: Workspace) -> Iterator[Outcome]:
    """Run submissions and keep the results for `record`; yields as each one ends.

    Raises
    ------
    JailError
        If this machine offers no isolation: nothing is run.
    """
    kernels.isolation()
    tasks = (delayed(_execute)(submission, work) for submission in todo)
    yield from Parallel(n_jobs=WORKERS, return_as="generator_unordered")(tasks)


def _execute(submission: Submission, work: Workspace) -> Outcome:
    # A worker may have been started for another folder.
    os.environ[WORK_VARIABLE] = str(work.root)
    try:
        run_cached(sanitize(submission, work), work)
    except Exception as fault:
        return Outcome(submission, f"{type(fault).__name__}: {fault}")
    return Outcome(submission)


def record(todo: Sequence[Submission], work: Workspace, force: bool) -> Iterator[Outcome]:
    """Let nbgrader grade submissions and write its gradebook, one after another.

    What `execute` has run is not run again. What was graded before is graded again only if it was
    handed in anew, or by `force`.
    """
    grader = api()
    for submission in todo:
        if not submission.path(work.submitted).exists():
            yield Outcome(submission, f"no {submission.chapter}.ipynb was handed in")
            continue
        if problem := _not_to_be_copied(submission, work):
            yield Outcome(submission, problem)
            continue
        with _nbgrader_as_it_is():
            answer = grader.autograde(submission.chapter, submission.student, force=force)
        yield Outcome(submission, "" if answer["success"] else _complaint(answer))


def _not_to_be_copied(submission: Submission, work: Workspace) -> str:
    """What lies beside a notebook and must not, since nbgrader copies it and follows links."""
    notebook = submission.path(work.submitted)
    size = 0
    for path in set(notebook.parent.rglob("*")) - {notebook}:
        status = path.lstat()
        size += status.st_size
        if not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):
            return f"{path} is neither a file nor a folder; remove it, then grade again"
    if size > MAX_BYTES:
        return f"{size} bytes lie beside the notebook, at most {MAX_BYTES} are copied; remove some"
    return ""


@contextmanager
def _nbgrader_as_it_is() -> Iterator[None]:
    """Keep quiet about two habits of nbgrader's that are none of the instructor's business."""
    with warnings.catch_warnings():
        # It gives the cells that it puts back no id.
        warnings.filterwarnings("ignore", category=MissingIDFieldWarning)
        # It adds a submission to the gradebook after it has looked through its relations.
        warnings.filterwarnings("ignore", "Object of type", SAWarning)
        yield


def feedback(todo: Sequence[Submission], work: Workspace) -> Iterator[Outcome]:
    """Write a page for each graded submission; yields as each one ends."""
    tasks = (delayed(_feedback)(submission, work) for submission in todo)
    yield from Parallel(n_jobs=WORKERS, return_as="generator_unordered")(tasks)


def _feedback(submission: Submission, work: Workspace) -> Outcome:
    os.environ[WORK_VARIABLE] = str(work.root)
    answer = api().generate_feedback(submission.chapter, submission.student, force=True)
    return Outcome(submission, "" if answer["success"] else _complaint(answer))


def _complaint(answer: dict[str, Any]) -> str:
    # The error says only that there was one; the log says which.
    told = "\n".join(answer.get(part) or "" for part in ("log", "error"))
    return told.strip() or "no reason given"
