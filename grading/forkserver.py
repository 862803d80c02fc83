"""The program that imports once what every notebook imports, and forks a kernel per submission.

It runs outside the jail and runs nobody's code. For each order it forks a child that enters the
namespaces of a jail that bubblewrap has made, gives up every right, and only then becomes a
kernel. It knows nothing that a submission must not: neither the reference nor a secret is in its
memory, and it starts with the environment of the jail. `grading.kernels` gives the orders.
"""

import ctypes
import gc
import importlib
import json
import os
import random
import resource
import socket
import sys
import threading
from pathlib import Path
from typing import Any

_WARM = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "scipy.integrate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "scipy.stats",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)

# All that bubblewrap makes: mount, cgroup, uts, ipc, user, process and network namespaces.
_NAMESPACES = 0x7E020000
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Import, say so, and carry out orders until there are no more."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in _WARM:
        importlib.import_module(name)
    # A fork has one thread; a lock that another held would stay locked in it.
    if threading.active_count() > 1:
        raise SystemExit("an import started a thread")
    gc.collect()
    gc.freeze()
    with control.makefile("rw") as stream:
        print("ready", file=stream, flush=True)
        for line in stream:
            print(_fork(json.loads(line)), file=stream, flush=True)


def _fork(order: dict[str, Any]) -> str:
    """Make a kernel; say so, or what went wrong."""
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _enter(order["jail"])
            # Only a process's children are born into its new process namespace, and only their
            # orphans belong to its first process, which ends them and buries them.
            if inside := os.fork():
                os.waitpid(inside, 0)
            elif os.fork() == 0:
                _become_kernel(order, told)
        except BaseException as fault:
            os.write(told, f"{type(fault).__name__}: {fault}".encode())
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(answer, encoding="utf-8") as stream:
        os.waitpid(child, 0)
        return stream.read(1000).replace("\n", " ")


def _enter(jail: int) -> None:
    """Join the namespaces of a process, and its root."""
    _called("setns", os.pidfd_open(jail), _NAMESPACES)


def _become_kernel(order: dict[str, Any], told: int) -> None:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.closerange(3, told)
    os.closerange(told + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    _give_up_rights()
    for name, limit in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(os.environ["HOME"])

    import ipykernel_launcher
    import numpy as np
    from ipykernel.kernelapp import launch_new_instance

    # What was found outside does not hold inside, and no two submissions draw the same numbers.
    importlib.invalidate_caches()
    random.seed()
    np.random.seed()  # noqa: NPY002 (the generator that all forks would share)
    # As if it had been started in the usual way.
    sys.argv = [ipykernel_launcher.__file__, *order["arguments"]]
    os.write(told, b"made")
    os.close(told)
    launch_new_instance()


def _give_up_rights() -> None:
    """Whoever joins a user namespace has every right in it; bubblewrap's own process has none."""
    _called("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for right in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii")) + 1):
        _called("prctl", _PR_CAPBSET_DROP, right, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    _called("capset", header, none)


def _called(function: str, *arguments: Any) -> None:
    if getattr(_libc, function)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function}: {os.strerror(error)}")


if __name__ == "__main__":
    main()
