"""Replies from people outside who signed a letter: looking at each, and deciding.

Law: nobody is accepted unseen; what should be looked at twice is marked in words. What is decided here is
seen by those who hold the call's key, and by nobody else until it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from meshcoal.api.commands import DecideReplies, Decision, ListReplies, ReplyState
from meshcoal.api.views import DecidedView, NoticeKind, RepliesView, ReplyView
from meshcoal.limits import REPLIES_COMMAND_MAX
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.importing import ImportForm, Told, told_lines
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled


class RepliesScreen(MeshScreen[None]):
    """Those that wait, and those that are to be asked about."""

    PLACE = "replies"
    CONCERNS = frozenset({NoticeKind.STATEMENT})
    BINDINGS = bindings("replies")

    def __init__(self, campaign: bytes, statement: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self._replies: dict[str, ReplyView] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="replies")

    def on_mount(self) -> None:
        self.head(_("Replies from outside"))

    async def load(self) -> Callable[[], None]:
        pages = [
            await self.mesh.session.send(
                ListReplies(campaign=self.campaign, statement=self.statement, state=state), RepliesView
            )
            for state in (ReplyState.WAITING, ReplyState.ASKED)
        ]
        return lambda: self.show(pages)

    def show(self, pages: list[RepliesView]) -> None:
        """Draw the list."""
        self._replies = {one.id.hex(): one for page in pages for one in page.replies}
        note = self.query_one("#empty", PlainStatic)
        if not self._replies:
            note.show(_("No reply waits. Press i to read in what came back on a call."))
        else:
            told = ngettext("%(count)d reply", "%(count)d replies", len(self._replies))
            told = told % {"count": len(self._replies)}
            if any(page.more for page in pages):
                told = _("The first %(replies)s; more come when these are decided") % {"replies": told}
            note.show(told + ". " + _("A signature that holds shows a key, not a person."))
        rows = [Row(key, self._draw(view)) for key, view in self._replies.items()]
        self.query_one("#replies", PlainOptions).fill(rows)

    def _draw(self, view: ReplyView) -> Styled:
        facts = [shown.CAPACITIES[view.capacity]]
        facts += [name(part, 40) for part in (view.title, view.affiliation, view.country) if part]
        facts.append(shown.moment(view.signed_ms, now_ms=self.mesh.now_ms(), zone=self.mesh.zone))
        marks = [
            text
            for text, is_so in (
                (_("a name like another's"), view.double),
                (_("this key signed in another way too"), view.further),
                (_("behind the deadline"), view.late),
            )
            if is_so
        ]
        told = styled((name(view.name, 70), "bold"), ("\n    " + " · ".join(facts), "dim"))
        if marks:
            told += styled(("\n    ! " + "; ".join(marks), "$warning"))
        if view.state is ReplyState.ASKED:
            told += styled(("\n    " + _("to be asked about: %(note)s") % {"note": name(view.note, 70)}, ""))
        if view.decided_by:
            told += styled((_("  said by %(name)s") % {"name": name(view.decided_by, 24)}, "dim"))
        return told

    # --- Reading in

    def action_import(self) -> None:
        """Files and folders with what came back."""
        self.app.push_screen(ImportForm(self.mesh.session, self.campaign, self.statement), self._imported)

    def _imported(self, told: Told | None) -> None:
        if told is not None:
            self.app.push_screen(InfoScreen(_("What was read"), told_lines(told)))

    # --- Deciding

    def _decide(self, decision: Decision, chosen: list[bytes], note: str = "") -> None:
        command = DecideReplies(
            campaign=self.campaign,
            statement=self.statement,
            replies=tuple(chosen[:REPLIES_COMMAND_MAX]),
            decision=decision,
            note=note,
        )
        self.ask(command, DecidedView, self._decided)

    def _decided(self, view: DecidedView) -> None:
        if view.gone:
            say(self.app, _("Somebody decided on some of these before."), severity="warning")
        self.refetch()

    def _chosen(self) -> ReplyView | None:
        chosen = self.query_one("#replies", PlainOptions).chosen
        return None if chosen is None else self._replies.get(chosen)

    def action_accept(self) -> None:
        one = self._chosen()
        if one is not None:
            self._decide(Decision.ACCEPT, [one.id])

    def action_refuse(self) -> None:
        one = self._chosen()
        if one is not None:
            self._decide(Decision.REFUSE, [one.id])

    def action_ask_about(self) -> None:
        one = self._chosen()
        if one is None:
            return

        async def note(values: Values) -> str:
            return values["note"]

        form: Form[str] = Form(
            _("Ask about this reply first"),
            (Field(name="note", label=_("What is to be asked, and whom"), value=one.note),),
            note,
            submit=_("Keep"),
            explain=_("The reply stays here. The note is for you alone."),
        )
        identifier = one.id
        self.app.push_screen(form, lambda text: self._noted(identifier, text))

    def _noted(self, identifier: bytes, text: str | None) -> None:
        if text is not None:
            self._decide(Decision.ASK, [identifier], text)

    def action_accept_all(self) -> None:
        clear = [
            one.id
            for one in self._replies.values()
            if one.state is ReplyState.WAITING and not (one.double or one.further or one.late)
        ][:REPLIES_COMMAND_MAX]
        if not clear:
            say(self.app, _("Nothing waits that is not marked."))
            return

        async def yes(values: Values) -> bool:
            return True

        count = ngettext("Accept %(count)d reply", "Accept %(count)d replies", len(clear))
        form: Form[bool] = Form(
            count % {"count": len(clear)},
            (),
            yes,
            submit=_("Accept"),
            explain=_("All that are not marked. They stand on the letter for every member at once."),
        )
        self.app.push_screen(form, lambda agreed: self._decide(Decision.ACCEPT, clear) if agreed else None)
