"""The same function over many submissions at once: on this machine, or on a Dask cluster.

Workers only compute; whoever iterates is the one who writes. A worker that dies takes nobody with
it: what it had in hand is given to another.
"""

import ctypes
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Answered", "cores", "spread"]

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_DEATHS = 3
_AHEAD = 2  # tasks in hand for each worker, so that none waits for the next
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Answered:
    """Stands among the tasks for one whose answer is known: no worker is asked."""

    answer: Any


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def spread(
    function: Callable[[Task], Answer],
    tasks: Iterable[Task],
    workers: int | None = None,
    cluster: str | None = None,
) -> Iterator[tuple[Task, Answer | BaseException]]:
    """Call a function on each task, several at once, and yield each answer as it comes.

    Parameters
    ----------
    function : callable
        Of a task; both it and its answers can be pickled.
    tasks : iterable
        Drawn as they are needed, by the caller's own thread. What is `Answered` is passed on.
    workers : int, optional
        How many processes of this machine; its cores if not given.
    cluster : str, optional
        The address of a Dask scheduler, whose workers are used instead.

    Yields
    ------
    task : object
    answer : object or BaseException
        What the function returned or raised, or that one worker after another died over it.
    """
    with _connected(cluster) as client:
        yield from _spread(function, iter(tasks), workers, client)


def _spread(
    function: Callable[[Task], Answer], source: Iterator[Task], workers: int | None, client: Any
) -> Iterator[tuple[Task, Answer | BaseException]]:
    again: deque[tuple[Task, int]] = deque()
    running: dict[Future[Answer], tuple[Task, int]] = {}
    executor, ahead = _executor(workers, client)
    try:
        while True:
            try:
                # Whatever was in hand when a worker died is tried alone, to know which it was.
                suspected = again or any(deaths for _, deaths in running.values())
                while len(running) < (1 if suspected else ahead):
                    task, deaths = again.popleft() if again else (next(source), 0)
                    if isinstance(task, Answered):
                        yield task, task.answer
                        continue
                    running[executor.submit(function, task)] = task, deaths
            except StopIteration:
                if not running:
                    return
            except BrokenExecutor:
                again.append((task, deaths))
            done = wait(running, return_when=FIRST_COMPLETED).done
            broken = not running or any(
                isinstance(each.exception(), BrokenExecutor) for each in done
            )
            # All that a broken pool had in hand ends in the same way.
            for future in wait(running).done if broken else done:
                task, deaths = running.pop(future)
                problem = future.exception()
                if isinstance(problem, BrokenExecutor) and deaths < _DEATHS:
                    again.append((task, deaths + 1))
                else:
                    yield task, future.result() if problem is None else problem
            if broken:
                executor.shutdown(wait=False)
                executor, ahead = _executor(workers, client)
    finally:
        for future in running:
            future.cancel()
        executor.shutdown(wait=not running)
        for worker in multiprocessing.active_children() if running and client is None else ():
            worker.kill()
            worker.join()


def _executor(workers: int | None, client: Any) -> tuple[Executor, int]:
    """Who computes, and how many tasks to have in hand."""
    if client is not None:
        return client.get_executor(pure=False), _AHEAD * sum(client.nthreads().values())
    count = workers or cores()
    # Not forked: the parent has threads, and nbgrader's database, open.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, _begin, (os.getpid(),)), _AHEAD * count


@contextmanager
def _connected(cluster: str | None) -> Iterator[Any]:
    """Dask's client, for as long as it is needed; None without a cluster."""
    if cluster is None:
        yield None
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise RuntimeError("a cluster needs Dask: pip install 'lgm[cluster]'") from None
    try:
        client = Client(cluster, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as problem:
        raise RuntimeError(f"no Dask scheduler at {cluster}: {problem}") from problem
    with client:
        if not client.nthreads():
            raise RuntimeError(f"the Dask scheduler at {cluster} has no workers")
        yield client


def _begin(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have died while this one was starting.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
