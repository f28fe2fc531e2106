"""Steady links: whether this node asks for them, and keeping each fed with frames.

Law: once asked for, nothing is said on a link that is not steady, but the handshake; a peer who takes no part
is hung up on, and named. On a steady link what is said waits until the shell wants the next frame, and each
time it wants one it gets one, full or empty. Files and relays are left alone meanwhile: their amounts would
show. Ours, unreviewed. docs/design/0029-constant-rate.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from meshcoal.errors import NotSteady
from meshcoal.limits import LINKS_MAX, STEADY_EVERY_MAX_S
from meshcoal.log.reader import LogReader
from meshcoal.node.records import Document, load_all
from meshcoal.node.step import Step
from meshcoal.sync.steady import DECLINED
from meshcoal.wire import shape
from meshcoal.wire.record import Range

if TYPE_CHECKING:
    from meshcoal.node.links import Link

STEADY: Final = "steady"


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class SteadyRecord(Document):
    """The choice of this node. 0: links send as there is something to say."""

    every_s: Annotated[int, Range(0, STEADY_EVERY_MAX_S)]


class Steady:
    """The choice, and who does not take part in it."""

    def __init__(self, every_s: int = 0) -> None:
        self.every_s = every_s
        self.declines = False  # this node saves data: it takes no part in steady links of others
        self.refusing: dict[tuple[str, bytes, bytes], None] = {}  # who takes no part, in the order seen

    @property
    def on(self) -> bool:
        return self.every_s > 0

    @property
    def asked_s(self) -> int:
        """What is said in a handshake."""
        return DECLINED if self.declines and not self.on else self.every_s

    def choose(self, step: Step, every_s: int) -> None:
        self.every_s = every_s
        self.refusing.clear()
        step.put(STEADY, b"", SteadyRecord(every_s=every_s))

    def check(self, link: Link) -> None:
        """Each time a frame of a handshake was read: may the next be sent?

        Raises:
            NotSteady: this node says nothing on links that are not steady, and the peer takes no part.
        """
        session = link.session
        assert session is not None
        peer = link.target.key if link.target is not None else None  # else they have not said who they are
        if not self.on or session.steady_s:
            if peer is not None:
                self.refusing.pop(peer, None)
            return
        if peer is not None and len(self.refusing) < LINKS_MAX:
            self.refusing[peer] = None
        raise NotSteady("the peer takes no part in steady links")

    def begin(self, step: Step, link: Link) -> None:
        """A handshake is finished."""
        assert link.session is not None
        link.steady_s = link.session.steady_s
        if link.steady_s:
            step.pace(link.number, 1_000 * link.steady_s)
            self.feed(step, link)

    @staticmethod
    def feed(step: Step, link: Link) -> None:
        """The shell has sent the frame it had, or soon will: here is the next."""
        assert link.session is not None
        step.send(link.number, [link.session.steady(link.outbox, step.now_ms)])
        step.tell_sent(link.number)
        link.outbox.asked_ms = step.now_ms


def chosen_before(reader: LogReader) -> Steady:
    """As it was chosen last. Raises `Corrupt`."""
    return Steady(next((kept.every_s for _, kept in load_all(reader, SteadyRecord, STEADY)), 0))
