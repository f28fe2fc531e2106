"""Links through Tor, beside a bare aiohttp WebSocket over the same onion service, on a private network.

    python bench/onion.py [--echoes 300] [--mib 8] [--rounds 3]

The network is the tests': three authorities, four relays and a bridge on loopback, and a tor for each of the
two ends. So its times are those of six hops on one machine, and not of the internet; what is measured is what
we add. Both go through one service and one circuit, in turns. Aim: throughput at least 70 % of bare, added
round trip under 5 ms.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "net"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "net" / "tor"))

from common import arguments, median, progress, quantile, report
from linkwork import Ear
from tornet import TorNet, TorNode, private_net

from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.onion import client_public, expanded, service_public
from meshcoal.net.admission import Admission, LinkLimits
from meshcoal.net.dialer import Dialer, OneSocket
from meshcoal.net.link import CLOSED, Link
from meshcoal.net.listener import Listener
from meshcoal.net.tor.control import Control
from meshcoal.net.tor.status import TorState
from meshcoal.net.tor.tor import Tor, TorSetup
from meshcoal.net.websocket import Patience
from meshcoal.wire.onion import OnionHint, encode_onion

ECHO_BYTES = 2_064  # a sealed frame of the second class
FRAME_BYTES = 65_535
OURS, BARE = 80, 81  # ports of the service


class Ends:
    """A listener and a dialer of ours, and the tor through which they and the bare ones meet."""

    def __init__(self, tasks: asyncio.TaskGroup, ben: TorNode) -> None:
        entropy = OsEntropy()
        self.seed, self.client = entropy.take(32), entropy.take(32)
        self.near, self.far = Ear(), Ear()
        numbers, admission, patience = itertools.count(1), Admission(LinkLimits()), Patience()
        self.listener = Listener(
            sink=self.far, tasks=tasks, numbers=numbers, admission=admission, patience=patience
        )
        self.dialer = Dialer(
            sink=self.near, numbers=numbers, admission=Admission(LinkLimits()), patience=patience
        )
        self._changed = asyncio.Event()
        self.tor = Tor(
            TorSetup(control=ben.control), entropy=entropy, door=_no_door, tell=lambda _: self._changed.set()
        )
        self.dialer.onion = self.tor.connect

    def hint(self, port: int) -> OnionHint:
        return OnionHint(service=service_public(self.seed), port=port, client=self.client)

    async def ready(self) -> None:
        while self.tor.status.state is not TorState.READY:
            self._changed.clear()
            await self._changed.wait()

    async def link(self) -> tuple[Link, Link]:
        """Ours, both ends; dialled again where tor does not find the service at once."""
        up = asyncio.ensure_future(self.near.ups.get())
        for number in itertools.count(1):
            self._dialling = asyncio.create_task(self.dialer.dial(number, encode_onion(self.hint(OURS))))
            await asyncio.wait({self._dialling, up}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                break
        return up.result()[0], (await self.far.ups.get())[0]


async def _no_door(service: bytes) -> str:
    raise AssertionError("the dialling end serves nothing")


async def serve(ana: TorNode, ends: Ends, bare_port: int) -> Control:
    """One service with a door for each of the two; returns once it is published."""
    target = await ends.listener.open_onion(service_public(ends.seed), None)
    control = await Control.open(ana.control, OsEntropy())
    await control.must("SETEVENTS HS_DESC")
    key = base64.b64encode(expanded(ends.seed)).decode()
    client = base64.b32encode(client_public(ends.client)).decode().rstrip("=")
    await control.must(
        f"ADD_ONION ED25519-V3:{key} Flags=V3Auth Port={OURS},{target} Port={BARE},127.0.0.1:{bare_port} "
        f"ClientAuthV3={client}"
    )
    while (event := await control.event()) is not None:
        if event.lines[0].startswith("HS_DESC UPLOADED"):
            return control
    raise AssertionError("tor has ended")


async def bare_echo(request: web.Request) -> web.WebSocketResponse:
    """Sends back what is short: the round trips, and the last byte of a pour."""
    stream = web.WebSocketResponse(compress=False, max_msg_size=0)
    await stream.prepare(request)
    async for message in stream:
        if len(message.data) <= ECHO_BYTES:
            await stream.send_bytes(message.data)
    return stream


@contextlib.asynccontextmanager
async def bare_server() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/bare", bare_echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def echo_ours(ends: Ends, near: Link, far: Link, count: int) -> list[float]:
    times = []
    data = bytes(ECHO_BYTES)
    for _ in range(count):
        began_s = time.perf_counter()
        near.send(data)
        far.send(await ends.far.frames.get())
        await ends.near.frames.get()
        times.append((time.perf_counter() - began_s) * 1000)
    return times


async def echo_bare(stream: aiohttp.ClientWebSocketResponse, count: int) -> list[float]:
    times = []
    data = bytes(ECHO_BYTES)
    for _ in range(count):
        began_s = time.perf_counter()
        await stream.send_bytes(data)
        await stream.receive_bytes()
        times.append((time.perf_counter() - began_s) * 1000)
    return times


async def pour_ours(ends: Ends, near: Link, far: Link, mib: int) -> float:
    """MiB a second, from the first byte to the answer that all is here."""
    frames = mib * 1024 * 1024 // FRAME_BYTES
    began_s = time.perf_counter()
    room = asyncio.Event()
    for number in range(1, frames + 1):
        near.send(bytes(FRAME_BYTES))
        if number % 16 == 0:  # within the queue's bound, as the node does it
            room.clear()
            near.tell_sent(room.set)
            await room.wait()
    near.send(b"x")
    for _ in range(frames + 1):
        await ends.far.frames.get()
    far.send(b"x")
    await ends.near.frames.get()
    return mib / (time.perf_counter() - began_s)


async def pour_bare(stream: aiohttp.ClientWebSocketResponse, mib: int) -> float:
    frames = mib * 1024 * 1024 // FRAME_BYTES
    began_s = time.perf_counter()
    for _ in range(frames):
        await stream.send_bytes(bytes(FRAME_BYTES))
    await stream.send_bytes(b"x")
    await stream.receive_bytes()
    return mib / (time.perf_counter() - began_s)


async def measure(ana: TorNode, ben: TorNode, *, echoes: int, mib: int, rounds: int) -> dict[str, float]:
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    ours_mib: list[float] = []
    bare_mib: list[float] = []
    tell = progress("rounds")
    async with bare_server() as port, asyncio.TaskGroup() as tasks:
        ends = Ends(tasks, ben)
        running = tasks.create_task(ends.tor.run())
        await ends.ready()
        began_s = time.perf_counter()
        control = await serve(ana, ends, port)
        published_ms = (time.perf_counter() - began_s) * 1000
        began_s = time.perf_counter()
        near, far = await ends.link()
        rendezvous_ms = (time.perf_counter() - began_s) * 1000
        through = OneSocket(await ends.tor.connect(ends.hint(BARE)))
        async with (
            aiohttp.ClientSession(connector=through) as session,
            session.ws_connect(f"http://{ends.hint(BARE).host}/bare", compress=0, max_msg_size=0) as bare,
        ):
            for number in range(rounds):
                ours_ms += await echo_ours(ends, near, far, echoes)
                bare_ms += await echo_bare(bare, echoes)
                ours_mib.append(await pour_ours(ends, near, far, mib))
                bare_mib.append(await pour_bare(bare, mib))
                tell(number + 1)
        near.close(CLOSED)
        await ends.near.downs.get()
        await ends.far.downs.get()
        running.cancel()
        await control.close()
        await ends.listener.close_onions()
        await ends.dialer.close()
    return {
        "published_ms": round(published_ms),
        "rendezvous_ms": round(rendezvous_ms),
        "round_trip_p50_ms": round(median(ours_ms), 2),
        "round_trip_p95_ms": round(quantile(ours_ms, 0.95), 2),
        "bare_round_trip_p50_ms": round(median(bare_ms), 2),
        "bare_round_trip_p95_ms": round(quantile(bare_ms, 0.95), 2),
        "added_round_trip_ms": round(median(ours_ms) - median(bare_ms), 2),
        "mib_per_s": round(median(ours_mib), 3),
        "bare_mib_per_s": round(median(bare_mib), 3),
        "of_bare_percent": round(100 * median(ours_mib) / median(bare_mib)),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--echoes", type=int, default=300, help="round trips a round")
    parser.add_argument("--mib", type=int, default=8, help="sent a round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="meshcoal-onion-"))
    try:
        began_s = time.perf_counter()
        with private_net(folder / "n") as net:
            up_s = time.perf_counter() - began_s
            figures = _with(net, given.echoes, given.mib, given.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report("onion", network_up_s=round(up_s, 1), **figures)


def _with(net: TorNet, echoes: int, mib: int, rounds: int) -> dict[str, float]:
    began_s = time.perf_counter()
    ana = net.client("ana")
    bootstrap_s = time.perf_counter() - began_s
    figures = asyncio.run(measure(ana, net.client("ben"), echoes=echoes, mib=mib, rounds=rounds))
    return {"client_bootstrap_s": round(bootstrap_s, 1), **figures}


if __name__ == "__main__":
    main()
