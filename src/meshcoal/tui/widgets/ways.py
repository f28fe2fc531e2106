"""How Tor stands, in one line of words; nothing where it is off."""

from __future__ import annotations

from meshcoal.api.views import TorView
from meshcoal.tui.sentences import tor_words
from meshcoal.tui.widgets.plain import PlainStatic


class WaysLine(PlainStatic):
    """Unseen while Tor is off and plain addresses are used."""

    def __init__(self) -> None:
        super().__init__("", id="ways", classes="note")
        self.display = False

    def tell(self, view: TorView) -> None:
        words = tor_words(view)
        self.display = bool(words)
        self.set_class(bool(view.sentence), "warn")
        self.show(words)
