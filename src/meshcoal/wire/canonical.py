"""Strict, bounded bytes <-> plain values: one spelling per value. The only importer of msgpack.

Law: values are integers, booleans, None, bytes, text and tuples of these; no maps, floats or extensions.
`decode` refuses every spelling that `encode` would not have produced, so equal values have equal bytes
and a second spelling cannot give one operation two ids. Specified in docs/protocol/encoding.md.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

import msgpack

from meshcoal.errors import Malformed, OverLimit
from meshcoal.limits import CANONICAL_BYTES_MAX, NESTING_MAX

Value = int | bool | bytes | str | None | tuple["Value", ...]

_LEAVES: Final = frozenset({int, bool, bytes, str, type(None)})
ARRAY_ITEMS_MAX: Final = 4096  # bounds what a nest of array headers can make the decoder allocate


def _no_extensions(code: int, data: bytes) -> NoReturn:
    raise ValueError("extension types are not allowed")


# Making a packer costs more than packing a header, and two threads must not share one: whoever packs takes
# one out, or makes one.
_PACKERS: Final[list[msgpack.Packer]] = []


def encode(value: Value) -> bytes:
    """The one spelling of `value`. Tuples become arrays, nesting at most `NESTING_MAX` deep."""
    try:
        packer = _PACKERS.pop()
    except IndexError:
        packer = msgpack.Packer(use_bin_type=True, strict_types=False)
    packed = packer.pack(value)
    _PACKERS.append(packer)  # one that failed is left behind
    assert isinstance(packed, bytes)
    return packed


def decode(data: bytes, *, bytes_max: int = CANONICAL_BYTES_MAX) -> Value:
    """Inverse of `encode`.

    Raises:
        OverLimit: more than `bytes_max` bytes, or nested deeper than `NESTING_MAX`.
        Malformed: truncated, trailing bytes, a kind of value that is not allowed, or not the one spelling.
    """
    value = parse(data, bytes_max=bytes_max)
    if type(value) is tuple:
        _check(value, NESTING_MAX)
    elif type(value) not in _LEAVES:
        raise Malformed("a kind of value that is not allowed")
    return value


def parse(data: bytes, *, bytes_max: int = CANONICAL_BYTES_MAX) -> Value:
    """As `decode`, for a caller who looks at the kind of every part, down to the last.

    What is returned may hold kinds of values that `decode` refuses: floats, empty maps.
    """
    if len(data) > bytes_max:
        raise OverLimit(f"{len(data)} bytes where at most {bytes_max} are allowed")
    try:
        value = msgpack.unpackb(
            data,
            raw=False,
            use_list=False,
            strict_map_key=True,
            ext_hook=_no_extensions,
            max_array_len=ARRAY_ITEMS_MAX,
            max_map_len=0,
            max_ext_len=0,
        )
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException, RecursionError) as exc:
        raise Malformed("bytes do not parse") from exc
    try:
        again = encode(value)
    except (ValueError, TypeError, UnicodeEncodeError, OverflowError) as exc:
        raise Malformed("bytes do not parse") from exc
    if again != data:
        raise Malformed("bytes are not in their one canonical spelling")
    plain: Value = value
    return plain


def reread(data: bytes) -> Any:
    """The value of bytes that `decode` has taken before: not checked again, an eighth of the work."""
    return msgpack.unpackb(data, raw=False, use_list=False, max_array_len=ARRAY_ITEMS_MAX)


def _check(value: tuple[object, ...], depth_left: int) -> None:
    if depth_left == 0:
        raise OverLimit(f"nested deeper than {NESTING_MAX}")
    for item in value:
        kind = type(item)
        if kind in _LEAVES:
            continue
        if kind is not tuple:
            raise Malformed("a kind of value that is not allowed")
        _check(item, depth_left - 1)  # type: ignore[arg-type]  # a tuple, as just seen
