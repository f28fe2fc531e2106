"""One simulated computer: a node, its disk, its clock, and what its shell keeps in memory.

Law: everything but the disk is gone after a crash. A machine turns what the network and its timers bring
into events; the world performs the effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from meshcoal.api.commands import Command
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.errors import MeshcoalError
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Effect
from meshcoal.node.events import DialFailed, Event, FrameReceived, LinkDown, LinkUp, Refused
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.network import TRANSPORT
from meshcoal.sim.pacing import PacedLink
from meshcoal.wire.record import Record


class Core(Protocol):
    """What a machine runs: `node.node.Node`, or a scripted core in the simulator's own tests."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]: ...


class Maker(Protocol):
    """How cores come to be: `node.node.Node` itself."""

    def first_changes(self, *, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]: ...

    def recover(
        self, *, reader: LogReader, entropy: Entropy, sealer: Sealer, kem: Kem, now_ms: int
    ) -> tuple[Core, tuple[Effect, ...]]: ...


class Crashed(Exception):
    """The node died before it answered: whether the command took effect is unknown."""


class Unanswered(Exception):
    """No answer came within the time given."""


@dataclass(slots=True, eq=False)
class Request:
    """A command on its way, as the user who gave it sees it."""

    number: int
    command: Command
    given_ms: int
    answer: Record | MeshcoalError | None = None
    crashed: bool = False

    @property
    def open(self) -> bool:
        return self.answer is None and not self.crashed

    def view(self) -> Record:
        """The answer. Raises what the node answered, `Crashed`, or `Unanswered`."""
        if self.crashed:
            raise Crashed(type(self.command).__name__)
        if self.answer is None:
            raise Unanswered(type(self.command).__name__)
        if isinstance(self.answer, MeshcoalError):
            raise self.answer
        return self.answer


class Machine:
    """A `network.Party` with a node."""

    def __init__(
        self,
        *,
        name: str,
        address: str,
        skew_ms: int,
        disk: MemoryDisk,
        submit: Callable[[Machine, Event], None],
    ) -> None:
        self.name = name
        self.address = address
        self.skew_ms = skew_ms  # its clock is this much ahead of the world's
        self.disk = disk
        self.node: Core | None = None  # None while it is down
        self._offered = 0  # to nodes of before
        self.online = True
        self.incarnation = 0
        self.writing = False  # a step is on its way to disk
        self.whole = True  # nothing is owed to what was written so far
        self.timers: dict[str, int] = {}  # key -> number of the alarm that counts
        self.requests: dict[int, Request] = {}
        self.paced: dict[int, PacedLink] = {}  # of steady links
        self.links: set[int] = set()  # told of, and not of their end; never iterated
        self.dials: set[int] = set()  # asked for and not answered; never iterated
        self._submit = submit

    @property
    def up(self) -> bool:
        return self.node is not None

    def reachable(self) -> bool:
        return self.up and self.online

    def link_up(self, link: int, dial: int | None) -> None:
        if self.up:
            self.links.add(link)
            self._submit(self, LinkUp(link=link, dial=dial, transport=TRANSPORT))

    def link_down(self, link: int, code: str) -> None:
        if self.up:
            self.links.discard(link)
            self._end_pace(link)
            self._submit(self, LinkDown(link=link, code=code))

    def _end_pace(self, link: int) -> None:
        if (paced := self.paced.pop(link, None)) is not None:
            paced.end()

    def dial_failed(self, dial: int, code: str) -> None:
        if self.up:
            self._submit(self, DialFailed(dial=dial, code=code))

    def frame(self, link: int, data: bytes) -> None:
        if self.up:
            self._submit(self, FrameReceived(link=link, data=data))

    def refused(self, code: str) -> None:
        if self.up:
            self._submit(self, Refused(code=code))

    @property
    def offered(self) -> int:
        """Operations that peers brought here, before crashes too."""
        return self._offered + getattr(self.node, "offered", 0)

    def lose_memory(self) -> None:
        """What a power cut leaves: the disk."""
        self._offered = self.offered
        self.node = None
        self.writing = False
        self.whole = True
        self.timers = {}
        for link in list(self.paced):
            self._end_pace(link)
        self.links = set()
        self.dials = set()
        for request in self.requests.values():
            request.crashed = True
        self.requests = {}
