"""Live delivery: from sending a message at one node to its text in the hands of every other node's client.

Real daemons on loopback, fully linked; signed, sealed, stored and acknowledged. A client per node listens for
notices and fetches the newest messages, as a screen does.

    python bench/live.py [--nodes 2 8] [--messages N] [--rate N] [--bytes N]
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

from common import PASSPHRASE, Daemon, Maker, arguments, daemons, free_ports, median, quantile, report

from meshcoal.api.commands import ListMessages, PostMessage, ShowCampaign, Subscribe, Unlock
from meshcoal.api.views import CampaignView, MessagesView, MessageView, NoticeKind
from meshcoal.client.connection import Client


class Watcher:
    """A client that shows one channel."""

    def __init__(self, client: Client, campaign: bytes, channel: bytes) -> None:
        self.client = client
        self._campaign = campaign
        self._channel = channel
        self.shown_s: dict[bytes, float] = {}

    async def watch(self) -> None:
        async for notice in self.client.notices():
            if notice.kind is NoticeKind.MESSAGES:
                command = ListMessages(campaign=self._campaign, channel=self._channel, limit=20)
                page = await self.client.send(command)
                assert isinstance(page, MessagesView)
                for message in page.messages:
                    self.shown_s.setdefault(message.id, time.perf_counter())


async def linked(client: Client, campaign: bytes, nodes: int) -> None:
    """Wait until this node has a link to every other."""
    while True:
        view = await client.send(ShowCampaign(campaign=campaign))
        assert isinstance(view, CampaignView)
        if sum(member.connected for member in view.members) >= nodes:
            return
        await asyncio.sleep(0.05)


async def play(
    maker: Maker, running: list[Daemon], messages: int, rate: float, size: int
) -> tuple[list[float], float]:
    """Post and watch: a latency in milliseconds for each message and receiving node; seconds of CPU."""
    nodes = len(running)
    clients = [await Client.connect(home) for home in maker.homes]
    for client in clients:
        await client.send(Unlock(passphrase=PASSPHRASE))
    for client in clients:
        await linked(client, maker.campaign, nodes)
        await client.send(Subscribe())
    watchers = [Watcher(client, maker.campaign, maker.channel) for client in clients]
    senders = [await Client.connect(home) for home in maker.homes]
    watching = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    sent_s: dict[bytes, tuple[int, float]] = {}
    before_s = sum(one.cpu_s() for one in running)
    began = time.perf_counter()
    for number in range(messages):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        sender = number % nodes
        command = PostMessage(campaign=maker.campaign, channel=maker.channel, text="m" * size)
        at_s = time.perf_counter()
        view = await senders[sender].send(command)
        assert isinstance(view, MessageView)
        sent_s[view.id] = (sender, at_s)
    deadline = time.perf_counter() + 30
    wanted = messages * (nodes - 1)
    while time.perf_counter() < deadline:
        latencies = [
            (watcher.shown_s[message] - at_s) * 1000
            for message, (sender, at_s) in sent_s.items()
            for index, watcher in enumerate(watchers)
            if index != sender and message in watcher.shown_s
        ]
        if len(latencies) == wanted:
            break
        await asyncio.sleep(0.05)
    cpu_s = sum(one.cpu_s() for one in running) - before_s
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    for client in (*clients, *senders):
        await client.close()
    if len(latencies) != wanted:
        raise SystemExit(json.dumps({"bench": "live", "error": f"{len(latencies)} of {wanted} arrived"}))
    return latencies, cpu_s


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 8])
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second in all")
    parser.add_argument("--bytes", type=int, default=300)
    chosen = parser.parse_args()
    figures: dict[str, object] = {}
    for nodes in chosen.nodes:
        with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
            maker = Maker(Path(folder), members=nodes, ports=free_ports(nodes))
            maker.finish()
            with daemons(maker.homes, maker.hints) as running:
                latencies, cpu_s = asyncio.run(
                    play(maker, running, chosen.messages, chosen.rate, chosen.bytes)
                )
                figures |= {
                    f"nodes_{nodes}_p50_ms": median(latencies),
                    f"nodes_{nodes}_p99_ms": quantile(latencies, 0.99),
                    f"nodes_{nodes}_cpu_us_per_delivery": cpu_s / len(latencies) * 1e6,
                    f"nodes_{nodes}_rss_mib": median([one.rss_mib() for one in running]),
                }
    report("live", messages=chosen.messages, rate_per_s=chosen.rate, message_bytes=chosen.bytes, **figures)


if __name__ == "__main__":
    main()
