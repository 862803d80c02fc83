"""Forked kernels: in a jail like cold ones, with outputs like theirs, and with nothing shared."""

import ast
import asyncio
import copy
import re
import signal
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading import executor, forkserver, jail, kernels
from grading.workspace import chapter_source

SEED = 3
RIGHTS = "print([line for line in open('/proc/self/status') if line[:3] in ('Cap', 'NoN')])"


@pytest.fixture
def cold(monkeypatch):
    def switch():
        monkeypatch.setattr(kernels, "_server", lambda: None)

    return switch


def printed(*sources):
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    executor.run(notebook, SEED)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


def test_this_machine_forks():
    assert kernels.isolation().endswith("kernels forked")


def test_a_forked_kernel_has_no_rights_and_cannot_get_any(cold):
    forked = printed(RIGHTS)
    assert re.findall(r"Cap\w+:\\t(\w+)", forked[0]) == ["0" * 16] * 5
    assert r"NoNewPrivs:\t1" in forked[0]
    cold()
    assert printed(RIGHTS) == forked


LOOK = """
import ctypes, gc, os, resource, sys, threading
def attempt(call, *args):
    try: return call(*args)
    except OSError as error: return error.strerror
print({
    # The last is the debugger's, and set when it is first imported.
    "environment": {k: v for k, v in os.environ.items()
                    if k not in ("LGM_JUDGE", "PWD", "_", "PYDEVD_USE_FRAME_EVAL")},
    "threads": sorted({thread.name.split("-")[0] for thread in threading.enumerate()}),
    "ids": (os.getuid(), os.getgid(), os.getcwd(), os.uname().nodename),
    "processes": sorted(filter(str.isdigit, os.listdir("/proc")))[0],
    "folders": [sorted(os.listdir(path)) for path in ("/", "/home", "/dev", "/opt/course/lgm")],
    "limits": [resource.getrlimit(getattr(resource, name)) for name in sorted(dir(resource))
               if name in ("RLIMIT_CORE", "RLIMIT_AS", "RLIMIT_FSIZE")],
    "namespace": attempt(os.open, "/proc/sys/kernel/core_pattern", os.O_WRONLY),
    "unshare": ctypes.CDLL(None).unshare(0x10000000),
    "write": [attempt(os.mkdir, path) for path in ("/made", "/usr/made", "/opt/course/made")],
    "path": sys.path[:1], "argv": sys.argv[1::2],
    "name": os.path.basename(sys.argv[0]), "parent": os.getppid(),
})
"""


def test_a_forked_kernel_sees_what_a_cold_one_sees(cold):
    (forked,) = map(ast.literal_eval, printed(LOOK))
    cold()
    (started,) = map(ast.literal_eval, printed(LOOK))
    assert forked == started


def test_a_fork_takes_no_open_file_along(cold):
    """No more of any kind than in a cold kernel, the three that it was started with left out."""
    look = """
import collections, os, re
links = [f"/proc/self/fd/{fd}" for fd in range(3, 200)]
kinds = [re.sub("[0-9]+", "", os.readlink(link)) for link in links if os.path.lexists(link)]
print(dict(collections.Counter(kinds)))
"""
    forked, *_ = map(ast.literal_eval, printed(look))
    cold()
    started, *_ = map(ast.literal_eval, printed(look))
    assert forked
    assert Counter(forked) <= Counter(started)


def test_what_arrives_in_pieces_is_whole():
    slowly = "import time\nfor n in range(3):\n    print(n, flush=True)\n    time.sleep(0.3)\n"
    message = "'stream', {'name': 'stdout', 'text': ['a', 'b']}"
    oddly = f"k = get_ipython().kernel\nk.send_response(k.iopub_socket, {message});"
    notebook = new_notebook(cells=[new_code_cell(slowly), new_code_cell(oddly)])
    executor.run(notebook, SEED)
    assert [[output.text for output in cell.outputs] for cell in notebook.cells] == [
        ["0\n1\n2\n"],
        [["a", "b"]],
    ]


def test_two_forks_draw_different_numbers():
    draw = "import random, numpy; print(random.random(), numpy.random.random())"
    one, other = printed(draw)[0].split(), printed(draw)[0].split()
    assert one[0] != other[0]
    assert one[1] != other[1]


def test_the_server_holds_neither_the_reference_nor_ours():
    assert printed(
        "import sys; print([name for name in sys.modules if name.startswith('lgm')])"
    ) == ["[]\n"]
    assert not [name for name in forkserver._WARM if name.startswith(("lgm", "grading"))]


@pytest.mark.parametrize("chapter", ["01_latent_variables", "09_factors_and_regimes"])
def test_a_notebook_comes_out_as_from_a_cold_kernel(chapter, cold):
    notebook = nbformat.read(chapter_source(chapter), as_version=4)
    # These measure time.
    notebook.cells = [cell for cell in notebook.cells if "perf_counter()" not in cell.source]
    forked = executor.run(copy.deepcopy(notebook), SEED)
    cold()
    started = executor.run(notebook, SEED)
    assert forked.verdicts == started.verdicts
    for one, other in zip(forked.notebook.cells, started.notebook.cells, strict=True):
        assert one == other
    figures = [
        o
        for cell in notebook.cells
        for o in cell.get("outputs", [])
        if "image/png" in o.get("data", {})
    ]
    assert figures


def test_a_server_that_died_is_started_again():
    kernels.isolation()
    before = kernels._servers[0]
    before._process.send_signal(signal.SIGKILL)
    before._process.wait()
    assert printed("print(1)") == ["1\n"]
    assert kernels._servers[0] is not before


def test_the_end_of_a_kernel_is_the_end_of_its_jail():
    async def started_and_ended():
        with tempfile.TemporaryDirectory(prefix="lgm-") as folder:
            kernel = await kernels.start(Path(folder), jail.Limits())
            family = [kernel.jail, *kernel.jail.children(recursive=True)]
            assert kernel.is_alive
            assert kernel.process in family
            kernel.process.kill()
            kernel.process.wait(10)
            assert not kernel.is_alive
            await kernel.manager.shutdown_kernel(now=True)
            return family

    family = asyncio.run(started_and_ended())
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_where_nothing_can_be_forked_kernels_start_cold(monkeypatch):
    monkeypatch.setattr(forkserver, "__file__", "/dev/null")
    kernels._can_fork.cache_clear()
    try:
        assert kernels.isolation().endswith("kernels started cold")
        assert printed("print(1)") == ["1\n"]
    finally:
        kernels._can_fork.cache_clear()
