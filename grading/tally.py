"""What became of every submission, and what the class misunderstands, counted.

Scores come from nbgrader's gradebook, one query for a chapter; what went wrong comes from the
verdicts in the autograded notebooks, each read once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import mean, median
from typing import Any, get_args

from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import case, func, select

from grading.results import verdicts
from grading.steps import Submission, submissions
from grading.workspace import Workspace
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Status

__all__ = [
    "STATUSES",
    "ChapterReport",
    "ClassReport",
    "Entry",
    "ExerciseReport",
    "MistakeReport",
    "Score",
    "class_report",
    "entries",
]

STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class ExerciseReport:
    """How the class did in one graded function.

    Attributes
    ----------
    name : str
        The exercise.
    statuses : mapping of str to int
        How many submissions ended with each status; those with none are left out.
    mean : float
        The mean share of the points, 0 to 1.
    unnamed : int
        How many answers were wrong in a way that is not in the bank.
    """

    name: str
    statuses: Mapping[Status, int]
    mean: float
    unnamed: int

    @property
    def function(self) -> str:
        """The name without its chapter."""
        return self.name.rpartition(".")[2]

    @property
    def total(self) -> int:
        """How many submissions were judged."""
        return sum(self.statuses.values())


@dataclass(frozen=True)
class MistakeReport:
    """A mistake from the bank that somebody made.

    Attributes
    ----------
    exercise, name : str
        Which mistake in which exercise.
    count : int
        How many submissions were told so.
    share : float
        Of the graded submissions of the chapter, 0 to 1.
    computed : str
        What was computed instead, in a sentence.
    tempting : str
        Why that is tempting. Students were told both.
    """

    exercise: str
    name: str
    count: int
    share: float
    computed: str
    tempting: str

    @property
    def function(self) -> str:
        """The exercise without its chapter."""
        return self.exercise.rpartition(".")[2]


@dataclass(frozen=True)
class ChapterReport:
    """How the class did in one chapter.

    Attributes
    ----------
    name : str
        The chapter.
    graded, not_graded, late : tuple of str
        Students. Whoever handed in is in one of the first two.
    mean, median : float
        Of the scores of graded submissions, late penalties taken off. NaN if there are none.
    max_score : float
        What there is to get.
    awaiting_marks : int
        How many answers, over all students, somebody has yet to mark. They count zero until then.
    exercises : tuple of ExerciseReport
        In the order of the notebook.
    mistakes : tuple of MistakeReport
        The commonest first.
    """

    name: str
    graded: tuple[str, ...]
    not_graded: tuple[str, ...]
    late: tuple[str, ...]
    mean: float
    median: float
    max_score: float
    awaiting_marks: int
    exercises: tuple[ExerciseReport, ...]
    mistakes: tuple[MistakeReport, ...]

    @property
    def submissions(self) -> int:
        """How many were handed in."""
        return len(self.graded) + len(self.not_graded)

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """Every status that occurs, in the order of the closed set."""
        occurring = {status for exercise in self.exercises for status in exercise.statuses}
        return tuple(status for status in STATUSES if status in occurring)


@dataclass(frozen=True)
class ClassReport:
    """How the class did."""

    chapters: tuple[ChapterReport, ...]


def class_report(work: Workspace, chapters: Sequence[str]) -> ClassReport:
    """Summarise what is graded.

    Parameters
    ----------
    work : Workspace
        Its gradebook and its autograded notebooks are read, and nothing is written.
    chapters : sequence of str
        Which chapters.

    Returns
    -------
    ClassReport
    """
    with Gradebook(work.gradebook) as gradebook:
        return ClassReport(tuple(_chapter_report(work, gradebook, name) for name in chapters))


@dataclass(frozen=True)
class Score:
    """What the gradebook says of one submission.

    Attributes
    ----------
    timestamp : datetime or None
        When it was handed in, in UTC.
    late : bool
        Whether that was after the due date, extensions included.
    raw, penalty, maximum : float
        Points: got, to be taken off for lateness, and to get.
    awaiting_marks : int
        How many of its answers somebody has yet to mark.
    """

    timestamp: datetime | None
    late: bool
    raw: float
    penalty: float
    maximum: float
    awaiting_marks: int

    @property
    def final(self) -> float:
        """The points that count."""
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class Entry:
    """A submission, and what became of it.

    Attributes
    ----------
    submission : Submission
        Whose, and of which chapter.
    score : Score or None
        None when the gradebook knows nothing of it.
    verdicts : mapping of str to mapping of str to Any, or None
        By exercise; None when there is no autograded notebook.
    """

    submission: Submission
    score: Score | None
    verdicts: Mapping[str, Mapping[str, Any]] | None

    @property
    def grade(self) -> Score | None:
        """The score, if the submission was graded to the end."""
        return self.score if self.verdicts is not None else None


def entries(work: Workspace, gradebook: Gradebook, chapter: str) -> list[Entry]:
    """Every submission of a chapter, whether its folder or only its grade is still there."""
    scores = _scores(gradebook, chapter)
    known = {Submission(chapter, student) for student in scores}
    return [
        Entry(each, scores.get(each.student), verdicts(each.path(work.autograded)))
        for each in sorted(known | set(submissions(work, [chapter])))
    ]


def _scores(gradebook: Gradebook, chapter: str) -> dict[str, Score]:
    query = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
            func.coalesce(func.sum(Grade.score), 0.0),
            # An assignment is one notebook here: the largest of its penalties is the only one.
            func.coalesce(func.max(SubmittedNotebook.late_submission_penalty), 0.0),
            Assignment.max_score,
            func.coalesce(func.sum(case((Grade.needs_manual_grade, 1), else_=0)), 0),
        )
        .select_from(SubmittedAssignment)
        .join(Assignment)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(Assignment.name == chapter)
        .group_by(SubmittedAssignment.id, Assignment.id)
    )
    scores: dict[str, Score] = {}
    for student, timestamp, extension, due, *points in gradebook.db.execute(query):
        until = due + extension if due and extension else due
        late = bool(timestamp and until and timestamp > until)
        scores[student] = Score(timestamp, late, *points)
    return scores


def _chapter_report(work: Workspace, gradebook: Gradebook, chapter: str) -> ChapterReport:
    handed_in = entries(work, gradebook, chapter)
    graded = {e.submission.student: grade for e in handed_in if (grade := e.grade) is not None}
    verdicts = [pair for e in handed_in if e.grade and e.verdicts for pair in e.verdicts.items()]
    points = [grade.final for grade in graded.values()]
    return ChapterReport(
        name=chapter,
        graded=tuple(graded),
        not_graded=tuple(e.submission.student for e in handed_in if e.grade is None),
        late=tuple(e.submission.student for e in handed_in if e.score and e.score.late),
        mean=mean(points) if points else float("nan"),
        median=median(points) if points else float("nan"),
        max_score=max((grade.maximum for grade in graded.values()), default=0.0),
        awaiting_marks=sum(grade.awaiting_marks for grade in graded.values()),
        exercises=tuple(
            _exercise_report(name, [verdict for other, verdict in verdicts if other == name])
            for name in dict.fromkeys(name for name, _ in verdicts)
        ),
        mistakes=_mistakes(verdicts, len(graded)),
    )


def _exercise_report(name: str, verdicts: Sequence[Mapping[str, Any]]) -> ExerciseReport:
    unnamed = sum(
        verdict["status"] in ("wrong", "partial") and not verdict["misconceptions"]
        for verdict in verdicts
    )
    return ExerciseReport(
        name,
        Counter(verdict["status"] for verdict in verdicts),
        mean(verdict["fraction"] for verdict in verdicts),
        unnamed,
    )


def _mistakes(
    verdicts: Sequence[tuple[str, Mapping[str, Any]]], graded: int
) -> tuple[MistakeReport, ...]:
    counts = Counter(
        (exercise, name)
        for exercise, verdict in verdicts
        for name in verdict.get("misconceptions", ())
    )
    return tuple(
        MistakeReport(exercise, name, count, count / graded, *_told(exercise, name))
        for (exercise, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _told(exercise: str, name: str) -> tuple[str, str]:
    bank = catalogue()[exercise].misconceptions if exercise in catalogue() else ()
    told = ((mistake.computed, mistake.tempting) for mistake in bank if mistake.name == name)
    # The bank may have changed since the notebook was graded.
    return next(told, (name.replace("_", " "), ""))
