"""Home: the campaigns, and what waits in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import (
    GetStatus,
    GetTor,
    ListAcquaintances,
    ListCampaigns,
    ListIntroductions,
    ListWarnings,
    ShowToday,
)
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    CampaignSummaryView,
    CampaignsView,
    IntroductionsView,
    MemberState,
    NoticeKind,
    StatusView,
    TodayItemView,
    TodayKind,
    TodayView,
    TorView,
    WarningsView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.beginnings import Beginnings
from meshcoal.tui.screens.first import PUT_AWAY, FirstScreen
from meshcoal.tui.screens.warnings import AlarmBar
from meshcoal.tui.settings import read_settings
from meshcoal.tui.steps import UNDER_WAY, FirstSteps, look_further
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled
from meshcoal.tui.widgets.steps import StepsBlock
from meshcoal.tui.widgets.today import TodayList
from meshcoal.tui.widgets.ways import WaysLine


class HomeScreen(Beginnings):
    """All campaigns of this node."""

    PLACE = "home"
    CONCERNS = frozenset(
        {
            NoticeKind.CAMPAIGNS,
            NoticeKind.CAMPAIGN,
            NoticeKind.MESSAGES,
            NoticeKind.ERASED,
            NoticeKind.STATEMENT,
            NoticeKind.ALERT,
            NoticeKind.CASE,
            NoticeKind.DUE,
            NoticeKind.INTRODUCTIONS,
            NoticeKind.CONTACTS,
            NoticeKind.WARNINGS,
            NoticeKind.WITHHELD,
            NoticeKind.RELAYS,  # one may be warned of
            NoticeKind.PEERS,
            NoticeKind.STATUS,
        }
    )
    BINDINGS = bindings("home")
    AUTO_FOCUS = "#campaigns"

    def __init__(self) -> None:
        super().__init__()
        self._steps_done = False

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield WaysLine()
        yield PlainStatic("", id="waiting", classes="warn")
        yield TodayList()
        yield StepsBlock()
        yield PlainOptions(id="campaigns")
        yield PlainStatic("", id="empty", classes="note")

    def on_mount(self) -> None:
        self.head(_("Campaigns"))
        self.query_one("#waiting").display = False
        self.query_one("#empty").display = False

    def shows(self, notice: object) -> bool:
        """Home shows counts only; arrivals still deserve a word."""
        return False

    async def load(self) -> Callable[[], None]:
        send = self.mesh.session.send
        # At once, so that the daemon answers one after another without waiting for us in between.
        (status, campaigns, met, known), (warnings, tor, today) = await asyncio.gather(
            asyncio.gather(
                send(GetStatus(), StatusView),
                send(ListCampaigns(), CampaignsView),
                send(ListIntroductions(), IntroductionsView),
                send(ListAcquaintances(), AcquaintancesView),
            ),
            asyncio.gather(
                send(ListWarnings(), WarningsView), send(GetTor(), TorView), send(ShowToday(), TodayView)
            ),
        )
        steps = await self._steps(campaigns, met)

        def show() -> None:
            self.query_one(AlarmBar).tell(warnings.warnings)
            self.query_one(WaysLine).tell(tor)
            self.show(status, campaigns)
            self.query_one(StepsBlock).tell(steps)
            self._show_waiting(met, known)
            now_ms, zone = self.mesh.now_ms(), self.mesh.zone
            self.query_one(TodayList).tell(today.items, now_ms=now_ms, zone=zone)

        return show

    async def _steps(self, campaigns: CampaignsView, met: IntroductionsView) -> FirstSteps | None:
        """How far the first steps are; None where nobody asks any more."""
        if self._steps_done or self.mesh.rehearsing or read_settings(self.mesh.home)[0].steps == PUT_AWAY:
            return None
        steps = await look_further(self.mesh.session, campaigns, met)
        self._steps_done = steps.finished
        return steps

    def show(self, status: StatusView, campaigns: CampaignsView) -> None:
        """Draw the campaigns."""
        self.head(_("Campaigns of %(name)s") % {"name": name(status.name, 40)})
        self.query_one("#campaigns", PlainOptions).fill(
            [Row(campaign.id.hex(), _summary(campaign)) for campaign in campaigns.campaigns]
        )
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not campaigns.campaigns
        empty.show(
            _("No campaign yet.\n\nPress f to found one, or a to accept an invitation you were given.")
        )
        self.query_one("#campaigns").display = bool(campaigns.campaigns)

    def _show_waiting(self, met: IntroductionsView, known: AcquaintancesView) -> None:
        count = sum(view.state in UNDER_WAY for view in met.introductions)
        count += sum(view.state is AcquaintanceState.OFFERED for view in known.offered)
        waiting = self.query_one("#waiting", PlainStatic)
        waiting.display = count > 0
        waiting.show(
            ngettext(
                "! %(count)d introduction is under way: press n.",
                "! %(count)d introductions are under way: press n.",
                count,
            )
            % {"count": count}
        )

    # --- Actions

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        from meshcoal.tui.screens.campaign import CampaignScreen

        today = self.query_one(TodayList)
        if today.has_focus and today.item is not None:
            self._do_today(today.item)
            return
        chosen = self.query_one("#campaigns", PlainOptions).chosen
        if chosen is not None:
            self.app.push_screen(CampaignScreen(bytes.fromhex(chosen)))

    def action_today(self) -> None:
        """Choose among what needs me now."""
        today = self.query_one(TodayList)
        if today.display:
            today.focus()
        else:
            say(self.app, _("Nothing needs you now."))

    def _do_today(self, one: TodayItemView) -> None:
        """Go to where it is done."""
        from meshcoal.tui.screens.campaign import CampaignScreen
        from meshcoal.tui.screens.case import CaseScreen
        from meshcoal.tui.screens.channel import ChannelScreen
        from meshcoal.tui.screens.members import MembersScreen
        from meshcoal.tui.screens.statement import StatementScreen

        match one.kind:
            case TodayKind.ALERT:
                self.app.push_screen(CaseScreen(one.campaign, one.subject))
            case TodayKind.SIGN | TodayKind.APPROVE | TodayKind.DUE:
                self.app.push_screen(StatementScreen(one.campaign, one.subject))
            case TodayKind.MENTION:
                channel = _("channel")
                self.app.push_screen(ChannelScreen(one.campaign, one.channel, channel, around=one.subject))
            case TodayKind.WARNING:
                self.action_warnings()
            case TodayKind.INTRODUCTION:
                self.action_introductions()
            case TodayKind.ALONE | TodayKind.UNCOMPARED:
                self.app.push_screen(MembersScreen(one.campaign))
            case TodayKind.GAP:
                self.app.push_screen(CampaignScreen(one.campaign))
            case TodayKind.WEAK:
                self.action_posture()

    def action_steps(self) -> None:
        if self.mesh.rehearsing:
            say(self.app, _("The yellow row says what comes next. Your own first steps wait at home."))
        else:
            self.app.push_screen(FirstScreen())

    def action_leave_rehearsal(self) -> None:
        self.mesh.leave_rehearsal()

    def action_identity(self) -> None:
        from meshcoal.tui.screens.identity import IdentityScreen

        self.app.push_screen(IdentityScreen())

    def action_slips(self) -> None:
        from meshcoal.tui.screens.slips import SlipsScreen

        self.app.push_screen(SlipsScreen())

    def action_nearby(self) -> None:
        from meshcoal.tui.screens.nearby import NearbyScreen

        self.app.push_screen(NearbyScreen())

    def action_posture(self) -> None:
        from meshcoal.tui.screens.posture import PostureScreen

        self.app.push_screen(PostureScreen())

    def action_network(self) -> None:
        from meshcoal.tui.screens.network import NetworkScreen

        self.app.push_screen(NetworkScreen())


def _summary(campaign: CampaignSummaryView) -> Styled:
    me = campaign.state == MemberState.ACTIVE
    facts = [shown.reach(campaign.connected, campaign.members - me)]
    if campaign.state != MemberState.ACTIVE:
        facts.insert(0, shown.MEMBER_STATES[campaign.state])
    urgent = []
    if campaign.alerts:
        urgent.append(
            ngettext("! %(count)d alert unanswered", "! %(count)d alerts unanswered", campaign.alerts)
            % {"count": campaign.alerts}
        )
    if campaign.due:
        urgent.append(_("! %(count)d to ask again") % {"count": campaign.due})
    if campaign.unread:
        urgent.append(shown.unread(campaign.unread))
    if campaign.open_statements:
        urgent.append(
            ngettext("✎ %(count)d letter to sign", "✎ %(count)d letters to sign", campaign.open_statements)
            % {"count": campaign.open_statements}
        )
    if campaign.missing:
        urgent.append(
            ngettext("! %(count)d missing", "! %(count)d missing", campaign.missing)
            % {"count": campaign.missing}
        )
    catching = campaign.catching_up
    if catching.coming or catching.waiting:
        total = catching.coming + catching.waiting + catching.taken
        urgent.append(_("catching up %(percent)d %%") % {"percent": 100 * catching.taken // total})
    return styled(
        (name(campaign.name, 60), "bold"),
        "\n  ",
        ("  ".join([*urgent, ""]), "$accent"),
        ("  ".join(facts), "dim"),
        ("\n  " + name(campaign.goal, 70) if campaign.goal else "", "dim"),
    )
