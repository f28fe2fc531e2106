"""A coalition that signs sealed: members with their keys, one round, and who sealed what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.crypto.signing import SigningKey
from meshcoal.statement.sealed.envelope import Checked, Round, check, seal
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.sealed import Envelope, RosterEntry, SealedRoster
from meshcoal.wire.terms import Capacity

NOW_MS = 20_000 * DAY_MS
EXPIRES_MS = NOW_MS + 7 * DAY_MS
STATEMENT = hashlib.sha256(b"a frozen text").digest()
CAMPAIGN = hashlib.sha256(b"a campaign").digest()


def _bytes(label: str) -> bytes:
    return hashlib.sha256(label.encode()).digest()


@dataclass(frozen=True)
class Member:
    name: str
    ring: RingKey
    act: SigningKey
    trustee: AgreementKey

    @property
    def entry(self) -> RosterEntry:
        return RosterEntry(ring=self.ring.public, act=self.act.public, trustee=self.trustee.public)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """What would tell an observer that this member signed."""
        return (
            self.name.encode(),
            f"{self.name}'s organisation".encode(),
            self.act.public,
            self.ring.public,
        )


class Coalition:
    """Members in the roster's order; the round of one statement."""

    def __init__(self, members: int, *, threshold: int = 5, label: str = "") -> None:
        everybody = [
            Member(
                name=f"signatory number {number}",
                ring=RingKey(_bytes(f"{label}ring {number}")),
                act=SigningKey(_bytes(f"{label}act {number}")),
                trustee=AgreementKey(_bytes(f"{label}trustee {number}")),
            )
            for number in range(members)
        ]
        self.members = sorted(everybody, key=lambda member: member.ring.public)
        self.roster = SealedRoster.of(tuple([member.entry for member in self.members]))
        self.terms = make_terms(
            campaign=CAMPAIGN,
            statement=STATEMENT,
            roster=self.roster,
            threshold=threshold,
            expires_ms=EXPIRES_MS,
        )
        self.round = Round.of(self.terms, self.roster)

    def fields(self, member: Member) -> SignOnFields:
        return SignOnFields(
            capacity=Capacity.ORGANISATION,
            name=member.name,
            title=f"{member.name}'s organisation",
            affiliation="",
            country="",
            languages_read=("en",),
            signed_ms=NOW_MS,
        )

    def seal(
        self, at: int, *, floor: int = 0, seed: str = "", entropy: SeededEntropy | None = None
    ) -> Envelope:
        member = self.members[at]
        return seal(
            self.round,
            ring_key=member.ring,
            act_key=member.act,
            fields=self.fields(member),
            floor=floor or self.terms.threshold,
            verified=len(self.members) - 1,
            now_ms=NOW_MS,
            entropy=entropy or SeededEntropy(f"seal {at} {seed}".encode()),
        )

    def checked(self, at: int, *, floor: int = 0, seed: str = "") -> Checked:
        return check(self.round, self.seal(at, floor=floor, seed=seed), now_ms=NOW_MS)
