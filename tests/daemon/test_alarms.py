"""Timers: replaced, never early, dropped when the node goes."""

from __future__ import annotations

import asyncio

from meshcoal.daemon.alarms import Alarms


class Bench:
    """A wall clock the test moves, and what rang."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000
        self.rang: asyncio.Queue[str] = asyncio.Queue()
        self.alarms = Alarms(self.rang.put_nowait, lambda: self.now_ms)


async def test_a_timer_rings_once_its_time_has_come() -> None:
    """Goal: due timers ring. Method: one in the past, one for now."""
    bench = Bench()
    bench.alarms.set("past", bench.now_ms - 5)
    bench.alarms.set("now", bench.now_ms)
    assert {await bench.rang.get(), await bench.rang.get()} == {"past", "now"}
    assert len(bench.alarms) == 0


async def test_setting_a_key_again_replaces_it() -> None:
    """Goal: one timer a key. Method: a due timer moved to the far future never rings; another one does."""
    bench = Bench()
    bench.alarms.set("a", bench.now_ms)
    bench.alarms.set("a", bench.now_ms + 10**9)
    bench.alarms.set("b", bench.now_ms)
    assert await bench.rang.get() == "b"
    assert len(bench.alarms) == 1
    assert bench.rang.empty()
    bench.alarms.clear()


async def test_a_timer_is_never_early_by_the_wall_clock() -> None:
    """Goal: the loop's clock running ahead rings nothing. Method: a wall clock that stands, then moves."""
    bench = Bench()
    bench.alarms.set("a", bench.now_ms + 2)
    bench.alarms.set("mark", bench.now_ms)
    assert await bench.rang.get() == "mark"
    for _ in range(3):  # the loop passes the 2 ms again and again
        bench.alarms.set("mark", bench.now_ms)
        await bench.rang.get()
    assert bench.rang.empty()
    bench.now_ms += 2
    assert await bench.rang.get() == "a"


async def test_clearing_rings_nothing() -> None:
    """Goal: a locked node hears no timers. Method: clear due timers, then let another set ring."""
    bench = Bench()
    bench.alarms.set("a", bench.now_ms)
    bench.alarms.clear()
    bench.alarms.set("b", bench.now_ms)
    assert await bench.rang.get() == "b"
    assert bench.rang.empty()
