"""The core's timers on the loop's clock.

Law: setting a key replaces its timer. A timer is due by the wall clock, which a sleeping laptop or a
correction moves while the loop's own clock stands; so a long wait looks up in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

LOOK_UP_MS: Final = 15_000


class Alarms:
    """Calls `ring(key)` once the time set for the key has come."""

    def __init__(self, ring: Callable[[str], None], now_ms: Callable[[], int]) -> None:
        self._ring = ring
        self._now_ms = now_ms
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._handles)

    def set(self, key: str, at_ms: int) -> None:
        handle = self._handles.pop(key, None)
        if handle is not None:
            handle.cancel()
        wait_ms = min(max(at_ms - self._now_ms(), 0), LOOK_UP_MS)
        loop = asyncio.get_running_loop()
        self._handles[key] = loop.call_later(wait_ms / 1000, self._look_up, key, at_ms)

    def clear(self) -> None:
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _look_up(self, key: str, at_ms: int) -> None:
        del self._handles[key]
        if self._now_ms() >= at_ms:
            self._ring(key)
        else:
            self.set(key, at_ms)
