"""A few lines to take in, and a button: where files went, what a step did."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll

from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshModal
from meshcoal.tui.widgets.plain import PlainButton, PlainStatic, Styled


class InfoScreen(MeshModal[None]):
    """Closes with any of the usual keys."""

    PLACE = "info"
    BINDINGS: ClassVar = [Binding("escape,q", "back", _("Close"), show=False)]
    AUTO_FOCUS = "PlainButton"

    def __init__(self, title: str, text: str | Styled) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield PlainStatic(self._title, id="dialog-title")
            with VerticalScroll(id="dialog-fields", can_focus=False):
                yield PlainStatic(self._text)
            with Horizontal(classes="buttons"):
                yield PlainButton(_("Close"), id="close", variant="primary")

    def on_button_pressed(self) -> None:
        self.dismiss()
