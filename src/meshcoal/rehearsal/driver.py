"""The rehearsal around a person in the interface: the others act, a coach says what comes next.

Law: the person decides the pace of their own steps and may do whatever the interface allows; the coach goes
on from what their node shows. When the interface closes, the nodes end and their files go.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from meshcoal.rehearsal.cast import CAST
from meshcoal.rehearsal.coach import CoachLine, line, marked
from meshcoal.rehearsal.headless import now_ms
from meshcoal.rehearsal.outcome import Outcome, conclude
from meshcoal.rehearsal.performance import Performance
from meshcoal.rehearsal.script import SCRIPT
from meshcoal.rehearsal.theatre import Progress, Theatre

TOTAL: Final = len(SCRIPT) + 1
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


class Driver:
    """Starts the nodes, plays the others, ends everything."""

    def __init__(
        self, *, keep: Path | None = None, pause: Callable[[float], Awaitable[None]] | None = asyncio.sleep
    ) -> None:
        """`pause` waits between the others' steps, so that they can be watched; None: no pauses."""
        self._theatre = Theatre(keep=keep)
        self._pause = pause
        self._play: asyncio.Task[None] | None = None
        self._lines: asyncio.Queue[CoachLine | None] = asyncio.Queue()
        self._over = 0
        self._locked = False
        self._dying: asyncio.Task[None] | None = None

    async def start(self, progress: Progress) -> Path:
        """Start all nodes; answers the home of the user's node, unlocked. `progress(what, done, total)`.

        Raises:
            MeshcoalError: a node did not come up; nothing is left running.
        """
        self._lines, self._over, self._locked = asyncio.Queue(), 0, False  # there may have been one before
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._die, number)
        try:
            await self._theatre.open(progress)
        except BaseException:
            await self.stop()
            raise
        self._theatre.user.when_locked = self._tell_passphrase
        return self._theatre.user.home

    async def steps(self) -> AsyncIterator[CoachLine]:
        """Lines for the user as the case unfolds; the last has `done == total`.

        Raises:
            RehearsalFailed: a node is gone, or the nodes disagree.
        """
        self._play = asyncio.create_task(self._perform())
        while (line := await self._lines.get()) is not None:
            yield line
        await self._play

    async def stop(self) -> None:
        """End all nodes and erase their homes. Again is allowed."""
        if self._play is not None and not self._play.done():
            self._play.cancel()
            await asyncio.wait({self._play})
        await self._theatre.close()
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    async def _perform(self) -> None:
        performance = Performance(
            self._theatre, now_ms=now_ms, tell=self._tell, with_person=True, pause=self._pause
        )
        try:
            await performance.run()
            outcome = await conclude(self._theatre, performance)
            self._tell(_last_words(outcome), TOTAL)
        finally:
            self._lines.put_nowait(None)

    def _tell(self, text: str, over: int) -> None:
        self._over = over
        self._lines.put_nowait(CoachLine(text=text, done=over, total=TOTAL))

    async def _tell_passphrase(self, passphrase: str) -> None:
        # Nobody chose it, so nobody knows it: whoever tries the lock would stand outside for good.
        if not self._locked:  # several questions may meet the same lock
            self._locked = True
            waits = marked("Your vault is locked, and the case waits. Its passphrase here is: %(passphrase)s")
            self._tell(line(waits, passphrase=passphrase), self._over)
        await self._theatre.until_unlocked()
        self._locked = False

    def _die(self, number: int) -> None:
        async def tidy_up() -> None:
            try:
                await self.stop()
            finally:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)

        self._dying = asyncio.get_running_loop().create_task(tidy_up())


def _last_words(outcome: Outcome) -> str:
    over = marked(
        "Released with %(count)d signatures, equal on all %(nodes)d nodes, and it verifies. The letter is in "
        "%(folder)s; everything else goes when you end the rehearsal (e on the first screen) or quit."
    )
    return line(over, count=outcome.letter.tally.counted, nodes=len(CAST), folder=str(outcome.package.parent))
