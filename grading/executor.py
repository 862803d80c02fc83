"""Runs one submission: a kernel in the jail, the judge outside it, verdicts out.

The student's cells run as in any notebook. A test cell is a hearing: what counts is the verdict
that the judge reached while it ran, and its outputs are written from that verdict, whatever the
cell itself may have printed.
"""

import asyncio
import queue
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from stat import S_ISDIR
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading import jail, kernels
from grading.judge import Hearing, Judge
from grading.text import printable
from grading.workspace import exercise_of
from lgm.course.check import card
from lgm.exercises.exercise import Stopped, Verdict

__all__ = ["VERDICT_TYPE", "GraderError", "Result", "run"]

VERDICT_TYPE = "application/vnd.lgm.verdict+json"

_START_SECONDS = 60
_GRACE_SECONDS = 3.0
_MOMENT_SECONDS = 0.5
_WATCH_SECONDS = 0.2
_SHARED_FILES = 16  # the sockets and the connection file are seven
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class GraderError(RuntimeError):
    """A fault on our side. The submission stays ungraded; it is never a student's zero."""


@dataclass(frozen=True)
class Result:
    """A submission that was run.

    Attributes
    ----------
    notebook : NotebookNode
        With outputs; those of test cells are written from the verdicts.
    verdicts : dict of str to Verdict
        By the test cell's ``grade_id``.
    isolation : str
        How it was kept from everything else.
    seconds : float
        Wall time.
    """

    notebook: NotebookNode
    verdicts: dict[str, Verdict]
    isolation: str
    seconds: float


def run(
    notebook: NotebookNode,
    seed: int,
    limits: jail.Limits | None = None,
    idle: Set[str] = frozenset(),
) -> Result:
    """Run a sanitized submission in the jail and judge its test cells.

    Parameters
    ----------
    notebook : NotebookNode
        Its locked cells must have been overwritten from the source. It is changed in place.
    seed : int
        The course's secret.
    limits : Limits, optional
        What it may use.
    idle : set of str
        The text of cells that need not run. Should a name be missing then, all cells are run.

    Returns
    -------
    Result

    Raises
    ------
    JailError
        If this machine offers no isolation: nothing is run.
    GraderError
        If we failed.
    """
    isolation = kernels.isolation()
    started = time.monotonic()
    # A thread of its own, since formgrader calls from inside an event loop.
    with ThreadPoolExecutor(1) as thread:
        submission = _Run(notebook, seed, limits or jail.Limits(), idle)
        verdicts = thread.submit(asyncio.run, submission.verdicts()).result()
        if idle and submission.missed_a_name:
            submission = _Run(notebook, seed, limits or jail.Limits(), frozenset())
            verdicts = thread.submit(asyncio.run, submission.verdicts()).result()
    faults = [verdict.message for verdict in verdicts.values() if verdict.status == "grader_error"]
    if faults:
        raise GraderError("; ".join(faults))
    return Result(notebook, verdicts, isolation, time.monotonic() - started)


class _Client(NotebookClient):
    """Collects a cell's outputs, up to a limit."""

    def __init__(self, notebook: NotebookNode, kernel: AsyncKernelManager, limit: int) -> None:
        super().__init__(notebook, kernel, timeout=None, allow_errors=True, record_timing=False)
        self._left = limit
        self.flooded = asyncio.Event()

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        if msg["msg_type"] != "status":
            self._left -= len(repr(msg["content"]))
            if self._left < 0:
                self.flooded.set()
                return None
        return super().process_message(msg, cell, cell_index)


class _Run:
    """One submission, from the first cell to the last, or to the end of its kernel."""

    def __init__(
        self, notebook: NotebookNode, seed: int, limits: jail.Limits, idle: Set[str]
    ) -> None:
        self.missed_a_name = False
        self._notebook = notebook
        self._seed = seed
        self._limits = limits
        self._idle = idle
        self._end: Stopped | None = None  # why the kernel is no more
        self._deadline = time.monotonic() + limits.total_seconds

    async def verdicts(self) -> dict[str, Verdict]:
        tested: list[tuple[NotebookNode, Verdict]] = []
        with _shared_folder() as folder:
            address = jail.judge_address(folder)
            with Judge(address, self._seed, self._limits.call_seconds) as judge:
                await self._start(folder)
                watch = asyncio.create_task(self._watch(folder))
                try:
                    for index, cell in enumerate(self._notebook.cells):
                        if _is_test(cell):
                            tested.append((cell, await self._test(cell, index, judge)))
                        elif cell.cell_type == "code" and cell.source not in self._idle:
                            await self._execute(cell, index, self._limits.cell_seconds)
                        elif cell.cell_type == "code":
                            cell.update(outputs=[], execution_count=None)
                finally:
                    watch.cancel()
                    await self._kill()
                    self._channels.stop_channels()
        for cell in self._notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = list(_whole(cell.outputs))
        outputs = [output for cell in self._notebook.cells for output in cell.get("outputs", [])]
        self.missed_a_name = any(each.get("ename") == "NameError" for each in outputs) or any(
            "NameError" in verdict.message for _, verdict in tested
        )
        # Not before the kernel is gone: it may rewrite whatever it once displayed, in any cell.
        for cell, verdict in tested:
            _write_outputs(cell, verdict)
        return {cell.metadata.nbgrader.grade_id: verdict for cell, verdict in tested}

    async def _start(self, folder: Path) -> None:
        try:
            self._kernel = await kernels.start(folder, self._limits)
        except Exception as fault:
            raise GraderError(f"the kernel did not start: {fault}") from fault
        manager = self._kernel.manager
        self._client = _Client(self._notebook, manager, self._limits.output_bytes)
        self._channels = self._client.kc = manager.client()
        self._channels.start_channels()
        try:
            await self._ready()
        except Exception as fault:
            await self._kill()
            self._channels.stop_channels()
            raise GraderError(f"the kernel did not start: {fault}") from fault
        self._channels.allow_stdin = False

    async def _ready(self) -> None:
        """Wait until the kernel answers, and until its outputs arrive.

        Jupyter's own way waits a fifth of a second more, to be rid of messages that belong to no
        cell; nobody here listens to those.
        """
        deadline = time.monotonic() + _START_SECONDS
        while self._kernel.is_alive and time.monotonic() < deadline:
            with suppress(TimeoutError, queue.Empty):
                await self._channels.kernel_info(reply=True, timeout=1.0)
                await self._channels.get_iopub_msg(timeout=_MOMENT_SECONDS)
                return
        raise RuntimeError("it does not answer")

    async def _test(self, cell: NotebookNode, index: int, judge: Judge) -> Verdict:
        name = exercise_of(cell.source)
        if name is None:
            return Verdict("grader_error", 0.0, f"Cell {index} tests no exercise of the course.")
        reached = asyncio.Event()
        loop = asyncio.get_running_loop()
        with judge.hearing(name, lambda: loop.call_soon_threadsafe(reached.set)) as hearing:
            limit = self._limits.check_seconds
            in_time = await self._execute(cell, index, limit, until=reached)
        verdict = hearing.verdict or self._without_hearing(cell, hearing, in_time)
        # The judge sees that a kernel stopped; only we know why.
        if verdict.status == "killed" and self._end is not None:
            verdict = replace(verdict, status=self._end.status, message=str(self._end))
        elif verdict.status == "killed" and not in_time:
            verdict = replace(verdict, status="timeout", message="The check did not end in time.")
        return verdict

    def _without_hearing(self, cell: NotebookNode, hearing: Hearing, in_time: bool) -> Verdict:
        """The verdict on a test cell whose function never came to the judge."""
        if self._end is not None:
            return Verdict(self._end.status, 0.0, str(self._end))
        if not in_time:
            return Verdict("timeout", 0.0, "The check did not end in time.")
        function = hearing.name.rpartition(".")[2]
        for output in cell.outputs:
            if output.output_type == "error":
                if output.ename == "NameError" and function in output.evalue:
                    return Verdict("missing", 0.0, f"There is no function {function}.")
                told = _ANSI.sub("", f"{output.ename}: {output.evalue}")[:300]
                return Verdict("error", 0.0, f"The check stopped with {printable(told)}.")
        return Verdict(
            "missing", 0.0, "The check was never made. Was the name check used for something else?"
        )

    async def _execute(
        self, cell: NotebookNode, index: int, limit: float, until: asyncio.Event | None = None
    ) -> bool:
        """Run a cell; say whether it ended by itself and in time.

        When `until` is set the cell has only a moment left: a verdict is reached, and whatever
        still runs is not worth waiting for.
        """
        cell.outputs = []
        limit = min(limit, self._deadline - time.monotonic())
        if limit <= 0.0:
            await self._finish(Stopped("timeout", "The notebook ran out of time."))
        if self._end is not None:
            return False
        running = asyncio.ensure_future(self._client.async_execute_cell(cell, index))
        flooded = asyncio.ensure_future(self._client.flooded.wait())
        reasons = {flooded} | ({asyncio.ensure_future(until.wait())} if until else set())
        try:
            await asyncio.wait(
                {running, *reasons}, timeout=limit, return_when=asyncio.FIRST_COMPLETED
            )
            in_time = any(task.done() for task in (running, *reasons))
            too_much = Stopped("output_limit", f"Cell {index + 1} printed too much.")
            if flooded.done():
                await self._finish(too_much)
            elif in_time:
                await asyncio.wait({running}, timeout=_MOMENT_SECONDS)
            if not running.done() and self._end is None:
                await self._interrupt(running)
            if flooded.done():
                await self._finish(too_much)
            elif not running.done():
                await self._finish(Stopped("timeout", f"Cell {index + 1} did not stop."))
            elif running.exception():
                await self._finish(Stopped("killed", f"The kernel died in cell {index + 1}."))
        finally:
            for task in (running, *reasons):
                task.cancel()
            await asyncio.gather(running, *reasons, return_exceptions=True)
            # nbclient takes the number on trust, and nbgrader refuses the notebook for it.
            count = cell.execution_count
            cell.execution_count = count if type(count) is int and count >= 0 else None
        return in_time

    async def _interrupt(self, running: "asyncio.Future[Any]") -> None:
        with suppress(Exception):
            await asyncio.wait_for(self._kernel.manager.interrupt_kernel(), _GRACE_SECONDS)
        await asyncio.wait({running}, timeout=_GRACE_SECONDS)

    async def _finish(self, reason: Stopped) -> None:
        """End the kernel, and remember the first reason."""
        self._end = self._end or reason
        await self._kill()

    async def _kill(self) -> None:
        # The first process of the jail takes all the others with it.
        with suppress(Exception):
            await self._kernel.end()

    async def _watch(self, folder: Path) -> None:
        """End a kernel that uses more than it may."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if not self._kernel.is_alive:
                # The rest of its jail goes with it: then whoever waits for its reply is told.
                await self._kill()
                return
            with suppress(psutil.NoSuchProcess):
                family = self._kernel.jail.children(recursive=True)
                resident = 0
                for process in family:
                    with suppress(psutil.NoSuchProcess):
                        resident += process.memory_info().rss
                if resident > self._limits.memory_bytes:
                    await self._finish(Stopped("memory", "The notebook used too much memory."))
                elif len(family) > self._limits.processes:
                    await self._finish(
                        Stopped("killed", "The notebook started too many processes.")
                    )
            with suppress(OSError):
                found = [path.lstat() for path in islice(folder.iterdir(), _SHARED_FILES + 1)]
                strange = len(found) > _SHARED_FILES or any(S_ISDIR(each.st_mode) for each in found)
                if strange or sum(each.st_size for each in found) > self._limits.disk_bytes:
                    await self._finish(Stopped("killed", "The notebook filled the disk."))


@contextmanager
def _shared_folder() -> Iterator[Path]:
    """The folder of the sockets, which a submission can write to: gone at the end, whatever it is.

    It lies in the system's own folder, since a socket's path must not be longer than 107 bytes.
    """
    folder = Path(tempfile.mkdtemp(prefix="lgm-"))
    try:
        yield folder
    finally:
        # Python would remove it recursively, and it may be deeper than Python's stack.
        subprocess.run(["rm", "-rf", folder], check=False)


def _is_test(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and marks.get("grade") and not marks.get("solution"))


def _whole(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Put together what was printed at a time: in how many pieces it arrives is chance.

    nbclient could do it, but takes hours over a long line.
    """
    for name, pieces in groupby(outputs, _stream):
        if name is None:
            yield from pieces
        else:
            yield new_output("stream", name=name, text="".join(piece.text for piece in pieces))


def _stream(output: NotebookNode) -> str | None:
    """Where an output was printed; a kernel can send anything as a name and a text."""
    parts = output.get("name"), output.get("text")
    return parts[0] if all(isinstance(part, str) for part in parts) else None


def _write_outputs(cell: NotebookNode, verdict: Verdict) -> None:
    """Write what nbgrader reads the score from, and what the student reads.

    An error scores nothing, one number scores that many points, and neither scores all of them.
    """
    name = exercise_of(cell.source) or ""
    text, html = card(name, verdict, [])
    record = asdict(replace(verdict, counterexample=None))
    data = {"text/plain": text, "text/html": html, VERDICT_TYPE: record}
    cell.outputs = [new_output("display_data", data=data)]
    if verdict.fraction == 0.0:
        cell.outputs.append(
            new_output(
                "error",
                ename=verdict.status,
                evalue="",
                traceback=[f"0 of {cell.metadata.nbgrader.points:g} points"],
            )
        )
    elif verdict.fraction < 1.0:
        points = round(verdict.fraction * float(cell.metadata.nbgrader.points), 2)
        cell.outputs.append(
            new_output("execute_result", data={"text/plain": f"{points}"}, execution_count=None)
        )
