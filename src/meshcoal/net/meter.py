"""Counts what goes through the sockets of links.

Law: every byte of a WebSocket is counted, heads of frames and the opening included, in both directions; what
the network adds below (TCP, IP, Tor's cells) is not. Links over one network and lines are not counted: nobody
pays for them.
"""

from __future__ import annotations

from typing import Final

OPENING_BYTES: Final = 400  # request and answer of a WebSocket, as aiohttp writes them; within 40 bytes
_MASK_BYTES: Final = 4  # of what the side that dialled sends, RFC 6455 section 5.3


class Meter:
    """The sum since it was last taken."""

    def __init__(self) -> None:
        self.bytes = 0

    def opened(self) -> None:
        """A WebSocket stands."""
        self.bytes += OPENING_BYTES

    def frame(self, payload_bytes: int, *, masked: bool) -> None:
        """A frame went or came, whole. RFC 6455, section 5.2."""
        head_bytes = 2 if payload_bytes < 126 else 4 if payload_bytes < 65_536 else 10
        self.bytes += head_bytes + (_MASK_BYTES if masked else 0) + payload_bytes

    def take(self) -> int:
        """The sum, and begin anew."""
        taken, self.bytes = self.bytes, 0
        return taken
