"""The keys of a screen, and those that work everywhere."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll

from meshcoal.tui.actions import EVERYWHERE, Action, actions_at, shown_key
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshModal
from meshcoal.tui.widgets.plain import PlainButton, PlainStatic, Styled, lines, styled


class HelpScreen(MeshModal[None]):
    """Lists actions from the registry."""

    PLACE = "help"
    BINDINGS: ClassVar = [Binding("escape,question_mark,f1,q,enter", "back", _("Close"), show=False)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, place: str) -> None:
        super().__init__()
        self.of_place = place

    def compose(self) -> ComposeResult:
        actions = actions_at(self.of_place)
        own = [action for action in actions if EVERYWHERE not in action.places]
        with Vertical(id="dialog"):
            yield PlainStatic(_("Keys"), id="dialog-title")
            with VerticalScroll(id="dialog-fields"):
                if own:
                    yield PlainStatic(_("On this screen"), classes="note")
                    yield PlainStatic(lines([_line(action) for action in own]))
                yield PlainStatic(_("Everywhere"), classes="note gap-above")
                everywhere = [_line(action) for action in actions if EVERYWHERE in action.places]
                yield PlainStatic(lines(everywhere))
                yield PlainStatic(
                    _(
                        "Arrows choose, Enter opens, Tab goes to the next field.\n"
                        "The mouse does all of it too. While you write, ? is a letter: use F1."
                    ),
                    classes="note gap-above",
                )
            with Horizontal(classes="buttons"):
                yield PlainButton(_("Close"), id="close")

    def on_button_pressed(self) -> None:
        self.dismiss()


def _line(action: Action) -> Styled:
    keys = " ".join([shown_key(key) for key in action.keys])
    return styled((f"{keys:<9}", "bold"), action.help)
