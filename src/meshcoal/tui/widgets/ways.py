"""How Tor stands, in one line of words; nothing where it is off.

Law: what is wrong comes with what to try next.
"""

from __future__ import annotations

from meshcoal.api.views import TorStanding, TorView
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import PlainStatic


class WaysLine(PlainStatic):
    """Unseen while Tor is off and plain addresses are used."""

    def __init__(self) -> None:
        super().__init__("", id="ways", classes="note")
        self.display = False

    def tell(self, view: TorView) -> None:
        words = in_words(view)
        self.display = bool(words)
        self.set_class(bool(view.sentence), "warn")
        self.show(words)


def in_words(view: TorView) -> str:
    """One or two sentences, or nothing."""
    if view.sentence:
        return f"! {view.sentence}"
    if view.standing is TorStanding.OFF:
        return ""
    if view.standing is TorStanding.BOOTSTRAPPING:
        return _("Tor: %(percent)d %% of its way into its network.") % {"percent": view.percent}
    if view.standing is not TorStanding.READY:
        return _("Tor: looking for it.")
    if view.published < view.services:
        return _("Tor: ready; your addresses there are being announced.")
    if view.only_tor:
        return _("Tor: ready. Nothing else is used.")
    return _("Tor: ready.")
