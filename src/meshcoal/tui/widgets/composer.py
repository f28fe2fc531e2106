"""Where a message is written. Enter sends, Ctrl+J begins a new line: both reach every terminal."""

from __future__ import annotations

from textual import events
from textual.message import Message

from meshcoal.limits import MESSAGE_CHARS_MAX
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import PlainText


class Composer(PlainText):
    """Grows with its text, up to six rows."""

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, id="composer", placeholder=_("Write here. Enter sends, ^J begins a new line."))

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.post_message(self.Submitted())
        elif event.key == "ctrl+j":
            event.prevent_default()
            event.stop()
            self.newline()

    def newline(self) -> None:
        """Begin a new line at the cursor."""
        self.replace("\n", *self.selection)

    @property
    def too_long_by(self) -> int:
        """Characters over the bound of one message; not above 0 where it fits."""
        return len(self.text) - MESSAGE_CHARS_MAX
