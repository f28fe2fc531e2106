"""kill -9 of real daemons under load: what was acknowledged stays, and all become equal."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, found, meet, until

from meshcoal.api.commands import GetCounters, ListMessages, PostMessage, ShowCampaign
from meshcoal.api.views import CampaignView, CountersView, MessagesView, MessageView
from meshcoal.errors import DaemonUnreachable, Locked

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

KILLS = 20
IN_FLIGHT = 3  # requests of each node that wait for an answer at any moment
ACKNOWLEDGED_BETWEEN_KILLS_MAX = 25


class Load:
    """Posts through every node that is up, and remembers each message that was acknowledged."""

    def __init__(self, nodes: list[RealNode], campaign: bytes, channel: bytes) -> None:
        self.nodes = nodes
        self.campaign, self.channel = campaign, channel
        self.acknowledged: dict[bytes, str] = {}
        self.sent = 0
        self.more = asyncio.Event()
        self._up = {node.name: asyncio.Event() for node in nodes}

    def up(self, node: RealNode) -> None:
        self._up[node.name].set()

    def down(self, node: RealNode) -> None:
        self._up[node.name].clear()

    async def post(self, node: RealNode) -> None:
        """For ever."""
        while True:
            await self._up[node.name].wait()
            self.sent += 1
            text = f"{node.name} {self.sent}"
            try:
                view = await node.ask(
                    PostMessage(campaign=self.campaign, channel=self.channel, text=text), MessageView
                )
            except (DaemonUnreachable, Locked):
                await asyncio.sleep(0)  # killed; the next try waits until it is up
                continue
            self.acknowledged[view.id] = text
            self.more.set()

    async def grow(self, count: int) -> None:
        """Wait until so many more messages were acknowledged."""
        until_count = len(self.acknowledged) + count
        while len(self.acknowledged) < until_count:
            self.more.clear()
            await self.more.wait()


@pytest.fixture
async def nodes() -> AsyncIterator[list[RealNode]]:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    made = [RealNode(folder, name) for name in ("ana", "ben", "chi")]
    for node in made:
        node.make_vault_cheaply()
        await node.start()
        await node.unlock()
    try:
        yield made
    finally:
        for node in made:
            await node.hang_up()
    codes = [await node.stop() for node in made]
    noise = b"".join(node.noise.read_bytes() for node in made)
    shutil.rmtree(folder)
    assert codes == [0, 0, 0]
    assert noise == b""


async def test_nothing_acknowledged_is_lost_to_kill_9(nodes: list[RealNode]) -> None:
    """Goal: an answered message survives a power cut, and no log forks. Method: three nodes post all the
    time; 20 times one is killed at a random moment, now and then again while it opens; then compare."""
    chance = random.Random(20)
    campaign = await found(nodes[0])
    for guest in nodes[1:]:
        await meet(nodes[0], guest, campaign)
    shown = await nodes[0].ask(ShowCampaign(campaign=campaign), CampaignView)
    load = Load(nodes, campaign, shown.channels[0].id)
    for node in nodes:
        load.up(node)
    posting = [asyncio.create_task(load.post(node)) for node in nodes for _ in range(IN_FLIGHT)]
    try:
        kills = 0
        while kills < KILLS:
            await load.grow(chance.randint(1, ACKNOWLEDGED_BETWEEN_KILLS_MAX))
            victim = chance.choice(nodes)
            load.down(victim)
            await victim.kill()
            kills += 1
            if chance.random() < 0.2 and kills < KILLS:
                victim.launch()  # and again before it is open
                await victim.connect()
                opening = asyncio.create_task(victim.unlock())
                await load.grow(chance.randint(1, 5))
                await victim.kill()
                kills += 1
                await asyncio.wait({opening})
                assert opening.exception() is None or isinstance(opening.exception(), DaemonUnreachable)
            await victim.start()
            await victim.unlock()
            load.up(victim)
        await load.grow(10)
    finally:
        for task in posting:
            task.cancel()
        ended = await asyncio.gather(*posting, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
    assert len(load.acknowledged) > KILLS

    await until(lambda: unequal(nodes, campaign))
    for node in nodes:
        held = await messages(node, campaign, load.channel)
        assert {key: held.get(key) for key in load.acknowledged} == load.acknowledged
        assert max(Counter(held.values()).values()) == 1, "a message that was sent once stands once"
        counted = await node.ask(GetCounters(), CountersView)
        assert "equivocation" not in {one.code for one in counted.counters}


async def unequal(nodes: list[RealNode], campaign: bytes) -> str:
    views = [await node.ask(ShowCampaign(campaign=campaign), CampaignView) for node in nodes]
    if len({view.heads_digest for view in views}) == 1 and not any(
        view.gaps or view.unopened for view in views
    ):
        return ""
    return str([(view.operations, view.unopened, len(view.gaps)) for view in views])


async def messages(node: RealNode, campaign: bytes, channel: bytes) -> dict[bytes, str]:
    held: dict[bytes, str] = {}
    before = b""
    while True:
        page = await node.ask(
            ListMessages(campaign=campaign, channel=channel, before=before, limit=500), MessagesView
        )
        held.update({one.id: one.text for one in page.messages})
        if not page.more:
            return held
        before = page.messages[0].id
