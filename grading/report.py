"""What a class knows and what it misunderstands: in the terminal, on a page, in a table of grades.

Students are called whatever their folders are called, so their names are escaped everywhere.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbgrader.api import Gradebook
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grading.tally import ChapterReport, ClassReport, Entry, class_report, entries
from grading.text import printable
from grading.workspace import Workspace
from lgm.exercises.exercise import Status

__all__ = ["class_report", "terminal", "write_csv", "write_html"]

COLUMNS = (
    *("student_id", "chapter", "raw_score", "late_penalty", "score", "max_score"),
    *("status", "timestamp"),
)
# The page lists this many mistakes in full, the terminal fewer and in short.
_MISTAKES_ON_PAGE = 15
_MISTAKES_IN_TERMINAL = 6
# A spreadsheet takes what begins with one of these for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def terminal(report: ClassReport) -> RenderableType:
    """Draw a report as tables for a terminal."""
    parts: list[RenderableType] = []
    for chapter in report.chapters:
        parts += [Text(f"\n{chapter.name}", style="bold"), Text(_in_words(chapter))]
        if chapter.not_graded:
            names = ", ".join(map(printable, chapter.not_graded))
            parts.append(
                Text(f"Not graded, lgm-grade autograde says why: {names}", style="bold red")
            )
        if chapter.exercises:
            parts.append(_exercise_table(chapter))
        if chapter.mistakes:
            parts.append(_mistake_table(chapter))
    return Group(*parts)


def write_html(report: ClassReport, path: Path) -> None:
    """Write a report as one page that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"in_words": _in_words, "printable": printable, "spoken": _spoken}
    page = environment.get_template("report.html.jinja").render(
        report=report, listed=_MISTAKES_ON_PAGE
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def write_csv(work: Workspace, path: Path) -> None:
    """Write all grades: a row for each submission, whatever became of it.

    What we failed to grade has no score, which is not the same as a score of zero.
    """
    found = {folder.name for folder in work.submitted.glob("*/*") if folder.is_dir()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with Gradebook(work.gradebook) as gradebook, path.open("w", encoding="utf-8", newline="") as f:
        table = csv.writer(f)
        table.writerow(COLUMNS)
        for chapter in sorted(found | {assignment.name for assignment in gradebook.assignments}):
            for entry in entries(work, gradebook, chapter):
                table.writerow(map(_cell, _grade_row(entry)))


def _in_words(chapter: ChapterReport) -> str:
    parts = [f"{chapter.submissions} handed in, {len(chapter.graded)} graded"]
    if chapter.not_graded:
        parts.append(f"{len(chapter.not_graded)} not graded")
    if chapter.late:
        parts.append(f"{len(chapter.late)} late")
    told = ", ".join(parts)
    if chapter.graded:
        told += f"; mean {chapter.mean:.1f}, median {chapter.median:.1f} of {chapter.max_score:g}"
    if chapter.awaiting_marks:
        told += f"; {chapter.awaiting_marks} answers to mark by hand, which count 0 until then"
    return f"{told}."


def _exercise_table(chapter: ChapterReport) -> Table:
    table = _table("How each function went")
    table.add_column("function", no_wrap=True)
    for heading in (*map(_spoken, chapter.statuses), "unnamed", "mean"):
        table.add_column(heading, justify="right", overflow="fold")
    for exercise in chapter.exercises:
        counts = (str(exercise.statuses.get(status, "")) for status in chapter.statuses)
        unnamed = str(exercise.unnamed or "")
        table.add_row(exercise.function, *counts, unnamed, f"{exercise.mean:.0%}")
    return table


def _mistake_table(chapter: ChapterReport) -> Table:
    table = _table("The commonest mistakes")
    table.add_column("students", justify="right", no_wrap=True)
    table.add_column("function", no_wrap=True)
    table.add_column("what they were told")
    for mistake in chapter.mistakes[:_MISTAKES_IN_TERMINAL]:
        count = f"{mistake.count} ({mistake.share:.0%})"
        table.add_row(count, mistake.function, Text(mistake.computed))
    return table


def _table(title: str) -> Table:
    # Without lines, most chapters fit into 80 columns.
    return Table(title=f"\n{title}", title_justify="left", box=None, padding=(0, 2, 0, 0))


def _grade_row(entry: Entry) -> Iterator[str]:
    yield from (entry.submission.student, entry.submission.chapter)
    if grade := entry.grade:
        points = (grade.raw, grade.penalty, grade.final, grade.maximum)
        yield from (f"{round(number, 4)}" for number in points)
        yield "to mark by hand" if grade.awaiting_marks else "graded"
    else:
        yield from ("", "", "", "", "not graded")
    timestamp = entry.score.timestamp if entry.score else None
    yield f"{timestamp:%Y-%m-%d %H:%M:%S} UTC" if timestamp else ""


def _cell(text: str) -> str:
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _spoken(status: Status) -> str:
    return status.replace("_", " ")
