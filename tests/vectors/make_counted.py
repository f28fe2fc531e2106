"""Makes `counted.json`: a ring of five, a counted sign-on, its withdrawal, and a named signatory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.crypto.signing import SigningKey
from meshcoal.statement.counted import Poll, name_in_ring, sign_counted, withdraw_counted
from meshcoal.wire.counted import COUNTED, counted_text, counted_withdrawal_text, named_text

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("counted.json")


def build() -> dict[str, Any]:
    rings = [RingKey(fixed(f"ring {number}", 32)) for number in range(5)]
    act = SigningKey(fixed("act", 32))
    poll = Poll.of(fixed("statement", 32), [one.public for one in rings])
    digest = poll.public.digest
    signed = sign_counted(poll, ring_key=rings[1], entropy=SeededEntropy(fixed("signing", 32)))
    gone = withdraw_counted(poll, ring_key=rings[1], entropy=SeededEntropy(fixed("withdrawing", 32)))
    named = name_in_ring(poll, ring_key=rings[3], act_key=act, entropy=SeededEntropy(fixed("naming", 32)))
    return {
        "about": "docs/protocol/counted.md. Bytes in hex. Seeds are SHAKE256('ring 0') and so on, 'act'; "
        "chance is SeededEntropy.",
        "seeds": [one.seed.hex() for one in rings],
        "statement": poll.statement.hex(),
        "ring": [key.hex() for key in poll.public.keys],
        "ring_text": poll.public.text.decode(),
        "ring_digest": digest.hex(),
        "event": poll.event.hex(),
        "counted": {
            "text": counted_text(poll.statement, digest).decode(),
            "tag": rings[1].tag(poll.event).hex(),
            "signature": signed.signature.hex(),
            "record": COUNTED.encode(signed).hex(),
        },
        "withdrawal": {
            "text": counted_withdrawal_text(poll.statement, digest).decode(),
            "tag": rings[1].tag(poll.event).hex(),
            "signature": gone.signature.hex(),
            "record": COUNTED.encode(gone).hex(),
        },
        "named": {
            "text": named_text(poll.statement, digest, act.public, rings[3].public).decode(),
            "act_key": act.public.hex(),
            "ring_key": named.ring_key.hex(),
            "tag": named.tag.hex(),
            "opening": named.opening.hex(),
            "act_signature": named.act_signature.hex(),
        },
    }


if __name__ == "__main__":
    run(FILE, build)
