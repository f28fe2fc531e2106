"""Group key agreement: who begins an epoch, how its keys reach every member, and when they are erased.

Law: pure functions from (keyring, input) to (keyring, output). The caller writes the keyring down with the
operation that came of it, in one transaction, or neither. A function that raises has changed nothing.

`create`, `remove` and `rekey` (an update) begin an epoch with 32 fresh bytes, sent to all members in their
author's view by pairwise channels. `add` hands the newcomer the current keys of all safe epochs (a
*welcome*); the newcomer begins an epoch before writing. An operation under an epoch that does not cover a
member hands that member its keys (a *forward*). Whoever gets a direct at all gets, beside it, the record keys
of earlier epochs that they lack. Membership is not decided here: verdicts come in as a `View`.

Decentralised continuous group key agreement in the line of Weidner, Kleppmann, Hugenroth, Beresford (CCS
2021), without acknowledgements. The epoch form, the coverage rules and what is handed are ours, unreviewed.
docs/protocol/key-agreement.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Protocol

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.sealing import NONCE_BYTES, check_sealed_size, derive, pad, seal, unpad, unseal
from meshcoal.errors import (
    BadSeal,
    EpochErased,
    MalformedBody,
    MalformedDirect,
    MeshcoalError,
    RemoteError,
    Truncated,
    WrongCampaign,
    WrongRecipient,
)
from meshcoal.group import coverage, pairwise, ratchet
from meshcoal.group import prekeys as prekeys_module
from meshcoal.group.coverage import View
from meshcoal.group.keyring import (
    Fresh,
    HandedEpoch,
    Keyring,
    covered_by,
    fresh,
    handed_to,
    holders_of,
    with_chain,
)
from meshcoal.group.pairwise import FORM_BYTES, Channel, Context, Form, Opened
from meshcoal.group.prekeys import Prekeys, Target
from meshcoal.group.ratchet import Heading
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import CARRIED_EPOCHS_MAX, DIRECT_BYTES_MAX, EXCHANGE_ON_REMOVE_MEMBERS_MAX
from meshcoal.wire import record
from meshcoal.wire.operation import DIRECT_TAG_BYTES, EPOCH_KINDS, Direct, Kind
from meshcoal.wire.record import Items, Record
from meshcoal.wire.shape import dataclass

_TAG: Final = b"meshcoal direct tag 1"
_HANDED: Final = b"meshcoal handed keys 1"
_ZERO_NONCE: Final = bytes(NONCE_BYTES)
_LENGTH_BYTES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed(Record):
    """What a welcome or a forward holds beside the pairwise message."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    epochs: Annotated[tuple[HandedEpoch, ...], Items(1, CARRIED_EPOCHS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an operation stands, before it has an id."""

    campaign: CampaignId
    author: AuthorId
    kind: Kind
    seq: int
    parents: tuple[OperationId, ...]
    salt: bytes

    def context(self, recipient: AuthorId) -> Context:
        return Context(
            campaign=self.campaign,
            sender=self.author,
            recipient=recipient,
            kind=self.kind,
            seq=self.seq,
            parents=self.parents,
            salt=self.salt,
        )

    def tag(self, recipient: AuthorId) -> bytes:
        """Eight bytes by which a member finds their own direct."""
        return tag_of(self.campaign, self.author, self.salt, recipient)

    def recipients(self, directs: Sequence[Direct], candidates: Iterable[AuthorId]) -> frozenset[AuthorId]:
        """To which of the candidates an operation here sealed, as its tags show."""
        tags = {direct.tag for direct in directs}
        return frozenset([one for one in candidates if self.tag(one) in tags]) if tags else frozenset()

    def names(self, holders: Iterable[AuthorId]) -> dict[AuthorId, bytes]:
        """The names under which holders of an epoch begun here have chains: tags; its author, the id."""
        return {one: one if one == self.author else self.tag(one) for one in holders}

    def heading(self, epoch: EpochId, index: int) -> Heading:
        return Heading(
            campaign=self.campaign,
            author=self.author,
            seq=self.seq,
            parents=self.parents,
            kind=self.kind,
            epoch=epoch,
            index=index,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a direct for me brought: keys of the epoch that its operation begins, or of earlier ones."""

    secret: bytes  # 32 bytes: of the epoch that the operation begins, for `fresh`; else of no further use
    handed: tuple[HandedEpoch, ...]
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Under which epoch to write now, and who must be handed its keys with it."""

    epoch: EpochId
    lacking: tuple[AuthorId, ...]


class Courier(Protocol):
    """Carries 32 bytes between two members. `PairwiseCourier` is the real one."""

    def send(
        self, channel: Channel, *, secret: bytes, context: Context, target: Target | None, now_ms: int
    ) -> tuple[Channel, bytes]: ...

    def receive(
        self, channel: Channel, prekeys: Prekeys, *, sealed: bytes, context: Context, now_ms: int
    ) -> tuple[Channel, Prekeys, Opened]: ...


class PairwiseCourier:
    """`pairwise.send` and `pairwise.receive` with their sealer and chance."""

    def __init__(self, *, sealer: Sealer, entropy: Entropy) -> None:
        self._sealer = sealer
        self._entropy = entropy

    def send(
        self, channel: Channel, *, secret: bytes, context: Context, target: Target | None, now_ms: int
    ) -> tuple[Channel, bytes]:
        return pairwise.send(
            channel,
            secret=secret,
            context=context,
            target=target,
            sealer=self._sealer,
            entropy=self._entropy,
            now_ms=now_ms,
        )

    def receive(
        self, channel: Channel, prekeys: Prekeys, *, sealed: bytes, context: Context, now_ms: int
    ) -> tuple[Channel, Prekeys, Opened]:
        return pairwise.receive(
            channel, prekeys, sealed=sealed, context=context, sealer=self._sealer, now_ms=now_ms
        )


# --- Writing


def tag_of(campaign: CampaignId, author: bytes, salt: bytes, recipient: AuthorId) -> bytes:
    """The eight bytes that name a recipient in an author's operation with this salt."""
    return derive(campaign, _TAG, author + salt + recipient)[:DIRECT_TAG_BYTES]


def ready(keyring: Keyring, view: View) -> Ready | None:
    """The epoch to write under, or None: then one must be begun first."""
    found = [
        epoch
        for epoch in coverage.safe(view, lambda one: covered_by(keyring, one))
        if keyring.me in keyring.chains.get(epoch, {})
    ]
    if not found:
        return None
    return Ready(epoch=found[-1], lacking=coverage.lacking(view, holders_of(keyring, found[-1])))


def safe_epochs(keyring: Keyring, view: View) -> list[EpochId]:
    """Epochs whose chains a newcomer is given: safe in my view, and held by me."""
    found = coverage.safe(view, lambda one: covered_by(keyring, one))
    return [epoch for epoch in found if keyring.chains.get(epoch)]


def begin(
    keyring: Keyring,
    *,
    place: Place,
    recipients: Iterable[AuthorId],
    carried: Sequence[EpochId],
    courier: Courier,
    entropy: Entropy,
    now_ms: int,
) -> tuple[Keyring, Fresh, tuple[Direct, ...]]:
    """Begin an epoch for myself and these members: all in my view, without whom the operation removes.

    Args:
        carried: of `lacking_records(keyring, recipients)` what fits; the operation's body names them.

    Returns:
        The keyring, the keys for `adopt` once the operation has its id, and a direct for each recipient:
        144 bytes (first contact 1,288, renewal 1,320) where nothing is carried.
    """
    assert place.kind in EPOCH_KINDS
    secret = entropy.take(pairwise.SECRET_BYTES)
    others = sorted({*recipients} - {keyring.me})
    renew = place.kind is Kind.REMOVE and len(others) < EXCHANGE_ON_REMOVE_MEMBERS_MAX
    directs = []
    for recipient in others:
        handed = handed_to(keyring, recipient, chains_of=(), carried=carried)
        keyring, direct = _direct(keyring, recipient, secret, handed, place, courier, now_ms, renew=renew)
        directs.append(direct)
    return keyring, fresh(secret, place.names([keyring.me, *others])), tuple(directs)


def hand(
    keyring: Keyring,
    *,
    place: Place,
    to: Iterable[AuthorId],
    epochs: Sequence[EpochId],
    carried: Sequence[EpochId],
    courier: Courier,
    entropy: Entropy,
    now_ms: int,
) -> tuple[Keyring, tuple[Direct, ...]]:
    """Hand keys to members who lack them: a welcome with `add`, a forward with anything else.

    Args:
        epochs: whose chains go along, from each author's next message on. For a welcome `safe_epochs`, for
            a forward the epoch of the operation. The body names them, so that all see whom they cover.
        carried: of `lacking_records(keyring, to)` what fits, named in the body likewise.
    """
    assert place.kind not in EPOCH_KINDS
    directs = []
    for recipient in sorted(to):
        secret = entropy.take(pairwise.SECRET_BYTES)
        handed = handed_to(keyring, recipient, chains_of=epochs, carried=carried)
        keyring, direct = _direct(keyring, recipient, secret, handed, place, courier, now_ms)
        directs.append(direct)
    return keyring, tuple(directs)


def write(keyring: Keyring, *, place: Place, epoch: EpochId, plaintext: bytes) -> tuple[Keyring, bytes, int]:
    """Seal talk under my chain of an epoch that `ready` named; forwards are made before, by `hand`.

    Returns:
        The keyring, the sealed bytes, and the index that must travel with them.
    """
    chain = keyring.chains[epoch][keyring.me]
    index = chain.index
    after, sealed = ratchet.seal_next(chain, place.heading(epoch, index), plaintext)
    return with_chain(keyring, epoch, after), sealed, index


# --- Reading


def take(
    keyring: Keyring,
    *,
    place: Place,
    directs: Sequence[Direct],
    courier: Courier,
    now_ms: int,
) -> tuple[Keyring, Taken | None]:
    """Open what an operation brings me; None where it brings nothing.

    `learn` takes in what was handed; then, where the operation begins an epoch, `adopt` its `fresh` keys for
    the author and all recipients, as the operation's tags show them. What was handed may have made some of
    those known only now.

    Raises:
        RemoteError: there is a direct for me and it is refused; the code says why.
    """
    if place.campaign != keyring.campaign:
        raise WrongCampaign("directs of another campaign")
    if place.author == keyring.me:
        raise WrongRecipient("directs of my own")
    tag = place.tag(keyring.me)
    refusal: RemoteError | None = None
    for direct in directs:
        if direct.tag != tag:
            continue
        try:
            return _take(keyring, place, direct.sealed, courier, now_ms)
        except RemoteError as exc:
            refusal = exc  # another member's tag may be equal by chance, once in 2^64
    if refusal is not None:
        raise refusal
    return keyring, None


def read(
    keyring: Keyring, *, place: Place, epoch: EpochId, index: int, sealed: bytes, now_ms: int
) -> tuple[Keyring, bytes]:
    """Open talk of another member, and erase its key.

    Raises:
        EpochErased: no chain of this author in this epoch is held.
        Replayed, SkippedTooFar, Truncated, BadSeal, OverLimit: as `ratchet.open_message`.
    """
    if place.campaign != keyring.campaign:
        raise WrongCampaign("talk of another campaign")
    chain = keyring.chains.get(epoch, {}).get(place.author)
    if chain is None:
        raise EpochErased("no keys are held for this message")
    after, plaintext = ratchet.open_message(chain, place.heading(epoch, index), sealed, now_ms=now_ms)
    return with_chain(keyring, epoch, after), plaintext


# --- Parts


def _direct(
    keyring: Keyring,
    recipient: AuthorId,
    secret: bytes,
    handed: tuple[HandedEpoch, ...],
    place: Place,
    courier: Courier,
    now_ms: int,
    *,
    renew: bool = False,
) -> tuple[Keyring, Direct]:
    """A secret for one member, with what is handed beside it."""
    context = place.context(recipient)
    channel = keyring.channels.get(recipient) or pairwise.fresh_channel(
        keyring.campaign, me=keyring.me, peer=recipient
    )
    target = None
    bundles = keyring.bundles
    known = bundles.get(recipient)
    if known is not None and known.heals and not known.used:
        renew = True  # a copy of what they held may follow the channel: it does not hold these prekeys
    if renew or pairwise.exchange_due(channel, now_ms=now_ms):
        published = bundles[recipient]
        target = prekeys_module.choose(
            published.bundle,
            sender=keyring.me,
            members=[AuthorId(member) for member in published.members],
            now_ms=now_ms,
            used=published.used,
        )
        if not published.used:
            bundles = {**bundles, recipient: replace(published, used=True)}
    channel, sealed = courier.send(channel, secret=secret, context=context, target=target, now_ms=now_ms)
    keyring = replace(keyring, channels={**keyring.channels, recipient: channel}, bundles=bundles)
    if handed:
        plain = pad(record.encode(Handed(epochs=handed)))
        box = seal(derive(secret, _HANDED), _ZERO_NONCE, plain, context.digest())
        sealed = len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed + box
        # Padding goes in classes, none of which makes a joined direct as long as a bare one.
        assert len(sealed) not in FORM_BYTES
        assert len(sealed) <= DIRECT_BYTES_MAX
    return keyring, Direct(tag=place.tag(recipient), sealed=sealed)


def _take(
    keyring: Keyring,
    place: Place,
    sealed: bytes,
    courier: Courier,
    now_ms: int,
) -> tuple[Keyring, Taken]:
    peer = place.author
    channel = keyring.channels.get(peer) or pairwise.fresh_channel(keyring.campaign, me=keyring.me, peer=peer)
    context = place.context(keyring.me)
    message, box = _split(sealed)
    channel, prekeys, opened = courier.receive(
        channel, keyring.prekeys, sealed=message, context=context, now_ms=now_ms
    )
    keyring = replace(keyring, channels={**keyring.channels, peer: channel}, prekeys=prekeys)
    handed: tuple[HandedEpoch, ...] = ()
    if box:
        try:
            data = unpad(unseal(derive(opened.secret, _HANDED), _ZERO_NONCE, box, context.digest()))
        except BadSeal as exc:
            raise BadSeal("keys that were handed do not open") from exc
        handed = record.decode(Handed, data).epochs
    return keyring, Taken(secret=opened.secret, handed=handed, form=opened.form)


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    """The pairwise message, and what is handed beside it, if anything is."""
    if len(sealed) in FORM_BYTES:
        return sealed, b""
    size = int.from_bytes(sealed[:_LENGTH_BYTES], "big")
    message, box = sealed[_LENGTH_BYTES : _LENGTH_BYTES + size], sealed[_LENGTH_BYTES + size :]
    if size not in FORM_BYTES:
        raise MalformedDirect("a direct is cut off")
    try:
        check_sealed_size(box)
    except Truncated as exc:
        raise MalformedDirect("a direct is cut off") from exc
    return message, box
