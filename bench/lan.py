"""The local network: from both in meet mode to the first message, real daemons on two hosts (namespaces).

    python bench/lan.py [--tries 20] [--delay-ms 0] [--loss 0]      (as root, on Linux)

Each time one of the two starts anew, so that nothing stands between them but the cable. Beside it: when the
link stood. Announcing alone takes 1.2 s: multicast DNS waits that long to hear whether a name is taken.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "lan"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from common import arguments, median, progress, quantile, report
from processwork import found, meet
from switchwork import Cable, HostNode, Switch, network

from meshcoal.api.commands import (
    ListMessages,
    ListPeers,
    PostMessage,
    ShowCampaign,
    StartNearby,
    StopNearby,
)
from meshcoal.api.views import CampaignView, MessagesView, MessageView, NearbyView, PeersView

LOOK_S = 0.02


async def again(
    ana: HostNode, ben: HostNode, campaign: bytes, channel: bytes, number: int
) -> tuple[float, float]:
    """Milliseconds until what Ben wrote is with Ana, and until they are connected."""
    await ana.ask(StopNearby(), NearbyView)
    await ben.kill()
    await ben.start()
    await ben.unlock()
    text = f"try {number}"
    await ben.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)
    began_s = time.perf_counter()
    await asyncio.gather(
        ana.ask(StartNearby(minutes=10), NearbyView), ben.ask(StartNearby(minutes=10), NearbyView)
    )
    connected_s = 0.0
    while True:
        if not connected_s:
            peers = await ana.ask(ListPeers(), PeersView)
            if any(peer.connected for peer in peers.peers):
                connected_s = time.perf_counter()
        page = await ana.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        if any(message.text == text for message in page.messages):
            ended_s = time.perf_counter()
            return (ended_s - began_s) * 1000, ((connected_s or ended_s) - began_s) * 1000
        await asyncio.sleep(LOOK_S)


async def measure(folder: Path, switch: Switch, tries: int) -> tuple[list[float], list[float]]:
    ana, ben = (HostNode(folder, host) for host in switch.hosts.values())
    tell = progress("meetings")
    messages, links = [], []
    try:
        for node in (ana, ben):
            node.make_vault_cheaply()
            await node.start()
            await node.unlock()
            await node.ask(StartNearby(minutes=10), NearbyView)
        campaign = await found(ana)
        await meet(ana, ben, campaign)
        channel = (await ana.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
        for number in range(tries):
            message_ms, link_ms = await again(ana, ben, campaign, channel, number)
            messages.append(message_ms)
            links.append(link_ms)
            tell(number + 1)
    finally:
        for node in (ana, ben):
            await node.stop()
    return messages, links


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="of each cable, one way")
    parser.add_argument("--loss", type=float, default=0.0, help="of each cable, 0 to 1")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, network("ana", "ben") as switch:
        for host in switch.hosts.values():
            host.cable = Cable(delay_s=chosen.delay_ms / 1000, loss=chosen.loss)
        messages, links = asyncio.run(measure(Path(folder), switch, chosen.tries))
    report(
        "lan",
        tries=chosen.tries,
        delay_ms=chosen.delay_ms,
        loss=chosen.loss,
        message_ms_p50=median(messages),
        message_ms_p99=quantile(messages, 0.99),
        link_ms_p50=median(links),
        link_ms_p99=quantile(links, 0.99),
    )


if __name__ == "__main__":
    main()
