"""Real kernels in the real jail: every way to end has its verdict and its points."""

import asyncio
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import determine_grade

from grading import executor, jail
from grading import judge as judge_module
from grading.executor import VERDICT_TYPE, GraderError, run
from lgm.exercises.exercise import Verdict

SEED = 7
POINTS = 4
LIMITS = jail.Limits(
    cell_seconds=4.0,
    call_seconds=3.0,
    check_seconds=10.0,
    memory_bytes=1 << 30,
    disk_bytes=16 << 20,
    output_bytes=1 << 20,
)

IMPORTS = "import numpy as np\nfrom lgm.course import check"
RIGHT = """
def log_marginal(log_prior, log_lik):
    return np.logaddexp.reduce(log_prior[:, None] + log_lik, axis=0)
"""
WRONG = """
def log_marginal(log_prior, log_lik):
    return np.max(log_prior[:, None] + log_lik, axis=0)
"""
PARTIAL = """
def log_marginal(log_prior, log_lik):
    return np.log(np.exp(log_prior[:, None] + log_lik).sum(axis=0))
"""


def marked(source, grade_id, **marks):
    cell = new_code_cell(source)
    cell.metadata.nbgrader = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | marks
    return cell


def checked(grade_id, name="discrete_marginal.log_marginal"):
    source = f'check("{name}", {name.rpartition(".")[2]})'
    return marked(source, grade_id, grade=True, locked=True, points=POINTS)


def notebook(sections):
    """For each section the student's cell, and the test cell that is named after the section."""
    cells = [new_code_cell(IMPORTS)]
    for name, source in sections.items():
        cells += [marked(source, f"solution_{name}", solution=True), checked(name)]
    return new_notebook(cells=cells)


def points_of(result):
    """What nbgrader reads from the outputs."""
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)
        for cell in result.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def statuses(result):
    return {name: verdict.status for name, verdict in result.verdicts.items()}


@contextmanager
def shared_folders():
    """Where the folders lie that are shared with kernels."""
    # A socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        try:
            yield folder
        finally:
            left = list(folder.iterdir())
            subprocess.run(["rm", "-rf", folder], check=True)
    assert left == []


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_behind():
    with shared_folders():
        yield


# --- a notebook that comes to its end ----------------------------------------------------------

# What is written, the verdict, and the share of the points. In this order, in one kernel.
SECTIONS = {
    "right": (RIGHT, "correct", 1.0),
    "wrong": (WRONG, "wrong", 0.0),
    "partial": (PARTIAL, "partial", 0.87),
    "not_written": ("def log_marginal(*args): raise NotImplementedError('here')", "missing", 0.0),
    "deleted": ("del log_marginal", "missing", 0.0),
    "error": ("def log_marginal(*args): raise ValueError('<b>bad</b>')", "error", 0.0),
    "exits": ("def log_marginal(*args): import sys; sys.exit(0)", "error", 0.0),
    "asks": ("def log_marginal(*args): return input()", "error", 0.0),
    "no_array": ("def log_marginal(*args): return {'a': 1}", "wrong", 0.0),
    "no_memory": ("def log_marginal(*args): return np.ones(10**12)", "memory", 0.0),
    "too_large": ("def log_marginal(*args): return np.ones(9 * 10**6)", "error", 0.0),
    "no_function": ("log_marginal = 3.0", "error", 0.0),
    "loops": ("def log_marginal(*args):\n    while True: pass", "timeout", 0.0),
    "right_after_a_loop": (RIGHT, "correct", 1.0),
    "cell_loops": (RIGHT + "while True: pass", "correct", 1.0),
    "cell_fails": (RIGHT + "1 / 0", "correct", 1.0),
    "warns": (
        RIGHT + "import sys, warnings\nright = log_marginal\n"
        "def log_marginal(*args):\n"
        "    warnings.warn('careful'); print('noise', 3.0); print('noise', file=sys.stderr)\n"
        "    return right(*args)",
        "correct",
        1.0,
    ),
    "changes_arguments": (
        "def log_marginal(log_prior, log_lik):\n"
        "    log_lik += log_prior[:, None]\n"
        "    return np.logaddexp.reduce(log_lik, axis=0)",
        "correct",
        1.0,
    ),
    "check_redefined": (RIGHT + "check = lambda *args: 4.0", "missing", 0.0),
    "check_fails": ("def check(*args): raise OSError('no check')", "error", 0.0),
}


@pytest.fixture(scope="module")
def graded():
    return run(notebook({name: source for name, (source, *_) in SECTIONS.items()}), SEED, LIMITS)


@pytest.mark.parametrize("name", SECTIONS)
def test_each_way_to_end_has_its_verdict_and_its_points(graded, name):
    _, status, fraction = SECTIONS[name]
    verdict = graded.verdicts[name]
    assert (verdict.status, verdict.fraction) == (status, fraction), verdict.message
    assert points_of(graded)[name] == (pytest.approx(fraction * POINTS, abs=0.01), POINTS)


def test_every_test_cell_has_a_verdict(graded):
    assert list(graded.verdicts) == list(SECTIONS)
    assert graded.isolation.startswith("bubblewrap")
    assert graded.seconds > 0.0


def test_a_test_cell_shows_the_verdict_and_nothing_that_the_student_printed(graded):
    for cell in graded.notebook.cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            continue
        card, *score = cell.outputs
        record = card.data[VERDICT_TYPE]
        verdict = graded.verdicts[cell.metadata.nbgrader.grade_id]
        assert (record["status"], record["fraction"]) == (verdict.status, verdict.fraction)
        assert record["counterexample"] is None
        assert verdict.message in card.data["text/plain"]
        assert "noise" not in str(cell.outputs)
        assert len(score) == (verdict.fraction < 1.0)


def test_verdicts_say_what_happened(graded):
    told = {name: verdict.message for name, verdict in graded.verdicts.items()}
    assert told["wrong"].startswith("You took the largest joint term")
    assert graded.verdicts["wrong"].misconceptions == ("max_for_sum",)
    assert told["partial"].startswith("Right on the typical cases, wrong on: ")
    assert told["deleted"] == "There is no function log_marginal."
    assert "ValueError: <b>bad</b>" in told["error"]
    assert "SystemExit: 0" in told["exits"]
    assert "TypeError: check needs the function itself, got float" in told["no_function"]
    assert "Note: Your function warned: careful." in told["warns"]
    assert "Note: Your function changes its arguments" in told["changes_arguments"]
    assert "The check was never made." in told["check_redefined"]
    assert "OSError: no check" in told["check_fails"]


def test_what_a_student_writes_is_escaped_on_the_card(graded):
    cell = next(
        c for c in graded.notebook.cells if "check(" in c.source and "bad" in str(c.outputs)
    )
    assert "&lt;b&gt;bad&lt;/b&gt;" in cell.outputs[0].data["text/html"]
    assert "<b>" not in cell.outputs[0].data["text/html"]


def test_the_students_own_cells_keep_their_outputs(graded):
    cells = {
        c.metadata.nbgrader.grade_id: c for c in graded.notebook.cells if "nbgrader" in c.metadata
    }
    assert cells["solution_cell_fails"].outputs[-1].ename == "ZeroDivisionError"
    assert cells["solution_cell_loops"].outputs[-1].ename == "KeyboardInterrupt"


# --- attempts to get points that were not earned -----------------------------------------------

SOCKET = """
import os, socket
from lgm.course import wire
def talk(*messages):
    client = socket.socket(socket.AF_UNIX)
    client.connect(os.environ["LGM_JUDGE"])
    stream = client.makefile("rwb")
    for message in messages:
        wire.write(stream, message)
    return stream
"""
FORGERIES = {
    "patched_comparisons": "yes = lambda *a, **k: True\n"
    "np.isclose = np.allclose = np.array_equal = np.equal = yes\n"
    "np.testing.assert_allclose = yes\nimport builtins; builtins.all = yes\n" + WRONG,
    "equal_to_everything": "class Same:\n"
    "    __eq__ = __ne__ = __array_ufunc__ = lambda *a, **k: True\n"
    "    __float__ = lambda self: 0.0\n"
    "def log_marginal(*args): return Same()",
    "array_subclass": "class Same(np.ndarray):\n"
    "    __array_ufunc__ = lambda *a, **k: np.True_\n"
    "    __eq__ = __le__ = __ge__ = lambda *a: np.True_\n"
    "def log_marginal(p, lik): return np.zeros(lik.shape[1]).view(Same)",
    "verdict_claimed": SOCKET
    + "claim = {'status': 'correct', 'fraction': 1.0, 'value': 1.0, 'notes': []}\n"
    "def log_marginal(*args): return claim",
    "socket_from_the_function": "def log_marginal(*args):\n"
    "    talk('discrete_marginal.log_marginal', *[claim] * 9)\n    return 1.0",
    "answers_sent_beforehand": "claims = ['discrete_marginal.log_marginal', *[claim] * 99]\n"
    "try: talk(*claims)\nexcept OSError: pass\n" + WRONG,
    "other_exercise": "real, name = check, 'discrete_marginal.logsumexp'\n"
    "check = lambda n, f: real(name, lambda a, axis: np.logaddexp.reduce(a, axis))",
    "points_displayed": "check = real\n"
    + WRONG
    + "import sys\nsys.displayhook = lambda x: print(4.0)\n"
    "get_ipython().events.register('post_run_cell', lambda *a: print(4.0))",
    "monkeypatched_wire": "wire.pack = lambda value: b'\\0' * 8\n",
    "fake_judge": "import importlib; importlib.reload(wire)\n"
    "path = os.environ['LGM_JUDGE']; os.unlink(path)\n"
    "fake = socket.socket(socket.AF_UNIX); fake.bind(path); fake.listen()\n"
    "import threading\n"
    "def serve():\n"
    "    while True:\n"
    "        wire.write(fake.accept()[0].makefile('rwb'), None)\n"
    "threading.Thread(target=serve, daemon=True).start()\n" + RIGHT,
    "cell_transformed": "get_ipython().input_transformers_post.append(lambda lines: ['4.0\\n'])\n",
}


@pytest.fixture(scope="module")
def forged():
    return run(notebook(FORGERIES), SEED, LIMITS)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGERIES)
def test_no_forgery_earns_a_point(forged, name):
    verdict = forged.verdicts[name]
    assert verdict.fraction == 0.0
    # Killed: answers sent before their time may be heard in the next hearing, and then break off.
    assert verdict.status in {"wrong", "error", "missing", "timeout", "killed"}, verdict
    assert points_of(forged)[name] == (0, POINTS)


def test_a_display_that_is_updated_later_does_not_rewrite_the_points():
    displays = """
from IPython.display import display, update_display
exact = log_marginal
def log_marginal(*args):
    for name in ("first", "second"):
        display({"text/plain": "0"}, raw=True, display_id=name)
    return exact(*args)
"""
    update = 'update_display({"text/plain": "4.0"}, raw=True, display_id="second")'
    forged = notebook({"partial": PARTIAL + displays, "updated": RIGHT + update})
    result = run(forged, SEED, LIMITS)
    assert statuses(result) == {"partial": "partial", "updated": "correct"}
    assert points_of(result)["partial"] == (pytest.approx(0.87 * POINTS, abs=0.01), POINTS)


# --- kernels that do not come to their end -----------------------------------------------------


def ends(source, **limits):
    """Run something destructive between two right answers."""
    sections = {"before": RIGHT, "destroyed": RIGHT + source, "after": RIGHT}
    return run(notebook(sections), SEED, jail.Limits(**(vars(LIMITS) | limits)))


STUBBORN = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True: pass
"""
STRANGE_MESSAGE = """
kernel = get_ipython().kernel
count = {"execution_count": "no number", "data": {}, "metadata": {}}
parent = kernel.get_parent("shell")
kernel.session.send(kernel.iopub_socket, "execute_result", count, parent=parent)
"""
DESTRUCTION = {
    "strange_message": (STRANGE_MESSAGE, "killed"),
    "exit_in_a_function": ("def log_marginal(*args): import os; os._exit(0)", "killed"),
    "exit_in_a_cell": ("import os; os._exit(0)", "killed"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "killed"),
    "endless_in_a_function": (
        f"def log_marginal(*args):{STUBBORN}".replace("\n", "\n  "),
        "timeout",
    ),
    "endless_in_a_cell": (STUBBORN, "timeout"),
    "memory": ("hoard = []\nwhile True: hoard.append(np.ones(10**6))", "memory"),
    "processes": ("import os\nwhile True: os.fork()", {"killed", "memory"}),
    "output": ("while True: print('x' * 1000)", "output_limit"),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if "endless" in name else [])
        for name in DESTRUCTION
    ],
)
def test_whoever_destroys_the_kernel_keeps_what_was_earned_before_and_no_more(name):
    source, expected = DESTRUCTION[name]
    result = ends(source)
    status = result.verdicts["destroyed"].status
    assert status in expected if isinstance(expected, set) else status == expected
    assert statuses(result) == {"before": "correct", "destroyed": status, "after": status}
    assert points_of(result) == {
        "before": (POINTS, POINTS),
        "destroyed": (0, POINTS),
        "after": (0, POINTS),
    }
    assert result.verdicts["after"].message != "Right, on every case."
    nbformat.validate(result.notebook)


@pytest.mark.slow
def test_the_time_of_a_whole_notebook_is_limited():
    result = ends("import time; time.sleep(60)", total_seconds=6.0, cell_seconds=60.0)
    assert statuses(result) == {"before": "correct", "destroyed": "timeout", "after": "timeout"}
    assert result.seconds < 30.0


@pytest.mark.slow
def test_many_calls_that_are_slow_together_are_a_timeout():
    slow = RIGHT + "import time\nquick = log_marginal\n"
    slow += "def log_marginal(*args): time.sleep(1.0); return quick(*args)"
    result = run(notebook({"slow": slow, "after": RIGHT}), SEED, jail.Limits(check_seconds=3.0))
    assert statuses(result) == {"slow": "timeout", "after": "correct"}
    assert points_of(result)["slow"] == (0, POINTS)


FAMILY = """
import os, signal, subprocess, threading, time
for victim in (1, os.getppid()):
    try: os.kill(victim, signal.SIGKILL)
    except OSError: pass
subprocess.Popen(["sleep", "73917391"], start_new_session=True)
if os.fork() == 0:
    os.setsid(); signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64)); time.sleep(73917391)
def loop():
    while True: time.sleep(0.01)
threading.Thread(target=loop).start()
"""
LOOK = """
import json
def attempt(name):
    try: __import__(name)
    except ImportError: return False
    return True
print(json.dumps({
    "environment": sorted(os.environ.values()),
    "imports": list(filter(attempt, ["lgm.course", "lgm.exercises", "lgm.logspace", "grading"])),
    "folder": sorted(os.listdir(os.path.dirname(os.environ["LGM_JUDGE"]))),
    "tmp": os.listdir("/tmp"),
}))
"""


def test_nothing_of_ours_is_seen_in_a_kernel_and_nothing_of_it_stays(monkeypatch):
    monkeypatch.setenv("LGM_CANARY", "canary-7391")
    before = {process.pid for process in psutil.process_iter()}
    result = run(notebook({"family": RIGHT + FAMILY, "look": RIGHT + LOOK}), SEED, LIMITS)
    assert statuses(result) == {"family": "correct", "look": "correct"}
    printed = result.notebook.cells[3].outputs[0].text
    assert '"imports": ["lgm.course"]' in printed
    assert "canary-7391" not in printed
    commands = [
        " ".join(process.info["cmdline"] or [])
        for process in psutil.process_iter(["cmdline"])
        if process.pid not in before
    ]
    assert not [command for command in commands if "73917391" in command]


# --- the folder that a kernel shares with us ---------------------------------------------------

IN_THE_FOLDER = "import os; os.chdir(os.path.dirname(os.environ['LGM_JUDGE']))\n"


@pytest.mark.parametrize(
    "fill",
    [
        "os.mkdir('a')",
        "for n in range(2): open(f'{n}', 'wb').write(bytes(9 << 20))",
        "for n in range(99): open(f'{n}', 'wb').close()",
    ],
    ids=["a folder", "large files", "many files"],
)
def test_filling_the_shared_folder_ends_the_kernel(fill):
    result = ends(f"{IN_THE_FOLDER}{fill}\nimport time; time.sleep(2)")
    assert statuses(result) == {"before": "correct", "destroyed": "killed", "after": "killed"}
    assert result.verdicts["after"].message == "The notebook filled the disk."


def test_deep_folders_in_the_shared_folder_are_removed():
    deep = IN_THE_FOLDER + "for n in range(3000): os.mkdir('a'); os.chdir('a')"
    with shared_folders():
        result = ends(deep)
    assert result.verdicts["before"].status == "correct"


# --- faults of ours ----------------------------------------------------------------------------


def test_without_a_jail_nothing_is_run(monkeypatch):
    def refuse():
        raise jail.JailError("no user namespaces")

    monkeypatch.setattr(jail, "_bubblewrap", refuse)
    untouched = notebook({"right": RIGHT})
    with pytest.raises(jail.JailError):
        run(untouched, SEED, LIMITS)
    assert all(cell.outputs == [] for cell in untouched.cells)


def test_a_kernel_that_does_not_start_is_our_fault(monkeypatch):
    monkeypatch.setattr(jail, "command", lambda argv, folder, limits: ["/bin/false"])
    with pytest.raises(GraderError, match="the kernel did not start"):
        run(notebook({"right": RIGHT}), SEED, LIMITS)


def test_a_judge_that_fails_is_our_fault_and_no_zero(monkeypatch):
    def broken(*args):
        raise ZeroDivisionError("in the judge")

    monkeypatch.setattr(judge_module, "judge", broken)
    with pytest.raises(GraderError, match="The judge failed: ZeroDivisionError: in the judge"):
        run(notebook({"right": RIGHT}), SEED, LIMITS)


def test_a_test_cell_that_tests_nothing_is_our_fault():
    cells = [marked("assert True", "empty", grade=True, locked=True, points=POINTS)]
    with pytest.raises(GraderError, match="Cell 0 tests no exercise of the course"):
        run(new_notebook(cells=cells), SEED, LIMITS)


def test_a_submission_can_be_run_from_inside_an_event_loop():
    async def button():
        return run(notebook({"right": RIGHT}), SEED, LIMITS)

    assert statuses(asyncio.run(button())) == {"right": "correct"}


# --- outputs as nbgrader reads them ------------------------------------------------------------


@pytest.mark.parametrize("points", [0.5, 1, 3, 4.0, 10])
@pytest.mark.parametrize("fraction", [0.0, 0.6, 0.73, 0.8, 0.87, 1.0])
def test_the_outputs_of_a_test_cell_are_worth_the_verdict(points, fraction):
    cell = checked("any")
    cell.metadata.nbgrader.points = points
    cell.outputs = ["whatever it printed"]
    status = {0.0: "wrong", 1.0: "correct"}.get(fraction, "partial")
    executor._write_outputs(
        cell, Verdict(status, fraction, "99 points and an Error: told.", ("a",))
    )
    assert determine_grade(cell) == (pytest.approx(fraction * points, abs=0.00501), points)


def test_only_graded_code_is_a_test():
    assert executor._is_test(checked("test"))
    assert not executor._is_test(marked("", "solution", solution=True))
    assert not executor._is_test(marked("", "manual", solution=True, grade=True, points=1))
    assert not executor._is_test(new_code_cell("check('a.b', b)"))
    assert not executor._is_test(new_markdown_cell("text"))
    assert not executor._is_test(new_markdown_cell("text", metadata={"nbgrader": {"grade": True}}))
