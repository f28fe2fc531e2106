"""The rows around every screen: where I am, what the coach says, what is under way, which keys there are."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Footer, ProgressBar

from meshcoal.tui import bidi
from meshcoal.tui.locale import _
from meshcoal.tui.rehearsal import CoachLine, in_words
from meshcoal.tui.widgets.plain import PlainLabel, PlainStatic, styled


class Heading(PlainStatic):
    """The top row. Says when the daemon is away."""

    def __init__(self) -> None:
        super().__init__(id="heading")
        self._text = ""
        self._away = False

    def on_mount(self) -> None:
        self._draw()

    def head(self, text: str) -> None:
        self._text = text
        self._draw()

    def away(self, away: bool) -> None:
        self._away = away
        self._draw()

    def _draw(self) -> None:
        where = self._text or "meshcoal"
        if self._away:
            self.show(styled((_("[connecting again] "), "bold reverse"), where))
        else:
            self.show(styled(where))


class CoachBar(PlainStatic):
    """In a rehearsal: what to do now. Else unseen."""

    def __init__(self) -> None:
        super().__init__(id="coach")

    def tell(self, line: CoachLine | None) -> None:
        self.set_class(line is not None, "-on")
        if line is not None:
            counted = _("Rehearsal %(done)d/%(total)d: %(text)s") % {
                "done": line.done,
                "total": line.total,
                "text": in_words(line.text),
            }
            self.show(counted)


class BusyLine(Horizontal):
    """A bar for whatever takes longer than half a second.

    It lies over that end of the top row where no heading stands, so that nothing moves when it comes; in a
    dialog it takes the empty line above the buttons. Its parts are made when they are needed first.
    """

    def __init__(self) -> None:
        super().__init__(id="busy", classes="-left" if bidi.interface_from_right() else "")
        self._what = PlainLabel("", id="busy-what")
        self._bar = ProgressBar(total=None, show_eta=False, id="busy-bar")

    def begin(self, what: str) -> None:
        """Work of unknown length."""
        self._draw(what, None, 0)

    def progress(self, what: str, done: int, total: int) -> None:
        """Work whose length is known; gone when all is done."""
        if done >= total:
            self.end()
        else:
            self._draw(what, total, done)

    def end(self) -> None:
        self._show(False)

    def _draw(self, what: str, total: int | None, done: int) -> None:
        if not self._what.is_attached:
            self.mount(self._what, self._bar)
        self._what.show(what)
        self._bar.show_percentage = total is not None
        self._bar.update(total=total, progress=done)
        self._show(True)

    def _show(self, on: bool) -> None:
        self.set_class(on, "-on")
        if isinstance(self.parent, Widget):
            self.parent.set_class(on, "-busy")


class KeyRow(Footer):
    """The bottom row. Its keys begin as wide as they stay.

    Each would else be made narrow, and styled, and then told that the row is wide, and styled again: twice
    the work for every key of every screen, whenever a screen comes or another key can be pressed.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        for part in super().compose():
            narrow = getattr(type(part), "compact", None)  # a key; Textual keeps its class for itself
            if isinstance(narrow, Reactive):
                part.set_reactive(narrow, self.compact)
            yield part
