"""Kernels, each in a jail of its own, forked from one process that has imported everything.

Importing numpy, scipy, matplotlib and the kernel itself costs more than most submissions do. So a
process of ours imports them once, and each submission gets a fork of it that has moved into the
namespaces of its own bubblewrap. Where the system lacks the means, each kernel starts cold.
"""

import asyncio
import atexit
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from socket import socketpair
from typing import Any

import matplotlib as mpl
import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from grading import forkserver, jail

__all__ = ["Kernel", "isolation", "start"]

_ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)


@dataclass(frozen=True)
class Kernel:
    """A kernel that runs in a jail.

    Attributes
    ----------
    manager : AsyncKernelManager
        Jupyter's, to talk to it.
    jail : Process
        bubblewrap, of which everything in the jail is a descendant.
    process : Process
        The kernel itself, or, where it started cold, `jail`.
    """

    manager: AsyncKernelManager
    jail: psutil.Process
    process: psutil.Process

    @property
    def is_alive(self) -> bool:
        """Whether the kernel still runs."""
        with suppress(psutil.NoSuchProcess):
            return bool(self.process.status() != psutil.STATUS_ZOMBIE)
        return False

    async def end(self) -> None:
        """End the jail and all that is in it, if that has not been done yet."""
        if self.manager.has_kernel:
            await _end(self.manager)


def isolation() -> str:
    """Say which isolation was really obtained.

    Raises
    ------
    JailError
        If there is none.
    """
    return f"{jail.isolation()}, kernels {'forked' if _server() else 'started cold'}"


async def start(folder: Path, limits: jail.Limits) -> Kernel:
    """Start a kernel in a jail of its own.

    Parameters
    ----------
    folder : Path
        The one folder that it shares with us.
    limits : Limits
        What it may use.

    Returns
    -------
    Kernel

    Raises
    ------
    JailError
        If this machine offers no isolation.
    RuntimeError
        If the kernel cannot be forked.
    """
    server = await asyncio.to_thread(_server)
    cold = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *_ARGUMENTS]
    command = jail.command(jail.PLACEHOLDER if server else cold, folder, limits)
    manager = AsyncKernelManager(
        kernel_spec_manager=_Specification(command),
        transport="ipc",
        ip=str(folder / "kernel"),
        connection_file=str(folder / "kernel.json"),
    )
    try:
        # What a kernel prints outside its cells is nobody's to read, and could be without end.
        await manager.start_kernel(
            stdout=subprocess.PIPE if server else subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert isinstance(manager.provisioner, LocalProvisioner)
        bubblewrap = psutil.Process(manager.provisioner.pid)
        if server is None:
            return Kernel(manager, bubblewrap, bubblewrap)
        assert manager.provisioner.process is not None
        arguments = ["-f", manager.connection_file, *_ARGUMENTS]
        process = await asyncio.to_thread(
            server.fork, manager.provisioner.process, folder, limits, arguments
        )
        return Kernel(manager, bubblewrap, process)
    except BaseException:
        with suppress(Exception):
            await _end(manager)
        raise


async def _end(manager: AsyncKernelManager) -> None:
    assert isinstance(manager.provisioner, LocalProvisioner)
    if bubblewrap := manager.provisioner.process:
        # Jupyter looks every tenth of a second whether it has ended.
        bubblewrap.kill()
        await asyncio.to_thread(bubblewrap.wait)
    await manager.shutdown_kernel(now=True)


class _Specification(KernelSpecManager):
    """Knows one kernel: ours."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__()
        # Signals do not pass into another process namespace; messages do.
        self._spec = KernelSpec(argv=list(argv), language="python", interrupt_mode="message")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self._spec


class _ForkServer:
    """Our end of `grading.forkserver`."""

    def __init__(self) -> None:
        ours, theirs = socketpair()
        # It must not look for its settings where a submission's home will be.
        settings = {
            "MPLCONFIGDIR": mpl.get_cachedir(),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, forkserver.__file__, str(theirs.fileno())],
                env=jail.environment(Path()) | settings,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours
        self._stream = ours.makefile("rw")
        self._lock = threading.Lock()
        atexit.register(self.close)
        if self._stream.readline() != "ready\n":
            raise RuntimeError("the fork server did not start")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def fork(
        self,
        bubblewrap: "subprocess.Popen[bytes]",
        folder: Path,
        limits: jail.Limits,
        arguments: Iterable[str],
    ) -> psutil.Process:
        """Make a kernel in an open jail."""
        assert bubblewrap.stdout is not None
        with bubblewrap.stdout as stream:
            if stream.readline() != b"open\n":
                raise RuntimeError("the jail did not open")
        family = psutil.Process(bubblewrap.pid).children()
        if not family:
            raise RuntimeError("the jail closed at once")
        first, before = family[0], family[0].children()
        order: dict[str, Any] = {
            "jail": first.pid,
            "environment": jail.environment(folder),
            "limits": jail.rlimits(limits),
            "arguments": list(arguments),
        }
        with self._lock:
            print(json.dumps(order), file=self._stream, flush=True)
            answer = self._stream.readline().strip()
        if answer != "made":
            raise RuntimeError(f"no kernel was forked: {answer or 'the fork server is gone'}")
        forked = set(first.children()) - set(before)
        if not forked:
            raise RuntimeError("the forked kernel died at once")
        return forked.pop()

    def close(self) -> None:
        """End the server; the kernels that it made live on."""
        self._control.close()
        self._process.kill()
        self._process.wait()


_servers: list[_ForkServer] = []  # the one of this process, once there is one
_starting = threading.Lock()


def _server() -> _ForkServer | None:
    """The fork server of this process, started anew if it has died; None where it cannot be."""
    with _starting:
        if not _can_fork():
            return None
        if not _servers[0].is_alive:
            _servers[0] = _ForkServer()
        return _servers[0]


@cache
def _can_fork() -> bool:
    """Try it once in earnest: an old system knows no way into namespaces from outside."""
    try:
        server = _ForkServer()
    except RuntimeError:
        return False
    with tempfile.TemporaryDirectory(prefix="lgm-") as name:
        trial = jail.command(jail.PLACEHOLDER, Path(name), jail.Limits())
        bubblewrap = subprocess.Popen(
            trial, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            server.fork(bubblewrap, Path(name), jail.Limits(), [])
        except RuntimeError:
            server.close()
            return False
        finally:
            bubblewrap.kill()
            bubblewrap.wait()
    _servers[:] = [server]
    return True
