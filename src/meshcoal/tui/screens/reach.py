"""How to reach people: for each member or contact which paths work, when last, and what to try next."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import ListReach, ShowCampaign, ShowPersonWays, ShowWays
from meshcoal.api.views import CampaignView, NoticeKind, PersonWaysView, ReachesView, WaysView
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.ways_forms import campaign_form, person_form
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, say
from meshcoal.tui.widgets.reach import reach_lines

_EVERY_S = 15.0


class ReachScreen(MeshScreen[None]):
    """One row a person; of one campaign, or of all contacts."""

    PLACE = "reach"
    CONCERNS = frozenset({NoticeKind.PEERS, NoticeKind.RELAYS, NoticeKind.CONTACTS})
    BINDINGS = bindings("reach")

    def __init__(self, campaign: bytes = b"", chosen: bytes = b"") -> None:
        """`chosen`: whose row is looked at first."""
        super().__init__()
        self.campaign = campaign
        self._first = chosen.hex()

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="reaches")

    def on_mount(self) -> None:
        self.head(_("How to reach people"))
        self.set_interval(_EVERY_S, self.refetch)

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListReach(campaign=self.campaign), ReachesView)
        return lambda: self.show(view)

    def show(self, view: ReachesView) -> None:
        """Draw everybody."""
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not view.reaches
        empty.show(_("Nobody else yet."))
        options = self.query_one("#reaches", PlainOptions)
        options.fill([Row(one.who.hex(), reach_lines(one, self._moment, self._day)) for one in view.reaches])
        if self._first:
            options.choose(self._first)
            self._first = ""

    def action_ways(self) -> None:
        who = self.query_one("#reaches", PlainOptions).chosen
        if who:
            command = ShowPersonWays(campaign=self.campaign, who=bytes.fromhex(who))
            self.ask(command, PersonWaysView, self._choose_for_person)

    def _choose_for_person(self, view: PersonWaysView) -> None:
        self.app.push_screen(person_form(self.mesh, view), lambda _view: self.refetch())

    def action_campaign(self) -> None:
        if not self.campaign:
            say(self.app, _("This is the list of contacts. Choose for a campaign from its members' list."))
            return

        def choose(view: CampaignView) -> None:
            def ask(ways: WaysView) -> None:
                form = campaign_form(self.mesh, ways, view.name)
                self.app.push_screen(form, lambda _view: self.refetch())

            self.ask(ShowWays(campaign=self.campaign), WaysView, ask)

        self.ask(ShowCampaign(campaign=self.campaign), CampaignView, choose)

    def _moment(self, at_ms: int) -> str:
        return shown.moment(at_ms, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)

    def _day(self, at_ms: int) -> str:
        return shown.day(at_ms, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)
