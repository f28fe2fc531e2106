"""Operations that stand in no author's log: a set of ids, and what of it is told to a peer.

Law: what is told of the whole set is kept up to date as ids come and go, so that two equal sets recognise
each other without a walk over either. Equal digests mean equal sets even where members choose ids to deceive:
the sum behind it is collision-resistant. Everything else here only says where to look.

The sum is AdHash (Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing", 1997) with a modulus
of 4,096 bits, against Wagner's generalised birthdays (2002). Ours, unreviewed: its parameters, and the lanes.
Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from math import ceil, sqrt
from typing import Final

from meshcoal.crypto.sealing import derive
from meshcoal.ids import OperationId
from meshcoal.limits import BUCKETS_MAX, CELLS_MAX, FLIGHT_CELLS_MAX, LOOSE_MAX
from meshcoal.sync.sketch import Scheme, Sketch
from meshcoal.wire.reconciling import BUCKET_BYTES, CHECK_BYTES, LANES_BYTES, LOOSE_HANDLE_BYTES

KEY_BYTES: Final = 16
_HANDLE: Final = b"meshcoal-loose-1"
_SUM: Final = b"meshcoal loose sum 1\x00"
_DIGEST: Final = b"meshcoal-sum---1"
_BUCKET: Final = b"meshcoal loose bucket 1"
_SUM_BYTES: Final = 512
_MODULUS: Final = 1 << 8 * _SUM_BYTES
_LANE_BITS: Final = 32
_LANES: Final = LANES_BYTES
_TOLD: Final = 2**8
_IDS_PER_BUCKET: Final = 16

# A byte's bits, each in a lane of its own.
_SPREAD: Final = tuple(
    [sum((byte >> bit & 1) << _LANE_BITS * bit for bit in range(8)) for byte in range(256)]
)


class LooseSet:
    """Ids of operations without a log, with digest, lanes and a sketch that keep up with it.

    At most `LOOSE_MAX` ids. An id costs some 3 microseconds to add, and 4 more for a sketch of 2,048 cells
    where one is prepared.
    """

    def __init__(self, ids: Iterable[OperationId] = ()) -> None:
        self._ids: dict[OperationId, None] = {}
        self._sum = 0
        self._lanes = 0
        self._prepared: tuple[bytes, Sketch] | None = None
        for one in ids:
            self.add(one)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, operation: OperationId) -> bool:
        return operation in self._ids

    def ids(self) -> list[OperationId]:
        """All of them as they are now, in the order in which they came."""
        return list(self._ids)

    def add(self, operation: OperationId) -> bool:
        """Take one in; False where it is held already, or there is no room."""
        if operation in self._ids or len(self._ids) >= LOOSE_MAX:
            return False
        self._ids[operation] = None
        self._change(operation, 1)
        return True

    def remove(self, operation: OperationId) -> bool:
        """Forget one; False where it was not held."""
        if operation not in self._ids:
            return False
        del self._ids[operation]
        self._change(operation, -1)
        return True

    def _change(self, operation: OperationId, sign: int) -> None:
        image = hashlib.shake_256(_SUM + operation).digest(_SUM_BYTES)
        self._sum = (self._sum + sign * int.from_bytes(image, "big")) % _MODULUS
        bits = 0
        for byte in operation[: _LANES // 8]:
            bits = bits << 8 * _LANE_BITS | _SPREAD[byte]
        self._lanes += sign * bits
        if self._prepared is not None:
            key, sketch = self._prepared
            sketch.toggle(handles_of((operation,), key)[0])

    def digest(self) -> bytes:
        """16 bytes that stand for this set and no other."""
        total = self._sum.to_bytes(_SUM_BYTES, "big")
        return hashlib.blake2b(total, digest_size=16, person=_DIGEST).digest()

    def lanes(self) -> bytes:
        """How many ids have each of their first 32 bits set, modulo 256: a byte each; none of no ids."""
        if not self._ids:
            return b""
        counts = [self._lanes >> _LANE_BITS * lane & _TOLD - 1 for lane in range(_LANES)]
        return bytes(counts[::-1])

    # --- Sketches

    def prepare(self, key: bytes, count: int) -> None:
        """Have a sketch of `count` cells ready under a fresh key of `KEY_BYTES`, and keep it true."""
        sketch = Sketch(loose_scheme(key))
        sketch.extend(count, handles_of(self._ids, key))
        self._prepared = key, sketch

    @property
    def prepared(self) -> bool:
        return self._prepared is not None

    def spend(self, fresh: bytes) -> tuple[bytes, Sketch]:
        """A key and a sketch for one session: what was prepared, or an empty one under the key given."""
        ready, self._prepared = self._prepared, None
        return ready if ready is not None else (fresh, Sketch(loose_scheme(fresh)))


def loose_scheme(key: bytes) -> Scheme:
    return Scheme(key, LOOSE_HANDLE_BYTES)


def handles_of(ids: Iterable[OperationId], key: bytes) -> list[int]:
    """Handle of each id under a key: 8 bytes of keyed BLAKE2b, as a number. 0.8 microseconds each."""
    blake2b, size, number = hashlib.blake2b, LOOSE_HANDLE_BYTES, int.from_bytes
    return [number(blake2b(one, digest_size=size, key=key, person=_HANDLE).digest(), "big") for one in ids]


def estimate(mine: tuple[int, bytes], theirs: tuple[int, bytes]) -> int:
    """About how many ids are in one of two sets only, from the count and the lanes of each.

    Over a difference of d random ids each lane is a walk of d steps of one, whose square is d on average
    (Alon, Matias and Szegedy 1996); of 32 lanes the mean is right within a quarter, twice out of three, and
    a quarter is added. Above some ten thousand it falls short: lanes are told in a byte. Where one set
    may simply lack what the other has, the difference of counts is taken: it is exact then.
    """
    surplus = mine[0] - theirs[0]
    pairs = zip(mine[1].ljust(_LANES, b"\x00"), theirs[1].ljust(_LANES, b"\x00"), strict=True)
    walked = sum([_signed(2 * (one - other) - surplus) ** 2 for one, other in pairs]) // _LANES
    least, most = abs(surplus), mine[0] + theirs[0]
    return least if walked <= 2 * least else min(most, walked * 5 // 4)


def _signed(walk: int) -> int:
    return (walk + _TOLD) % (2 * _TOLD) - _TOLD


def flight(difference: int) -> int:
    """How many cells to send at first: enough in nine cases of ten where the difference is known."""
    return min(ceil(1.4 * difference + 2 * sqrt(difference)) + 6, FLIGHT_CELLS_MAX)


def worthwhile(count: int) -> int:
    """How many cells take no more than the handles of a set of `count`; with more it is told as it is."""
    return min(CELLS_MAX, count * LOOSE_HANDLE_BYTES // (LOOSE_HANDLE_BYTES + CHECK_BYTES))


# --- Buckets


def bucket_bits(count: int) -> int:
    """Over how many buckets, as a power of two, a set is spread: 16 ids in each, in 4,096 at most."""
    wanted = max(1, count // _IDS_PER_BUCKET)
    return min((wanted - 1).bit_length(), BUCKETS_MAX.bit_length() - 1)


def buckets_of(ids: Iterable[OperationId], bits: int) -> list[list[OperationId]]:
    """Ids by their first bits."""
    found: list[list[OperationId]] = [[] for _ in range(1 << bits)]
    for one in ids:
        found[int.from_bytes(one[:2], "big") >> 16 - bits].append(one)
    return found


def bucket_digests(buckets: Iterable[list[OperationId]], key: bytes) -> list[bytes]:
    """Keyed hash over the sorted ids of each bucket: 6 bytes each."""
    return [derive(key, _BUCKET, b"".join(sorted(ids)), BUCKET_BYTES) for ids in buckets]
