"""Live delivery: from sending a message at one node to every other node, and on to a screen.

Real daemons on loopback, each with its links as in use; signed, sealed, stored. Two ways of looking, one
after the other on the same daemons. *Delivered*: a node has checked and stored the message, and a program of
its user has been told (other networks: the receiving process has it). *Shown*: a client that fetches the
newest messages at each notice, as a screen does, has its text. With `--beside` other networks carry the same
messages in the same run, see `bench/beside.py`.

    python bench/live.py [--nodes 2 8 32] [--messages N] [--rounds N] [--beside all] [--quick]
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import beside
from common import (
    PASSPHRASE,
    Daemon,
    Maker,
    arguments,
    daemons,
    free_ports,
    median,
    progress,
    quantile,
    report,
    sent_over_tcp,
)

from meshcoal.api.commands import ListMessages, PostMessage, ShowCampaign, Subscribe, Unlock
from meshcoal.api.views import CampaignView, MessagesView, MessageView, NoticeKind
from meshcoal.client.connection import Client
from meshcoal.limits import CHANNELS_MAX

PATIENCE_S = 30.0  # for the last message
FAILED = "rounds_failed"  # of another network


@dataclass(slots=True)
class Measured:
    """What one round of messages took."""

    latencies_ms: list[float]
    cpu_us: float  # of all nodes, for each delivery
    rss_mib: float  # of a node, the median
    link_bytes: float  # on the links, with the headers of TCP left out, for each delivery; -1: not known


@dataclass(slots=True)
class Watcher:
    """A client of one node that notes when which message arrived.

    Each message goes to the channel after that of the one before, so that a notice says which it was.
    """

    client: Client
    campaign: bytes
    fetches: bool
    sent: dict[bytes, list[float]] = field(default_factory=dict)  # channel -> when a message went there
    arrived: dict[bytes, list[float]] = field(default_factory=dict)
    shown: dict[bytes, float] = field(default_factory=dict)

    async def watch(self) -> None:
        async for notice in self.client.notices():
            if notice.kind is not NoticeKind.MESSAGES or notice.by_me:
                continue
            if not self.fetches:
                self.arrived.setdefault(notice.subject, []).append(time.perf_counter())
                continue
            command = ListMessages(campaign=self.campaign, channel=notice.subject, limit=20)
            page = await self.client.send(command)
            assert isinstance(page, MessagesView)
            for message in page.messages:
                self.shown.setdefault(message.id, time.perf_counter())


async def linked(client: Client, campaign: bytes, nodes: int) -> None:
    """Wait until this node has a link to every other, or to all that it wants."""
    while True:
        view = await client.send(ShowCampaign(campaign=campaign))
        assert isinstance(view, CampaignView)
        if sum(member.connected for member in view.members) >= nodes:
            return
        await asyncio.sleep(0.05)


async def play(
    maker: Maker, running: Sequence[Daemon], messages: int, rate: float, size: int, *, fetches: bool
) -> Measured:
    """Post and watch."""
    nodes = len(running)
    clients = [await Client.connect(home) for home in maker.homes]
    senders = [await Client.connect(home) for home in maker.homes]
    for client in clients:
        await client.send(Subscribe())
    watchers = [Watcher(client, maker.campaign, fetches) for client in clients]
    watching = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    await asyncio.sleep(1.0)  # what opening links gave to do is done
    sent: list[tuple[int, bytes, bytes, float]] = []  # sender, channel, message, when
    before_s, before_bytes = (
        sum(one.cpu_s() for one in running),
        sent_over_tcp([one.process.pid for one in running]),
    )
    tell = progress(f"{nodes} nodes, messages")
    began = time.perf_counter()
    for number in range(messages):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        sender, channel = number % nodes, maker.channels[number % len(maker.channels)]
        command = PostMessage(campaign=maker.campaign, channel=channel, text="m" * size)
        at_s = time.perf_counter()
        view = await senders[sender].send(command)
        assert isinstance(view, MessageView)
        sent.append((sender, channel, view.id, at_s))
        tell(number + 1)
    wanted = messages * (nodes - 1)
    deadline = time.perf_counter() + PATIENCE_S
    while True:
        latencies = _latencies(sent, watchers, fetches=fetches)
        if len(latencies) == wanted or time.perf_counter() >= deadline:
            break
        await asyncio.sleep(0.05)
    took_s, took_bytes = (
        sum(one.cpu_s() for one in running) - before_s,
        sent_over_tcp([one.process.pid for one in running]),
    )
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    for client in (*clients, *senders):
        await client.close()
    if len(latencies) != wanted:
        raise SystemExit(json.dumps({"bench": "live", "error": f"{len(latencies)} of {wanted} arrived"}))
    return Measured(
        latencies_ms=latencies,
        cpu_us=took_s / wanted * 1e6,
        rss_mib=median([one.rss_mib() for one in running]),
        link_bytes=(took_bytes - before_bytes) / wanted if before_bytes >= 0 else -1.0,
    )


def _latencies(
    sent: Sequence[tuple[int, bytes, bytes, float]], watchers: Sequence[Watcher], *, fetches: bool
) -> list[float]:
    """In milliseconds, of each message at each other node where it is by now."""
    found = []
    for index, watcher in enumerate(watchers):
        turn: dict[bytes, int] = {}
        for sender, channel, message, at_s in sent:
            if index == sender:
                continue
            if fetches:
                at_node_s = watcher.shown.get(message)
            else:
                # The n-th message of a channel gives its n-th notice: two are never under way in one channel.
                times = watcher.arrived.get(channel, [])
                place = turn.get(channel, 0)
                turn[channel] = place + 1
                at_node_s = times[place] if place < len(times) else None
            if at_node_s is not None:
                found.append((at_node_s - at_s) * 1000)
    return found


def flush_ms(place: Path | None) -> float:
    """What the disk takes to keep 48 KiB, about what a message writes and waits for before it leaves."""
    took = []
    with tempfile.TemporaryFile(dir=place) as file:
        for _ in range(20):
            file.write(bytes(48 * 1024))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


def ours(nodes: int, messages: int, rate: float, size: int, place: Path | None) -> tuple[Measured, Measured]:
    """Delivered, and shown."""
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-", dir=place) as folder:
        channels = min(CHANNELS_MAX, 32)
        maker = Maker(Path(folder), members=nodes, ports=free_ports(nodes), channels=channels)
        maker.finish()
        with daemons(maker.homes, maker.hints) as running:
            return asyncio.run(_both(maker, running, messages, rate, size))


async def _both(
    maker: Maker, running: Sequence[Daemon], messages: int, rate: float, size: int
) -> tuple[Measured, Measured]:
    clients = [await Client.connect(home) for home in maker.homes]
    for client in clients:
        await client.send(Unlock(passphrase=PASSPHRASE))
    for client in clients:
        await linked(client, maker.campaign, len(running))
        await client.close()
    delivered = await play(maker, running, messages, rate, size, fetches=False)
    shown = await play(maker, running, messages, rate, size, fetches=True)
    return delivered, shown


def _round(
    nodes: int, names: Sequence[str], messages: int, rate: float, size: int, place: Path | None
) -> dict[str, float]:
    """One round of everything with so many nodes, by the names of the JSON line."""
    before_ms = flush_ms(place)
    delivered, shown = ours(nodes, messages, rate, size, place)
    figures = {
        "flush_ms": (before_ms + flush_ms(place)) / 2,
        "p50_ms": median(delivered.latencies_ms),
        "p99_ms": quantile(delivered.latencies_ms, 0.99),
        "cpu_us_per_delivery": delivered.cpu_us,
        "rss_mib": delivered.rss_mib,
        "bytes_per_delivery": delivered.link_bytes,
        "shown_p50_ms": median(shown.latencies_ms),
        "shown_p99_ms": quantile(shown.latencies_ms, 0.99),
        "shown_cpu_us_per_delivery": shown.cpu_us,
    }
    for name in names:
        try:
            other = beside.play(name, nodes=nodes, messages=messages, rate=rate, size=size)
        except TimeoutError as exc:  # theirs, not ours: the round goes on without it, and the line says so
            sys.stderr.write(f"{name}, {nodes} nodes: {exc}. Left out of this round.\n")
            figures[f"{name}_{FAILED}"] = 1.0
            continue
        figures[f"{name}_{FAILED}"] = 0.0
        figures |= {f"{name}_{key}": value for key, value in other.items()}
        for key in ("p50_ms", "p99_ms", "cpu_us_per_delivery", "rss_mib", "bytes_per_delivery"):
            if other.get(key, -1.0) > 0 and figures[key] > 0:
                figures[f"{name}_{key}_ratio"] = figures[key] / other[key]
    return {f"nodes_{nodes}_{key}": value for key, value in figures.items()}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 8, 32])
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second in all")
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3, help="of everything; medians are told")
    parser.add_argument("--beside", nargs="+", default=[], choices=("all", *beside.NAMES))
    parser.add_argument("--folder", type=Path, help="where homes are made: another disk, or memory")
    parser.add_argument("--quick", action="store_true", help="2 and 8 nodes, 60 messages, one round")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.nodes, chosen.messages, chosen.rounds = [2, 8], 60, 1
    names = beside.NAMES if "all" in chosen.beside else tuple(chosen.beside)
    figures: dict[str, float] = {}
    for nodes in chosen.nodes:
        rounds = [
            _round(nodes, names, chosen.messages, chosen.rate, chosen.bytes, chosen.folder)
            for _ in range(chosen.rounds)
        ]
        for key in {key: None for one in rounds for key in one}:  # in the order they were measured
            found = [one[key] for one in rounds if key in one]
            figures[key] = sum(found) if key.endswith(FAILED) else median(found)
    report("live", messages=chosen.messages, rate_per_s=chosen.rate, message_bytes=chosen.bytes, **figures)


if __name__ == "__main__":
    main()
