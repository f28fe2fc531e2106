"""What every kind of link keeps. A new kind is added to `GROUNDS` and has to pass as it is."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meshcoal.errors import BadHandshake, OverLimit
from meshcoal.limits import FRAME_BYTES_MAX, LINK_QUEUE_BYTES_MAX
from meshcoal.net.link import CLOSED

sys.path.insert(0, str(Path(__file__).parents[1] / "net"))

from linework import LineGround
from linkwork import WebSocketGround

Ground = WebSocketGround | LineGround
GROUNDS: dict[str, type[WebSocketGround] | type[LineGround]] = {
    "line": LineGround,
    "websocket": WebSocketGround,
}


@pytest.fixture(params=sorted(GROUNDS))
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    async with GROUNDS[request.param]() as ground:
        yield ground


async def test_frames_of_every_size_arrive_whole_and_in_order(ground: Ground) -> None:
    """Goal: frame boundaries and order survive. Method: odd sizes both ways at once."""
    near, far = await ground.connect()
    sizes = (1, 2, 125, 126, 127, 511, 512, 65_534, FRAME_BYTES_MAX, 1)
    sent = [bytes([index]) * size for index, size in enumerate(sizes)]
    for frame in sent:
        near.send(frame)
        far.send(frame[::-1])
    assert [await ground.far.frames.get() for _ in sent] == sent
    assert [await ground.near.frames.get() for _ in sent] == sent


async def test_numbers_are_never_shared_and_transport_is_named(ground: Ground) -> None:
    """Goal: a number names one end of one link. Method: several links, all numbers distinct."""
    ends = [end for _ in range(3) for end in await ground.connect()]
    assert len({end.number for end in ends}) == len(ends)
    assert all(end.transport for end in ends)


async def test_closing_sends_what_was_queued_first(ground: Ground) -> None:
    """Goal: a last word is heard. Method: queue 1 MiB, close at once, count at the other end."""
    near, _ = await ground.connect()
    for index in range(16):
        near.send(bytes([index]) * FRAME_BYTES_MAX)
    near.close(BadHandshake.code)
    got = [await ground.far.frames.get() for _ in range(16)]
    assert [frame[0] for frame in got] == list(range(16))
    assert (await ground.far.downs.get())[1] == CLOSED
    assert await ground.near.downs.get() == (near, BadHandshake.code)


async def test_it_tells_when_what_was_queued_has_left(ground: Ground) -> None:
    """Goal: the core learns when there is room. Method: ask behind some frames, and behind none; then behind
    frames that nobody reads, and close."""
    near, _ = await ground.connect()
    left: asyncio.Queue[int] = asyncio.Queue()
    for index in range(3):
        near.send(bytes([index]))
    near.tell_sent(lambda: left.put_nowait(1))
    assert await left.get() == 1
    near.tell_sent(lambda: left.put_nowait(2))
    assert await left.get() == 2
    ground.far.gate.clear()
    for _ in range(60):
        near.send(bytes(FRAME_BYTES_MAX))
    near.tell_sent(lambda: left.put_nowait(3))
    near.close(CLOSED)
    await ground.near.downs.get()
    near.tell_sent(lambda: left.put_nowait(4))
    assert left.empty()


async def test_a_link_is_announced_once_and_ended_once(ground: Ground) -> None:
    """Goal: up, frames, down, nothing more. Method: close from both ends, several times, send after."""
    near, far = await ground.connect()
    near.send(b"one")
    await ground.far.frames.get()
    near.close(CLOSED)
    far.close(CLOSED)
    near.close(BadHandshake.code)
    await ground.near.downs.get()
    await ground.far.downs.get()
    near.send(b"into the void")
    far.send(b"into the void")
    other, _ = await ground.connect()
    other.send(b"two")
    assert await ground.far.frames.get() == b"two"
    assert ground.far.story == ["up", "frame", "down", "up", "frame"]
    assert ground.near.story == ["up", "down", "up"]


async def test_a_peer_that_does_not_read_is_cut_off_and_counted(ground: Ground) -> None:
    """Goal: memory stays bounded. Method: the far sink takes nothing, the near end sends on."""
    near, _ = await ground.connect()
    ground.far.gate.clear()
    for _ in range(10 * LINK_QUEUE_BYTES_MAX // FRAME_BYTES_MAX):
        near.send(bytes(FRAME_BYTES_MAX))
        await asyncio.sleep(0)
    assert await ground.near.downs.get() == (near, OverLimit.code)
    assert await ground.near.refusals.get() == OverLimit.code


async def test_a_slow_sink_slows_the_sender_and_loses_nothing(ground: Ground) -> None:
    """Goal: back-pressure, not loss. Method: hold the sink, send less than the queue, let go, count."""
    near, _ = await ground.connect()
    ground.far.gate.clear()
    count = LINK_QUEUE_BYTES_MAX // FRAME_BYTES_MAX
    for index in range(count):
        near.send(index.to_bytes(2, "big") + bytes(FRAME_BYTES_MAX - 2))
    ground.far.gate.set()
    got = [await ground.far.frames.get() for _ in range(count)]
    assert [int.from_bytes(frame[:2], "big") for frame in got] == list(range(count))
