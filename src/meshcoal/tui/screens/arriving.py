"""Shown while the daemon takes long to start."""

from __future__ import annotations

from textual.app import ComposeResult

from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.widgets.plain import PlainStatic


class ArrivingScreen(MeshScreen[None]):
    """Goes when the app knows how things stand."""

    PLACE = "arriving"

    def body(self) -> ComposeResult:
        yield PlainStatic(_("Starting …"), classes="note")
