"""A rehearsal in memory: three steps, told when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from meshcoal.tui.rehearsal import CoachLine

LINES = (
    CoachLine(text="An arrest was reported in #alerts. Open it.", done=1, total=3),
    CoachLine(text="Ben has drafted a letter. Read it.", done=2, total=3),
    CoachLine(text="Released with 6 signatures, verified on all six nodes.", done=3, total=3),
)


class FakeRehearsal:
    """Passes for `RehearsalDriver`."""

    def __init__(
        self, *, starting: asyncio.Event | None = None, stopping: asyncio.Event | None = None
    ) -> None:
        self.started = False
        self.stopped = False
        self.next_line: asyncio.Queue[CoachLine] = asyncio.Queue()
        self.next_line.put_nowait(LINES[0])
        self._starting = starting
        self.asked_to_stop = asyncio.Event()
        self._stopping = stopping

    async def start(self, progress: Callable[[str, int, int], None]) -> Path:
        for node in range(1, 7):
            progress(f"Node {node} of 6 is up", node, 6)
            if node == 3 and self._starting is not None:
                await self._starting.wait()
        self.started = True
        return Path("/rehearsal/ana")

    async def steps(self) -> AsyncIterator[CoachLine]:
        while True:
            line = await self.next_line.get()
            yield line
            if line.last:
                return

    async def stop(self) -> None:
        self.asked_to_stop.set()
        if self._stopping is not None:
            await self._stopping.wait()
        self.stopped = True
