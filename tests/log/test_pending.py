"""What waits is bounded, and leaves when what it waits for comes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.ids import OperationId
from meshcoal.log import pending
from meshcoal.log.pending import Pending
from meshcoal.wire.operation import Operation

sys.path.insert(0, str(Path(__file__).parent))

from logwork import author, create, operation

CAMPAIGN = create().campaign


def waiting(number: int, *, size: int = 10, who: int = 1) -> Operation:
    body = b"%d" % number
    return operation(
        author(who), campaign=CAMPAIGN, parents=[OperationId(bytes(32))], body=body.ljust(size, b".")
    )


def missing(number: int) -> OperationId:
    return OperationId(number.to_bytes(32, "big"))


def test_what_waited_is_released_once() -> None:
    """Goal: release by arrival. Method: two wait for one, one for another; each arrives."""
    held = Pending()
    first, second, third = waiting(1), waiting(2), waiting(3)
    held.hold(first, (missing(7), missing(8)))
    held.hold(second, (missing(7),))
    held.hold(third, (missing(8),))
    assert len(held) == 3
    assert first.id in held
    assert held.get(first.id) == first
    assert held.released_by(missing(9)) == []
    assert held.released_by(missing(7)) == [first, second]
    assert held.released_by(missing(7)) == []
    assert held.get(first.id) is None
    assert held.released_by(missing(8)) == [third]
    assert len(held) == 0


def test_strangers_wait_for_their_admission() -> None:
    """Goal: those whose author is unknown. Method: two of them; taken out together and once."""
    held = Pending()
    held.hold(waiting(1), ())
    held.hold(waiting(2), (missing(7),))
    held.hold(waiting(3), ())
    assert held.strangers() == [waiting(1), waiting(3)]
    assert held.strangers() == []
    assert len(held) == 1


def test_holding_again_changes_what_it_waits_for() -> None:
    """Goal: one entry an operation. Method: hold for one parent, then for another, then as a stranger's."""
    held = Pending()
    for wanted in ((missing(7),), (missing(8),), ()):
        held.hold(waiting(1), wanted)
        assert len(held) == 1
    assert held.released_by(missing(7)) == []
    assert held.released_by(missing(8)) == []
    assert held.strangers() == [waiting(1)]


def test_the_highest_place_of_each_author_is_known() -> None:
    """Goal: gaps can be shown. Method: three operations of two authors."""
    held = Pending()
    for who, seq in ((1, 4), (1, 9), (2, 3)):
        one = operation(
            author(who), campaign=CAMPAIGN, seq=seq, backlink=bytes(32), parents=[OperationId(bytes(32))]
        )
        held.hold(one, (missing(7),))
    assert held.highest() == {author(1): 9, author(2): 3}


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 4), st.integers(10, 60)), min_size=1, max_size=60
    )
)
def test_number_and_bytes_are_bounded_and_the_oldest_goes(steps: list[tuple[int, int, int]]) -> None:
    """Goal: a flood fills no memory. Method: small bounds, random holds and releases, against a model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pending, "PENDING_OPERATIONS_MAX", 6)
        bytes_max = 5 * len(waiting(0, size=60).encoded)
        patch.setattr(pending, "PENDING_BYTES_MAX", bytes_max)
        held = Pending()
        model: dict[OperationId, tuple[Operation, int]] = {}
        for number, parent, size in steps:
            if number == 11:
                released = [one for one, waits in model.values() if waits == parent]
                found = held.released_by(missing(parent)) if parent else held.strangers()
                assert {one.id for one in found} == {one.id for one in released}
                for one in released:
                    del model[one.id]
                continue
            one = waiting(number, size=size)
            model.pop(one.id, None)
            model[one.id] = (one, parent)
            held.hold(one, (missing(parent),) if parent else ())
            while len(model) > 6 or sum(len(one.encoded) for one, _ in model.values()) > bytes_max:
                del model[next(iter(model))]
            assert len(held) == len(model)
            assert all(known in held for known in model)
