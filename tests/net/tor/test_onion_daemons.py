"""Real daemons that reach each other through Tor alone: messages, a signed letter, restarts, no plain
socket."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from meshcoal.api.commands import (
    ChoosePaths,
    GetTor,
    ListPeers,
    SetBridges,
    SwitchTor,
)
from meshcoal.api.views import PeersView, TorStanding, TorView

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "e2e"))

from processwork import RealNode, found, meet, until
from tornet import TorNet, TorNode

pytest_plugins = ["networkplugin"]


class TwoNodes:
    """Ana uses a tor of the system's, Ben one of his own, which begins at a bridge."""

    def __init__(self, folder: Path, net: TorNet) -> None:
        self.ana, self.ben = RealNode(folder, "Ana"), RealNode(folder, "Ben")
        self.net = net
        self.tor: TorNode | None = None

    async def start(self) -> None:
        self.tor = await asyncio.to_thread(self.net.client, "anastor")
        for node in (self.ana, self.ben):
            node.make_vault_cheaply()
            await node.start()
            await node.ask(ChoosePaths(only_tor=True), TorView)
        await self.ana.ask(
            SwitchTor(on=True, own=False, control=f"unix:{self.tor.control}", open_port=False, torrc=""),
            TorView,
        )
        await self.ben.ask(
            SwitchTor(on=True, own=True, control="", open_port=False, torrc=str(self.net.settings)), TorView
        )
        await self.ben.ask(SetBridges(bridges=(self.net.bridge_line,)), TorView)
        for node in (self.ana, self.ben):
            await node.unlock()
        for node in (self.ana, self.ben):
            await stands(node, TorStanding.READY)

    async def stop(self) -> None:
        for node in (self.ana, self.ben):
            await node.stop()


async def stands(node: RealNode, standing: TorStanding) -> TorView:
    seen: list[TorView] = []

    async def lacking() -> str:
        seen[:] = [await node.ask(GetTor(), TorView)]
        return "" if seen[0].standing is standing else f"{node.name}: {seen[0]}"

    await until(lacking)
    return seen[0]


async def test_two_meet_where_nothing_but_tor_is_allowed(tmp_path: Path, net: TorNet) -> None:
    """Goal: Tor alone is enough to become members of one campaign. Method: two daemons, one with the system's
    tor, one with its own behind an obfs4 bridge; an invitation, words, an admission; then how they are
    linked."""
    two = TwoNodes(tmp_path, net)
    await two.start()
    try:
        campaign = await found(two.ana)
        await meet(two.ana, two.ben, campaign)
        peers = await two.ana.ask(ListPeers(), PeersView)
        assert {peer.transport for peer in peers.peers if peer.connected} == {"onion"}
    finally:
        await two.stop()
