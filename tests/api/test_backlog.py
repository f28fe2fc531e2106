"""Notices that wait: each once, bounded, loss never silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.backlog import Backlog
from meshcoal.api.views import Notice, NoticeKind


def notice(number: int) -> Notice:
    return Notice(kind=NoticeKind.PROGRESS, done=number)


@given(st.lists(st.integers(0, 9) | st.none(), max_size=60))
def test_a_reader_misses_nothing_unknowingly(steps: list[int | None]) -> None:
    """Goal: every notice is read later, or an `OVERRUN` is. Method: any adds and pops (None), bound 4."""
    backlog = Backlog(4)
    owed: set[Notice] = set()
    for step in [*steps, *[None] * 5]:
        if step is not None:
            backlog.add(notice(step))
            owed.add(notice(step))
        elif len(backlog):
            read = backlog.pop()
            owed.clear() if read.kind is NoticeKind.OVERRUN and not len(backlog) else owed.discard(read)
            if read.kind is NoticeKind.OVERRUN:
                owed &= {other for other in owed if other in backlog._waiting}
        assert len(backlog) <= 4
    assert not owed


def test_an_overrun_stands_for_all_that_was_dropped() -> None:
    """Goal: one `OVERRUN`, then what came after. Method: one more than fits, then one more."""
    backlog = Backlog(2)
    for number in range(4):
        backlog.add(notice(number))
    assert backlog.pop().kind is NoticeKind.OVERRUN
    assert backlog.pop() == notice(3)
    with pytest.raises(AssertionError):
        backlog.pop()


def test_the_same_notice_waits_once() -> None:
    """Goal: a busy channel does not fill the queue. Method: add one thing many times, read it once, again."""
    backlog = Backlog(2)
    for _ in range(10):
        backlog.add(notice(1))
    assert backlog.pop() == notice(1)
    assert len(backlog) == 0
    backlog.add(notice(1))
    assert backlog.pop() == notice(1)
