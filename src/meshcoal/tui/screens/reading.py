"""Something to read in a window over the screen; Escape or Enter closes it.

Law: it changes nothing and asks nothing.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll

from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshModal
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.plain import PlainButton, PlainStatic, Styled


class ReadingScreen(MeshModal[None]):
    """A title and a text."""

    PLACE = "form"
    BINDINGS: ClassVar = [Binding("escape", "back", _("Back"), show=False)]
    AUTO_FOCUS = "PlainButton"

    def __init__(self, title: str, text: Styled) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield PlainStatic(self._title, id="dialog-title")
            with VerticalScroll(id="dialog-fields"):
                yield PlainStatic(self._text, id="reading")
            yield BusyLine()
            with Horizontal(classes="buttons"):
                yield PlainButton(_("Close"), id="close")

    @on(PlainButton.Pressed)
    def close(self) -> None:
        """The button."""
        self.dismiss()
