"""Many tasks at once: none is lost, whoever dies; only the caller's thread draws and writes."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from grading.pool import Answered, cores, spread


def squared(number):
    return number * number


def fails_on_three(number):
    if number == 3:
        raise ValueError("three")
    return number


def dies_once(number, folder):
    mark = Path(folder) / str(number)
    if number % 5 == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def dies(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def sleeps(number):
    time.sleep(600)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_every_task_is_answered_once(workers):
    answers = list(spread(squared, range(20), workers))
    assert sorted(answers) == [(number, number * number) for number in range(20)]


def test_no_tasks_no_answers():
    assert list(spread(squared, [])) == []


def test_what_is_answered_is_passed_on_before_any_worker_ends():
    tasks = [Answered("first"), 1, Answered("third"), 2]
    answers = list(spread(squared, tasks, 1))
    assert answers[:2] == [(Answered("first"), "first"), (Answered("third"), "third")]
    assert sorted(answers[2:]) == [(1, 1), (2, 4)]
    never = spread(None, [Answered(None)], 1)
    assert list(never) == [(Answered(None), None)]


def test_what_a_function_raises_is_its_answer():
    answers = dict(spread(fails_on_three, range(6), 2))
    assert isinstance(answers.pop(3), ValueError)
    assert answers == {number: number for number in (0, 1, 2, 4, 5)}


def test_tasks_are_drawn_as_they_are_needed_and_by_the_caller():
    drawn = []

    def tasks():
        for number in range(50):
            drawn.append((number, threading.get_ident()))
            yield number

    answers = spread(squared, tasks(), 2)
    next(answers)
    assert len(drawn) < 10
    answers.close()
    assert {thread for _, thread in drawn} == {threading.get_ident()}


def test_what_a_dead_worker_had_in_hand_is_done_by_another(tmp_path):
    answers = list(spread(partial(dies_once, folder=str(tmp_path)), range(13), 2))
    assert sorted(answers) == [(number, number) for number in range(13)]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_task_that_kills_every_worker_is_given_up_and_told():
    answers = list(spread(dies, [2], 1))
    assert [task for task, _ in answers] == [2]
    assert isinstance(answers[0][1], BaseException)


def workers_of(pid):
    family = psutil.Process(pid).children(recursive=True)
    return [each for each in family if "spawn_main" in " ".join(each.cmdline())]


def test_who_stops_early_leaves_no_worker_behind():
    workers = []

    def stop():
        workers.extend(workers_of(os.getpid()))
        os.kill(os.getpid(), signal.SIGINT)

    answers = spread(sleeps, range(4), 2)
    threading.Timer(3.0, stop).start()
    with pytest.raises(KeyboardInterrupt):
        next(answers)
    assert len(workers) == 2
    assert psutil.wait_procs(workers, timeout=10)[1] == []


PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
import test_pool
from grading.pool import spread
if __name__ == "__main__":
    next(spread(test_pool.sleeps, range(4), 2))
"""


# At work, and while they are still starting.
@pytest.mark.parametrize("seconds", [2.0, 0.0])
def test_workers_do_not_outlive_their_parent(tmp_path, seconds):
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="ascii")
    parent = subprocess.Popen([sys.executable, script, Path(__file__).parent])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if len(workers := workers_of(parent.pid)) == 2:
            break
        time.sleep(0.2)
    else:
        pytest.fail("no two workers")
    time.sleep(seconds)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=20)[1] == []


def test_there_is_a_core():
    assert 1 <= cores() <= (os.cpu_count() or 1)


# --- on a cluster ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, each a process of its own, on loopback."""
    folder = tmp_path_factory.mktemp("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    # The workers must find this module, as those of a real cluster find `grading`.
    here = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    where = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", where]
    scheduler = subprocess.Popen([*run, *options], env=here, **quiet)
    run = [sys.executable, "-m", "distributed.cli.dask_worker"]
    options = ["--nthreads", "1", "--no-dashboard", "--scheduler-file", where, "--no-nanny"]
    workers = [subprocess.Popen([*run, *options], env=here, **quiet) for _ in range(2)]
    try:
        from distributed import Client

        with Client(scheduler_file=str(where), timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def pid(number):
    time.sleep(0.05)
    return os.getpid()


def kills_the_first(number, mark):
    time.sleep(0.05)
    if number == 5 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number, os.getpid()


def test_a_cluster_does_the_same_and_outlives_a_worker(cluster, tmp_path):
    both = {answer for _, answer in spread(pid, range(20), cluster=cluster)}
    assert len(both) == 2
    assert os.getpid() not in both
    killed = partial(kills_the_first, mark=str(tmp_path / "mark"))
    answers = dict(spread(killed, range(30), cluster=cluster))
    assert {number: answer[0] for number, answer in answers.items()} == {n: n for n in range(30)}
    assert answers[5][1] in both


def test_no_scheduler_is_told():
    with pytest.raises(RuntimeError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        next(spread(squared, range(3), cluster="tcp://127.0.0.1:9"))
