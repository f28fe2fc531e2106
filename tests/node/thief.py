"""Somebody who copies a member's device: files with the vault's key, and all that the node holds in memory.

Law: the thief is given more than a real one could find. Every secret that any node of the world ever held is
noted from outside, and counts as found if it, or half of it, stands in a page of the copied files (unused
bytes and old pages of the write-ahead log included) or in an object that the node holds. So what is not
found cannot be found by trying every 32 bytes of the copy as a key. From what was found the thief works out
all that follows: directs, epoch secrets, handed chains, messages.
"""

from __future__ import annotations

import gc
import shutil
import types
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from meshcoal.crypto.agreement import PUBLIC_BYTES, AgreementKey, XWingSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.sealing import derive, unpad, unseal
from meshcoal.errors import BadKey, RemoteError
from meshcoal.group import agreement, pairwise, ratchet
from meshcoal.group.agreement import Handed
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import FORM_BYTES, Form
from meshcoal.group.prekeys import PREKEY_ID_BYTES, prekey_id
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.node.keyrings import recover_keyring
from meshcoal.node.keys import place_of, unseal_record
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Machine
from meshcoal.sim.world import World
from meshcoal.store.store import Store
from meshcoal.wire import record
from meshcoal.wire.operation import EPOCH_KINDS, TALK_KINDS, Operation, decode_operation

VAULT_KEY = bytes(range(32))
PAGE_BYTES = 4096
SALT_BYTES = 16
RESERVE_BYTES = 80  # at the end of each page: 16 bytes of IV, 64 of HMAC-SHA512
LOG_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
ZERO_NONCE = bytes(12)


# --- Files


def _decrypted(page: bytes, *, first: bool) -> bytes:
    """One page of SQLCipher 4: AES-256 in CBC mode under the raw key."""
    start = SALT_BYTES if first else 0
    iv = page[PAGE_BYTES - RESERVE_BYTES :][:16]
    opener = Cipher(algorithms.AES(VAULT_KEY), modes.CBC(iv)).decryptor()
    return opener.update(page[start : PAGE_BYTES - RESERVE_BYTES]) + opener.finalize()


def pages(home: Path) -> Iterator[bytes]:
    """Every page of a store and of its log, as they stand on the disk."""
    data = (home / "store.db").read_bytes()
    for at in range(0, len(data), PAGE_BYTES):
        yield _decrypted(data[at : at + PAGE_BYTES], first=at == 0)
    log = home / "store.db-wal"
    frames = log.read_bytes()[LOG_HEADER_BYTES:] if log.exists() else b""
    for at in range(0, len(frames), FRAME_HEADER_BYTES + PAGE_BYTES):
        number = int.from_bytes(frames[at : at + 4], "big")
        yield _decrypted(frames[at + FRAME_HEADER_BYTES :][:PAGE_BYTES], first=number == 1)


class StoreDisk(MemoryDisk):
    """The real store in the place of the simulator's disk."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        home.mkdir(parents=True)
        Store.create(home, VAULT_KEY)
        self.home = home
        self.open()

    def open(self) -> None:
        self.store = Store.open(self.home, VAULT_KEY)

    @property
    def reader(self) -> LogReader:
        return self.store.reader

    def commit(self, changes: Sequence[Change]) -> None:
        self.store.commit(changes)

    def begin(self) -> None:
        self.store.begin()

    def apply(self, changes: Sequence[Change]) -> None:
        self.store.apply(changes)

    def commit_step(self, *, lasting: bool = True, whole: bool = True) -> None:
        self.store.commit_step(lasting=lasting, whole=whole)

    def rollback(self) -> None:
        self.store.rollback()

    def crash(self) -> None:
        self.store.rollback()

    def close(self) -> None:
        self.store.close()


# --- Memory


def held_bytes(root: object) -> Iterator[bytes]:
    """Every bytes object that can be reached from an object, through whatever holds it."""
    seen: set[int] = set()
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, (type, types.ModuleType, types.FunctionType, World)):
            continue
        seen.add(id(one))
        if isinstance(one, (bytes, bytearray)):
            yield bytes(one)
        elif isinstance(one, types.MethodType):
            todo.append(one.__self__)
        else:
            todo += gc.get_referents(one)


# --- What is known from outside


@dataclass
class Chronicle:
    """All secrets of a world, and all that everybody carries anyway."""

    secrets: set[bytes] = field(default_factory=set)
    publics: set[bytes] = field(default_factory=set)
    operations: dict[OperationId, Operation] = field(default_factory=dict)
    keyrings: dict[str, Keyring] = field(default_factory=dict)

    def note(self, keyring: Keyring) -> None:
        """What one state of a keyring holds."""
        for bundle in keyring.prekeys.bundles:
            self.secrets.update([one.seed for one in (bundle.last_resort, *bundle.one_time)])
        for channel in keyring.channels.values():
            self.secrets |= {channel.root_out, channel.root_in, channel.given} - {b""}
            self.secrets.update([one.private for one in channel.own])
            self.secrets.update([one.root for one in channel.offers])
            self.publics |= {channel.peer_public} - {b""}
        for chains in keyring.chains.values():
            for chain in chains.values():
                self.secrets.update([chain.key, *(one.key for one in chain.skipped)])


class RecordedEntropy(SeededEntropy):
    """Chance that is noted: every secret is drawn, or follows from what is."""

    chronicle = Chronicle()

    def take(self, count: int, /) -> bytes:
        taken = super().take(count)
        if count == 32:
            self.chronicle.secrets.add(taken)
        return taken


class Scribe(Watch):
    """Notes each state of each keyring, and each operation, as they come."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(recoveries_every=0)
        self._chronicle = chronicle

    def stepped(self, world: World, machine: Machine) -> None:
        super().stepped(world, machine)
        core: Any = machine.node
        for campaign in core._core.campaigns.values():
            key = f"{machine.name} {campaign.id.hex()}"
            if self._chronicle.keyrings.get(key) is not campaign.keyring:
                self._chronicle.keyrings[key] = campaign.keyring
                self._chronicle.note(campaign.keyring)


def note_operations(chronicle: Chronicle, disk: StoreDisk, campaign: CampaignId) -> None:
    page, _ = disk.reader.after(campaign, {}, row=0, operations_max=10_000, bytes_max=1 << 30)
    for encoded in page:
        operation = decode_operation(encoded)
        chronicle.operations[OperationId(operation.id)] = operation


# --- The thief


class Thief:
    """What follows from a copy."""

    def __init__(self, chronicle: Chronicle, loot: Iterable[bytes]) -> None:
        self._chronicle = chronicle
        self._sealer = XWingSealer()
        self.loot = set(loot)
        self.secrets: dict[EpochId, bytes] = {}  # of epochs: worked out, or found as such
        self._chains: list[tuple[EpochId, AuthorId, int, bytes]] = []
        self.directs: set[OperationId] = set()  # of which operations something was opened

    @property
    def _campaign(self) -> CampaignId:
        return next(iter(self._chronicle.operations.values())).campaign

    def talk(self) -> set[OperationId]:
        """The messages that this copy opens."""
        while self._open_directs():
            pass
        self._try_epoch_secrets()
        return {
            operation.id
            for operation in self._chronicle.operations.values()
            if operation.header.kind in TALK_KINDS and self._opens(operation)
        }

    def _opens(self, operation: Operation) -> bool:
        return any(self._unseals(operation, key) for key in self._keys_for(operation))

    def _keys_for(self, operation: Operation) -> Iterator[bytes]:
        """The message key, if the copy holds it or one that it comes from."""
        header, index = operation.header, operation.header.index
        starts = [
            (at, key)
            for epoch, author, at, key in self._chains
            if (epoch, author) == (operation.epoch, header.author) and at <= index
        ]
        if operation.epoch in self.secrets:
            began = place_of(self._chronicle.operations[OperationId(operation.epoch)])
            (name,) = began.names([header.author]).values()
            starts.append((0, ratchet.first_key(self.secrets[operation.epoch], name)))
        for at, key in starts:
            for _ in range(at, index):
                _, key = ratchet._wind(key)
            yield ratchet._wind(key)[0]
        # A chain's key says not where it stands: each is tried as one of up to 40 before the message, and
        # as the message's own.
        for found in self.loot:
            key = found
            yield key
            for _ in range(40):
                message, key = ratchet._wind(key)
                yield message

    @staticmethod
    def _unseals(operation: Operation, key: bytes) -> bool:
        heading = place_of(operation).heading(operation.epoch, operation.header.index)
        with suppress(RemoteError):
            unpad(unseal(key, ZERO_NONCE, operation.sealed_body, heading.encoded()))
            return True
        return False

    def _try_epoch_secrets(self) -> None:
        """Epoch secrets that were found as such: whose record key opens the epoch's first operation."""
        for operation in self._chronicle.operations.values():
            if operation.header.kind in EPOCH_KINDS:
                for found in self.loot:
                    with suppress(RemoteError):
                        unseal_record(derive(found, b"meshcoal record lane 1"), operation)
                        self.secrets[EpochId(operation.id)] = found

    def _open_directs(self) -> bool:
        """One round over all directs with all that is known now. True if something new came of it."""
        before = len(self.loot) + len(self._chains)
        authors = {operation.header.author for operation in self._chronicle.operations.values()}
        for operation in self._chronicle.operations.values():
            place = place_of(operation)
            for direct in operation.directs:
                for recipient in authors:
                    if direct.tag == place.tag(recipient):
                        self._open_direct(operation, place.context(recipient).digest(), direct.sealed)
        return len(self.loot) + len(self._chains) > before

    def _open_direct(self, operation: Operation, digest: bytes, sealed: bytes) -> None:
        message, box = agreement._split(sealed)
        assert len(message) in FORM_BYTES
        form = Form(len(message))
        head, inner = message[: -pairwise._SEALED_BYTES], message[-pairwise._SEALED_BYTES :]
        for root, material in self._materials(form, head, digest):
            unlocked = pairwise._unlock(form, root, material + digest, inner, digest + head)
            if unlocked is None:
                continue
            plain, after, back = unlocked
            secret = plain[:32]
            self.directs.add(OperationId(operation.id))
            self.loot |= {secret, plain[32:64], after} | ({back} - {b""})
            if operation.header.kind in EPOCH_KINDS:
                self.secrets[EpochId(operation.id)] = secret
            if box:
                data = unpad(unseal(derive(secret, b"meshcoal handed keys 1"), ZERO_NONCE, box, digest))
                for handed in record.decode(Handed, data).epochs:
                    self._chains += [
                        found
                        for one in handed.chains
                        if (found := (EpochId(handed.epoch), AuthorId(one.author), one.index, one.key))
                        not in self._chains
                    ]

    def _materials(self, form: Form, head: bytes, digest: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Every root and key material that the loot gives for one message."""
        exchanged: list[bytes] = [b""]
        if form is not Form.NEXT:
            name, seal = head[:PREKEY_ID_BYTES], head[PREKEY_ID_BYTES:]
            seal = seal[: pairwise._EXCHANGE_BYTES - PREKEY_ID_BYTES]
            exchanged = [found + name for found in self.loot]
            for found in self.loot:
                if prekey_id(self._sealer.public_of(found)) == name:
                    opened = self._sealer.open(found, seal, pairwise._info(name, digest))
                    exchanged = [opened + name]
        if form is Form.FIRST:
            yield from [(b"", one) for one in exchanged]
            return
        ephemeral = head[-PUBLIC_BYTES:]
        shared = []
        for found in self.loot:
            key = AgreementKey.from_private(found)
            with suppress(BadKey):
                shared.append(key.exchange(ephemeral) + ephemeral + key.public)
                if key.public == ephemeral:
                    shared += [
                        key.exchange(public) + ephemeral + public for public in self._chronicle.publics
                    ]
        if form is Form.RENEW and len(exchanged) > 1:
            exchanged = []  # the prekey is gone; a bare 32 bytes beside each root and key is out of reach
        for root, one, dh in product(self.loot, exchanged, shared):
            yield root, one + dh


@dataclass(frozen=True)
class Copy:
    """A device as it was copied: every page, and what the node held."""

    pages: bytes
    memory: bytes
    keyring: Keyring | None

    def thief(self, chronicle: Chronicle) -> Thief:
        """Who has this copy, and finds in it all that is there."""
        loot = {
            secret
            for secret in chronicle.secrets
            if secret in self.memory or secret[:16] in self.pages or secret[16:] in self.pages
        }
        found = Chronicle()
        if self.keyring is not None:
            found.note(self.keyring)
        return Thief(chronicle, loot | found.secrets)


def steal(world: World, name: str, campaign: CampaignId, into: Path) -> Copy:
    """Copy the files and the memory of a member's device. Of one that is switched off, the files alone."""
    machine = world.machines[name]
    disk = machine.disk
    assert isinstance(disk, StoreDisk)
    shutil.copytree(disk.home, into)
    everything = b"\x00".join(pages(into))
    memory = b"" if machine.node is None else b"\x00".join(held_bytes(machine.node))
    core: Any = machine.node
    keyring = None
    if core is not None:
        mine = core._core.campaigns[campaign]
        keyring = recover_keyring(disk.reader, campaign, mine.me)
    return Copy(pages=everything, memory=memory, keyring=keyring)
