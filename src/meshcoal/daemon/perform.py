"""Does what the core asked for, except for the disk.

Law: called only with effects of a step that is committed, in their order. Nothing here waits, and nothing
here decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from meshcoal.api.views import Notice
from meshcoal.daemon.alarms import Alarms
from meshcoal.daemon.server import Respond
from meshcoal.errors import MeshcoalError
from meshcoal.net.link import CLOSED, Link
from meshcoal.net.pacing import Pacer
from meshcoal.node.effects import (
    Announce,
    Dial,
    Effect,
    HangUp,
    Hush,
    OnionService,
    Pace,
    Persist,
    Publish,
    Reply,
    SendFrame,
    Serve,
    SetTimer,
    TakeTurns,
    TellSent,
)


@dataclass(slots=True, kw_only=True)
class Performer:
    """The shell's side of links, timers and requests of one node."""

    alarms: Alarms
    dial: Callable[[int, str, bytes], None]
    publish: Callable[[Notice], None]
    seat: Callable[[int, bytes], None]
    sent: Callable[[int], None]
    announce: Callable[[bytes], None]
    hush: Callable[[], None]
    serve: Callable[[tuple[OnionService, ...]], None]
    links: dict[int, Link] = field(default_factory=dict)
    requests: dict[int, Respond] = field(default_factory=dict)
    pacers: dict[int, Pacer] = field(default_factory=dict)  # of steady links

    def perform(self, effect: Effect) -> None:
        match effect:
            case SendFrame(link=number, data=data):
                way = self._way(number)
                if way is not None:  # it may have gone down in the meantime
                    way.send(data)
            case TellSent(link=number):
                way = self._way(number)
                if way is not None:
                    way.tell_sent(lambda: self.sent(number))
            case Pace(link=number, every_ms=every_ms):
                link = self.links.get(number)
                if link is not None and number not in self.pacers:
                    self.pacers[number] = Pacer(link, every_ms)
            case Reply(request=request, answer=answer):
                self.requests.pop(request)(answer)
            case Publish(notice=notice):
                self.publish(notice)
            case SetTimer(key=key, at_ms=at_ms):
                self.alarms.set(key, at_ms)
            case Dial(dial=dial, hint=hint, apart=apart):
                self.dial(dial, hint, apart)
            case HangUp(link=number, code=code):
                link = self.links.get(number)
                if link is not None:
                    if (pacer := self.pacers.pop(number, None)) is not None:
                        pacer.flush()
                    link.close(code)
            case TakeTurns(link=number, group=group):
                self.seat(number, group)
            case Announce(data=data):
                self.announce(data)
            case Hush():
                self.hush()
            case Serve(services=services):
                self.serve(services)
            case Persist():
                raise AssertionError("the disk comes first, and not here")

    def _way(self, number: int) -> Link | Pacer | None:
        return self.pacers.get(number) or self.links.get(number)

    def lose(self, number: int) -> bool:
        """A link went down. Returns whether it was one of these."""
        pacer = self.pacers.pop(number, None)
        if pacer is not None:
            pacer.end()
        return self.links.pop(number, None) is not None

    def hang_up(self) -> None:
        """Forget links and timers. What the links say from now on is nobody's."""
        for pacer in self.pacers.values():
            pacer.end()
        self.pacers.clear()
        links, self.links = self.links, {}
        for link in links.values():
            link.close(CLOSED)
        self.alarms.clear()

    def fail(self, error: MeshcoalError, *, but: set[int] | None = None) -> None:
        """Answer all open requests, except for some, with an error."""
        for request in list(self.requests):
            if but is None or request not in but:
                self.requests.pop(request)(error)
