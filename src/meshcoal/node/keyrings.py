"""Keyrings on disk: one document for each entry, so that a step writes only what it changed.

Law: what is written in a step is what differs from what was written before, and goes into the same
transaction as the operations of that step. What is gone from a keyring is erased, not left behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from meshcoal.campaign.membership import Membership
from meshcoal.errors import Corrupt, MeshcoalError
from meshcoal.group.coverage import Began, View
from meshcoal.group.keyring import EpochKeys, Keyring, Published, Unnamed
from meshcoal.group.pairwise import Channel
from meshcoal.group.prekeys import NO_PREKEYS, Prekeys
from meshcoal.group.ratchet import Chain, Winding
from meshcoal.ids import ID_BYTES, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import Change, EraseDocument, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.step import Step
from meshcoal.wire import canonical, record
from meshcoal.wire.bodies import CreateBody, LeaveBody, RekeyBody, RemoveBody
from meshcoal.wire.canonical import Value
from meshcoal.wire.record import Record

PREKEYS: Final = "prekeys"
BUNDLES: Final = "bundles"
UNNAMED: Final = "unnamed"
CHANNELS: Final = "channels"
EPOCHS: Final = "epochs"
CHAINS: Final = "chains"

R = TypeVar("R", bound=Record)


class RingHolder:
    """Holds a keyring, and beside it chains that are being wound on: noted when somebody looks at it."""

    _ring: Keyring
    _windings: dict[EpochId, dict[AuthorId, Winding]]
    _keyring_kept: Keyring | None = None  # as it was written down last
    owes_keys: bool = False  # they moved in steps that were written, and were not written themselves

    @property
    def keyring(self) -> Keyring:
        """As far as everything was opened."""
        if self._windings:
            chains = dict(self._ring.chains)
            for epoch, windings in self._windings.items():
                wound = {author: winding.chain() for author, winding in windings.items()}
                chains[epoch] = {**chains[epoch], **wound}
            self._ring = replace(self._ring, chains=chains)
            self._windings = {}
        return self._ring

    @keyring.setter
    def keyring(self, keyring: Keyring) -> None:
        self._ring = keyring
        self._windings = {}

    @property
    def keyring_moved(self) -> bool:
        """Whether it is, or will be when it is looked at, another than was written down."""
        return bool(self._windings) or self._ring is not self._keyring_kept

    def put_keys(self, step: Step) -> None:
        """Write down what changed of keys since they were written last."""
        self.owes_keys = False
        if self.keyring is not self._keyring_kept:
            step.change(*keyring_changes(self._keyring_kept, self.keyring))
            self._keyring_kept = self.keyring

    def winding(self, epoch: EpochId, author: AuthorId) -> Winding | None:
        """An author's proven chain, to open messages with that come one after another; None: there is none.

        It serves until somebody looks at the keyring.
        """
        windings = self._windings.get(epoch)
        found = windings.get(author) if windings is not None else None
        if found is None:
            chain = self._ring.chains.get(epoch, {}).get(author)
            if chain is None or not chain.proven:
                return None
            found = self._windings.setdefault(epoch, {})[author] = Winding(chain)
        return found


def recover_keyring(reader: LogReader, campaign: CampaignId, me: AuthorId) -> Keyring:
    """The keyring as the last step left it. Raises `Corrupt`."""
    kept = reader.document(PREKEYS, campaign)
    chains: dict[EpochId, dict[AuthorId, Chain]] = {}
    for key, chain in _load(reader, Chain, CHAINS, campaign):
        chains.setdefault(EpochId(key[:ID_BYTES]), {})[AuthorId(key[ID_BYTES:])] = chain
    return Keyring(
        campaign=campaign,
        me=me,
        prekeys=NO_PREKEYS if kept is None else _decoded(Prekeys, kept),
        bundles={AuthorId(key): one for key, one in _load(reader, Published, BUNDLES, campaign)},
        channels={AuthorId(key): one for key, one in _load(reader, Channel, CHANNELS, campaign)},
        unnamed={OperationId(key): one for key, one in _load(reader, Unnamed, UNNAMED, campaign)},
        epochs=_load_epochs(reader, campaign),
        chains=chains,
    )


def keyring_changes(before: Keyring | None, after: Keyring) -> Iterator[Change]:
    """What must be written so that `recover_keyring` gives `after`, where it gave `before`."""
    campaign = after.campaign
    if before is None:
        before = Keyring(campaign=campaign, me=after.me)
    if after.prekeys is not before.prekeys:
        yield _put(PREKEYS, campaign, after.prekeys)
    yield from _differing(BUNDLES, campaign, before.bundles, after.bundles)
    yield from _differing(UNNAMED, campaign, before.unnamed, after.unnamed)
    yield from _differing(CHANNELS, campaign, before.channels, after.channels)
    yield from _differing(EPOCHS, campaign, before.epochs, after.epochs)
    if after.chains is not before.chains:
        for epoch, chains in after.chains.items():
            yield from _differing(CHAINS, campaign + epoch, before.chains.get(epoch, {}), chains)
        for epoch, chains in before.chains.items():
            if epoch not in after.chains:
                yield from _differing(CHAINS, campaign + epoch, chains, {})


def view_of(membership: Membership) -> View:
    """What the control operations held say about membership, as the coverage rules want it told."""
    began = {}
    breaks = 0
    for control in membership.controls.values():
        if not membership.effective(control.id):
            continue
        if isinstance(control.body, CreateBody | RemoveBody | RekeyBody):
            unread = 0
            if isinstance(control.body, RekeyBody):
                for lacked in control.body.lacks:
                    known = membership.controls.get(OperationId(lacked))
                    unread |= 1 << known.number if known is not None else 0
            # Its author held what it could not read, and sealed to keys as they were before it.
            began[EpochId(control.id)] = Began(number=control.number, past=control.past & ~unread)
        healed = isinstance(control.body, RekeyBody) and control.body.heals
        if healed or isinstance(control.body, RemoveBody | LeaveBody):
            breaks |= 1 << control.number
    members = frozenset(membership.roster().active())
    return View(inside=members, out=membership.ever_in() - members, began=began, breaks=breaks)


K = TypeVar("K", AuthorId, EpochId, OperationId)


def _differing(space: str, prefix: bytes, before: Mapping[K, R], after: Mapping[K, R]) -> Iterator[Change]:
    if after is before:
        return
    for key, value in after.items():
        if before.get(key) is not value:
            yield _put(space, prefix + key, value)
    for key in before:
        if key not in after:
            yield EraseDocument(space=space, key=prefix + key)


def _put(space: str, key: bytes, value: Record) -> Change:
    return PutDocument(space=space, key=key, value=record.encode(value))


def _load(reader: LogReader, cls: type[R], space: str, prefix: bytes) -> Iterator[tuple[bytes, R]]:
    for key, value in reader.documents(space, prefix):
        yield key[len(prefix) :], _decoded(cls, value)


def _load_epochs(reader: LogReader, campaign: CampaignId) -> dict[EpochId, EpochKeys]:
    """Most epochs cover the same members: each of them is one value, and each list of them."""
    known: dict[Value, Value] = {}
    epochs: dict[EpochId, EpochKeys] = {}
    for key, value in reader.documents(EPOCHS, campaign):
        try:
            fields = canonical.decode(value)
            if type(fields) is tuple:
                fields = tuple([_one_of_each(field, known) for field in fields])
            epochs[EpochId(key[len(campaign) :])] = record.from_fields(EpochKeys, fields)
        except MeshcoalError as exc:
            raise Corrupt("A stored key does not decode.") from exc
    return epochs


def _one_of_each(field: Value, known: dict[Value, Value]) -> Value:
    if type(field) is not tuple:
        return field
    same = known.get(field)
    if same is None:
        same = known[field] = tuple([known.setdefault(one, one) for one in field])
    return same


def _decoded(cls: type[R], value: bytes) -> R:
    try:
        return record.decode(cls, value)
    except MeshcoalError as exc:
        raise Corrupt("A stored key does not decode.") from exc
