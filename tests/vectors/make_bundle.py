"""Makes `bundle.json`: a slip as it goes on paper, what opens it, and its codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.parts import part_room, seal_part
from meshcoal.limits import SLIP_CLASSES_BYTES
from meshcoal.wire import record
from meshcoal.wire.bundle import Content, FilePiece, PlacedChunk, encode_content
from meshcoal.wire.slips import codes_of

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("bundle.json")


def build() -> dict[str, Any]:
    campaign, key = fixed("campaign", 32), fixed("record key", 32)
    piece = FilePiece(
        file=fixed("file", 32),
        manifest=fixed("manifest", 80),
        chunks=(PlacedChunk(place=3, sealed=fixed("chunk", 60)),),
    )
    content = Content(
        bundle=fixed("bundle", 16),
        number=7,
        mine=fixed("mine", 16),
        made_ms=1_800_000_000_000,
        first_ms=1_799_999_000_000,
        last_ms=1_799_999_500_000,
        runs=(fixed("run", 200),),
        operations=(fixed("operation", 100),),
        items=(fixed("item", 50),),
        files=(piece,),
    )
    room = part_room(0, SLIP_CLASSES_BYTES[0])
    entropy = SeededEntropy(b"bundle vector")
    slip = seal_part(
        encode_content(content, room),
        campaign=campaign,
        epochs=(key,),
        members=(),
        sealer=DeterministicSealer(entropy),
        entropy=entropy,
    )
    return {
        "about": "docs/protocol/bundle.md and slips.md. What is in the part are bytes of no meaning: "
        "SHAKE256 of `run`, `operation`, `item`, `file`, `manifest`, `chunk`. Bytes in hex.",
        "campaign": campaign.hex(),
        "record_key": key.hex(),
        "content": record.encode(content).hex(),
        "slip": slip.hex(),
        "codes": list(codes_of(slip)),
    }


if __name__ == "__main__":
    run(FILE, build)
