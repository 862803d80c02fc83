"""No attack gains a point, touches anything, or changes what a classmate gets."""

from pathlib import Path

import psutil
import pytest
from attack import CANARY, CHAPTER, CLASSMATES, POINTS, attacks
from bs4 import BeautifulSoup
from classroom import LEFT_BEHIND

from grading import steps
from grading.steps import Submission
from grading.text import printable

pytestmark = pytest.mark.slow

ATTACKS = [
    pytest.param(attack, id=f"{attack.kind}-{attack.name}")
    for attack in attacks()
    if attack.verdicts
]
MARKUP = "[bold red]rich["


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_gets_its_verdicts_and_what_it_earned(attack, attacked_class):
    classroom, *_ = attacked_class
    verdicts = classroom.verdicts(attack.name)
    assert list(verdicts) == list(attack.verdicts)
    unexpected = {
        name: (verdict["status"], verdict["message"])
        for name, verdict in verdicts.items()
        if verdict["status"] not in attack.verdicts[name]
    }
    assert unexpected == {}
    earned = {
        name: POINTS[name] if verdict["status"] == "correct" else 0
        for name, verdict in verdicts.items()
    }
    points = classroom.points()[attack.name]
    assert {name: points[name] for name in POINTS} == earned


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_no_attack_reads_what_it_should_not(attack, attacked_class):
    classroom, *_ = attacked_class
    made = [path for path in (classroom.work.autograded / attack.name).rglob("*") if path.is_file()]
    assert bool(made) == bool(attack.verdicts)
    assert [path for path in made if CANARY.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("student", CLASSMATES)
def test_classmates_get_what_they_get_without_attackers(student, attacked_class, quiet_class):
    classroom, *_ = attacked_class
    assert classroom.points()[student] == quiet_class.points()[student]
    assert classroom.graded(student) == quiet_class.graded(student)


def test_nothing_outside_is_touched(attacked_class):
    classroom, before, _ = attacked_class
    assert classroom.untouchable() == before
    for folder in (classroom.root, Path("/tmp"), Path("/dev/shm"), Path.home()):
        assert not list(folder.glob(f"{LEFT_BEHIND}*"))


def test_nothing_stays_running(attacked_class):
    left = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert not [words for words in left if words and "73917391" in words]


def test_as_many_come_out_as_went_in(attacked_class):
    classroom, _, command = attacked_class
    handed_in = {folder.parent.name for folder in classroom.work.submitted.glob(f"*/{CHAPTER}")}
    graded = {attack.name for attack in attacks() if attack.verdicts} | set(CLASSMATES)
    assert set(classroom.points()) == graded
    assert f"{len(graded)} of {len(handed_in)} graded" in command.stdout
    assert command.returncode == 1
    for student in handed_in - graded:
        assert f"{printable(student)} {CHAPTER} not graded:" in command.stderr


# --- text that a student controls ---------------------------------------------------------------


def test_nothing_that_is_shown_commands_a_terminal(attacked_class):
    classroom, _, command = attacked_class
    reports = [classroom.run("report", CHAPTER), classroom.run("export", CHAPTER)]
    for told in (command, *reports):
        shown = told.stdout + told.stderr
        assert [c for c in shown if not c.isprintable() and c != "\n"] == []
    assert MARKUP in command.stderr
    for name in ("grades.csv", "report.html"):
        page = (classroom.work.report / name).read_text(encoding="utf-8")
        assert [c for c in page if not c.isprintable() and c != "\n"] == []
        assert "<img" not in page or name == "grades.csv"


def test_no_feedback_runs_what_a_student_wrote(attacked_class):
    classroom, *_ = attacked_class
    smugglers = [attack.name for attack in attacks() if attack.kind == "smuggling"]
    todo = [Submission(CHAPTER, name) for name in smugglers]
    assert [each for each in steps.feedback(todo, classroom.work) if each.problem] == []
    for submission in todo:
        page = submission.path(classroom.work.feedback, ".html").read_text(encoding="utf-8")
        tags = BeautifulSoup(page, "html.parser").find_all(True)
        assert not {tag.name for tag in tags} & {"script", "iframe", "object", "embed"}
        attributes = [(name, str(value)) for tag in tags for name, value in tag.attrs.items()]
        assert not [name for name, _ in attributes if name.startswith("on")]
        assert not [value for _, value in attributes if value.lower().startswith("javascript")]
        assert "\x1b" not in page
    assert "alert(1)" in page
