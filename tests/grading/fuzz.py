"""Replies that no student's process would send, to the real judge at its real socket.

``python tests/grading/fuzz.py 100000`` sends so many and prints what became of them. In each
hearing one reply at least, to a question of the exercise's first group, is not the right one; the
others may all be. So none of them may earn anything.
"""

import json
import socket
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from grading.judge import Judge
from lgm.course import wire
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Exercise, Verdict

SEED = 20260101
CALL_SECONDS = 2.0
STATUSES = frozenset({"wrong", "error", "missing", "memory", "killed", "timeout"})
HONEST_EVERY = 10  # hearings
TEXTS = (
    "",
    "x" * 100_000,
    "\ud800",
    "\0\x1b[2J\r",
    "<script>alert(1)</script>",
    "\u202e",
    "{}%s{0!r}",
)
EXCEPTIONS = (
    "NotImplementedError",
    "MemoryError",
    "KeyboardInterrupt",
    "Stopped",
    "SystemExit",
    "",
)
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e308, -1e308, 5e-324, 2.0**53, -1.0)

Random = np.random.Generator


def pick(rng: Random, things: Any) -> Any:
    return things[rng.integers(len(things))]


def parts(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """Change each array of an answer."""
    changed = [change(np.asarray(part)) for part in _parts(value)]
    return tuple(changed) if isinstance(value, tuple) else changed[0]


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


# --- values ------------------------------------------------------------------------------------


def strange_numbers(rng: Random, right: Any) -> Any:
    """One or two strange numbers, in some places or in all."""
    share, numbers = rng.uniform(0.0, 1.5), rng.choice(NUMBERS, rng.integers(1, 3))
    return parts(
        right, lambda a: np.where(rng.random(a.shape) < share, rng.choice(numbers, a.shape), a)
    )


def wrong_numbers(rng: Random, right: Any) -> Any:
    scale = 10.0 ** rng.integers(-3, 6)
    return pick(
        rng,
        (
            parts(right, lambda a: scale * rng.standard_normal(a.shape)),
            parts(right, lambda a: a + scale),
            parts(right, lambda a: a * -scale),
            parts(right, lambda a: np.full(a.shape, pick(rng, NUMBERS))),
            parts(right, lambda a: rng.permutation(a.ravel()).reshape(a.shape)),
        ),
    )


def another_dtype(rng: Random, right: Any) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        dtype = np.dtype(pick(rng, sorted(wire.DTYPES)))
        raw = rng.bytes(array.size * dtype.itemsize)
        return np.frombuffer(raw, dtype).reshape(array.shape)

    return parts(right, change)


def another_shape(rng: Random, right: Any) -> Any:
    axes = rng.integers(0, 4, size=rng.integers(0, 6))
    return pick(
        rng,
        (
            parts(right, lambda a: np.zeros(axes)),
            parts(right, lambda a: np.zeros((1,) * rng.integers(1, 33))),
            parts(right, lambda a: np.zeros((0,) * rng.integers(1, 33))),
            parts(right, lambda a: np.zeros((1 << 24, 0, 1 << 24))),
            parts(right, lambda a: a[None]),
            parts(right, lambda a: np.append(a.ravel(), 1.0)),
            parts(right, lambda a: np.broadcast_to(a, (3, *a.shape))),
            (right, right),
            [right] * rng.integers(0, 5),
        ),
    )


def another_type(rng: Random, right: Any) -> Any:
    return pick(
        rng,
        (
            None,
            bool(rng.integers(2)),
            int(rng.integers(-(2**63), 2**63 - 1)),
            pick(rng, NUMBERS),
            pick(rng, TEXTS),
            wire.Opaque(pick(rng, TEXTS)),
            [],
            (),
            {},
            [[1.0], [1.0, 2.0]],
            ["1", None, 2],
            {"value": right},
            {"__array__": right},
            parts(right, lambda a: a.astype(complex)),
            parts(right, lambda a: str(a)[:1000]),
            parts(right, lambda a: [None] * a.size),
            parts(right, lambda a: [[[a]]]),
        ),
    )


VALUES = (strange_numbers, wrong_numbers, another_dtype, another_shape, another_type)


def notes(rng: Random) -> Any:
    if rng.random() < 0.05:  # no list, which is no answer
        return pick(rng, ({}, "note", None, 1.0))
    return pick(rng, ([], TEXTS, list(TEXTS) * 3, [None, 1.0], [[], ()]))


# --- messages ----------------------------------------------------------------------------------


def answer(rng: Random, right: Any) -> bytes:
    """An answer that can be read, and that is not the right one."""
    return wire.pack({"value": pick(rng, VALUES)(rng, right), "notes": notes(rng)})


def several(rng: Random, right: Any) -> bytes:
    """Two answers and more at once: the later ones before they are asked for."""
    return b"".join(answer(rng, right) for _ in range(rng.integers(2, 6)))


def raised(rng: Random, right: Any) -> bytes:
    return wire.pack({"raised": pick(rng, EXCEPTIONS + TEXTS), "text": pick(rng, TEXTS)})


def no_answer(rng: Random, right: Any) -> bytes:
    things = (
        {"value": right},
        {"value": right, "notes": None},
        {"value": right, "notes": "none"},
        {"raised": None, "text": ""},
        {"raised": "ValueError"},
        {"raised": 3, "text": right},
        {"status": "correct", "fraction": 1.0},
        ("correct", 1.0),
        right,
        None,
        "discrete_marginal.log_marginal",
    )
    return wire.pack(pick(rng, things))


def some_bytes(rng: Random, right: Any) -> bytes:
    return rng.bytes(rng.integers(0, 300))


def changed(rng: Random, right: Any) -> bytes:
    """The right answer with some bytes changed."""
    message = bytearray(wire.pack({"value": right, "notes": []}))
    for place in rng.integers(0, len(message), size=rng.integers(1, 5)):
        message[place] = rng.integers(256)
    return bytes(message)


def cut(rng: Random, right: Any) -> bytes:
    message = wire.pack({"value": right, "notes": []})
    return message[: rng.integers(len(message))]


def lied(rng: Random, right: Any) -> bytes:
    """The right answer, whose lengths are other ones."""
    message = wire.pack({"value": right, "notes": []})
    header, data = struct.unpack_from(">II", message)
    off = rng.integers(-9, 10, size=2) if rng.random() < 0.7 else rng.integers(0, 1 << 25, size=2)
    lengths = [int(max(0, size)) for size in np.add((header, data), off)]
    return struct.pack(">II", *lengths) + message[8:]


def framed(rng: Random, right: Any) -> bytes:
    """Headers that are no JSON, too deep, too large, or that claim what is not there."""
    depth = int(10.0 ** rng.uniform(0, 5))
    huge = [pick(rng, (0, 1, -1, 1 << 24, 1 << 62, 10**30, 0.5, None)) for _ in range(4)]
    trees = (
        b"[" * depth,
        b'{"list":[' * depth,
        b'{"list":[' * (depth % 20) + b"null" + b"]}" * (depth % 20),
        b'{"dict":{"value":' * depth,
        b"9" * depth,
        b'{"float":"0x' + b"f" * depth + b'"}',
        json.dumps({"array": [pick(rng, ("f8", "O", "V9", "S1", "M8[s]", "")), *huge]}).encode(),
        json.dumps({pick(rng, ("list", "tuple", "dict", "float", "opaque", "")): huge}).encode(),
        b'{"dict":{"value":NaN,"notes":{"list":[]}}}',
        b'"\\ud800"',
        rng.bytes(depth % 1000),
    )
    header, data = pick(rng, trees), rng.bytes(pick(rng, (0, 0, 8, 800)))
    return struct.pack(">II", len(header), len(data)) + header + data


def nothing(rng: Random, right: Any) -> bytes:
    return b""


READABLE = (answer, answer, answer, several, raised)
ANY = (*READABLE, no_answer, some_bytes, changed, changed, cut, lied, framed, nothing)


def fuzzed(rng: Random, kinds: tuple[Any, ...], right: Any) -> bytes:
    """A reply that is not right: others are drawn again, since a changed byte may change little."""
    while True:
        message: bytes = pick(rng, kinds)(rng, right)
        try:
            reply = wire.read(BytesIO(message))
        except (wire.WireError, EOFError):
            return message
        if not (isinstance(reply, dict) and "notes" in reply and near(reply.get("value"), right)):
            return message


def near(value: Any, right: Any) -> bool:
    """Whether an answer is the right one, or so near to it that it could be taken for it."""
    with suppress(Exception), np.errstate(all="ignore"):
        pairs = zip(
            _parts(tuple(value) if isinstance(right, tuple) else value), _parts(right), strict=True
        )
        return all(
            np.shape(one) == np.shape(other)
            and np.allclose(one, other, rtol=1e-2, atol=1e-3, equal_nan=True)
            for one, other in pairs
        )
    return False


# --- hearings ----------------------------------------------------------------------------------


class Known:
    """An exercise, and the right answer to each question that the judge will ask."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self.name = exercise.name
        cases = exercise.cases(np.random.default_rng(seed))
        self.first = [n for n, case in enumerate(cases) if case.group == cases[0].group]
        with np.errstate(all="ignore"):
            self.right = [exercise.reference(*case.args) for case in cases]

    def honest(self) -> list[bytes]:
        return [wire.pack({"value": right, "notes": []}) for right in self.right]

    def fuzzed(self, rng: Random) -> tuple[list[bytes], set[int]]:
        """Replies to all questions, and which of them are fuzzed."""
        replies = self.honest()
        # Whatever cannot be read ends a hearing; so there is one of that, or none.
        one, every = {int(pick(rng, self.first))}, set(range(len(replies)))
        places, kinds = pick(rng, ((one, ANY), (one, (answer,)), (every, READABLE)))
        for place in places:
            replies[place] = fuzzed(rng, kinds, self.right[place])
        return replies, places


def verdict_on(
    judge: Judge, address: Path, name: str, replies: list[bytes]
) -> tuple[Verdict | None, int]:
    """Answer the judge's questions; return its verdict, and how many were answered."""
    reached, sent = threading.Event(), 0
    with judge.hearing(name, reached.set) as hearing, socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(address))
        with suppress(OSError, EOFError), client.makefile("rb") as stream:
            client.sendall(wire.pack(name))
            for reply in replies:
                if wire.read(stream) is None:
                    break
                sent += 1
                client.sendall(reply)
                try:
                    wire.read(BytesIO(reply))
                except (wire.WireError, EOFError):
                    # The judge need not wait in vain for the rest.
                    client.shutdown(socket.SHUT_WR)
        reached.wait(30)
    return hearing.verdict, sent


def hearings(replies: int, seed: int) -> Iterator[tuple[str, int]]:
    """Fuzz the judge until so many replies are sent; yields each verdict's status, and how many.

    Raises
    ------
    AssertionError
        If one earns anything, stops the judge, or makes it fail.
    """
    rng = np.random.default_rng(seed)
    exercises = [Known(exercise, SEED) for exercise in catalogue().values()]
    count = heard = 0
    with tempfile.TemporaryDirectory(prefix="lgm-") as folder:
        address = Path(folder) / "judge"
        with Judge(address, SEED, CALL_SECONDS) as judge:
            while count < replies:
                exercise = pick(rng, exercises)
                given, places = exercise.fuzzed(rng)
                verdict, sent = verdict_on(judge, address, exercise.name, given)
                told = f"hearing {heard} of seed {seed}, {exercise.name}: {verdict}"
                assert verdict is not None, told
                assert verdict.fraction == 0.0, told
                assert verdict.status in STATUSES, told
                assert len(verdict.message) < 3000, told
                assert verdict.message.encode(), told
                fuzz = sum(place < sent for place in places)
                count, heard = count + fuzz, heard + 1
                yield verdict.status, fuzz
                if heard % HONEST_EVERY == 0:
                    verdict, _ = verdict_on(judge, address, exercise.name, exercise.honest())
                    assert verdict is not None, told
                    assert verdict.status == "correct", f"{told}, then {verdict}"
        assert not judge._thread.is_alive()


def main() -> None:
    """Send so many replies, and print the statuses that they got."""
    started = time.monotonic()
    statuses: Counter[str] = Counter()
    replies = 0
    for status, count in hearings(int(sys.argv[1]) if sys.argv[1:] else 100_000, seed=1):
        statuses[status] += 1
        replies += count
    print(f"{replies} replies in {statuses.total()} hearings, {time.monotonic() - started:.0f} s")
    for status, number in statuses.most_common():
        print(f"{number:8} {status}")


if __name__ == "__main__":
    main()
