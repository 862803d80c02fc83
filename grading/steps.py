"""The steps of grading a class: each through nbgrader's own API, the slow parts spread."""

import json
import os
import signal
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import nbformat
import nbgrader.api
from nbformat import NotebookNode
from nbformat.warnings import MissingIDFieldWarning
from nbgrader.apps import NbGraderAPI
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grading import jail
from grading.autograde import MAX_BYTES, Recorder, SubmissionExporter
from grading.pool import Answered, spread
from grading.results import KEY, Task, judged, keep, verdicts
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

# nbgrader opens its database a dozen times for each submission, and would compile its statements
# anew each time: an engine remembers them.
nbgrader.api.create_engine = cache(nbgrader.api.create_engine)


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
    """How a step went for one submission.

    Attributes
    ----------
    submission : Submission
        Which.
    problem : str
        Empty when it went well.
    key : str
        Of its result.
    isolation : str
        How it was kept from everything else, if it was run now.
    changes : tuple of str
        The marks that are others than before.
    """

    submission: Submission
    problem: str = ""
    key: str = ""
    isolation: str = ""
    changes: tuple[str, ...] = ()


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
    for preprocessor in config.Autograde.sanitize_preprocessors:
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


def execute(
    todo: Sequence[Submission],
    work: Workspace,
    workers: int | None = None,
    cluster: str | None = None,
) -> Iterator[Outcome]:
    """Run submissions and keep the results for `record`; yields as each one ends.

    Parameters
    ----------
    todo : sequence of Submission
        What is to be run. What was run before, and has not changed, is not run again.
    work : Workspace
        Where everything lies.
    workers : int, optional
        How many processes; this machine's cores if not given.
    cluster : str, optional
        The address of a Dask scheduler, whose workers are used instead.

    Raises
    ------
    JailError
        If this machine offers no isolation: nothing is run.
    RuntimeError
        If there is no such cluster.
    """
    if cluster is None:
        jail.isolation()
    running: dict[str, list[Submission]] = {}  # by key: the tasks themselves are large

    def tasks() -> Iterator[Any]:
        for submission in todo:
            try:
                task = Task.of(sanitize(submission, work), submission.chapter, work)
            except Exception as fault:
                yield Answered(Outcome(submission, f"{type(fault).__name__}: {fault}"))
                continue
            if task.key in running:
                running[task.key].append(submission)
            elif work.kept(task.key).exists():
                yield Answered(Outcome(submission, key=task.key))
            else:
                running[task.key] = [submission]
                yield task

    for task, result in spread(judged, tasks(), workers, cluster):
        if isinstance(task, Answered):
            yield task.answer
            continue
        first, *alike = running.pop(task.key)
        if isinstance(result, BaseException):
            problem = f"{type(result).__name__}: {result}"
            yield from (Outcome(each, problem, task.key) for each in (first, *alike))
        else:
            made, isolation = result
            keep(work.kept(task.key), made)
            yield Outcome(first, key=task.key, isolation=isolation)
            yield from (Outcome(each, key=task.key) for each in alike)


def record(executed: Iterable[Outcome], work: Workspace, force: bool) -> Iterator[Outcome]:
    """Let nbgrader grade submissions and write its gradebook, one after another.

    What `execute` has run is not run again; the two go on at the same time. What was graded before
    is graded again only if it was handed in anew, if its result is another one now, or by `force`.
    """
    grader = api()
    for outcome in executed:
        submission = outcome.submission
        if not submission.path(work.submitted).exists():
            problem = f"no {submission.chapter}.ipynb was handed in"
            yield replace(outcome, problem=problem)
            continue
        if problem := _not_to_be_copied(submission, work):
            yield replace(outcome, problem=problem)
            continue
        graded = submission.path(work.autograded)
        before = verdicts(graded)
        if _recorded(graded) == (outcome.key, _handed_in(submission, work)) and not force:
            yield replace(outcome, problem="")
            continue
        with _nbgrader_as_it_is(), _uninterrupted():
            answer = _record(grader, outcome, work)
        if answer["success"]:
            changes = _changes(before, verdicts(graded))
            yield replace(outcome, problem="", changes=changes)
        else:
            yield replace(outcome, problem=_complaint(answer))


def _record(grader: NbGraderAPI, outcome: Outcome, work: Workspace) -> dict[str, Any]:
    """Let nbgrader enter a result that was kept; if there is none, run the submission as well."""
    submission, kept = outcome.submission, work.kept(outcome.key)
    answer: dict[str, Any]
    # By itself nbgrader would take a folder for graded that it never finished.
    if not kept.exists():
        answer = grader.autograde(submission.chapter, submission.student, force=True)
        return answer
    names = {"assignment_id": submission.chapter, "student_id": submission.student}
    with temp_attrs(grader.coursedir, **names):
        recorder = Recorder(kept, coursedir=grader.coursedir, parent=grader)
        recorder.force = True
        answer = capture_log(recorder)
    return answer


def _recorded(graded: Path) -> tuple[str, str] | None:
    """Which result a graded notebook shows, and when it was handed in; None if there is none."""
    try:
        metadata = json.loads(graded.read_text(encoding="utf-8"))["metadata"]
    except (FileNotFoundError, ValueError):
        return None
    return metadata.get(KEY, ""), _stamp(graded)


def _handed_in(submission: Submission, work: Workspace) -> str:
    return _stamp(submission.path(work.submitted))


def _stamp(notebook: Path) -> str:
    """What nbgrader notes beside a notebook: when it was handed in."""
    stamp = notebook.with_name("timestamp.txt")
    return stamp.read_text(encoding="utf-8", errors="replace") if stamp.is_file() else ""


def _changes(
    before: dict[str, Mapping[str, Any]] | None, after: dict[str, Mapping[str, Any]] | None
) -> tuple[str, ...]:
    """What a second grading changed, a line for each mark."""
    if before is None or after is None:
        return ()
    marks = [(name, _mark(before.get(name)), _mark(after.get(name))) for name in before | after]
    return tuple(f"{name}: {old} → {new}" for name, old, new in marks if old != new)


def _mark(verdict: Mapping[str, Any] | None) -> str:
    return f"{verdict['status']} ({verdict['fraction']:.0%})" if verdict else "not judged"


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


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C until nbgrader is done, which takes it for a fault of the submission."""
    wished = []
    before = signal.signal(signal.SIGINT, lambda *_: wished.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if wished:
        raise KeyboardInterrupt


def feedback(todo: Sequence[Submission], work: Workspace) -> Iterator[Outcome]:
    """Write a page for each graded submission; yields as each one ends."""
    for submission, answer in spread(partial(_feedback, work=work), todo):
        if isinstance(answer, Outcome):
            yield answer
        else:
            yield Outcome(submission, f"{type(answer).__name__}: {answer}")


def _feedback(submission: Submission, work: Workspace) -> Outcome:
    # A worker knows of no other folder than the default one.
    os.environ[WORK_VARIABLE] = str(work.root)
    answer = api().generate_feedback(submission.chapter, submission.student, force=True)
    return Outcome(submission, "" if answer["success"] else _complaint(answer))


def _complaint(answer: dict[str, Any]) -> str:
    # The error says only that there was one; the log says which.
    told = "\n".join(answer.get(part) or "" for part in ("log", "error"))
    return told.strip() or "no reason given"
