"""Records are what `dataclasses` would have made of them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Annotated

import pytest

from meshcoal.errors import Malformed
from meshcoal.wire import shape
from meshcoal.wire.record import Chars, Range, Record


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    number: int
    text: str = "none"
    others: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    number: int
    text: str = "none"
    others: tuple[int, ...] = ()


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    pass


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Parent(Record):
    number: Annotated[int, Range(0, 9)]


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Child(Parent):
    text: Annotated[str, Chars(0, 5)] = "x"


def test_fields_defaults_and_what_is_told_are_the_same() -> None:
    """Goal: no difference to whoever uses it. Method: the same class by both ways, given the same."""
    for given in ({"number": 1}, {"number": 2, "text": "so"}, {"number": 3, "others": (4, 5)}):
        ours, theirs = Shaped(**given), Plain(**given)
        assert [getattr(ours, one.name) for one in dataclasses.fields(ours)] == [
            getattr(theirs, one.name) for one in dataclasses.fields(theirs)
        ]
        assert repr(ours) == repr(theirs).replace("Plain", "Shaped")
        assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(Empty()) == "Empty()"
    assert Shaped.__slots__ == Plain.__slots__


@pytest.mark.parametrize("given", [{}, {"text": "x"}, {"number": 1, "more": 2}])
def test_what_is_missing_or_too_much_is_a_type_error(given: dict[str, object]) -> None:
    """Goal: a constructor that checks its names. Method: one left out, one more; twice."""
    for _ in range(2):
        with pytest.raises(TypeError):
            Shaped(**given)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Shaped(1)  # type: ignore[call-arg]


def test_equal_records_are_one_key() -> None:
    """Goal: comparison by value within a class. Method: equal, unequal, and of another class."""
    assert Shaped(number=1) == Shaped(number=1)
    assert Shaped(number=1) != Shaped(number=2)
    assert Shaped(number=1) != Plain(number=1)  # type: ignore[comparison-overlap]
    assert Parent(number=1) != Child(number=1)
    assert len({Shaped(number=1), Shaped(number=1), Shaped(number=1, text="y"), Empty(), Empty()}) == 3


def test_nothing_changes_a_record() -> None:
    """Goal: frozen, with slots. Method: set, set anew, delete."""
    record = Child(number=1)
    for name in ("number", "text", "unknown"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, 2)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(record, name)
    assert record == Child(number=1)
    assert not hasattr(record, "__dict__")


def test_a_record_that_exists_is_valid_also_when_it_inherits() -> None:
    """Goal: the check of the fields runs each time. Method: parent, child, and replaced fields."""
    with pytest.raises(Malformed):
        Child(number=10)
    with pytest.raises(Malformed):
        Parent(number=10)
    assert Child(number=1).text == "x"
    with pytest.raises(Malformed):
        dataclasses.replace(Child(number=1), text="longer than five")
    assert dataclasses.replace(Child(number=1), text="y") == Child(number=1, text="y")


def test_copies_are_equal() -> None:
    """Goal: nobody stumbles over a copy. Method: copy, deep copy, and there and back through pickle."""
    for record in (Shaped(number=1, others=(2,)), Child(number=3), Empty()):
        assert copy.copy(record) == record
        assert copy.deepcopy(record) == record
        assert pickle.loads(pickle.dumps(record)) == record


def test_only_the_form_that_records_have_is_taken() -> None:
    """Goal: nobody believes to have something else. Method: each of the three left out."""
    for frozen, slots, kw_only in ((False, True, True), (True, False, True), (True, True, False)):
        with pytest.raises(AssertionError):
            shape.dataclass(frozen=frozen, slots=slots, kw_only=kw_only)
