"""Makes `joining.json`: a request as it goes on paper, the answer to it, and what opens them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.joining import (
    answer_room,
    campaign_mark,
    proof,
    request_name,
    request_room,
    seal_answer,
    seal_request,
)
from meshcoal.limits import SLIP_CLASSES_BYTES
from meshcoal.wire import record
from meshcoal.wire.bodies import Card
from meshcoal.wire.frames import ToldPeer
from meshcoal.wire.invitation import Invitation, encode_invitation
from meshcoal.wire.joining import PROOF_BYTES, Answer, Answered, Request, encode_carried, proven_bytes
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("joining.json")


def build() -> dict[str, Any]:
    entropy = SeededEntropy(b"joining vector")
    sealer = DeterministicSealer(entropy)
    ana, ben = AgreementKey(fixed("Ana link", 32)), AgreementKey(fixed("Ben link", 32))
    campaign, code, seed = fixed("campaign", 32), fixed("code", 16), fixed("seed", 32)
    invitation = Invitation(
        code=code,
        person=ana.public,
        hints=(),
        expires_ms=1_800_000_000_000,
        seal=sealer.public_of(seed),
        mark=campaign_mark(code, campaign),
    )
    answer_key = fixed("answer", 32)
    request = Request(
        proof=bytes(PROOF_BYTES),
        person=ben.public,
        name="Ben",
        hints=("192.0.2.7:7600",),
        pair=fixed("pair", 32),
        answer=answer_key,
        card=Card(
            author=fixed("author", 32),
            act=fixed("act", 32),
            link=AgreementKey(fixed("Ben's link inside", 32)).public,
            seal=sealer.public_of(fixed("card seal", 32)),
            name="Ben",
            hints=(),
        ),
        prekey=sealer.public_of(fixed("prekey", 32)),
    )
    about = proven_bytes(request, invitation.digest)
    request = replace(request, proof=proof(ben, ana.public, answers=False, about=about))
    noting = _Noting(entropy)
    part = seal_request(
        encode_carried(request, request_room(SLIP_CLASSES_BYTES[2])),
        code=code,
        invitation=invitation.digest,
        public=invitation.seal,
        name=request_name(answer_key),
        sealer=sealer,
        entropy=noting,
    )
    answer = Answer(
        proof=bytes(PROOF_BYTES),
        verdict=Answered.ADMITTED,
        name="Ana",
        hints=("192.0.2.8:7600",),
        pair=fixed("pair", 32),
        campaign=campaign,
        campaign_name="Evin five",
        seat=Seat.EXILE,
        author=fixed("author", 32),
        peers=(ToldPeer(link=AgreementKey(fixed("Ana's link inside", 32)).public, hints=()),),
    )
    told = proof(ana, ben.public, answers=True, about=proven_bytes(answer, answer_key))
    answer = replace(answer, proof=told)
    room = answer_room(SLIP_CLASSES_BYTES[0])
    return {
        "about": "docs/protocol/joining.md. The request is sealed by the simulator's sealer in place of HPKE "
        "with X-Wing, so that it comes out again; `key` is what was sealed. Bytes in hex.",
        "invitation": encode_invitation(invitation),
        "campaign": campaign.hex(),
        "code": code.hex(),
        "digest": invitation.digest.hex(),
        "links": {"ana": ana.private.hex(), "ben": ben.private.hex()},
        "answer_key": answer_key.hex(),
        "key": noting.taken[-1].hex(),
        "request": record.encode(request).hex(),
        "request_part": part.hex(),
        "answer": record.encode(answer).hex(),
        "answer_part": seal_answer(encode_carried(answer, room), key=answer_key, entropy=entropy).hex(),
    }


class _Noting:
    """Entropy that remembers what it gave: the salt, then the key."""

    def __init__(self, entropy: SeededEntropy) -> None:
        self._entropy = entropy
        self.taken: list[bytes] = []

    def take(self, size: int) -> bytes:
        self.taken.append(self._entropy.take(size))
        return self.taken[-1]


if __name__ == "__main__":
    run(FILE, build)
