"""Sealed sign-ons and ring signatures: what one costs its signer, and whoever checks and opens it.

    python bench/seal.py [--members 12 40 150] [--rings 16 64 128 256] [--runs N]

Law: every envelope is sealed, checked and opened by the functions that nodes use, as bytes off the wire. Of
each figure the median of the runs; keys of the roster are known, as they are to a node that has met it once
(`first` is a roster's first meeting). Times are of the processor, not of the clock on the wall: all of it is
arithmetic on one core, and other work on the machine is not its fault. Beside them stand one X25519
agreement and one Ed25519 verification, measured in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from common import arguments, median, progress, report

from meshcoal.clock import DAY_MS
from meshcoal.crypto import ring, ristretto, threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.limits import SEALED_THRESHOLD_MIN
from meshcoal.statement.sealed.envelope import Round, check, seal
from meshcoal.statement.sealed.opening import open_with_shares
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.sealed import SEALED, Envelope, RosterEntry, SealedRoster
from meshcoal.wire.terms import Capacity

NOW_MS = 20_000 * DAY_MS
ENTROPY = OsEntropy()


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Milliseconds of processor time of the median run, and what the last one gave."""
    took, made = [], None
    for _ in range(runs):
        began = time.process_time()
        made = work()
        took.append((time.process_time() - began) * 1000)
    return median(took), made


def envelopes(members: int, runs: int) -> dict[str, float]:
    """One envelope among so many members, with the least threshold."""
    people = [
        (RingKey(ENTROPY.take(32)), SigningKey(ENTROPY.take(32)), AgreementKey(ENTROPY.take(32)))
        for _ in range(members)
    ]
    people.sort(key=lambda person: person[0].public)
    roster = SealedRoster.of(
        tuple([RosterEntry(ring=one.public, act=act.public, trustee=key.public) for one, act, key in people])
    )
    terms = make_terms(
        campaign=bytes(32),
        statement=bytes(32),
        roster=roster,
        threshold=SEALED_THRESHOLD_MIN,
        expires_ms=NOW_MS + DAY_MS,
    )
    round_ = Round.of(terms, roster)
    signer, act, _ = people[members // 2]
    fields = SignOnFields(
        capacity=Capacity.ORGANISATION,
        name="An organisation",
        title="Its director",
        affiliation="",
        country="Nowhere",
        languages_read=("en",),
        signed_ms=NOW_MS,
    )

    def sealed() -> bytes:
        made = seal(
            round_,
            ring_key=signer,
            act_key=act,
            fields=fields,
            floor=terms.threshold,
            verified=members - 1,
            now_ms=NOW_MS,
            entropy=ENTROPY,
        )
        return SEALED.encode(made)

    seal_ms, sent = timed(sealed, runs)

    def arrived() -> Envelope:
        envelope = SEALED.decode(sent)
        assert isinstance(envelope, Envelope)
        return envelope

    check_ms, checked = timed(lambda: check(round_, arrived(), now_ms=NOW_MS), runs)
    place = round_.place(checked.tag)
    share_ms, _ = timed(lambda: threshold.open_share(checked.dealt, 1, people[0][2], place), runs)
    shares = {
        at: threshold.open_share(checked.dealt, at, people[at - 1][2], place)
        for at in range(1, terms.shares_needed + 1)
    }
    open_ms, opened = timed(lambda: open_with_shares(round_, checked, shares), runs)
    assert opened[0].content.fields == fields
    return {
        f"members_{members}_seal_ms": seal_ms,
        f"members_{members}_check_ms": check_ms,
        f"members_{members}_share_ms": share_ms,
        f"members_{members}_open_ms": open_ms,
        f"members_{members}_envelope_bytes": len(sent),
        f"members_{members}_shares_needed": terms.shares_needed,
    }


def rings(size: int, runs: int) -> dict[str, float]:
    """One ring signature of so many keys."""
    keys = [RingKey(ENTROPY.take(32)) for _ in range(size)]
    signer = keys[0]
    public = tuple(sorted(key.public for key in keys))
    ristretto.decode.cache_clear()
    first_ms, together = timed(lambda: Ring(public), 1)
    sign_ms, signature = timed(lambda: signer.sign(together, b"event", b"message", ENTROPY), runs)
    verify_ms, tag = timed(lambda: ring.verify(together, b"event", b"message", signature), runs)
    assert tag == signer.tag(b"event")
    return {
        f"ring_{size}_sign_ms": sign_ms,
        f"ring_{size}_verify_ms": verify_ms,
        f"ring_{size}_first_ms": first_ms,
        f"ring_{size}_signature_bytes": len(signature),
    }


def units(runs: int) -> dict[str, float]:
    """What everything above is made of, to compare machines by."""
    one, other = AgreementKey(ENTROPY.take(32)), AgreementKey(ENTROPY.take(32))
    key = SigningKey(ENTROPY.take(32))
    signature = key.sign(b"message")
    agreement_ms, _ = timed(lambda: one.exchange(other.public), runs * 20)
    verified_ms, _ = timed(lambda: verify(key.public, b"message", signature), runs * 20)
    return {"agreement_us": agreement_ms * 1000, "ed25519_verify_us": verified_ms * 1000}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[12, 40, 150])
    parser.add_argument("--rings", type=int, nargs="+", default=[16, 64, 128, 256])
    parser.add_argument("--runs", type=int, default=15)
    chosen = parser.parse_args()
    figures = units(chosen.runs)
    tell = progress("members or keys:")
    for size in chosen.rings:
        tell(size)
        figures |= rings(size, chosen.runs)
    for members in chosen.members:
        tell(members)
        figures |= envelopes(members, chosen.runs)
    report("seal", runs=chosen.runs, **figures)


if __name__ == "__main__":
    main()
