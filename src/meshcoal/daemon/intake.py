"""The queue between the world and the core.

Law: what peers and users send waits outside while `EVENT_QUEUE_MAX` events are waiting, in the order they
came, so that a flood slows its sender and nobody else loses a turn. What the core itself asked for (timers,
dials) and the end of links never waits: there is no more of it than was asked for.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from meshcoal.limits import EVENT_QUEUE_MAX
from meshcoal.node.events import CommandReceived, Event, Refused


class Intake:
    """First in, first out, for one reader."""

    def __init__(self, events_max: int = EVENT_QUEUE_MAX) -> None:
        self._events_max = events_max
        self._events: deque[Event] = deque()
        self._refusals: Counter[str] = Counter()
        # Those who wait outside, each with whether it may come in.
        self._doors: deque[tuple[asyncio.Future[bool], Event]] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._events)

    async def put(self, event: Event) -> bool:
        """Wait for room, and add. False: the queue was closed or emptied, and the event was not taken."""
        if self._closed:
            return False
        if len(self._events) < self._events_max and not self._doors:
            self.push(event)
            return True
        door: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._doors.append((door, event))
        return await door  # whoever gives up waiting leaves a cancelled door, which is passed over

    def push(self, event: Event) -> None:
        """Add without waiting: for what is bounded by other means."""
        self._events.append(event)
        self._news.set()

    def refuse(self, code: str) -> None:
        """Count something that was turned away; the reader gets one event for each."""
        self._refusals[code] += 1
        self._news.set()

    async def take(self, count: int) -> list[Event]:
        """Up to `count` events, as soon as there is one; none once the queue is closed."""
        while not (self._events or self._refusals or self._closed):
            self._news.clear()
            await self._news.wait()
        if self._closed:
            return []
        batch: list[Event] = []
        while self._refusals and len(batch) < count:
            code = next(iter(self._refusals))
            batch.append(Refused(code=code))
            self._refusals[code] -= 1
            if not self._refusals[code]:
                del self._refusals[code]
        while self._events and len(batch) < count:
            batch.append(self._events.popleft())
        self._open_doors()
        return batch

    def keep_commands(self) -> set[int]:
        """Drop everything but commands; returns the numbers of their requests."""
        kept = [event for event in self._events if isinstance(event, CommandReceived)]
        self._events = deque(kept)
        outside = [event for _, event in self._doors if isinstance(event, CommandReceived)]
        doors, self._doors = self._doors, deque()
        for door, event in doors:
            if isinstance(event, CommandReceived):
                self._doors.append((door, event))
            elif not door.done():
                door.set_result(False)
        self._open_doors()
        return {event.request for event in (*kept, *outside)}

    def close(self) -> None:
        """Take nothing more; whoever waits outside is sent away."""
        self._closed = True
        self._events.clear()
        self._news.set()
        while self._doors:
            door, _ = self._doors.popleft()
            if not door.done():
                door.set_result(False)

    def _open_doors(self) -> None:
        while self._doors and len(self._events) < self._events_max:
            door, event = self._doors.popleft()
            if not door.done():
                self.push(event)  # here, so that nobody who comes now gets ahead
                door.set_result(True)
