"""Somebody who never erases: every key that was ever on one member's disk, tried on everything that is said.

Law: a hoard has what the disk held, at one moment or at all of them, and every operation that anybody wrote,
as from a relay that keeps all and opens its links. It keeps none of the rules by which a member erases keys
or refuses what comes twice, and what it opens gives it more keys. It has nobody else's secrets. Whatever it
opens that it should not, the protocol gave away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import RemoteError
from meshcoal.group import agreement, keyring, ratchet
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.group.keyring import EpochKeys, Fresh, Keyring
from meshcoal.group.pairwise import Channel, fresh_channel
from meshcoal.group.prekeys import HeldBundle, Prekey, Prekeys
from meshcoal.group.ratchet import Chain, Skipped
from meshcoal.ids import ID_BYTES, AuthorId, CampaignId, OperationId
from meshcoal.limits import BUNDLES_MAX, PREKEYS_MAX
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.campaign import Campaign
from meshcoal.node.effects import Effect, Persist
from meshcoal.node.keyrings import CHAINS, CHANNELS, EPOCHS, PREKEYS
from meshcoal.node.keys import place_of, unseal_record
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import START_MS, World
from meshcoal.wire import record
from meshcoal.wire.bodies import RekeyBody
from meshcoal.wire.operation import EPOCH_KINDS, TALK_KINDS, Operation, decode_operation

_SPACES: Final = (PREKEYS, CHANNELS, EPOCHS, CHAINS)
_PAGE: Final = 1_000


class Hoard:
    """Keys of one member in one campaign, and what they open."""

    def __init__(self, campaign: CampaignId, me: AuthorId) -> None:
        self.campaign = campaign
        self.me = me
        self._records: dict[bytes, None] = {}
        # By epoch and author the earliest states of a chain: the later ones follow from them.
        self._chains: dict[tuple[bytes, bytes], dict[bytes, int]] = {}
        self._singles: dict[bytes, None] = {}  # message keys
        self._channels: dict[AuthorId, dict[Channel, None]] = {}
        self._seeds: dict[Prekey, None] = {}
        self._tried: set[tuple[OperationId, Channel, int]] = set()
        entropy = SeededEntropy(b"hoard")
        self._courier = PairwiseCourier(sealer=DeterministicSealer(entropy), entropy=entropy)

    @property
    def keys(self) -> int:
        """How many keys it has."""
        chains = sum(len(states) for states in self._chains.values())
        channels = sum(len(states) for states in self._channels.values())
        return len(self._records) + chains + len(self._singles) + channels + len(self._seeds)

    # --- Keeping

    def keep_disk(self, reader: LogReader) -> None:
        """All that a disk holds now."""
        for space in _SPACES:
            for key, value in reader.documents(space, self.campaign):
                self._keep(space, key[ID_BYTES:], value)

    def keep_changes(self, changes: Iterable[Change]) -> None:
        """All that is being written to it."""
        for change in changes:
            if isinstance(change, PutDocument) and change.key.startswith(self.campaign):
                self._keep(change.space, change.key[ID_BYTES:], change.value)

    def _keep(self, space: str, key: bytes, value: bytes) -> None:
        if space == PREKEYS:
            for bundle in record.decode(Prekeys, value).bundles:
                self._seeds.update(dict.fromkeys([bundle.last_resort, *bundle.one_time]))
        elif space == CHANNELS:
            self._keep_channel(AuthorId(key), record.decode(Channel, value))
        elif space == EPOCHS:
            self._keep_record(record.decode(EpochKeys, value).record)
        elif space == CHAINS:
            self._keep_chain(key[:ID_BYTES], record.decode(Chain, value))

    def _keep_channel(self, peer: AuthorId, channel: Channel) -> None:
        # Whoever hoards does not mind to take a message twice.
        self._channels.setdefault(peer, {})[replace(channel, last_seq=-1)] = None

    def _keep_record(self, key: bytes) -> None:
        if key:
            self._records[key] = None

    def _keep_chain(self, epoch: bytes, chain: Chain) -> None:
        self._singles.update(dict.fromkeys([one.key for one in chain.skipped]))
        states = self._chains.setdefault((epoch, chain.author), {})
        for key, index in list(states.items()):
            if _wound(key, index, chain.index) == chain.key:
                return
            if _wound(chain.key, chain.index, index) == key:
                del states[key]
        states[chain.key] = chain.index

    def _keep_epoch(self, epoch: bytes, fresh: Fresh) -> None:
        self._keep_record(fresh.record)
        for chain in fresh.chains.values():
            self._keep_chain(epoch, chain)

    # --- Being told

    def feed(self, operations: Sequence[Operation]) -> None:
        """Take whatever keys these bring, parents before children, until they bring no more."""
        authors = list(dict.fromkeys([*[operation.header.author for operation in operations], self.me]))
        before = -1
        while before != self.keys:
            before = self.keys
            for operation in operations:
                self._take(operation, authors)

    def _take(self, operation: Operation, authors: Sequence[AuthorId]) -> None:
        author = operation.header.author
        if author == self.me or not operation.directs:
            return
        first = fresh_channel(self.campaign, me=self.me, peer=author)
        for channel in [first, *self._channels.get(author, {})]:
            attempt = (operation.id, channel, len(self._seeds))
            if attempt in self._tried:
                continue
            self._tried.add(attempt)
            ring = Keyring(
                campaign=self.campaign, me=self.me, prekeys=self._prekeys(), channels={author: channel}
            )
            try:
                after, taken = agreement.take(
                    ring,
                    place=place_of(operation),
                    directs=operation.directs,
                    courier=self._courier,
                    now_ms=START_MS,
                )
            except RemoteError:
                continue
            if taken is None:
                return  # nothing for this member in it
            self._keep_channel(author, after.channels[author])
            if operation.header.kind in EPOCH_KINDS:
                self._keep_epoch(
                    operation.id, keyring.fresh(taken.secret, place_of(operation).names(authors))
                )
            for handed in taken.handed:
                self._keep_record(handed.record)
                for one in handed.chains:
                    chain = Chain(author=one.author, key=one.key, index=one.index, proven=True, skipped=())
                    self._keep_chain(handed.epoch, chain)

    def _prekeys(self) -> Prekeys:
        """All secrets of prekeys ever held, as if none had ever been used."""
        seeds = list(self._seeds)
        bundles = [
            HeldBundle(
                number=number,
                expires_ms=0,
                last_resort=seeds[start],
                one_time=tuple(seeds[start : start + PREKEYS_MAX]),
            )
            for number, start in enumerate(range(0, len(seeds), PREKEYS_MAX))
        ]
        assert len(bundles) <= BUNDLES_MAX, "a story too long for one hoard"
        return Prekeys(bundles=tuple(bundles), spent=())

    # --- Opening

    def opens(self, operation: Operation) -> bool:
        """Whether any key opens it, whatever epoch or author the key was made for."""
        if operation.header.kind in TALK_KINDS:
            return self._opens_talk(operation)
        return any(_holds(key, operation) for key in self._records)

    def _opens_talk(self, operation: Operation) -> bool:
        header = operation.header
        heading = place_of(operation).heading(operation.epoch, header.index)
        tried = [
            Chain(author=header.author, key=key, index=index, proven=True, skipped=())
            for states in self._chains.values()
            for key, index in states.items()
            if index <= header.index
        ]
        tried += [
            Chain(
                author=header.author,
                key=bytes(ID_BYTES),
                index=header.index + 1,
                proven=True,
                skipped=(Skipped(index=header.index, key=key, since_ms=0),),
            )
            for key in self._singles
        ]
        for chain in tried:
            try:
                ratchet.open_message(chain, heading, operation.sealed_body, now_ms=START_MS)
            except RemoteError:
                continue
            return True
        return False


def _holds(key: bytes, operation: Operation) -> bool:
    try:
        unseal_record(key, operation)
    except RemoteError:
        return False
    return True


def _wound(key: bytes, index: int, to: int) -> bytes:
    """A chain key wound forward; empty where that would be backward."""
    if to < index:
        return b""
    for _ in range(to - index):
        key = ratchet.following(key)
    return key


class Keeper(Watch):
    """A watch that also keeps all keys that some machines ever write to their disks."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names
        self._kept: dict[str, list[Change]] = {name: [] for name in names}

    def committed(self, world: World, machine: Machine, effects: Iterable[Effect], *, lasting: bool) -> None:
        super().committed(world, machine, effects, lasting=lasting)
        if machine.name in self._names:
            for effect in effects:
                if isinstance(effect, Persist):
                    self._kept[machine.name] += [
                        change
                        for change in effect.changes
                        if isinstance(change, PutDocument) and change.space in _SPACES
                    ]

    def hoard(self, world: World, name: str, campaign: CampaignId) -> Hoard:
        """All that this machine's disk ever held."""
        hoard = Hoard(campaign, open_campaign(world.machines[name].disk, campaign).me)
        hoard.keep_changes(self._kept[name])
        return hoard


# --- Judging


def all_operations(world: World, campaign: CampaignId) -> list[Operation]:
    """Everything anybody holds of a campaign, parents before children: what a relay would have seen."""
    found: dict[OperationId, Operation] = {}
    for machine in world.machines.values():
        row = 0
        while True:
            page, row = machine.disk.reader.after(
                campaign, {}, row=row, operations_max=_PAGE, bytes_max=2**31
            )
            if not page:
                break
            for operation in map(decode_operation, page):
                found.setdefault(operation.id, operation)
    return _in_order(found)


def _in_order(found: dict[OperationId, Operation]) -> list[Operation]:
    ordered: dict[OperationId, None] = {}
    for first in found:
        todo = [first]
        while todo:
            header = found[todo[-1]].header
            past = [*header.parents, *([OperationId(header.backlink)] if header.backlink else [])]
            missing = [one for one in past if one in found and one not in ordered]
            if missing:
                todo += missing
            else:
                ordered[todo.pop()] = None
    return [found[one] for one in ordered]


def behind(campaign: Campaign, operations: Iterable[Operation], control: OperationId) -> list[Operation]:
    """Those that a control operation had reached when they were written, and itself.

    It has not reached who holds it and says that they cannot read it, as long as they write under the epoch
    that they begin with these words.

    Args:
        campaign: as a member knows it who holds them; what that member lacks is left out.
    """
    number = campaign.dag.control_number(control)
    unread = {
        one.id: one.author
        for one in campaign.membership.controls.values()
        if isinstance(one.body, RekeyBody) and control in one.body.lacks
    }
    return [
        operation
        for operation in operations
        if operation.id == control
        or (
            (place := campaign.dag.place(operation.id)) is not None
            and campaign.dag.context_bits(place.context) >> number & 1
            and unread.get(OperationId(operation.epoch)) != operation.header.author
        )
    ]


def leaks(world: World, judge: str, hoard: Hoard, control: OperationId) -> tuple[list[Operation], int]:
    """What the hoard opens of what was written once `control` had reached its author; and how much that is.

    Args:
        judge: a member whose node knows the end of the story.
    """
    operations = all_operations(world, hoard.campaign)
    hoard.feed(operations)
    later = behind(open_campaign(world.machines[judge].disk, hoard.campaign), operations, control)
    return [operation for operation in later if hoard.opens(operation)], len(later)


def hoard_of(disk: MemoryDisk, campaign: CampaignId) -> Hoard:
    """What a copy of a disk holds at this moment."""
    hoard = Hoard(campaign, open_campaign(disk, campaign).me)
    hoard.keep_disk(disk.reader)
    return hoard
