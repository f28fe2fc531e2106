"""Frames of a steady link in a world: each at its time, as `net.pacing` does it with a clock on the wall.

Law: to the millisecond; a beat moves for nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

LEAD_MS: Final = 250


class PacedLink:
    """One end of a steady link. Whoever made it calls `end` when the link is down."""

    def __init__(
        self,
        every_ms: int,
        *,
        after: Callable[[int, Callable[[], None]], None],
        send: Callable[[bytes], None],
        tell: Callable[[], None],
    ) -> None:
        self._every_ms = every_ms
        self._after = after
        self._send = send
        self._tell = tell
        self._frames: deque[bytes] = deque()
        self._asked = False
        self._owed = False
        self._ended = False
        self.late = 0
        after(0, self._beat)

    def queue(self, frame: bytes) -> None:
        if self._owed:
            self._owed = False
            self.late += 1
            self._send(frame)
        else:
            self._frames.append(frame)

    def tell_sent(self) -> None:
        self._asked = True

    def flush(self) -> None:
        while self._frames:
            self._send(self._frames.popleft())
        self.end()

    def end(self) -> None:
        self._ended = True

    def _beat(self) -> None:
        if self._ended:
            return
        if self._frames:
            self._send(self._frames.popleft())
        else:
            self._owed = True
        lead_ms = min(LEAD_MS, self._every_ms // 2)
        self._after(self._every_ms - lead_ms, self._ask)
        self._after(self._every_ms, self._beat)

    def _ask(self) -> None:
        if self._asked and not self._ended:
            self._asked = False
            self._tell()
