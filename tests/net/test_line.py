"""A line over pseudo-terminals: who is seen, who is let in, and what noise does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from linework import LineGround

from meshcoal.errors import BadArgument, DialFailed, LinkClosed
from meshcoal.limits import FRAME_BYTES_MAX, LINKS_PER_LINE_MAX
from meshcoal.net.link import CLOSED
from meshcoal.net.packets import Packet, PacketKind
from meshcoal.net.serial import SerialPort
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES


async def test_each_side_hears_what_the_other_announces() -> None:
    """Goal: sightings over a line. Method: both announce; each hears the other's, and not its own."""
    async with LineGround() as ground:
        heard = {await ground.sighted.get() for _ in range(2)}
    assert heard == {bytes(ANNOUNCEMENT_BYTES), b"\x01" * ANNOUNCEMENT_BYTES}


async def test_who_is_silent_lets_nobody_in() -> None:
    """Goal: off means off. Method: the far side is silent; a dial fails."""
    async with LineGround() as ground:
        ground.lines[1].announce(b"")
        await ground.dial(7)
        assert await ground.near.failures.get() == (7, DialFailed.code)
        assert ground.far.story == []


async def test_many_links_share_the_line() -> None:
    """Goal: a large frame holds up no other link. Method: one sends megabytes, another a word."""
    async with LineGround() as ground:
        large, _ = await ground.connect()
        small, _ = await ground.connect()
        for _ in range(16):
            large.send(bytes(FRAME_BYTES_MAX))
        small.send(b"a word")
        first = [len(await ground.far.frames.get()) for _ in range(3)]
        assert 6 in first


async def test_a_lost_part_ends_its_link_and_the_next_one_stands() -> None:
    """Goal: noise is never data. Method: change bytes now and then; frames that come are those sent, and
    after the link ended another one carries on."""
    async with LineGround() as ground:
        near, far = await ground.connect()
        ground.pump.noise = 0.05
        sent = [index.to_bytes(4, "big") * 2_000 for index in range(200)]
        for frame in sent:
            near.send(frame)
        link, code = await ground.far.downs.get()
        assert (link, code) in ((far, LinkClosed.code), (far, CLOSED))
        await ground.near.downs.get()
        got = [ground.far.frames.get_nowait() for _ in range(ground.far.frames.qsize())]
        assert got == sent[: len(got)]
        ground.pump.noise = 0.0
        again, _ = await ground.connect()
        again.send(b"once more")
        assert await ground.far.frames.get() == b"once more"


async def test_there_are_so_many_links_and_no_more() -> None:
    """Goal: bounded. Method: one more than there may be."""
    async with LineGround() as ground:
        for _ in range(LINKS_PER_LINE_MAX):
            await ground.connect()
        await ground.dial(99)
        assert await ground.near.failures.get() == (99, DialFailed.code)


async def test_what_makes_no_sense_is_let_go_of() -> None:
    """Goal: a hostile other end changes nothing. Method: packets of every kind for no link and for ours."""
    async with LineGround() as ground:
        line = ground.lines[1]
        for kind in PacketKind:
            for payload in () if kind is PacketKind.OPEN else (b"", b"\x00", b"\xff" * 8, b"\xff" * 1_024):
                ground.lines[0]._say(kind, b"no%02d" % (len(payload) % 100), payload)
        near, _ = await ground.connect()
        near.send(b"still here")
        assert await ground.far.frames.get() == b"still here"
        assert len(line._ends) == 1
        for payload in (b"", b"\x00\x00\x00\x09\x01x", b"\x00\x00\x00\x00\x07x", b"\x00\x00\x00\x00\x01"):
            near, far = await ground.connect()
            (wire,) = [end.wire for end in ground.lines[0]._ends.values() if end.link is near]
            ground.lines[0]._say(PacketKind.PART, wire, payload)
            assert (await ground.far.downs.get())[0] is far


async def test_who_does_not_read_makes_nobody_say_without_end() -> None:
    """Goal: bounded memory. Method: packets of ever other links come while nothing can be said; then all is
    read, and a link stands as before."""
    async with LineGround() as ground:
        line = ground.lines[1]
        for number in range(20 * LINKS_PER_LINE_MAX):
            for kind in (PacketKind.PART, PacketKind.CREDIT, PacketKind.ACCEPT):
                line._on(Packet(kind=kind, link=number.to_bytes(4, "big"), payload=b"x" * 8))
        assert len(line._said) <= 4 * LINKS_PER_LINE_MAX
        near, _ = await ground.connect()
        near.send(b"still here")
        assert await ground.far.frames.get() == b"still here"


async def test_a_device_that_is_pulled_out_ends_its_links() -> None:
    """Goal: an end for everybody. Method: close the port under the line."""
    async with LineGround() as ground:
        near, far = await ground.connect()
        ground.lines[0]._stream.close()
        assert (await ground.near.downs.get())[0] is near
        ground.lines[1].close()
        assert (await ground.far.downs.get())[0] is far


def test_what_is_no_serial_port_is_refused(tmp_path: Path) -> None:
    """Goal: a clear no. Method: a file, nothing, a speed nobody has."""
    plain = tmp_path / "file"
    plain.write_bytes(b"")
    with pytest.raises(BadArgument):
        SerialPort(plain)
    with pytest.raises(FileNotFoundError):
        SerialPort(tmp_path / "nothing")
    with pytest.raises(BadArgument):
        SerialPort(plain, 12_345)
