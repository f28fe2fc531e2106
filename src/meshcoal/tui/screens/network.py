"""Who is connected, which relays work, what was refused: for whoever helps when something does not come."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import GetCounters, ListCampaigns, ListPeers, ListRelays
from meshcoal.api.views import (
    CampaignsView,
    CountersView,
    NoticeKind,
    PeersView,
    PeerView,
    RelaysView,
    RelayView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainStatic, Styled, lines, name, styled
from meshcoal.tui.widgets.relays import relay_lines


class NetworkScreen(MeshScreen[None]):
    """Peers above, relays under them, counters below."""

    PLACE = "network"
    CONCERNS = frozenset({NoticeKind.PEERS, NoticeKind.RELAYS})
    BINDINGS = bindings("network")
    AUTO_FOCUS = "VerticalScroll"

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield PlainStatic("", id="peers")
            yield PlainStatic(_("Relays"), classes="note gap-above")
            yield PlainStatic("", id="relays")
            yield PlainStatic(_("Counters"), classes="note gap-above")
            yield PlainStatic("", id="counters")

    def on_mount(self) -> None:
        self.head(_("Network"))

    async def load(self) -> Callable[[], None]:
        peers = await self.mesh.session.send(ListPeers(), PeersView)
        counters = await self.mesh.session.send(GetCounters(), CountersView)
        relays: list[tuple[str, RelayView]] = []
        for campaign in (await self.mesh.session.send(ListCampaigns(), CampaignsView)).campaigns:
            found = await self.mesh.session.send(ListRelays(campaign=campaign.id), RelaysView)
            relays += [(campaign.name, one) for one in found.relays]
        return lambda: self.show(peers, relays, counters)

    def show(self, peers: PeersView, relays: list[tuple[str, RelayView]], counters: CountersView) -> None:
        """Draw all three."""
        told = [relay_lines(one, campaign, self._moment) for campaign, one in relays]
        none = _("None. Where members are never online together: `meshcoal relay --help`.")
        self.query_one("#relays", PlainStatic).show(lines(told or [none]))
        drawn = [self._peer(peer) for peer in peers.peers]
        self.query_one("#peers", PlainStatic).show(lines(drawn or [_("Nobody to connect to yet.")]))
        self.query_one("#counters", PlainStatic).show(
            lines([f"{name(counter.code, 40):<42}{counter.count}" for counter in counters.counters])
        )

    def _moment(self, at_ms: int) -> str:
        return shown.moment(at_ms, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)

    def _peer(self, peer: PeerView) -> Styled:
        zone, now_ms = self.mesh.zone, self.mesh.now_ms()
        if peer.connected:
            state = _("✓ connected by %(transport)s since %(when)s") % {
                "transport": name(peer.transport, 20),
                "when": shown.moment(max(0, peer.since_ms), now_ms=now_ms, zone=zone),
            }
        elif peer.next_try_ms >= 0:
            state = _("✗ not connected; next try %(when)s") % {
                "when": shown.moment(peer.next_try_ms, now_ms=now_ms, zone=zone)
            }
        else:
            state = _("✗ not connected")
        if peer.last_error:
            state += _(" (%(error)s)") % {"error": name(peer.last_error, 30)}
        where = f"  {name(peer.campaign_name, 30)}" if peer.campaign_name else ""
        return styled((name(peer.name, 40), "bold"), (where, "dim"), "\n    " + state)
