"""What the instructor's command does: its options, its steps, what it shows."""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Task as ProgressTask
from rich.text import Text

from grading import jail, kernels, report, sample_class, steps
from grading.kit import make_kit
from grading.text import printable
from grading.workspace import REPOSITORY, WORK_VARIABLE, Workspace, chapters

__all__ = ["main"]

Item = TypeVar("Item")

console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line.

    Returns
    -------
    int
        0 when all went well, 1 when something is left to do, 2 when the command was wrong.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.work:
        os.environ[WORK_VARIABLE] = str(Path(options.work).resolve())
    unknown = set(options.chapters) - set(chapters())
    if unknown:
        parser.error(f"no chapter {', '.join(sorted(unknown))}; there are: {', '.join(chapters())}")
    try:
        return int(options.run(options, Workspace.current()))
    except (jail.JailError, RuntimeError) as problem:
        complaints.print(f"[red]lgm-grade:[/red] {problem}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        complaints.print("stopped; what is done is kept, and the same command goes on from there")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lgm-grade",
        description="Release the course, grade a class, write feedback. "
        "Everything it makes lies in one work folder.",
    )
    parser.add_argument("--work", metavar="DIR", help="the work folder (default: grading/work)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, text in (
        ("release", _release, "make the students' notebooks and the kit to hand out"),
        ("sample-class", _sample_class, "make a class of simulated students and their submissions"),
        ("autograde", _autograde, "run and judge what was handed in, into the gradebook"),
        ("feedback", _feedback, "write a page for each graded submission"),
        ("report", _report, "summarise the class: scores, failures, commonest mistakes"),
        ("export", _export, "write all grades to report/grades.csv"),
        ("doctor", _doctor, "say what this machine offers and what is missing"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
        command.set_defaults(run=run, force=False)
        if name == "doctor":
            command.set_defaults(chapters=[])
        else:
            command.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: all")
        if name == "autograde":
            command.add_argument(
                "--force", action="store_true", help="grade again what is graded and unchanged"
            )
            command.add_argument(
                "--workers", type=_count, metavar="N", help="processes (default: one per core)"
            )
            command.add_argument(
                "--cluster", metavar="ADDRESS", help="run on this Dask scheduler's workers instead"
            )
            command.add_argument(
                "--shard",
                type=_shard,
                metavar="K/N",
                help="run only the K-th of N parts and record nothing; "
                "when all parts are run, the same command without --shard records them",
            )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one is needed")
    return count


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"expected K/N, for example 2/8, got {text!r}")
    return int(part), int(parts)


def _release(options: argparse.Namespace, work: Workspace) -> int:
    for chapter in _shown(options.chapters or chapters(), "release"):
        steps.release(chapter)
    released = [name for name in chapters() if (work.release / name).is_dir()]
    kit = make_kit(work, released)
    console.print(f"released {len(released)} chapters into {_near(work.release)}")
    console.print(f"the kit for students: {_near(kit)}")
    return 0


def _sample_class(options: argparse.Namespace, work: Workspace) -> int:
    students = sample_class.make(work, _released(options, work))
    console.print(f"{len(students)} simulated students handed in, under {_near(work.submitted)}")
    return 0


def _autograde(options: argparse.Namespace, work: Workspace) -> int:
    todo = _handed_in(options, work)
    if options.shard:
        part, parts = options.shard
        todo = todo[part - 1 :: parts]
    ended = steps.execute(todo, work, options.workers, options.cluster)
    verb = "run" if options.shard else "graded"
    if not options.shard:
        ended = steps.record(ended, work, options.force)
    outcomes = list(_shown(ended, verb, len(todo)))
    kept = sum(not outcome.isolation for outcome in outcomes if not outcome.problem)
    for isolation in sorted({outcome.isolation for outcome in outcomes} - {""}):
        console.print(f"isolation: {isolation}", soft_wrap=True)
    if kept:
        console.print(f"{kept} unchanged since they were run before")
    for outcome in outcomes:
        for change in outcome.changes:
            student = printable(outcome.submission.student)
            console.print(Text(f"{student} {outcome.submission.chapter}: {change}"))
    return _told(outcomes, verb)


def _feedback(options: argparse.Namespace, work: Workspace) -> int:
    todo = [each for each in _handed_in(options, work) if each.path(work.autograded).exists()]
    outcomes = list(_shown(steps.feedback(todo, work), "feedback", len(todo)))
    console.print(f"pages are in {_near(work.feedback)}")
    return _told(outcomes, "written")


def _report(options: argparse.Namespace, work: Workspace) -> int:
    _handed_in(options, work)
    summary = report.class_report(work, _released(options, work))
    console.print(report.terminal(summary))
    page = work.report / "report.html"
    report.write_html(summary, page)
    console.print(f"the same, to keep: {_near(page)}")
    return 0


def _export(options: argparse.Namespace, work: Workspace) -> int:
    _handed_in(options, work)
    table = work.report / "grades.csv"
    report.write_csv(work, table)
    console.print(f"grades: {_near(table)}")
    return 0


def _doctor(options: argparse.Namespace, work: Workspace) -> int:
    console.print(f"Python     {platform.python_version()} at {sys.executable}")
    console.print(f"system     {platform.system()} {platform.release()}, {os.cpu_count()} cores")
    try:
        console.print(f"isolation  {kernels.isolation()}", soft_wrap=True)
        healthy = True
    except jail.JailError as problem:
        console.print(f"isolation  [red]none[/red]: {problem}", soft_wrap=True)
        healthy = False
    free = shutil.disk_usage(work.root if work.root.exists() else REPOSITORY).free
    console.print(f"work       {work.root} ({free >> 30} GiB free)")
    for name in chapters():
        state = "released" if (work.release / name).is_dir() else "not released"
        count = len(steps.submissions(work, [name]))
        console.print(f"chapter    {name}: {state}, {count} submissions")
    console.print("ready" if healthy else "not ready: nothing is run without isolation")
    return 0 if healthy else 1


def _released(options: argparse.Namespace, work: Workspace) -> list[str]:
    wanted = options.chapters or chapters()
    released = [name for name in wanted if (work.release / name).is_dir()]
    if not released:
        raise RuntimeError(f"nothing is released in {_near(work.root)}; type: lgm-grade release")
    return released


def _handed_in(options: argparse.Namespace, work: Workspace) -> list[steps.Submission]:
    found = steps.submissions(work, _released(options, work))
    if not found:
        raise RuntimeError(
            f"no submissions in {_near(work.submitted)}; put them there as "
            "STUDENT/CHAPTER/CHAPTER.ipynb, or type: lgm-grade sample-class"
        )
    return found


def _told(outcomes: Sequence[steps.Outcome], verb: str) -> int:
    problems = [outcome for outcome in outcomes if outcome.problem]
    console.print(f"{len(outcomes) - len(problems)} of {len(outcomes)} {verb}")
    for outcome in problems:
        name = printable(f"{outcome.submission.student} {outcome.submission.chapter}")
        complaints.print(
            Text.assemble((name, "bold red"), (f" not {verb}:", "bold")), soft_wrap=True
        )
        complaints.print(Text(printable(outcome.problem)), soft_wrap=True)
    return 1 if problems else 0


def _shown(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Pass items on, with a bar that shows how far they are."""
    columns = (
        TextColumn(f"{label:14}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=complaints) as progress:
        yield from progress.track(items, total=total)


class _Rate(ProgressColumn):
    def render(self, task: ProgressTask) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{60.0 * speed:.0f} a minute" if speed else "")


def _near(path: Path) -> str:
    """A path as short as it can be typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
