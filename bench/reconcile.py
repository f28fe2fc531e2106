"""Reconciliation: what it takes beyond the missing operations for two stores of 100,000 to find them.

    python bench/reconcile.py [--operations N] [--differ 1 10 100 1000 10000] [--runs N]

Two ways to differ by d: at the ends of 50 authors' logs, and scattered among operations that stand in no log.
Each with all of them missing on one side, and on either. Bytes are those of the messages; `frames` are the
same in sealed, padded frames. Trips are one-way, digests included. Beside it negentropy, by an own count of
its messages, and the floor: what it takes to name d of 2**64 handles.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import negentropy
from common import arguments, median, progress, report

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import PADDING_CLASSES_BYTES
from meshcoal.sync.loose import LooseSet
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.wire.frames import Message
from meshcoal.wire.reconciling import RECONCILING

AUTHORS = 50
PREPARED_CELLS = 2_048
FRAME_HEAD_BYTES = 3
TAG_BYTES = 16


class Logs:
    """Logs without forks; ids follow from author and place."""

    def __init__(self, lengths: dict[AuthorId, int]) -> None:
        self.lengths = lengths

    def authors(self) -> list[AuthorId]:
        return sorted(self.lengths)

    def top(self, author: AuthorId) -> int:
        return self.lengths.get(author, 0) - 1

    def mark(self, author: AuthorId, seq: int) -> bytes:
        return hashlib.blake2b(author + seq.to_bytes(8, "big"), digest_size=16).digest()


class Half:
    """One store, what it found that the other lacks, and the CPU it took."""

    def __init__(self, logs: Logs, loose: LooseSet, *, dialled: bool, seed: bytes) -> None:
        self.logs, self.loose = logs, loose
        began = time.process_time()
        self.machine = Reconciliation(
            logs, loose, operations=sum(logs.lengths.values()), secret=seed.ljust(32),
            dialled=dialled, entropy=SeededEntropy(seed),
        )  # fmt: skip
        self.cpu_s = time.process_time() - began
        self.holds: dict[AuthorId, int] = {}
        self.send: list[OperationId] = []

    def hear(self, data: bytes) -> list[bytes]:
        began = time.process_time()
        message = RECONCILING.decode(data)
        assert isinstance(message, Message)
        outcome = self.machine.hear(message)
        said = [RECONCILING.encode(one) for one in outcome.say]
        self.cpu_s += time.process_time() - began
        self.holds.update(outcome.holds)
        self.send += outcome.send
        return said

    def sends(self) -> int:
        mine = self.logs.lengths
        logs = sum([max(0, mine[author] - 1 - seq) for author, seq in self.holds.items() if author in mine])
        return logs + len(self.send)


def converse(near: Half, far: Half) -> dict[str, float]:
    """All that is said; both halves know at the end what to send."""
    sizes: list[int] = []
    under_way = [
        (far, RECONCILING.encode(near.machine.digest)),
        (near, RECONCILING.encode(far.machine.digest)),
    ]
    trips = 0
    while under_way:
        trips += 1
        sizes += [len(data) for _, data in under_way]
        under_way = [
            (near if half is far else far, said) for half, data in under_way for said in half.hear(data)
        ]
    assert near.machine.done
    assert far.machine.done
    return {
        "bytes": sum(sizes),
        "frames": sum([framed(size) for size in sizes]),
        "trips": trips,
        "cpu_ms": (near.cpu_s + far.cpu_s) * 1_000,
    }


def framed(size: int) -> int:
    """What a message takes in frames of a link."""
    largest = PADDING_CLASSES_BYTES[-1] - FRAME_HEAD_BYTES
    whole, rest = divmod(size, largest)
    needed = rest + FRAME_HEAD_BYTES
    last = next(one for one in PADDING_CLASSES_BYTES if one >= needed) if rest else -TAG_BYTES
    return whole * (PADDING_CLASSES_BYTES[-1] + TAG_BYTES) + last + TAG_BYTES


def at_the_ends(operations: int, differ: int, *, both: bool, seed: bytes) -> dict[str, float]:
    names = [AuthorId(hashlib.sha256(b"author %d" % number).digest()) for number in range(AUTHORS)]
    full = dict.fromkeys(names, operations // AUTHORS)
    near, far = dict(full), dict(full)
    for number in range(differ):
        which = number % AUTHORS
        (far if both and which % 2 else near)[names[which]] -= 1
    halves = (
        Half(Logs(near), LooseSet(), dialled=True, seed=seed),
        Half(Logs(far), LooseSet(), dialled=False, seed=seed),
    )
    figures = converse(*halves)
    assert halves[0].sends() + halves[1].sends() == differ
    return figures


class Scattered:
    """Two equal random stores, of which one or both can be robbed of some for a while."""

    def __init__(self, operations: int, seed: bytes) -> None:
        entropy = SeededEntropy(seed)
        self.ids = [OperationId(entropy.take(32)) for _ in range(operations)]
        self.near, self.far = LooseSet(self.ids), LooseSet(self.ids)
        self._random = random.Random(seed)

    @contextlib.contextmanager
    def without(self, count: int, *, both: bool) -> Iterator[list[OperationId]]:
        gone = self._random.sample(self.ids, count)
        for number, one in enumerate(gone):
            (self.far if both and number % 2 else self.near).remove(one)
        yield gone
        for one in gone:
            self.near.add(one)
            self.far.add(one)


def scattered(stores: Scattered, differ: int, *, both: bool, prepared: bool, seed: bytes) -> dict[str, float]:
    with stores.without(differ, both=both) as gone:
        if prepared:
            for number, one in enumerate((stores.near, stores.far)):
                one.prepare(SeededEntropy(seed + bytes([number])).take(16), PREPARED_CELLS)
        near = Half(Logs({}), stores.near, dialled=True, seed=seed)
        far = Half(Logs({}), stores.far, dialled=False, seed=seed)
        figures = converse(near, far)
        assert sorted(near.send + far.send) == sorted(gone)
        for one in (stores.near, stores.far):
            if one.prepared:
                one.spend(b"")
    return figures


def by_negentropy(operations: int, differ: int, *, newest: bool, seed: int) -> tuple[int, int]:
    dice = random.Random(seed)
    items = [(1_700_000_000 + at, dice.randbytes(32)) for at in range(operations)]
    gone = items[-differ:] if newest else dice.sample(items, differ)
    lacking = dict.fromkeys(gone)
    return negentropy.cost([one for one in items if one not in lacking], items)


def floor_bytes(differ: int) -> int:
    """Bytes to name `differ` of 2**64 handles in no order."""
    bits = 64 * differ - math.lgamma(differ + 1) / math.log(2)
    return math.ceil(bits / 8)


def middle(runs: int, once: Callable[[int], dict[str, float]]) -> dict[str, float]:
    """Medians; of bytes and trips the worst as well, because chance is in them."""
    found = [once(number) for number in range(runs)]
    figures = {key: median([one[key] for one in found]) for key in found[0]}
    return figures | {f"{key}_worst": max([one[key] for one in found]) for key in ("bytes", "trips")}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--differ", type=int, nargs="+", default=[1, 10, 100, 1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    tell = progress("reconcile, differing by")
    stores = Scattered(options.operations, b"bench")
    equal = converse(
        Half(Logs({}), stores.near, dialled=True, seed=b"equal"),
        Half(Logs({}), stores.far, dialled=False, seed=b"equal"),
    )
    rows: list[dict[str, Any]] = []
    for differ in options.differ:
        tell(differ)
        row: dict[str, Any] = {"differ": differ, "floor_bytes": floor_bytes(differ)}
        for both in (False, True):
            side = "either" if both else "one"
            row[f"ends_{side}"] = middle(
                options.runs,
                lambda number, d=differ, b=both: at_the_ends(  # type: ignore[misc]
                    options.operations, d, both=b, seed=b"ends %d" % number
                ),
            )
            row[f"scattered_{side}"] = middle(
                options.runs,
                lambda number, d=differ, b=both: scattered(  # type: ignore[misc]
                    stores, d, both=b, prepared=False, seed=b"loose %d" % number
                ),
            )
        row["scattered_prepared_cpu_ms"] = scattered(
            stores, differ, both=False, prepared=True, seed=b"ready"
        )["cpu_ms"]
        for name, newest in (("newest", True), ("scattered", False)):
            size, trips = by_negentropy(options.operations, differ, newest=newest, seed=differ)
            row[f"negentropy_{name}"] = {"bytes": size, "round_trips": trips}
        row["scattered_beside_negentropy"] = (
            row["scattered_one"]["bytes"] / row["negentropy_scattered"]["bytes"]
        )
        rows.append(row)
    report("reconcile", operations=options.operations, equal_bytes_each=equal["bytes"] / 2, rows=rows)


if __name__ == "__main__":
    main()
