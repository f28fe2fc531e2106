"""What waits to be sealed and sent on one link, in three classes.

Law: what keeps the conversation going (pings, receipts, requests) goes before operations, and operations go
before parts of attachments; within a class the order stays. Operations are not sorted further: each stands
behind its past, which the peer must have first. Sealing waits until what was sealed before has left, so that
at most `WINDOW_BYTES` and one message lie in front of the next. What waits for a peer that takes nothing is
bounded.
"""

from __future__ import annotations

import enum
from collections import deque
from typing import Final

from meshcoal.limits import KIB, LINK_QUEUE_BYTES_MAX, PADDING_CLASSES_BYTES
from meshcoal.wire.frames import (
    MESSAGES,
    Hello,
    Lack,
    Message,
    Ping,
    Pong,
    Sample,
    Spare,
    Standing,
    Taken,
    Want,
)
from meshcoal.wire.record import Family
from meshcoal.wire.relaying import RELAYING

WINDOW_BYTES: Final = 128 * KIB  # sealed, and not known to have left
_MARK_BYTES: Final = WINDOW_BYTES // 2  # sealed since it was last asked whether they left
_MESSAGE_BYTES: Final = PADDING_CLASSES_BYTES[0]  # that a message counts beyond its own: small ones cost, too
_BULK_NUMBERS: Final = range(60, 70)  # of messages: attachments


class Urgency(enum.IntEnum):
    """Lower goes first."""

    TALKING = 0
    OPERATIONS = 1
    BULK = 2


_RELAYED: Final = frozenset(RELAYING.classes)  # what is said to a relay
_TALKING: Final = frozenset({Ping, Pong, Taken, Want, Standing, Lack, Hello, Sample, Spare})


def urgency(message: Message) -> Urgency:
    """The class of a message. What nothing is known of keeps its place among operations."""
    kind = type(message)
    if kind in _TALKING:
        return Urgency.TALKING
    if kind in _RELAYED:
        return Urgency.OPERATIONS  # in its order
    return Urgency.BULK if MESSAGES.number(kind) in _BULK_NUMBERS else Urgency.OPERATIONS


class Outbox:
    """Of one link. Holds encoded messages; whoever asks for the next seals it at once."""

    __slots__ = ("_asked_bytes", "_family", "_queues", "_since_asked_bytes", "asked_ms", "waiting_bytes")

    def __init__(self, family: Family = MESSAGES) -> None:
        self._family = family
        self._queues: tuple[deque[bytes], ...] = tuple([deque() for _ in Urgency])
        self._asked_bytes = 0  # sealed before the question that is open
        self._since_asked_bytes = 0  # and since
        self.asked_ms = -1  # when it was asked whether those have left; -1: no question is open
        self.waiting_bytes = 0

    def add(self, message: Message) -> bool:
        """Have a message wait. False: too much waits already; the peer reads too slowly."""
        encoded = self._family.encode(message)
        size = len(encoded) + _MESSAGE_BYTES
        if self.waiting_bytes + size > LINK_QUEUE_BYTES_MAX:
            return False
        self._queues[urgency(message)].append(encoded)
        self.waiting_bytes += size
        return True

    def next(self) -> bytes | None:
        """The message to seal now; None: nothing waits, or what was sealed has not left."""
        if not self.waiting_bytes or self._asked_bytes + self._since_asked_bytes >= WINDOW_BYTES:
            return None
        queue = next(queue for queue in self._queues if queue)
        encoded = queue.popleft()
        self.waiting_bytes -= len(encoded) + _MESSAGE_BYTES
        return encoded

    def sealed(self, size_bytes: int, now_ms: int) -> bool:
        """So many bytes were sealed and handed over. True: ask now whether they have left."""
        self._since_asked_bytes += size_bytes
        if self.asked_ms >= 0 or self._since_asked_bytes < _MARK_BYTES:
            return False
        self._asked_bytes, self._since_asked_bytes = self._since_asked_bytes, 0
        self.asked_ms = now_ms
        return True

    def left(self, now_ms: int) -> bool:
        """The answer: they have. True: ask again, about what was sealed since."""
        self._asked_bytes = 0
        self.asked_ms = -1
        return self.sealed(0, now_ms)
