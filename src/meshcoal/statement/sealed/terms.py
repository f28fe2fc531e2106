"""How many must sign, and how many open an envelope together: chosen by rule, and told in words.

Law: nobody chooses the number of shares; it follows from members and threshold. Where the rule has no number,
or where those whom the signer does not know in person could open it by themselves, sealing is refused. Ours,
unreviewed: docs/protocol/sealed-signons.md gives the rule and what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.errors import BadEnvelope, BadRing, UnsafeSeal
from meshcoal.limits import MEMBERS_MAX, SEALED_THRESHOLD_MIN
from meshcoal.wire.sealed import SealedRoster, SealedTerms

VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the rule gives for a number of members and a threshold, for a screen to show."""

    members: int
    threshold: int
    shares_needed: int

    @property
    def may_be_gone(self) -> int:
        """So many members' devices can be lost, and envelopes still open."""
        return self.members - self.shares_needed

    def unverified(self, verified: int) -> int:
        """Of the other members those whom I have not verified in person; `verified` counts those I have."""
        return self.members - 1 - verified

    def sentences(self, verified: int) -> tuple[str, ...]:
        """What the signer is told before sealing. The numbers are the properties above, for other tongues."""
        return (
            f"No name is shown before {self.threshold} of {self.members} members have signed.",
            f"{self.shares_needed} of these {self.members} people could open it early, if they acted "
            f"together; {verified} of them you verified in person.",
            f"It still opens when {self.may_be_gone} of their devices are gone.",
            "Members who sign only to make up the number can open it sooner than it should be: each of them "
            "makes the crowd you hide in smaller by one.",
            "Whoever watches the network can see who sends something first; whoever takes a device whose "
            "vault is open can see whether its owner has signed.",
        )


def choose(members: int, threshold: int = SEALED_THRESHOLD_MIN) -> Choice:
    """The number of shares: max(threshold, ceil(members / 3) + 1).

    Raises:
        UnsafeSeal: the threshold is below 5, or that is more than members - max(2, ceil(members / 4)), so
            that the loss of a few devices would keep everything shut. With 5 it takes 7 members.
    """
    if threshold < SEALED_THRESHOLD_MIN:
        raise UnsafeSeal(f"Sealed sign-ons open after {SEALED_THRESHOLD_MIN} at the soonest.")
    if members > MEMBERS_MAX:
        raise UnsafeSeal(f"Sealed sign-ons take at most {MEMBERS_MAX} members.")
    needed = max(threshold, -(-members // 3) + 1)
    if needed > members - max(2, -(-members // 4)):
        raise UnsafeSeal(
            f"With {members} members and {threshold} sign-ons before opening, sealing is not safe: "
            "too few could be missing. Choose a lower number, or gather more members."
        )
    return Choice(members=members, threshold=threshold, shares_needed=needed)


def check_known(choice: Choice, verified: int) -> None:
    """Return only if those whom the signer has not verified in person cannot open an envelope by themselves.

    Raises:
        UnsafeSeal: they could: a founder may have made them all up.
    """
    unknown = choice.unverified(verified)
    if choice.shares_needed <= unknown:
        missing = unknown - choice.shares_needed + 1
        raise UnsafeSeal(
            f"{choice.shares_needed} of the {unknown} members whom you have not verified in person could "
            f"open it together. Verify {missing} more of them first, or do not sign sealed."
        )


def make_terms(
    *, campaign: bytes, statement: bytes, roster: SealedRoster, threshold: int, expires_ms: int
) -> SealedTerms:
    """The terms of a frozen statement. Raises `UnsafeSeal` as `choose` does."""
    choice = choose(len(roster.entries), threshold)
    return SealedTerms(
        version=VERSION,
        campaign=campaign,
        statement=statement,
        roster=roster.digest,
        shares_needed=choice.shares_needed,
        threshold=threshold,
        expires_ms=expires_ms,
    )


def check_terms(terms: SealedTerms, roster: SealedRoster) -> Choice:
    """Return only if the terms are of this roster, which is one's own view of it, and keep the rule.

    Whoever drafts a statement could else put accomplices into the ring, or name a number of shares that
    they hold themselves.

    Raises:
        BadRing: they are of another roster.
        BadEnvelope: the numbers are not those of the rule.
    """
    if terms.roster != roster.digest:
        raise BadRing("sealed for another list of members than the one here")
    try:
        choice = choose(len(roster.entries), terms.threshold)
    except UnsafeSeal as exc:
        raise BadEnvelope("sealed under terms that the rule has no place for") from exc
    if terms.shares_needed != choice.shares_needed:
        raise BadEnvelope("sealed under terms that are not those of the rule")
    return choice
