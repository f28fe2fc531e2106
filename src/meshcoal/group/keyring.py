"""All the keys that one member holds in one campaign, and what is known of who else holds them.

Law: a keyring is a value. Functions take one and return another, and the entries that differ are what the
caller writes down, in one transaction with the operation that they came of. Nothing is changed in place.

Which keys a welcome or a forward holds, and when keys are erased, is ours, unreviewed.
docs/protocol/key-agreement.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Final

from meshcoal.crypto.sealing import derive
from meshcoal.errors import MalformedBody, MeshcoalError
from meshcoal.group import coverage, ratchet
from meshcoal.group import prekeys as prekeys_module
from meshcoal.group.coverage import View
from meshcoal.group.pairwise import Channel
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, Prekeys
from meshcoal.group.ratchet import Chain
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import CARRIED_EPOCHS_MAX, DIRECTS_MAX, EPOCH_GRACE_MS, MEMBERS_MAX, UNNAMED_MAX
from meshcoal.wire import shape
from meshcoal.wire.operation import DIRECT_TAG_BYTES, SALT_BYTES
from meshcoal.wire.record import Id32, Items, OptionalId32, Record, Size, TimeMs

_RECORD: Final = b"meshcoal record lane 1"
COVERED_MAX: Final = 4 * MEMBERS_MAX  # members come and go


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched(Record):
    """The first key of a recipient's chain, of whom it is not known yet who they are."""

    tag: Annotated[bytes, Size(DIRECT_TAG_BYTES)]
    key: Id32


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class EpochKeys(Record):
    """What is known of an epoch, held or not. Its chains stand beside it."""

    record: OptionalId32  # key of the record lane; empty: never given to me
    proven: bool  # it came from the epoch's secret, or opens the epoch's first operation
    covered: Annotated[tuple[Id32, ...], Items(0, COVERED_MAX)]  # who was given its chains; ascending
    readers: Annotated[tuple[Id32, ...], Items(0, COVERED_MAX)]  # who was given its record key alone
    lacking: Annotated[tuple[Id32, ...], Items(0, COVERED_MAX)]  # of these, who say that it did not arrive
    superseded_ms: TimeMs  # when a later one took over here; 0: none has
    unmatched: Annotated[tuple[Unmatched, ...], Items(0, MEMBERS_MAX)] = ()

    def lacked_by(self, member: AuthorId) -> bool:
        """Whether a member was never given the record key, or says that it did not arrive."""
        return member in self.lacking or not (member in self.covered or member in self.readers)


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed(Record):
    """What an operation handed to recipients of whom it is not known yet who they are."""

    author: Id32  # of the operation
    salt: Annotated[bytes, Size(SALT_BYTES)]
    unclaimed: Annotated[tuple[Annotated[bytes, Size(DIRECT_TAG_BYTES)], ...], Items(1, DIRECTS_MAX)]
    handed: Annotated[tuple[Id32, ...], Items(0, CARRIED_EPOCHS_MAX + 1)]  # chains of these epochs
    carried: Annotated[tuple[Id32, ...], Items(0, CARRIED_EPOCHS_MAX)]  # record keys of those


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class Published(Record):
    """A member's newest bundle of prekeys, who was a member where it was published, what I used of it."""

    bundle: Bundle
    members: Annotated[tuple[Id32, ...], Items(0, MEMBERS_MAX)]
    used: bool  # I have sealed to the one-time prekey that is mine
    heals: bool  # published to heal: my next direct is sealed to it, whatever channel we have


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class HandedChain(Record):
    """One author's chain from the message of this index on."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    author: Id32
    index: ratchet.Index
    key: Id32


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class HandedEpoch(Record):
    """Keys of one epoch for a member who was not there when it began. Without chains: records only."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    epoch: Id32
    record: Id32
    chains: Annotated[tuple[HandedChain, ...], Items(0, MEMBERS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """One member's side. Mappings are never changed in place; entries are records, one document each."""

    campaign: CampaignId
    me: AuthorId
    prekeys: Prekeys = NO_PREKEYS
    bundles: Mapping[AuthorId, Published] = field(default_factory=dict)
    channels: Mapping[AuthorId, Channel] = field(default_factory=dict)
    epochs: Mapping[EpochId, EpochKeys] = field(default_factory=dict)
    chains: Mapping[EpochId, Mapping[AuthorId, Chain]] = field(default_factory=dict)
    unnamed: Mapping[OperationId, Unnamed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Keys of an epoch whose operation has no id yet; `adopt` takes them in. The secret is gone."""

    record: bytes
    chains: Mapping[AuthorId, Chain]
    unmatched: tuple[Unmatched, ...]


_UNKNOWN: Final = EpochKeys(record=b"", proven=False, covered=(), readers=(), lacking=(), superseded_ms=0)


def note_bundle(
    keyring: Keyring, author: AuthorId, bundle: Bundle, members: Iterable[AuthorId], *, heals: bool = False
) -> Keyring:
    """A member published prekeys, where these were members. An older bundle than the one known is ignored."""
    known = keyring.bundles.get(author)
    if known is not None and known.bundle.number >= bundle.number:
        return keyring
    published = Published(bundle=bundle, members=tuple(sorted(members)), used=False, heals=heals)
    return replace(keyring, bundles={**keyring.bundles, author: published})


def cover(keyring: Keyring, epoch: EpochId, holders: Iterable[AuthorId]) -> Keyring:
    """An operation shows that these were given an epoch's chains, whether or not I was."""
    known = keyring.epochs.get(epoch, _UNKNOWN)
    given = set(holders)
    covered = known.covered if given.issubset(known.covered) else tuple(sorted({*known.covered, *given}))
    lacking = tuple([one for one in known.lacking if one not in given])
    if covered is known.covered and lacking == known.lacking:
        return keyring
    return _with_epoch(keyring, epoch, replace(known, covered=covered, lacking=lacking))


def cover_records(keyring: Keyring, epoch: EpochId, readers: Iterable[AuthorId]) -> Keyring:
    """An operation shows that these were given an epoch's record key."""
    known = keyring.epochs.get(epoch, _UNKNOWN)
    given = set(readers)
    found = known.readers if given.issubset(known.readers) else tuple(sorted({*known.readers, *given}))
    lacking = tuple([one for one in known.lacking if one not in given])
    if found is known.readers and lacking == known.lacking:
        return keyring
    return _with_epoch(keyring, epoch, replace(known, readers=found, lacking=lacking))


def note_unnamed(keyring: Keyring, operation: OperationId, unnamed: Unnamed) -> Keyring:
    """An operation handed keys to somebody unknown; of very many such operations the oldest is forgotten."""
    kept = dict(keyring.unnamed)
    if len(kept) >= UNNAMED_MAX:
        del kept[next(iter(kept))]
    return replace(keyring, unnamed={**kept, operation: unnamed})


def name(keyring: Keyring, member: AuthorId, tag_in: Callable[[Unnamed], bytes]) -> Keyring:
    """Somebody became known: what operations handed to them before is theirs from now on.

    Args:
        tag_in: their tag in such an operation.
    """
    for operation, unnamed in keyring.unnamed.items():
        tag = tag_in(unnamed)
        if tag not in unnamed.unclaimed:
            continue
        for epoch in unnamed.handed:
            keyring = cover(keyring, EpochId(epoch), (member,))
        for epoch in unnamed.carried:
            keyring = cover_records(keyring, EpochId(epoch), (member,))
        left = tuple([one for one in unnamed.unclaimed if one != tag])
        kept = {key: one for key, one in keyring.unnamed.items() if key != operation or left}
        if left:
            kept[operation] = replace(unnamed, unclaimed=left)
        keyring = replace(keyring, unnamed=kept)
    return keyring


def note_lacking(keyring: Keyring, epoch: EpochId, member: AuthorId) -> Keyring:
    """A member says that an epoch's keys did not arrive: they are handed again. They still count as covered.

    What a false tag, a spent prekey or a lost state broke is healed by it.
    """
    known = keyring.epochs.get(epoch, _UNKNOWN)
    if member in known.lacking:
        return keyring
    return _with_epoch(keyring, epoch, replace(known, lacking=tuple(sorted({*known.lacking, member}))))


def covered_by(keyring: Keyring, epoch: EpochId) -> frozenset[AuthorId]:
    """Who was given an epoch's chains, as far as operations show."""
    return frozenset(map(AuthorId, keyring.epochs.get(epoch, _UNKNOWN).covered))


def holders_of(keyring: Keyring, epoch: EpochId) -> frozenset[AuthorId]:
    """Whom an epoch covers, without those who say that its keys did not arrive."""
    known = keyring.epochs.get(epoch, _UNKNOWN)
    return frozenset(map(AuthorId, known.covered)) - frozenset(map(AuthorId, known.lacking))


def lacking_records(keyring: Keyring, members: Iterable[AuthorId]) -> tuple[EpochId, ...]:
    """Epochs held here whose record key some of these were never given: it goes with the next direct."""
    wanted = set(members)
    found = [
        epoch
        for epoch, known in keyring.epochs.items()
        if known.record
        and not (wanted.isdisjoint(known.lacking) and wanted.issubset({*known.covered, *known.readers}))
    ]
    return tuple(sorted(found))


def handed_to(
    keyring: Keyring, member: AuthorId, *, chains_of: Iterable[EpochId], carried: Iterable[EpochId]
) -> tuple[HandedEpoch, ...]:
    """What one member is handed: the chains of some epochs, and record keys of others that they lack."""
    whole = list(chains_of)
    found = [_handed(keyring, epoch, talk=True) for epoch in whole]
    for epoch in carried:
        if epoch not in whole and keyring.epochs[epoch].lacked_by(member):
            found.append(_handed(keyring, epoch, talk=False))
    return tuple(found)


def fresh(secret: bytes, names: Mapping[AuthorId, bytes], tags: Iterable[bytes] = ()) -> Fresh:
    """Keys of an epoch from its 32-byte secret, which is not needed afterwards.

    Args:
        names: those who hold it, with the tags of their directs; its author with their id.
        tags: of all directs. What is nobody's in `names` is kept for whoever turns out to be meant.
    """
    chains = {author: ratchet.start(secret, author, names[author]) for author in sorted(names)}
    unknown = sorted({*tags} - {*names.values()})[:MEMBERS_MAX]
    unmatched = tuple([Unmatched(tag=tag, key=ratchet.first_key(secret, tag)) for tag in unknown])
    return Fresh(record=derive(secret, _RECORD), chains=chains, unmatched=unmatched)


def adopt(keyring: Keyring, epoch: EpochId, keys: Fresh) -> Keyring:
    """Take in the keys of an epoch, now that its operation has an id."""
    keyring = cover(keyring, epoch, keys.chains)
    known = replace(keyring.epochs[epoch], record=keys.record, proven=True, unmatched=keys.unmatched)
    keyring = _with_epoch(keyring, epoch, known)
    held = {**keyring.chains.get(epoch, {}), **keys.chains}
    return replace(keyring, chains={**keyring.chains, epoch: held})


def match(keyring: Keyring, epoch: EpochId, author: AuthorId, tag: bytes) -> Keyring:
    """Somebody has become known: give them the chain that is kept for their tag, if one is."""
    known = keyring.epochs[epoch]
    found = next((one for one in known.unmatched if one.tag == tag), None)
    if found is None:
        return keyring
    left = tuple([one for one in known.unmatched if one is not found])
    keyring = cover(_with_epoch(keyring, epoch, replace(known, unmatched=left)), epoch, (author,))
    chains = dict(keyring.chains.get(epoch, {}))
    if author not in chains or not chains[author].proven:
        chains[author] = ratchet.begun(author, found.key)
    return replace(keyring, chains={**keyring.chains, epoch: chains})


def learn(keyring: Keyring, handed: HandedEpoch, *, giver: AuthorId, proven: bool) -> Keyring:
    """Take in keys that were handed to me, where I hold none.

    Args:
        proven: the record key was seen to open the epoch's first operation. One that was not gives way.

    What an author hands of their own chain is genuine, because they signed it. Another author's chain is
    not proven until it has opened a message, and gives way to that author's own word.
    """
    epoch = EpochId(handed.epoch)
    known = keyring.epochs.get(epoch, _UNKNOWN)
    if not known.record or (proven and not known.proven):
        known = replace(known, record=handed.record, proven=proven)
    chains = dict(keyring.chains.get(epoch, {}))
    for one in handed.chains:
        author = AuthorId(one.author)
        held = chains.get(author)
        genuine = author == giver
        if author != keyring.me and (held is None or (genuine and not held.proven)):
            chains[author] = Chain(author=author, key=one.key, index=one.index, proven=genuine, skipped=())
    keyring = _with_epoch(keyring, epoch, known)
    return replace(keyring, chains={**keyring.chains, epoch: chains}) if chains else keyring


def prove(keyring: Keyring, epoch: EpochId, *, holds: bool) -> Keyring:
    """The record key of an epoch was tried on its first operation: keep it for good, or forget it."""
    known = keyring.epochs[epoch]
    return _with_epoch(keyring, epoch, replace(known, record=known.record if holds else b"", proven=holds))


def distrust(keyring: Keyring, epoch: EpochId, author: AuthorId) -> Keyring:
    """Drop a chain that a third member handed and that opened nothing: the next who hands it is believed."""
    chain = keyring.chains.get(epoch, {}).get(author)
    if chain is None or chain.proven:
        return keyring
    left = {one: other for one, other in keyring.chains[epoch].items() if one != author}
    return replace(keyring, chains={**keyring.chains, epoch: left})


def erase(keyring: Keyring, view: View, *, now_ms: int, talk_expiry_ms: int) -> Keyring:
    """Note which epochs were superseded, and erase what is too old. Called daily and after each start.

    Args:
        talk_expiry_ms: the campaign's rule for how long talk lives.

    Talk keys of an epoch go `EPOCH_GRACE_MS` after another took over; keys of messages that never came go
    with the talk's own expiry; prekeys after their grace. Record keys stay: the records do, too.
    """
    current = set(coverage.maximal(view))
    epochs = dict(keyring.epochs)
    chains: dict[EpochId, Mapping[AuthorId, Chain]] = {}
    for epoch, known in keyring.epochs.items():
        if epoch not in current and not known.superseded_ms:
            known = epochs[epoch] = replace(known, superseded_ms=max(1, now_ms))
        elif epoch in current and known.superseded_ms:  # what took over has fallen to a removal
            known = epochs[epoch] = replace(known, superseded_ms=0)
        held = keyring.chains.get(epoch)
        if known.superseded_ms and now_ms - known.superseded_ms >= EPOCH_GRACE_MS:
            epochs[epoch] = replace(known, unmatched=())
            continue
        if not held:
            continue
        chains[epoch] = {
            author: ratchet.erase_skipped(chain, before_ms=now_ms - talk_expiry_ms)
            for author, chain in held.items()
        }
    prekeys = prekeys_module.erase_old(keyring.prekeys, now_ms=now_ms)
    return replace(keyring, epochs=epochs, chains=chains, prekeys=prekeys)


def _handed(keyring: Keyring, epoch: EpochId, *, talk: bool) -> HandedEpoch:
    chains = keyring.chains.get(epoch, {}) if talk else {}
    return HandedEpoch(
        epoch=epoch,
        record=keyring.epochs[epoch].record,
        chains=tuple(
            [
                HandedChain(author=author, index=chain.index, key=chain.key)
                for author, chain in sorted(chains.items())
            ][:MEMBERS_MAX]
        ),
    )


def with_chain(keyring: Keyring, epoch: EpochId, chain: Chain) -> Keyring:
    """The keyring with one chain wound on."""
    held = {**keyring.chains[epoch], AuthorId(chain.author): chain}
    return replace(keyring, chains={**keyring.chains, epoch: held})


def _with_epoch(keyring: Keyring, epoch: EpochId, known: EpochKeys) -> Keyring:
    return replace(keyring, epochs={**keyring.epochs, epoch: known})
