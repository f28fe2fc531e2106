"""Six words drawn by chance, shown large; typed once, they are the passphrase.

Law: what is taken is what was drawn, letter for letter, whatever keyboard typed it. Nothing is kept when the
screen is left, and other words come as often as somebody likes.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, formats, spoken
from meshcoal.tui.screens.base import MeshScreen, R
from meshcoal.tui.suggestion import (
    LIST_WORDS,
    SUGGESTED_WORDS,
    Chance,
    bits,
    possibilities,
    same_words,
    suggest,
)
from meshcoal.tui.widgets.plain import (
    PlainButton,
    PlainInput,
    PlainLabel,
    PlainStatic,
    Styled,
    lines,
    name,
    say,
)

A_LINE = 3  # words


class SuggestScreen(MeshScreen[str | None]):
    """Gives the passphrase, or None."""

    PLACE = "suggest"
    BINDINGS = bindings("suggest")

    def __init__(self, chance: Chance) -> None:
        super().__init__()
        self._chance = chance
        self.words: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield PlainLabel(_("Write these words on paper, in this order, and keep it where nobody looks."))
            yield PlainStatic("", id="drawn", classes="words")
            yield PlainStatic(
                _(
                    "Chance drew %(count)d words out of %(list)s: about %(bits)d bits. Whoever guesses has "
                    "more than %(tries)s possibilities to try, and each try is slow on purpose. Burn the "
                    "paper when you know them by heart."
                )
                % {
                    "count": SUGGESTED_WORDS,
                    "list": formats().number(LIST_WORDS),
                    "bits": int(bits()),
                    "tries": formats().number(possibilities()),
                },
                classes="note",
            )
            yield PlainLabel(_("Type them once, to be sure that you have them."), classes="gap-above")
            yield PlainInput(id="typed", placeholder=_("The six words"))
            yield PlainStatic("", id="problem", classes="error")
            yield PlainButton(_("Take these words"), id="take", variant="primary")
            yield PlainButton(_("Draw others"), id="others")

    def on_mount(self) -> None:
        self.head(_("Six words as a passphrase"))
        self.action_another()

    def action_another(self) -> None:
        """Draw anew."""
        self.words = suggest(self._chance, spoken().code)
        self.query_one("#drawn", PlainStatic).show(self._drawn())
        self.query_one("#typed", PlainInput).value = ""
        self.query_one("#problem", PlainStatic).show("")
        self.query_one("#typed").focus()

    def _drawn(self) -> Styled:
        told = [f"{at}. {name(word)}" for at, word in enumerate(self.words, 1)]
        return lines(["     ".join(told[at : at + A_LINE]) for at in range(0, len(told), A_LINE)])

    @on(PlainButton.Pressed, "#others")
    def _others(self) -> None:
        self.action_another()

    @on(PlainInput.Submitted)
    @on(PlainButton.Pressed, "#take")
    def take(self) -> None:
        """If they were typed, they are the passphrase."""
        typed = self.query_one("#typed", PlainInput)
        if same_words(typed.value, self.words):
            self.dismiss(" ".join(self.words))
            return
        sentence = (
            _("Those are not the six words. Look at them again, one after the other.")
            if typed.value.strip()
            else _("Type the six words first, or draw others.")
        )
        self.query_one("#problem", PlainStatic).show(sentence)
        typed.focus()

    def action_back(self) -> None:
        self.dismiss(None)


def draw_words(screen: MeshScreen[R], then: Callable[[str | None], None]) -> None:
    """Have six words drawn over this screen, and go on with them; None: with none."""
    if screen.mesh.chance is None:
        say(screen.app, _("Not available here: start meshcoal without arguments."))
    else:
        screen.app.push_screen(SuggestScreen(screen.mesh.chance), then)
