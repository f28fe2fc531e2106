"""How to stand on the letter: every way with what it gives and what is left of the risk, before anything is
entered.

Law: as in `tui.modes`. What may not be chosen is read here too, with the reason; it cannot be highlighted.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from meshcoal.api.views import StatementView
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.modes import Choice, Way, choices_of
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, lines, styled


class ModesScreen(MeshScreen[Way | None]):
    """One row per way. Answers the one that was chosen."""

    PLACE = "modes"
    BINDINGS = bindings("modes")

    def __init__(self, view: StatementView, before: Way | None = None) -> None:
        """`before`: what was chosen last; it is highlighted."""
        super().__init__()
        self.campaign = view.campaign
        self._view = view
        self._before = before

    def body(self) -> ComposeResult:
        yield PlainStatic(_("Nothing is signed yet. Choose how you stand on the letter:"), classes="note")
        yield PlainOptions(id="modes")

    def on_mount(self) -> None:
        self.head(_("Sign: how?"))
        options = self.query_one("#modes", PlainOptions)
        options.fill([_row(one) for one in choices_of(self._view)])
        if self._before is not None:
            options.choose(self._before.value)

    @on(PlainOptions.OptionSelected)
    def action_choose(self) -> None:
        """Go on with the chosen way."""
        chosen = self.query_one("#modes", PlainOptions).chosen
        if chosen is not None:
            self.dismiss(Way(chosen))

    def action_back(self) -> None:
        self.dismiss(None)


def _row(one: Choice) -> Row:
    title = styled(("✗ " if one.why_not else "▸ ", "dim"), (one.title, "dim" if one.why_not else "bold"))
    told = styled((one.why_not, "italic") if one.why_not else one.sentences)
    sentences = [styled((one.sentences, "dim"))] if one.why_not else []
    return Row(one.way.value, lines([title, told, *sentences, ""]), live=not one.why_not)
