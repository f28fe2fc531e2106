"""The channel between two members of a campaign: it carries 32 secret bytes at a time, and heals.

Law: what one sends, the other takes in that order, because an author's operations come in order; what the
two send may cross. Each message replaces the key it was sealed to, the root it was sealed under and the key
that an answer is sealed to, and both sides erase what they no longer need. A message that is refused changes
nothing.

Two-party secure messaging (2SM) of Weidner, Kleppmann, Hugenroth, Beresford (CCS 2021, section 6.2) with a
post-quantum root beside the X25519 keys. The root, its renewal by X-Wing, and the offer of a root for the
way back are ours, unreviewed. Bytes, states, vectors: docs/protocol/pairwise.md.

Three forms, told apart by their length alone:

    first   1,288   prekey id 8, X-Wing seal of 32 (1,168), sealed payload 112
    renew   1,320   prekey id 8, X-Wing seal of 32 (1,168), ephemeral 32, sealed payload 112
    next      144   ephemeral 32, sealed payload 112
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import replace
from typing import Annotated, Final

from meshcoal.crypto.agreement import (
    PRIVATE_BYTES,
    PUBLIC_BYTES,
    SEALER_OVERHEAD_BYTES,
    AgreementKey,
    Sealer,
    check_agreement_public,
)
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import NONCE_BYTES, TAG_BYTES, derive, seal, unseal
from meshcoal.errors import (
    BadSeal,
    MalformedDirect,
    OutOfStep,
    Replayed,
    WrongCampaign,
    WrongRecipient,
)
from meshcoal.group import prekeys as prekeys_module
from meshcoal.group.prekeys import PREKEY_ID_BYTES, Prekeys, Target
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import (
    CHANNEL_KEYS_MAX,
    EXCHANGE_AGE_MS,
    EXCHANGE_MESSAGES_MAX,
    PARENTS_MAX,
    SEQ_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.operation import SALT_BYTES, Kind
from meshcoal.wire.record import Count, Id32, Items, OptionalId32, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

SECRET_BYTES: Final = 32
_SEALED_BYTES: Final = SECRET_BYTES + PRIVATE_BYTES + PUBLIC_BYTES + TAG_BYTES
_EXCHANGE_BYTES: Final = PREKEY_ID_BYTES + SEALER_OVERHEAD_BYTES + SECRET_BYTES
FIRST_BYTES: Final = _EXCHANGE_BYTES + _SEALED_BYTES
RENEW_BYTES: Final = _EXCHANGE_BYTES + PUBLIC_BYTES + _SEALED_BYTES
NEXT_BYTES: Final = PUBLIC_BYTES + _SEALED_BYTES
FORM_BYTES: Final = (FIRST_BYTES, RENEW_BYTES, NEXT_BYTES)

_PERSON_CONTEXT: Final = b"meshcoal-pairctx"
_INFO: Final = b"meshcoal pairwise exchange 1"
_FIRST: Final = b"meshcoal pairwise first 1"
_RENEW: Final = b"meshcoal pairwise renew 1"
_NEXT: Final = b"meshcoal pairwise next 1"
_THERE: Final = b"meshcoal pairwise there 1"
_BACK: Final = b"meshcoal pairwise back 1"
_ZERO_NONCE: Final = bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Record):
    """Where a message stands. Every derivation depends on all of it, so no message fits another place."""

    campaign: Id32
    sender: Id32
    recipient: Id32
    kind: Kind
    seq: Annotated[int, Range(0, SEQ_MAX)]  # of the operation that carries it: the counter
    parents: Annotated[tuple[Id32, ...], Items(0, PARENTS_MAX)]
    salt: Annotated[bytes, Size(SALT_BYTES)]

    def digest(self) -> bytes:
        """BLAKE2b-256 over the canonical bytes, personalised."""
        return hashlib.blake2b(record.encode(self), digest_size=32, person=_PERSON_CONTEXT).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey(Record):
    """A private key whose public half went out with my message of this index."""

    index: Count
    private: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Record):
    """A root for the way back that went out with an exchange of mine; used once the peer has taken it up."""

    index: Count  # of my message: answers under this root are sealed to that key or a later one
    root: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Record):
    """All that one side holds. Optional fields are empty until the first message that way."""

    campaign: Id32
    me: Id32
    peer: Id32
    # Towards the peer
    root_out: OptionalId32
    sent_since: Count  # messages since root_out came from an exchange
    since_ms: TimeMs  # when it came
    peer_public: OptionalId32  # what the next message is sealed to
    # From the peer
    root_in: OptionalId32
    given: OptionalId32  # private key that the peer made for me in their last message
    own: Annotated[tuple[OwnKey, ...], Items(0, CHANNEL_KEYS_MAX)]  # oldest first
    next_index: Count
    offers: Annotated[tuple[Offer, ...], Items(0, CHANNEL_KEYS_MAX)]  # oldest first
    last_seq: Annotated[int, Range(-1, SEQ_MAX)]  # of the peer's last message


class Form(enum.Enum):
    """What a message is, as its length says."""

    FIRST = FIRST_BYTES
    RENEW = RENEW_BYTES
    NEXT = NEXT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came out of a message."""

    secret: bytes  # 32 bytes
    form: Form


def fresh_channel(campaign: CampaignId, *, me: AuthorId, peer: AuthorId) -> Channel:
    """Before the first message either way."""
    return Channel(
        campaign=campaign,
        me=me,
        peer=peer,
        root_out=b"",
        sent_since=0,
        since_ms=0,
        peer_public=b"",
        root_in=b"",
        given=b"",
        own=(),
        next_index=0,
        offers=(),
        last_seq=-1,
    )


def exchange_due(channel: Channel, *, now_ms: int) -> bool:
    """Whether the next message must bring a new X-Wing exchange. Removals ask for one besides."""
    return (
        not channel.root_out
        or now_ms - channel.since_ms >= EXCHANGE_AGE_MS
        or channel.sent_since >= EXCHANGE_MESSAGES_MAX
    )


def send(
    channel: Channel,
    *,
    secret: bytes,
    context: Context,
    target: Target | None,
    sealer: Sealer,
    entropy: Entropy,
    now_ms: int,
) -> tuple[Channel, bytes]:
    """Seal 32 bytes to the peer.

    Args:
        target: prekey of the peer for an exchange; required where `root_out` is empty.

    Returns:
        The channel afterwards, and 1,288, 1,320 or 144 bytes.

    Raises:
        BadKey: the prekey is not sound.
    """
    assert len(secret) == SECRET_BYTES
    assert context.campaign == channel.campaign
    assert (context.sender, context.recipient) == (channel.me, channel.peer)
    assert target is not None or channel.root_out, "the first message needs a prekey"
    digest = context.digest()
    head, data = b"", b""
    if target is not None:
        exchanged = entropy.take(SECRET_BYTES)
        head = target.id + sealer.seal(target.public, exchanged, _info(target.id, digest))
        data = exchanged + target.id
    if channel.root_out:
        ephemeral = AgreementKey(entropy.take(PRIVATE_BYTES))
        head += ephemeral.public
        data += ephemeral.exchange(channel.peer_public) + ephemeral.public + channel.peer_public
    form = _form_of(len(head) + _SEALED_BYTES)
    key, root, back = _keys(form, channel.root_out, data + digest)
    own = AgreementKey(entropy.take(PRIVATE_BYTES))
    given = AgreementKey(entropy.take(PRIVATE_BYTES))
    sealed = seal(key, _ZERO_NONCE, secret + given.private + own.public, digest + head)
    index = channel.next_index
    offers = (*channel.offers, Offer(index=index, root=back)) if back else channel.offers
    after = replace(
        channel,
        root_out=root,
        sent_since=1 if target is not None else channel.sent_since + 1,
        since_ms=now_ms if target is not None else channel.since_ms,
        peer_public=given.public,  # its private half is forgotten here: only the peer opens the next one
        own=(*channel.own, OwnKey(index=index, private=own.private))[-CHANNEL_KEYS_MAX:],
        next_index=index + 1,
        offers=offers[-CHANNEL_KEYS_MAX:],
    )
    return after, head + sealed


def receive(
    channel: Channel, prekeys: Prekeys, *, sealed: bytes, context: Context, sealer: Sealer, now_ms: int
) -> tuple[Channel, Prekeys, Opened]:
    """Open what the peer sealed to me. An exchange also renews the root of the way back.

    Raises:
        MalformedDirect: not of one of the three lengths.
        WrongCampaign, WrongRecipient: it stands where another channel's messages belong.
        Replayed: the peer's message of this operation, or of a later one, was opened before.
        PrekeyReused, PrekeyUnknown: an exchange to a prekey that is not held.
        BadSeal: the exchange does not open.
        OutOfStep: no key held opens the payload.
        BadKey: the peer's ephemeral or next key is not sound.
    """
    form = _form_of(len(sealed))
    if context.campaign != channel.campaign:
        raise WrongCampaign("a direct of another campaign")
    if (context.sender, context.recipient) != (channel.peer, channel.me):
        raise WrongRecipient("a direct of another channel")
    if context.seq <= channel.last_seq:
        raise Replayed("this direct was opened before")
    digest = context.digest()
    head, box = sealed[:-_SEALED_BYTES], sealed[-_SEALED_BYTES:]
    data = b""
    if form is not Form.NEXT:
        name = head[:PREKEY_ID_BYTES]
        seed = prekeys_module.find(prekeys, name)
        exchanged = sealer.open(seed, head[PREKEY_ID_BYTES:_EXCHANGE_BYTES], _info(name, digest))
        if len(exchanged) != SECRET_BYTES:
            raise MalformedDirect("an exchange is 32 bytes")
        data = exchanged + name
        prekeys = prekeys_module.spend(prekeys, name)
    if form is Form.FIRST:
        if channel.root_in:
            raise OutOfStep("a first message where there was one")
        unlocked = _unlock(form, b"", data + digest, box, digest + head)
        after = channel
    else:
        after, unlocked = _try_keys(channel, form, data, head[-PUBLIC_BYTES:], digest, box, digest + head)
    if unlocked is None:
        raise OutOfStep("a direct that no key of its channel opens")
    plain, root, back = unlocked
    secret, given, public = plain[:32], plain[32:64], plain[64:]
    check_agreement_public(public)
    after = replace(after, root_in=root, given=given, peer_public=public, last_seq=context.seq)
    if back:
        after = replace(after, root_out=back, sent_since=0, since_ms=now_ms)
    return after, prekeys, Opened(secret=secret, form=form)


_Unlocked = tuple[bytes, bytes, bytes]


def _try_keys(
    channel: Channel, form: Form, data: bytes, ephemeral: bytes, digest: bytes, box: bytes, associated: bytes
) -> tuple[Channel, _Unlocked | None]:
    """Try the keys that the peer may have sealed to. A hint on the wire would let onlookers count.

    At most 65 agreements. Which of my messages the peer had seen decides: none since their last (`given`),
    or the one whose key they use; under their last root, or one that an exchange of mine offered.
    """
    candidates: list[tuple[int, bytes]] = [(key.index, key.private) for key in reversed(channel.own)]
    if channel.given:
        candidates.insert(0, (-1, channel.given))
    for index, private in candidates:
        key = AgreementKey(private)
        shared = key.exchange(ephemeral)
        material = data + shared + ephemeral + key.public + digest
        roots = [(-1, channel.root_in)] if channel.root_in else []
        roots += [(offer.index, offer.root) for offer in reversed(channel.offers) if offer.index <= index]
        for offered, root in roots:
            unlocked = _unlock(form, root, material, box, associated)
            if unlocked is not None:
                after = replace(
                    channel,
                    own=tuple([one for one in channel.own if one.index > index]),
                    offers=tuple([one for one in channel.offers if one.index > offered]),
                )
                return after, unlocked
    return channel, None


def _unlock(form: Form, root: bytes, material: bytes, box: bytes, associated: bytes) -> _Unlocked | None:
    key, after, back = _keys(form, root, material)
    try:
        return unseal(key, _ZERO_NONCE, box, associated), after, back
    except BadSeal:
        return None


def _keys(form: Form, root: bytes, material: bytes) -> _Unlocked:
    """(key of this message, root afterwards, root for the way back or empty)."""
    if form is Form.NEXT:
        both = derive(root, _NEXT, material, 64)
        return both[:32], both[32:], b""
    if form is Form.FIRST:  # there is no root yet: the exchange is the key
        both = derive(material[:SECRET_BYTES], _FIRST, material[SECRET_BYTES:], 64)
    else:
        both = derive(root, _RENEW, material, 64)
    return both[:32], derive(both[32:], _THERE), derive(both[32:], _BACK)


def _form_of(size: int) -> Form:
    try:
        return Form(size)
    except ValueError:
        raise MalformedDirect("a direct is of none of its three lengths") from None


def _info(name: bytes, digest: bytes) -> bytes:
    return _INFO + name + digest
