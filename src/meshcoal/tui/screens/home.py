"""Home: the campaigns, and what waits in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import (
    AcceptInvitation,
    Command,
    FoundCampaign,
    GetStatus,
    GetTor,
    ListAcquaintances,
    ListCampaigns,
    ListIntroductions,
    ListWarnings,
    Seat,
)
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    CampaignSummaryView,
    CampaignsView,
    CampaignView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    MemberState,
    NoticeKind,
    StatusView,
    TorView,
    WarningsView,
)
from meshcoal.errors import BadArgument
from meshcoal.limits import TALK_DAYS, TALK_DAYS_MAX
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.warnings import AlarmBar
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled
from meshcoal.tui.widgets.ways import WaysLine

SEAT_CHOICES = tuple((seat.value, words) for seat, words in shown.SEATS.items())
TO_DO = (IntroductionState.ASKING, IntroductionState.DIALLING, IntroductionState.WAITING)


class HomeScreen(MeshScreen[None]):
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
            NoticeKind.PEERS,
            NoticeKind.STATUS,
        }
    )
    BINDINGS = bindings("home")

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield WaysLine()
        yield PlainStatic("", id="waiting", classes="warn")
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
        status = await send(GetStatus(), StatusView)
        campaigns = await send(ListCampaigns(), CampaignsView)
        met = await send(ListIntroductions(), IntroductionsView)
        known = await send(ListAcquaintances(), AcquaintancesView)
        warnings = await send(ListWarnings(), WarningsView)
        tor = await send(GetTor(), TorView)

        def show() -> None:
            self.query_one(AlarmBar).tell(warnings.warnings)
            self.query_one(WaysLine).tell(tor)
            self.show(status, campaigns)
            self._show_waiting(met, known)

        return show

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
        count = sum(view.state in TO_DO for view in met.introductions)
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

        chosen = self.query_one("#campaigns", PlainOptions).chosen
        if chosen is not None:
            self.app.push_screen(CampaignScreen(bytes.fromhex(chosen)))

    def action_found(self) -> None:
        form: Form[CampaignView] = Form(
            _("Found a campaign"),
            (
                Field(name="name", label=_("Name"), required=True),
                Field(name="goal", label=_("Goal, in one sentence")),
                Field(name="my_name", label=_("My name there"), placeholder=_("empty: my usual name")),
                Field(name="channels", label=_("Channels"), value=_("general, alerts"), required=True),
                Field(
                    name="seat",
                    label=_("I am"),
                    kind="choice",
                    choices=SEAT_CHOICES,
                    value=Seat.IN_COUNTRY.value,
                ),
                Field(name="talk_days", label=_("Messages stay (days)"), value=str(TALK_DAYS), required=True),
            ),
            self._found,
            submit=_("Found it"),
            explain=_(
                "Messages vanish from each device so many days after they arrived there. Letters and members "
                "stay. The number cannot be changed later."
            ),
        )
        self.app.push_screen(form, self._opened)

    async def _found(self, values: Values) -> CampaignView:
        channels = tuple(dict.fromkeys(part.strip() for part in values["channels"].split(",")))
        command: Command = FoundCampaign(
            name=values["name"],
            goal=values["goal"],
            my_name=values["my_name"],
            seat=Seat(values["seat"]),
            channels=tuple(part for part in channels if part),
            talk_days=_talk_days(values["talk_days"]),
        )
        return await self.mesh.session.send(command, CampaignView)

    def _opened(self, campaign: CampaignView | None) -> None:
        from meshcoal.tui.screens.campaign import CampaignScreen

        if campaign is not None:
            self.app.push_screen(CampaignScreen(campaign.id))

    def action_accept(self) -> None:
        form: Form[IntroductionView] = Form(
            _("Accept an invitation"),
            (
                Field(
                    name="text",
                    label=_("The invitation"),
                    kind="text",
                    placeholder=_("its text; or a path: ~/invitation.png"),
                    required=True,
                ),
            ),
            self._accept,
            submit=_("Accept"),
            explain=_(
                "Paste the whole text, or write where its file is, or a picture of its QR code. It works "
                "once. Afterwards compare a few words with the person who gave it to you, aloud, to be sure "
                "that nobody stands between you."
            ),
        )
        self.app.push_screen(form, self._accepted)

    async def _accept(self, values: Values) -> IntroductionView:
        from meshcoal.client.pictures import invitation_in

        given = values["text"]
        if given.startswith(("/", "~", "./")) and "\n" not in given:
            text = await asyncio.to_thread(invitation_in, Path(given))
        else:
            text = "".join(given.split())  # mail programs break long lines
        return await self.mesh.session.send(AcceptInvitation(text=text), IntroductionView)

    def _accepted(self, introduction: IntroductionView | None) -> None:
        if introduction is not None:
            say(self.app, _("Accepted. Now the other machine is being reached."))
            self.action_introductions()

    def action_invitations(self) -> None:
        from meshcoal.tui.screens.invitations import InvitationsScreen

        self.app.push_screen(InvitationsScreen())

    def action_introductions(self) -> None:
        from meshcoal.tui.screens.introductions import IntroductionsScreen

        self.app.push_screen(IntroductionsScreen())

    def action_contacts(self) -> None:
        from meshcoal.tui.screens.contacts import ContactsScreen

        self.app.push_screen(ContactsScreen())

    def action_identity(self) -> None:
        from meshcoal.tui.screens.identity import IdentityScreen

        self.app.push_screen(IdentityScreen())

    def action_nearby(self) -> None:
        from meshcoal.tui.screens.nearby import NearbyScreen

        self.app.push_screen(NearbyScreen())

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
        urgent.append(_("● %(count)d unread") % {"count": campaign.unread})
    if campaign.open_statements:
        urgent.append(
            ngettext("✎ %(count)d letter to sign", "✎ %(count)d letters to sign", campaign.open_statements)
            % {"count": campaign.open_statements}
        )
    if campaign.missing:
        urgent.append(_("! %(count)d missing") % {"count": campaign.missing})
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


def _talk_days(text: str) -> int:
    if text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= TALK_DAYS_MAX:
        return int(text)
    raise BadArgument(_("Messages stay from 1 to %(most)d days: write a number.") % {"most": TALK_DAYS_MAX})
