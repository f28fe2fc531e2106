"""Makes `sealed.json`: a round of seven members, an envelope, and what opens it or takes it back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto import threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.crypto.signing import SigningKey
from meshcoal.statement.sealed.envelope import Round, check, seal, withdraw
from meshcoal.statement.sealed.opening import open_with_shares
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire import record
from meshcoal.wire.public_text import SignOnFields, sign_on_text
from meshcoal.wire.sealed import SEALED, RosterEntry, SealedRoster, ToldShare, item_id
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("sealed.json")
NOW_MS: Final = 20_500 * DAY_MS
OPENERS: Final = (1, 3, 4, 6, 7)


def build() -> dict[str, Any]:
    rings = {key.public: key for key in [RingKey(fixed(f"ring {number}", 32)) for number in range(7)]}
    ordered = [rings[public] for public in sorted(rings)]
    acts = [SigningKey(fixed(f"act {number}", 32)) for number in range(7)]
    trustees = [AgreementKey(fixed(f"trustee {number}", 32)) for number in range(7)]
    roster = SealedRoster.of(
        tuple(
            [
                RosterEntry(ring=one.public, act=act.public, trustee=trustee.public)
                for one, act, trustee in zip(ordered, acts, trustees, strict=True)
            ]
        )
    )
    terms = make_terms(
        campaign=fixed("campaign", 32), statement=fixed("statement", 32), roster=roster, threshold=5,
        expires_ms=NOW_MS + 7 * DAY_MS,
    )  # fmt: skip
    round_ = Round.of(terms, roster)
    fields = SignOnFields(
        capacity=Capacity.ORGANISATION, name="Комитет «Ана»", title="", affiliation="", country="Атлантида",
        languages_read=("en", "ru"), signed_ms=NOW_MS,
    )  # fmt: skip
    envelope = seal(
        round_, ring_key=ordered[2], act_key=acts[2], fields=fields, floor=6, verified=6, now_ms=NOW_MS,
        entropy=SeededEntropy(fixed("sealing chance", 32)),
    )  # fmt: skip
    checked = check(round_, envelope, now_ms=NOW_MS)
    place = round_.place(checked.tag)
    shares = {at: threshold.open_share(checked.dealt, at, trustees[at - 1], place) for at in OPENERS}
    signed, told_key = open_with_shares(round_, checked, shares)
    told = ToldShare(
        terms=terms.id, envelope=checked.id, member=OPENERS[0], share=shares[OPENERS[0]]
    )  # fmt: skip
    gone = withdraw(round_, ring_key=ordered[2], entropy=SeededEntropy(fixed("withdrawing chance", 32)))
    return {
        "about": "docs/protocol/sealed-signons.md. Bytes in hex. Seeds are SHAKE256('ring 0'), 'act 0', "
        "'trustee 0' and so on, acts and trustees in the order of the roster; chance is SeededEntropy.",
        "members": [
            {
                "ring_seed": one.seed.hex(),
                "act_seed": act.seed.hex(),
                "trustee_private": trustee.private.hex(),
            }
            for one, act, trustee in zip(ordered, acts, trustees, strict=True)
        ],
        "roster": record.encode(roster).hex(),
        "roster_digest": roster.digest.hex(),
        "terms": record.encode(terms).hex(),
        "terms_id": terms.id.hex(),
        "event": terms.event.hex(),
        "signer": 3,
        "tag": checked.tag.hex(),
        "sign_on_text": sign_on_text(terms.statement, acts[2].public, fields).decode(),
        "content": record.encode(signed.content).hex(),
        "envelope": SEALED.encode(envelope).hex(),
        "envelope_id": checked.id.hex(),
        "signed": envelope.signed.hex(),
        "shares": {str(at): share.hex() for at, share in shares.items()},
        "key": told_key.key.hex(),
        "told_share": SEALED.encode(told).hex(),
        "told_key": SEALED.encode(told_key).hex(),
        "withdrawal": SEALED.encode(gone).hex(),
        "item_ids": [item_id(one).hex() for one in (envelope, gone, told, told_key)],
    }


if __name__ == "__main__":
    run(FILE, build)
