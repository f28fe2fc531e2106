"""What the benches share: homes made in advance, daemons started and measured, one JSON line at the end.

Law: a bench runs the real daemon on the real store over real sockets. Nothing of its making is timed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from meshcoal.api.commands import Command, ListCampaigns, Role, Seat, ShowCampaign, Unlock
from meshcoal.api.views import CampaignsView, CampaignView, MemberState
from meshcoal.client.blocking import BlockingClient
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.signing import SigningKey
from meshcoal.group.prekeys import of_identity
from meshcoal.ids import CampaignId
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.log.changes import Change, PutDocument
from meshcoal.node.compose import Why
from meshcoal.node.contacts import first_changes
from meshcoal.node.core import Core
from meshcoal.node.effects import Persist
from meshcoal.node.keyrings import PREKEYS
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.records import CAMPAIGNS, SEEDS, CampaignRecord, PersonaRecord, SeedRecord
from meshcoal.node.step import Step
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault
from meshcoal.wire import record
from meshcoal.wire.bodies import CHANNEL_ID_BYTES, AddBody, ChannelSeed, CreateBody, PostBody
from meshcoal.wire.frames import ToldPeer
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record

PASSPHRASE = "a passphrase for benches only"
BATCH = 512


class Maker:
    """Writes a campaign of several members straight into the stores of their homes.

    One member's store holds everything; the others hold their own persona and whom to turn to.
    """

    def __init__(self, folder: Path, *, members: int, ports: Sequence[int], channels: int = 1) -> None:
        self._entropy = OsEntropy()
        self._sealer = XWingSealer()
        self.homes = [folder / f"node{index}" for index in range(len(ports))]
        self.hints = [f"127.0.0.1:{port}" for port in ports]
        self._now_ms = int(time.time() * 1000) - 3_600_000
        self._stores = []
        for index, home in enumerate(self.homes):
            key = Vault.create(
                home,
                PASSPHRASE,
                self._entropy,
                memory_kib=ARGON2_MEMORY_MIN_KIB,
                passes=ARGON2_PASSES_MIN,
            )
            store = Store.open(home, key.read())
            store.commit(first_changes(name=f"node{index}", entropy=self._entropy, now_ms=self._now_ms))
            self._stores.append(store)
        self._core = Core(
            reader=self._stores[0].reader, entropy=self._entropy, sealer=self._sealer, kem=MLKEM768()
        )
        self._personas = [
            Persona(
                new_persona(name=f"member{index}", entropy=self._entropy, sealer=self._sealer), self._sealer
            )
            for index in range(members)
        ]
        self.channels = [self._entropy.take(CHANNEL_ID_BYTES) for _ in range(channels)]
        self.channel = self.channels[0]
        self.campaign = self._found()

    def _new_persona(self, name: str) -> PersonaRecord:
        return new_persona(name=name, entropy=self._entropy, sealer=self._sealer)

    def _found(self) -> CampaignId:
        first = self._personas[0]
        body = CreateBody(
            at_ms=self._now_ms,
            name="bench",
            goal="",
            founder=first.card(self._hints_of(0)),
            seat=Seat.EXILE,
            channels=tuple(
                [
                    ChannelSeed(id=channel, name=f"channel{number}")
                    for number, channel in enumerate(self.channels)
                ]
            ),
        )
        operation, own = self._core.composer.create(
            key=SigningKey.from_seed(first.record.operation), body=body, now_ms=self._now_ms
        )
        step = Step(self._now_ms)
        campaign = self._core.open_campaign(step, CampaignId(operation.id), _kept(first.record, ()))
        self._core.acceptor.insert(campaign, step, operation, own=own)
        self._commit(step)
        for index, persona in enumerate(self._personas[1:], start=1):
            add = AddBody(
                at_ms=self._now_ms,
                member=persona.card(self._hints_of(index)),
                seat=Seat.INGO,
                role=Role.MEMBER,
            )
            step = Step(self._now_ms)
            self._core.composer.admit(campaign, step, add, persona.prekey_public())
            self._commit(step)
        step = Step(self._now_ms)
        self._core.composer.rekey(campaign, step, Why.UPDATE)  # the founder gets a chain of each member
        self._commit(step)
        return campaign.id

    def _hints_of(self, index: int) -> tuple[str, ...]:
        return (self.hints[index],) if index < len(self.hints) else ()

    def _commit(self, step: Step) -> None:
        for campaign in self._core.campaigns.values():
            campaign.end_step(step)
        for effect in step.effects():
            if isinstance(effect, Persist):
                self._stores[0].commit(effect.changes)

    def write(self, count: int, *, bytes_each: int = 300, tell: Callable[[int], None] | None = None) -> None:
        """`count` messages by all members in turn, into the first home's store."""
        campaign = self._core.campaigns[self.campaign]
        text = "m" * bytes_each
        own, me = campaign.persona, campaign.me
        step = Step(self._now_ms)
        for persona in self._personas[1:]:
            if campaign.seeds.get(persona.author) is None:
                campaign.seeds.add(step, persona.record.operation, author=persona.author, seq=0)
        for start in range(0, count, BATCH):
            step = Step(self._now_ms)
            for number in range(start, min(start + BATCH, count)):
                campaign.persona = self._personas[number % len(self._personas)]
                campaign.keyring = replace(campaign.keyring, me=campaign.me)
                campaign.dag.me = campaign.me
                campaign.own_epoch = (campaign.dag.top(campaign.me), self._now_ms)  # one epoch serves all
                body = PostBody(at_ms=self._now_ms, channel=self.channel, text=text, reply_to=b"")
                self._core.composer.write(campaign, step, Kind.POST, body)
            campaign.persona = own
            campaign.keyring = replace(campaign.keyring, me=me)
            campaign.dag.me = me
            self._commit(step)
            if tell is not None:
                tell(min(start + BATCH, count))

    def finish(self) -> None:
        """Tell the other homes who they are and whom to turn to; close all stores."""
        for index, store in enumerate(self._stores):
            if index:
                peers = tuple(
                    [
                        ToldPeer(link=self._personas[other].link.public, hints=self._hints_of(other))
                        for other in range(len(self.homes))
                        if other != index
                    ][:16]
                )
                mine = self._personas[index].record
                prekeys, _ = of_identity(mine.seal, mine.prekey, sealer=self._sealer, now_ms=self._now_ms)
                seed = SeedRecord(
                    author=mine.author, seed=mine.operation, from_seq=0, from_ms=self._now_ms, closed_ms=0
                )
                kept = _kept(replace(mine, operation=b"", seal=b"", prekey=b""), peers)
                store.commit(
                    [
                        _put(CAMPAIGNS, self.campaign, kept),
                        _put(PREKEYS, self.campaign, prekeys),
                        _put(SEEDS, self.campaign + mine.author, seed),
                    ]
                )
            store.close()


def _kept(persona: PersonaRecord, peers: tuple[ToldPeer, ...]) -> CampaignRecord:
    return CampaignRecord(persona=persona, state=MemberState.ACTIVE, peers=peers, admitted_by=b"")


def _put(space: str, key: bytes, value: Record) -> Change:
    return PutDocument(space=space, key=key, value=record.encode(value))


class Daemon:
    """A daemon process of one home."""

    def __init__(self, home: Path, listen: str) -> None:
        ready, told = os.pipe()
        command = [sys.executable, "-m", "meshcoal.daemon", "--home", str(home), "--listen", listen]
        self.process = subprocess.Popen([*command, "--ready-fd", str(told)], pass_fds=(told,))
        os.close(told)
        with os.fdopen(ready) as stream:
            line = stream.readline().strip()
        if line != "ready":
            raise SystemExit(f"a daemon did not start: {line}")
        self.client = BlockingClient(home)

    def unlock(self) -> None:
        self.send(Unlock(passphrase=PASSPHRASE))

    def send(self, command: Command) -> Record:
        return self.client.send(command)

    def campaign(self, campaign: bytes) -> CampaignView:
        view = self.send(ShowCampaign(campaign=campaign))
        assert isinstance(view, CampaignView)
        return view

    def operations(self) -> int:
        view = self.send(ListCampaigns())
        assert isinstance(view, CampaignsView)
        return self.campaign(view.campaigns[0].id).operations

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_rss_mib(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("the kernel does not tell peak memory")

    def rss_mib(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=20)


@contextlib.contextmanager
def daemons(homes: Sequence[Path], hints: Sequence[str]) -> Iterator[list[Daemon]]:
    """Daemons of all homes, locked; stopped whatever happens."""
    running: list[Daemon] = []
    try:
        for home, hint in zip(homes, hints, strict=True):
            running.append(Daemon(home, hint))
        yield running
    finally:
        for one in running:
            one.stop()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    import socket

    holders = [socket.socket() for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def sent_over_tcp(processes: Sequence[int]) -> int:
    """Bytes that these processes have sent over TCP so far, headers not counted; -1: it is not told here."""
    if shutil.which("ss") is None:
        return -1
    shown = subprocess.run(["ss", "-tinpHO"], capture_output=True, text=True, check=False)
    if shown.returncode:
        return -1
    total = 0
    for line in shown.stdout.splitlines():
        process, count = re.search(r"pid=(\d+)", line), re.search(r"bytes_sent:(\d+)", line)
        if process and count and int(process[1]) in processes:
            total += int(count[1])
    return total


def quantile(values: Sequence[float], fraction: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def progress(what: str) -> Callable[[int], None]:
    """A line on stderr that is overwritten, where somebody watches."""

    def tell(done: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what} {done:,} ")

    return tell


def arguments(description: str | None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(description=description)


def report(bench: str, **figures: Any) -> None:
    """The one JSON line."""
    rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()}
    print(json.dumps({"bench": bench, **rounded}))
