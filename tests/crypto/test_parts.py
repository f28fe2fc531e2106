"""Parts of bundles: random to the eye, opened by whoever has a key, and by nobody else."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy, SeededEntropy
from meshcoal.crypto.parts import (
    EPOCH_SLOT_BYTES,
    MEMBER_SLOT_BYTES,
    MEMBER_SLOT_CLASSES,
    PART_SIZES,
    Locks,
    member_slots,
    part_room,
    seal_part,
)
from meshcoal.errors import BadSeal
from meshcoal.limits import BUNDLE_EPOCH_SLOTS, BUNDLE_MEMBER_SLOTS_MAX, BUNDLE_PART_BYTES

SEALER = XWingSealer()
CAMPAIGN, EPOCH, OLDER = b"c" * 32, b"e" * 32, b"o" * 32
BEN, CHI = b"b" * 32, b"h" * 32
SLOTS_AT = 64
LATTICE_BYTES = 960  # of a ciphertext of ML-KEM-768: 768 coefficients of 10 bits (FIPS 203, section 8)


def part(
    *, epochs: tuple[bytes, ...] = (EPOCH,), seeds: tuple[bytes, ...] = (), fill: bytes = b"\x00"
) -> bytes:
    return seal_part(
        fill * part_room(len(seeds)),
        campaign=CAMPAIGN,
        epochs=epochs,
        members=[SEALER.public_of(seed) for seed in seeds],
        sealer=SEALER,
        entropy=OsEntropy(),
    )


def locks(*records: bytes, campaign: bytes = CAMPAIGN, seeds: tuple[bytes, ...] = ()) -> Locks:
    return Locks(campaign=campaign, records=list(records), seeds=list(seeds))


def chi_square(data: bytes) -> float:
    """Over the 256 values of a byte; of random bytes it is 255, give or take 23."""
    expected = len(data) / 256
    return sum((data.count(value) - expected) ** 2 / expected for value in range(256))


@pytest.mark.parametrize("members", [0, 1, 3, BUNDLE_MEMBER_SLOTS_MAX])
def test_each_reader_opens_it(members: int) -> None:
    """Goal: every slot serves. Method: epochs old and new, and each of so many members, alone."""
    seeds = tuple([bytes([number]) * 32 for number in range(1, members + 1)])
    sealed = part(epochs=(EPOCH, OLDER), seeds=seeds, fill=b"x")
    assert len(sealed) == BUNDLE_PART_BYTES
    content = b"x" * part_room(members)
    assert locks(b"z" * 32, OLDER).open(sealed, SEALER) == content
    assert locks(EPOCH).open(sealed, SEALER) == content
    for seed in seeds:
        assert locks(seeds=(b"z" * 32, seed)).open(sealed, SEALER) == content


def test_nobody_else_does() -> None:
    """Goal: without a key there is nothing. Method: other keys, another campaign, both."""
    sealed = part(seeds=(BEN,))
    assert locks(EPOCH, campaign=b"d" * 32, seeds=(BEN,)).open(sealed, SEALER) is None
    with pytest.raises(BadSeal):
        locks(OLDER, seeds=(CHI,)).open(sealed, SEALER)
    with pytest.raises(BadSeal):
        locks().open(sealed, SEALER)


def test_what_served_is_tried_first() -> None:
    """Goal: a thousand parts cost what one does. Method: the order of keys after one opened."""
    mine = locks(b"1" * 32, b"2" * 32, EPOCH, seeds=(CHI, BEN))
    mine.open(part(), SEALER)
    assert mine.records[0] == EPOCH
    mine.open(part(epochs=(), seeds=(BEN,)), SEALER)
    assert mine.seeds[0] == BEN


def test_it_looks_random_from_the_first_byte_to_the_last() -> None:
    """Goal: nothing to recognise. Method: empty contents; the spread of bytes as a whole, in the head, in the
    slots of X-Wing, and at each of the first places over many parts."""
    seeds = tuple([bytes([number]) * 32 for number in range(1, 33)])
    parts = [part(seeds=seeds) for _ in range(24)]
    head_bytes = SLOTS_AT + BUNDLE_EPOCH_SLOTS * EPOCH_SLOT_BYTES + 32 * MEMBER_SLOT_BYTES + 16
    far = 255 + 7 * math.sqrt(2 * 255)
    for one in parts[:4]:
        assert chi_square(one) < far
    assert chi_square(b"".join([one[:head_bytes] for one in parts])) < far
    firsts = b"".join([one[:128] for one in parts])
    assert chi_square(firsts) < far
    for at in range(head_bytes):
        assert len({one[at] for one in parts}) > 8, f"byte {at} repeats"


def lattice_chi_square(ciphertexts: Iterable[bytes]) -> float:
    """Over the 1,024 values of a compressed coefficient of ML-KEM-768; of random bits it is 1,023, +- 45."""
    counts = [0] * 1_024
    for one in ciphertexts:
        bits = int.from_bytes(one[:LATTICE_BYTES], "little")
        for _ in range(LATTICE_BYTES * 8 // 10):
            counts[bits & 1_023] += 1
            bits >>= 10
    expected = sum(counts) / 1_024
    return sum([(count - expected) ** 2 / expected for count in counts])


def test_x_wing_shows_nowhere() -> None:
    """Goal: a searcher with statistics finds nothing. Method: what compression does to the coefficients of a
    lattice, at the places of the slots; and that the measure sees it in X-Wing's own bytes."""
    far = 1_023 + 7 * math.sqrt(2 * 1_023)
    public = SEALER.public_of(BEN)
    assert lattice_chi_square([SEALER.seal(public, bytes(32), b"") for _ in range(200)]) > far
    first = SLOTS_AT + BUNDLE_EPOCH_SLOTS * EPOCH_SLOT_BYTES
    seeds = tuple([bytes([number]) * 32 for number in range(1, 33)])
    for one in [part(seeds=seeds) for _ in range(4)]:
        slots = range(first, first + 32 * MEMBER_SLOT_BYTES, MEMBER_SLOT_BYTES)
        assert lattice_chi_square([one[at:] for at in slots]) < far


def test_no_two_are_alike() -> None:
    """Goal: parts cannot be linked. Method: the same content twice; pieces of 16 bytes they share."""
    first, second = part(), part()
    pieces = {first[at : at + 16] for at in range(0, len(first), 16)}
    assert not pieces & {second[at : at + 16] for at in range(0, len(second), 16)}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, BUNDLE_PART_BYTES - 1), st.integers(1, 255))
def test_a_changed_byte_closes_it(at: int, change: int) -> None:
    """Goal: nothing of a changed part is believed. Method: change any byte; it opens as it was, or not."""
    changed = bytearray(SEALED)
    changed[at] ^= change
    mine = locks(EPOCH)
    try:
        assert mine.open(bytes(changed), SEALER) in (None, CONTENT)
    except BadSeal:
        pass
    else:  # only what nobody needed may have been changed: salt and seals are all needed
        assert mine.open(bytes(changed), SEALER) is None


@pytest.mark.parametrize("size", PART_SIZES)
def test_small_ones_for_paper(size: int) -> None:
    """Goal: a slip is a part. Method: each size, opened by an epoch's key and by a member's."""
    room = part_room(1, size)
    sealed = seal_part(
        b"x" * room,
        campaign=CAMPAIGN,
        epochs=(EPOCH,),
        members=(SEALER.public_of(BEN),),
        sealer=SEALER,
        entropy=OsEntropy(),
    )
    assert len(sealed) == size
    assert locks(EPOCH).open(sealed, SEALER) == locks(seeds=(BEN,)).open(sealed, SEALER) == b"x" * room


def test_another_length_is_no_part() -> None:
    """Goal: what was cut off is not tried. Method: one byte less, one more, none."""
    for data in (SEALED[:-1], SEALED + b"\x00", b""):
        assert locks(EPOCH).open(data, SEALER) is None


def test_slots_come_in_classes() -> None:
    """Goal: a former member sees a class, not a number. Method: each count, and the rooms they leave."""
    assert [member_slots(count) for count in (0, 1, 2, 3, 5, 9, 17, 32)] == [0, 1, 2, 4, 8, 16, 32, 32]
    rooms = {part_room(count) for count in range(BUNDLE_MEMBER_SLOTS_MAX + 1)}
    assert len(rooms) == len(MEMBER_SLOT_CLASSES)
    assert min(rooms) > BUNDLE_PART_BYTES * 96 // 100


def test_a_seed_repeats_it() -> None:
    """Goal: simulations can be played again. Method: twice from one seed, without X-Wing's own chance."""
    made = [
        seal_part(
            bytes(part_room(0)),
            campaign=CAMPAIGN,
            epochs=(EPOCH,),
            members=(),
            sealer=SEALER,
            entropy=SeededEntropy(b"seed"),
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]


CONTENT = b"x" * part_room(0)
SEALED = part(fill=b"x")
