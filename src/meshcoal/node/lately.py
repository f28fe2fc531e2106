"""What was said or changed in talk lately, in the order in which it came here.

Law: it holds names of messages and no words, in memory only, and nothing is noted before somebody asks. A
number that was given out names a moment of this run: after a restart, or when too much has come since, the
answer is that a page has to be fetched anew, never a part of what has changed.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from meshcoal.limits import CHANGES_KEPT_MAX

_PER_MS: Final = 1 << 12  # so that the numbers of a later run begin behind those of an earlier one


class Lately:
    """The last changes of one campaign, numbered."""

    def __init__(self) -> None:
        self._last = 0  # number of the last change; 0: nobody has asked yet
        self._kept: deque[tuple[bytes, bytes]] = deque(maxlen=CHANGES_KEPT_MAX)  # (channel, message)

    def upto(self, now_ms: int) -> int:
        """The number to ask with later; from now on changes are noted."""
        if not self._last:
            self._last = now_ms * _PER_MS
        return self._last

    def note(self, channel: bytes, *messages: bytes) -> None:
        """These are new here, or show otherwise than before; empty ones are passed over."""
        if self._last:
            for message in messages:
                if message:
                    self._last += 1
                    self._kept.append((channel, message))

    def since(self, number: int, channel: bytes) -> tuple[bytes, ...] | None:
        """Messages of a channel noted behind this number, each once; None where that is not known."""
        count = self._last - number
        if not self._last or not 0 <= count <= len(self._kept):
            return None
        latest = list(self._kept)[len(self._kept) - count :]
        return tuple(dict.fromkeys(message for where, message in latest if where == channel))
