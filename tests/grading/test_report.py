"""The class report and the table of grades: right, complete, and safe to open."""

import csv
import io
import json
import os
import shutil
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from rich.console import Console
from sqlalchemy import event

from grading import report
from grading.executor import VERDICT_TYPE
from grading.steps import submissions
from grading.workspace import Workspace, chapters
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Verdict

# nbgrader's own, whenever it enters a submission.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

CHAPTER = "03_discrete_marginal"
EXERCISE = "discrete_marginal.log_marginal"
DUE = datetime(2026, 9, 14, 18, 0)
RIGHT = Verdict("correct", 1.0, "Right.")
MAX_FOR_SUM = Verdict("wrong", 0.0, "You took the largest.", ("max_for_sum",))
EITHER = Verdict("partial", 0.6, "One of two.", ("max_for_sum", "uniform_mean"))
UNNAMED = Verdict("wrong", 0.0, "Not what it should be.")


class _Course:
    """A chapter of one function, worth 4 points, and one answer in prose, worth 4."""

    def __init__(self, work):
        self.work = work

    def hand_in(self, student):
        (self.work.submitted / student / CHAPTER).mkdir(parents=True)

    def enter(self, student, points=0.0, prose=0.0, penalty=0.0, when=DUE):
        """Hand in, and write a line of the gradebook; prose of None is yet to be marked."""
        self.hand_in(student)
        with Gradebook(self.work.gradebook) as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.add_submission(CHAPTER, student, timestamp=when)
            notebook = gradebook.find_submission_notebook(CHAPTER, CHAPTER, student)
            notebook.late_submission_penalty = penalty
            for name, score in (("check_log_marginal", points), ("answer", prose)):
                grade = gradebook.find_grade(name, CHAPTER, CHAPTER, student)
                grade.auto_score, grade.needs_manual_grade = score, score is None
            gradebook.db.commit()

    def autograde(self, student, *outputs, own_outputs=()):
        """Leave an autograded notebook: the test cell, and a copy that is the student's own."""
        marks = {"grade": True, "solution": False, "grade_id": "check_log_marginal"}
        check = f'check("{EXERCISE}", log_marginal)'
        cells = [_cell(check, {"nbgrader": marks}, outputs), _cell(check, {}, own_outputs)]
        path = self.work.autograded / student / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")

    def grade(self, student, verdict, **entry):
        self.enter(student, points=4 * verdict.fraction, **entry)
        self.autograde(student, _shown(verdict))

    def report(self):
        return report.class_report(self.work, [CHAPTER])

    def chapter(self):
        return self.report().chapters[0]

    def html(self, tmp_path):
        report.write_html(self.report(), tmp_path / "new" / "report.html")
        return (tmp_path / "new" / "report.html").read_text(encoding="utf-8")

    def table(self, tmp_path):
        path = tmp_path / "grades.csv"
        report.write_csv(self.work, path)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def _cell(source, metadata, outputs):
    return {
        "cell_type": "code",
        "source": source.splitlines(keepends=True),
        "metadata": metadata,
        "outputs": list(outputs),
    }


def _shown(verdict):
    return {"output_type": "display_data", "data": {VERDICT_TYPE: asdict(verdict)}}


def _told(summary):
    file = io.StringIO()
    Console(file=file, width=100).print(report.terminal(summary))
    return file.getvalue()


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The gradebook of a chapter that nobody has handed in."""
    work = Workspace(tmp_path_factory.mktemp("released"))
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader looks there for the program that it makes a new gradebook with.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        gradebook = Gradebook(work.gradebook)
    with gradebook:
        gradebook.add_assignment(CHAPTER, duedate=DUE)
        gradebook.add_notebook(CHAPTER, CHAPTER)
        for name, kind in (("check_log_marginal", "code"), ("answer", "markdown")):
            gradebook.add_grade_cell(name, CHAPTER, CHAPTER, max_score=4, cell_type=kind)
    return work


@pytest.fixture
def course(released, tmp_path):
    root = tmp_path / "work"
    shutil.copytree(released.root, root)
    return _Course(Workspace(root))


# --- what is counted ---------------------------------------------------------------------------


def test_scores_are_summarised_with_late_penalties_taken_off(course):
    course.grade("a", RIGHT, prose=4.0)
    course.grade("b", EITHER)
    course.grade("c", RIGHT, penalty=3.0, when=DUE + timedelta(hours=1))
    chapter = course.chapter()
    assert chapter.submissions == 3
    assert chapter.max_score == 8
    assert chapter.mean == pytest.approx((8 + 2.4 + 1) / 3)
    assert chapter.median == pytest.approx(2.4)
    assert chapter.late == ("c",)


def test_an_extension_is_not_lateness(course):
    course.grade("a", RIGHT, when=DUE + timedelta(hours=1))
    with Gradebook(course.work.gradebook) as gradebook:
        gradebook.grant_extension(CHAPTER, "a", days=1)
    assert course.chapter().late == ()


def test_answers_to_mark_by_hand_are_counted(course):
    course.grade("a", RIGHT, prose=None)
    course.grade("b", RIGHT, prose=None)
    course.grade("c", RIGHT, prose=0.0)
    assert course.chapter().awaiting_marks == 2


def test_statuses_are_counted_for_each_function(course):
    for student, verdict in zip("abcd", (RIGHT, RIGHT, MAX_FOR_SUM, UNNAMED), strict=True):
        course.grade(student, verdict)
    (exercise,) = course.chapter().exercises
    assert exercise.name == EXERCISE
    assert exercise.statuses == {"correct": 2, "wrong": 2}
    assert exercise.mean == 0.5
    assert exercise.unnamed == 1


def test_the_commonest_mistake_comes_first_with_what_students_were_told(course):
    for student, verdict in zip("abcd", (RIGHT, MAX_FOR_SUM, EITHER, UNNAMED), strict=True):
        course.grade(student, verdict)
    first, second = course.chapter().mistakes
    assert (first.name, first.count, first.share) == ("max_for_sum", 2, 0.5)
    assert (second.name, second.count, second.share) == ("uniform_mean", 1, 0.25)
    bank = {mistake.name: mistake for mistake in catalogue()[EXERCISE].misconceptions}
    assert first.computed == bank["max_for_sum"].computed
    assert first.tempting == bank["max_for_sum"].tempting


def test_a_mistake_that_left_the_bank_keeps_its_name(course):
    course.grade("a", Verdict("wrong", 0.0, "", ("no_longer_there",)))
    assert course.chapter().mistakes[0].computed == "no longer there"


# --- nobody is lost ----------------------------------------------------------------------------


def test_whoever_was_not_graded_is_listed_and_spoils_no_mean(course, tmp_path):
    course.grade("graded", RIGHT)
    course.enter("in_the_gradebook_only")
    course.hand_in("in_its_folder_only")
    course.hand_in("autograded_only")
    course.autograde("autograded_only", _shown(RIGHT))
    chapter = course.chapter()
    failed = ("autograded_only", "in_its_folder_only", "in_the_gradebook_only")
    assert chapter.graded == ("graded",)
    assert chapter.not_graded == failed
    assert chapter.mean == 4.0
    assert chapter.exercises[0].total == 1
    for shown in (_told(course.report()), course.html(tmp_path)):
        assert all(student in " ".join(shown.split()) for student in failed)
    rows = {row["student_id"]: row for row in course.table(tmp_path)}
    assert set(rows) == {"graded", *failed}
    assert all(rows[student]["status"] == "not graded" for student in failed)
    assert all(rows[student]["score"] == "" for student in failed)


def test_a_notebook_that_cannot_be_read_is_not_graded(course):
    course.enter("a")
    course.autograde("a")
    path = next(course.work.autograded.rglob("*.ipynb"))
    path.write_text("{", encoding="utf-8")
    assert course.chapter().not_graded == ("a",)


def test_a_submission_of_no_known_chapter_is_in_the_table(course, tmp_path):
    (course.work.submitted / "a" / "chapter three").mkdir(parents=True)
    (row,) = course.table(tmp_path)
    assert (row["student_id"], row["chapter"]) == ("a", "chapter three")
    assert row["status"] == "not graded"


def test_a_chapter_that_nobody_handed_in(course, tmp_path):
    chapter = course.chapter()
    assert chapter.submissions == 0
    assert "0 handed in, 0 graded." in _told(course.report())
    assert "0 handed in, 0 graded." in course.html(tmp_path)
    assert course.table(tmp_path) == []


def test_only_what_the_judge_wrote_is_believed(course):
    course.enter("a")
    course.autograde("a", _shown(UNNAMED), own_outputs=[_shown(RIGHT)])
    assert course.chapter().exercises[0].statuses == {"wrong": 1}


def test_a_test_without_a_verdict_is_a_fault_of_the_grader(course):
    course.enter("a")
    course.autograde("a", {"output_type": "stream", "name": "stdout", "text": "Correct!"})
    (exercise,) = course.chapter().exercises
    assert exercise.statuses == {"grader_error": 1}


# --- what it costs -----------------------------------------------------------------------------


def test_a_larger_class_takes_no_more_queries(course):
    def queries():
        told = []
        with Gradebook(course.work.gradebook) as gradebook:
            event.listen(
                gradebook.engine, "before_cursor_execute", lambda *args: told.append(args[2])
            )
            report.entries(course.work, gradebook, CHAPTER)
        return len(told)

    course.grade("a", RIGHT)
    assert queries() == 1
    for student in "bcdef":
        course.grade(student, MAX_FOR_SUM)
    assert queries() == 1


# --- what is shown -----------------------------------------------------------------------------

HOSTILE = ["<script>alert(1)<!--", "[bold red]a[", "\x1b[2Jb", '"><img src=x onerror=alert(1)>']


def test_the_terminal_is_plain_where_there_is_none(course):
    course.grade("a", MAX_FOR_SUM, prose=None)
    told = _told(course.report())
    assert "\x1b" not in told
    assert "1 handed in, 1 graded; mean 0.0, median 0.0 of 8; 1 answers to mark by hand" in told
    assert "log_marginal" in told
    assert "You took the largest joint term" in told


def test_a_name_commands_no_terminal(course):
    for student in HOSTILE:
        course.hand_in(student.replace("/", ""))
    file = io.StringIO()
    console = Console(file=file, width=300, force_terminal=True, color_system=None)
    console.print(report.terminal(course.report()))
    told = file.getvalue()
    assert "\x1b[2J" not in told
    assert "[bold red]a[" in told


def test_the_page_stands_alone_and_says_what_it_shows(course, tmp_path):
    course.grade("a", MAX_FOR_SUM, when=DUE + timedelta(days=1))
    course.grade("b", RIGHT)
    text = course.html(tmp_path)
    page = BeautifulSoup(text, "html.parser")
    assert page.html["lang"] == "en"
    assert page.title.string == "Class report"
    assert page.find("meta", charset="utf-8")
    assert not page.find_all(["script", "link", "img", "iframe", "object"])
    assert "http" not in text
    assert "url(" not in text
    assert {link["href"] for link in page.find_all("a")} == {f"#{CHAPTER}"}
    assert page.find(id=CHAPTER)
    for table in page.find_all("table"):
        assert all(header["scope"] in ("col", "row") for header in table.find_all("th"))
        width = len(table.thead.find_all(["th", "td"]))
        for row in table.tbody.find_all("tr"):
            assert len(row.find_all(["th", "td"])) == width
            assert len(row.find_all("th")) == 1
    bars = page.find(class_="bar").find_all("i")
    assert [bar["title"] for bar in bars] == ["correct: 1", "wrong: 1"]


def test_a_name_runs_nothing_on_the_page(course, tmp_path):
    for student in HOSTILE:
        course.hand_in(student)
    page = BeautifulSoup(course.html(tmp_path), "html.parser")
    assert not page.find_all(["script", "img"])
    assert all(s.replace("\x1b", "\N{REPLACEMENT CHARACTER}") in page.text for s in HOSTILE)


def test_the_table_holds_every_number(course, tmp_path):
    course.grade("a", EITHER, prose=3.0, penalty=1.5)
    course.grade("b", RIGHT, prose=None)
    one, other = course.table(tmp_path)
    assert one == {
        "student_id": "a",
        "chapter": CHAPTER,
        "raw_score": "5.4",
        "late_penalty": "1.5",
        "score": "3.9",
        "max_score": "8.0",
        "status": "graded",
        "timestamp": "2026-09-14 18:00:00 UTC",
    }
    assert other["status"] == "to mark by hand"


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_a_name_is_no_formula(course, tmp_path, start):
    course.hand_in(f"{start}1,2\n3")
    (row,) = course.table(tmp_path)
    assert row["student_id"][0] not in "=+-@\t\r"
    assert "1,2" in row["student_id"]


# --- on a class that was really graded ---------------------------------------------------------


@pytest.mark.slow
def test_the_report_on_a_whole_class_adds_up(graded_class):
    summary = report.class_report(graded_class.work, chapters())
    for chapter in summary.chapters:
        handed_in = [
            student for student in graded_class.students if chapter.name in student.expected
        ]
        assert sorted((*chapter.graded, *chapter.not_graded)) == sorted(s.name for s in handed_in)
        for exercise in chapter.exercises:
            assert exercise.total == len(chapter.graded)
        points = [sum(student.expected[chapter.name].values()) for student in handed_in]
        assert chapter.mean == pytest.approx(sum(points) / len(points))
        named = {(mistake.exercise, mistake.name): mistake.count for mistake in chapter.mistakes}
        assert sum(named.values()) == sum(
            len(names)
            for student in handed_in
            for names in student.mistakes.get(chapter.name, {}).values()
        )


@pytest.mark.slow
def test_the_table_of_a_whole_class_has_everybody(graded_class, tmp_path):
    path = tmp_path / "grades.csv"
    report.write_csv(graded_class.work, path)
    with path.open(encoding="utf-8", newline="") as file:
        scores = {
            (row["student_id"], row["chapter"]): float(row["score"]) for row in csv.DictReader(file)
        }
    assert set(scores) == {
        (each.student, each.chapter) for each in submissions(graded_class.work, chapters())
    }
    for student in graded_class.students:
        for chapter, cells in student.expected.items():
            assert scores[student.name, chapter] == pytest.approx(sum(cells.values()))
