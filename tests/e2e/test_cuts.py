"""Catching up through a TCP connection that is cut: behind many counts of bytes, in both directions."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pressurework import port_of
from processwork import RealNode, found, meet, until

from meshcoal.api.commands import PostMessage, ShowCampaign
from meshcoal.api.views import CampaignView, MessageView
from meshcoal.crypto.memory import SecretBytes
from meshcoal.daemon.backing import HomeBacking
from meshcoal.daemon.hosting import Hosting
from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.main import now_ms
from meshcoal.daemon.paths import Paths
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB
from meshcoal.net.dialer import Dialer
from meshcoal.net.listener import Listener
from meshcoal.node import links
from meshcoal.node.catching import Catching
from meshcoal.sync import presence
from meshcoal.wire.packing import Unpacked
from meshcoal.wire.record import Record

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MESSAGES = 360
TEXT_CHARS = 3_000  # then it is several runs
FIRST_BYTES = {True: 6_500, False: 4_600}  # upgrade, handshake, digests; and the beginning of the first run
STRIDE_BYTES = 61
LATER_BYTES = (6_500, 360_000)  # within a run
FAR_BYTES = (400_000, 900_000)  # one run or two come through
LATER_CUTS = 24
FAR_CUTS = 6
IDLE_S = 0.15  # a cut so far on that nothing reaches it is made when nothing moves any more


@dataclass(frozen=True, slots=True)
class Cut:
    """Behind so many bytes one way: `down` is towards whoever catches up."""

    down: bool
    count: int
    reset: bool  # or an orderly end


def plan(chance: random.Random) -> list[Cut]:
    """Those of the first bytes of both ways by turns, then those further on."""
    first = [(count, down) for down, most in FIRST_BYTES.items() for count in range(0, most, STRIDE_BYTES)]
    later = [chance.randint(*LATER_BYTES) for _ in range(LATER_CUTS)]
    far = [chance.randint(*FAR_BYTES) for _ in range(FAR_CUTS)]
    places = sorted(first) + [(count, True) for count in later + far]
    return [Cut(down, count, chance.random() < 0.5) for count, down in places]


class Knife:
    """Stands before a port, and cuts each connection as the plan has it; then none any more."""

    def __init__(self, port: int, cuts: list[Cut]) -> None:
        self._port = port
        self._cuts = cuts
        self.connections = 0
        self.made = 0
        self.vain = 0  # cuts that nothing reached
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        cut = self._cuts.pop(0) if self._cuts else None
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        ways = [
            asyncio.create_task(self._carry(reader, back, cut, down=False)),
            asyncio.create_task(self._carry(there, writer, cut, down=True)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for stream in (writer, back):
            if cut is not None and cut.reset:
                stream.transport.abort()
            else:
                stream.close()
        self.made += cut is not None

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Cut | None, *, down: bool
    ) -> None:
        left = cut.count if cut is not None and cut.down == down else None
        while left is None or left > 0:
            try:
                async with asyncio.timeout(IDLE_S if left is not None else None):
                    data = await reader.read(65_536 if left is None else min(left, 65_536))
            except TimeoutError:
                self.vain += 1
                return
            if not data:
                return
            writer.write(data)
            await writer.drain()
            left = None if left is None else left - len(data)


class Nowhere(ListenAddress):
    """Nobody can dial this node: all that it hears comes over links of its own."""

    async def open(self, listener: Listener) -> tuple[str, ...]:
        return ()


class Late:
    """The node that catches up, in this process, all of whose links go through the knife."""

    def __init__(self, node: RealNode) -> None:
        self._node = node
        self._run: asyncio.Task[Any] | None = None

    async def start(self) -> None:
        backing = HomeBacking(self._node.home, memory_kib=ARGON2_MEMORY_MIN_KIB)
        key: SecretBytes = await asyncio.to_thread(backing.unwrap, self._node.passphrase)
        self.hosting = Hosting(
            open_store=lambda: backing.open(key),
            recover=backing.recover,
            home=self._node.home,
            paths=Paths(),
            listen=Nowhere(self._node.home, None),
            now_ms=now_ms,
            publish=lambda notice: None,
            note=lambda line: None,
        )
        self._run = asyncio.create_task(self.hosting.run())
        await self.hosting.up

    async def show(self, campaign: bytes) -> CampaignView:
        answer: asyncio.Future[Record | Exception] = asyncio.get_running_loop().create_future()
        await self.hosting.submit(ShowCampaign(campaign=campaign), answer.set_result)
        view = await answer
        assert isinstance(view, CampaignView)
        return view

    async def stop(self) -> None:
        if self._run is not None:
            self.hosting.stop()
            assert await self._run is None


@pytest.fixture
async def pair() -> AsyncIterator[tuple[RealNode, RealNode]]:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    ana, ben = [RealNode(folder, name) for name in ("ana", "ben")]
    for node in (ana, ben):
        node.make_vault_cheaply()
        await node.start()
        await node.unlock()
    yield ana, ben
    codes = [await ana.stop(), await ben.stop()]
    noise = ana.noise.read_bytes() + ben.noise.read_bytes()
    shutil.rmtree(folder)
    assert codes == [0, 0]
    assert noise == b""


async def test_a_cut_behind_any_byte_loses_and_repeats_nothing(
    pair: tuple[RealNode, RealNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: catching up goes on after any cut, and what is on disk does not come again. Method: a proxy
    before a real daemon cuts some 210 connections, densely behind the first bytes, then anywhere."""
    ana, ben = pair
    campaign = await found(ana)
    await meet(ana, ben, campaign)
    await ben.stop()
    shown = await ana.ask(ShowCampaign(campaign=campaign), CampaignView)
    texts = [f"{number} ".ljust(TEXT_CHARS, "x") for number in range(MESSAGES)]
    for start in range(0, MESSAGES, 24):
        await asyncio.gather(
            *[
                ana.ask(PostMessage(campaign=campaign, channel=shown.channels[0].id, text=text), MessageView)
                for text in texts[start : start + 24]
            ]
        )

    cuts = plan(random.Random(4))
    count = len(cuts)
    knife = Knife(await port_of(ana), cuts)
    port = await knife.open()
    connect, keep = Dialer._connect, Catching.keep
    monkeypatch.setattr(Dialer, "_connect", lambda self, host, _: connect(self, host, port))
    monkeypatch.setattr(presence, "DIAL_BACKOFF_MIN_MS", 2)
    monkeypatch.setattr(links, "DIAL_BACKOFF_MAX_MS", 4)
    kept: set[bytes] = set()
    again: list[bytes] = []
    progress: set[int] = set()  # connections over which runs came whole

    def keeping(self: Catching, *given: Any) -> bool:
        run = given[4]
        assert isinstance(run, Unpacked)
        again.extend([one for one in run.ids if one in kept])
        kept.update(run.ids)
        progress.add(knife.connections)
        return keep(self, *given)

    monkeypatch.setattr(Catching, "keep", keeping)
    late = Late(ben)
    await late.start()

    async def lacking() -> str:
        if knife._cuts:
            return f"{len(knife._cuts)} cuts left"
        here, there = await late.show(campaign), await ana.ask(ShowCampaign(campaign=campaign), CampaignView)
        if here.heads_digest != there.heads_digest:
            return f"{here.operations} of {there.operations} operations are here"
        return ""

    await until(lacking)
    held = (await late.show(campaign)).operations
    await late.stop()
    await knife.close()
    assert knife.made == count
    assert knife.vain < LATER_CUTS + FAR_CUTS, "most cuts were where something was on its way"
    assert held > MESSAGES
    assert again == [], "what was on disk came again"
    assert len(kept) >= MESSAGES
    assert len(progress) >= 2, "it was gone on with, and not done at once"
