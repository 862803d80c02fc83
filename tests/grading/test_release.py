"""What students receive: complete, without a line of any solution, and worth nothing untouched."""

import re
import shutil
import zipfile

import nbformat
import pytest
from nbgrader.api import Gradebook

from grading import steps
from grading.kit import make_kit, pins
from grading.workspace import SOURCES, Workspace, chapters, exercise_of

pytestmark = pytest.mark.slow

_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A released course in a folder of its own."""
    root = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LGM_WORK", str(root))
        for chapter in chapters():
            steps.release(chapter)
        yield Workspace(root)


def _source(chapter):
    return nbformat.read(SOURCES / chapter / f"{chapter}.ipynb", as_version=4)


def _released(work, chapter):
    return nbformat.read(work.release / chapter / f"{chapter}.ipynb", as_version=4)


@pytest.mark.parametrize("chapter", chapters())
def test_the_release_holds_no_solution_line(work, chapter):
    text = "\n".join(cell.source for cell in _released(work, chapter).cells)
    assert "SOLUTION" not in text
    solutions = [s for cell in _source(chapter).cells for s in _SOLUTION.findall(cell.source)]
    assert solutions
    elsewhere = "\n".join(_SOLUTION.sub("", cell.source) for cell in _source(chapter).cells)
    lines = {line.strip() for solution in solutions for line in solution.splitlines()}
    for line in lines - {""}:
        # A short line such as "else:" may well stand in the text around.
        assert line not in text or line in elsewhere, line


@pytest.mark.parametrize("chapter", chapters())
def test_the_release_shows_no_outputs_and_asks_for_every_function(work, chapter):
    cells = [cell for cell in _released(work, chapter).cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in cells)
    checks = sum(exercise_of(cell.source) is not None for cell in cells)
    stubs = sum('raise NotImplementedError("write your answer here")' in c.source for c in cells)
    assert stubs >= checks > 0


@pytest.fixture(scope="module")
def grades(work):
    """Two who handed in: the source itself, and the untouched release."""
    for chapter in chapters():
        for student, folder in (("source", SOURCES), ("untouched", work.release)):
            target = work.submitted / student / chapter
            target.mkdir(parents=True)
            shutil.copy(folder / chapter / f"{chapter}.ipynb", target)
    executed = list(steps.execute(steps.submissions(work, chapters()), work))
    assert not [outcome for outcome in executed if outcome.problem]
    assert not [outcome for outcome in steps.record(executed, work, force=False) if outcome.problem]
    with Gradebook(work.gradebook) as gradebook:
        return {
            (submission.student.id, chapter): [
                (grade.name, grade.auto_score, grade.max_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            ]
            for chapter in chapters()
            for submission in gradebook.assignment_submissions(chapter)
        }


@pytest.mark.parametrize("chapter", chapters())
def test_the_source_scores_full_points_on_every_check(grades, chapter):
    checks = [grade for grade in grades["source", chapter] if grade[0].startswith("check_")]
    assert checks
    assert all(score == most for _, score, most, _ in checks), checks


@pytest.mark.parametrize("chapter", chapters())
def test_the_untouched_release_scores_nothing(grades, chapter):
    assert all(score == 0 for _, score, _, _ in grades["untouched", chapter])
    assert not any(by_hand for *_, by_hand in grades["untouched", chapter])


@pytest.mark.parametrize("chapter", chapters())
def test_an_answer_in_prose_waits_for_a_reader(grades, chapter):
    waiting = [name for name, _, _, by_hand in grades["source", chapter] if by_hand]
    assert waiting == ["answer"]


def test_what_is_graded_is_not_run_again(grades, work, monkeypatch):
    monkeypatch.setattr("grading.results.run", lambda *_: pytest.fail("it was run again"))
    executed = steps.execute(steps.submissions(work, chapters()[:1]), work)
    assert not [o for o in steps.record(list(executed), work, force=True) if o.problem]


def test_the_kit_holds_notebooks_package_and_script(work):
    with zipfile.ZipFile(make_kit(work, chapters())) as kit:
        names = kit.namelist()
        assert "lgm-kit/start.py" in names
        assert sum(name.endswith(".whl") for name in names) == 1
        for chapter in chapters():
            text = kit.read(f"lgm-kit/notebooks/{chapter}/{chapter}.ipynb").decode()
            assert "SOLUTION" not in text


def test_the_same_release_makes_the_same_kit(work):
    assert make_kit(work, chapters()).read_bytes() == make_kit(work, chapters()).read_bytes()


def test_students_get_the_versions_that_were_tested():
    assert re.search(r"^jupyterlab==4\.", pins(), re.MULTILINE)
    assert "hash" not in pins()
