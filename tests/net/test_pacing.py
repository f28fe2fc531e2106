"""Frames of a steady link on the loop's clock: one at each beat, on a grid that nothing moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from meshcoal.net.pacing import LEAD_S, Pacer


class SetClock(asyncio.SelectorEventLoop):
    """A loop whose time is what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_000.0

    def time(self) -> float:
        return self.now_s


class Ear:
    """A link that notes when something is sent."""

    number = 1
    transport = "test"

    def __init__(self, loop: SetClock) -> None:
        self.loop = loop
        self.sent: list[tuple[float, bytes]] = []

    def send(self, frame: bytes) -> None:
        self.sent.append((self.loop.now_s, frame))

    def tell_sent(self, tell: Callable[[], None]) -> None:
        raise AssertionError("the pacer tells")

    def close(self, code: str) -> None: ...


def run(script: Callable[[SetClock, Ear], None]) -> Ear:
    loop = SetClock()
    ear = Ear(loop)

    async def inside() -> None:
        script(loop, ear)

    try:
        loop.run_until_complete(inside())
    finally:
        loop.close()
    return ear


def go(loop: SetClock, to_s: float) -> None:
    """Let time pass in small steps, and what is due happen, without waiting for a clock."""
    while loop.now_s < to_s:
        loop.now_s = min(to_s, loop.now_s + 0.05)
        due = [one for one in loop._scheduled if one._when <= loop.now_s and not one._cancelled]  # type: ignore[attr-defined]
        for one in sorted(due, key=lambda one: float(one._when)):
            callback, given = one._callback, one._args
            one.cancel()
            callback(*given)


def test_each_frame_has_its_beat() -> None:
    """Goal: neither haste nor delay moves a frame. Method: frames handed over when asked for, one of them
    much too late; the moments at which they leave."""

    def script(loop: SetClock, ear: Ear) -> None:
        asked: list[float] = []
        pacer = Pacer(ear, 2_000)

        def feed(frame: bytes) -> None:
            pacer.send(frame)
            pacer.tell_sent(lambda: asked.append(loop.now_s))

        feed(b"0")
        go(loop, 1_001.7)
        assert asked == []
        go(loop, 1_001.9)
        assert len(asked) == 1
        feed(b"1")
        go(loop, 1_004.5)  # asked for the next before 1,004, and nothing came
        feed(b"2")
        go(loop, 1_005.9)
        feed(b"3")
        go(loop, 1_009.0)
        feed(b"4")
        assert pacer.late == 2
        pacer.end()
        go(loop, 1_020.0)

    ear = run(script)
    assert [frame for _, frame in ear.sent] == [b"0", b"1", b"2", b"3", b"4"]
    moments = [at_s - 1_000 for at_s, _ in ear.sent]
    for at_s, due_s in zip(moments, (0.0, 2.0, 4.5, 6.0, 9.0), strict=True):
        assert 0 <= at_s - due_s <= 0.11
    assert 0 < LEAD_S < 1


def test_a_machine_that_slept_goes_on_with_the_grid() -> None:
    """Goal: no burst after a lid was opened. Method: an hour passes at once."""

    def script(loop: SetClock, ear: Ear) -> None:
        pacer = Pacer(ear, 5_000)

        def feed() -> None:
            pacer.send(b"x")
            pacer.tell_sent(feed)

        feed()
        go(loop, 1_012.0)
        loop.now_s += 3_600.0
        go(loop, loop.now_s + 11.0)
        pacer.end()

    moments = [at_s for at_s, _ in run(script).sent]
    assert len([at_s for at_s in moments if at_s < 1_013]) == 3
    after = [at_s for at_s in moments if at_s > 1_013]
    assert 2 <= len(after) <= 4
    assert all((at_s - 1_000) % 5 < 0.2 for at_s in after[1:])
