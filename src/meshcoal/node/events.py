"""What can happen to a node: the only things that enter the core.

Law: an event is plain data. Links and dials are numbers the shell and the core chose; frames are raw bytes
of one link, in order; time comes beside the event, never in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import Command

LEISURE_TIMERS: Final = frozenset({"spool", "backlog", "bundle"})  # slices of work: users go first


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReceived:
    """A user's command; the answer is a `Reply` with the same request number, now or later."""

    request: int
    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the shell now accepts links: `host:port`, best first. Empty when it stops.

    It comes again when the ways out of this machine have changed: what failed is tried afresh.
    """

    hints: tuple[str, ...]
    onion: bool = False  # links may go and come through Tor
    direct: bool = True  # links may go and come by other ways than Tor


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    """A byte pipe stands; nobody is authenticated yet."""

    link: int  # chosen by the shell, never reused
    dial: int | None  # the `Dial` that led to it, or None when the peer dialled
    transport: str  # "websocket", "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown:
    """A link ended, for whatever reason. No frame of it follows."""

    link: int
    code: str  # an error code, or "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialFailed:
    """A `Dial` led to no link."""

    dial: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameReceived:
    """One frame, at most `FRAME_BYTES_MAX` bytes."""

    link: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The answer to `TellSent`: what was queued before it was handed to the network."""

    link: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A timer of `SetTimer` came due. May come late, never before its time by much; the core checks."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The shell turned something away before the core saw it; counted with the core's own refusals."""

    code: str
    count: int = 1  # how often, since the last of these


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyBegan:
    """After `Announce`: it is said, and links come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyFailed:
    """After `Announce`, at once or later: the local network cannot be used."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyMoved:
    """The machine has other addresses than when it announced: it is on another network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """Somebody announces these bytes on the local network, and takes links at these addresses."""

    data: bytes
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """So much went through the sockets since the last of these, beyond the local network."""

    count_bytes: int


Event = (
    CommandReceived
    | Listening
    | LinkUp
    | LinkDown
    | DialFailed
    | FrameReceived
    | Sent
    | TimerFired
    | Refused
    | NearbyBegan
    | NearbyFailed
    | NearbyMoved
    | Sighted
    | Used
)
