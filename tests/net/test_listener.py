"""The listener in the face of strangers: raw sockets that speak wrongly, slowly, too much or too often."""

from __future__ import annotations

import asyncio
import base64
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meshcoal.errors import DialFailed, LinkClosed, MalformedFrame, OverLimit
from meshcoal.limits import FRAME_BYTES_MAX
from meshcoal.net.admission import Admission, LinkLimits, Place
from meshcoal.net.link import CLOSED
from meshcoal.net.websocket import Patience

sys.path.insert(0, str(Path(__file__).parent))

from linkwork import HOST, WebSocketGround, until

UPGRADE = (
    b"GET /link HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n"
)

DEFLATE_BOMB = zlib.compress(bytes(10_000_000), wbits=-15)[:FRAME_BYTES_MAX]  # 10 MB of zeros, in 10 kB


@pytest.fixture
async def ground() -> AsyncIterator[WebSocketGround]:
    async with WebSocketGround() as ground:
        yield ground


class Stranger:
    """A raw TCP connection to the listener."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def knock(cls, ground: WebSocketGround) -> Stranger:
        return cls(*await asyncio.open_connection(HOST, ground.port))

    @classmethod
    async def upgraded(cls, ground: WebSocketGround) -> Stranger:
        stranger = await cls.knock(ground)
        answer = await stranger.ask(UPGRADE + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        return stranger

    async def ask(self, request: bytes) -> bytes:
        """The head of the answer to a request."""
        self.writer.write(request)
        return await self.reader.readuntil(b"\r\n\r\n")

    def say(self, opcode: int, payload: bytes, *, length: int | None = None, fin: bool = True) -> None:
        """One WebSocket frame (RFC 6455 section 5.2), masked with zeroes; `length` may lie."""
        size = len(payload) if length is None else length
        head = bytes([(0x80 if fin else 0) | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65_536:
            head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
        self.writer.write(head + bytes(4) + payload)

    async def end(self) -> bytes:
        """Everything until the listener hangs up."""
        rest = b""
        while True:
            try:
                data = await self.reader.read(65_536)
            except ConnectionError:
                return rest
            if not data:
                return rest
            rest += data

    async def leave(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /link HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /link HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /robots.txt HTTP/1.0\r\n\r\n",
        b"HEAD /link HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /link HTTP/1.1\r\n" + b"x: y\r\n" * 100 + b"\r\n",
        b"GET /link HTTP/1.1\r\nx: " + b"y" * 10_000 + b"\r\n\r\n",
        UPGRADE.replace(b"/link", b"/") + b"\r\n",
        UPGRADE.replace(b"/link", b"/link?x") + b"\r\n",
        UPGRADE.replace(b"Version: 13", b"Version: 99") + b"\r\n",
        UPGRADE + b"Origin: http://127.0.0.1\r\n\r\n",
        UPGRADE + b"Sec-WebSocket-Protocol: chat\r\n\r\n",
    ],
)
async def test_strangers_get_one_empty_answer(ground: WebSocketGround, request_bytes: bytes) -> None:
    """Goal: a scanner learns nothing of the software. Method: wrong requests of all kinds, one answer."""
    stranger = await Stranger.knock(ground)
    head = await stranger.ask(request_bytes)
    lines = head.decode().split("\r\n")
    assert lines[0] in ("HTTP/1.1 404 Not Found", "HTTP/1.0 404 Not Found")
    names = {line.partition(":")[0].lower() for line in lines[1:] if line}
    assert names <= {"content-length", "date", "connection"}
    assert await stranger.end() == b""
    await stranger.leave()
    assert ground.far.ups.empty()


async def test_the_upgrade_names_no_software_either(ground: WebSocketGround) -> None:
    """Goal: even our own protocol's answer carries only what RFC 6455 asks for. Method: read its headers."""
    stranger = await Stranger.knock(ground)
    head = await stranger.ask(UPGRADE + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
    names = {line.partition(":")[0].lower() for line in head.decode().split("\r\n")[1:] if line}
    assert names == {"upgrade", "connection", "sec-websocket-accept", "date"}
    await stranger.leave()
    assert (await ground.far.downs.get())[1] == CLOSED


@pytest.mark.parametrize(
    ("opcode", "payload", "length", "code"),
    [
        (0x1, b"text", None, MalformedFrame.code),
        (0x2, b"", None, MalformedFrame.code),
        (0x9, b"ping", None, MalformedFrame.code),
        (0x3, b"reserved", None, MalformedFrame.code),
        (0x0, b"continues nothing", None, MalformedFrame.code),
        (0x42, DEFLATE_BOMB, None, MalformedFrame.code),  # RFC 7692: the first reserved bit says "compressed"
        (0x2, b"", FRAME_BYTES_MAX + 1, OverLimit.code),
        (0x2, b"", 2**40, OverLimit.code),
        (0x2, b"", 2**63, OverLimit.code),
    ],
)
async def test_a_peer_that_breaks_the_rules_is_cut_off_and_counted(
    ground: WebSocketGround, opcode: int, payload: bytes, length: int | None, code: str
) -> None:
    """Goal: text, garbage and oversize end the link, before any of the excess is read. Method: raw frames."""
    stranger = await Stranger.upgraded(ground)
    stranger.say(opcode, payload, length=length)
    link, _ = await ground.far.ups.get()
    assert await ground.far.downs.get() == (link, code)
    assert await ground.far.refusals.get() == code
    assert ground.far.frames.empty()
    await stranger.end()
    await stranger.leave()


async def test_a_frame_cannot_grow_in_fragments(ground: WebSocketGround) -> None:
    """Goal: fragments do not lift the bound. Method: two halves that are too large together."""
    stranger = await Stranger.upgraded(ground)
    stranger.say(0x2, bytes(40_000), fin=False)
    stranger.say(0x0, bytes(40_000))
    assert (await ground.far.downs.get())[1] == OverLimit.code
    await stranger.leave()


async def test_raw_garbage_after_the_upgrade_is_cut_off(ground: WebSocketGround) -> None:
    """Goal: garbage never raises. Method: 64 KiB of every byte value."""
    stranger = await Stranger.upgraded(ground)
    stranger.writer.write(bytes(range(255, -1, -1)) * 256)
    assert (await ground.far.downs.get())[1] == MalformedFrame.code
    await stranger.leave()


async def test_a_silent_link_is_closed() -> None:
    """Goal: silence does not hold a place. Method: an idle time of 1 ms and a peer that says nothing."""
    async with WebSocketGround(patience=Patience(idle_ms=1, close_ms=1)) as ground:
        stranger = await Stranger.upgraded(ground)
        assert (await ground.far.downs.get())[1] == LinkClosed.code
        await stranger.end()
        await stranger.leave()


async def test_an_unfinished_request_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a dribble of headers holds no place. Method: half a request, and a header time of 1 ms."""
    monkeypatch.setattr("meshcoal.net.listener.HANDSHAKE_TIMEOUT_MS", 1)
    async with WebSocketGround() as ground:
        stranger = await Stranger.knock(ground)
        stranger.writer.write(UPGRADE)
        assert await stranger.end() == b""
        await stranger.leave()


async def test_a_request_a_byte_at_a_time_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: each further byte buys no time. Method: long headers, a byte at a time."""
    monkeypatch.setattr("meshcoal.net.listener.HANDSHAKE_TIMEOUT_MS", 50)
    async with WebSocketGround() as ground:
        stranger = await Stranger.knock(ground)
        ended = asyncio.create_task(stranger.end())
        request = UPGRADE + (b"X: " + b"y" * 2_000 + b"\r\n") * 20
        sent = 0
        while not ended.done():
            stranger.writer.write(request[sent : sent + 1])
            sent += 1
            await asyncio.sleep(0)
        assert await ended == b""
        assert sent < len(request)
        await stranger.leave()
    assert ground.far.ups.empty()


async def test_an_opener_of_a_thousand_connections_stays_bounded(ground: WebSocketGround) -> None:
    """Goal: one address cannot take all places. Method: open 1,000, count those that stay."""
    limits = LinkLimits()
    crowd = []
    for _ in range(1_000):
        crowd.append(await Stranger.knock(ground))
        assert ground.admission.connections <= limits.links_per_address_max
    for _ in range(1_000 - limits.links_per_address_max):
        assert await ground.far.refusals.get() == OverLimit.code
    for stranger in crowd:
        await stranger.leave()
    await until(lambda: not ground.admission.connections)
    near, _ = await ground.connect()
    near.send(b"still there")
    assert await ground.far.frames.get() == b"still there"


async def test_unconfirmed_links_are_bounded_and_confirmed_ones_stay() -> None:
    """Goal: peers who never finish a handshake push out one another, and nobody else. Method: bound 2, one of
    them confirmed, then three more."""
    async with WebSocketGround(limits=LinkLimits(handshakes_pending_max=2)) as ground:
        near, first = await ground.connect()
        for frame in (b"our part of the handshake", b"the first sealed frame"):
            first.send(frame)
            await ground.near.frames.get()
        _, second = await ground.connect()
        _, third = await ground.connect()
        await ground.connect()
        assert await ground.far.refusals.get() == OverLimit.code
        assert await ground.far.downs.get() == (second, CLOSED)
        await ground.connect()
        assert await ground.far.downs.get() == (third, CLOSED)
        near.send(b"still there")
        assert await ground.far.frames.get() == b"still there"


async def test_links_in_all_are_bounded() -> None:
    """Goal: `links_max` holds for both directions, and a closed link frees its place. Method: bound 1."""
    async with WebSocketGround(limits=LinkLimits(links_max=1)) as ground:
        near, far = await ground.connect()
        await ground.dial(2)
        assert await ground.near.failures.get() == (2, DialFailed.code)
        near.close(CLOSED)
        assert (await ground.far.downs.get())[0] == far
        await until(lambda: not ground.admission.links)
        await ground.connect()


def test_places_are_given_back_once() -> None:
    """Goal: counting cannot drift. Method: give one place back twice, and close a link that is not."""
    admission = Admission(LinkLimits())
    place, _ = admission.accept(HOST, lambda: None)
    assert place is not None
    assert admission.connections == 1
    admission.release(place)
    admission.release(place)
    assert admission.connections == 0
    with pytest.raises(AssertionError):
        admission.close_link()


def test_a_flood_of_sockets_pushes_out_its_own() -> None:
    """Goal: an honest newcomer finds a place, and keeps it, while others open sockets without end. Method:
    one address, then forty, against one that came once."""
    admission = Admission(LinkLimits())
    cut: list[str] = []

    def knock(host: str) -> Place | None:
        return admission.accept(host, lambda: cut.append(host))[0]

    for _ in range(200):
        assert knock("192.0.2.1") is not None
    assert knock("203.0.113.5") is not None
    for number in range(4_000):
        assert knock(f"198.51.100.{number % 40}") is not None
    assert "203.0.113.5" not in cut
    assert admission.connections <= LinkLimits().handshakes_pending_max


def test_proven_places_are_never_pushed_out() -> None:
    """Goal: members keep their links. Method: all of one address's places proven, then one more of it."""
    admission = Admission(LinkLimits(links_per_address_max=3))
    for _ in range(3):
        place, _ = admission.accept(HOST, lambda: pytest.fail("a member was cut off"))
        assert place is not None
        place.proven = lambda: True
    assert admission.accept(HOST, lambda: None) == (None, None)
