"""Makes `packing.json`: a run of operations, and the same packed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.wire.operation import (
    NO_CAMPAIGN,
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
)
from meshcoal.wire.packing import pack

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("packing.json")
EPOCH: Final = EpochId(fixed("epoch", 32))


def operation(
    who: str,
    seq: int,
    backlink: bytes,
    parents: tuple[OperationId, ...],
    kind: Kind,
    *,
    campaign: CampaignId,
    index: int = 0,
    directs: tuple[Direct, ...] = (),
    successor: bytes = b"",
) -> Operation:
    label = f"{who} {seq}"
    body = fixed(f"body {label}", 20 + seq)
    header = Header(
        campaign=campaign,
        author=AuthorId(fixed(who, 32)),
        seq=seq,
        backlink=backlink,
        parents=tuple(sorted(parents)),
        kind=kind,
        epoch=NO_EPOCH if kind in (Kind.CREATE, Kind.REKEY) else EPOCH,
        salt=fixed(f"salt {label}", 16),
        index=index,
        successor=successor,
        body_hash=body_hash(body),
        directs_hash=directs_hash(directs),
    )
    return Operation(
        header=header, sealed_body=body, directs=directs, signature=fixed(f"signature {label}", 64)
    )


def operations() -> tuple[Operation, ...]:
    create = operation("ana", 0, b"", (), Kind.CREATE, campaign=NO_CAMPAIGN)
    campaign = CampaignId(create.id)
    direct = Direct(tag=fixed("tag", 8), sealed=fixed("sealed", 30))
    add = operation("ana", 1, create.id, (create.id,), Kind.ADD, campaign=campaign, directs=(direct,))
    elsewhere = OperationId(fixed("an operation that came before", 32))
    ben = operation(
        "ben", 7, fixed("ben 6", 32), (add.id, elsewhere), Kind.POST, campaign=campaign, index=300
    )
    rekey = operation(
        "ana", 2, add.id, (ben.id,), Kind.REKEY, campaign=campaign, successor=fixed("next key", 32)
    )
    last = operation("ben", 8, ben.id, (rekey.id,), Kind.POST, campaign=campaign, index=301)
    return create, add, ben, rekey, last


def build() -> dict[str, Any]:
    made = operations()
    packed = pack([one.encoded for one in made])
    assert packed is not None
    return {
        "about": "A run of operations, and what it is packed. docs/protocol/catchup.md, 'Packed runs'. Bytes "
        "in hex. Signatures are bytes that nobody looks into here.",
        "campaign": made[0].id.hex(),
        "operations": [one.encoded.hex() for one in made],
        "ids": [one.id.hex() for one in made],
        "packed": packed.hex(),
    }


if __name__ == "__main__":
    run(FILE, build)
