"""A whole class through the real pipeline: everybody gets what they must, cell by cell."""

import json
import re

import pytest
from nbgrader.api import Gradebook

from grading import sample_class
from grading.executor import VERDICT_TYPE
from grading.steps import submissions
from grading.workspace import Workspace, chapters
from lgm.exercises.catalogue import catalogue


def _scores(work):
    """What the gradebook says, by student, chapter and cell."""
    scores = {}
    with Gradebook(work.gradebook) as gradebook:
        for chapter in chapters():
            for submission in gradebook.assignment_submissions(chapter):
                scores[submission.student.id, chapter] = {
                    grade.name: grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
    return scores


def _verdicts(work, student, chapter):
    path = work.autograded / student / chapter / f"{chapter}.ipynb"
    if not path.exists():
        return  # that everybody is graded is a test of its own
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if VERDICT_TYPE in output.get("data", {}):
                yield cell["metadata"]["nbgrader"]["grade_id"], output["data"][VERDICT_TYPE]


def test_a_class_needs_a_chapter(tmp_path):
    with pytest.raises(ValueError, match="at least one chapter"):
        sample_class.make(Workspace(tmp_path), [])


@pytest.mark.slow
def test_every_cell_scores_what_it_must(graded_class):
    scores = _scores(graded_class.work)
    compared = [
        (student.name, chapter, cell, points, scores.get((student.name, chapter), {}).get(cell))
        for student in graded_class.students
        for chapter, cells in student.expected.items()
        for cell, points in cells.items()
    ]
    assert [row for row in compared if row[3] != row[4]] == []
    exercises = len(catalogue())
    assert len(compared) > 5 * exercises


@pytest.mark.slow
def test_nobody_is_lost(graded_class):
    work, students, command = graded_class
    handed_in = {(student.name, chapter) for student in students for chapter in student.expected}
    assert {(each.student, each.chapter) for each in submissions(work, chapters())} == handed_in
    assert set(_scores(work)) == handed_in
    ungraded = {
        (student, chapter)
        for student, chapter in handed_in
        if not (work.autograded / student / chapter / f"{chapter}.ipynb").exists()
    }
    assert ungraded == set()
    assert command.returncode == 0, command.stderr
    assert f"{len(handed_in)} of {len(handed_in)} graded" in command.stdout


@pytest.mark.slow
def test_the_mistakes_that_were_made_are_named(graded_class):
    for student in graded_class.students:
        for chapter, mistakes in student.mistakes.items():
            named = {
                cell: tuple(verdict["misconceptions"])
                for cell, verdict in _verdicts(graded_class.work, student.name, chapter)
                if verdict["misconceptions"]
            }
            assert named == mistakes, (student.name, chapter)


@pytest.mark.slow
def test_the_class_is_as_varied_as_it_says(graded_class):
    names = [student.name for student in graded_class.students]
    assert len(set(names)) == len(names) >= 24
    assert all(re.fullmatch(r"s\d\d_[a-z_]+", name) for name in names)
    held = {
        (chapter, cell, mistake)
        for student in graded_class.students
        for chapter, mistakes in student.mistakes.items()
        for cell, named in mistakes.items()
        for mistake in named
    }
    cells = {(chapter, cell) for chapter, cell, _ in held}
    assert len(cells) == len(catalogue())
    # Two for each chapter, with one right answer each: all their other answers differ.
    assert len(held) >= 2 * (len(cells) - len({chapter for chapter, _ in cells}))


@pytest.mark.slow
def test_every_way_to_fail_occurs(graded_class):
    statuses = {
        verdict["status"]
        for student in graded_class.students
        for chapter in student.expected
        for _, verdict in _verdicts(graded_class.work, student.name, chapter)
    }
    assert statuses >= {
        *("correct", "partial", "wrong", "error", "missing"),
        *("timeout", "memory", "killed"),
    }


@pytest.mark.slow
def test_one_is_late(graded_class):
    with Gradebook(graded_class.work.gradebook) as gradebook:
        late = {
            submission.student.id
            for chapter in chapters()
            for submission in gradebook.assignment_submissions(chapter)
            if submission.total_seconds_late
        }
    assert late == {student.name for student in graded_class.students if "late" in student.name}


@pytest.mark.slow
def test_the_same_class_is_made_again(graded_class):
    work, students, _ = graded_class

    def files():
        return {path: path.read_bytes() for path in work.submitted.rglob("*.*")}

    before = files()
    assert sample_class.make(work, chapters()) == students
    assert files() == before
