"""Who holds which key: epochs, the lanes of their keys, and how a member gets them.

Law: every `create`, `add`, `remove` and `rekey` begins an epoch with 32 fresh bytes, sealed by HPKE
(RFC 9180, X-Wing KEM) to each active member in its author's view. An epoch's secret makes two lane keys: the
*record* lane carries membership and statements, the *talk* lane carries messages. A newcomer is given the
record keys of the past and no talk key of the past. An epoch is *usable* while it covers every active member
and nobody who is out; whoever wants to write and has no usable epoch begins one first.

The coverage rule and the carrying of older record keys are ours, unreviewed. docs/protocol/epochs.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import derive
from meshcoal.errors import BadSeal, MalformedBody, MeshcoalError
from meshcoal.ids import ID_BYTES, AuthorId, CampaignId, EpochId
from meshcoal.limits import CARRIED_EPOCHS_MAX
from meshcoal.wire import record
from meshcoal.wire.operation import DIRECT_TAG_BYTES, TALK_KINDS, Direct, Kind
from meshcoal.wire.record import Id32, Items, OptionalId32, Record

SECRET_BYTES: Final = 32
_RECORD_LABEL: Final = b"meshcoal record lane 1"
_TALK_LABEL: Final = b"meshcoal talk lane 1"
_TAG_LABEL: Final = b"meshcoal direct tag 1"
_INFO: Final = b"meshcoal epoch secret 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneKeys(Record):
    """The keys of one epoch that a member holds. Without `talk` they read records only."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    record: Id32
    talk: OptionalId32


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedKeys(Record):
    """An older epoch's keys on their way to a member who lacked them."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    epoch: Id32
    keys: LaneKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Record):
    """What is sealed to one member when an epoch begins."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    secret: Id32
    carried: Annotated[tuple[CarriedKeys, ...], Items(0, CARRIED_EPOCHS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A member to whom an epoch's secret is sealed."""

    author: AuthorId
    seal: bytes  # X-Wing public key


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What binds a direct to its operation: no other operation, author or campaign can reuse it."""

    campaign: CampaignId
    author: AuthorId
    seq: int
    backlink: bytes
    kind: Kind
    salt: bytes

    def info(self, recipient: AuthorId) -> bytes:
        """HPKE `info`: fixed widths but for the backlink, whose length follows from `seq`."""
        return b"".join(
            (
                _INFO,
                self.campaign,
                self.author,
                self.seq.to_bytes(8, "big"),
                int(self.kind).to_bytes(2, "big"),
                self.salt,
                recipient,
                self.backlink,
            )
        )

    def tag(self, recipient: AuthorId) -> bytes:
        """Eight bytes by which a member finds their own direct among the others."""
        key = derive(self.campaign, _TAG_LABEL, self.author + self.salt + recipient)
        return key[:DIRECT_TAG_BYTES]


def lanes_of(secret: bytes) -> LaneKeys:
    """Both lane keys of an epoch's secret; the secret is not needed afterwards."""
    return LaneKeys(record=derive(secret, _RECORD_LABEL), talk=derive(secret, _TALK_LABEL))


@dataclass(slots=True)
class Epoch:
    """An epoch as one node knows it."""

    id: EpochId
    depth: int
    covered: set[AuthorId]  # who was given its keys, as far as operations show
    keys: LaneKeys | None = None


@dataclass(slots=True)
class Epochs:
    """All epochs of a campaign: pure state, written down by the caller."""

    by_id: dict[EpochId, Epoch] = field(default_factory=dict)

    def learn_keys(self, epoch: EpochId, keys: LaneKeys) -> bool:
        """Take in keys; False where nothing new was learnt. A talk key once held is kept."""
        known = self.by_id.get(epoch)
        if known is None:
            known = self.by_id[epoch] = Epoch(epoch, -1, set())
        if known.keys is not None and (known.keys.talk or not keys.talk):
            return False
        known.keys = keys
        return True

    def learn_epoch(
        self, epoch: EpochId, *, depth: int, covered: Iterable[AuthorId], carried: Sequence[bytes]
    ) -> None:
        """An opened operation began this epoch for `covered` and carried older keys to all of them."""
        holders = set(covered)
        known = self.by_id.setdefault(epoch, Epoch(epoch, depth, set()))
        known.depth = depth
        known.covered |= holders
        for older in carried:
            earlier = self.by_id.setdefault(EpochId(older), Epoch(EpochId(older), -1, set()))
            earlier.covered |= holders

    def key_for(self, epoch: EpochId, kind: Kind) -> bytes | None:
        """The lane key that seals a body of this kind, or None while it is not held."""
        known = self.by_id.get(epoch)
        if known is None or known.keys is None:
            return None
        return (known.keys.talk or None) if kind in TALK_KINDS else known.keys.record

    def usable(self, active: Iterable[AuthorId], out: Iterable[AuthorId]) -> EpochId | None:
        """The epoch to write under: covers all active members and nobody who is out; the latest of these."""
        inside, outside = set(active), set(out)
        fitting = [
            epoch
            for epoch in self.by_id.values()
            if epoch.keys is not None
            and epoch.keys.talk
            and inside <= epoch.covered
            and epoch.covered.isdisjoint(outside)
        ]
        return max(fitting, key=lambda epoch: (epoch.depth, epoch.id)).id if fitting else None

    def lacking(self, recipients: Iterable[AuthorId]) -> tuple[EpochId, ...]:
        """Epochs whose keys are held here and that some recipient lacks; the latest where there are many."""
        wanted = set(recipients)
        found = [epoch for epoch in self.by_id.values() if epoch.keys and not wanted <= epoch.covered]
        found.sort(key=lambda epoch: (epoch.depth, epoch.id))
        return tuple([epoch.id for epoch in found[-CARRIED_EPOCHS_MAX:]])


def begin(
    *,
    envelope: Envelope,
    recipients: Sequence[Recipient],
    carried: Mapping[EpochId, LaneKeys],
    covered: Mapping[EpochId, frozenset[AuthorId]],
    with_talk: Mapping[AuthorId, frozenset[EpochId]],
    sealer: Sealer,
    entropy: Entropy,
) -> tuple[LaneKeys, tuple[Direct, ...]]:
    """Begin an epoch: fresh keys, and a direct for each recipient.

    Args:
        carried: older epochs to bring along, with their keys.
        covered: who has each carried epoch already, and need not be sent it.
        with_talk: for each recipient the carried epochs whose talk they may read as well.
    """
    secret = entropy.take(SECRET_BYTES)
    directs = []
    for recipient in sorted(recipients, key=lambda one: one.author):
        talk = with_talk.get(recipient.author, frozenset())
        welcome = Welcome(
            secret=secret,
            carried=tuple(
                [
                    CarriedKeys(
                        epoch=epoch,
                        keys=keys if epoch in talk else LaneKeys(record=keys.record, talk=b""),
                    )
                    for epoch, keys in carried.items()
                    if recipient.author not in covered[epoch]
                ]
            ),
        )
        sealed = sealer.seal(recipient.seal, record.encode(welcome), envelope.info(recipient.author))
        directs.append(Direct(tag=envelope.tag(recipient.author), sealed=sealed))
    return lanes_of(secret), tuple(directs)


def open_welcome(
    *, envelope: Envelope, directs: Sequence[Direct], me: AuthorId, seed: bytes, sealer: Sealer
) -> Welcome | None:
    """The welcome sealed to `me`, or None where there is none for me.

    Raises:
        BadSeal: there is a direct with my tag and none of those opens.
        MalformedBody: it opens and does not parse.
    """
    tag = envelope.tag(me)
    mine = [direct for direct in directs if direct.tag == tag]
    for direct in mine:
        try:
            plain = sealer.open(seed, direct.sealed, envelope.info(me))
        except BadSeal:
            continue  # another member's tag may be equal by chance, once in 2^64
        return record.decode(Welcome, plain)
    if mine:
        raise BadSeal("what was sealed to me does not open")
    return None


def recipients_of(
    *, envelope: Envelope, directs: Sequence[Direct], candidates: Iterable[AuthorId]
) -> frozenset[AuthorId]:
    """Which of the candidates an epoch was sealed to, as its tags show, and its author."""
    tags = {direct.tag for direct in directs}
    found = {candidate for candidate in candidates if envelope.tag(candidate) in tags}
    return frozenset(found | {envelope.author})


assert SECRET_BYTES == ID_BYTES
