"""The instructor's command: what it says and makes; nbgrader typed by hand does the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grading import cli, steps
from grading.cli import main
from grading.workspace import SOURCES, Workspace, chapters

CHAPTER = chapters()[0]
BINARIES = Path(sys.executable).parent


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A work folder that the environment names, so that it is forgotten after the test."""
    monkeypatch.setenv("LGM_WORK", str(tmp_path / "work"))
    return Workspace(tmp_path / "work")


def hand_in(work, student, source):
    target = work.submitted / student / CHAPTER
    target.mkdir(parents=True)
    shutil.copy(source / CHAPTER / f"{CHAPTER}.ipynb", target)


def scores(work):
    with Gradebook(work.gradebook) as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(CHAPTER)}


def test_help_explains_each_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    for name in ("release", "sample-class", "autograde", "feedback", "report", "export", "doctor"):
        assert re.search(rf"^\s+{name}\s+\w+", shown, re.MULTILINE)


def test_an_unknown_chapter_is_named_with_those_that_exist(capsys):
    with pytest.raises(SystemExit) as end:
        main(["release", "99_nowhere"])
    assert end.value.code == 2
    assert "99_nowhere" in (shown := capsys.readouterr().err)
    assert CHAPTER in shown


@pytest.mark.parametrize(
    "option",
    ["--workers=0", "--workers=two", "--shard=0/2", "--shard=3/2", "--shard=2", "--shard=1/"],
)
def test_an_option_that_makes_no_sense_is_refused(option, capsys):
    with pytest.raises(SystemExit) as end:
        main(["autograde", option])
    assert end.value.code == 2
    assert option.partition("=")[0] in capsys.readouterr().err


def test_what_instructors_install_is_named_when_it_is_missing():
    code = "import sys; sys.modules['nbgrader'] = None; from grading.__main__ import main; main()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "(nbgrader" in run.stderr
    assert "pip install 'lgm[grading]'" in run.stderr


def test_grading_before_the_release_says_what_to_type(work, capfd):
    assert main(["autograde"]) == 1
    assert "lgm-grade release" in capfd.readouterr().err


def test_the_doctor_tells_the_isolation_that_was_obtained(work, capfd):
    assert main(["doctor"]) == 0
    shown = capfd.readouterr().out
    assert re.search(r"^isolation\s+bubblewrap \d", shown, re.MULTILINE)
    assert shown.rstrip().endswith("ready")


def test_without_isolation_nothing_is_run(work, capfd, monkeypatch):
    def refuse():
        raise __import__("grading.jail").jail.JailError("no bubblewrap here")

    monkeypatch.setattr("grading.jail.isolation", refuse)
    assert main(["doctor"]) == 1
    assert "no bubblewrap here" in capfd.readouterr().out


def test_names_and_problems_are_shown_as_they_are_and_command_nothing(capfd):
    submission = steps.Submission(CHAPTER, "[red]name\x1b[2J")
    assert cli._told([steps.Outcome(submission, "[/]why\x07")], "graded") == 1
    shown = capfd.readouterr().err
    assert f"[red]name\N{REPLACEMENT CHARACTER}[2J {CHAPTER} not graded:" in shown
    assert "[/]why\N{REPLACEMENT CHARACTER}" in shown


@pytest.mark.slow
def test_from_release_to_grades(work, capfd):
    assert main(["release", CHAPTER]) == 0
    hand_in(work, "able", SOURCES)
    hand_in(work, "idle", work.release)
    assert main(["autograde"]) == 0
    assert main(["feedback"]) == 0
    assert main(["export"]) == 0
    assert main(["report"]) == 0
    shown = capfd.readouterr().out
    assert "isolation: bubblewrap" in shown
    assert "2 of 2 graded" in shown
    assert scores(work)["able"] > scores(work)["idle"] == 0
    assert (work.feedback / "able" / CHAPTER / f"{CHAPTER}.html").exists()
    assert (work.report / "report.html").exists()
    rows = (work.report / "grades.csv").read_text().splitlines()
    assert len(rows) == 3


@pytest.mark.slow
def test_nbgrader_typed_by_hand_in_the_work_folder_grades_alike(work):
    assert main(["release", CHAPTER]) == 0
    hand_in(work, "able", SOURCES)
    clean = {k: v for k, v in os.environ.items() if k not in ("LGM_WORK", "VIRTUAL_ENV")}
    # The environment is not activated: nbgrader must find alembic all the same.
    clean["PATH"] = "/usr/bin:/bin"
    command = [BINARIES / "nbgrader", "autograde", CHAPTER]
    subprocess.run(command, cwd=work.root, env=clean, check=True, capture_output=True)
    assert scores(work)["able"] > 0
    assert list(work.cache.glob("*.json")), "it did not take our path"


def test_shards_run_their_parts_and_the_whole_is_recorded_afterwards(work, capfd):
    assert main(["release", CHAPTER]) == 0
    for student in ("ada", "ben", "cleo"):
        hand_in(work, student, SOURCES)
        path = work.submitted / student / CHAPTER / f"{CHAPTER}.ipynb"
        path.write_text(
            path.read_text(encoding="utf-8").replace("# NBVAL", f"# {student} NBVAL", 1)
        )
    capfd.readouterr()
    assert main(["autograde", CHAPTER, "--shard", "1/2"]) == 0
    assert "2 of 2 run" in capfd.readouterr().out
    assert main(["autograde", CHAPTER, "--shard", "2/2", "--workers", "1"]) == 0
    assert "1 of 1 run" in capfd.readouterr().out
    assert scores(work) == {}
    assert main(["autograde", CHAPTER]) == 0
    shown = capfd.readouterr().out
    assert "3 unchanged since they were run before" in shown
    assert len(set(scores(work))) == 3
