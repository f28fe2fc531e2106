"""What crosses the wire between two real daemons, and between them and a relay, in two sessions."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "lan"))

from capturework import canaries, check_links, odd_sizes, record_secrets, secrets_of, streams, twice
from processwork import environment, found, meet, until
from switchwork import Host, HostNode, Switch, network

from meshcoal.api.commands import (
    AddRelay,
    Capacity,
    DraftStatement,
    FreezeStatement,
    ListMessages,
    ListRelays,
    ListStatements,
    PostMessage,
    ShowCampaign,
    SignStatement,
)
from meshcoal.api.views import (
    CampaignView,
    MessagesView,
    MessageView,
    RelayState,
    RelaysView,
    StatementPhase,
    StatementsView,
    StatementView,
)
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.limits import ENVELOPE_CLASSES_BYTES
from meshcoal.wire.relay_text import Relay, decode_relay

PORTS = (7401, 7402)
RELAY_PORT = 7700
CANARY = "kestrel4417zug"


class HostRelay:
    """`meshcoal relay serve` on a host of its own."""

    def __init__(self, folder: Path, host: Host) -> None:
        self.folder = folder
        self.data = folder / "relay"
        self._host = host
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        self._process = subprocess.Popen(
            [
                *(*self._host.inside, sys.executable, "-m", "meshcoal", "relay", "serve"),
                *("--listen", f"10.99.0.3:{RELAY_PORT}", "--data", str(self.data)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self.folder) | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            assert self._process.stdout is not None
            self._process.stdout.close()


async def posted(writer: HostNode, campaign: bytes, text: str) -> None:
    channel = (await writer.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
    await writer.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)


async def said(writer: HostNode, reader: HostNode, campaign: bytes, text: str) -> None:
    await posted(writer, campaign, text)
    await heard(reader, campaign, text)


async def heard(reader: HostNode, campaign: bytes, text: str) -> None:
    channel = (await reader.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id

    async def lacking() -> str:
        page = await reader.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        return "" if any(one.text == text for one in page.messages) else f"{reader.name} lacks {text}"

    await until(lacking)


async def signed(writer: HostNode, signer: HostNode, campaign: bytes) -> None:
    draft = DraftStatement(campaign=campaign, language="en", title=f"Free {CANARY}", text=f"{CANARY} " * 200)
    letter = await writer.ask(draft, StatementView)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=letter.id,
        revisions=(),
        addressees=(f"Minister {CANARY}",),
        deadline_ms=now_ms() + DAY_MS,
    )
    frozen = await writer.ask(freeze, StatementView)

    async def counted(node: HostNode, count: int) -> str:
        view = await node.ask(ListStatements(campaign=campaign), StatementsView)
        seen = [(one.phase, one.counted) for one in view.statements]
        return "" if seen == [(StatementPhase.OPEN, count)] else str(seen)

    await until(lambda: counted(signer, 0))
    command = SignStatement(
        campaign=campaign,
        statement=letter.id,
        digest=frozen.digest,
        capacity=Capacity.INDIVIDUAL,
        name=f"Benyamin {CANARY}",
    )
    await signer.ask(command, StatementView)
    await until(lambda: counted(writer, 1))


async def at_the_relay(node: HostNode, campaign: bytes, text: str) -> None:
    """Write something, and wait until all that this node has to post is posted."""

    async def taken_ms() -> int:
        (one,) = (await node.ask(ListRelays(campaign=campaign), RelaysView)).relays
        return one.taken_ms if one.state is RelayState.WORKING and not one.waiting else -1

    last = [await taken_ms()]
    await posted(node, campaign, text)

    async def lacking() -> object:
        last.append(await taken_ms())
        # What is written goes out some seconds later, perhaps in two messages: the same for a while.
        return "" if last[-1] > last[0] and len(set(last[-12:])) == 1 else last[-1]

    await until(lacking)


def test_links_and_relays_show_nothing_but_sizes_and_times(tmp_path: Path) -> None:
    """Goal: a provider, or whoever runs a relay, reads nothing and finds nobody again. Method: two daemons
    meet, write, sign a letter, use a relay, end, start, write; every byte of every connection, and of the
    relay's files, against all that both stores hold, and against each other."""

    told: list[Relay] = []

    async def run(switch: Switch) -> dict[str, bytes]:
        hosts = list(switch.hosts.values())
        relay = HostRelay(tmp_path, hosts[2])
        ana, ben = (
            HostNode(tmp_path, host, "--listen", f"10.99.0.{place}:{port}")
            for place, (host, port) in enumerate(zip(hosts, PORTS, strict=False), 1)
        )
        try:
            text = relay.start()
            for node in (ana, ben):
                node.make_vault_cheaply()
                await node.start()
                await node.unlock()
            campaign = await found(ana, f"Evin {CANARY}")
            await meet(ana, ben, campaign)
            await ana.ask(AddRelay(campaign=campaign, text=text), RelaysView)
            await said(ana, ben, campaign, f"gate 4 {CANARY}")
            await signed(ana, ben, campaign)
            shown = await ana.ask(ShowCampaign(campaign=campaign), CampaignView)
            assert await ben.stop() == 0
            await at_the_relay(ana, campaign, f"to whom it concerns {CANARY}")
            assert await ana.stop() == 0
            await ben.start()
            await ben.unlock()
            await heard(ben, campaign, f"to whom it concerns {CANARY}")
            await at_the_relay(ben, campaign, f"it concerns me {CANARY}")
            await ana.start()
            await ana.unlock()
            await heard(ana, campaign, f"it concerns me {CANARY}")
            await said(ana, ben, campaign, f"late {CANARY}")
        finally:
            for node in (ana, ben):
                await node.stop()
            relay.stop()
        told.append(decode_relay(text))
        secrets = {"canary": CANARY.encode()} | record_secrets("shown", [shown])
        for node in (ana, ben):
            secrets |= secrets_of(node.home, node.passphrase)
        return secrets

    with network("anahita", "benyamin", "kiosk", ipv6=False) as switch:
        secrets = asyncio.run(run(switch))
        crossed = streams(list(switch.frames))
    links = [one for one in crossed if {one.source_port, one.target_port} & set(PORTS)]
    relayed = [one for one in crossed if RELAY_PORT in (one.source_port, one.target_port)]
    assert len(links) + len(relayed) == len(crossed), "nothing else was spoken"
    assert len(links) >= 8, "both directions of connections of two sessions"
    assert len(relayed) >= 8
    frames = check_links([one for one in crossed if one.data], secrets)
    assert len(Counter(map(len, frames))) > 2
    own = (told[0].key, told[0].passing)  # members know these of the relay, not the relay of members
    theirs = {name: secret for name, secret in secrets.items() if secret not in own}
    _check_what_the_relay_keeps(tmp_path / "relay", theirs)


def _check_what_the_relay_keeps(folder: Path, secrets: dict[str, bytes]) -> None:
    """Its key, and rows of topics and envelopes: nothing that is a member's."""
    files = [path for path in folder.iterdir() if path.is_file()]
    assert {path.name for path in files} <= {"relay.key", "relay.db", "relay.db-wal", "relay.db-shm"}
    with contextlib.closing(sqlite3.connect(folder / "relay.db")) as database:
        topics = database.execute("SELECT topic, head FROM topics").fetchall()
        rows = database.execute("SELECT envelope, signature, hash, before FROM envelopes").fetchall()
    assert len(rows) > 1
    envelopes = [row[0] for row in rows]
    assert odd_sizes(envelopes, frozenset(ENVELOPE_CLASSES_BYTES)) == set()
    assert twice(envelopes) == set(), "no envelope has eight bytes of another"
    found_there = {one for row in (*topics, *rows) for one in row}  # members keep hashes and heads of these
    theirs = {name: one for name, one in secrets.items() if one not in found_there}
    assert len(theirs) > len(secrets) * 0.8
    assert canaries([path.read_bytes() for path in files], theirs) == set()
