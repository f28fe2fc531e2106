"""Two daemons with nothing between them but a serial line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "net"))

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
    """Goal: a link that is no network carries a campaign. Method: invitation to message over two
    pseudo-terminals joined by a pump, hosts without addresses; what crossed is looked through for names."""
    pump = Pump()

    async def run(hosts: list[Host]) -> None:
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
            post = PostMessage(campaign=campaign, channel=channel, text="through the wall")
            await ben.ask(post, MessageView)

            async def lacking() -> str:
                page = await ana.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
                return "" if any(one.text == post.text for one in page.messages) else "it is not with Ana"

            await until(lacking)
            peers = await ana.ask(ListPeers(), PeersView)
            assert {peer.transport for peer in peers.peers if peer.connected} == {"line"}
        finally:
            for node in (ana, ben):
                await node.stop()
            pump.end()

    with (
        network("anahita", ipv4=False, ipv6=False) as one,
        network("benyamin", ipv4=False, ipv6=False) as other,
    ):
        asyncio.run(run([*one.hosts.values(), *other.hosts.values()]))
    assert len(pump.carried) > 10_000
    assert not any(canary in pump.carried for canary in CANARIES)
