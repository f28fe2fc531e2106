"""A record that exists is valid, and its annotations are its codec."""

from __future__ import annotations

import dataclasses
import enum
import json
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import Malformed, MalformedFrame, MeshcoalError, OverLimit, RemoteError
from meshcoal.wire import canonical, record
from meshcoal.wire.record import Chars, Family, Id32, Items, OptionalId32, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

sys.path.insert(0, str(Path(__file__).parent))

from recordwork import PLAIN, damaged, records


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    name: Annotated[str, Chars(1, 8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    flag: bool
    count: Annotated[int, Range(-5, 5)]
    tag: Annotated[bytes, Size(2, 4)]
    id: Id32
    text: Annotated[str, Chars(0, 8)]
    colour: Colour
    level: Level
    inner: Inner
    items: Annotated[tuple[Inner, ...], Items(1, 3)]
    maybe: Inner | None
    at_ms: TimeMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Optional32(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedFrame

    id: OptionalId32


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedFrame


GOOD = Outer(
    flag=True,
    count=0,
    tag=b"ab",
    id=bytes(32),
    text="",
    colour=Colour.RED,
    level=Level.HIGH,
    inner=Inner(name="in"),
    items=(Inner(name="one"),),
    maybe=None,
    at_ms=0,
)


@given(outer=records(Outer))
def test_every_record_comes_back(outer: Outer) -> None:
    """Goal: nothing is lost. Method: round trip, values and kinds."""
    again = record.decode(Outer, record.encode(outer))
    assert again == outer
    assert repr(again) == repr(outer)


def test_field_order_is_wire_order() -> None:
    """Goal: fields are only ever appended. Method: the plain tuple of one record."""
    assert record.fields_of(GOOD) == (
        True, 0, b"ab", bytes(32), "", "red", 2, ("in",), (("one",),), None, 0,
    )  # fmt: skip


MISFITS: list[tuple[str, Any]] = [
    ("flag", 1),
    ("flag", None),
    ("count", 6),
    ("count", -6),
    ("count", True),
    ("count", "1"),
    ("tag", b"a"),
    ("tag", b"abcde"),
    ("tag", "ab"),
    ("tag", bytearray(b"ab")),
    ("id", bytes(31)),
    ("id", bytes(33)),
    ("text", "123456789"),
    ("text", b"x"),
    ("text", "\ud800"),
    ("colour", "green"),
    ("level", 3),
    ("level", True),
    ("inner", None),
    ("items", ()),
    ("items", []),
    ("items", b""),
    ("maybe", 1),
    ("at_ms", -1),
    ("at_ms", 253_402_300_799_001),
]


@pytest.mark.parametrize(("name", "value"), MISFITS)
def test_no_misfit_can_be_constructed_or_decoded(name: str, value: Any) -> None:
    """Goal: the law, both ways in. Method: each bound and kind; the error names the field, not its value."""
    with pytest.raises(MalformedFrame, match=name.replace("_", " ")) as caught:
        dataclasses.replace(GOOD, **{name: value})
    assert "123456789" not in str(caught.value)
    fields = list(record.fields_of(GOOD))
    fields[[field.name for field in dataclasses.fields(Outer)].index(name)] = value
    with pytest.raises(MalformedFrame):
        record.from_fields(Outer, tuple(fields))


def test_inner_misfits_are_the_outer_class_of_error() -> None:
    """Goal: one decoder, one error. Method: an inner name that is too long; too many items; wrong counts."""
    fields = list(record.fields_of(GOOD))
    for index, value in ((7, ("too long a name",)), (7, ()), (7, "in"), (8, (("a",),) * 4), (8, ((),))):
        spoiled: list[Any] = [*fields]
        spoiled[index] = value
        with pytest.raises(MalformedFrame):
            record.from_fields(Outer, tuple(spoiled))
    for other in (None, (), [*fields], tuple(fields[:-1]), (*fields, 0)):
        with pytest.raises(MalformedFrame):
            record.from_fields(Outer, other)


def test_an_id_that_may_be_absent_is_whole_or_empty() -> None:
    """Goal: no short id becomes a key prefix or an encryption key. Method: every length up to 33."""
    for length in range(34):
        data = canonical.encode((bytes(length),))
        if length in (0, 32):
            assert record.decode(Optional32, data).id == bytes(length)
        else:
            with pytest.raises(MalformedFrame):
                record.decode(Optional32, data)


@given(value=PLAIN)
def test_any_value_is_refused_or_fits(value: canonical.Value) -> None:
    """Goal: decoders raise their one error. Method: arbitrary canonical values for two classes."""
    data = canonical.encode(value)
    for cls in (Outer, Inner, Empty):
        try:
            decoded = record.decode(cls, data)
        except (MalformedFrame, OverLimit):
            continue
        assert record.encode(decoded) == data


@given(data=st.data(), outer=records(Outer))
def test_damage_is_refused_or_is_another_record(data: st.DataObject, outer: Outer) -> None:
    """Goal: as above, near to good bytes. Method: damage anywhere."""
    good = record.encode(outer)
    bad = data.draw(damaged(good))
    try:
        other = record.decode(Outer, bad)
    except RemoteError:
        return
    assert record.encode(other) == bad
    assert (other == outer) == (bad == good)


def test_the_size_of_what_is_decoded_is_bounded() -> None:
    """Goal: `bytes_max` holds. Method: one byte less than needed."""
    data = record.encode(GOOD)
    assert record.decode(Outer, data, bytes_max=len(data)) == GOOD
    with pytest.raises(OverLimit):
        record.decode(Outer, data, bytes_max=len(data) - 1)


FAMILY = Family(MalformedFrame, ((1, Inner), (7, Empty)))


def test_a_family_tells_its_members_apart_by_number() -> None:
    """Goal: closed sets of records. Method: round trips; unknown and malformed numbers."""
    assert FAMILY.classes == (Inner, Empty)
    assert FAMILY.number(Empty) == 7
    for member in (Inner(name="a"), Empty()):
        assert FAMILY.decode(FAMILY.encode(member)) == member
    for value in ((), (2,), (True, "a"), ("1", "a"), (1,), (7, 0), 1, None, (1, "a", "b")):
        with pytest.raises(MalformedFrame):
            FAMILY.decode(canonical.encode(value))
    with pytest.raises(MalformedFrame):
        FAMILY.decode(b"\xc1")
    with pytest.raises(OverLimit):
        FAMILY.decode(FAMILY.encode(Empty()), bytes_max=1)
    with pytest.raises(AssertionError):
        Family(Malformed, ((1, Inner), (2, Inner)))


@given(outer=records(Outer))
def test_json_for_people_is_json(outer: Outer) -> None:
    """Goal: scripts can read every record. Method: serialise, and look at each kind."""
    plain = json.loads(json.dumps(record.to_json(outer)))
    assert set(plain) == {field.name for field in dataclasses.fields(Outer)}
    assert plain["id"] == outer.id.hex()
    assert plain["colour"] == outer.colour.value
    assert plain["level"] in {"low", "high"}
    assert len(plain["items"]) == len(outer.items)


def test_a_field_without_a_codec_is_a_bug_found_at_once() -> None:
    """Goal: no field escapes the checks. Method: a float."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Bad(Record):
        weight: float

    with pytest.raises((TypeError, NameError)):
        Bad(weight=1.0)
