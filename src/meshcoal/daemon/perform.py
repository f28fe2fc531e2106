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
from meshcoal.node.effects import (
    Announce,
    Dial,
    Effect,
    HangUp,
    Hush,
    OnionService,
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
    dial: Callable[[int, str], None]
    publish: Callable[[Notice], None]
    seat: Callable[[int, bytes], None]
    sent: Callable[[int], None]
    announce: Callable[[bytes], None]
    hush: Callable[[], None]
    serve: Callable[[tuple[OnionService, ...]], None]
    links: dict[int, Link] = field(default_factory=dict)
    requests: dict[int, Respond] = field(default_factory=dict)

    def perform(self, effect: Effect) -> None:
        match effect:
            case SendFrame(link=number, data=data):
                link = self.links.get(number)
                if link is not None:  # it may have gone down in the meantime
                    link.send(data)
            case TellSent(link=number):
                link = self.links.get(number)
                if link is not None:
                    link.tell_sent(lambda: self.sent(number))
            case Reply(request=request, answer=answer):
                self.requests.pop(request)(answer)
            case Publish(notice=notice):
                self.publish(notice)
            case SetTimer(key=key, at_ms=at_ms):
                self.alarms.set(key, at_ms)
            case Dial(dial=dial, hint=hint):
                self.dial(dial, hint)
            case HangUp(link=number, code=code):
                link = self.links.get(number)
                if link is not None:
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

    def hang_up(self) -> None:
        """Forget links and timers. What the links say from now on is nobody's."""
        links, self.links = self.links, {}
        for link in links.values():
            link.close(CLOSED)
        self.alarms.clear()

    def fail(self, error: MeshcoalError, *, but: set[int] | None = None) -> None:
        """Answer all open requests, except for some, with an error."""
        for request in list(self.requests):
            if but is None or request not in but:
                self.requests.pop(request)(error)
