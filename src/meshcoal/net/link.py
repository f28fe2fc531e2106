"""A link: an ordered pipe of frames to somebody who is not authenticated yet, and who hears of it.

Law: a link is announced once by `link_up`, then by its frames in order, then once by `link_down`; nothing of
it follows. Its number is never used again. What it sends is queued within `LINK_QUEUE_BYTES_MAX`; a peer
that does not read is cut off, never waited for. Every kind of link passes tests/contract/test_link.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

# Not an error: the peer closed, or the node did so without a complaint.
CLOSED: Final = "closed"


class Link(Protocol):
    """One end of a link, as the shell holds it."""

    @property
    def number(self) -> int:
        """Chosen by the shell; never reused while it runs."""

    @property
    def transport(self) -> str:
        """The kind of link, such as "websocket"."""

    def send(self, frame: bytes) -> None:
        """Queue one frame of at most `FRAME_BYTES_MAX` bytes; never waits.

        More than `LINK_QUEUE_BYTES_MAX` bytes waiting cuts the link off with the code `over-limit`. On a link
        that is closing or closed the frame is dropped: the peer would not have got it.
        """

    def tell_sent(self, tell: Callable[[], None]) -> None:
        """Call `tell` once all frames queued so far have left; never, if the link ends before."""

    def close(self, code: str) -> None:
        """Take no more, send what is queued, then hang up. The first code given is the one reported."""


class Tasks(Protocol):
    """Whoever owns tasks, such as an `asyncio.TaskGroup`."""

    def create_task(self, coroutine: Coroutine[Any, Any, None], /) -> asyncio.Task[None]: ...


class Sink(Protocol):
    """Who hears of links. The waiting methods are back-pressure: a link that waits reads no further."""

    async def link_up(self, link: Link, dial: int | None) -> None:
        """A link stands. `dial` is the number of the dial that led to it; None: the peer dialled."""

    async def frame(self, link: Link, data: bytes) -> None:
        """One frame, at most `FRAME_BYTES_MAX` bytes."""

    def link_down(self, link: Link, code: str) -> None:
        """The link ended: `CLOSED`, or the code of an error."""

    def dial_failed(self, dial: int, code: str) -> None:
        """A dial led to no link."""

    def refused(self, code: str) -> None:
        """A peer was turned away or cut off here, for the reason `code`."""
