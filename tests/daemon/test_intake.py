"""The queue in front of the core."""

from __future__ import annotations

import asyncio

from meshcoal.api.commands import GetCounters
from meshcoal.daemon.intake import Intake
from meshcoal.node.events import CommandReceived, Event, FrameReceived, LinkDown, Refused, TimerFired


def frame(number: int) -> Event:
    return FrameReceived(link=1, data=bytes([number]))


async def test_events_come_out_in_order_and_in_batches() -> None:
    """Goal: first in, first out. Method: more than a batch."""
    intake = Intake()
    for number in range(5):
        assert await intake.put(frame(number))
    assert await intake.take(3) == [frame(0), frame(1), frame(2)]
    assert await intake.take(3) == [frame(3), frame(4)]


async def test_a_flood_waits_outside_in_order() -> None:
    """Goal: back-pressure with fair turns. Method: eight at the door of a queue of two."""
    intake = Intake(2)
    flood = [asyncio.create_task(intake.put(frame(number))) for number in range(8)]
    await asyncio.sleep(0)
    assert len(intake) == 2
    got: list[Event] = []
    while len(got) < 8:
        got += await intake.take(1)
        await asyncio.sleep(0)
        assert len(intake) <= 2
    assert got == [frame(number) for number in range(8)]
    assert all([await put for put in flood])


async def test_what_the_core_asked_for_never_waits() -> None:
    """Goal: timers and ends of links get in while a flood waits. Method: push into a full queue."""
    intake = Intake(1)
    await intake.put(frame(1))
    waiting = asyncio.create_task(intake.put(frame(2)))
    await asyncio.sleep(0)
    intake.push(TimerFired(key="t"))
    assert await intake.take(10) == [frame(1), TimerFired(key="t")]
    assert await waiting
    assert await intake.take(10) == [frame(2)]


async def test_somebody_who_gives_up_waiting_leaves_no_trace() -> None:
    """Goal: a cancelled wait neither blocks nor adds. Method: cancel the first of two who wait."""
    intake = Intake(1)
    await intake.put(frame(1))
    first = asyncio.create_task(intake.put(frame(2)))
    second = asyncio.create_task(intake.put(frame(3)))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    assert await intake.take(10) == [frame(1)]
    assert await second
    assert await intake.take(10) == [frame(3)]


async def test_refusals_are_counted_one_by_one_in_constant_space() -> None:
    """Goal: no refusal is lost, none costs memory. Method: a thousand of two codes in batches of 64."""
    intake = Intake(1)
    for _ in range(500):
        intake.refuse("over-limit")
        intake.refuse("malformed-frame")
    assert len(intake) == 0
    got: list[Event] = []
    while len(got) < 1_000:
        batch = await intake.take(64)
        assert len(batch) <= 64
        got += batch
    assert got.count(Refused(code="over-limit")) == 500
    assert got.count(Refused(code="malformed-frame")) == 500


async def test_only_commands_survive_a_new_start() -> None:
    """Goal: the rebuilt core hears of no old link. Method: commands and frames, inside and at the door."""
    intake = Intake(2)
    inside = CommandReceived(request=1, command=GetCounters())
    outside = CommandReceived(request=2, command=GetCounters())
    await intake.put(inside)
    await intake.put(frame(1))
    late_frame = asyncio.create_task(intake.put(frame(2)))
    late_command = asyncio.create_task(intake.put(outside))
    await asyncio.sleep(0)
    assert intake.keep_commands() == {1, 2}
    assert not await late_frame
    assert await late_command
    assert await intake.take(10) == [inside, outside]


async def test_closing_sends_everybody_away() -> None:
    """Goal: nobody waits for ever. Method: close over a full queue, a waiter, and a reader."""
    intake = Intake(1)
    await intake.put(LinkDown(link=1, code="closed"))
    waiting = asyncio.create_task(intake.put(frame(1)))
    await asyncio.sleep(0)
    intake.close()
    assert not await waiting
    assert not await intake.put(frame(2))
    assert await intake.take(1) == []
