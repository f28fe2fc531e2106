"""The vault is locked, or the daemon cannot be reached."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import Unlock
from meshcoal.api.views import StatusView
from meshcoal.errors import MeshcoalError, WrongPassphrase
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen, sentence_of
from meshcoal.tui.screens.tongue import tongues_line
from meshcoal.tui.widgets.plain import PlainButton, PlainInput, PlainLabel, PlainStatic


class UnlockScreen(MeshScreen[None]):
    """Asks for the passphrase until it is right."""

    PLACE = "unlock"

    def __init__(self, *, over: bool = False, locking: bool = False) -> None:
        """`over`: lies over the screen to return to. `locking`: the vault is being closed just now."""
        super().__init__()
        self._over = over
        self._locking = locking

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield PlainLabel(_("Locked. Your passphrase opens the vault on this machine."), id="state")
            yield PlainInput(id="passphrase", secret=True, placeholder=_("Passphrase"))
            yield PlainStatic("", id="problem", classes="error")
            yield PlainButton(_("Unlock"), id="unlock", variant="primary")
            yield PlainStatic(tongues_line(), classes="note gap-above")

    def on_mount(self) -> None:
        self.head(_("meshcoal is locked"))
        if self._locking:
            self.head(_("Locking …"))

    def locked(self) -> None:
        """The daemon has closed the vault."""
        self.head(_("meshcoal is locked"))

    def lock_failed(self, exc: MeshcoalError) -> None:
        """It may still be open: say so plainly."""
        self.head(_("NOT locked"))
        self._problem(
            _("The vault may still be open. %(why)s Stop the daemon or switch the machine off.")
            % {"why": sentence_of(exc)}
        )

    @on(PlainInput.Submitted)
    @on(PlainButton.Pressed, "#unlock")
    def unlock(self) -> None:
        """Try the passphrase."""
        passphrase = self.query_one("#passphrase", PlainInput).value
        button = self.query_one("#unlock", PlainButton)
        if not passphrase or button.disabled:
            return
        button.disabled = True
        self.query_one("#problem", PlainStatic).show("")
        self.ask(
            Unlock(passphrase=passphrase),
            StatusView,
            self.opened,
            self._failed,
            busy=_("Unlocking: this takes a moment on purpose"),
        )

    def opened(self, status: StatusView) -> None:
        """The daemon took the passphrase, here or under the cover."""
        self.query_one("#passphrase", PlainInput).value = ""
        if self._over:
            self.mesh.bring_drafts()
            self.dismiss()
        else:
            self.mesh.status_arrived(status)

    def _failed(self, exc: MeshcoalError) -> None:
        self.query_one("#unlock", PlainButton).disabled = False
        if isinstance(exc, WrongPassphrase):
            self.query_one("#passphrase", PlainInput).value = ""
            self._problem(_("That passphrase does not open the vault. Nothing was harmed; try again."))
        else:
            self._problem(sentence_of(exc))

    def _problem(self, sentence: str) -> None:
        self.query_one("#problem", PlainStatic).show(sentence)
        self.query_one("#passphrase", PlainInput).focus()


class UnreachableScreen(MeshScreen[None]):
    """The daemon does not answer and could not be started."""

    PLACE = "unreachable"
    BINDINGS = bindings("unreachable")

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def body(self) -> ComposeResult:
        yield PlainStatic(_("The part of meshcoal that works in the background does not answer."))
        yield PlainStatic(self._sentence, classes="error gap-above")
        yield PlainStatic(
            _("What you wrote and received before is safe on the disk. You can also run: meshcoal status"),
            classes="note gap-above",
        )
        yield PlainButton(_("Try again"), id="again", variant="primary")

    def on_mount(self) -> None:
        self.head(_("No connection to the daemon"))

    @on(PlainButton.Pressed, "#again")
    def action_again(self) -> None:
        self.mesh.arrive()
