"""Whom do you work with? The path from a new identity to a first letter, each step by doing it.

Law: every step can be left and found again; what is done follows from what the node holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import GetStatus
from meshcoal.api.views import InvitationView, NoticeKind, StatementView, StatusView
from meshcoal.errors import BadArgument
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.beginnings import Beginnings
from meshcoal.tui.settings import read_settings, write_settings
from meshcoal.tui.steps import TITLES, FirstSteps, Step, look, waiting_words
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled
from meshcoal.tui.widgets.steps import mark_of

PUT_AWAY: Final = "put-away"  # what the settings say of them


class FirstScreen(Beginnings):
    """A list: what is done, what can be done now, and each one key away."""

    PLACE = "first"
    CONCERNS = frozenset(
        {
            NoticeKind.CAMPAIGNS,
            NoticeKind.CAMPAIGN,
            NoticeKind.CONTACTS,
            NoticeKind.INTRODUCTIONS,
            NoticeKind.STATEMENT,
            NoticeKind.STATUS,
        }
    )
    BINDINGS = bindings("first")
    AUTO_FOCUS = "#steps-list"

    def __init__(self) -> None:
        super().__init__()
        self.steps: FirstSteps | None = None

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _(
                "Nothing has to be read first. Choose what fits, and it shows you what to do. "
                "Esc leaves; s on the first screen brings you back."
            ),
            classes="note",
        )
        yield PlainOptions(id="steps-list")

    def on_mount(self) -> None:
        self.head(_("Whom do you work with?"))

    async def load(self) -> Callable[[], None]:
        status = await self.mesh.session.send(GetStatus(), StatusView)
        steps = await look(self.mesh.session)
        return lambda: self.show(status, steps)

    def show(self, status: StatusView, steps: FirstSteps) -> None:
        """Draw what is done and what can be done."""
        self.steps = steps
        self.head(_("Whom do you work with?") if Step.MEET not in steps.done else _("First steps"))
        rows = [
            Row(
                "identity",
                styled(
                    (f"{mark_of(Step.IDENTITY, steps)} ", ""),
                    _("You are %(name)s.") % {"name": name(status.name, 40)},
                ),
                live=False,
            )
        ]
        if Step.MEET in steps.done:
            rows.append(
                self._row(
                    "met", Step.MEET, TITLES[Step.MEET], _("Done. a and i lead to more people."), live=False
                )
            )
        else:
            rows += self._meeting(steps)
        if waiting_words(steps):
            about = (
                _("Enter shows who, and the words to read aloud.")
                if steps.under_way
                else _("Enter shows it. When it was used, you compare words, aloud.")
            )
            rows.append(self._row("people", Step.COMPARE, waiting_words(steps), about))
        elif Step.COMPARE in steps.done:
            rows.append(
                self._row(
                    "people",
                    Step.COMPARE,
                    TITLES[Step.COMPARE],
                    _("Done with one person at least."),
                    live=False,
                )
            )
        elif Step.MEET in steps.done:
            rows.append(
                self._row(
                    "contacts",
                    Step.COMPARE,
                    TITLES[Step.COMPARE],
                    _("Call them, or meet. Enter shows the words that both of you see."),
                )
            )
        rows += self._campaign(steps)
        if self.mesh.rehearsal is not None:
            rows.append(
                Row(
                    "rehearse",
                    styled(
                        ("· " + _("Rehearse first (r)"), "bold"),
                        (
                            "\n    "
                            + _("Five others act out a case with you on this machine. Then you come back."),
                            "dim",
                        ),
                    ),
                )
            )
        self.query_one("#steps-list", PlainOptions).fill(rows)

    def _meeting(self, steps: FirstSteps) -> list[Row]:
        return [
            self._row(
                "accept",
                Step.MEET,
                _("Somebody gave me an invitation (a)"),
                _("You paste it. Then you compare a few words with them, aloud."),
            ),
            self._row(
                "invite",
                Step.MEET,
                _("I invite somebody (i)"),
                _("You send the invitation by a way you trust. Then you compare words."),
            ),
        ]

    def _campaign(self, steps: FirstSteps) -> list[Row]:
        if Step.CAMPAIGN not in steps.done:
            return [
                self._row(
                    "found",
                    Step.CAMPAIGN,
                    _("I found a campaign (f)"),
                    _("A place for one goal: talk, cases, letters. You invite people later."),
                )
            ]
        titles = ", ".join([name(title, 30) for _id, title in steps.campaigns[:3]])
        rows = [
            self._row(
                "campaign", Step.CAMPAIGN, _("You are in: %(names)s") % {"names": titles}, "", live=False
            )
        ]
        if Step.LETTER in steps.done:
            rows.append(self._row("letter", Step.LETTER, TITLES[Step.LETTER], _("Done."), live=False))
        else:
            rows.append(
                self._row(
                    "letter",
                    Step.LETTER,
                    _("Write your first letter (l)"),
                    _("It begins with a text to fill in. Until its release only members see it."),
                )
            )
        return rows

    def _row(self, key: str, step: Step, title: str, about: str, *, live: bool = True) -> Row:
        assert self.steps is not None, "drawn when known"
        text: Styled = styled(
            (f"{mark_of(step, self.steps)} {title}", "bold" if live else ""),
            (f"\n    {about}" if about else "", "dim"),
        )
        return Row(key, text, live=live)

    # --- Actions

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        match self.query_one("#steps-list", PlainOptions).chosen:
            case "accept":
                self.action_accept()
            case "invite":
                self.action_invite()
            case "people":
                self._people()
            case "contacts":
                self.action_contacts()
            case "found":
                self.action_found()
            case "letter":
                self.action_letter()
            case "rehearse":
                self.action_rehearse()

    def action_invite(self) -> None:
        from meshcoal.tui.screens.invitations import invitation_form

        if self.steps is None:
            return
        campaigns = [(one.hex(), name(title, 40)) for one, title in self.steps.campaigns]
        choices = [*campaigns, ("", _("no campaign, only to know each other"))]
        self.app.push_screen(invitation_form(self.mesh, choices), self._invited)

    def _invited(self, view: InvitationView | None) -> None:
        from meshcoal.tui.screens.invitations import InvitationScreen

        if view is not None:
            self.app.push_screen(InvitationScreen(view))

    def _people(self) -> None:
        if self.steps is not None and self.steps.under_way:
            self.action_introductions()
        else:
            self.action_invitations()

    def action_letter(self) -> None:
        from meshcoal.tui.screens.write import WriteScreen

        if self.steps is None:
            return
        if not self.steps.campaigns:
            say(
                self.app,
                _("A letter belongs to a campaign: found one with f, or accept an invitation with a."),
            )
            return
        campaign = self.steps.campaigns[0][0]
        self.app.push_screen(
            WriteScreen(campaign, to_fill_in=True), lambda view: self._written(campaign, view)
        )

    def _written(self, campaign: bytes, view: StatementView | None) -> None:
        from meshcoal.tui.screens.statement import StatementScreen

        if view is not None:
            self.app.push_screen(StatementScreen(campaign, view.id))

    def action_rehearse(self) -> None:
        if self.mesh.rehearsal is None:
            say(self.app, _("Not available here: start meshcoal without arguments."))
        else:
            self.mesh.begin_rehearsal()

    def action_put_away(self) -> None:
        """On the first screen they are shown no more; s still leads here."""
        settings, _broken = read_settings(self.mesh.home)
        away = settings.steps != PUT_AWAY
        try:
            write_settings(self.mesh.home, dataclasses.replace(settings, steps=PUT_AWAY if away else ""))
        except BadArgument as exc:
            self._refusal(exc)()
            return
        say(
            self.app,
            _("Put away. s on the first screen brings them back.")
            if away
            else _("The first screen shows the first steps again."),
        )
