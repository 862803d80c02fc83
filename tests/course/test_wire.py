"""The bytes between student and judge: what is sent arrives, and nothing else is believed."""

import io
import json
import math
import pickle
import struct
from collections import OrderedDict, namedtuple
from contextlib import suppress
from enum import IntEnum

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lgm.course import wire
from lgm.course.wire import Opaque, WireError, pack, read, unpack, write

EXAMPLES = settings(deadline=None, max_examples=150)


def message(tree, data=b""):
    """A message with a header of our choice."""
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return struct.pack(">II", len(header), len(data)) + header + data


def assert_same(sent, received):
    assert type(sent) is type(received)
    if isinstance(sent, tuple | list):
        assert len(sent) == len(received)
        for one, other in zip(sent, received, strict=True):
            assert_same(one, other)
    elif isinstance(sent, dict):
        assert sent.keys() == received.keys()
        for key in sent:
            assert_same(sent[key], received[key])
    elif isinstance(sent, np.ndarray):
        assert (sent.dtype, sent.shape) == (received.dtype, received.shape)
        np.testing.assert_array_equal(sent, received)
    elif isinstance(sent, float) and math.isnan(sent):
        assert math.isnan(received)
    else:
        assert sent == received


text = st.text(st.characters(codec="utf-8"), max_size=8)
arrays = npst.arrays(
    st.sampled_from(sorted(wire.DTYPES)).map(np.dtype), npst.array_shapes(min_dims=0, min_side=0)
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1), st.floats(), text, arrays
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(text, inner, max_size=3),
    ),
    max_leaves=6,
)


# --- what is sent arrives ----------------------------------------------------------------------


@given(values)
@EXAMPLES
def test_a_value_arrives_as_it_was_sent(value):
    assert_same(value, unpack(pack(value)))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0,)),
        np.zeros((3, 0)),
        np.zeros((0, 2**20)),
        np.array(2.5),
        np.array([np.nan, np.inf, -np.inf, -0.0]),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(10)[::-2],
        np.arange(3, dtype=">i4"),
        np.array([True, False]),
    ],
    ids=[
        "empty",
        "no columns",
        "no rows",
        "number",
        "not finite",
        "transposed",
        "strided",
        "big-endian",
        "bool",
    ],
)
def test_an_array_arrives_with_its_shape_and_values(array):
    received = unpack(pack(array))
    assert received.shape == array.shape
    np.testing.assert_array_equal(received, array)
    assert received.dtype == array.dtype.newbyteorder("<")
    assert received.flags.writeable
    assert received.flags.owndata


def test_the_sign_of_zero_arrives():
    assert math.copysign(1.0, unpack(pack(-0.0))) == -1.0


def test_numbers_of_numpy_arrive_as_arrays_of_no_dimension():
    received = unpack(pack(np.float32(1.5)))
    assert received.shape == ()
    assert received.dtype == np.float32


class Colour(IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "arrives_as"),
    [
        (namedtuple("Pair", "one two")(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (Colour.RED, 3),
        (np.ma.array([1.0]), np.array([1.0])),
        (2**63 - 1, 2**63 - 1),
    ],
    ids=["namedtuple", "OrderedDict", "IntEnum", "masked", "large"],
)
def test_a_subclass_arrives_as_what_it_is_made_of(value, arrives_as):
    assert_same(arrives_as, unpack(pack(value)))


class Anything:
    def __reduce__(self):
        raise AssertionError("nothing is pickled")

    def __repr__(self):
        raise AssertionError("nothing is printed")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Anything(), "Anything"),
        (lambda x: x, "function"),
        ({1, 2}, "set"),
        ({1: 2}, "dict"),
        (b"bytes", "bytes"),
        (1j, "complex"),
        (2**63, "int"),
        (-(10**400), "int"),
        (np.array([Anything()]), "array of object"),
        (np.array(["a"]), "array of <U1"),
        (np.array(["2026-01-01"], "M8[D]"), "array of datetime64[D]"),
        (np.zeros(2, [("a", "f8")]), "array of [('a', '<f8')]"),
        (Opaque("Estimate"), "Estimate"),
        (type("A" * 500, (), {})(), "A" * 80),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "value",
)
def test_of_anything_else_only_the_name_of_its_type_travels(value, kind):
    received = unpack(pack((value, 1)))
    assert isinstance(received[0], Opaque)
    assert received[0].kind == kind
    assert repr(received[0]) == f"<{kind}>"


def test_what_is_too_deep_is_not_sent():
    value = 1.0
    for _ in range(wire.MAX_DEPTH):
        value = [value]
    assert_same(value, unpack(pack(value)))
    with pytest.raises(WireError, match="deeper than 8"):
        pack([value])


def test_what_contains_itself_is_not_sent():
    value = []
    value.append(value)
    with pytest.raises(WireError, match="deeper"):
        pack(value)


def test_what_is_too_large_is_not_sent_and_both_numbers_are_told(monkeypatch):
    monkeypatch.setattr(wire, "MAX_DATA", 80)
    assert_same(np.zeros(10), unpack(pack(np.zeros(10))))
    with pytest.raises(WireError, match=r"message of \d+ \+ 88 bytes, limit 1048576 \+ 80"):
        pack(np.zeros(11))
    with pytest.raises(WireError, match="limit"):
        pack("x" * wire.MAX_HEADER)


# --- what is not ours is refused ---------------------------------------------------------------


@given(st.binary(max_size=200))
@example(b"")
@example(b"\0" * 8)
@example(pickle.dumps(OSError))
@example(struct.pack(">II", 2, 0) + b"[]")
@example(struct.pack(">II", 0, 4) + b"data")
@EXAMPLES
def test_arbitrary_bytes_are_refused(data):
    with pytest.raises(WireError):
        unpack(data)


@given(st.binary(max_size=60), st.binary(max_size=60))
@EXAMPLES
def test_arbitrary_headers_are_refused_or_read(header, data):
    with suppress(WireError):
        unpack(message(header, data))


trees = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=6),
        st.sampled_from([*sorted(wire.DTYPES), "O", "V8", "U4", "f16", "M8"]),
        st.sampled_from(["nan", "inf", "0x1p99999", "1e5", "0x1p0"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["float", "array", "tuple", "list", "dict", "opaque", "x"]),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=12,
)


@given(trees, st.binary(max_size=64))
@settings(deadline=None, max_examples=400)
def test_any_tree_is_refused_or_read(tree, data):
    with suppress(WireError):
        unpack(message(tree, data))


@given(values, st.data())
@EXAMPLES
def test_a_message_with_one_byte_changed_is_refused_or_read(value, data):
    sent = bytearray(pack(value))
    position = data.draw(st.integers(0, len(sent) - 1))
    sent[position] = data.draw(st.integers(0, 255))
    with suppress(WireError):
        unpack(bytes(sent))


@given(values, st.data())
@EXAMPLES
def test_a_message_cut_short_or_prolonged_is_refused(value, data):
    sent = pack(value)
    with pytest.raises(WireError):
        unpack(sent[: data.draw(st.integers(0, len(sent) - 1))])
    with pytest.raises(WireError):
        unpack(sent + data.draw(st.binary(min_size=1, max_size=9)))


@pytest.mark.parametrize(
    ("tree", "data"),
    [
        (1.5, b""),
        ({"float": 1.5}, b""),
        ({"float": "one"}, b""),
        ({"float": "0x1p99999"}, b""),
        ({}, b""),
        ({"float": "0x1p0", "opaque": "x"}, b""),
        ([], b""),
        ({"opaque": 3}, b""),
        ({"pickle": "gASVDAAAAAAAAACMAm9zlIwGc3lzdGVtlJOULg=="}, b""),
        ({"tuple": {"a": 1}}, b""),
        ({"dict": [1]}, b""),
        ({"array": []}, b""),
        ({"array": ["f8", -1]}, b""),
        ({"array": ["f8", 1.0]}, bytes(8)),
        ({"array": ["f8", True]}, bytes(8)),
        ({"array": ["f8", "1"]}, bytes(8)),
        ({"array": ["f8", [1]]}, bytes(8)),
        ({"array": ["f8", 2]}, bytes(8)),
        ({"array": ["f8", 1]}, bytes(16)),
        ({"array": ["f8"] + [1] * 33}, bytes(8)),
        ({"array": ["f8"] + [1] * 65}, bytes(8)),
        ({"array": ["f8", 0] + [2**26] * 9}, b""),
        ({"array": ["f8", 2**26 + 1]}, b""),
        ({"array": ["f8", 2**62, 4]}, b""),
        ({"array": ["O", 1]}, bytes(8)),
        ({"array": ["|O", 1]}, bytes(8)),
        ({"array": ["V8", 1]}, bytes(8)),
        ({"array": ["U2", 1]}, bytes(8)),
        ({"array": ["f16", 1]}, bytes(16)),
        ({"array": ["f8,f8", 1]}, bytes(16)),
        ({"array": [["f8"], 1]}, bytes(8)),
        (2**63, b""),
        (10**400, b""),
        (-(2**64), b""),
        (b"NaN", b""),
        (b"Infinity", b""),
        (b"1e999", b""),
        (b"9" * 5000, b""),
        (b'{"list": [1}', b""),
        (b"\xff\xfe", b""),
        (b"\x80\x04\x95", b""),
        (b"null null", b""),
    ],
    ids=lambda value: str(value)[:32],
)
def test_a_malformed_message_is_refused(tree, data):
    with pytest.raises(WireError):
        unpack(message(tree, data))


@pytest.mark.parametrize("opening", [b"[", b'{"list":[', b'{"dict":{"":'])
def test_deep_nesting_is_refused(opening):
    with pytest.raises(WireError):
        unpack(message(opening * (wire.MAX_HEADER // len(opening))))
    nested = {"list": [1]}
    for _ in range(wire.MAX_DEPTH):
        nested = {"list": [nested]}
    with pytest.raises(WireError, match="deeper than 8"):
        unpack(message(nested))


def test_an_error_tells_nothing_of_the_content():
    with pytest.raises(WireError) as caught:
        unpack(message({"<script>" * 99: "canary-7391"}))
    assert len(str(caught.value)) < 60
    assert "canary" not in str(caught.value)


# --- streams -----------------------------------------------------------------------------------


def test_messages_follow_each_other_in_a_stream():
    stream = io.BytesIO()
    for value in ("name", (1.0, np.arange(3)), None):
        write(stream, value)
    stream.seek(0)
    assert read(stream) == "name"
    assert_same((1.0, np.arange(3)), read(stream))
    assert read(stream) is None
    with pytest.raises(EOFError, match="closed"):
        read(stream)


@given(values, st.data())
@EXAMPLES
def test_a_stream_that_ends_within_a_message_is_refused(value, data):
    sent = pack(value)
    end = data.draw(st.integers(1, len(sent) - 1))
    with pytest.raises(WireError, match="truncated"):
        read(io.BytesIO(sent[:end]))


class Counting(io.BytesIO):
    taken = 0

    def read(self, size=-1):
        self.taken += size
        return super().read(size)


@pytest.mark.parametrize(
    ("header", "data"),
    [(2**32 - 1, 0), (0, 2**32 - 1), (wire.MAX_HEADER + 1, 0), (0, wire.MAX_DATA + 1)],
)
def test_a_huge_length_is_refused_before_anything_is_read(header, data):
    stream = Counting(struct.pack(">II", header, data) + b"x" * 100)
    with pytest.raises(WireError, match=rf"message of {header} \+ {data} bytes, limit"):
        read(stream)
    assert stream.taken == 8


def test_reading_takes_one_message_and_not_a_byte_more():
    stream = io.BytesIO(pack("one") + b"the rest")
    assert read(stream) == "one"
    assert stream.read() == b"the rest"
