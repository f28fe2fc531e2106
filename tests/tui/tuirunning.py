"""Running the interface in a test: start it, wait until it rests, read what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from pseudo import ACCENT
from textual import events
from textual.pilot import Pilot
from tuidouble import CAMPAIGN, GENERAL, NOW_MS, FakeDaemon
from tuistill import QuickPilot, loop_is_idle, share_styles, still, unpainted

from meshcoal.api.commands import Command
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.tui import bidi
from meshcoal.tui.app import MeshcoalApp
from meshcoal.tui.rehearsal import RehearsalDriver
from meshcoal.tui.screens.campaign import CampaignScreen
from meshcoal.tui.screens.channel import ChannelScreen
from meshcoal.tui.screens.statement import StatementScreen
from meshcoal.tui.session import ClientLike

C = TypeVar("C", bound=Command)
HOME = Path("/nowhere")
share_styles()


class Running:
    """One app under test."""

    def __init__(self, app: MeshcoalApp, pilot: Pilot[Any], daemon: FakeDaemon) -> None:
        self.app = app
        self.pilot = pilot
        self.daemon = daemon

    @property
    def place(self) -> str:
        return str(getattr(self.app.screen, "PLACE", ""))

    async def rest(self) -> None:
        """Until nothing is asked, answered or drawn any more. Looks at what is to be done, not at a clock."""
        await still(self.app, held=self.daemon.hold is not None)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Rest until a condition holds; the test's own time limit ends a wait in vain."""
        while not holds():
            await asyncio.sleep(0.01)
            await self.rest()
        await self.rest()

    async def press(self, *keys: str) -> None:
        """Press keys, resting after each."""
        for key in keys:
            await self._key(key)
            await self.rest()

    async def burst(self, *keys: str) -> None:
        """Press keys faster than they are handled, as after a pause of the machine."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            driver.send_message(self._event(key))
        await self.rest()

    async def write(self, text: str) -> None:
        """Write into whatever has the focus."""
        for char in text:
            await self._key("space" if char == " " else char)
        await self.rest()

    async def _key(self, key: str) -> None:
        driver = self.app._driver
        assert driver is not None
        driver.send_message(self._event(key))
        await loop_is_idle()

    def _event(self, key: str) -> events.Key:
        char = " " if key == "space" else key if len(key) == 1 else None
        event = events.Key(key, char)
        event.set_sender(self.app)
        return event

    async def click(self, selector: str) -> None:
        """Press and release the left button on a widget, where it stands by now."""
        await self.rest()
        await self.pilot.click(selector)
        await self.rest()

    def rows(self) -> list[str]:
        """The screen as text, trailing blanks cut."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join([segment.text for segment in strip]).rstrip() for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    def shows(self, words: str) -> bool:
        """Whether the words stand on the screen, however they are wrapped, accented or not."""
        said = self.text().replace("│", " ").replace(ACCENT, "")
        return " ".join(words.split()) in " ".join(said.split())

    def toasts(self) -> list[str]:
        return [toast.message for toast in self.app._notifications]

    def sent(self, kind: type[C]) -> list[C]:
        return [command for command in self.daemon.sent if isinstance(command, kind)]

    async def open_campaign(self) -> None:
        await self.app.push_screen(CampaignScreen(CAMPAIGN))
        await self.rest()

    async def open_channel(self) -> None:
        await self.open_campaign()
        await self.app.push_screen(ChannelScreen(CAMPAIGN, GENERAL, "general"))
        await self.rest()

    async def open_statement(self, statement: bytes) -> None:
        await self.open_campaign()
        await self.app.push_screen(StatementScreen(CAMPAIGN, statement))
        await self.rest()


def drawn(words: str) -> str:
    """Words as they stand on the screen: those from right to left turned and joined."""
    return "".join([one.text for one in bidi.in_order(words, from_right=bidi.written_from_right(words))])


@asynccontextmanager
async def running(
    daemon: FakeDaemon,
    *,
    size: tuple[int, int] = (80, 24),
    rehearsal: RehearsalDriver | None = None,
    rehearse: bool = False,
    homes: list[Path] | None = None,
) -> AsyncIterator[Running]:
    """The app on a daemon double, at rest on its first screen. `homes` collects the homes it connects to."""
    asked = [] if homes is None else homes

    async def connect(home: Path) -> ClientLike:
        asked.append(home)
        return await daemon.connect()

    app = MeshcoalApp(
        HOME,
        connect,
        rehearsal=rehearsal,
        rehearse=rehearse,
        now_ms=lambda: NOW_MS,
        zone=UTC,
        chance=SeededEntropy(b"the same words in every run").take,
    )
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True):
        run = Running(app, QuickPilot(app), daemon)
        with unpainted():
            await run.rest()
            yield run
        if app.screen_stack:  # none is left once it closed
            app.screen._compositor.render_update(full=True)
