"""Invitations: making one, showing it as text and QR, taking it back.

Law: whoever holds an unused invitation can use it, so the screen says so, and the clipboard and files are
written only on request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import ListCampaigns, ListInvitations, MakeInvitation, RevokeInvitation, Seat
from meshcoal.api.views import (
    CampaignsView,
    Done,
    FileView,
    InvitationsView,
    InvitationView,
    MemberState,
    NoticeKind,
)
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.files import write_files
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.founding import SEAT_CHOICES
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, say, styled
from meshcoal.tui.widgets.qr import QrBlock
from meshcoal.wire.slips import text_slips

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

LIFETIMES = (
    (str(HOUR_MS), _("one hour")),
    (str(DAY_MS), _("one day")),
    (str(7 * DAY_MS), _("seven days")),
    (str(28 * DAY_MS), _("four weeks")),
)
ANSWERS = (
    ("", _("over a connection")),
    ("file", _("also by a file or on paper; its text is long")),
)


def invitation_form(app: MeshcoalApp, campaigns: Sequence[tuple[str, str]]) -> Form[InvitationView]:
    """Into which campaign, on which seat, for how long. `campaigns`: (id in hex, name)."""

    async def make(values: Values) -> InvitationView:
        command = MakeInvitation(
            campaign=bytes.fromhex(values["campaign"]),
            seat=Seat(values["seat"]),
            lifetime_ms=int(values["lifetime"]),
            by_file=values["answer"] == "file",
        )
        return await app.session.send(command, InvitationView)

    return Form(
        _("Invite somebody"),
        (
            Field(
                name="campaign",
                label=_("Campaign"),
                kind="choice",
                choices=tuple(campaigns),
                value=campaigns[0][0],
            ),
            Field(
                name="seat",
                label=_("Their seat"),
                kind="choice",
                choices=SEAT_CHOICES,
                value=Seat.IN_COUNTRY.value,
            ),
            Field(
                name="answer",
                label=_("It is answered"),
                kind="choice",
                choices=ANSWERS,
                value="",
            ),
            Field(
                name="lifetime",
                label=_("It works for"),
                kind="choice",
                choices=LIFETIMES,
                value=str(DAY_MS),
            ),
        ),
        make,
        submit=_("Make it"),
        explain=_("It works once. You still decide whom to admit, after comparing words."),
    )


class InvitationsScreen(MeshScreen[None]):
    """Invitations that nobody has used yet."""

    PLACE = "invitations"
    CONCERNS = frozenset({NoticeKind.INTRODUCTIONS})
    BINDINGS = bindings("invitations")

    def __init__(self) -> None:
        super().__init__()
        self._invitations: dict[str, InvitationView] = {}
        self._campaigns: tuple[tuple[str, str], ...] = ()

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="invitations")

    def on_mount(self) -> None:
        self.head(_("Open invitations"))

    async def load(self) -> Callable[[], None]:
        invitations = await self.mesh.session.send(ListInvitations(), InvitationsView)
        campaigns = await self.mesh.session.send(ListCampaigns(), CampaignsView)
        return lambda: self.show(invitations, campaigns)

    def show(self, invitations: InvitationsView, campaigns: CampaignsView) -> None:
        """Draw the list."""
        self._campaigns = (
            *[
                (campaign.id.hex(), name(campaign.name, 40))
                for campaign in campaigns.campaigns
                if campaign.state == MemberState.ACTIVE
            ],
            ("", _("no campaign, only to know each other")),
        )
        self._invitations = {view.id.hex(): view for view in invitations.invitations}
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not self._invitations
        empty.show(_("No invitation is open. Press n to make one."))
        self.query_one("#invitations", PlainOptions).fill(
            [Row(key, self._draw(view)) for key, view in self._invitations.items()]
        )

    def _draw(self, view: InvitationView) -> Styled:
        left = shown.until(view.expires_ms, now_ms=self.mesh.now_ms())
        where = name(view.campaign_name, 50) if view.campaign else _("no campaign")
        over = view.expires_ms < self.mesh.now_ms()
        told = _("%(seat)s · expired") if over else _("%(seat)s · expires %(left)s")
        facts = told % {"seat": shown.SEATS[view.seat], "left": left}
        return styled((where, "bold"), ("\n    " + facts, "dim"))

    def action_new(self) -> None:
        if self._campaigns:
            self.app.push_screen(invitation_form(self.mesh, self._campaigns), self._made)

    def _made(self, view: InvitationView | None) -> None:
        if view is not None:
            self.app.push_screen(InvitationScreen(view))

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        chosen = self.query_one("#invitations", PlainOptions).chosen
        if chosen is not None:
            self.app.push_screen(InvitationScreen(self._invitations[chosen]))

    def action_revoke(self) -> None:
        chosen = self.query_one("#invitations", PlainOptions).chosen
        if chosen is not None:
            self.ask(RevokeInvitation(invitation=bytes.fromhex(chosen)), Done, lambda _done: self.refetch())


class InvitationScreen(MeshScreen[None]):
    """One invitation, to hand over."""

    PLACE = "invitation"
    BINDINGS = bindings("invitation")
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, view: InvitationView) -> None:
        super().__init__()
        self._view = view

    def body(self) -> ComposeResult:
        view = self._view
        with VerticalScroll():
            yield PlainStatic(
                _(
                    "Give this to one person, over a channel you trust. Whoever has it can use it, once.\n"
                    "%(facts)s"
                )
                % {"facts": self._facts()}
            )
            if view.by_file:  # as one picture it would not fit a terminal
                yield PlainStatic(
                    _("It is long: s saves it to a file, p makes a page of codes to print."),
                    classes="note gap-above",
                )
            yield PlainStatic(view.text, id="invitation-text", classes="gap-above")
            if view.by_file:
                return
            yield PlainStatic(
                _("As a picture, below: make the window taller if it is cut."), classes="note gap-above"
            )
            yield QrBlock(view.text)

    def _facts(self) -> str:
        view = self._view
        return _("To: %(campaign)s · %(seat)s · expires %(when)s") % {
            "campaign": name(view.campaign_name, 40) if view.campaign else _("no campaign"),
            "seat": shown.SEATS[view.seat],
            "when": shown.exact(view.expires_ms, zone=self.mesh.zone),
        }

    def on_mount(self) -> None:
        self.head(_("An invitation"))

    def action_copy(self) -> None:
        """Ask the terminal to fill its clipboard (OSC 52); not every terminal does."""
        self.app.copy_to_clipboard(self._view.text)
        say(self.app, _("The terminal was asked to copy it. If pasting brings nothing, save it to a file."))

    def action_print(self) -> None:
        from meshcoal.tui.screens.slips import pages_of_slips, show_pages

        async def made(values: Values) -> tuple[Path, int]:
            return await pages_of_slips(text_slips(self._view.text), values["folder"])

        def shown_pages(result: tuple[Path, int] | None) -> None:
            if result is not None:
                show_pages(self, *result)

        form: Form[tuple[Path, int]] = Form(
            _("Print the invitation"),
            (Field(name="folder", label=_("Folder"), value="~", required=True),),
            made,
            submit=_("Make"),
            explain=_("A page of codes, of which four in five are enough. Whoever reads them can use it."),
        )
        self.app.push_screen(form, shown_pages)

    def action_save(self) -> None:
        async def save(values: Values) -> tuple[Path, ...]:
            file = FileView(name="invitation.txt", data=self._view.text.encode() + b"\n")
            return await asyncio.to_thread(write_files, (file,), values["folder"])

        form: Form[tuple[Path, ...]] = Form(
            _("Save the invitation"),
            (Field(name="folder", label=_("Folder"), value=str(Path.home()), required=True),),
            save,
            submit=_("Save"),
            explain=_("The file is not encrypted. Delete it when it was used."),
        )
        self.app.push_screen(form, self._saved)

    def _saved(self, paths: tuple[Path, ...] | None) -> None:
        if paths is not None:
            self.app.push_screen(
                InfoScreen(_("The invitation was written"), lines([str(path) for path in paths]))
            )
