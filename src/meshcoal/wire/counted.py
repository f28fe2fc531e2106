"""Signatories who are counted and not named: what they sign, and what is published of them.

Law: plain text that a person can read and `sha256sum` can hash, one spelling per meaning, as all that the
public checks (`wire.public_text`). A counted sign-on says nothing but the statement and the ring; not even
when. Ours, unreviewed. Bytes: docs/protocol/counted.md.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedSealed, MeshcoalError
from meshcoal.ids import Digest
from meshcoal.limits import RING_KEYS_MAX
from meshcoal.wire import record
from meshcoal.wire.plain import spell_id
from meshcoal.wire.record import Id32, Items, Record, Size
from meshcoal.wire.shape import dataclass

# First lines, and the contexts of what is hashed and signed (docs/protocol/contexts.md).
_RING: Final = b"meshcoal ring of signatories 1\n"
_COUNTED: Final = b"meshcoal counted sign-on 1\n"
_WITHDRAWN: Final = b"meshcoal counted withdrawal 1\n"
_NAMED: Final = b"meshcoal named in ring 1\n"
_EVENT: Final = b"meshcoal counted event 1\x00"
_POLL: Final = b"meshcoal-counted"  # BLAKE2b personalisation

_SCALAR_BYTES: Final = 32
Signature = Annotated[bytes, Size(3 * _SCALAR_BYTES, (RING_KEYS_MAX + 2) * _SCALAR_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRing(Record):
    """Ring keys of all members, ascending: pseudonyms made for one campaign, and changed every week."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    keys: Annotated[tuple[Id32, ...], Items(1, RING_KEYS_MAX)]

    @property
    def text(self) -> bytes:
        return _document(_RING, [f"key: {key.hex()}" for key in self.keys])

    @property
    def digest(self) -> Digest:
        """SHA-256 of its text."""
        return Digest(hashlib.sha256(self.text).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedSignOn(Record):
    """Somebody of the ring has signed this statement."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    statement: Id32  # SHA-256 of the canonical text
    ring: Id32  # `PublicRing.digest`
    signature: Signature

    @property
    def tag(self) -> bytes:
        return self.signature[:_SCALAR_BYTES]

    @property
    def terms(self) -> bytes:
        return poll_id(self.statement, self.ring)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedWithdrawal(Record):
    """Whoever's tag this is takes their counted sign-on back, for good."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    statement: Id32
    ring: Id32
    signature: Signature

    @property
    def tag(self) -> bytes:
        return self.signature[:_SCALAR_BYTES]

    @property
    def terms(self) -> bytes:
        return poll_id(self.statement, self.ring)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingPlace(Record):
    """What a sign-on carries of its author's `NamedInRing`; the rest follows from where it stands."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    ring_key: Id32
    tag: Id32
    opening: Annotated[bytes, Size(64)]
    act_signature: Annotated[bytes, Size(64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInRing(Record):
    """A named signatory says which key of the ring is theirs, and that this ring is the vetted roster."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    statement: Id32
    ring: Id32
    act_key: Id32  # of their sign-on on the list
    ring_key: Id32
    tag: Id32  # theirs for this statement: nobody with this tag is counted beside them
    opening: Annotated[bytes, Size(64)]  # proves the tag by the ring key, over `named_text`
    act_signature: Annotated[bytes, Size(64)]  # by the act key, over `named_text`


CountedItem = CountedSignOn | CountedWithdrawal

# Numbers are the wire's names for them: never reuse one.
COUNTED: Final = record.Family(
    MalformedSealed, ((1, CountedSignOn), (2, CountedWithdrawal), (3, NamedInRing))
)


def poll_id(statement: bytes, ring: bytes) -> bytes:
    """32 bytes that stand for the count of one text with one ring, among a node's rounds."""
    return hashlib.blake2b(statement + ring, digest_size=32, person=_POLL).digest()


def placed(named: NamedInRing) -> RingPlace:
    """What of it a sign-on carries."""
    return RingPlace(
        ring_key=named.ring_key, tag=named.tag, opening=named.opening, act_signature=named.act_signature
    )


def named_at(statement: bytes, ring: bytes, act_key: bytes, place: RingPlace) -> NamedInRing:
    """The whole of it again."""
    return NamedInRing(
        statement=statement,
        ring=ring,
        act_key=act_key,
        ring_key=place.ring_key,
        tag=place.tag,
        opening=place.opening,
        act_signature=place.act_signature,
    )


def counted_event(statement: bytes) -> bytes:
    """What tags are made for. Not of the ring: in two rings one key has one tag."""
    assert len(statement) == 32, "a digest is 32 bytes"
    return _EVENT + statement


def counted_text(statement: bytes, ring: bytes) -> bytes:
    """What a counted sign-on's ring signature is over."""
    return _document(_COUNTED, [f"statement: {spell_id(statement)}", f"ring: {spell_id(ring)}"])


def counted_withdrawal_text(statement: bytes, ring: bytes) -> bytes:
    """What the ring signature of its withdrawal is over."""
    return _document(_WITHDRAWN, [f"statement: {spell_id(statement)}", f"ring: {spell_id(ring)}"])


def named_text(statement: bytes, ring: bytes, act_key: bytes, ring_key: bytes) -> bytes:
    """What a named signatory's act key signs, and their opened tag says."""
    lines = [
        f"statement: {spell_id(statement)}",
        f"ring: {spell_id(ring)}",
        f"key: {spell_id(act_key)}",
        f"ring key: {spell_id(ring_key)}",
    ]
    return _document(_NAMED, lines)


def _document(first_line: bytes, lines: list[str]) -> bytes:
    return first_line + ("\n".join(lines) + "\n").encode()
