"""One spelling per value, and no bytes that exhaust or surprise."""

from __future__ import annotations

import contextlib
import sys
import tracemalloc
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import Malformed, OverLimit, RemoteError
from meshcoal.limits import CANONICAL_BYTES_MAX, MIB, NESTING_MAX
from meshcoal.wire import canonical
from meshcoal.wire.canonical import ARRAY_ITEMS_MAX, Value

sys.path.insert(0, str(Path(__file__).parent))

from recordwork import PLAIN, damaged

# The table of docs/protocol/encoding.md.
SPELLINGS: list[tuple[Value, str]] = [
    (None, "c0"),
    (False, "c2"),
    (True, "c3"),
    (0, "00"),
    (127, "7f"),
    (128, "cc80"),
    (256, "cd0100"),
    (65536, "ce00010000"),
    (2**32, "cf0000000100000000"),
    (-1, "ff"),
    (-32, "e0"),
    (-33, "d0df"),
    (-129, "d1ff7f"),
    (b"", "c400"),
    (b"\x01", "c40101"),
    ("", "a0"),
    ("a", "a161"),
    ("س", "a2d8b3"),
    ("a" * 32, "d920" + "61" * 32),
    ((), "90"),
    ((1, (b"", "")), "920192c400a0"),
]


@pytest.mark.parametrize(("value", "spelled"), SPELLINGS)
def test_the_spelling_is_the_one_on_the_page(value: Value, spelled: str) -> None:
    """Goal: others can write a codec. Method: each row of the page's table, both ways."""
    assert canonical.encode(value).hex() == spelled
    decoded = canonical.decode(bytes.fromhex(spelled))
    assert decoded == value
    assert type(decoded) is type(value)


@given(value=PLAIN)
def test_every_value_comes_back_with_its_kinds(value: Value) -> None:
    """Goal: equal bytes, equal values. Method: round trip; `repr` tells 1 from True."""
    assert repr(canonical.decode(canonical.encode(value))) == repr(value)


OTHER_SPELLINGS = [
    "cc00",  # 0 in two bytes
    "cd0001",
    "ce00000001",
    "cf0000000000000001",
    "d001",  # positive, but signed
    "d0ff",
    "c50000",  # lengths longer than needed
    "c500010a",
    "d900",
    "d90161",
    "da000161",
    "dc0000",
    "dd00000000",
    "c40141ff",  # something follows
    "c0c0",
    "ca3f800000",  # floats
    "cb3ff0000000000000",
    "cb7ff8000000000000",
    "80",  # maps
    "81a16101",
    "de0000",
    "d40100",  # extensions
    "c70001",
    "d6ff00000000",  # a timestamp
    "c1",  # never used
    "a1ff",  # not UTF-8
    "a3eda080",  # half of a surrogate pair
    "a2c080",  # overlong
    "91",  # cut off
    "c402",
    "a2",
    "",
    "ddffffffff",  # lengths that promise the moon
    "c6ffffffff",
    "dbffffffff",
    "dfffffffff",
    "dc1001" + "c0" * 4097,  # one item too many
]


@pytest.mark.parametrize("spelled", OTHER_SPELLINGS)
def test_no_other_spelling_is_taken(spelled: str) -> None:
    """Goal: a second spelling would give one operation two ids. Method: one of each kind."""
    with pytest.raises(Malformed):
        canonical.decode(bytes.fromhex(spelled))


@given(data=st.binary(max_size=64))
def test_what_is_taken_is_what_would_be_written(data: bytes) -> None:
    """Goal: the law of the module. Method: arbitrary bytes; only RemoteError, or the same bytes again."""
    try:
        value = canonical.decode(data)
    except RemoteError:
        return
    assert canonical.encode(value) == data


@given(data=st.data(), value=PLAIN)
def test_damage_is_refused_or_is_another_value(data: st.DataObject, value: Value) -> None:
    """Goal: no two values share bytes. Method: damage good bytes."""
    good = canonical.encode(value)
    bad = data.draw(damaged(good))
    try:
        other = canonical.decode(bad)
    except RemoteError:
        return
    assert (repr(other) == repr(value)) == (bad == good)


@given(value=st.floats() | st.dictionaries(st.text(), st.booleans()) | st.just(msgpack.ExtType(1, b"x")))
def test_other_kinds_of_value_are_refused_on_the_way_in(value: object) -> None:
    """Goal: no floats, maps, extensions. Method: well-formed MessagePack of them, bare and nested."""
    packed = msgpack.packb(value)
    assert isinstance(packed, bytes)
    for data in (packed, b"\x91" + packed):
        with pytest.raises(Malformed):
            canonical.decode(data)


def test_nesting_has_an_end() -> None:
    """Goal: no deep recursion. Method: at the limit, one more, and absurdly many."""
    canonical.decode(b"\x91" * (NESTING_MAX - 1) + b"\x90")
    with pytest.raises(OverLimit):
        canonical.decode(b"\x91" * NESTING_MAX + b"\x90")
    for depth in (600, 2_000, 100_000):
        with pytest.raises(RemoteError):
            canonical.decode(b"\x91" * depth + b"\x90")


def test_size_has_an_end() -> None:
    """Goal: the bound is the caller's. Method: at the limit, and one more."""
    largest = canonical.encode(bytes(CANONICAL_BYTES_MAX - 5))
    assert len(largest) == CANONICAL_BYTES_MAX
    canonical.decode(largest)
    with pytest.raises(OverLimit):
        canonical.decode(largest + b"\x00")
    with pytest.raises(OverLimit):
        canonical.decode(b"\xc4\x03abc", bytes_max=4)


@pytest.mark.parametrize(
    "data",
    [
        b"\xdc\x10\x00" * (MIB // 3),
        b"\xdc\x00\xff" + (b"\xdc\x10\x00" + b"\x90" * ARRAY_ITEMS_MAX) * 255,
        b"\xdc\x00\xff" + (b"\xdc\x10\x00" + b"\xa0" * ARRAY_ITEMS_MAX) * 255,
        b"\x91" * (MIB - 1),
        b"\xc6\x7f\xff\xff\xff" + bytes(100),
        b"\xdd\x7f\xff\xff\xff" + bytes(100),
    ],
    ids=["nested claims", "empty arrays", "empty texts", "deep", "long bytes", "long array"],
)
def test_a_hostile_megabyte_takes_bounded_memory(data: bytes) -> None:
    """Goal: a peer cannot exhaust memory. Method: the worst megabytes known, under tracemalloc."""
    tracemalloc.start()
    try:
        with contextlib.suppress(RemoteError):
            canonical.decode(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 64 * MIB
