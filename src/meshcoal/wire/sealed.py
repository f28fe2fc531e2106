"""What is said of sealed sign-ons: their terms, the roster they are for, envelopes, withdrawals, shares.

Law: none of these names an author. Who may have made an envelope is its ring, that its maker is of it shows
its signature, and whether two are of one maker shows their tag. Sizes follow from the number of members
alone: what is inside, and whose it is, changes no byte's place. Ours, unreviewed. Bytes:
docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedSealed, MeshcoalError
from meshcoal.ids import OperationId
from meshcoal.limits import MEMBERS_MAX, SEALED_CONTENT_BYTES, SEALED_THRESHOLD_MIN
from meshcoal.wire import record
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal, RingPlace
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.record import Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

_TERMS: Final = b"meshcoal-sealed-"
_ROSTER: Final = b"meshcoal-sroster"
_ENVELOPE: Final = b"meshcoal-sealedn"
_ITEM: Final = b"meshcoal-sealedi"
_EVENT: Final = b"meshcoal sealed event 1\x00"
_SIGNED: Final = b"meshcoal sealed envelope 1\x00"
_TAKEN_BACK: Final = b"meshcoal sealed withdrawal 1\x00"

TAG_BYTES: Final = 32  # of a ring signature
OPENING_BYTES: Final = 64
SCALAR_BYTES: Final = 32
SHARE_BYTES: Final = 32
SEALED_SHARE_BYTES: Final = SHARE_BYTES + 16
CHECK_BYTES: Final = 16

Place = Annotated[int, Range(1, MEMBERS_MAX)]  # of a member in the roster, from 1
Tag = Annotated[bytes, Size(TAG_BYTES)]
RingSignature = Annotated[bytes, Size(3 * SCALAR_BYTES, (MEMBERS_MAX + 2) * SCALAR_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry(Record):
    """One member, as the frozen statement fixed them."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    ring: Id32  # public ring key
    act: Id32  # public key that signs for outsiders
    trustee: Id32  # public X25519 key of these weeks: shares are sealed to it


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRoster(Record):
    """All who may sign and who hold shares: ascending by ring key, none of these twice.

    Other keys may stand twice: who copies another's onto their own card or into their own keys gains nothing,
    and must not keep everybody from sealing.
    """

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    entries: Annotated[tuple[RosterEntry, ...], Items(1, MEMBERS_MAX)]

    def __post_init__(self) -> None:
        # No zero-argument `super()`: a slotted dataclass is made anew under the method.
        Record.__post_init__(self)
        rings = [entry.ring for entry in self.entries]
        if any(one >= other for one, other in itertools.pairwise(rings)):
            raise MalformedSealed("the ring keys of a roster ascend, and none stands twice")

    @classmethod
    def of(cls, entries: tuple[RosterEntry, ...]) -> SealedRoster:
        """The roster of these members, in whatever order they come."""
        return cls(entries=tuple(sorted(entries, key=lambda entry: entry.ring)))

    @property
    def digest(self) -> bytes:
        """32 bytes that stand for it: all keys of all members, in their order."""
        return hashlib.blake2b(record.encode(self), digest_size=32, person=_ROSTER).digest()

    @property
    def rings(self) -> tuple[bytes, ...]:
        return tuple([entry.ring for entry in self.entries])

    @property
    def trustees(self) -> tuple[bytes, ...]:
        return tuple([entry.trustee for entry in self.entries])


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTerms(Record):
    """What a signer agrees to, fixed when the statement is frozen. Its id is the event of all tags."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    version: Annotated[int, Range(1, 1)]
    campaign: Id32
    statement: Id32  # SHA-256 of the canonical text
    roster: Id32  # `SealedRoster.digest`
    shares_needed: Place  # so many members open an envelope together
    threshold: Annotated[int, Range(SEALED_THRESHOLD_MIN, MEMBERS_MAX)]  # sign-ons before any is opened
    expires_ms: TimeMs  # unopened envelopes stay shut from then on

    @property
    def id(self) -> bytes:
        return hashlib.blake2b(record.encode(self), digest_size=32, person=_TERMS).digest()

    @property
    def event(self) -> bytes:
        """What tags are made for (docs/protocol/ring-signatures.md)."""
        return _EVENT + self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSignOn(Record):
    """What an envelope holds: a sign-on like any other, and the proof that it is its ring key's."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    fields: SignOnFields
    act_key: Id32
    act_signature: Annotated[bytes, Size(64)]  # over the sign-on's text
    opening: Annotated[bytes, Size(OPENING_BYTES)]  # the envelope's tag is of this member's ring key
    in_ring: RingPlace | None = (
        None  # where some may be counted and not named: which key of the ring is theirs
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSignOn(Record):
    """A sign-on that came out of an envelope, as a release lists it: whoever has the release has the name."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    author: Id32
    act_key: Id32
    fields: SignOnFields
    act_signature: Annotated[bytes, Size(64)]
    in_ring: RingPlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope(Record):
    """A sealed sign-on on its way. Shares and checks stand one after another, in the roster's order."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    terms: Id32
    floor: Place  # its signer wants at least so many sign-ons before it is opened
    commitment: Id32
    ephemeral: Id32
    content: Annotated[bytes, Size(SEALED_CONTENT_BYTES + 16)]
    shares: Annotated[bytes, Size(SEALED_SHARE_BYTES, MEMBERS_MAX * SEALED_SHARE_BYTES)]
    checks: Annotated[bytes, Size(CHECK_BYTES, MEMBERS_MAX * CHECK_BYTES)]
    signature: RingSignature

    def __post_init__(self) -> None:
        Record.__post_init__(self)
        members = len(self.checks) // CHECK_BYTES
        sizes = (members * SEALED_SHARE_BYTES, members * CHECK_BYTES, (members + 2) * SCALAR_BYTES)
        if (len(self.shares), len(self.checks), len(self.signature)) != sizes:
            raise MalformedSealed("an envelope has a share, a check and a scalar for each member")

    @property
    def members(self) -> int:
        return len(self.checks) // CHECK_BYTES

    @property
    def tag(self) -> bytes:
        return self.signature[:TAG_BYTES]

    @property
    def share_list(self) -> tuple[bytes, ...]:
        return _pieces(self.shares, SEALED_SHARE_BYTES)

    @property
    def check_list(self) -> tuple[bytes, ...]:
        return _pieces(self.checks, CHECK_BYTES)

    @property
    def signed(self) -> bytes:
        """What the ring signature is over: everything else in it, and how long its parts are."""
        sizes = self.members.to_bytes(2, "big") + len(self.content).to_bytes(4, "big")
        head = _SIGNED + self.terms + self.floor.to_bytes(2, "big") + sizes
        return head + self.commitment + self.ephemeral + self.content + self.shares + self.checks

    @property
    def id(self) -> bytes:
        """32 bytes: BLAKE2b over all of it. Of two with one tag the lesser id counts."""
        return hashlib.blake2b(record.encode(self), digest_size=32, person=_ENVELOPE).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeWithdrawal(Record):
    """Whoever made the envelope with this tag takes it back, and makes no other."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    terms: Id32
    signature: RingSignature

    @property
    def tag(self) -> bytes:
        return self.signature[:TAG_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldShare(Record):
    """One member's share of one envelope, given out when enough have signed.

    It proves itself by the envelope's check. There is one of it and no other: so stores that hold the same
    shares hold the same bytes.
    """

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    terms: Id32
    envelope: Id32
    member: Place
    share: Annotated[bytes, Size(SHARE_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldKey(Record):
    """An opened envelope's key, for those who come later or whose share was false. It proves itself."""

    error: ClassVar[type[MeshcoalError]] = MalformedSealed

    terms: Id32
    envelope: Id32
    key: Annotated[bytes, Size(SHARE_BYTES)]


SealedItem = Envelope | EnvelopeWithdrawal | ToldShare | ToldKey
LooseItem = SealedItem | CountedSignOn | CountedWithdrawal  # all that stands in no log

# Numbers are the wire's names for them: never reuse one.
SEALED: Final = record.Family(
    MalformedSealed,
    (
        (1, Envelope),
        (2, EnvelopeWithdrawal),
        (3, ToldShare),
        (4, ToldKey),
        (5, CountedSignOn),
        (6, CountedWithdrawal),
    ),
)


def item_id(item: LooseItem) -> OperationId:
    """32 bytes by which stores compare what they hold: BLAKE2b over the record with its number."""
    return OperationId(hashlib.blake2b(SEALED.encode(item), digest_size=32, person=_ITEM).digest())


def withdrawal_signed(terms: bytes) -> bytes:
    """What the ring signature of a withdrawal is over."""
    return _TAKEN_BACK + terms


def _pieces(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple([data[at : at + size] for at in range(0, len(data), size)])
