"""The judge at its socket: believes nothing, survives everything, and gives nothing away."""

import io
import json
import pickle
import socket
import struct
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import judge as judge_module
from grading.judge import Judge, _judged
from lgm.course import wire
from lgm.exercises.catalogue import catalogue

course = import_module("lgm.course.check")  # The function hides its module of the same name.

NAME = "discrete_marginal.log_marginal"
SEED = 20260101
CALL_SECONDS = 0.5
SECRET_CASES = catalogue()[NAME].cases(np.random.default_rng(SEED))


def right(log_prior, log_lik):
    return np.logaddexp.reduce(log_prior[:, None] + log_lik, axis=0)


def largest_only(log_prior, log_lik):
    return np.max(log_prior[:, None] + log_lik, axis=0)


@pytest.fixture
def address():
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="lgm-") as folder:
        yield Path(folder) / "judge"


@pytest.fixture
def judge(address):
    with Judge(address, SEED, CALL_SECONDS) as judge:
        yield judge
    assert not judge._thread.is_alive()


@contextmanager
def hearing(judge, name=NAME):
    """A hearing that can be waited for."""
    reached = threading.Event()
    calls = []
    with judge.hearing(name, lambda: (calls.append(1), reached.set())) as opened:
        opened.wait = lambda: reached.wait(20) and opened.verdict
        yield opened
    assert len(calls) == (opened.verdict is not None)


def answer(address, function, name=NAME):
    """What the check in a notebook does while a class is graded."""
    with suppress(OSError, EOFError):
        course._answer(name, course.Observed(function), str(address))


@contextmanager
def connection(address):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(address))
        yield client


def verdict_on(judge, address, function):
    with hearing(judge) as opened:
        answer(address, function)
        return opened.wait()


def assert_still_judging(judge, address):
    assert verdict_on(judge, address, right).status == "correct"
    assert verdict_on(judge, address, largest_only).misconceptions == ("max_for_sum",)


def is_closed(client):
    """Whether the other side hangs up, whatever it may still have sent."""
    with suppress(ConnectionError):
        while client.recv(1 << 16):
            pass
    return True


# --- honest answers ----------------------------------------------------------------------------


def test_a_right_answer_is_right(judge, address):
    verdict = verdict_on(judge, address, right)
    assert (verdict.status, verdict.fraction, verdict.message) == (
        "correct",
        1.0,
        "Right, on every case.",
    )


def test_a_mistake_is_named_as_it_is_in_the_notebook(judge, address):
    verdict = verdict_on(judge, address, largest_only)
    assert (verdict.status, verdict.fraction) == ("wrong", 0.0)
    assert verdict.misconceptions == ("max_for_sum",)


class CannotBeToldError(Exception):
    def __str__(self):
        raise OSError


def right_in_the_end(log_prior, log_lik):
    time.sleep(9 * CALL_SECONDS)
    return right(log_prior, log_lik)


def raises(exception):
    def function(log_prior, log_lik):
        raise exception

    return function


@pytest.mark.parametrize(
    ("function", "status", "told"),
    [
        (raises(ValueError("bad axis")), "error", "ValueError: bad axis"),
        (raises(SystemExit(0)), "error", "SystemExit: 0"),
        (raises(GeneratorExit()), "error", "GeneratorExit"),
        (raises(CannotBeToldError()), "error", "CannotBeToldError"),
        (raises(ValueError("\x1b[2J")), "error", "ValueError: \N{REPLACEMENT CHARACTER}[2J"),
        (raises(NotImplementedError()), "missing", "Not written yet."),
        (raises(MemoryError()), "memory", "ran out of memory"),
        (lambda p: p, "error", "TypeError"),
        (lambda p, lik: None, "wrong", "returned None"),
        (lambda p, lik: {"a": 1}, "wrong", "one dict"),
        (lambda p, lik: object(), "wrong", "one object"),
        (lambda p, lik: "text", "wrong", "should hold real numbers"),
        (lambda p, lik: np.zeros(1 << 24), "error", "message of"),
        (lambda p, lik: np.where(np.arange(lik.shape[1]), 0.0, np.nan), "wrong", "contains NaN"),
        (lambda p, lik: np.full(lik.shape[1], np.inf), "wrong", "Reread the part"),
        (
            lambda p, lik: raises(ValueError("\ud800"))(p, lik),
            "error",
            "ValueError: \N{REPLACEMENT CHARACTER}",
        ),
        (right_in_the_end, "timeout", "did not return in time"),
    ],
    ids=[
        "error",
        "exit",
        "end of a generator",
        "cannot be told",
        "command to a terminal",
        "missing",
        "memory",
        "arguments",
        "none",
        "dict",
        "object",
        "text",
        "large",
        "nan",
        "infinity",
        "half a character",
        "slow",
    ],
)
def test_whatever_goes_wrong_has_its_status_and_is_told(judge, address, function, status, told):
    verdict = verdict_on(judge, address, function)
    assert (verdict.status, verdict.fraction) == (status, 0.0)
    assert told in verdict.message
    assert verdict.message.encode()
    assert_still_judging(judge, address)


class Series:
    """Numbers in the clothes of another library."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


@pytest.mark.parametrize("style", [np.float16, np.float32, np.longdouble, list, Series])
def test_another_style_of_numbers_is_judged_as_in_the_notebook(judge, address, style):
    def function(log_prior, log_lik):
        px = right(log_prior, log_lik)
        return px.astype(style) if issubclass(style, np.generic) else style(px)

    here = judge_module.judge(catalogue()[NAME], function, SEED)
    there = verdict_on(judge, address, function)
    assert (here.status, here.fraction) == (there.status, there.fraction)
    assert (here.status == "correct") == (style is not np.float16)


def test_notes_are_passed_on_and_cost_nothing(judge, address):
    def in_place(log_prior, log_lik):
        log_lik += log_prior[:, None]
        return np.logaddexp.reduce(log_lik, axis=0)

    verdict = verdict_on(judge, address, in_place)
    assert verdict.fraction == 1.0
    assert verdict.message.endswith(
        "Note: Your function changes its arguments; work on a copy instead."
    )


@pytest.mark.parametrize(
    "function",
    [
        largest_only,
        lambda p, lik: lik,
        lambda p, lik: p + lik,
        lambda p, lik: right(p, lik) - 0.1,
        lambda p, lik: right(p, lik).reshape(1, -1),
        lambda p, lik: np.exp(right(p, lik)),
        lambda p, lik: lik[7],
        lambda p, lik: np.asarray([p, lik, None], dtype=object),
        lambda p, lik: lik.astype(str),
        lambda p, lik: np.log(np.exp(p[:, None] + lik).sum(axis=0)),
        lambda p, lik: np.linalg.cholesky(np.outer(p, p)),
    ],
)
def test_no_verdict_holds_a_secret_input_or_an_expected_value(judge, address, function):
    verdict = verdict_on(judge, address, function)
    assert verdict.counterexample is None
    secrets = set()
    for case in SECRET_CASES:
        for array in (*case.args, right(*case.args)):
            for number in array[np.isfinite(array) & (np.abs(array) > 0.01)]:
                secrets |= {f"{abs(number):.3f}", f"{abs(number):.4g}"}
    secrets = {secret for secret in secrets if len(secret) >= 5}
    assert len(secrets) > 100
    assert not [secret for secret in secrets if secret in verdict.message]


def test_the_cases_are_drawn_from_the_secret_seed(judge, address):
    seen = []
    verdict_on(judge, address, lambda p, lik: (seen.append(lik), right(p, lik))[1])
    for case, lik in zip(SECRET_CASES, seen, strict=True):
        np.testing.assert_array_equal(case.args[1], lik)


def test_a_fault_of_ours_is_a_grader_error(judge, address, monkeypatch):
    def broken(*args):
        raise ZeroDivisionError("our fault")

    monkeypatch.setattr(judge_module, "judge", broken)
    verdict = verdict_on(judge, address, right)
    assert verdict.status == "grader_error"
    assert verdict.message == "The judge failed: ZeroDivisionError: our fault"


# --- who may speak, and when -------------------------------------------------------------------


def test_without_a_hearing_nobody_is_heard(judge, address):
    with connection(address) as client:
        assert is_closed(client)
    assert_still_judging(judge, address)


def test_a_connection_from_before_the_hearing_is_not_heard_in_it(judge, address):
    with connection(address) as early:
        time.sleep(0.1)
        with hearing(judge) as opened:
            with suppress(OSError):
                early.sendall(wire.pack(NAME))
            assert is_closed(early)
            assert opened.verdict is None
            answer(address, largest_only)
            assert opened.wait().fraction == 0.0


@pytest.mark.parametrize(
    "name",
    [
        "discrete_marginal.responsibilities",
        "log_marginal",
        "",
        None,
        3,
        True,
        np.array([1.0, 2.0]),
        np.zeros(0),
        np.array(NAME.encode(), dtype="S"),
        [NAME],
        (NAME,),
        {"name": NAME},
    ],
    ids=str,
)
def test_whoever_names_another_exercise_is_not_heard(judge, address, name):
    with hearing(judge) as opened:
        with connection(address) as client:
            client.sendall(wire.pack(name))
            assert is_closed(client)
        assert opened.verdict is None
        answer(address, right)
        assert opened.wait().status == "correct"


def test_the_first_verdict_stands(judge, address):
    with hearing(judge) as opened:
        answer(address, largest_only)
        first = opened.wait()
        for _ in range(3):
            answer(address, right)
        assert opened.verdict is first
        assert first.fraction == 0.0


def test_answers_after_the_verdict_are_not_read(judge, address):
    with hearing(judge) as opened, connection(address) as client:
        stream = client.makefile("rwb")
        wire.write(stream, NAME)
        while (question := wire.read(stream)) is not None:
            wire.write(stream, {"value": largest_only(*question), "notes": []})
        assert opened.wait().fraction == 0.0
        with suppress(OSError):
            for _ in range(20):
                wire.write(stream, {"value": np.zeros(3), "notes": []})
    assert opened.verdict.misconceptions == ("max_for_sum",)
    assert_still_judging(judge, address)


def test_an_answer_to_a_hearing_that_is_over_is_not_heard_in_the_next(judge, address):
    with ExitStack() as after:
        with hearing(judge) as first:
            client = after.enter_context(connection(address))
            stream = client.makefile("rwb")
            wire.write(stream, NAME)
            question = wire.read(stream)
        with hearing(judge) as second:
            with suppress(OSError):
                wire.write(stream, {"value": right(*question), "notes": []})
            assert is_closed(client)
            assert second.verdict is None
            assert (first.verdict.status, first.verdict.fraction) == ("killed", 0.0)
            answer(address, right)
            assert second.wait().status == "correct"


def test_answers_sent_before_they_are_asked_for_earn_nothing(judge, address):
    with hearing(judge) as opened, connection(address) as client:
        client.sendall(wire.pack(NAME) + wire.pack({"value": np.zeros(5), "notes": []}) * 13)
        assert opened.wait().fraction == 0.0
    assert_still_judging(judge, address)


# --- noise -------------------------------------------------------------------------------------


class Payload:
    def __reduce__(self):
        return (print, ("unpickled",))


def framed(header, data=b""):
    return struct.pack(">II", len(header), len(data)) + header + data


NOISE = {
    "nothing": b"",
    "one byte": b"\0",
    "lengths only": struct.pack(">II", 100, 100),
    "huge lengths": b"\xff" * 8,
    "huge data": struct.pack(">II", 2, 1 << 31),
    "pickle": pickle.dumps(Payload()),
    "framed pickle": framed(pickle.dumps(Payload())),
    "http": b"GET / HTTP/1.1\r\nHost: judge\r\n\r\n",
    "zeros": bytes(1 << 16),
    "not json": framed(b"{{{"),
    "not utf-8": framed(b"\xff\xfe\xfd"),
    "deep": framed(b"[" * 100_000),
    "deep dicts": framed(b'{"list":[' * 100_000),
    "huge number": framed(b"9" * 4000),
    "huge list": framed(b'{"list":[' + b"0," * 200_000 + b"0]}"),
    "left over": framed(b"null", b"data"),
    "no data": framed(b'{"array":["f8",1000000]}'),
    "objects": framed(b'{"array":["O",1]}', bytes(8)),
    "claimed shape": framed(b'{"array":["f8",0,67108864,67108864,67108864]}'),
    "half a character": framed(b'"\\ud800"'),
}
for_all_noise = pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())


@for_all_noise
def test_noise_instead_of_a_name_is_not_heard(judge, address, noise, capfd):
    with hearing(judge) as opened:
        with connection(address) as client:
            client.sendall(noise)
            client.shutdown(socket.SHUT_WR)
            assert is_closed(client)
        assert opened.verdict is None
        answer(address, right)
        assert opened.wait().status == "correct"
    assert capfd.readouterr() == ("", "")


@for_all_noise
def test_noise_instead_of_an_answer_earns_nothing(judge, address, noise, capfd):
    with hearing(judge) as opened, connection(address) as client:
        stream = client.makefile("rwb")
        wire.write(stream, NAME)
        wire.read(stream)
        client.sendall(noise)
        client.shutdown(socket.SHUT_WR)
        verdict = opened.wait()
    assert verdict.status in {"error", "killed"}
    assert verdict.fraction == 0.0
    assert_still_judging(judge, address)
    assert capfd.readouterr() == ("", "")


def test_silence_instead_of_a_name_holds_nobody_up_for_long(judge, address):
    with hearing(judge) as opened, connection(address) as client:
        assert is_closed(client)
        assert opened.verdict is None
        answer(address, right)
        assert opened.wait().status == "correct"


def test_silence_instead_of_an_answer_is_a_timeout(judge, address):
    with hearing(judge) as opened, connection(address) as client:
        client.sendall(wire.pack(NAME))
        assert opened.wait().status == "timeout"
    assert_still_judging(judge, address)


@pytest.mark.parametrize("named", [True, False])
def test_a_slow_drip_ends_with_the_hearing(judge, address, named):
    with ExitStack() as after:
        with hearing(judge) as opened:
            client = after.enter_context(connection(address))
            if named:
                client.sendall(wire.pack(NAME))
            # One byte at a time, each of them in time.
            for byte in struct.pack(">II", 100, 1 << 20) + b"x" * 4:
                client.sendall(bytes([byte]))
                time.sleep(CALL_SECONDS / 5)
            assert opened.verdict is None
            closing = time.monotonic()
        assert time.monotonic() - closing < CALL_SECONDS
        assert is_closed(client)
    assert opened.verdict is None or opened.verdict.fraction == 0.0
    assert_still_judging(judge, address)


def test_a_flood_is_not_read_beyond_what_is_asked_for(judge, address):
    with hearing(judge) as opened, connection(address) as client:
        client.settimeout(2 * CALL_SECONDS)
        client.sendall(wire.pack(NAME))
        sent = 0
        with suppress(OSError):
            while sent < 1 << 30:
                sent += client.send(b"\0\0\0\4\0\0\0\0null" * 1000)
        assert opened.wait().fraction == 0.0
        assert sent < 1 << 22
    assert_still_judging(judge, address)


def test_whoever_does_not_read_is_not_waited_for(judge, address, monkeypatch):
    # More than a socket holds, so that the judge cannot even ask.
    monkeypatch.setattr(judge_module, "judge", lambda exercise, call, seed: call("x" * (1 << 19)))
    with hearing(judge) as opened, connection(address) as client:
        client.sendall(wire.pack(NAME))
        verdict = opened.wait()
    assert verdict.status in {"timeout", "grader_error"}


def test_a_crowd_holds_nobody_up_for_long(judge, address):
    with hearing(judge) as opened:
        crowd = []
        for _ in range(5):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(address))
            crowd.append(client)
        answer(address, right)
        assert opened.wait().status == "correct"
        for client in crowd:
            client.close()


def test_a_judge_that_is_left_stops_listening(address):
    with Judge(address, SEED, CALL_SECONDS) as judge:
        pass
    assert not judge._thread.is_alive()
    with pytest.raises(ConnectionRefusedError), connection(address):
        pass


# --- replies that can be read, and are no answers ----------------------------------------------


class Replies(io.BytesIO):
    """A stream on which the same reply is read for ever, and what is written is lost."""

    def __init__(self, reply):
        self.reply = reply
        super().__init__()

    def read(self, size=-1):
        if not self.getbuffer()[self.tell() :].nbytes:
            self.seek(0)
            self.truncate()
            super().write(self.reply)
            self.seek(0)
        return super().read(size)

    def write(self, data):
        return len(data)


arrays = st.sampled_from(
    [
        {"array": [dtype, *shape]}
        for dtype in ("f8", "f4", "f2", "i8", "u8", "u1", "b1", "c16")
        for shape in ((), (0,), (5,), (3, 5), (1, 5))
    ]
)
leaf = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.text(max_size=4),
    st.sampled_from(["NotImplementedError", "MemoryError", "Stopped", "KeyboardInterrupt"]),
    st.sampled_from(["nan", "inf", "-inf", "0x1p1023"]).map(lambda text: {"float": text}),
    st.just({"opaque": "ndarray"}),
)
node = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda items: {"list": items}),
        st.lists(inner, max_size=3).map(lambda items: {"tuple": items}),
        st.dictionaries(
            st.sampled_from(["value", "notes", "raised", "text", "status", "fraction"]),
            inner,
            max_size=4,
        ).map(lambda items: {"dict": items}),
    ),
    max_leaves=8,
)
some_notes = st.one_of(st.just({"list": []}), st.lists(leaf, max_size=5).map(lambda n: {"list": n}))


def assert_earns_nothing(tree, data=b""):
    verdict = _judged(NAME, Replies(framed(json.dumps(tree).encode(), data)), SEED)
    assert verdict.fraction == 0.0
    assert verdict.status in {"wrong", "error", "missing", "memory"}, verdict.message
    assert len(verdict.message) < 3000
    verdict.message.encode()


@given(node)
@settings(deadline=None, max_examples=150)
def test_any_reply_is_judged_and_earns_nothing(tree):
    assert_earns_nothing(tree)


@given(node, some_notes)
@settings(deadline=None, max_examples=150)
def test_any_value_is_judged_and_earns_nothing(value, notes):
    assert_earns_nothing({"dict": {"value": value, "notes": notes}})


@given(arrays, st.binary(min_size=240, max_size=240))
@settings(deadline=None, max_examples=150)
def test_any_array_is_judged_and_earns_nothing(array, data):
    dtype, *shape = array["array"]
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    assert_earns_nothing({"dict": {"value": array, "notes": {"list": []}}}, data[:size])


@pytest.mark.parametrize(
    "reply",
    [
        {"list": [10**300, {"float": "0x1p0"}]},
        {"dict": {"raised": {"array": ["f8", 0]}, "text": "x"}},
        {"dict": {"raised": "KeyboardInterrupt", "text": "x"}},
        {"dict": {"raised": "\ud800", "text": "\ud800"}},
        {"dict": {"raised": "x" * 100_000, "text": "y" * 100_000}},
        {"dict": {"value": {"opaque": "\ud800" * 100}, "notes": {"list": []}}},
        {"dict": {"value": 1, "notes": {"list": ["\ud800" * 400] * 100}}},
        {"dict": {"status": "correct", "fraction": {"float": "0x1p0"}}},
    ],
    ids=lambda reply: str(reply)[:40],
)
def test_a_malicious_reply_is_judged_and_earns_nothing(reply):
    assert_earns_nothing(reply)
