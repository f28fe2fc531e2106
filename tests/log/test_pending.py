"""What waits is bounded, and leaves when what it waits for comes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.ids import OperationId
from meshcoal.log import pending
from meshcoal.log.pending import Pending, Waiting
from meshcoal.wire.operation import Operation

sys.path.insert(0, str(Path(__file__).parent))

from logwork import author, create, operation

CAMPAIGN = create().campaign


def waiting(number: int, *, size: int = 10, who: int = 1) -> Operation:
    body = b"%d" % number
    return operation(
        author(who), campaign=CAMPAIGN, parents=[OperationId(bytes(32))], body=body.ljust(size, b".")
    )


KEY = bytes(range(32))


def hold(held: Pending, one: Operation, missing: tuple[OperationId, ...], *, key: bytes = KEY) -> None:
    held.hold(one, missing, key=key)


def taken(released: list[Waiting]) -> list[Operation]:
    return [one.operation for one in released]


def missing(number: int) -> OperationId:
    return OperationId(number.to_bytes(32, "big"))


def test_what_waited_is_released_once() -> None:
    """Goal: release by arrival. Method: two wait for one, one for another; each arrives."""
    held = Pending()
    first, second, third = waiting(1), waiting(2), waiting(3)
    hold(held, first, (missing(7), missing(8)))
    hold(held, second, (missing(7),))
    hold(held, third, (missing(8),))
    assert len(held) == 3
    assert first.id in held
    waits = held.get(first.id)
    assert waits is not None
    assert (waits.operation, waits.key) == (first, KEY)
    assert taken(held.released_by(missing(9))) == []
    assert taken(held.released_by(missing(7))) == [first, second]
    assert taken(held.released_by(missing(7))) == []
    assert held.get(first.id) is None
    assert taken(held.released_by(missing(8))) == [third]
    assert len(held) == 0


def test_strangers_wait_for_their_admission() -> None:
    """Goal: those whose author is unknown. Method: two of them; taken out together and once."""
    held = Pending()
    hold(held, waiting(1), ())
    hold(held, waiting(2), (missing(7),))
    hold(held, waiting(3), ())
    assert taken(held.strangers()) == [waiting(1), waiting(3)]
    assert taken(held.strangers()) == []
    assert len(held) == 1


def test_holding_again_changes_what_it_waits_for() -> None:
    """Goal: one entry an operation. Method: hold for one parent, then for another, then as a stranger's."""
    held = Pending()
    for wanted in ((missing(7),), (missing(8),), ()):
        hold(held, waiting(1), wanted)
        assert len(held) == 1
    assert taken(held.released_by(missing(7))) == []
    assert taken(held.released_by(missing(8))) == []
    assert taken(held.strangers()) == [waiting(1)]


def test_what_is_absent_is_told_from_what_waits_itself() -> None:
    """Goal: only what nobody sent is missing. Method: a chain, an unproven link in it, and a refused one."""
    held = Pending()
    first, second, third, fourth = waiting(1), waiting(2), waiting(3), waiting(4)
    hold(held, first, (missing(7),))
    hold(held, second, (first.id,))
    hold(held, third, (second.id,), key=b"")
    hold(held, fourth, (third.id,))
    direct = held.waited_for()
    assert {key: [one.id for one in found] for key, found in direct.items()} == {
        missing(7): [first.id],
        first.id: [second.id],
        second.id: [third.id],
        third.id: [fourth.id],
    }
    assert held.absent(direct) == [missing(7)]
    refused = waiting(5)
    hold(held, waiting(6), (refused.id,))
    assert held.absent(held.waited_for()) == [missing(7), refused.id]
    held.park(refused, key=KEY)
    assert held.absent(held.waited_for()) == [missing(7)]


def test_the_highest_place_of_each_author_is_known() -> None:
    """Goal: gaps can be shown. Method: three operations of two authors."""
    held = Pending()
    for who, seq in ((1, 4), (1, 9), (2, 3)):
        one = operation(
            author(who), campaign=CAMPAIGN, seq=seq, backlink=bytes(32), parents=[OperationId(bytes(32))]
        )
        hold(held, one, (missing(7),))
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
                found = taken(held.released_by(missing(parent)) if parent else held.strangers())
                assert {one.id for one in found} == {one.id for one in released}
                for one in released:
                    del model[one.id]
                continue
            one = waiting(number, size=size)
            model.pop(one.id, None)
            model[one.id] = (one, parent)
            hold(held, one, (missing(parent),) if parent else ())
            while len(model) > 6 or sum(len(one.encoded) for one, _ in model.values()) > bytes_max:
                del model[next(iter(model))]
            assert len(held) == len(model)
            assert all(known in held for known in model)


def test_what_is_unproven_speaks_for_nobody_and_keeps_nothing_out() -> None:
    """Goal: a forged copy does no harm. Method: two unproven copies of one id, then the verified one."""
    held = Pending()
    true = waiting(1)
    forged = [replace(true, signature=bytes([number]) * 64) for number in (1, 2)]
    for one in forged:
        assert not held.waits(one)
        hold(held, one, (missing(7),), key=b"")
        assert held.waits(one)
    assert true.id not in held
    assert held.get(true.id) is None
    assert held.highest() == {}
    assert not held.waits(true)
    hold(held, true, (missing(7),))
    assert true.id in held
    assert all(held.waits(one) for one in (true, *forged))
    assert taken(held.released_by(missing(7))) == [*forged, true]
    assert len(held) == 0


def test_without_room_what_is_unproven_goes_first() -> None:
    """Goal: forgeries push nothing out. Method: room for three; one verified, then five unproven."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pending, "PENDING_OPERATIONS_MAX", 3)
        held = Pending()
        hold(held, waiting(0), (missing(7),))
        for number in range(1, 6):
            hold(held, waiting(number), (missing(7),), key=b"")
        assert taken(held.released_by(missing(7))) == [waiting(0), waiting(4), waiting(5)]


def test_a_member_who_floods_pushes_out_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: nobody makes what others wrote be let go. Method: room for eight; three of one, then
    twenty of another."""
    monkeypatch.setattr(pending, "PENDING_OPERATIONS_MAX", 8)
    held = Pending()
    quiet = [waiting(number, who=1) for number in range(3)]
    for one in quiet:
        hold(held, one, (missing(1),))
    flood = [waiting(100 + number, who=2) for number in range(20)]
    for one in flood:
        hold(held, one, (missing(2),))
    assert len(held) == 8
    assert taken(held.released_by(missing(1))) == quiet
    assert taken(held.released_by(missing(2))) == flood[-5:], "and of theirs the oldest goes first"
    assert held.proven() == []


def test_what_is_verified_lets_what_stands_behind_it_be_verified() -> None:
    """Goal: nothing stays unproven for longer than it must. Method: three copies behind one operation, one
    of them let go; one behind another operation."""
    held = Pending()
    first = waiting(1)
    behind = [
        replace(waiting(number), header=replace(waiting(number).header, seq=2, backlink=first.id))
        for number in (2, 3, 4)
    ]
    for one in (*behind, waiting(5)):
        hold(held, one, (missing(7),), key=b"")
    assert held.goes_on(first.id)
    assert taken(held.unproven_behind(first.id)) == behind
    assert not held.goes_on(first.id)
    assert len(held) == 1
    hold(held, behind[0], (missing(7),))
    assert held.goes_on(first.id), "also where it was verified"
    assert held.unproven_behind(first.id) == []
    assert taken(held.released_by(missing(7))) == [waiting(5), behind[0]]
    assert not held.goes_on(first.id)
