"""Who takes part in a campaign, and how current each of them is."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import (
    ListWarnings,
    RemoveMember,
    RestoreMember,
    Role,
    Seat,
    SetRole,
    ShowCampaign,
    ShowIdentity,
    ShowMemberWords,
)
from meshcoal.api.views import (
    CampaignView,
    ForkState,
    IdentityView,
    MemberState,
    MemberView,
    MemberWordsView,
    Notice,
    NoticeKind,
    WarningsView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.founding import SEAT_CHOICES
from meshcoal.tui.screens.reach import ReachScreen
from meshcoal.tui.screens.seal_forms import words_form
from meshcoal.tui.screens.warnings import AlarmBar
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, styled

ROLE_CHOICES = tuple((role.value, words) for role, words in shown.ROLES.items())


class MembersScreen(MeshScreen[None]):
    """One row per member; those who left stand at the end."""

    PLACE = "members"
    CONCERNS = frozenset(
        {NoticeKind.CAMPAIGN, NoticeKind.HELD, NoticeKind.PEERS, NoticeKind.WARNINGS, NoticeKind.WITHHELD}
    )
    BINDINGS = bindings("members")

    def __init__(self, campaign: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.view: CampaignView | None = None

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield PlainStatic("", id="forks")
        yield PlainOptions(id="members")
        yield PlainStatic(
            _("Provable: a seized device can show who wrote it; older words it cannot."),
            classes="note",
        )

    def on_mount(self) -> None:
        self.head(_("Members"))

    def about(self, notice: Notice) -> bool:
        return notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ShowCampaign(campaign=self.campaign), CampaignView)
        warnings = await self.mesh.session.send(ListWarnings(), WarningsView)

        def show() -> None:
            self.query_one(AlarmBar).tell(one for one in warnings.warnings if one.campaign == self.campaign)
            self.show(view)

        return show

    def show(self, view: CampaignView) -> None:
        """Draw the members."""
        self.view = view
        active = sum(member.state == MemberState.ACTIVE for member in view.members)
        self.head(
            ngettext("%(count)d member of %(campaign)s", "%(count)d members of %(campaign)s", active)
            % {"count": active, "campaign": name(view.name, 50)}
        )
        forks = self.query_one("#forks", PlainStatic)
        told = [member for member in view.members if member.fork in (ForkState.OPEN, ForkState.HALTED)]
        forks.set_class(bool(told), "-on")
        forks.show(lines([fork_notice(member) for member in told]))
        ordered = sorted(view.members, key=lambda member: member.state != MemberState.ACTIVE)
        self.query_one("#members", PlainOptions).fill(
            [Row(member.author.hex(), self._member(member)) for member in ordered]
        )

    def _member(self, member: MemberView) -> Styled:
        facts = [shown.ROLES[member.role], shown.SEATS[member.seat]]
        if member.state != MemberState.ACTIVE:
            facts.append(shown.MEMBER_STATES[member.state])
        if member.fork != ForkState.NONE:
            facts.append(shown.FORK_STATES[member.fork])
        if not member.me:
            facts.append(shown.compared(verified=member.verified, introduced_by=member.introduced_by))
        zone, now_ms = self.mesh.zone, self.mesh.now_ms()
        live = []
        if not member.me and member.state == MemberState.ACTIVE:
            live.append(shown.seen(member.last_seen_ms, connected=member.connected, now_ms=now_ms, zone=zone))
            live.append(_behind(member.behind))
        live.append(shown.provable(member.deniable_ms, now_ms=now_ms, zone=zone))
        if member.admitted_by:
            live.append(_("admitted by %(name)s") % {"name": name(member.admitted_by, 24)})
        if member.namesake:
            live.append(_("not shown to be your contact %(name)s") % {"name": name(member.namesake, 24)})
        known_as = _(" (calls themselves %(name)s)") % {"name": name(member.given_name, 24)}
        return styled(
            ("!! " if member.warned else "", "bold"),
            (name(member.name, 40), "bold" if member.state == MemberState.ACTIVE else "strike"),
            _(" (me)") if member.me else "",
            (known_as if member.given_name != member.name and not member.me else "", "dim"),
            "\n    " + " · ".join(facts),
            ("\n    " + " · ".join(live) if live else "", "dim"),
        )

    def _chosen(self) -> MemberView | None:
        chosen = self.query_one("#members", PlainOptions).chosen
        if self.view is None:
            return None
        return next((member for member in self.view.members if member.author.hex() == chosen), None)

    def action_words(self) -> None:
        member = self._chosen()
        if member is not None and not member.me and member.state == MemberState.ACTIVE:
            command = ShowMemberWords(campaign=self.campaign, author=member.author)
            self.ask(command, MemberWordsView, self._show_words)

    def _show_words(self, view: MemberWordsView) -> None:
        def show(me: IdentityView) -> None:
            self.app.push_screen(words_form(self.mesh, view, me.word_list), self._judged)

        self.ask(ShowIdentity(), IdentityView, show)

    def _judged(self, view: MemberWordsView | None) -> None:
        if view is not None:
            self.ask(ShowCampaign(campaign=self.campaign), CampaignView, self.show)

    def action_reach(self) -> None:
        member = self._chosen()
        chosen = member.author if member is not None else b""
        self.app.push_screen(ReachScreen(self.campaign, chosen))

    def action_role(self) -> None:
        member = self._chosen()
        if member is None:
            return

        async def set_role(values: Values) -> CampaignView:
            command = SetRole(
                campaign=self.campaign,
                author=member.author,
                seat=Seat(values["seat"]),
                role=Role(values["role"]),
            )
            return await self.mesh.session.send(command, CampaignView)

        form: Form[CampaignView] = Form(
            _("Seat and role of %(name)s") % {"name": name(member.name, 40)},
            (
                Field(
                    name="seat", label=_("Seat"), kind="choice", choices=SEAT_CHOICES, value=member.seat.value
                ),
                Field(
                    name="role", label=_("Role"), kind="choice", choices=ROLE_CHOICES, value=member.role.value
                ),
            ),
            set_role,
            submit=_("Change it"),
            explain=_("An organiser may admit, remove, freeze and release. Have more than one."),
        )
        self.app.push_screen(form, self._changed)

    def action_remove(self) -> None:
        member = self._chosen()
        if member is None or member.state != MemberState.ACTIVE:
            return
        word = _("remove")
        check = must_type(word)

        async def remove(values: Values) -> CampaignView:
            check(values)
            command = RemoveMember(campaign=self.campaign, author=member.author)
            return await self.mesh.session.send(command, CampaignView)

        form: Form[CampaignView] = Form(
            _("Remove %(name)s") % {"name": name(member.name, 40)},
            (typed_field(word),),
            remove,
            submit=_("Remove"),
            danger=True,
            explain=_(
                "All keys change: they open nothing that follows. What they have received already stays "
                "with them, and they can see that they were removed."
            ),
        )
        self.app.push_screen(form, self._changed)

    def action_restore(self) -> None:
        member = self._chosen()
        if member is None or member.fork != ForkState.HALTED:
            return
        word = _("go on")
        check = must_type(word)

        async def restore(values: Values) -> CampaignView:
            check(values)
            command = RestoreMember(campaign=self.campaign, author=member.author)
            return await self.mesh.session.send(command, CampaignView)

        form: Form[CampaignView] = Form(
            _("Let %(name)s go on") % {"name": name(member.name, 40)},
            (typed_field(word),),
            restore,
            submit=_("Let go on"),
            danger=True,
            explain=_(
                "Ask them first, by another way: was a device copied, lost, or restored from an old state? "
                "What they do from now on counts again. What they did in between stays void: they sign anew."
            ),
        )
        self.app.push_screen(form, self._changed)

    def _changed(self, view: CampaignView | None) -> None:
        if view is not None:
            self.show(view)


def fork_notice(member: MemberView) -> Styled:
    """What it means that somebody's device gave two operations at one place, in plain words."""
    if member.me:
        first = _("! Your device gave two different operations at one place.")
    else:
        first = _("! %(name)s's device gave two different operations at one place.") % {
            "name": name(member.name, 40)
        }
    why = _(
        "This happens when a device was copied or restored from an old state, or when somebody says "
        "different things to different people."
    )
    if member.fork == ForkState.HALTED:
        then = _("Nothing they did since counts until an organiser decides: put out (x), or let go on (g).")
        if member.me:
            then = _("Nothing you did since counts until another organiser decides. You can talk.")
    else:
        then = _("No other organiser's device has seen it yet: nothing is held back.")
    return styled((first, "bold $warning"), f" {why} {then}")


def _behind(behind: int) -> str:
    if behind < 0:
        return _("unknown what they hold")
    if behind == 0:
        return _("holds everything")
    return ngettext("%(count)d behind", "%(count)d behind", behind) % {"count": behind}
