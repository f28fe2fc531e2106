"""Makes `ring.json`: rings of one, three and eight, signatures of several members, and an opened tag."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import Ring, RingKey, event_base

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("ring.json")
EVENT: Final = b"an event"


def build() -> dict[str, Any]:
    keys = [RingKey(fixed(f"ring key {number}", 32)) for number in range(8)]
    cases = [
        (1, 0, EVENT, b""),
        (3, 1, EVENT, b"a message"),
        (8, 5, EVENT, b"a message"),
        (8, 5, b"\x00", b"m"),
    ]
    signatures = []
    for size, signer, event, message in cases:
        ring = Ring.of(one.public for one in keys[:size])
        entropy = SeededEntropy(fixed(f"ring chance {size} {signer}", 32))
        signatures.append(
            {
                "ring": [one.hex() for one in ring.keys],
                "signer": keys[signer].public.hex(),
                "event": event.hex(),
                "event_base": event_base(event).encode().hex(),
                "message": message.hex(),
                "tag": keys[signer].tag(event).hex(),
                "signature": keys[signer].sign(ring, event, message, entropy).hex(),
            }
        )
    owner = keys[5]
    return {
        "about": "docs/protocol/ring-signatures.md. Bytes in hex. Seeds are SHAKE256('ring key 0') and so "
        "on, chance is SeededEntropy.",
        "keys": [{"seed": one.seed.hex(), "public": one.public.hex()} for one in keys],
        "signatures": signatures,
        "opening": {
            "public": owner.public.hex(),
            "event": EVENT.hex(),
            "tag": owner.tag(EVENT).hex(),
            "message": b"a name".hex(),
            "opening": owner.open_tag(EVENT, b"a name", SeededEntropy(fixed("opening chance", 32))).hex(),
        },
    }


if __name__ == "__main__":
    run(FILE, build)
