"""Frames of a steady link, each at its time.

Law: a frame leaves at each beat and none between, on a grid that was fixed when the link began: neither what
is in a frame nor when it was handed over moves a beat. A frame that is not there in time leaves as soon as it
is, and is counted; the next beats stay where they were. Beats that a sleeping machine missed are left out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from meshcoal.net.link import Link

LEAD_S: Final = 0.25  # so long before a beat what is to leave then is asked for


class Pacer:
    """Between whoever seals frames and a link. Made inside a running loop; `end` when the link is down."""

    def __init__(self, link: Link, every_ms: int) -> None:
        self._link = link
        self._every_s = every_ms / 1_000
        self._loop = asyncio.get_running_loop()
        self._queue: deque[bytes | Callable[[], None]] = deque()
        self._owed = False  # a beat has passed for which there was nothing
        self.late = 0
        self._beat_s = self._loop.time()
        self._handle = self._loop.call_at(self._beat_s, self._beat)

    def send(self, frame: bytes) -> None:
        """Queue a frame for its beat; never waits."""
        self._queue.append(frame)
        if self._owed:
            self._owed = False
            self.late += 1
            self._leave()

    def tell_sent(self, tell: Callable[[], None]) -> None:
        """Call `tell` shortly before the first beat for which nothing is queued so far."""
        self._queue.append(tell)

    def flush(self) -> None:
        """Send what is queued, and no more: the link is about to be closed, which is seen anyway."""
        while self._queue:
            frame = self._queue.popleft()
            if isinstance(frame, bytes):
                self._link.send(frame)
        self.end()

    def end(self) -> None:
        """No more beats."""
        self._handle.cancel()
        self._queue.clear()

    def _beat(self) -> None:
        if self._owed or not self._leave():
            self._owed = True
        now_s = self._loop.time()
        self._beat_s += self._every_s
        if self._beat_s <= now_s:
            self._beat_s += self._every_s * (1 + (now_s - self._beat_s) // self._every_s)
        self._handle = self._loop.call_at(self._beat_s - min(LEAD_S, self._every_s / 2), self._ask)

    def _ask(self) -> None:
        self._handle = self._loop.call_at(self._beat_s, self._beat)
        while self._queue and not isinstance(self._queue[0], bytes):
            tell = self._queue.popleft()
            assert not isinstance(tell, bytes)
            tell()

    def _leave(self) -> bool:
        if not self._queue or not isinstance(self._queue[0], bytes):
            return False
        frame = self._queue.popleft()
        assert isinstance(frame, bytes)
        self._link.send(frame)
        return True
