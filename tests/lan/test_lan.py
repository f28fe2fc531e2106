"""Meeting on a real local network: hosts in namespaces, real multicast, real daemons."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from zeroconf._dns import DNSAddress, DNSNsec, DNSPointer, DNSService, DNSText
from zeroconf._protocol.incoming import DNSIncoming

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))

from capturework import canaries, check_links, in_both, secrets_of, streams
from processwork import found, meet, until
from switchwork import Cable, HostNode, Switch, network

from meshcoal.api.commands import (
    ListMessages,
    PostMessage,
    ShowCampaign,
    ShowNearby,
    StartNearby,
    StopNearby,
)
from meshcoal.api.views import CampaignView, MessagesView, MessageView, NearbyView

MULTICAST = (bytes.fromhex("01005e0000fb"), bytes.fromhex("3333000000fb"))
CANARIES = (
    b"anahita",
    b"benyamin",
    b"evin five",
    b"meshcoal",
    b"campaign",
    b"general",
)  # too long for chance


@asynccontextmanager
async def nodes(folder: Path, switch: Switch) -> AsyncIterator[list[HostNode]]:
    """A daemon on each host, with its vault open."""
    made = [HostNode(folder, host) for host in switch.hosts.values()]
    try:
        for node in made:
            node.make_vault_cheaply()
            await node.start()
            await node.unlock()
        yield made
    finally:
        for node in made:
            if node.process is not None:
                await node.hang_up()
                node.process.kill()
                node.process.wait()


async def start(*all_of_them: HostNode) -> None:
    for node in all_of_them:
        await node.ask(StartNearby(minutes=10), NearbyView)


async def connected(node: HostNode) -> None:
    async def lacking() -> str:
        view = await node.ask(ShowNearby(), NearbyView)
        return (
            "" if any(one.connected for one in view.found) else f"{node.name} is connected to nobody: {view}"
        )

    await until(lacking)


async def said(writer: HostNode, reader: HostNode, campaign: bytes, text: str) -> None:
    """What one writes reaches the other."""
    view = await writer.ask(ShowCampaign(campaign=campaign), CampaignView)
    channel = view.channels[0].id
    await writer.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)

    async def lacking() -> str:
        page = await reader.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        return "" if any(one.text == text for one in page.messages) else f"{reader.name} lacks {text}"

    await until(lacking)


@pytest.mark.parametrize(("ipv4", "ipv6"), [(True, True), (False, True), (True, False)])
def test_two_who_never_met_sign_in_without_internet(tmp_path: Path, ipv4: bool, ipv6: bool) -> None:
    """Goal: invitation to message with nothing but a cable. Method: both protocols, then one alone."""

    async def run(switch: Switch) -> None:
        async with nodes(tmp_path, switch) as (ana, ben):
            campaign = await found(ana)
            await start(ana, ben)
            await meet(ana, ben, campaign)
            await connected(ana)
            await said(ben, ana, campaign, "no internet at all")
            assert not any(
                frame[:6] == b"\xff" * 6 and frame[12:14] == b"\x08\x00" for frame in switch.frames
            )

    with network("anahita", "benyamin", ipv4=ipv4, ipv6=ipv6) as switch:
        asyncio.run(run(switch))


def test_a_bad_network_and_a_partition_cost_time_alone(tmp_path: Path) -> None:
    """Goal: they find each other again. Method: delay, loss, a partition at the start; healing."""

    async def run(switch: Switch) -> None:
        async with nodes(tmp_path, switch) as (ana, ben):
            campaign = await found(ana)
            await start(ana, ben)
            await meet(ana, ben, campaign)
            await said(ana, ben, campaign, "before")
            for node in (ana, ben):
                await node.ask(StopNearby(), NearbyView)
            await ben.kill()
            for host in switch.hosts.values():
                host.cable = Cable(delay_s=0.05, jitter_s=0.02, loss=0.1)
            switch.partition(["anahita"], ["benyamin"])
            await ben.start()
            await ben.unlock()
            await start(ana, ben)
            view = await ana.ask(ShowNearby(), NearbyView)
            assert not view.found
            switch.heal()
            await connected(ben)
            await said(ben, ana, campaign, "after")

    with network("anahita", "benyamin", seed=7) as switch:
        asyncio.run(run(switch))


def test_who_was_killed_is_found_under_the_new_name(tmp_path: Path) -> None:
    """Goal: an announcement nobody took back harms nobody. Method: kill -9, start, meet again."""

    async def run(switch: Switch) -> None:
        async with nodes(tmp_path, switch) as (ana, ben):
            campaign = await found(ana)
            await start(ana, ben)
            await meet(ana, ben, campaign)
            await connected(ana)
            await ben.kill()
            await ben.start()
            await ben.unlock()
            await start(ben)
            await said(ben, ana, campaign, "I am back")

    with network("anahita", "benyamin") as switch:
        asyncio.run(run(switch))


def test_nothing_stable_or_personal_is_announced(tmp_path: Path) -> None:
    """Goal: a listener learns that somebody announces something, and that two talk. Method: every multicast
    frame of two meetings, and every byte of their connections, looked through for all that both keep, for
    anything that stands in both, and for frames of odd sizes."""
    kept: dict[str, bytes] = {}

    async def run(switch: Switch) -> list[list[bytes]]:
        async with nodes(tmp_path, switch) as (ana, ben):
            campaign = await found(ana)
            meetings = []
            for number in range(2):
                begun = len(switch.frames)
                await start(ana, ben)
                if number == 0:
                    await meet(ana, ben, campaign)
                await connected(ana)
                await said(ana, ben, campaign, f"meeting {number}")
                for node in (ana, ben):
                    await node.ask(StopNearby(), NearbyView)
                await until(lambda: _open_ports(ana, ben))
                meetings.append([frame for frame in switch.frames[begun:] if frame[:6] in MULTICAST])
            for node in (ana, ben):
                assert await node.stop() == 0
                kept.update(secrets_of(node.home, node.passphrase))
            return meetings

    async def _open_ports(*both: HostNode) -> str:
        # The last thing that is done: what was announced is taken back by then.
        listen = [one for node in both for one in _listening(node) if one[0].startswith("10.99.")]
        return f"still on: {listen}" if listen else ""

    with network("anahita", "benyamin") as switch:
        first, second = asyncio.run(run(switch))
        every = list(switch.frames)
    assert min(len(first), len(second)) > 4, "something was announced"
    for frame in every:
        lowered = frame.lower()
        assert not any(canary in lowered for canary in CANARIES)
    names = [set(_labels(meeting)) for meeting in (first, second)]
    assert len(names[0]) >= 4, "instances and hosts of two nodes"
    assert not names[0] & names[1], "no name of chance stands in both meetings"
    fields = [set(_fields(meeting)) for meeting in (first, second)]
    assert len(fields[0]) >= 2
    assert not fields[0] & fields[1]
    parts = [
        one[at : at + 11] for field in fields[0] | fields[1] for one in [field] for at in range(0, 99, 11)
    ]
    assert len(set(parts)) == len(parts), "and no part of a field comes twice"
    links = [one for one in streams(every) if one.data]
    assert len(links) >= 4, "connections of two meetings, both directions"
    check_links(links, kept)
    words = [[word for frame in meeting for word in announced(frame)] for meeting in (first, second)]
    assert min(map(len, words)) > 20
    assert in_both(*words) == set()
    assert canaries([frame for meeting in (first, second) for frame in meeting], kept) == set()


SERVICE = "_http._tcp.local."  # constant: what printers and music players say


def announced(frame: bytes) -> list[bytes]:
    """All that an announcer chose in a packet: names and texts. Every record is of a kind that is known.

    Not chosen: addresses of the network and the card, numbers of kinds and lifetimes.
    """
    head = 42 if frame[12:14] == b"\x08\x00" else 62
    packet = DNSIncoming(frame[head:])
    assert packet.valid
    words = [question.name for question in packet.questions]
    for record in packet.answers():
        words.append(record.name)
        if isinstance(record, DNSText):
            words.append(record.text.decode("latin-1"))
        elif isinstance(record, DNSPointer):
            words.append(record.alias)
        elif isinstance(record, DNSService):
            words.append(record.server)
        else:
            assert isinstance(record, (DNSAddress, DNSNsec)), record
    return [word.removesuffix(SERVICE).removesuffix("local.").encode("latin-1") for word in words]


def _labels(frames: list[bytes]) -> list[bytes]:
    """Names of chance: labels of eight letters and digits."""
    return [label for frame in frames for label in re.findall(rb"\x08([a-z2-7]{8})", frame)]


def _fields(frames: list[bytes]) -> list[bytes]:
    return [one for frame in frames for one in re.findall(rb"id=([A-Za-z0-9_-]{107})", frame)]


def test_when_it_ends_nobody_listens(tmp_path: Path) -> None:
    """Goal: off means off. Method: start, stop; a program on the other host knocks at the port."""

    async def run(switch: Switch) -> None:
        async with nodes(tmp_path, switch) as (ana, ben):
            campaign = await found(ana)
            await start(ana, ben)
            await meet(ana, ben, campaign)
            (hint,) = {one for one in _listening(ana) if one[0].startswith("10.99.")}
            assert _reaches(ben, *hint)
            await ana.ask(StopNearby(), NearbyView)

            async def lacking() -> str:
                return "still listens" if _reaches(ben, *hint) else ""

            await until(lacking)
            await said(ben, ana, campaign, "the link goes on")

    with network("anahita", "benyamin", ipv6=False) as switch:
        asyncio.run(run(switch))


def _listening(node: HostNode) -> list[tuple[str, int]]:
    """What a host's kernel says about sockets that listen, IPv4."""
    table = subprocess.run(
        [*node.host.inside, "cat", "/proc/net/tcp"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found_here = []
    for line in table.splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == "0A":
            address, port = local.split(":")
            octets = bytes.fromhex(address)[::-1]
            found_here.append((".".join(map(str, octets)), int(port, 16)))
    return found_here


def _reaches(node: HostNode, host: str, port: int) -> bool:
    code = f"import socket; socket.create_connection(({host!r}, {port}), 3).close()"
    return not subprocess.run(
        [*node.host.inside, sys.executable, "-c", code], capture_output=True, check=False
    ).returncode
