"""Counted, not named: so many of the roster have signed, some of them by name, nobody twice.

Law: the count is at most the number of people. Each named signatory opens the tag that is theirs; each of the
others bears one that nobody has opened; all tags differ. Who judges needs the ring, the statement's digest
and the entries, nothing else. Whom the ring's keys belong to is said by people: the named ones sign for it.
Ours, unreviewed: docs/protocol/counted.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meshcoal.crypto import ring as ring_signatures
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.errors import BadRing, DoubledEnvelope, UnsafeSeal
from meshcoal.limits import COUNTED_CROWD_LEAST, COUNTED_CROWD_MIN
from meshcoal.wire.counted import (
    CountedSignOn,
    CountedWithdrawal,
    NamedInRing,
    PublicRing,
    counted_event,
    counted_text,
    counted_withdrawal_text,
    named_text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One statement and the ring of those who may sign it."""

    statement: bytes  # SHA-256 of the canonical text
    public: PublicRing
    ring: Ring

    @classmethod
    def of(cls, statement: bytes, keys: Iterable[bytes]) -> Poll:
        """Raises `BadRing`, `BadKey`."""
        ring = Ring.of(keys)
        return cls(statement=statement, public=PublicRing(keys=ring.keys), ring=ring)

    @property
    def event(self) -> bytes:
        return counted_event(self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What may be said in public, and whether it protects anybody."""

    members: int
    named: int
    counted: int

    @property
    def crowd(self) -> int:
        """Among so many each of those who are counted and not named can hide."""
        return self.members - self.named

    @property
    def is_small(self) -> bool:
        """Fewer than eight: say so before anybody signs."""
        return self.crowd < COUNTED_CROWD_MIN

    @property
    def is_unsafe(self) -> bool:
        """Fewer than three: another of them could tell who it is. Nobody begins to be counted."""
        return self.crowd < COUNTED_CROWD_LEAST

    @property
    def is_everybody(self) -> bool:
        """All who are not named have signed: that each of them did is no secret."""
        return self.counted == self.crowd > 0

    def for_signer(self) -> tuple[str, ...]:
        """What somebody is told who thinks of being counted; they are not in these numbers yet."""
        told = [
            "Your name stands nowhere: not on the list, not in the files, and no member sees it. You are "
            f"counted as one of the {self.crowd} members who are not named.",
            "Whoever opens this device while the letter is open can tell whether you signed. Once it is "
            "released, the key that tells it is erased, and you cannot take it back any more.",
        ]
        if self.counted + 1 >= self.crowd:
            told.append(
                "With you, all members who are not named have signed: that each did is then no secret."
            )
        if self.is_small:
            told.append(
                f"The crowd is small. Whoever leans on each of these {self.crowd} people, or asks them one "
                "by one, finds out who signed. Each member who signs by name makes it smaller."
            )
        return tuple(told)

    def sentences(self) -> tuple[str, ...]:
        """What a signer and a reader are told. The numbers are the properties above, for other tongues."""
        told = [
            f"{self.counted} members signed without their names. They are among {self.crowd} whom nobody "
            "can tell apart.",
            f"{self.named} named signatories attest that the ring is the vetted roster.",
        ]
        if self.is_everybody:
            told.append("All members who are not named have signed: that each of them did is no secret.")
        elif self.is_small:
            told.append(f"The crowd is small: {self.crowd}. Pressure on a few people could find out who.")
        return tuple(told)


def check_countable(members: int, keyless: int) -> None:
    """Return only if a letter can permit that members are counted and not named.

    Args:
        members: how many have published keys.
        keyless: how many others might sign and have published none.

    Raises:
        UnsafeSeal: fewer than three could be told apart by leaning on one.
    """
    if members < COUNTED_CROWD_LEAST:
        wait = f" {keyless} have published no keys yet: their devices do so within a minute of being on."
        raise UnsafeSeal(
            f"To be counted and not named it takes at least {COUNTED_CROWD_LEAST} members with keys, and "
            f"there are {members}." + (wait if keyless else "")
        )


def sign_counted(poll: Poll, *, ring_key: RingKey, entropy: Entropy) -> CountedSignOn:
    """Sign without a name. Raises `BadRing` where the key is not in the ring."""
    text = counted_text(poll.statement, poll.public.digest)
    signature = ring_key.sign(poll.ring, poll.event, text, entropy)
    return CountedSignOn(statement=poll.statement, ring=poll.public.digest, signature=signature)


def withdraw_counted(poll: Poll, *, ring_key: RingKey, entropy: Entropy) -> CountedWithdrawal:
    """Take it back. Raises `BadRing` where the key is not in the ring."""
    text = counted_withdrawal_text(poll.statement, poll.public.digest)
    signature = ring_key.sign(poll.ring, poll.event, text, entropy)
    return CountedWithdrawal(statement=poll.statement, ring=poll.public.digest, signature=signature)


def name_in_ring(poll: Poll, *, ring_key: RingKey, act_key: SigningKey, entropy: Entropy) -> NamedInRing:
    """Say, as a named signatory, which key of the ring is mine. Raises `BadRing` where it is not in it."""
    if ring_key.public not in poll.ring.keys:
        raise BadRing("the key is not in the ring")
    text = named_text(poll.statement, poll.public.digest, act_key.public, ring_key.public)
    return NamedInRing(
        statement=poll.statement,
        ring=poll.public.digest,
        act_key=act_key.public,
        ring_key=ring_key.public,
        tag=ring_key.tag(poll.event),
        opening=ring_key.open_tag(poll.event, text, entropy),
        act_signature=act_key.sign(text),
    )


def check_counted(poll: Poll, entry: CountedSignOn) -> bytes:
    """The tag of a counted sign-on.

    Raises:
        BadRing: for another statement or ring.
        BadSignature: nobody of the ring made it.
    """
    _check_place(poll, entry.statement, entry.ring)
    text = counted_text(poll.statement, poll.public.digest)
    return ring_signatures.verify(poll.ring, poll.event, text, entry.signature)


def check_counted_withdrawal(poll: Poll, entry: CountedWithdrawal) -> bytes:
    """The tag whose counted sign-on is taken back. Raises as `check_counted`."""
    _check_place(poll, entry.statement, entry.ring)
    text = counted_withdrawal_text(poll.statement, poll.public.digest)
    return ring_signatures.verify(poll.ring, poll.event, text, entry.signature)


def check_named(poll: Poll, entry: NamedInRing) -> bytes:
    """The tag of a named signatory.

    Raises:
        BadRing: for another statement or ring, or their key is not in it.
        BadKey: a key is not sound.
        BadSignature: the tag is not of their ring key, or the act key did not sign for it.
    """
    _check_place(poll, entry.statement, entry.ring)
    if entry.ring_key not in poll.ring.keys:
        raise BadRing("a named signatory's key is not in the ring")
    text = named_text(poll.statement, poll.public.digest, entry.act_key, entry.ring_key)
    verify(entry.act_key, text, entry.act_signature)
    ring_signatures.check_opening(entry.ring_key, poll.event, entry.tag, text, entry.opening)
    return entry.tag


def count(
    poll: Poll,
    named: Iterable[NamedInRing],
    counted: Iterable[CountedSignOn],
    withdrawn: Iterable[CountedWithdrawal] = (),
) -> Count:
    """The count of a published list, in which nothing may be wrong.

    Raises:
        DoubledEnvelope: a tag stands twice, or an act key is named twice.
        BadRing, BadKey, BadSignature: an entry is not sound.
    """
    tags: set[bytes] = set()
    acts: set[bytes] = set()
    names = 0
    for entry in named:
        if entry.act_key in acts:
            raise DoubledEnvelope("a signatory is named twice")
        acts.add(entry.act_key)
        _add(tags, check_named(poll, entry))
        names += 1
    gone = {check_counted_withdrawal(poll, entry) for entry in withdrawn}
    nameless = 0
    for one in counted:
        tag = check_counted(poll, one)
        _add(tags, tag)
        nameless += tag not in gone
    return Count(members=len(poll.ring), named=names, counted=nameless)


def _add(tags: set[bytes], tag: bytes) -> None:
    if tag in tags:
        raise DoubledEnvelope("one member of the ring stands twice on the list")
    tags.add(tag)


def _check_place(poll: Poll, statement: bytes, ring: bytes) -> None:
    if statement != poll.statement or ring != poll.public.digest:
        raise BadRing("for another statement, or another ring")
