"""Strangers and members of bad will, on real sockets, against real daemons."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from processwork import RealNode

from meshcoal.api.commands import GetCounters, GetStatus, ListMessages, ShowCampaign
from meshcoal.api.views import CampaignView, CountersView, MessagesView, StatusView
from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.daemon.backing import HomeBacking
from meshcoal.daemon.main import now_ms
from meshcoal.ids import CampaignId
from meshcoal.net.address import parse
from meshcoal.node.campaign import Campaign
from meshcoal.node.pace import USUAL
from meshcoal.node.records import CAMPAIGNS, CampaignRecord, load
from meshcoal.sync.knock import Knocks, Pattern, campaign_psk, invitation_psk
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Message
from meshcoal.wire.invitation import decode_invitation

GROWTH_KIB_MAX = 96 * 1024  # of a daemon under attack; idle it has some 60 MiB in all
UPGRADE = (
    b"GET /link HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n"
)
ADDRESSES = 50  # that the outsider has


async def port_of(node: RealNode) -> int:
    status = await node.ask(GetStatus(), StatusView)
    return parse(status.listening[0])[1]


def resident_kib(node: RealNode) -> int:
    """Memory of the daemon's process."""
    assert node.process is not None
    lines = Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:")))


async def counted(node: RealNode) -> dict[str, int]:
    view = await node.ask(GetCounters(), CountersView)
    return {one.code: one.count for one in view.counters}


async def texts(node: RealNode, campaign: bytes, channel: bytes, *, pages_max: int = 1_000) -> list[str]:
    """Of a channel, oldest first; of the newest pages alone where that is enough."""
    held: list[str] = []
    before = b""
    for _ in range(pages_max):
        page = await node.ask(
            ListMessages(campaign=campaign, channel=channel, before=before, limit=500), MessagesView
        )
        held[:0] = [one.text for one in page.messages]
        if not page.more:
            break
        before = page.messages[0].id
    return held


class Outsider:
    """Opens sockets without end, from many addresses, and misbehaves on each in one of several ways.

    Of any four sockets one says nothing, one sends a request a byte at a time, one upgrades and then sends a
    frame a byte at a time, one sends garbage. What is closed is opened again.
    """

    def __init__(self, port: int, sockets: int) -> None:
        self._port = port
        self._sockets = sockets
        self._numbers = itertools.count()
        self.opened = 0

    async def attack(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._sockets):
                tasks.create_task(self._again_and_again())

    async def _again_and_again(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._once(next(self._numbers))
            await asyncio.sleep(0.2)

    async def _once(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as raw:
            raw.setblocking(False)
            raw.bind((f"127.0.1.{1 + number % ADDRESSES}", 0))
            await loop.sock_connect(raw, ("127.0.0.1", self._port))
            self.opened += 1
            match number % 4:
                case 0:
                    await loop.sock_recv(raw, 1)
                case 1:
                    await self._dribble(raw, UPGRADE * 1_000)
                case 2:
                    await loop.sock_sendall(raw, UPGRADE + b"\r\n")
                    await self._dribble(raw, b"\x82\xfe\x08\x10" + bytes(2_068))
                case _:
                    await loop.sock_sendall(raw, os.urandom(4_096))
                    await loop.sock_recv(raw, 1)

    async def _dribble(self, raw: socket.socket, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        for byte in data:
            await loop.sock_sendall(raw, bytes([byte]))
            await asyncio.sleep(1)


class Guest:
    """Whoever holds an invitation: through the handshake, and free to say anything."""

    def __init__(self, stream: ClientWebSocketResponse, session: Session) -> None:
        self.stream = stream
        self.session = session

    @classmethod
    async def enter(cls, client: ClientSession, text: str) -> Guest:
        invitation = decode_invitation(text)
        entropy = OsEntropy()
        session, frame = Session.dial(
            name=("invitation", invitation.code),
            pattern=Pattern.INVITATION,
            static=AgreementKey.from_private(entropy.take(32)),
            remote=invitation.person,
            psk=invitation_psk(invitation.code),
            tools=Tools(entropy=entropy, kem=MLKEM768(), knocks=Knocks()),
            now_ms=now_ms(),
        )
        return await cls._knock(client, parse(invitation.hints[0])[1], session, frame)

    @classmethod
    async def _knock(cls, client: ClientSession, port: int, session: Session, frame: bytes) -> Guest:
        stream = await client.ws_connect(f"http://127.0.0.1:{port}/link", compress=0, max_msg_size=2**20)
        await stream.send_bytes(frame)
        answers, _ = session.read(await stream.receive_bytes(), now_ms())
        for answer in answers:
            await stream.send_bytes(answer)
        guest = cls(stream, session)
        await guest.hear()
        return guest

    async def hear(self) -> list[Message]:
        """Messages of the next frame."""
        _, messages = self.session.read(await self.stream.receive_bytes(), now_ms())
        return messages

    async def say_raw(self, encoded: bytes) -> None:
        """Seal and send anything."""
        for frame in self.session.seal(encoded, now_ms()):
            await self.stream.send_bytes(frame)

    async def end(self) -> None:
        """Wait until the other side hangs up."""
        while (await self.stream.receive()).type is WSMsgType.BINARY:
            pass


class Turncoat(Guest):
    """A member's keys in a changed program: through the handshake of the campaign, free to say anything."""

    @classmethod
    async def of(cls, client: ClientSession, member: Membership, port: int) -> Guest:
        session, frame = Session.dial(
            name=("campaign", member.campaign),
            pattern=Pattern.KNOWN,
            static=member.link,
            remote=member.remote,
            psk=campaign_psk(member.campaign),
            tools=Tools(entropy=OsEntropy(), kem=MLKEM768(), knocks=Knocks()),
            now_ms=now_ms(),
        )
        return await cls._knock(client, port, session, frame)

    async def dribble(self, frame_bytes: int) -> None:
        """Begin a frame, and send a byte of it a second."""
        transport = self.stream._writer.transport
        transport.write(b"\x82\xfe" + frame_bytes.to_bytes(2, "big") + bytes(4))
        for _ in range(frame_bytes):
            transport.write(b"\x00")
            await asyncio.sleep(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a member's disk holds that opens a link to another member."""

    campaign: CampaignId
    link: AgreementKey
    remote: bytes  # the other's link key


def membership_of(node: RealNode, campaign: bytes, *, other: str) -> Membership:
    """From the disk of a node that does not run."""
    backing = HomeBacking(node.home)
    store = backing.open(backing.unwrap(node.passphrase))
    try:
        record = load(store.reader, CampaignRecord, CAMPAIGNS, campaign)
        assert record is not None
        held = Campaign.recover(
            id=CampaignId(campaign), record=record, reader=store.reader, sealer=XWingSealer(), pace=USUAL
        )
        remote = next(one.card.link for one in held.roster().members.values() if one.card.name == other)
        return Membership(campaign=held.id, link=held.persona.link, remote=remote)
    finally:
        store.close()


async def while_doing(attack: Awaitable[None], work: Callable[[], Awaitable[None]]) -> None:
    """Do the work while the attack goes on; the attack ends with it, and may not end before."""
    attacking = asyncio.ensure_future(attack)
    try:
        await work()
        assert not attacking.done(), attacking
    finally:
        attacking.cancel()
        await asyncio.wait({attacking})


async def party(folder: Path, *names: str) -> list[RealNode]:
    """These nodes, each with a vault, at work and open."""
    made = [RealNode(folder, name) for name in names]
    for node in made:
        node.make_vault_cheaply()
        await node.start()
        await node.unlock()
    return made


async def ended(*nodes: RealNode) -> None:
    """Each stops as it should, and told of no bug."""
    for node in nodes:
        assert await node.stop() == 0
        assert "Traceback" not in node.noise.read_text(encoding="utf-8", errors="replace")


async def channel_of(node: RealNode, campaign: bytes) -> bytes:
    """The first channel."""
    view = await node.ask(ShowCampaign(campaign=campaign), CampaignView)
    return view.channels[0].id
