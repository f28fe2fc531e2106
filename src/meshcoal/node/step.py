"""One step of the node: what it wants written and done, in order.

Law: changes come before effects, whatever the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.api.views import Notice, NoticeKind
from meshcoal.errors import MeshcoalError
from meshcoal.ids import OperationId
from meshcoal.log.changes import Change, EraseDocument, PutDocument
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
from meshcoal.wire import record
from meshcoal.wire.record import Record


class Step:
    """Collects changes and effects while an event is handled."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self._changes: list[Change] = []
        self._effects: list[Effect] = []
        self._noticed: set[tuple[str, bytes, bytes]] = set()
        self.whole = True  # else the next step writes what belongs to the changes of this one
        self.opened: set[OperationId] = set()  # in this step, of what was held unopened

    def change(self, *changes: Change) -> None:
        self._changes.extend(changes)

    def put(self, space: str, key: bytes, value: Record) -> None:
        self._changes.append(PutDocument(space=space, key=key, value=record.encode(value)))

    def erase(self, space: str, key: bytes) -> None:
        self._changes.append(EraseDocument(space=space, key=key))

    def send(self, link: int, frames: Iterable[bytes]) -> None:
        self._effects.extend([SendFrame(link=link, data=frame) for frame in frames])

    def tell_sent(self, link: int) -> None:
        self._effects.append(TellSent(link=link))

    def pace(self, link: int, every_ms: int) -> None:
        self._effects.append(Pace(link=link, every_ms=every_ms))

    def hang_up(self, link: int, code: str) -> None:
        self._effects.append(HangUp(link=link, code=code))

    def take_turns(self, link: int, group: bytes) -> None:
        self._effects.append(TakeTurns(link=link, group=group))

    def dial(self, dial: int, hint: str, apart: bytes = b"") -> None:
        self._effects.append(Dial(dial=dial, hint=hint, apart=apart))

    def announce(self, data: bytes) -> None:
        self._effects.append(Announce(data=data))

    def hush(self) -> None:
        self._effects.append(Hush())

    def serve(self, services: tuple[OnionService, ...]) -> None:
        self._effects.append(Serve(services=services))

    def timer(self, key: str, at_ms: int) -> None:
        self._effects.append(SetTimer(key=key, at_ms=at_ms))

    def reply(self, request: int, answer: Record | MeshcoalError) -> None:
        self._effects.append(Reply(request=request, answer=answer))

    def notice(
        self,
        kind: NoticeKind,
        campaign: bytes = b"",
        subject: bytes = b"",
        *,
        by_me: bool = False,
        done: int = 0,
        total: int = 0,
    ) -> None:
        """Publish a notice; the same one only once a step, but for progress."""
        key = (kind.value, campaign, subject)
        if kind is not NoticeKind.PROGRESS:
            if key in self._noticed:
                return
            self._noticed.add(key)
        notice = Notice(kind=kind, campaign=campaign, subject=subject, by_me=by_me, done=done, total=total)
        self._effects.append(Publish(notice=notice))

    def noticed(self, kind: NoticeKind) -> bool:
        """Whether a notice of this kind, about the whole node, is given in this step."""
        return (kind.value, b"", b"") in self._noticed

    @property
    def changes(self) -> bool:
        """Whether anything is to be written so far."""
        return bool(self._changes)

    def effects(self) -> tuple[Effect, ...]:
        """All of it: one `Persist` if there is anything to write, then the rest."""
        if not self._changes:
            return tuple(self._effects)
        return (Persist(changes=tuple(self._changes), whole=self.whole), *self._effects)
