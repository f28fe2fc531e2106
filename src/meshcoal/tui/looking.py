"""The interface as somebody wants to see it: its look, and how much in it may move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual.filter import LineFilter

from meshcoal.errors import BadArgument
from meshcoal.tui import bidi, look, motion
from meshcoal.tui.idle import Clocks
from meshcoal.tui.idle import clocks as machine_clocks
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import sentence_of
from meshcoal.tui.settings import Settings, write_settings
from meshcoal.tui.watch import WatchedApp
from meshcoal.tui.widgets.plain import say

if TYPE_CHECKING:
    from textual.types import AnimationLevel

_SAID: Final = {
    "dark": _("Dark."),
    "light": _("Light."),
    "contrast": _("High contrast, dark."),
    "contrast-light": _("High contrast, light."),
    "plain": _("No colours: bold, underlined, reversed."),
}


class LookingApp(WatchedApp):
    """What `MeshcoalApp` is made on, with `WatchedApp` below it."""

    def __init__(
        self, surroundings: Mapping[str, str], *, clocks: Callable[[], Clocks] = machine_clocks
    ) -> None:
        """`surroundings`: the process's environment, as it was before anything took from it."""
        super().__init__(clocks=clocks)
        self.surroundings = surroundings
        self._turner = bidi.Turner()
        self._moving: AnimationLevel = "full"
        self._look_filters = look.Filters()

    def begin_looks(self) -> None:
        """Look as was chosen."""
        self._moving = self.animation_level  # all, or as TEXTUAL_ANIMATIONS says
        for one in look.LOOKS:
            self.register_theme(one.theme)
        self.theme = look.look_of(self.settings.look, self.surroundings).theme.name
        self.motion_as(self.settings)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, the one that turns lines from right to left, and at last that of the look."""
        given = super().get_line_filters()
        turned = given if bidi.mode() is bidi.Mode.TERMINAL else [*given, self._turner]
        return self._look_filters.of(self, turned)

    def look_as(self, chosen: Settings) -> None:
        """From now on so, where something else was chosen than what holds."""
        if chosen.look != self.settings.look:
            look.apply(self, chosen.look or look.DARK)
        self.motion_as(chosen)

    def motion_as(self, chosen: Settings) -> None:
        """Let as much move as was chosen."""
        less = motion.is_less(chosen.motion, self.surroundings)
        motion.apply(self, "none" if less else self._moving)

    def action_contrast(self) -> None:
        """Go on to the next look, and keep it."""
        chosen = look.after(look.applied(self)).name
        look.apply(self, chosen)
        self.settings = replace(self.settings, look="" if chosen == look.DARK else chosen)
        say(self, _SAID[chosen])
        try:
            write_settings(self.home, self.settings)
        except BadArgument as exc:
            say(self, sentence_of(exc), severity="error")
