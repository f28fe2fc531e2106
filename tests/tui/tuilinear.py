"""Running the interface line by line in a test: keys become words, and what stands there was said."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from pseudo import ACCENT
from textual.pilot import Pilot
from tuidouble import NOW_MS, FakeDaemon
from tuirunning import HOME, Running, drawn
from tuistill import QuickPilot

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.tui import bidi, hiding
from meshcoal.tui.actions import actions_at
from meshcoal.tui.linear.app import SIZE_CELLS, LinearApp
from meshcoal.tui.linear.conversation import Conversation
from meshcoal.tui.linear.reading import caption, parts
from meshcoal.tui.linear.typed import understood, word_of
from meshcoal.tui.linear.words import worded
from meshcoal.tui.rehearsal import RehearsalDriver
from meshcoal.tui.session import ClientLike
from meshcoal.tui.widgets.plain import PlainButton, PlainInput, PlainOptions

_NUMBER = re.compile(r"^\d+\. ")


class LinearRunning(Running):
    """The same as `Running`, by typed lines."""

    app: LinearApp

    def __init__(self, app: LinearApp, pilot: Pilot[Any], daemon: FakeDaemon) -> None:
        super().__init__(app, pilot, daemon)
        self.heard: list[str] = []
        self._unseen = ""  # what is written under the cover, until Enter
        self.talk = Conversation(app, self.heard.extend, super().rest)
        app.conversation = self.talk

    def hear(self) -> None:
        """What Enter alone says, and all of it."""
        self.talk._look()
        self.heard += self.talk._cut
        self.talk._cut = []

    async def rest(self) -> None:
        await super().rest()
        if not self.app._exit:
            self.hear()

    async def type(self, *typed: str) -> None:
        """Lines, one after the other, each heard to its end."""
        for line in typed:
            await self.talk.typed(line)
            if not self.app._exit:
                self.hear()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.type(self._unseen if self.app.covered else self._word_for(key))

    async def write(self, text: str) -> None:
        if self.app.covered:
            self._unseen = text
        else:
            await self.type(f".write {text}")

    async def click(self, selector: str) -> None:
        await self.rest()
        widget = self.app.screen.query_one(selector)
        if isinstance(widget, PlainButton) and not widget.disabled:
            await self.type("." + caption(widget))
            return
        number = self.talk._seen[self.app.screen].number_of(widget)
        assert number, f"{selector} has no number"
        await self.type(f".{number}")

    def _word_for(self, key: str) -> str:
        """What somebody types where others press a key."""
        in_field = isinstance(self.app.screen.focused, PlainInput)
        actions = actions_at(self.place)
        action = next((one for one in actions if key in one.keys), None)
        if action is not None and not (key == "enter" and in_field):
            word = word_of(action)
            return "." + (word if understood(word, actions) is action else action.name)
        if key == "escape":
            return ".back"
        focused = self.app.screen.focused
        if key in ("up", "down") and isinstance(focused, PlainOptions):
            number = self._neighbour(focused, 1 if key == "down" else -1)
            if number:
                return f".{number}"
        return f".press {key}"

    def _neighbour(self, of: PlainOptions, by: int) -> int:
        at = of.highlighted
        rows = of.rows
        while at is not None and 0 <= at + by < len(rows):
            at += by
            if rows[at].live:
                return self.talk._seen[self.app.screen].number_of(of, rows[at].key)
        return 0

    def rows(self) -> list[str]:
        return [line for part in parts(self.app.screen) for line in part.lines]

    def text(self) -> str:
        """What was said, and what a terminal that turns lines makes of it."""
        return "\n".join([*self.rows(), *[drawn(row) for row in self.rows()]])

    def shows(self, words: str) -> bool:
        """Whether it stands there, and then it must have been said, too."""
        self.hear()
        hidden = hiding.on()
        hiding.switch(False)  # of the words that are looked for
        wanted = _joined(worded(words))
        hiding.switch(hidden)
        stands = wanted in _joined([*self.rows(), *[line for one in self.toasts() for line in worded(one)]])
        if stands:
            plain = [_NUMBER.sub("", line).removesuffix(" (chosen)") for line in self.heard]
            heard = [row for row in self.rows() if row in plain]  # each at its time, when it changed
            said = any(wanted in _joined(one) for one in (self.heard, plain, heard))
            assert said, f"“{wanted}” stands there and was never said:\n" + "\n".join(self.heard[-40:])
        return stands


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).replace(ACCENT, "").replace(",", " ").replace(" a button", " ").split())


@asynccontextmanager
async def speaking(
    daemon: FakeDaemon, *, rehearsal: RehearsalDriver | None = None
) -> AsyncIterator[LinearRunning]:
    """The app on a daemon double, line by line, at rest on its first screen."""

    async def connect(home: Path) -> ClientLike:
        return await daemon.connect()

    chance = SeededEntropy(b"the same words in every run").take
    before = bidi.mode()
    bidi.begin(bidi.Mode.TERMINAL)
    app = LinearApp(HOME, connect, rehearsal=rehearsal, now_ms=lambda: NOW_MS, zone=UTC, chance=chance)
    app.animation_level = "none"
    try:
        async with app.run_test(size=SIZE_CELLS, notifications=True):
            run = LinearRunning(app, QuickPilot(app), daemon)
            await run.talk.begin()
            yield run
    finally:
        bidi.begin(before)
