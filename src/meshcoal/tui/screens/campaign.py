"""One campaign: its channels and letters, and how it stands."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import (
    LeaveCampaign,
    ListWarnings,
    OpenChannel,
    RenewKeys,
    Role,
    SetRules,
    ShowCampaign,
)
from meshcoal.api.views import (
    CampaignView,
    CaseSummaryView,
    CaseView,
    ChannelView,
    InvitationView,
    MemberState,
    Notice,
    NoticeKind,
    StatementPhase,
    StatementSummaryView,
    StatementView,
    WarningsView,
)
from meshcoal.errors import BadArgument
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_CAMPAIGN_BYTES_MAX, MEMBERS_MAX, MIB
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.screens.warnings import AlarmBar
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, say, styled

FIRST = "first"  # where no letter stands yet


class CampaignScreen(MeshScreen[None]):
    """Channels and letters of one campaign."""

    PLACE = "campaign"
    CONCERNS = frozenset(
        {
            NoticeKind.CAMPAIGN,
            NoticeKind.CAMPAIGNS,
            NoticeKind.MESSAGES,
            NoticeKind.ERASED,
            NoticeKind.STATEMENT,
            NoticeKind.ALERT,
            NoticeKind.CASE,
            NoticeKind.DUE,
            NoticeKind.HELD,
            NoticeKind.WARNINGS,
            NoticeKind.WITHHELD,
            NoticeKind.PEERS,
        }
    )
    BINDINGS = bindings("campaign")

    def __init__(self, campaign: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.view: CampaignView | None = None

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield PlainStatic("", id="about", classes="note")
        yield PlainStatic("", id="gaps")
        yield PlainOptions(id="things")

    def on_mount(self) -> None:
        self.head(_("Campaign"))

    def about(self, notice: Notice) -> bool:
        return notice.campaign in (b"", self.campaign)

    def shows(self, notice: Notice) -> bool:
        return False

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ShowCampaign(campaign=self.campaign), CampaignView)
        warnings = await self.mesh.session.send(ListWarnings(), WarningsView)

        def show() -> None:
            self.query_one(AlarmBar).tell(one for one in warnings.warnings if one.campaign == self.campaign)
            self.show(view)

        return show

    def show(self, view: CampaignView) -> None:
        """Draw the campaign."""
        self.view = view
        self.head(name(view.name, 60))
        self.query_one("#about", PlainStatic).show(_about(view))
        gaps = self.query_one("#gaps", PlainStatic)
        told = _gaps(view)
        gaps.set_class(bool(told), "-on")
        gaps.show(lines(told))
        catching = view.catching_up
        total = catching.coming + catching.waiting + catching.taken
        if catching.coming or catching.waiting:
            self.query_one(BusyLine).progress(shown.catching_up(catching), catching.taken, total)
        now_ms = self.mesh.now_ms()
        rows = [Row("channels", styled((_("Channels"), "bold")), live=False)]
        rows += [Row("c" + channel.id.hex(), _channel(channel)) for channel in view.channels]
        open_ = [one for one in view.cases if not one.closed]
        if open_:
            rows.append(Row("cases", styled(("\n" + _("Cases"), "bold")), live=False))
            rows += [Row("k" + case.id.hex(), _case(case, now_ms)) for case in open_]
        rows.append(Row("statements", styled(("\n" + _("Letters"), "bold")), live=False))
        rows += [Row("s" + view.id.hex(), _statement(view, now_ms)) for view in view.statements]
        if not view.statements:
            rows.append(
                Row(FIRST, styled(_("  ✎ Write the first letter, from a text to fill in"), ("  d", "dim")))
            )
        self.query_one("#things", PlainOptions).fill(rows)

    # --- Actions

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        from meshcoal.tui.screens.channel import ChannelScreen
        from meshcoal.tui.screens.statement import StatementScreen

        chosen = self.query_one("#things", PlainOptions).chosen
        if chosen is None or self.view is None:
            return
        if chosen == FIRST:
            self.action_draft()
            return
        identifier = bytes.fromhex(chosen[1:])
        if chosen.startswith("k"):
            self._open_case(identifier)
            return
        if chosen.startswith("s"):
            self.app.push_screen(StatementScreen(self.campaign, identifier))
            return
        channel = next(channel for channel in self.view.channels if channel.id == identifier)
        self.app.push_screen(ChannelScreen(self.campaign, channel.id, channel.name))

    def _open_case(self, case: bytes) -> None:
        from meshcoal.tui.screens.case import CaseScreen

        self.app.push_screen(CaseScreen(self.campaign, case))

    def action_alert(self) -> None:
        from meshcoal.tui.screens.case import alert_form

        def alerted(view: CaseView | None) -> None:
            if view is not None:
                self._open_case(view.id)

        self.app.push_screen(alert_form(self, self.campaign), alerted)

    def action_draft(self) -> None:
        from meshcoal.tui.screens.write import WriteScreen

        first = self.view is not None and not self.view.statements
        self.app.push_screen(WriteScreen(self.campaign, to_fill_in=first), self._drafted)

    def _drafted(self, view: StatementView | None) -> None:
        from meshcoal.tui.screens.statement import StatementScreen

        if view is not None:
            self.app.push_screen(StatementScreen(self.campaign, view.id))

    def action_channel(self) -> None:
        form: Form[CampaignView] = Form(
            _("Open a channel"),
            (Field(name="name", label=_("Name"), required=True),),
            self._open_channel,
            submit=_("Open it"),
            explain=_("Every member of the campaign sees it."),
        )
        self.app.push_screen(form, self._changed)

    async def _open_channel(self, values: Values) -> CampaignView:
        command = OpenChannel(campaign=self.campaign, name=values["name"])
        return await self.mesh.session.send(command, CampaignView)

    def action_members(self) -> None:
        from meshcoal.tui.screens.members import MembersScreen

        self.app.push_screen(MembersScreen(self.campaign))

    def action_offices(self) -> None:
        from meshcoal.tui.screens.offices import OfficesScreen

        self.app.push_screen(OfficesScreen(self.campaign))

    def action_history(self) -> None:
        """What happened here."""
        from meshcoal.tui.screens.history import HistoryScreen

        self.app.push_screen(HistoryScreen(self.campaign))

    def action_missing(self) -> None:
        if self.view is not None:
            self.app.push_screen(
                InfoScreen(_("What is missing here"), _missing(self.view, self.mesh.now_ms()))
            )

    def action_invite(self) -> None:
        from meshcoal.tui.screens.invitations import InvitationScreen, invitation_form

        def made(invitation: InvitationView | None) -> None:
            if invitation is not None:
                self.app.push_screen(InvitationScreen(invitation))

        if self.view is not None:
            choices = ((self.campaign.hex(), name(self.view.name, 40)),)
            self.app.push_screen(invitation_form(self.mesh, choices), made)

    def action_carry(self) -> None:
        from meshcoal.tui.screens.carrying import write_stick

        if self.view is not None:
            write_stick(self, self.view)

    def action_slips(self) -> None:
        from meshcoal.tui.screens.slips import SlipsScreen

        self.app.push_screen(SlipsScreen(self.view))

    def action_unpack(self) -> None:
        from meshcoal.tui.screens.carrying import read_stick

        read_stick(self)

    def action_limits(self) -> None:
        if self.view is None:
            return
        if self.view.role is not Role.ORGANISER:
            say(self.app, shown.file_rules(self.view))
            return

        rules = self.view

        async def change(values: Values) -> CampaignView:
            command = SetRules(
                campaign=self.campaign,
                file_bytes_max=_bytes_of(values["largest"], ATTACHMENT_BYTES_MAX),
                kept_bytes_max=_bytes_of(values["kept"], ATTACHMENTS_CAMPAIGN_BYTES_MAX),
                draft_seats=rules.draft_seats,
                comments_by_seat=rules.comments_by_seat,
                in_country_quorum=_number_of(values["in-country"]),
                exile_quorum=_number_of(values["exile"]),
                ingo_quorum=_number_of(values["ingo"]),
                witness_seats=rules.witness_seats,
                tor_seats=rules.tor_seats,
                apart_seats=rules.apart_seats,
                authors_change=rules.authors_change,
                organisers_hide=rules.organisers_hide,
            )
            return await self.mesh.session.send(command, CampaignView)

        form: Form[CampaignView] = Form(
            _("Rules of the campaign"),
            (
                *[
                    Field(name=field, label=label, value=str(count), required=True)
                    for field, label, count in (
                        ("in-country", _("Consent, in the country"), self.view.in_country_quorum),
                        ("exile", _("Consent, in exile"), self.view.exile_quorum),
                        ("ingo", _("Consent, international"), self.view.ingo_quorum),
                    )
                ],
                Field(
                    name="largest",
                    label=_("Largest (MiB)"),
                    value=_mib(self.view.file_bytes_max),
                    required=True,
                ),
                Field(
                    name="kept",
                    label=_("All kept (MiB)"),
                    value=_mib(self.view.kept_bytes_max),
                    required=True,
                ),
            ),
            change,
            submit=_("Change the rules"),
            explain=_(
                "Consent: so many members must sign a letter, or agree that it goes out, before it is "
                "released. Only an in-country organiser lowers the first number.\n"
                "Files: every member's device keeps to it: a larger file is refused when it is attached, and "
                "fetched by nobody. Of all files together each device keeps so much, and lets go of the "
                "oldest that others have. 0 as the largest allows no files. What was attached before stays."
            ),
        )
        self.app.push_screen(form, self._changed)

    def action_renew(self) -> None:
        async def renew(values: Values) -> CampaignView:
            return await self.mesh.session.send(RenewKeys(campaign=self.campaign), CampaignView)

        def renewed(view: CampaignView | None) -> None:
            if view is not None:
                self.show(view)
                say(self.app, _("Your keys in this campaign are new."))

        form: Form[CampaignView] = Form(
            _("Take new keys"),
            (),
            renew,
            submit=_("Take new keys"),
            explain=_(
                "Do this when your device was in other hands. A copy of it opens nothing that the others "
                "write once they have heard of it.\n"
                "What it held, it keeps, and it can still speak in your name: where you can, have yourself "
                "removed and invited anew. Your other campaigns need the same."
            ),
        )
        self.app.push_screen(form, renewed)

    def action_leave(self) -> None:
        word = _("leave")
        check = must_type(word)

        async def leave(values: Values) -> CampaignView:
            check(values)
            return await self.mesh.session.send(LeaveCampaign(campaign=self.campaign), CampaignView)

        form: Form[CampaignView] = Form(
            _("Leave this campaign"),
            (typed_field(word),),
            leave,
            submit=_("Leave"),
            danger=True,
            explain=_(
                "The others are told. You receive nothing that follows; what is here stays readable here.\n"
                "To come back you need a new invitation."
            ),
        )
        self.app.push_screen(form, self._changed)

    def _changed(self, view: CampaignView | None) -> None:
        if view is not None:
            self.show(view)


def _about(view: CampaignView) -> Styled:
    others = [member for member in view.members if member.state == MemberState.ACTIVE and not member.me]
    facts = _("%(reach)s  ·  I am %(role)s, %(seat)s") % {
        "reach": shown.reach(sum(member.connected for member in others), len(others)),
        "role": shown.ROLES[view.role],
        "seat": shown.SEATS[view.seat],
    }
    parts: list[str | Styled] = [name(view.goal, 200)] if view.goal else []
    if view.state != MemberState.ACTIVE:
        state = shown.MEMBER_STATES[view.state]
        parts.append(styled((_("! You take part no longer: %(state)s.") % {"state": state}, "bold $warning")))
    vanish = ngettext(
        "Messages vanish after %(days)d day", "Messages vanish after %(days)d days", view.talk_days
    ) % {"days": view.talk_days}
    rules = "" if usual_rules(view) else "\n" + shown.file_rules(view)
    return lines([*parts, (f"{facts}  ·  {vanish}" if view.talk_days else facts) + rules])


def usual_rules(view: CampaignView) -> bool:
    """Whether nobody has made the limits of files lower."""
    return (view.file_bytes_max, view.kept_bytes_max) == (
        ATTACHMENT_BYTES_MAX,
        ATTACHMENTS_CAMPAIGN_BYTES_MAX,
    )


def _mib(size: int) -> str:
    return f"{size / MIB:.3f}".rstrip("0").rstrip(".")


def _number_of(text: str) -> int:
    """Raises `BadArgument`."""
    try:
        number = int(text.strip())
    except ValueError:
        number = -1
    if not 0 <= number <= MEMBERS_MAX:
        raise BadArgument(_("write a number of members"))
    return number


def _bytes_of(text: str, most: int) -> int:
    """Of a number of MiB. Raises `BadArgument`."""
    whole, _dot, part = text.strip().replace(",", ".").partition(".")
    if not (whole + part).isdecimal() or len(whole) > 4 or len(part) > 3 or not whole:
        raise BadArgument(_("Write a number of MiB, such as 2 or 0.5."))
    size = int(whole) * MIB + int((part + "000")[:3]) * MIB // 1_000
    if size > most:
        raise BadArgument(_("At most %(most)d MiB.") % {"most": most // MIB})
    return size


def _gaps(view: CampaignView) -> list[Styled]:
    """What is wrong, the worst first; the rest is behind a key."""
    named = sorted(view.withheld, key=lambda one: not one.certain)
    parts = [styled(("! " + shown.withheld(one), "bold" if one.certain else "")) for one in named[:2]]
    parts += [styled("! " + shown.gap(gap)) for gap in view.gaps[:2]]
    more = max(0, len(named) - 2) + max(0, len(view.gaps) - 2)
    parts += [styled("! " + shown.wait(one)) for one in view.waits[:1]]
    more += max(0, len(view.waits) - 1)
    if view.unopened:
        parts.append(
            styled(
                ngettext(
                    "! %(count)d thing waits for its key",
                    "! %(count)d things wait for their key",
                    view.unopened,
                )
                % {"count": view.unopened}
            )
        )
    parts += [styled("! " + shown.busy(one)) for one in view.busy[:2]]
    if more:
        parts = [*parts[:5], styled(_("! … and %(count)d more (g shows all)") % {"count": more})]
    elif view.withheld or view.waits:
        parts = [*parts[:5], styled((_("  g says more"), "dim"))]
    return parts


def _missing(view: CampaignView, now_ms: int) -> Styled:
    """All that is known to be missing, in full."""
    drawn: list[str | Styled] = []
    for one in view.withheld:
        drawn.append(
            styled(("! " if one.certain else "? ", "bold"), shown.withheld_in_full(one, now_ms=now_ms))
        )
    if view.withheld:
        drawn += [
            styled((_("A broken device does the same as one that is made to. Ask by another way."), "dim")),
            "",
        ]
    drawn += [shown.gap_in_full(gap, now_ms=now_ms) for gap in view.gaps]
    drawn += [shown.wait_in_full(one, now_ms=now_ms) for one in view.waits]
    if not drawn:
        drawn.append(_("Nothing is known to be missing."))
    return lines(drawn)


def _channel(channel: ChannelView) -> Styled:
    unread = f"  {shown.unread(channel.unread)}" if channel.unread else ""
    return styled("  # ", (name(channel.name, 50), "bold" if channel.unread else ""), (unread, "$accent"))


def _case(view: CaseSummaryView, now_ms: int) -> Styled:
    facts = [_("alert by %(name)s") % {"name": name(view.name, 24)}]
    facts.append(shown.since(view.at_ms, now_ms=now_ms))
    if view.answer_by_ms >= 0:
        facts.append(shown.answer_by(view.answer_by_ms, now_ms=now_ms))
    todo = "" if view.answered_by_me else _("! not answered by you  ")
    return styled(
        "  ", (name(view.title, 66), "bold" if todo else ""), "\n    ", (todo, "$accent"),
        (" · ".join(facts), "dim"),
    )  # fmt: skip


def _statement(view: StatementSummaryView, now_ms: int) -> Styled:
    facts = [shown.PHASES[view.phase]]
    todo = ""
    if view.phase != StatementPhase.DRAFT:
        facts.append(shown.signed(view.counted))
    if view.signed_by_me:
        facts.append(_("✓ signed by me"))
    if view.phase == StatementPhase.OPEN:
        facts.append(shown.deadline(view.deadline_ms, now_ms=now_ms))
        todo = "" if view.signed_by_me else _("✎ to sign  ")
    if view.follow_ups_ms and view.follow_ups_ms[0] <= now_ms:
        todo = _("! ask again  ")
    elif view.follow_ups_ms:
        left = shown.until(view.follow_ups_ms[0], now_ms=now_ms)
        facts.append(_("ask again %(left)s") % {"left": left})
    return styled(
        "  ", (name(view.title, 66), "bold" if todo else ""), "\n    ", (todo, "$accent"),
        (" · ".join(facts), "dim"),
    )  # fmt: skip
