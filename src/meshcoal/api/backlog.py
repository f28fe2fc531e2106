"""Notices that wait for a reader: bounded, each once.

Law: a reader who is too slow loses notices, never the knowledge of it: what was lost is replaced by one
`OVERRUN`, after which everything shown has to be fetched again. Used at both ends of the local socket.
"""

from __future__ import annotations

from meshcoal.api.views import Notice, NoticeKind
from meshcoal.limits import NOTICE_QUEUE_MAX


class Backlog:
    """First in, first out. A notice that waits already is not added again: it would say nothing new."""

    def __init__(self, notices_max: int = NOTICE_QUEUE_MAX) -> None:
        self._waiting: dict[Notice, None] = {}  # in order of arrival
        self._notices_max = notices_max

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, notice: Notice) -> None:
        if notice in self._waiting:
            return
        if len(self._waiting) >= self._notices_max:
            self._waiting.clear()
            notice = Notice(kind=NoticeKind.OVERRUN)
        self._waiting[notice] = None

    def pop(self) -> Notice:
        """The oldest. Asserts that there is one."""
        assert self._waiting, "nothing waits"
        notice = next(iter(self._waiting))
        del self._waiting[notice]
        return notice
