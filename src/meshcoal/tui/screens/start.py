"""The first screens: choosing how to begin, making an identity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import ProgressBar

from meshcoal.api.commands import CreateVault
from meshcoal.api.views import StatusView
from meshcoal.errors import MeshcoalError
from meshcoal.limits import NAME_CHARS_MAX
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.rehearsal import RehearsalDriver, in_words
from meshcoal.tui.screens.base import MeshScreen, Ready, sentence_of
from meshcoal.tui.screens.suggest import draw_words
from meshcoal.tui.screens.tongue import tongues_line
from meshcoal.tui.strength import WORDS, Strength, said, strength
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import PlainButton, PlainInput, PlainLabel, PlainStatic


class StartScreen(MeshScreen[None]):
    """There is no identity yet: begin for real, or rehearse."""

    PLACE = "start"
    BINDINGS = bindings("start")

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _(
                "Welcome. With meshcoal, groups that trust each other write a joint letter, sign it and "
                "release it, without a server that could be seized.\n\n"
                "It has not been audited. Do not yet trust your safety to it alone."
            )
        )
        with Vertical(classes="choices gap-above"):
            yield PlainButton(_("Start for real"), id="real", variant="primary")
            yield PlainStatic(_("Make an identity on this machine and choose a passphrase."), classes="note")
            yield PlainButton(_("Rehearse"), id="rehearse")
            yield PlainStatic(self._rehearsal_words(), classes="note")
        yield PlainStatic(tongues_line(), classes="note gap-above")

    def _rehearsal_words(self) -> str:
        if self.mesh.rehearsal is None:
            return _("Not available here: start meshcoal without arguments.")
        return _("Six nodes on this machine act out a case with you. Nothing leaves the machine.")

    def on_mount(self) -> None:
        self.head(_("meshcoal"))
        self.query_one("#rehearse", PlainButton).disabled = self.mesh.rehearsal is None

    @on(PlainButton.Pressed, "#real")
    def action_real(self) -> None:
        self.app.push_screen(CreateScreen())

    @on(PlainButton.Pressed, "#rehearse")
    def action_rehearse(self) -> None:
        if self.mesh.rehearsal is not None:
            self.mesh.begin_rehearsal()


class CreateScreen(MeshScreen[None]):
    """Name and passphrase of a new identity."""

    PLACE = "create"
    BINDINGS = bindings("create")

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield PlainLabel(_("The name others see. It need not be your own; a group's name is fine."))
            yield PlainInput(id="name", placeholder=_("Name"))
            yield PlainLabel(_("A passphrase. Nobody can recover it for you."), classes="gap-above")
            yield PlainInput(id="passphrase", secret=True, placeholder=_("Passphrase"))
            yield PlainStatic(WORDS[Strength.EMPTY], id="strength", classes="note")
            yield PlainLabel(_("The same once more."), classes="gap-above")
            yield PlainInput(id="again", secret=True, placeholder=_("Passphrase again"))
            yield PlainStatic("", id="problem", classes="error")
            with Horizontal(classes="buttons"):
                yield PlainButton(_("Make my identity"), id="make", variant="primary")
                yield PlainButton(_("Draw six words for me"), id="draw")

    def on_mount(self) -> None:
        self.head(_("A new identity"))
        self.query_one("#draw").display = self.mesh.chance is not None

    @on(PlainInput.Changed, "#passphrase")
    @on(PlainInput.Changed, "#name")
    def _judge(self) -> None:
        passphrase = self.query_one("#passphrase", PlainInput).value
        near = (self.query_one("#name", PlainInput).value,)
        self.query_one("#strength", PlainStatic).show(said(passphrase, near))

    @on(PlainButton.Pressed, "#draw")
    def action_suggest(self) -> None:
        """Six words, shown large; typed once, they stand in both fields."""
        draw_words(self, self._drawn)

    def _drawn(self, passphrase: str | None) -> None:
        if passphrase is None:
            return
        for field in ("#passphrase", "#again"):
            self.query_one(field, PlainInput).value = passphrase
        self.query_one("#problem", PlainStatic).show("")
        nameless = not self.query_one("#name", PlainInput).value.strip()
        self.query_one("#name" if nameless else "#make").focus()

    @on(PlainInput.Submitted)
    def _next(self, event: PlainInput.Submitted) -> None:
        if event.input.id == "again":
            self.make()
        else:
            self.focus_next()

    @on(PlainButton.Pressed, "#make")
    def make(self) -> None:
        """Check what was written and make the vault."""
        name = self.query_one("#name", PlainInput).value.strip()
        passphrase = self.query_one("#passphrase", PlainInput).value
        if not name:
            self._problem(_("A name is needed."), "#name")
        elif len(name) > NAME_CHARS_MAX:
            self._problem(
                _("The name is too long: at most %(most)d characters.") % {"most": NAME_CHARS_MAX}, "#name"
            )
        elif strength(passphrase) <= Strength.TOO_SHORT:
            self._problem(WORDS[Strength.TOO_SHORT], "#passphrase")
        elif passphrase != self.query_one("#again", PlainInput).value:
            self._problem(_("The two passphrases differ."), "#again")
        else:
            self.query_one("#make", PlainButton).disabled = True
            self.ask(
                CreateVault(name=name, passphrase=passphrase),
                StatusView,
                self.mesh.identity_made,
                self._failed,
                busy=_("Making the vault: this takes a moment on purpose"),
            )

    def _failed(self, exc: MeshcoalError) -> None:
        self.query_one("#make", PlainButton).disabled = False
        self._problem(sentence_of(exc), "#passphrase")

    def _problem(self, sentence: str, selector: str) -> None:
        self.query_one("#problem", PlainStatic).show(sentence)
        self.query_one(selector).focus()


class RehearsalScreen(MeshScreen[None]):
    """Six nodes start, one after the other."""

    PLACE = "rehearsing"

    class Step(Message):
        """One more node, or one more thing done."""

        def __init__(self, what: str, done: int, total: int) -> None:
            super().__init__()
            self.what, self.done, self.total = what, done, total

    def __init__(self, driver: RehearsalDriver) -> None:
        super().__init__()
        self._driver = driver

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _(
                "A rehearsal. Six nodes on this machine form a coalition: you are one of them, "
                "and five others act out a case. Nothing leaves the machine, and nothing is kept."
            )
        )
        yield PlainStatic("", id="step", classes="gap-above")
        yield ProgressBar(total=None, show_eta=False, id="steps")

    def on_mount(self) -> None:
        self.head(_("Rehearsal"))
        self.run_worker(self._start(), group="rehearsal")

    async def _start(self) -> None:
        try:
            home = await self._driver.start(
                lambda what, done, total: self._tell(self.Step(what, done, total))
            )
        except MeshcoalError as exc:
            failure = exc
            self.post_message(Ready(lambda: self.mesh.unreachable(failure)))
        else:
            self.post_message(Ready(lambda: self._started(home)))

    def _tell(self, step: Step) -> None:
        self.post_message(step)

    def _started(self, home: Path) -> None:
        self.mesh.rehearsal_started(home)

    @on(Step)
    def _show_step(self, event: Step) -> None:
        self.query_one("#step", PlainStatic).show(in_words(event.what))
        self.query_one("#steps", ProgressBar).update(total=event.total, progress=event.done)
        self.query_one(BusyLine).end()


class LeavingScreen(MeshScreen[None]):
    """The rehearsal is taken down; then home, or out."""

    PLACE = "leaving"

    def __init__(self, driver: RehearsalDriver, then: Callable[[], None]) -> None:
        super().__init__()
        self._driver = driver
        self._then = then

    def body(self) -> ComposeResult:
        yield PlainStatic(_("The rehearsal ends: six nodes stop, and their files go."), classes="note")

    def on_mount(self) -> None:
        self.head(_("Rehearsal"))

    async def load(self) -> Callable[[], None]:
        await self._driver.stop()
        return self._then
