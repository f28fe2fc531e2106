"""The queue in front of the core: lanes, turns and doors."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.api.commands import GetCounters
from meshcoal.daemon.intake import Intake, LaneLimits
from meshcoal.node.events import CommandReceived, Event, FrameReceived, LinkDown, LinkUp, Refused, TimerFired
from meshcoal.sync.turns import Turns

CAMPAIGN = b"campaign"
OTHER = b"other campaign"


def frame(link: int, number: int, size: int = 1) -> FrameReceived:
    return FrameReceived(link=link, data=bytes([number]) * size)


def command(request: int) -> CommandReceived:
    return CommandReceived(request=request, command=GetCounters())


async def stand(intake: Intake, *links: int, group: bytes = CAMPAIGN) -> None:
    """Links that are up, of somebody known."""
    for link in links:
        assert await intake.put(LinkUp(link=link, dial=None, transport="test"))
        assert await intake.take(1) == [LinkUp(link=link, dial=None, transport="test")]
        intake.seat(link, group)


def flood(intake: Intake, link: int, count: int, size: int = 1) -> list[asyncio.Task[bool]]:
    """Everything a link has to say, all at once."""
    return [asyncio.create_task(intake.put(frame(link, number % 256, size))) for number in range(count)]


def links_of(batch: list[Event]) -> list[int]:
    return [event.link for event in batch if isinstance(event, FrameReceived)]


async def test_a_link_is_heard_in_order() -> None:
    """Goal: first in, first out, and the end last. Method: more than a lane holds, and an end."""
    intake = Intake(LaneLimits(lane_events_max=2))
    await stand(intake, 1)
    waiting = flood(intake, 1, 5)
    await asyncio.sleep(0)
    assert len(intake) == 2
    got: list[Event] = []
    while len(got) < 5:
        got += await intake.take(2)
        await asyncio.sleep(0)
        assert len(intake) <= 2
    intake.end(LinkDown(link=1, code="closed"))
    assert [*got, *await intake.take(2)] == [
        *[frame(1, n) for n in range(5)],
        LinkDown(link=1, code="closed"),
    ]
    assert all([await put for put in waiting])
    assert not await intake.put(frame(1, 9)), "nothing follows"


async def test_one_links_flood_takes_no_turn_of_anothers() -> None:
    """Goal: the flooded wait for one frame. Method: a full lane and a crowd at its door, then one frame of
    each of two others."""
    intake = Intake()
    await stand(intake, 1, 2, 3)
    crowd = flood(intake, 1, 200)
    await asyncio.sleep(0)
    assert await intake.put(frame(2, 0))
    assert await intake.put(frame(3, 0))
    assert links_of(await intake.take(4)) == [1, 2, 3, 1]
    intake.close()
    await asyncio.gather(*crowd)


async def test_one_campaigns_flood_takes_no_turn_of_anothers() -> None:
    """Goal: thirty flooding links of one campaign count as one. Method: one link of another beside them."""
    intake = Intake()
    await stand(intake, *range(1, 31))
    await stand(intake, 50, group=OTHER)
    crowds = [flood(intake, link, 8) for link in range(1, 31)]
    quiet = flood(intake, 50, 4)
    await asyncio.sleep(0)
    order = links_of(await intake.take(9))
    assert [place for place, link in enumerate(order) if link == 50] == [1, 3, 5, 7]
    assert len(set(order)) == 6, "and within the flooding campaign each link has its turn"
    intake.close()
    await asyncio.gather(*quiet, *[one for crowd in crowds for one in crowd])


async def test_all_strangers_have_one_turn_together() -> None:
    """Goal: whoever knocks a thousand times holds up nobody inside. Method: 200 strangers and a member."""
    intake = Intake()
    await stand(intake, 1_000)
    for link in range(200):
        assert await intake.put(LinkUp(link=link, dial=None, transport="test"))
        assert await intake.put(frame(link, 0))
    flood(intake, 1_000, 3)
    await asyncio.sleep(0)
    batch = await intake.take(6)
    assert [place for place, event in enumerate(batch) if event in [frame(1_000, n) for n in range(3)]] == [
        1,
        3,
        5,
    ]


async def test_a_strangers_lane_is_short_and_strangers_are_few() -> None:
    """Goal: nobody unknown fills memory. Method: bounds of two and two; what is over waits outside."""
    intake = Intake(LaneLimits(stranger_events_max=2, strangers_waiting_max=2))
    ups = [LinkUp(link=link, dial=None, transport="test") for link in range(3)]
    assert await intake.put(ups[0])
    assert await intake.put(ups[1])
    third = asyncio.create_task(intake.put(ups[2]))
    frames = flood(intake, 0, 3)
    await asyncio.sleep(0)
    assert len(intake) == 3
    assert not third.done()
    got: list[Event] = []
    while len(got) < 6:
        got += await intake.take(1)
        await asyncio.sleep(0)
    assert got.index(ups[2]) > got.index(ups[1])
    assert await third
    assert all(await asyncio.gather(*frames))


async def test_lanes_are_bounded_in_bytes_each_and_together() -> None:
    """Goal: memory is bounded by bytes, and each link may still speak. Method: links of 100-byte frames."""
    intake = Intake(LaneLimits(lane_bytes_max=300, lanes_bytes_max=1_000))
    links = range(1, 21)
    await stand(intake, *links)
    crowd = [task for link in links for task in flood(intake, link, 9, 100)]
    await asyncio.sleep(0)
    assert intake.frame_bytes <= 1_000 + 20 * 100
    seen: set[int] = set()
    for _ in range(20):
        seen.update(links_of(await intake.take(1)))
    assert seen == set(links)
    while len(intake):
        await intake.take(64)
        await asyncio.sleep(0)
    assert all(await asyncio.gather(*crowd))
    assert intake.frame_bytes == 0


async def test_a_command_waits_for_one_batch_of_frames_at_most() -> None:
    """Goal: the user is heard within 256 KiB of peers' frames. Method: large frames, then a command."""
    intake = Intake(LaneLimits(batch_bytes_max=1_000))
    await stand(intake, 1, 2)
    crowd = [*flood(intake, 1, 30, 400), *flood(intake, 2, 30, 400)]
    await asyncio.sleep(0)
    batch = await intake.take(64)
    assert sum(len(event.data) for event in batch if isinstance(event, FrameReceived)) <= 1_000 + 400
    intake.command(command(1))
    assert (await intake.take(64))[0] == command(1)
    intake.close()
    await asyncio.gather(*crowd)


async def test_clients_take_turns_and_leave_room_for_peers() -> None:
    """Goal: a program that asks without end holds up neither the user nor the peers. Method: 100 commands of
    one client, then one of another, and a frame."""
    intake = Intake()
    await stand(intake, 1)
    for request in range(100):
        assert intake.command(command(request), 1)
    assert intake.command(command(1_000), 2)
    assert await intake.put(frame(1, 0))
    batch = await intake.take(64)
    assert batch.index(command(1_000)) == 1
    assert frame(1, 0) in batch
    assert len(batch) <= 17


async def test_what_the_core_asked_for_never_waits() -> None:
    """Goal: timers get in while a flood waits, and leave it its places. Method: timers into full lanes."""
    intake = Intake(LaneLimits(lane_events_max=1))
    await stand(intake, 1)
    crowd = flood(intake, 1, 3)
    await asyncio.sleep(0)
    for _ in range(200):
        intake.push(TimerFired(key="t"))
    batch = await intake.take(64)
    assert batch[0] == TimerFired(key="t")
    assert links_of(batch) == [1, 1, 1]
    assert all(await asyncio.gather(*crowd))


async def test_somebody_who_gives_up_waiting_leaves_no_trace() -> None:
    """Goal: a cancelled wait neither blocks nor adds. Method: cancel the first of two who wait."""
    intake = Intake(LaneLimits(lane_events_max=1))
    await stand(intake, 1)
    await intake.put(frame(1, 1))
    first = asyncio.create_task(intake.put(frame(1, 2)))
    second = asyncio.create_task(intake.put(frame(1, 3)))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    assert await intake.take(1) == [frame(1, 1)]
    assert await second
    assert await intake.take(10) == [frame(1, 3)]


async def test_refusals_cost_one_event_a_code() -> None:
    """Goal: no refusal is lost, and a thousand take no place of others. Method: a thousand of two codes."""
    intake = Intake()
    await stand(intake, 1)
    for _ in range(500):
        intake.refuse("over-limit")
        intake.refuse("malformed-frame")
    assert len(intake) == 0
    await intake.put(frame(1, 0))
    batch = await intake.take(64)
    assert batch == [
        Refused(code="over-limit", count=500),
        Refused(code="malformed-frame", count=500),
        frame(1, 0),
    ]


async def test_only_commands_survive_a_new_start() -> None:
    """Goal: the rebuilt core hears of no old link. Method: commands and frames, inside and at the door."""
    intake = Intake(LaneLimits(lane_events_max=1, strangers_waiting_max=1))
    await stand(intake, 1)
    intake.command(command(1))
    intake.command(command(2), 7)
    await intake.put(frame(1, 1))
    late_frame = asyncio.create_task(intake.put(frame(1, 2)))
    assert await intake.put(LinkUp(link=2, dial=None, transport="test"))
    late_link = asyncio.create_task(intake.put(LinkUp(link=3, dial=None, transport="test")))
    await asyncio.sleep(0)
    assert intake.keep_commands() == {1, 2}
    assert not await late_frame
    assert not await late_link
    assert not await intake.put(frame(1, 3))
    intake.end(LinkDown(link=1, code="closed"))
    assert await intake.take(10) == [command(1), command(2)]
    assert len(intake) == 0


async def test_closing_sends_everybody_away() -> None:
    """Goal: nobody waits for ever. Method: close over a full lane, a waiter, and a reader."""
    intake = Intake(LaneLimits(lane_events_max=1))
    await stand(intake, 1)
    await intake.put(frame(1, 0))
    waiting = asyncio.create_task(intake.put(frame(1, 1)))
    await asyncio.sleep(0)
    intake.close()
    assert not await waiting
    assert not await intake.put(frame(1, 2))
    assert not intake.command(command(1))
    assert await intake.take(1) == []


@given(st.lists(st.tuples(st.sampled_from("jjjlt"), st.integers(0, 3), st.integers(0, 5)), max_size=200))
def test_nobody_is_passed_over(moves: list[tuple[str, int, int]]) -> None:
    """Goal: between two turns of one, each other group that waited had one. Method: random joins and leaves
    beside a plain record of who waits."""
    turns: Turns[int, tuple[int, int]] = Turns()
    waiting: set[tuple[int, int]] = set()
    since: dict[int, set[int]] = {}  # group -> groups that had a turn since it began to wait
    for move, group, member in moves:
        if move == "j":
            if not any(one == group for one, _ in waiting):
                since[group] = set()
            turns.join(group, (group, member))
            waiting.add((group, member))
        elif move == "l":
            turns.leave(group, (group, member))
            waiting.discard((group, member))
        elif waiting:
            taken = turns.take()
            assert taken in waiting
            waiting.discard(taken)
            for other, had in since.items():
                if other != taken[0] and any(one == other for one, _ in waiting):
                    assert taken[0] not in had, "a second turn before another's first"
                    had.add(taken[0])
            since[taken[0]] = set()
        assert len(turns) == len({one for one, _ in waiting})


SLICE = TimerFired(key="spool")


async def test_a_slice_of_work_comes_behind_commands_and_alone() -> None:
    """Goal: no user waits for work that can wait. Method: a slice, a command and a frame at once."""
    intake = Intake()
    await stand(intake, 1)
    intake.push(SLICE)
    assert intake.command(command(1))
    assert await intake.put(frame(1, 0))
    assert await intake.take(64) == [command(1), frame(1, 0)]
    assert await intake.take(64) == [SLICE]


async def test_slices_of_work_have_every_other_turn_beside_frames() -> None:
    """Goal: neither frames nor slices wait for ever. Method: both, all the time."""
    intake = Intake()
    await stand(intake, 1)
    turns: list[Any] = []
    for number in range(6):
        if not turns or turns[-1] == [SLICE]:
            intake.push(SLICE)
        assert await intake.put(frame(1, number))
        turns.append(await intake.take(1))
    assert [turn == [SLICE] for turn in turns] == [False, True] * 3


async def test_slices_of_work_go_on_whatever_users_ask() -> None:
    """Goal: a program that asks all the time stops no catching up. Method: a command before each turn."""
    intake = Intake()
    intake.push(SLICE)
    turns: list[Any] = []
    for number in range(10):
        assert intake.command(command(number))
        turns.append(SLICE in await intake.take(1))
    assert turns.count(True) == 1
    assert turns.index(True) <= 4


async def test_a_command_shares_its_batch_with_few_frames() -> None:
    """Goal: an answer does not wait for all that peers brought. Method: frames with a command, and alone."""
    intake = Intake(LaneLimits(batch_bytes_max=400))
    await stand(intake, 1)
    for number in range(8):
        assert await intake.put(frame(1, number, 100))
    assert intake.command(command(1))
    assert await intake.take(64) == [command(1), frame(1, 0, 100)]
    assert await intake.take(64) == [frame(1, number, 100) for number in range(1, 5)]
