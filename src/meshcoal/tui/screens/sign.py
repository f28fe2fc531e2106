"""The last look before signing: exactly what is signed, and by whom."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from meshcoal.api.commands import Command, NameMode, SignStatement
from meshcoal.api.views import Action, EntryState, StatementView
from meshcoal.errors import MeshcoalError
from meshcoal.text.changes import changed_lines
from meshcoal.text.sanitise import clean
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.confirming import is_word
from meshcoal.tui.differences import COME, GONE
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen, sentence_of
from meshcoal.tui.screens.seal_forms import sealed
from meshcoal.tui.widgets.plain import (
    PlainInput,
    PlainLabel,
    PlainStatic,
    Styled,
    lines,
    name,
    styled,
)

WORD = _("sign")
SEAL_WORD = _("seal")


class ExactScreen(MeshScreen[StatementView | None]):
    """Text above, the typed word below. Answers the letter as what was signed made it."""

    PLACE = "sign"
    BINDINGS = bindings("sign")
    AUTO_FOCUS = "#exact-scroll"

    def __init__(self, view: StatementView, *, word: str) -> None:
        super().__init__()
        self._view = view
        self._signing = False
        self._word = word

    @abstractmethod
    def _signer(self) -> Styled:
        """Who signs, and what to know before."""

    @abstractmethod
    def _sent(self) -> Command:
        """What signs."""

    def body(self) -> ComposeResult:
        yield PlainStatic(self._signer(), id="signer")
        with VerticalScroll(id="exact-scroll"):
            yield PlainStatic(lines([*version_changes(self._view), exact_text(self._view)]))
        yield PlainStatic("", id="problem", classes="error")
        with Horizontal(classes="field"):
            yield PlainLabel(_("To sign, type “%(word)s”") % {"word": self._word})
            typed = PlainInput(id="typed")
            typed.select_on_focus = False  # the letter that brings the focus is the first of the word
            yield typed

    def on_mount(self) -> None:
        self.head(_("Exactly this is signed"))
        self.query_one("#problem").display = False

    def on_key(self, event: events.Key) -> None:
        """Letters go to the field even while the text has the focus, where only the arrows mean something."""
        if event.is_printable and event.character:  # what the field itself takes never gets here
            typed = self.query_one("#typed", PlainInput)
            event.stop()
            typed.focus()
            typed.insert_text_at_cursor(event.character)

    @on(PlainInput.Submitted, "#typed")
    def action_confirm(self) -> None:
        if self._signing:
            return
        typed = self.query_one("#typed", PlainInput)
        if not is_word(typed.value, self._word):
            self._problem(_("To go on, type exactly: %(word)s") % {"word": self._word})
            typed.focus()
            return
        self._signing = True
        self.ask(self._sent(), StatementView, self._signed, self._failed, busy=_("Signing"))

    def _signed(self, view: StatementView) -> None:
        self.dismiss(view)

    def _failed(self, exc: MeshcoalError) -> None:
        self._signing = False
        self._problem(sentence_of(exc))

    def _problem(self, sentence: str) -> None:
        problem = self.query_one("#problem", PlainStatic)
        problem.show(sentence)
        problem.display = True

    def action_back(self) -> None:
        self.dismiss(None)


class SignScreen(ExactScreen):
    """By a name, a role, or to the addressee only."""

    def __init__(self, command: SignStatement, view: StatementView, *, floor: int = 0) -> None:
        """`floor`: seal it, and let it open when so many have signed; 0: sign for all members to see."""
        super().__init__(view, word=SEAL_WORD if floor else WORD)
        assert command.digest == view.digest, "what is shown is what is signed"
        self._late = Action.SIGN_LATE in view.actions
        self._command = dataclasses.replace(command, late=True) if self._late else command
        self._floor = floor

    def _sent(self) -> Command:
        return sealed(self._command, self._floor) if self._floor else self._command

    def _signer(self) -> Styled:
        command = self._command
        others = [one.name for one in command.names]
        parts = [command.name, *others, command.title, command.affiliation, command.country]
        how: list[str | Styled] = []
        if self._floor:
            told = _("Sealed: nobody sees it until %(floor)d have signed. The day is kept, not the hour.")
            how.append(styled((told % {"floor": self._floor}, "bold")))
        if self._late:
            told = _("This is late: the name will stand in an addendum, beside the list.")
            how.append(styled((told, "bold $warning")))
        if command.members:
            how.append(_("On behalf of %(count)d members.") % {"count": command.members})
        if command.mode is not NameMode.NAMED:
            how.append(_("On the list: %(how)s.") % {"how": shown.HIDDEN_MODES[command.mode]})
        for request in self._view.requests:
            if command.request == request.id:
                how.append(_("For the office %(office)s.") % {"office": name(request.office, 40)})
        if command.mandate:
            how.append(_("For an office, under a mandate. Every member sees that it was used."))
        for need in command.needs:
            how.append(shown.counts_only(need))
        return lines(
            [
                styled(
                    _("Signed by: "),
                    (", ".join([name(part, 40) for part in parts if part]), "bold"),
                    _(" as %(capacity)s") % {"capacity": shown.CAPACITIES[command.capacity]},
                ),
                *how,
                _("Digest %(digest)s   Deadline %(deadline)s")
                % {
                    "digest": shown.short_digest(command.digest),
                    "deadline": shown.exact(self._view.deadline_ms, zone=self.mesh.zone),
                },
            ]
        )


def version_changes(view: StatementView) -> list[str | Styled]:
    """What differs from the version that was signed, or from the one before; nothing for the first."""
    if not view.earlier_text:
        return []
    if view.mine is EntryState.LAPSED:
        head = _("Changed since version %(version)d, which you signed:")
    else:
        head = _("Changed since version %(version)d:")
    changes = [
        styled((f"{mark} ", "bold"), (line, GONE if mark == "-" else COME))
        for mark, line in changed_lines(view.earlier_text, view.canonical_text)
    ]
    return [styled((head % {"version": view.earlier_version}, "bold $warning")), *changes, ""]


def exact_text(view: StatementView) -> Styled:
    """The canonical text, with a warning where the screen cannot show all of it."""
    parts: list[str | Styled] = [view.canonical_text]
    if clean(view.canonical_text, multiline=True) != view.canonical_text:
        warning = _(
            "! This text holds characters that cannot be shown safely; they are left out or stand as �.\n"
            "! Ask whoever wrote it why before you sign.\n"
        )
        parts.insert(0, styled((warning, "bold $warning")))
    return lines(parts)
