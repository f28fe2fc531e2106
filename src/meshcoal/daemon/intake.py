"""The queue between the world and the core: a lane for each link and each local client, emptied in turns.

Law: whoever sends too much waits outside, and nobody else. A link's lane holds `LANE_EVENTS_MAX` events and
`LANE_BYTES_MAX` bytes, a stranger's far less; its next frame waits at the door, which stops the reading of
that one socket. Groups of links (each campaign, the contacts, all strangers together) take turns, and the
links of a group among themselves. A batch brings a bounded number of bytes of frames, and users' commands
come before them, so that no command waits behind more than one batch. What the core itself asked for (timers,
dials) and the end of links never waits: there is no more of it than was asked for. But for work in slices
(`LEISURE_TIMERS`): a slice is a batch of its own, behind commands, and takes turns with frames.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final

from meshcoal.limits import (
    BATCH_BYTES_MAX,
    BATCH_COMMANDS_MAX,
    LANE_BYTES_MAX,
    LANE_EVENTS_MAX,
    LANES_BYTES_MAX,
    STRANGER_LANE_EVENTS_MAX,
    STRANGERS_WAITING_MAX,
)
from meshcoal.node.events import (
    LEISURE_TIMERS,
    CommandReceived,
    Event,
    FrameReceived,
    LinkDown,
    LinkUp,
    Refused,
    TimerFired,
)
from meshcoal.sync.turns import Turns

STRANGERS: Final = b""  # the group of every link until the core says otherwise
_PASSED_MAX: Final = 4  # batches in a row with commands in them, before a slice has its turn all the same
_BESIDE_COMMANDS: Final = 4  # by so much fewer bytes of frames
_PEERS_RESERVED: Final = 16  # places of a batch that nothing but frames gets while frames wait


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """The bounds of one node; smaller ones serve tests."""

    lane_events_max: int = LANE_EVENTS_MAX
    lane_bytes_max: int = LANE_BYTES_MAX
    lanes_bytes_max: int = LANES_BYTES_MAX  # of all lanes; each may still hold one frame
    stranger_events_max: int = STRANGER_LANE_EVENTS_MAX
    strangers_waiting_max: int = STRANGERS_WAITING_MAX
    batch_bytes_max: int = BATCH_BYTES_MAX


@dataclass(slots=True)
class _Lane:
    """What one link brought, and whoever waits to bring more."""

    group: bytes = STRANGERS
    events: deque[Event] = field(default_factory=deque)
    bytes: int = 0
    doors: deque[tuple[asyncio.Future[bool], Event]] = field(default_factory=deque)


class Intake:
    """For one reader. First in, first out within a lane."""

    def __init__(self, limits: LaneLimits | None = None) -> None:
        self._limits = limits or LaneLimits()
        self._urgent: deque[Event] = deque()
        self._leisure: deque[Event] = deque()
        self._passed = 0  # batches since the last slice, while one waits
        self._refusals: Counter[str] = Counter()
        self._commands: dict[int, deque[CommandReceived]] = {}  # of each client
        self._lanes: dict[int, _Lane] = {}
        self._clients: Turns[None, int] = Turns()
        self._links: Turns[bytes, int] = Turns()
        self._strangers: deque[tuple[asyncio.Future[bool], LinkUp]] = deque()  # before the door
        self._bytes = 0
        self._news = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        """How many events wait inside."""
        commands = sum(map(len, self._commands.values()))
        asked_for = len(self._urgent) + len(self._leisure)
        return asked_for + commands + sum(len(lane.events) for lane in self._lanes.values())

    @property
    def frame_bytes(self) -> int:
        """Of the frames that wait inside."""
        return self._bytes

    # --- Coming in

    def push(self, event: Event) -> None:
        """Add without waiting: for what the core asked for."""
        at_leisure = isinstance(event, TimerFired) and event.key in LEISURE_TIMERS
        (self._leisure if at_leisure else self._urgent).append(event)
        self._news.set()

    def command(self, event: CommandReceived, client: int = 0) -> bool:
        """Add a user's command: each client has a bounded number of them open. False: closed."""
        if self._closed:
            return False
        self._commands.setdefault(client, deque()).append(event)
        self._clients.join(None, client)
        self._news.set()
        return True

    async def put(self, event: LinkUp | FrameReceived) -> bool:
        """Wait for room in the link's lane, and add. False: closed or emptied, and not taken."""
        if self._closed:
            return False
        door: asyncio.Future[bool]
        if event.link not in self._lanes:
            if isinstance(event, FrameReceived):
                return False  # of a link that the core was never told of, or was told the end of
            if self._links.waiting(STRANGERS) >= self._limits.strangers_waiting_max:
                door = asyncio.get_running_loop().create_future()
                self._strangers.append((door, event))
                return await door
            self._lanes[event.link] = _Lane()
        lane = self._lanes[event.link]
        if not lane.doors and self._has_room(lane, event):
            self._add(event.link, lane, event)
            return True
        door = asyncio.get_running_loop().create_future()
        lane.doors.append((door, event))
        return await door  # whoever gives up waiting leaves a cancelled door, which is passed over

    def end(self, event: LinkDown) -> None:
        """A link ended: told behind what it brought, without waiting."""
        lane = self._lanes.get(event.link)
        if lane is not None:
            self._add(event.link, lane, event)

    def refuse(self, code: str) -> None:
        """Count something that was turned away; the reader gets one event for all of a code."""
        self._refusals[code] += 1
        self._news.set()

    def seat(self, link: int, group: bytes) -> None:
        """From now on a link takes its turns with this group, and is no stranger."""
        lane = self._lanes.get(link)
        if lane is None or lane.group == group:
            return
        self._links.leave(lane.group, link)
        lane.group = group
        if lane.events:
            self._links.join(group, link)
        self._open_doors(link, lane)

    # --- Going out

    async def take(self, count: int) -> list[Event]:
        """A batch of up to `count` events, as soon as there is one; none once the queue is closed."""
        while not (self._leisure or self._pressing() or self._closed):
            self._news.clear()
            await self._news.wait()
        if self._closed:
            return []
        if self._leisure and self._at_leisure():
            return [self._leisure.popleft()]
        batch: list[Event] = [Refused(code=code, count=times) for code, times in self._refusals.items()]
        self._refusals.clear()
        commands = min(BATCH_COMMANDS_MAX, sum(map(len, self._commands.values())))
        reserved = commands + (_PEERS_RESERVED if self._links else 0)
        while self._urgent and len(batch) < max(1, count - reserved):
            batch.append(self._urgent.popleft())
        for _ in range(min(commands, max(1, count - len(batch)))):
            batch.append(self._next_command())
        taken_bytes = 0
        # Users have their answer when the batch is done: beside their commands there are fewer frames.
        bytes_max = self._limits.batch_bytes_max // (_BESIDE_COMMANDS if commands else 1)
        while self._links and len(batch) < count and taken_bytes < bytes_max:
            event = self._next_of_links()
            taken_bytes += _size(event)
            batch.append(event)
        self._admit_strangers()
        return batch

    def _pressing(self) -> bool:
        """Whether anything waits beside slices of work."""
        return bool(self._urgent or self._clients or self._links or self._refusals)

    def _at_leisure(self) -> bool:
        """Whether a slice has its turn now: of two if only frames wait, later if commands do."""
        self._passed += 1
        if self._pressing() and self._passed <= (_PASSED_MAX if self._clients else 1):
            return False
        self._passed = 0
        return True

    def keep_commands(self) -> set[int]:
        """Drop everything but commands; returns the numbers of their requests."""
        self._urgent.clear()
        self._leisure.clear()
        self._send_away()
        return {event.request for waiting in self._commands.values() for event in waiting}

    def close(self) -> None:
        """Take nothing more; whoever waits outside is sent away."""
        self._closed = True
        self._urgent.clear()
        self._leisure.clear()
        self._commands.clear()
        self._send_away()
        self._news.set()

    # --- Within

    def _has_room(self, lane: _Lane, event: Event) -> bool:
        if not lane.events:
            return True
        limits = self._limits
        stranger = lane.group == STRANGERS
        if len(lane.events) >= (limits.stranger_events_max if stranger else limits.lane_events_max):
            return False
        size = _size(event)
        return lane.bytes + size <= limits.lane_bytes_max and self._bytes + size <= limits.lanes_bytes_max

    def _add(self, link: int, lane: _Lane, event: Event) -> None:
        lane.events.append(event)
        lane.bytes += _size(event)
        self._bytes += _size(event)
        self._links.join(lane.group, link)
        self._news.set()

    def _next_command(self) -> CommandReceived:
        client = self._clients.take()
        waiting = self._commands[client]
        event = waiting.popleft()
        if waiting:
            self._clients.join(None, client)
        else:
            del self._commands[client]
        return event

    def _next_of_links(self) -> Event:
        link = self._links.take()
        lane = self._lanes[link]
        event = lane.events.popleft()
        lane.bytes -= _size(event)
        self._bytes -= _size(event)
        if isinstance(event, LinkDown):
            assert not lane.events, "nothing follows the end of a link"
            del self._lanes[link]
            _turn_away(lane)
            return event
        if lane.events:
            self._links.join(lane.group, link)
        self._open_doors(link, lane)
        return event

    def _open_doors(self, link: int, lane: _Lane) -> None:
        while lane.doors and self._has_room(lane, lane.doors[0][1]):
            door, event = lane.doors.popleft()
            if not door.done():
                self._add(link, lane, event)  # here, so that nobody who comes now gets ahead
                door.set_result(True)

    def _admit_strangers(self) -> None:
        while self._strangers and self._links.waiting(STRANGERS) < self._limits.strangers_waiting_max:
            door, event = self._strangers.popleft()
            if not door.done():
                lane = self._lanes[event.link] = _Lane()
                self._add(event.link, lane, event)
                door.set_result(True)

    def _send_away(self) -> None:
        lanes, self._lanes = self._lanes, {}
        self._links.clear()
        self._bytes = 0
        for lane in lanes.values():
            _turn_away(lane)
        while self._strangers:
            door, _ = self._strangers.popleft()
            if not door.done():
                door.set_result(False)


def _turn_away(lane: _Lane) -> None:
    while lane.doors:
        door, _ = lane.doors.popleft()
        if not door.done():
            door.set_result(False)


def _size(event: Event) -> int:
    return len(event.data) if isinstance(event, FrameReceived) else 0
