"""What we plug into nbgrader, and results: any file can be handed in, nothing is run twice."""

import copy
import itertools
import json
import os
import shutil
import signal
import socket
import threading

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.utils import compute_checksum
from traitlets.config import Config

import lgm
from grading import autograde, executor, results, steps, workspace
from grading.autograde import SubmissionExporter
from grading.executor import GraderError, Result
from grading.results import Task, content_key, run_cached
from grading.workspace import REPOSITORY, WORK_VARIABLE, Workspace
from lgm.exercises.exercise import Verdict

CHAPTER = "chapter"
CHECK = 'check("discrete_marginal.log_marginal", log_marginal)'
ANSWER = "def log_marginal(log_prior, log_lik):\n    return 'the answer of the student'"

STUDENTS = itertools.count()


def marks(grade_id, **more):
    standard = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id} | standard | more}


def source_notebook():
    solution = "def log_marginal(a, b):\n    ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(
        metadata={"kernelspec": kernel},
        cells=[
            new_markdown_cell("# A chapter"),
            new_code_cell("from lgm.course import check"),
            new_code_cell(solution, metadata=marks("log_marginal", solution=True)),
            new_code_cell(
                CHECK, metadata=marks("check_log_marginal", grade=True, locked=True, points=4)
            ),
            new_markdown_cell(
                "Why?", metadata=marks("why", grade=True, solution=True, locked=False, points=2)
            ),
        ],
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A course of one chapter, released."""
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace, "SOURCES", root / "notebooks")
        patch.setenv(WORK_VARIABLE, str(root / "work"))
        path = root / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(source_notebook(), path)
        steps.release(CHAPTER)
        yield Workspace.current()


@pytest.fixture
def released(work):
    return nbformat.read(work.release / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)


@pytest.fixture
def submitted(released):
    """What an honest student hands in."""
    notebook = copy.deepcopy(released)
    notebook.cells[2].source = ANSWER
    return notebook


@pytest.fixture
def path(work):
    """Where a student's file belongs."""
    path = work.submitted / f"student{next(STUDENTS)}" / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    return path


def exported(path):
    """The file as nbgrader gets to see it."""
    exporter = SubmissionExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    text, _ = exporter.from_filename(str(path), {"nbgrader": {"assignment": CHAPTER}})
    assert text.encode()
    return nbformat.reads(text, as_version=4)


def sanitized(path, work):
    """The file after nbgrader has restored what is locked."""
    notebook = steps.sanitize(steps.Submission(CHAPTER, path.parent.parent.name), work)
    assert nbformat.writes(notebook).encode()
    return notebook


def assert_blank(notebook, released, reason):
    note, *cells = notebook.cells
    assert note.cell_type == "markdown"
    assert "cannot be read as a notebook" in note.source
    assert reason in note.source
    assert "<" not in note.source
    assert [cell.source for cell in cells] == [cell.source for cell in released.cells]


# --- files that are no notebooks ---------------------------------------------------------------

VALID = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
UNREADABLE = {
    "empty": b"",
    "not json": b"print('my answer')",
    "html": b"<html><script>alert(1)</script></html>",
    "zeros": bytes(1000),
    "not utf-8": b"\xff\xfe\xfa\xfb",
    "zip": b"PK\x03\x04" + bytes(64),
    "deep": b"[" * 100_000,
    "truncated": json.dumps(VALID).encode()[:-1],
    "number": b"3",
    "null": b"null",
    "text": b'"notebook"',
    "list": b"[]",
    "another json": b'{"name": "data"}',
    "nothing": b"{}",
    "version as text": json.dumps(VALID | {"nbformat": "4"}).encode(),
    "future version": json.dumps(VALID | {"nbformat": 99}).encode(),
    "negative version": json.dumps(VALID | {"nbformat": -1}).encode(),
    "no cells": json.dumps({k: v for k, v in VALID.items() if k != "cells"}).encode(),
    "cells are text": json.dumps(VALID | {"cells": "none"}).encode(),
    "cells are numbers": json.dumps(VALID | {"cells": [1, 2]}).encode(),
    "cell of another type": json.dumps(VALID | {"cells": [{"cell_type": "answer"}]}).encode(),
    "cell without a source": json.dumps(VALID | {"cells": [{"cell_type": "code"}]}).encode(),
    "no metadata": json.dumps(VALID | {"metadata": None}).encode(),
    "version 3 without cells": json.dumps({"nbformat": 3, "nbformat_minor": 0}).encode(),
    "version 1": json.dumps({"nbformat": 1, "cells": [{}]}).encode(),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_notebook_counts_as_the_untouched_release(path, released, content):
    path.write_bytes(content)
    assert_blank(exported(path), released, "")


def test_what_is_no_notebook_is_the_same_each_time_that_it_is_read(path, work):
    path.write_bytes(b"")
    assert exported(path) == exported(path)


def test_a_folder_is_no_notebook(path, released):
    path.mkdir()
    assert_blank(exported(path), released, "it is not a file")


def test_a_fifo_is_not_waited_for(path, released):
    os.mkfifo(path)
    assert_blank(exported(path), released, "it is not a file")


def test_a_socket_is_no_notebook(path, released, monkeypatch):
    monkeypatch.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
        assert_blank(exported(path), released, "it is not a file")


def test_a_link_to_the_work_of_a_classmate_is_not_followed(path, released, submitted, tmp_path):
    classmate = tmp_path / "classmate.ipynb"
    nbformat.write(submitted, classmate)
    path.symlink_to(classmate)
    assert_blank(exported(path), released, "it is not a file")


@pytest.mark.parametrize("target", ["/dev/zero", "/etc/passwd", "itself", "/nowhere"])
def test_no_link_is_followed(path, released, target):
    path.symlink_to(path if target == "itself" else target)
    assert_blank(exported(path), released, "it is not a file")


def test_a_file_that_is_too_large_is_not_read(path, released, submitted, monkeypatch):
    nbformat.write(submitted, path)
    size = path.stat().st_size
    monkeypatch.setattr(autograde, "MAX_BYTES", size - 1)
    assert_blank(exported(path), released, f"it has {size} bytes, at most {size - 1} are read")
    monkeypatch.setattr(autograde, "MAX_BYTES", size)
    assert exported(path).cells[2].source == ANSWER


def test_the_reason_cannot_smuggle_in_markup(path, work, monkeypatch):
    def fails(path):
        raise ValueError("<img src=x onerror=alert(1)>" * 100)

    monkeypatch.setattr(autograde, "_read", fails)
    exporter = SubmissionExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    text, _ = exporter.from_filename(str(path), {"nbgrader": {"assignment": CHAPTER}})
    assert "&lt;img src=x" in text
    assert "<img" not in text


# --- files that are unusual, and notebooks all the same ----------------------------------------


def test_a_notebook_is_read_as_it_is(path, submitted):
    nbformat.write(submitted, path)
    assert exported(path) == submitted


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_a_notebook_of_version_3_is_read(path, submitted):
    old = nbformat.convert(copy.deepcopy(submitted), 3)
    path.write_text(json.dumps(old), encoding="utf-8")
    notebook = exported(path)
    assert ANSWER in [cell.source for cell in notebook.cells]
    assert notebook.nbformat == 4


def test_a_notebook_with_a_byte_order_mark_is_read(path, submitted):
    path.write_text(nbformat.writes(submitted), encoding="utf-8-sig")
    assert exported(path).cells[2].source == ANSWER


@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
def test_a_notebook_with_two_cells_of_the_same_id_is_read(path, submitted):
    submitted.cells.append(copy.deepcopy(submitted.cells[1]))
    path.write_text(json.dumps(submitted), encoding="utf-8")
    notebook = exported(path)
    assert notebook.cells[2].source == ANSWER
    assert len({cell.id for cell in notebook.cells}) == 6


# --- nbgrader's marks, as students leave them --------------------------------------------------


@pytest.mark.parametrize("version", [None, 0, 1, 2, 4, 99, -1, 3.5, "3", "", [3], {}, True])
def test_marks_of_a_strange_version_are_forgotten(path, work, submitted, version):
    submitted.cells[1].metadata.update(marks("strange", schema_version=version))
    path.write_text(json.dumps(submitted), encoding="utf-8")
    notebook = sanitized(path, work)
    assert "nbgrader" not in notebook.cells[1].metadata
    assert notebook.cells[2].source == ANSWER


@pytest.mark.parametrize("mark", [None, 3, "text", [], {}], ids=repr)
def test_marks_that_are_no_marks_are_forgotten(path, work, submitted, mark):
    submitted.cells[1].metadata["nbgrader"] = mark
    path.write_text(json.dumps(submitted), encoding="utf-8")
    assert "nbgrader" not in sanitized(path, work).cells[1].metadata


def edit(function):
    return pytest.param(function, id=function.__name__)


def nothing(cells):
    pass


def check_rewritten(cells):
    cells[3].source = "4.0"


def check_deleted(cells):
    del cells[3]


def check_duplicated(cells):
    cells.append(copy.deepcopy(cells[3]) | {"id": "copy"})


def check_turned_into_prose(cells):
    cells[3] = new_markdown_cell(cells[3].source, metadata=cells[3].metadata)


def check_unmarked(cells):
    del cells[3].metadata["nbgrader"]


def check_renamed(cells):
    cells[3].metadata.nbgrader.grade_id = "other"


def check_marked_as_solution(cells):
    cells[3].metadata.nbgrader.solution = True


def check_marked_as_no_test(cells):
    cells[3].metadata.nbgrader.grade = False


def check_worth_more(cells):
    cells[3].metadata.nbgrader.points = 400


def check_worth_no_number(cells):
    cells[3].metadata.nbgrader.points = "many"


def check_worth_nan(cells):
    cells[3].metadata.nbgrader.points = float("nan")


def check_moved_to_the_top(cells):
    cells.insert(0, cells.pop(3))


def check_tagged(cells):
    cells[3].metadata.tags = ["skip-execution", "raises-exception"]


def solution_duplicated(cells):
    cells.insert(2, copy.deepcopy(cells[2]) | {"id": "copy"})


def solution_marked_as_test(cells):
    cells[2].metadata.nbgrader |= {"grade": True, "points": 4}


def solution_unmarked(cells):
    del cells[2].metadata["nbgrader"]


def both_deleted(cells):
    answer = cells[2].source
    del cells[2:4]
    cells.append(new_code_cell(answer))


def everything_deleted(cells):
    answer = cells[2].source
    cells[:] = [new_code_cell(answer)]


def cell_of_ones_own_marked_as_test(cells):
    cells.append(new_code_cell("4.0", metadata=marks("mine", grade=True, points=100)))


def marks_without_keys(cells):
    cells[1].metadata["nbgrader"] = {"schema_version": 3}


def marks_of_other_types(cells):
    cells[1].metadata["nbgrader"] = {"schema_version": 3, "grade": "yes", "grade_id": [1]}


def half_a_character(cells):
    cells.append(new_markdown_cell("\ud800"))


EDITS = [
    edit(nothing),
    edit(check_rewritten),
    edit(check_deleted),
    edit(check_duplicated),
    edit(check_turned_into_prose),
    edit(check_unmarked),
    edit(check_renamed),
    edit(check_marked_as_solution),
    edit(check_marked_as_no_test),
    edit(check_worth_more),
    edit(check_worth_no_number),
    edit(check_worth_nan),
    edit(check_moved_to_the_top),
    edit(check_tagged),
    edit(solution_duplicated),
    edit(solution_marked_as_test),
    edit(solution_unmarked),
    edit(both_deleted),
    edit(everything_deleted),
    edit(cell_of_ones_own_marked_as_test),
    edit(marks_without_keys),
    edit(marks_of_other_types),
    edit(half_a_character),
]


@pytest.mark.parametrize("change", EDITS)
def test_whatever_was_done_to_the_cells_the_tests_are_those_of_the_release(
    path, work, submitted, change
):
    change(submitted.cells)
    path.write_text(json.dumps(submitted), encoding="utf-8")
    notebook = sanitized(path, work)
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert sorted(cell.metadata.nbgrader.grade_id for cell in tests) == [
        "check_log_marginal",
        "why",
    ]
    (test,) = [cell for cell in tests if cell.metadata.nbgrader.grade_id == "check_log_marginal"]
    assert test.cell_type == "code"
    assert test.source.endswith(CHECK)
    assert test.metadata.nbgrader.points == 4
    assert not test.metadata.nbgrader.solution
    assert [cell.source for cell in notebook.cells].count(ANSWER) >= 1


# --- the key of a result -----------------------------------------------------------------------


def changed(notebook, change):
    notebook = copy.deepcopy(notebook)
    change(notebook)
    return notebook


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb.cells[2].update(source=ANSWER + " "),
        lambda nb: nb.cells[0].update(source="# Another title"),
        lambda nb: nb.cells[0].update(cell_type="raw"),
        lambda nb: nb.cells.append(new_code_cell("")),
        lambda nb: nb.cells.reverse(),
        lambda nb: nb.cells[3].metadata.nbgrader.update(points=5),
        lambda nb: nb.cells[3].metadata.nbgrader.update(grade_id="other"),
        lambda nb: nb.cells[1].metadata.update(tags=["skip-execution"]),
    ],
    ids=["source", "title", "type", "cell more", "order", "points", "name", "tag"],
)
def test_the_key_changes_with_all_that_a_result_depends_on(submitted, change):
    assert content_key(submitted, 1) != content_key(changed(submitted, change), 1)


def test_the_key_changes_with_the_seed_and_with_our_own_code(submitted, monkeypatch):
    key = content_key(submitted, 1)
    assert content_key(submitted, 2) != key
    monkeypatch.setattr(results, "_code_key", lambda chapters: "another version")
    assert content_key(submitted, 1) != key


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb.cells[1].update(outputs=[new_output("stream", text="hello")]),
        lambda nb: nb.cells[1].update(execution_count=99),
        lambda nb: nb.cells[1].update(id="another"),
        lambda nb: nb.metadata.update(title="another"),
    ],
    ids=["outputs", "count", "id", "metadata"],
)
def test_the_key_does_not_change_with_what_a_run_replaces(submitted, change):
    assert content_key(submitted, 1) == content_key(changed(submitted, change), 1)


# --- results are kept --------------------------------------------------------------------------


@pytest.fixture
def runs(monkeypatch):
    """Count the runs instead of running."""
    ran = []

    def run(notebook, seed, idle):
        ran.append(seed)
        notebook.cells[3].outputs = [new_output("stream", text=f"run {len(ran)}")]
        verdict = Verdict("wrong", 0.0, "Told “so”.", ("one", "two"), 3)
        return Result(notebook, {"check_log_marginal": verdict}, "a jail", 1.5)

    monkeypatch.setattr(results, "run", run)
    return ran


def ran(submitted, work):
    return run_cached(Task.of(submitted, CHAPTER, work), work)


def test_the_same_submission_is_not_run_again(tmp_path, submitted, runs):
    work = Workspace(tmp_path)
    first = ran(submitted, work)
    second = ran(submitted, work)
    assert runs == [work.seed]
    assert second == first
    assert second.verdicts["check_log_marginal"].misconceptions == ("one", "two")
    assert second.notebook.cells[3].outputs[0].text == "run 1"
    assert [file.suffix for file in work.cache.iterdir()] == [".json"]


def test_an_edited_submission_and_another_seed_are_run(tmp_path, submitted, runs):
    ran(submitted, Workspace(tmp_path / "one"))
    submitted.cells[2].source += "  # edited"
    ran(submitted, Workspace(tmp_path / "one"))
    ran(submitted, Workspace(tmp_path / "two"))
    assert len(runs) == 3
    assert len(set(runs)) == 2


def test_a_fault_of_ours_is_not_kept(tmp_path, submitted, monkeypatch, runs):
    work = Workspace(tmp_path)
    counted = results.run

    def fails(notebook, seed, idle):
        raise GraderError("the kernel did not start")

    monkeypatch.setattr(results, "run", fails)
    with pytest.raises(GraderError):
        ran(submitted, work)
    assert not work.kept(Task.of(submitted, CHAPTER, work).key).exists()
    monkeypatch.setattr(results, "run", counted)
    ran(submitted, work)
    assert len(runs) == 1


def test_two_students_with_the_same_answer_can_be_graded_at_the_same_time(
    tmp_path, submitted, runs, monkeypatch
):
    work = Workspace(tmp_path)
    assert work.seed
    together, counted, made = threading.Barrier(8), results.run, []

    def run(notebook, seed, idle):
        together.wait(10)
        return counted(notebook, seed, idle)

    monkeypatch.setattr(results, "run", run)

    def grade():
        made.append(ran(submitted, work))

    threads = [threading.Thread(target=grade) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 8
    assert len(list(work.cache.iterdir())) == 1
    assert ran(submitted, work).verdicts == made[0].verdicts


def test_nbgrader_takes_what_was_run_before(path, work, submitted, runs):
    nbformat.write(submitted, path)
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    ran(sanitized(path, work), work)
    ready = [steps.Outcome(submission)]
    assert list(steps.record(ready, work, force=False)) == ready
    assert runs == [work.seed]
    graded = nbformat.read(submission.path(work.autograded), as_version=4)
    assert graded.cells[3].outputs[0].text == "run 1"
    assert compute_checksum(graded.cells[3]) == graded.cells[3].metadata.nbgrader.checksum


def scores(submission, work):
    with Gradebook(work.gradebook, "lgm") as gradebook:
        entered = gradebook.find_submission(submission.chapter, submission.student)
        return {
            grade.name: (grade.auto_score, grade.needs_manual_grade)
            for notebook in entered.notebooks
            for grade in notebook.grades
        }


def test_a_kept_result_is_recorded_as_nbgrader_would_have_run_it(
    path, work, submitted, judging, monkeypatch
):
    judging("wrong", 0.5)
    submitted.cells[2].source += "  # recorded"
    submitted.cells[3].source = "# something else"
    nbformat.write(submitted, path)
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    found = []
    key = Task.of(sanitized(path, work), CHAPTER, work).key
    # First nothing is kept, and nbgrader has it run; then it is only recorded.
    for _ in range(2):
        (outcome,) = steps.record([steps.Outcome(submission, key=key)], work, force=True)
        assert outcome.problem == ""
        folder = submission.path(work.autograded).parent
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
        found.append((files, scores(submission, work)))
        monkeypatch.delattr(NbGraderAPI, "autograde", raising=False)
        monkeypatch.delattr(results, "run", raising=False)
    assert found[0] == found[1]
    assert found[0][1] == {"check_log_marginal": (2.0, False), "why": (0.0, False)}


def test_a_kept_result_that_cannot_be_read_stops_nobody_else(path, work, submitted, judging):
    submitted.cells[2].source += "  # spoiled"
    nbformat.write(submitted, path)
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    task = Task.of(sanitized(path, work), CHAPTER, work)
    results.keep(work.kept("spoiled"), b"{")
    results.keep(work.kept(task.key), results.judged(task)[0])
    ready = [steps.Outcome(submission, key=key) for key in ("spoiled", task.key)]
    spoiled, good = steps.record(ready, work, force=True)
    assert "JSONDecodeError" in spoiled.problem
    assert good.problem == ""


def test_nbgraders_database_is_opened_by_the_same_engine_each_time(work):
    with Gradebook(work.gradebook) as one, Gradebook(work.gradebook) as other:
        assert one.engine is other.engine


def test_what_is_returned_is_what_is_kept(tmp_path, submitted, monkeypatch):
    def run(notebook, seed, idle):
        notebook.cells[1].outputs = [new_output("stream", text="half \ud800 a character")]
        return Result(notebook, {}, "a jail", 1.5)

    monkeypatch.setattr(results, "run", run)
    first = ran(submitted, Workspace(tmp_path))
    assert nbformat.writes(first.notebook).encode()
    assert ran(submitted, Workspace(tmp_path)) == first


def test_whatever_a_kernel_sent_is_graded_and_shown(path, work, submitted, monkeypatch):
    def run(notebook, seed, idle):
        notebook.cells[1].outputs = [
            new_output("stream", text="half \ud800 a character, \0, \x1b[")
        ]
        return Result(notebook, {}, "a jail", 1.5)

    monkeypatch.setattr(results, "run", run)
    submitted.cells[2].source += "  # unlike any other, which may have been run before"
    nbformat.write(submitted, path)
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    ready = [steps.Outcome(submission)]
    assert list(steps.record(ready, work, force=False)) == ready
    assert steps._feedback(submission, work) == steps.Outcome(submission)
    graded = nbformat.read(submission.path(work.autograded), as_version=4)
    assert graded.cells[1].outputs[0].text.startswith("half ? a character")


@pytest.mark.parametrize("minor", [0, 2, 4])
def test_a_notebook_of_an_older_minor_version_gets_its_tests_back(path, work, submitted, minor):
    for cell in submitted.cells:
        del cell["id"]
    del submitted.cells[3]
    path.write_text(json.dumps(submitted | {"nbformat_minor": minor}), encoding="utf-8")
    notebook = sanitized(path, work)
    nbformat.validate(notebook)
    assert [cell.source.endswith(CHECK) for cell in notebook.cells].count(True) == 1


# --- a class is graded again -------------------------------------------------------------------


@pytest.fixture
def judging(monkeypatch):
    """Let every submission get the verdict that was set last."""

    def verdict(status, fraction):
        def run(notebook, seed, idle):
            executor._write_outputs(notebook.cells[3], Verdict(status, fraction, "Told."))
            return Result(notebook, {}, "a jail", 1.5)

        monkeypatch.setattr(results, "run", run)

    verdict("correct", 1.0)
    return verdict


def regraded(path, work, force=False):
    """Grade as the command does; return what marks changed, and whether anything was written."""
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    graded = submission.path(work.autograded)
    before = graded.stat().st_mtime_ns if graded.exists() else 0
    key = Task.of(sanitized(path, work), CHAPTER, work).key
    (outcome,) = steps.record([steps.Outcome(submission, key=key)], work, force)
    assert outcome.problem == ""
    return outcome.changes, graded.stat().st_mtime_ns != before


def test_what_is_graded_and_unchanged_is_left_alone(path, work, submitted, judging, monkeypatch):
    submitted.cells[2].source += "  # left alone"
    nbformat.write(submitted, path)
    assert regraded(path, work) == ((), True)
    assert regraded(path, work, force=True) == ((), True)
    # Not even nbgrader, which would look and then leave it alone as well, is asked.
    monkeypatch.delattr(steps, "_record")
    assert regraded(path, work) == ((), False)


def test_what_was_left_half_done_is_graded_again(path, work, submitted, judging):
    submitted.cells[2].source += "  # half done"
    nbformat.write(submitted, path)
    graded = steps.Submission(CHAPTER, path.parent.parent.name).path(work.autograded)
    graded.parent.mkdir(parents=True)
    assert regraded(path, work) == ((), True)
    whole = graded.read_bytes()
    graded.chmod(0o600)
    graded.write_bytes(whole[: len(whole) // 2])
    assert regraded(path, work) == ((), True)
    assert graded.read_bytes() == whole


def test_ctrl_c_lets_nbgrader_finish_one_and_stops(path, work, submitted, judging, monkeypatch):
    submitted.cells[2].source += "  # interrupted"
    nbformat.write(submitted, path)
    submission = steps.Submission(CHAPTER, path.parent.parent.name)
    run = results.run

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return run(*arguments, **options)

    monkeypatch.setattr(results, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(steps.record([steps.Outcome(submission)] * 2, work, force=True))
    assert submission.path(work.autograded).exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_was_handed_in_again_is_graded_again(path, work, submitted, judging):
    submitted.cells[2].source += "  # handed in again"
    nbformat.write(submitted, path)
    stamp = path.with_name("timestamp.txt")
    stamp.write_text("2026-01-05 10:00:00 UTC\n", encoding="ascii")
    assert regraded(path, work) == ((), True)
    stamp.write_text("2026-01-06 10:00:00 UTC\n", encoding="ascii")
    assert regraded(path, work) == ((), True)
    assert regraded(path, work) == ((), False)


def test_when_an_exercise_is_mended_each_changed_mark_is_told(
    path, work, submitted, judging, monkeypatch
):
    submitted.cells[2].source += "  # mended"
    nbformat.write(submitted, path)
    judging("partial", 0.5)
    assert regraded(path, work) == ((), True)
    monkeypatch.setattr(results, "_code_key", lambda chapters: f"mended {sorted(chapters)}")
    judging("correct", 1.0)
    told = "discrete_marginal.log_marginal: partial (50%) → correct (100%)"
    assert regraded(path, work) == ((told,), True)
    assert regraded(path, work) == ((), False)


def test_mending_an_exercise_touches_its_chapter_alone(monkeypatch, tmp_path):
    shutil.copytree(REPOSITORY / "lgm", tmp_path / "lgm")
    monkeypatch.setattr(lgm, "__file__", str(tmp_path / "lgm" / "__init__.py"))
    key = results._code_key.__wrapped__
    exercise = tmp_path / "lgm/exercises/discrete_marginal/log_marginal.py"
    one, other = frozenset({"discrete_marginal"}), frozenset({"the_bound"})
    before = key(one), key(other)
    exercise.write_text(exercise.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    assert key(one) != before[0]
    assert key(other) == before[1]
    judge = tmp_path / "lgm/exercises/exercise.py"
    judge.write_text(judge.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    assert key(other) != before[1]


def test_of_two_equal_submissions_one_is_run_and_none_is_ready_before_it(
    work, released, submitted, monkeypatch
):
    submitted.cells[2].source += "  # the same of two"
    alike = [steps.Submission(CHAPTER, name) for name in ("alike_1", "alike_2")]
    for submission in alike:
        target = submission.path(work.submitted)
        target.parent.mkdir(parents=True)
        nbformat.write(submitted, target)
    given = []

    def spread(function, tasks, workers, cluster):
        given.extend(tasks)
        assert not ready
        for task in given:
            yield task, (b"{}", "a jail")

    monkeypatch.setattr(steps, "spread", spread)
    ready = []
    for outcome in steps.execute(alike, work):
        assert work.kept(given[0].key).exists()
        ready.append((outcome.submission, outcome.problem, outcome.isolation))
    assert len(given) == 1
    assert ready == [(alike[0], "", "a jail"), (alike[1], "", "")]


def test_what_was_run_before_is_passed_on_at_once(work, submitted, judging, monkeypatch):
    submitted.cells[2].source += "  # run before"
    before = [steps.Submission(CHAPTER, f"before_{number}") for number in range(3)]
    for submission in before:
        target = submission.path(work.submitted)
        target.parent.mkdir(parents=True)
        nbformat.write(submitted, target)
    ran(sanitized(target, work), work)
    looked_at = []
    sanitize = steps.sanitize

    def seen(submission, work):
        looked_at.append(submission)
        return sanitize(submission, work)

    monkeypatch.setattr(steps, "sanitize", seen)
    ended = steps.execute(before, work)
    for count, submission in enumerate(before, start=1):
        assert next(ended).submission == submission
        assert len(looked_at) == count
