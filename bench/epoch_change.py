"""Epoch change: an update among n members after first contact: bytes in total, CPU of author and recipient.

    python bench/epoch_change.py [--members 32 128] [--runs N]

Then the same campaign in the simulator, with real keys, as it forms: what an admission costs, and what
follows it once.

Beside it the X25519 agreements that it cannot do without, in the same run, so that figures from different
machines can be compared. The CCS 2021 paper's prototype in Java: 128 members: 40.6 KB, 63 ms, 67 ms; 32:
10.0 KB.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from common import arguments, median, progress, report

from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.sealing import seal_body
from meshcoal.crypto.signing import SigningKey
from meshcoal.group import agreement, keyring
from meshcoal.group.agreement import PairwiseCourier, Place
from meshcoal.group.keyring import Keyring
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, encode_bundle, publish
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.sim.crowd import Crowd, Plan
from meshcoal.sim.world import real
from meshcoal.wire.bodies import RekeyBody, encode_body
from meshcoal.wire.operation import (
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    decode_operation,
    directs_hash,
    signing_input,
)

SETTLED_MS = 30_000  # of simulated time: by then each newcomer has begun an epoch
OPERATIONS_MAX = 10_000
BYTES_MAX = 2**30
NOW_MS = 1_800_000_000_000
ENTROPY = OsEntropy()
CAMPAIGN = CampaignId(b"c" * 32)


class Group:
    """Members who know each other's prekeys. Only two of them do any work."""

    def __init__(self, size: int) -> None:
        self.courier = PairwiseCourier(sealer=XWingSealer(), entropy=ENTROPY)
        self.keys = [SigningKey(ENTROPY.take(32)) for _ in range(size)]
        self.authors = [AuthorId(key.public) for key in self.keys]
        self.rings: list[Keyring] = []
        bundles: list[Bundle] = []
        for author in self.authors:
            held, bundle = publish(NO_PREKEYS, sealer=XWingSealer(), entropy=ENTROPY, now_ms=NOW_MS, count=0)
            self.rings.append(Keyring(campaign=CAMPAIGN, me=author, prekeys=held))
            bundles.append(bundle)
        for at, ring in enumerate(self.rings):
            for author, bundle in zip(self.authors, bundles, strict=True):
                ring = keyring.note_bundle(ring, author, bundle, ())
            self.rings[at] = ring
        self.seq = 0
        self.head = OperationId(b"h" * 32)
        self.bundle_bytes = len(encode_bundle(bundles[0]))

    def update(self) -> tuple[Place, tuple[Direct, ...], Operation, float]:
        """The first member begins an epoch; what it sent, and the seconds of CPU that took."""
        place = Place(
            campaign=CAMPAIGN,
            author=self.authors[0],
            kind=Kind.REKEY,
            seq=self.seq,
            parents=(self.head,),
            salt=ENTROPY.take(16),
        )
        began = time.process_time()
        ring, keys, directs = agreement.begin(
            self.rings[0],
            place=place,
            recipients=self.authors,
            carried=(),
            courier=self.courier,
            entropy=ENTROPY,
            now_ms=NOW_MS,
        )
        body = encode_body(RekeyBody(at_ms=NOW_MS, carried=()))
        sealed = seal_body(keys.record, place.salt, place.author, place.seq, CAMPAIGN, body)
        header = Header(
            campaign=CAMPAIGN,
            author=place.author,
            seq=place.seq,
            backlink=self.head if place.seq else b"",
            parents=place.parents,
            kind=place.kind,
            epoch=EpochId(b""),
            salt=place.salt,
            body_hash=body_hash(sealed),
            directs_hash=directs_hash(directs),
        )
        unsigned = Operation(header=header, sealed_body=sealed, directs=directs, signature=bytes(64))
        signature = self.keys[0].sign(signing_input(unsigned.id))
        operation = Operation(header=header, sealed_body=sealed, directs=directs, signature=signature)
        self.rings[0] = keyring.adopt(ring, EpochId(operation.id), keys)
        spent_s = time.process_time() - began
        self.seq += 1
        self.head = operation.id
        # One epoch is held at a time here, as after erasure.
        self.rings[0] = replace(self.rings[0], epochs={}, chains={})
        return place, directs, operation, spent_s

    def receive(self, place: Place, directs: tuple[Direct, ...], operation: Operation) -> float:
        """The last member takes it in; the seconds of CPU that took."""
        began = time.process_time()
        ring, taken = agreement.take(
            self.rings[-1],
            place=place,
            directs=directs,
            courier=self.courier,
            now_ms=NOW_MS,
        )
        assert taken is not None
        keys = keyring.fresh(taken.secret, place.names(self.authors))
        self.rings[-1] = keyring.adopt(ring, EpochId(operation.id), keys)
        spent_s = time.process_time() - began
        self.rings[-1] = replace(self.rings[-1], epochs={}, chains={})
        return spent_s


def bare_ms(count: int) -> float:
    """CPU of as many agreements, with a fresh key each: what an epoch cannot do without."""
    peer = AgreementKey(ENTROPY.take(32)).public
    began = time.process_time()
    for _ in range(count):
        AgreementKey(ENTROPY.take(32)).exchange(peer)
    return (time.process_time() - began) * 1000


def measured(size: int, runs: int, shown: Callable[[int], None]) -> dict[str, float | int]:
    group = Group(size)
    first = group.update()
    group.receive(*first[:3])
    sent, taken = [], []
    total = 0
    for run in range(runs):
        place, directs, operation, spent_s = group.update()
        sent.append(spent_s)
        taken.append(group.receive(place, directs, operation))
        total = len(operation.encoded)
        shown(run + 1)
    return {
        f"update_{size}_bytes": total,
        f"update_{size}_directs_bytes": sum(len(one.sealed) for one in directs),
        f"first_contact_{size}_bytes": len(first[2].encoded),
        f"new_last_resort_{size}_bytes": group.bundle_bytes,
        f"sender_{size}_ms": median(sent) * 1000,
        f"recipient_{size}_ms": median(taken) * 1000,
        f"sender_{size}_over_bare": median(sent) * 1000 / bare_ms(size - 1),
    }


def admission(size: int) -> dict[str, float | int]:
    """What the last of `size` members costs: the admission itself, and their first epoch, once."""
    crowd = Crowd(Plan(members=size, messages=0, removals=0, joins=0), means=real)
    campaign = crowd.form()
    crowd.world.run_ms(SETTLED_MS)
    reader = crowd.world.machines[crowd.inside[0]].disk.reader
    stored, _ = reader.after(campaign, {}, row=0, operations_max=OPERATIONS_MAX, bytes_max=BYTES_MAX)
    told = [(decode_operation(operation), len(operation)) for operation in stored]
    added = [length for operation, length in told if operation.header.kind is Kind.ADD]
    begun = [length for operation, length in told if operation.header.kind is Kind.REKEY]
    return {f"admission_{size}_bytes": added[-1], f"first_own_epoch_{size}_bytes": max(begun)}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--runs", type=int, default=9)
    chosen = parser.parse_args()
    figures: dict[str, float | int] = {}
    for size in chosen.members:
        figures |= measured(size, chosen.runs, progress(f"updates among {size}"))
        figures |= admission(size)
    report("epoch_change", **figures)


if __name__ == "__main__":
    main()
