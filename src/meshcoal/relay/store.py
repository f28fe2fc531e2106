"""What a relay keeps its envelopes in.

Law: an envelope that `put` has answered for survives a crash of the process. Serials of a topic begin at 1
and have no gaps; the same envelope is kept once, at its first place. Nothing is kept but topics, envelopes,
signatures, and the hour in which each came. Every store passes tests/contract/test_relay_store.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from meshcoal.limits import RELAY_BYTES_MAX, RELAY_TOPIC_BYTES_MAX
from meshcoal.sync.board import NO_HEAD, head_after


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """How much may be kept; small ones serve tests."""

    bytes_max: int = RELAY_BYTES_MAX
    topic_bytes_max: int = RELAY_TOPIC_BYTES_MAX


class Full(Exception):
    """The store, or one topic, has had its share. Never leaves the relay: clients are told by `Refusal`."""

    def __init__(self, *, topic: bool) -> None:
        super().__init__()
        self.topic = topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is put."""

    topic: bytes
    hashed: bytes
    envelope: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where it stands."""

    serial: int
    head: bytes
    new: bool  # else it was there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some envelopes of a topic, in order, without a gap."""

    first: int  # serial of the first; 0: none
    before: bytes  # head of the topic in front of them
    envelopes: Sequence[tuple[bytes, bytes]]  # with signature


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How far a topic goes."""

    last: int = 0
    head: bytes = NO_HEAD


class Store(Protocol):
    """A relay's memory. All may wait."""

    async def put(self, envelope: Envelope, now_ms: int) -> Placed:
        """Keep it, and return once it lasts. Raises `Full`."""

    async def page(self, topic: bytes, after: int, *, envelopes_max: int, bytes_max: int) -> Page:
        """What stands behind a serial; one envelope at least, if any is left."""

    async def end(self, topic: bytes) -> End:
        """How far a topic goes; nothing is kept of it: 0."""

    async def ends(self, topics: list[bytes]) -> list[End]:
        """The same, of several."""

    async def expire(self, before_ms: int) -> int:
        """Let go of what came before a time, give or take an hour. Returns how many at least."""

    async def filled(self) -> float:
        """How full it is, from 0 to 1, and it may be a few seconds old."""

    async def close(self) -> None:
        """Take no more."""


@dataclass(slots=True)
class _Topic:
    first: int
    last: int
    head: bytes
    rows: list[tuple[int, bytes, bytes, bytes, bytes]]  # when, hash, head before, envelope, signature
    size_bytes: int = 0


class MemoryStore:
    """In memory alone: for the simulator and for tests. It never waits."""

    def __init__(self, limits: StoreLimits | None = None) -> None:
        self._limits = limits or StoreLimits()
        self._topics: dict[bytes, _Topic] = {}
        self._bytes = 0

    async def put(self, envelope: Envelope, now_ms: int) -> Placed:
        topic = self._topics.get(envelope.topic) or _Topic(1, 0, NO_HEAD, [])
        for at, row in enumerate(topic.rows):
            if row[1] == envelope.hashed:
                return Placed(serial=topic.first + at, head=head_after(row[2], row[1]), new=False)
        size = len(envelope.envelope)
        if self._bytes + size > self._limits.bytes_max:
            raise Full(topic=False)
        if topic.size_bytes + size > self._limits.topic_bytes_max:
            raise Full(topic=True)
        self._topics[envelope.topic] = topic
        topic.rows.append((now_ms, envelope.hashed, topic.head, envelope.envelope, envelope.signature))
        topic.head = head_after(topic.head, envelope.hashed)
        topic.last += 1
        topic.size_bytes += size
        self._bytes += size
        return Placed(serial=topic.last, head=topic.head, new=True)

    async def page(self, topic: bytes, after: int, *, envelopes_max: int, bytes_max: int) -> Page:
        kept = self._topics.get(topic)
        if kept is None or after >= kept.last:
            return Page(first=0, before=NO_HEAD, envelopes=())
        start = max(0, after + 1 - kept.first)
        found: list[tuple[bytes, bytes]] = []
        size = 0
        for _, _, _, envelope, signature in kept.rows[start : start + envelopes_max]:
            size += len(envelope)
            if found and size > bytes_max:
                break
            found.append((envelope, signature))
        return Page(first=kept.first + start, before=kept.rows[start][2], envelopes=found)

    async def end(self, topic: bytes) -> End:
        kept = self._topics.get(topic)
        return End() if kept is None else End(last=kept.last, head=kept.head)

    async def ends(self, topics: list[bytes]) -> list[End]:
        return [await self.end(topic) for topic in topics]

    async def expire(self, before_ms: int) -> int:
        gone = 0
        for name, topic in list(self._topics.items()):
            while topic.rows and topic.rows[0][0] < before_ms:
                size = len(topic.rows.pop(0)[3])
                topic.first += 1
                topic.size_bytes -= size
                self._bytes -= size
                gone += 1
            if not topic.rows:
                del self._topics[name]
        return gone

    async def filled(self) -> float:
        return self._bytes / self._limits.bytes_max

    async def close(self) -> None:
        pass
