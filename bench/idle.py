"""Doing nothing: CPU, wakings and bytes of daemons that are linked to eight others and have nothing to say.

    python bench/idle.py [--peers 8] [--seconds 120] [--watched]

`--watched` has a client subscribed to each, as a screen is that nobody touches. Bytes are those of the links'
sockets, as the kernel counts them, of both directions; memory is after everything has settled.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import tempfile
import time
from pathlib import Path

from common import PASSPHRASE, Daemon, Maker, arguments, daemons, free_ports, median, progress, report
from live import linked

from meshcoal.api.commands import Subscribe, Unlock
from meshcoal.client.connection import Client

_HOUR_S = 3_600


def cpu_s(daemon: Daemon) -> float:
    """Time on a core of all threads, in seconds, to the nanosecond."""
    threads = Path(f"/proc/{daemon.process.pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def wakings(daemon: Daemon) -> int:
    """How often a thread of the daemon was put on a core."""
    threads = Path(f"/proc/{daemon.process.pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[2]) for thread in threads)


def link_bytes(daemon: Daemon) -> int:
    """Bytes that its TCP sockets sent and received since they are open."""
    told = subprocess.run(["ss", "-tinpH"], capture_output=True, text=True, check=True).stdout
    total = 0
    mine = False
    for line in told.splitlines():
        if not line.startswith(("\t", " ")):
            mine = f"pid={daemon.process.pid}," in line
        elif mine:
            total += sum(map(int, re.findall(r"bytes_(?:sent|received):(\d+)", line)))
    return total


def count(running: list[Daemon]) -> list[tuple[float, int, int]]:
    return [(cpu_s(one), wakings(one), link_bytes(one)) for one in running]


async def settle(maker: Maker, running: list[Daemon], *, watched: bool, quiet_s: float) -> list[Client]:
    """Unlock all, wait until all are linked and have said what they say first. Clients, if any stay."""
    clients = [await Client.connect(home) for home in maker.homes]
    for client in clients:
        await client.send(Unlock(passphrase=PASSPHRASE))
    for client in clients:
        await linked(client, maker.campaign, len(running))
    if not watched:
        for client in clients:
            await client.close()
        clients = []
    for client in clients:
        await client.send(Subscribe())
    await asyncio.sleep(quiet_s)
    return clients


async def measure(
    maker: Maker, running: list[Daemon], *, watched: bool, seconds: int
) -> list[tuple[float, int, int]]:
    told = progress("second")
    clients = await settle(maker, running, watched=watched, quiet_s=20)
    before = count(running)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        await asyncio.sleep(min(1, seconds - passed))
        told(int(passed))
    after = count(running)
    for client in clients:
        with contextlib.suppress(OSError):
            await client.close()
    return [
        (late[0] - early[0], late[1] - early[1], late[2] - early[2])
        for early, late in zip(before, after, strict=True)
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--peers", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--watched", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        nodes = chosen.peers + 1
        maker = Maker(Path(folder), members=nodes, ports=free_ports(nodes))
        maker.finish()
        with daemons(maker.homes, maker.hints) as running:
            differences = asyncio.run(measure(maker, running, watched=chosen.watched, seconds=chosen.seconds))
            report(
                "idle",
                peers=chosen.peers,
                seconds=chosen.seconds,
                watched=chosen.watched,
                cpu_percent_of_a_core=median([cpu for cpu, _, _ in differences]) / chosen.seconds * 100,
                wakings_per_second=median([count for _, count, _ in differences]) / chosen.seconds,
                bytes_per_hour=round(
                    median([total for _, _, total in differences]) * _HOUR_S / chosen.seconds
                ),
                rss_mib=median([one.rss_mib() for one in running]),
                peak_rss_mib=median([one.peak_rss_mib() for one in running]),
            )


if __name__ == "__main__":
    main()
