"""The bytes between a student's process and the judge.

Numbers, strings, arrays, and tuples, lists and string-keyed dicts of them; bounded in size and in
depth; no pickle. A message is four bytes that say how long the header is, four that say how long
the data are, the header (JSON) and the data (the arrays' bytes, one after another). Whoever reads
believes nothing: a message that breaks a rule raises `WireError`, and nothing is executed.
"""

import json
import math
import struct
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any

import numpy as np

__all__ = ["Opaque", "WireError", "pack", "read", "unpack", "write"]

MAX_HEADER = 1 << 20
MAX_DATA = 1 << 24
MAX_DEPTH = 8
DTYPES = frozenset(
    ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
)
_LENGTHS = struct.Struct(">II")


class WireError(ValueError):
    """A message that is not one of ours: too large, too deep, truncated or malformed."""


class Opaque:
    """Stands for an answer that is no number, array or string: only the name of its type travels.

    Parameters
    ----------
    kind : str
        The name of the type.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind[:80]

    def __repr__(self) -> str:
        return f"<{self.kind}>"


def pack(value: Any) -> bytes:
    """Turn a value into a message.

    Parameters
    ----------
    value : None, bool, int, float, str, ndarray, tuple, list, dict or Opaque
        Anything else travels as `Opaque`: its type's name only.

    Returns
    -------
    bytes

    Raises
    ------
    WireError
        If it is too large or too deep.

    Examples
    --------
    >>> unpack(pack(("answer", np.arange(3.0), float("-inf"))))
    ('answer', array([0., 1., 2.]), -inf)
    """
    data: list[bytes] = []
    header = json.dumps(_encode(value, data, 0)).encode()
    size = sum(map(len, data))
    if len(header) > MAX_HEADER or size > MAX_DATA:
        raise WireError(f"message of {len(header)} + {size} bytes, limit {MAX_HEADER} + {MAX_DATA}")
    return _LENGTHS.pack(len(header), size) + header + b"".join(data)


def unpack(message: bytes) -> Any:
    """Turn a message back into a value.

    Parameters
    ----------
    message : bytes
        One whole message.

    Returns
    -------
    object
        As given to `pack`; arrays are writable copies.

    Raises
    ------
    WireError
        If anything about it is not as it should be.
    """
    if len(message) < _LENGTHS.size:
        raise WireError(f"message of {len(message)} bytes, expected at least {_LENGTHS.size}")
    header_size, data_size = _LENGTHS.unpack_from(message)
    if len(message) != _LENGTHS.size + header_size + data_size:
        raise WireError(
            f"message of {len(message)} bytes, expected {_LENGTHS.size + header_size + data_size}"
        )
    start = _LENGTHS.size + header_size
    try:
        tree = json.loads(message[_LENGTHS.size : start])
        data = _Data(message[start:])
        value = _decode(tree, data, 0)
    except WireError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"malformed message: {type(error).__name__}") from None
    if data.left:
        raise WireError(f"{data.left} bytes left over, expected none")
    return value


def write(stream: BufferedIOBase, value: Any) -> None:
    """Pack a value and write it to a stream."""
    stream.write(pack(value))
    stream.flush()


def read(stream: BufferedIOBase) -> Any:
    """Read one message from a stream.

    Raises
    ------
    WireError
        As `unpack`, and if the stream ends within a message.
    EOFError
        If the stream ends before a message.
    """
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        raise EOFError("the other side closed the connection")
    if len(lengths) < _LENGTHS.size:
        raise WireError("truncated message")
    header_size, data_size = _LENGTHS.unpack(lengths)
    # Refuse before reading: a length is a claim, and memory is not to be had for a claim.
    if header_size > MAX_HEADER or data_size > MAX_DATA:
        raise WireError(
            f"message of {header_size} + {data_size} bytes, limit {MAX_HEADER} + {MAX_DATA}"
        )
    body = stream.read(header_size + data_size)
    if len(body) < header_size + data_size:
        raise WireError("truncated message")
    return unpack(lengths + body)


class _Data:
    """The arrays' bytes, handed out from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    @property
    def left(self) -> int:
        return len(self._data)

    def take(self, size: int) -> bytes:
        if size > len(self._data):
            raise WireError(f"an array of {size} bytes, but {len(self._data)} are left")
        taken, self._data = self._data[:size], self._data[size:]
        return bytes(taken)


def _encode(value: Any, data: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        return _encode_array(np.asarray(value), data)
    if isinstance(value, int) and abs(value) < 2**63:
        return int(value)
    if isinstance(value, float):
        return {"float": float(value).hex()}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(item, data, depth + 1) for item in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _encode(item, data, depth + 1) for key, item in value.items()}}
    return {"opaque": value.kind if isinstance(value, Opaque) else type(value).__name__[:80]}


def _encode_array(array: np.ndarray[Any, Any], data: list[bytes]) -> Any:
    if array.dtype.char == "g":  # Extended precision differs between machines.
        array = array.astype(np.float64)
    dtype = array.dtype.str[1:]
    if dtype not in DTYPES:
        return {"opaque": f"array of {array.dtype}"[:80]}
    data.append(np.ascontiguousarray(array, dtype=f"<{dtype}").tobytes())
    return {"array": [dtype, *array.shape]}


def _decode(tree: Any, data: _Data, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"nested deeper than {MAX_DEPTH}")
    if tree is None or isinstance(tree, bool | str):
        return tree
    if isinstance(tree, int) and abs(tree) < 2**63:
        return tree
    if not isinstance(tree, dict) or len(tree) != 1:
        raise WireError(f"expected one tag, got {type(tree).__name__}")
    ((tag, body),) = tree.items()
    match tag, body:
        case "float", str():
            return float.fromhex(body)
        case "array", [str() as dtype, *shape] if dtype in DTYPES and _is_shape(shape):
            size = math.prod(shape) * np.dtype(dtype).itemsize
            return np.frombuffer(data.take(size), f"<{dtype}").reshape(shape).copy()
        case "tuple", list():
            return tuple(_items(body, data, depth))
        case "list", list():
            return list(_items(body, data, depth))
        case "dict", dict():
            return dict(zip(body, _items(body.values(), data, depth), strict=True))
        case "opaque", str():
            return Opaque(body)
    raise WireError(f"malformed {str(tag)[:20]!r}")


def _items(body: Any, data: _Data, depth: int) -> Iterator[Any]:
    return (_decode(item, data, depth + 1) for item in body)


def _is_shape(shape: list[Any]) -> bool:
    return len(shape) <= 32 and all(type(n) is int and 0 <= n <= MAX_DATA for n in shape)
