"""Two daemons with nothing between them but a serial line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "net"))
sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))

from capturework import LINK_FRAME_BYTES, canaries, line, odd_sizes, secrets_of, twice
from linework import Pump
from processwork import found, meet, until
from switchwork import Host, HostNode, network

from meshcoal.api.commands import (
    ListMessages,
    ListPeers,
    PostMessage,
    ShowCampaign,
    StartNearby,
)
from meshcoal.api.views import CampaignView, MessagesView, MessageView, NearbyView, PeersView

CANARIES = (b"anahita", b"benyamin", b"Evin five", b"through the wall", b"meshcoal")  # too long for chance


def test_two_meet_over_a_wire(tmp_path: Path) -> None:
    """Goal: a link that is no network carries a campaign, and who listens learns nothing. Method: invitation
    to message over two pseudo-terminals joined by a pump, hosts without addresses; both start once more and
    meet again; every byte that crossed, against all that both keep, and each session against the other."""
    pump = Pump()

    async def run(hosts: list[Host]) -> dict[str, bytes]:
        pump.start()
        ana, ben = (
            HostNode(tmp_path, host, "--line", f"serial:{device}@115200")
            for host, device in zip(hosts, pump.devices, strict=True)
        )
        try:
            for node in (ana, ben):
                node.make_vault_cheaply()
                await node.start()
                await node.unlock()
                await node.ask(StartNearby(minutes=10), NearbyView)
            campaign = await found(ana)
            await meet(ana, ben, campaign)
            channel = (await ben.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id

            async def said(text: str) -> None:
                post = PostMessage(campaign=campaign, channel=channel, text=text)
                await ben.ask(post, MessageView)

                async def lacking() -> str:
                    page = await ana.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
                    return "" if any(one.text == text for one in page.messages) else "it is not with Ana"

                await until(lacking)

            await said("through the wall")
            peers = await ana.ask(ListPeers(), PeersView)
            assert {peer.transport for peer in peers.peers if peer.connected} == {"line"}
            for node in (ana, ben):
                assert await node.stop() == 0
                await node.start()
                await node.unlock()
                await node.ask(StartNearby(minutes=10), NearbyView)
            await said("through the wall again")
        finally:
            for node in (ana, ben):
                await node.stop()
            pump.end()
        return {
            f"{node.name} {name}": secret
            for node in (ana, ben)
            for name, secret in secrets_of(node.home, node.passphrase).items()
        }

    with (
        network("anahita", ipv4=False, ipv6=False) as one,
        network("benyamin", ipv4=False, ipv6=False) as other,
    ):
        secrets = asyncio.run(run([*one.hosts.values(), *other.hosts.values()]))
    assert len(pump.carried) > 10_000
    assert not any(canary in pump.carried for canary in CANARIES)
    # While nobody holds its near end, a pseudo-terminal echoes what comes, in a form that is no packet.
    heard = [line(bytes(data), cuts=24) for data in pump.sent.values()]
    frames = [frame for one_way in heard for frame in one_way.frames]
    announced = [announcement for one_way in heard for announcement in one_way.announced]
    numbers = [number for one_way in heard for number in one_way.numbers]
    assert odd_sizes(frames, LINK_FRAME_BYTES) == set()
    assert len(announced) >= 4, "of two nodes in two sessions"
    assert twice([*frames, *announced]) == set()
    assert len(set(numbers)) == len(numbers) >= 2
    assert canaries([*frames, *announced, *map(bytes, pump.sent.values())], secrets) == set()
