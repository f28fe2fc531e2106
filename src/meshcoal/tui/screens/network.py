"""Who is connected, which relays work, what was refused: for whoever helps when something does not come."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import GetCounters, ListCampaigns, ListPeers, ListRelays, ShowData, ShowSteady
from meshcoal.api.views import (
    CampaignsView,
    CountersView,
    DataView,
    NoticeKind,
    PeersView,
    PeerView,
    RelaysView,
    RelayView,
    SavingLevel,
    SteadyView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.steady_form import steady_form
from meshcoal.tui.widgets.data import data_form, data_lines, spared
from meshcoal.tui.widgets.plain import PlainStatic, Styled, lines, name, styled
from meshcoal.tui.widgets.relays import relay_lines
from meshcoal.tui.widgets.steady import steady_lines


class NetworkScreen(MeshScreen[None]):
    """Peers above, relays under them, counters and data below."""

    PLACE = "network"
    CONCERNS = frozenset({NoticeKind.PEERS, NoticeKind.RELAYS})
    BINDINGS = bindings("network")
    AUTO_FOCUS = "VerticalScroll"
    _steady: SteadyView | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield PlainStatic("", id="spared", classes="note")
            yield PlainStatic("", id="peers")
            yield PlainStatic(_("Relays"), classes="note gap-above")
            yield PlainStatic("", id="relays")
            yield PlainStatic(_("Constant rate"), classes="note gap-above")
            yield PlainStatic("", id="steady")
            yield PlainStatic(_("Counters"), classes="note gap-above")
            yield PlainStatic("", id="counters")
            yield PlainStatic(_("Data"), classes="note gap-above")
            yield PlainStatic("", id="data")

    def on_mount(self) -> None:
        self.head(_("Network"))

    async def load(self) -> Callable[[], None]:
        data = await self.mesh.session.send(ShowData(), DataView)
        peers = await self.mesh.session.send(ListPeers(), PeersView)
        counters = await self.mesh.session.send(GetCounters(), CountersView)
        steady = await self.mesh.session.send(ShowSteady(), SteadyView)
        relays: list[tuple[str, RelayView]] = []
        for campaign in (await self.mesh.session.send(ListCampaigns(), CampaignsView)).campaigns:
            found = await self.mesh.session.send(ListRelays(campaign=campaign.id), RelaysView)
            relays += [(campaign.name, one) for one in found.relays]

        def show() -> None:
            self.query_one("#data", PlainStatic).show(data_lines(data))
            above = self.query_one("#spared", PlainStatic)
            above.display = data.level is not SavingLevel.FULL
            above.show(spared(data))
            self.show(peers, relays, counters, steady)

        return show

    def show(
        self,
        peers: PeersView,
        relays: list[tuple[str, RelayView]],
        counters: CountersView,
        steady: SteadyView,
    ) -> None:
        """Draw all of it, but for data."""
        self._steady = steady
        self.query_one("#steady", PlainStatic).show(steady_lines(steady))
        told = [relay_lines(one, campaign, self._moment) for campaign, one in relays]
        none = _("None. Where members are never online together, r adds one.")
        self.query_one("#relays", PlainStatic).show(lines(told or [none]))
        drawn = [self._peer(peer) for peer in peers.peers]
        self.query_one("#peers", PlainStatic).show(lines(drawn or [_("Nobody to connect to yet.")]))
        self.query_one("#counters", PlainStatic).show(
            lines([f"{name(counter.code, 40):<42}{counter.count}" for counter in counters.counters])
        )

    def action_steady(self) -> None:
        if self._steady is not None:
            self.app.push_screen(steady_form(self.mesh, self._steady), self._chosen)

    def _chosen(self, view: SteadyView | None) -> None:
        if view is not None:
            self.refetch()

    def action_data(self) -> None:
        def choose(view: DataView) -> None:
            self.app.push_screen(data_form(self.mesh, view), lambda _view: self.refetch())

        self.ask(ShowData(), DataView, choose)

    def action_relays(self) -> None:
        from meshcoal.tui.screens.relays import RelaysScreen

        self.app.push_screen(RelaysScreen())

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
