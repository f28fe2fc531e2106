"""Real daemons that reach each other through Tor alone: talk, a letter, a tor that dies, no plain socket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ipaddress
import sys
from pathlib import Path

from meshcoal.api.commands import (
    AcceptInvitation,
    ChoosePaths,
    DraftStatement,
    FreezeStatement,
    GetTor,
    ListMessages,
    ListPeers,
    ListStatements,
    MakeInvitation,
    PostMessage,
    Seat,
    SetBridges,
    ShowCampaign,
    SignStatement,
    SwitchTor,
)
from meshcoal.api.views import (
    CampaignView,
    IntroductionView,
    InvitationView,
    MessagesView,
    MessageView,
    PeersView,
    StatementPhase,
    StatementsView,
    StatementView,
    TorStanding,
    TorView,
)
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.errors import TorAbsent
from meshcoal.limits import INVITATION_LIFETIME_MS
from meshcoal.wire.invitation import Invitation, decode_invitation, encode_invitation
from meshcoal.wire.onion import decode_onion, is_onion
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[2] / "capture"))

from capturework import Stream, canaries, check_links, secrets_of, streams
from processwork import RealNode, found, meet, until
from sniffing import Sniffer
from tornet import TorNet, TorNode

pytest_plugins = ["networkplugin"]


class TwoNodes:
    """Ana uses a tor of the system's, Ben one of his own, which begins at a bridge."""

    def __init__(self, folder: Path, net: TorNet) -> None:
        self.ana, self.ben = RealNode(folder, "Ana"), RealNode(folder, "Ben")
        self.net = net
        self.tor: TorNode | None = None

    async def start(self) -> None:
        self.tor = await asyncio.to_thread(self.net.client, "anastor")
        for node in (self.ana, self.ben):
            node.make_vault_cheaply()
            await node.start()
            await node.ask(ChoosePaths(only_tor=True), TorView)
        await self.ana.ask(
            SwitchTor(on=True, own=False, control=f"unix:{self.tor.control}", open_port=False, torrc=""),
            TorView,
        )
        await self.ben.ask(
            SwitchTor(on=True, own=True, control="", open_port=False, torrc=str(self.net.settings)), TorView
        )
        await self.ben.ask(SetBridges(bridges=(self.net.bridge_line,)), TorView)
        for node in (self.ana, self.ben):
            await node.unlock()
        for node in (self.ana, self.ben):
            await stands(node, TorStanding.READY)

    async def stop(self) -> None:
        for node in (self.ana, self.ben):
            await node.stop()


async def stands(node: RealNode, standing: TorStanding) -> TorView:
    seen: list[TorView] = []

    async def lacking() -> str:
        seen[:] = [await node.ask(GetTor(), TorView)]
        return "" if seen[0].standing is standing else f"{node.name}: {seen[0]}"

    await until(lacking)
    return seen[0]


class Socket:
    """A TCP socket of a process, as the kernel lists it."""

    def __init__(self, row: list[str]) -> None:
        self.near_host, self.near_port = _place(row[1])
        self.far_host, self.far_port = _place(row[2])
        self.listens = row[3] == "0A"


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    raw = bytes.fromhex(host)
    words = [raw[at : at + 4][::-1] for at in range(0, len(raw), 4)]
    return str(ipaddress.ip_address(b"".join(words))), int(port, 16)


def sockets_of(node: RealNode) -> list[Socket]:
    """Every TCP and UDP socket that the daemon holds."""
    assert node.process is not None
    held = set()
    for link in Path(f"/proc/{node.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(str(link.readlink()))
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            row = line.split()
            if f"socket:[{row[9]}]" in held:
                found.append(Socket(row))
    return found


async def offered_onion(node: RealNode) -> Invitation:
    """What an invitation says of where a node can be found."""
    command = MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=INVITATION_LIFETIME_MS)
    invitation = decode_invitation((await node.ask(command, InvitationView)).text)
    assert [is_onion(hint) for hint in invitation.hints] == [True]
    return invitation


async def plant(node: RealNode, hint: str, *, like: Invitation) -> None:
    """Have a node look for somebody at a plain address."""
    text = encode_invitation(dataclasses.replace(like, hints=(hint,)))
    await node.ask(AcceptInvitation(text=text), IntroductionView)


async def said(node: RealNode, campaign: bytes, text: str) -> None:
    view = await node.ask(ShowCampaign(campaign=campaign), CampaignView)
    await node.ask(PostMessage(campaign=campaign, channel=view.channels[0].id, text=text), MessageView)


async def heard(node: RealNode, campaign: bytes, text: str) -> None:
    view = await node.ask(ShowCampaign(campaign=campaign), CampaignView)

    async def lacking() -> str:
        command = ListMessages(campaign=campaign, channel=view.channels[0].id)
        messages = await node.ask(command, MessagesView)
        return "" if text in [one.text for one in messages.messages] else f"{node.name} lacks {text}"

    await until(lacking)


async def signed(writer: RealNode, signer: RealNode, campaign: bytes) -> None:
    """A letter by one, signed by the other, counted by the first."""
    draft = DraftStatement(campaign=campaign, language="en", title="Release her", text="Release her now.")
    letter = (await writer.ask(draft, StatementView)).id
    frozen = await writer.ask(
        FreezeStatement(
            campaign=campaign,
            statement=letter,
            revisions=(),
            addressees=("The Minister",),
            deadline_ms=now_ms() + DAY_MS,
        ),
        StatementView,
    )

    async def unopened() -> str:
        letters = await signer.ask(ListStatements(campaign=campaign), StatementsView)
        phases = [one.phase for one in letters.statements]
        return "" if phases == [StatementPhase.OPEN] else f"no letter to sign: {phases}"

    await until(unopened)
    command = SignStatement(
        campaign=campaign,
        statement=letter,
        digest=frozen.digest,
        capacity=Capacity.ORGANISATION,
        name="The Ben Centre",
    )
    await signer.ask(command, StatementView)

    async def uncounted() -> str:
        letters = await writer.ask(ListStatements(campaign=campaign), StatementsView)
        return "" if [one.counted for one in letters.statements] == [1] else "no signature"

    await until(uncounted)


async def opened_doors(node: RealNode, count: int) -> set[int]:
    """The ports of loopback to which tor brings others."""
    found_here: set[int] = set()

    async def lacking() -> str:
        found_here.update([one.near_port for one in sockets_of(node) if one.listens])
        return "" if len(found_here) >= count else f"{len(found_here)} doors"

    await until(lacking)
    return found_here


def behind_socks(stream: Stream) -> Stream:
    """What follows the words by which tor is asked for a connection (RFC 1928, RFC 1929).

    In those stands the address that is dialled: they do not leave the machine.
    """
    begun = max(stream.data.find(b"GET /link "), stream.data.find(b"HTTP/1.1 101"))
    assert begun <= 1_000
    return dataclasses.replace(stream, data=stream.data[begun:] if begun >= 0 else b"")


def check_what_crossed(two: TwoNodes, near: list[bytes], between: list[bytes], doors: set[int]) -> None:
    """Between daemon and tor: as on any link. Between tors: nothing that went in there is to be read."""
    secrets = {
        f"{node.name} {name}": secret
        for node in (two.ana, two.ben)
        for name, secret in secrets_of(node.home, node.passphrase).items()
    }
    links = [behind_socks(one) for one in streams(near)]
    links = [one for one in links if one.data]
    assert len(links) >= 4, "connections before and after the tor died, both directions"
    frames = check_links(links, secrets)
    # Tors keep the connections between them: most were there before anybody looked.
    wire = [one.data for one in streams(between, whole=False)]
    assert sum(map(len, wire)) > sum(map(len, frames)), "it went that way"
    assert canaries(wire, secrets) == set(), "nor is any onion's name among it"
    assert canaries(wire, {str(number): frame for number, frame in enumerate(frames)}) == set()


async def test_two_work_together_where_nothing_but_tor_is_allowed(tmp_path: Path, net: TorNet) -> None:
    """Goal: Tor alone is enough for all of it, and nothing else is used. Method: two daemons, one with the
    system's tor, one with its own behind an obfs4 bridge; a listener that a planted address names; an
    admission, talk, a signed letter; every socket of both; the system's tor killed and started afresh.
    What crosses between Ana's daemon and her tor, and between all tors, is looked through."""
    two = TwoNodes(tmp_path, net)
    ana, ben = two.ana, two.ben
    knocks: list[object] = []
    trap = await asyncio.start_server(lambda reader, writer: knocks.append(writer), "127.0.0.1", 0)
    seen = contextlib.ExitStack()
    await two.start()
    try:
        assert two.tor is not None
        shown = await offered_onion(ana)
        campaign = await found(ana)
        doors = await opened_doors(ana, 2)
        near = seen.enter_context(Sniffer({two.tor.or_port, *doors}))
        between = seen.enter_context(
            Sniffer({port for tor in net.nodes for port in (tor.or_port, tor.obfs4_port) if tor != two.tor})
        )
        await plant(ben, f"127.0.0.1:{trap.sockets[0].getsockname()[1]}", like=shown)
        await meet(ana, ben, campaign)
        peers = await ana.ask(ListPeers(), PeersView)
        assert {peer.transport for peer in peers.peers if peer.connected} == {"onion"}
        await said(ana, campaign, "gate 4 at nine")
        await heard(ben, campaign, "gate 4 at nine")
        await signed(ana, ben, campaign)

        assert two.tor is not None
        for node in (ana, ben):
            status = await node.ask(GetTor(), TorView)
            assert status.only_tor
            far = [one for one in sockets_of(node) if one.near_host != "127.0.0.1"]
            assert far == [], "nothing but loopback"
        assert sockets_of(ben) == [], "a tor of one's own is spoken to over sockets of the file system"
        held = sockets_of(ana)
        assert all(one.far_port == two.tor.or_port or one.near_port in doors for one in held), "tor alone"
        assert knocks == []

        await asyncio.to_thread(net.kill, two.tor)
        gone = await stands(ana, TorStanding.FAILED)
        assert gone.code == TorAbsent.code
        assert gone.sentence
        await asyncio.to_thread(net.restart, two.tor)
        await stands(ana, TorStanding.READY)
        await said(ana, campaign, "we are an hour late")
        await heard(ben, campaign, "we are an hour late")
    finally:
        trap.close()
        await two.stop()
        seen.close()
    check_what_crossed(two, near.frames, between.frames, doors)
    name = decode_onion(shown.hints[-1]).host.removesuffix(".onion").encode()
    for folder in (ana.home, ben.home, two.tor.folder):
        assert [path.name for path in folder.rglob("*") if path.is_file() and name in path.read_bytes()] == []
    assert not (ana.home / "tor").exists()
