"""The judge: asks a student's process questions, and believes only what it can compare.

It lives outside the jail and listens at a socket inside the folder that the two share. A *hearing*
is open while one test cell runs; whoever connects must name the exercise of that cell and is then
sent arguments and asked for results. Everything that arrives is bytes; see `lgm.course.wire`.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from grading.text import printable
from lgm.course import wire
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Raised, Stopped, Verdict, judge

__all__ = ["Hearing", "Judge"]

# The judge's own thread ends within this time once its connection is closed.
_SECONDS_TO_END = 60.0


class Hearing:
    """The judging of one test cell.

    Parameters
    ----------
    name : str
        The exercise.
    on_verdict : callable
        Called, from the judge's thread, when the verdict is reached.

    Attributes
    ----------
    verdict : Verdict or None
        None until it is reached. The first one stands.
    """

    def __init__(self, name: str, on_verdict: Callable[[], object]) -> None:
        self.name = name
        self.verdict: Verdict | None = None
        self._on_verdict = on_verdict

    def reach(self, verdict: Verdict) -> None:
        """Let a verdict stand, if it is the first."""
        if self.verdict is None:
            self.verdict = verdict
            self._on_verdict()


class Judge:
    """Listens at a socket for as long as a submission runs.

    Parameters
    ----------
    address : Path
        Where to listen.
    seed : int
        From which the cases are drawn.
    call_seconds : float
        How long one call of a graded function may take.
    """

    def __init__(self, address: Path, seed: int, call_seconds: float) -> None:
        self._seed = seed
        self._call_seconds = call_seconds
        self._hearing: Hearing | None = None
        self._connection: socket.socket | None = None
        self._idle = threading.Event()
        self._idle.set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(address))
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, name="judge", daemon=True)

    def __enter__(self) -> "Judge":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        # Closing a listener does not wake who waits on it; shutting it down does.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_SECONDS_TO_END)

    @contextmanager
    def hearing(self, name: str, on_verdict: Callable[[], object]) -> Iterator[Hearing]:
        """Hear one exercise; at the end the connection is closed, whoever still talks."""
        self._hearing = Hearing(name, on_verdict)
        try:
            yield self._hearing
        finally:
            self._hearing = None
            connection = self._connection
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._idle.wait(_SECONDS_TO_END)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._idle.clear()
                self._connection = connection
                try:
                    # Whoever breaks the connection off only loses the hearing.
                    with suppress(OSError):
                        self._hear(connection)
                finally:
                    self._connection = None
                    self._idle.set()

    def _hear(self, connection: socket.socket) -> None:
        hearing = self._hearing
        if hearing is None or hearing.verdict is not None:
            return
        connection.settimeout(self._call_seconds)
        with connection.makefile("rwb") as stream:
            try:
                name = wire.read(stream)
                if not isinstance(name, str) or name != hearing.name:
                    return
            except (wire.WireError, EOFError):
                return
            hearing.reach(_judged(hearing.name, stream, self._seed))
            wire.write(stream, None)


def _judged(name: str, stream: BufferedIOBase, seed: int) -> Verdict:
    witness = _Witness(stream)
    try:
        verdict = judge(catalogue()[name], witness, seed)
    except Exception as fault:
        return Verdict("grader_error", 0.0, f"The judge failed: {type(fault).__name__}: {fault}")
    notes = "".join(f" Note: {note}" for note in witness.notes)
    # A counterexample holds a secret input: it goes no further.
    return replace(verdict, message=printable(verdict.message + notes), counterexample=None)


class _Witness:
    """Stands for the function at the other end of a stream."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self.notes: list[str] = []

    def __call__(self, *args: Any) -> Any:
        try:
            wire.write(self._stream, args)
            reply = wire.read(self._stream)
        except TimeoutError:
            raise Stopped(
                "timeout", "Your function did not return in time. Is there a loop without end?"
            ) from None
        except (EOFError, OSError):
            raise Stopped("killed", "The kernel stopped while your function ran.") from None
        except wire.WireError as error:
            raise Stopped("error", f"The answer cannot be read: {error}.") from None
        match reply:
            case {"value": value, "notes": [*notes]}:
                self.notes = [str(note)[:300] for note in notes[:3] if isinstance(note, str)]
                return value
            case {"raised": "NotImplementedError"}:
                raise NotImplementedError
            case {"raised": "MemoryError"}:
                raise MemoryError
            case {"raised": str(kind), "text": str(text)}:
                raise Raised(f"{kind[:80]}: {text[:300]}")
        raise Stopped("error", "The answer cannot be read: it is no answer.")
