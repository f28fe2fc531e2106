"""The dialer in the face of listeners that are absent, silent or false."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.errors import DialFailed, MalformedFrame, OverLimit
from meshcoal.net.admission import Admission, LinkLimits
from meshcoal.net.dialer import Dialer
from meshcoal.net.websocket import Patience

sys.path.insert(0, str(Path(__file__).parent))

from linkwork import HOST, WebSocketGround

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[int]:
    """A TCP server of the test's own making; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("hint", ["nonsense", f"{HOST}:1", "name.invalid:7", "[::1]:1", "x/y:1"])
async def test_a_dial_to_nobody_fails_with_a_code(hint: str) -> None:
    """Goal: every failure is a value. Method: hints that do not parse, resolve or answer."""
    async with WebSocketGround() as ground:
        await ground.dial(7, hint)
        assert await ground.near.failures.get() == (7, DialFailed.code)


async def test_a_silent_listener_is_given_up() -> None:
    """Goal: a dial ends. Method: a server that never answers, and a dial time of 1 ms."""
    gone = asyncio.Event()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        while await reader.read(1024):
            pass
        gone.set()

    async with listening(silence) as port, WebSocketGround(dial_timeout_ms=1) as ground:
        await ground.dial(1, f"{HOST}:{port}")
        assert await ground.near.failures.get() == (1, DialFailed.code)
        await gone.wait()


async def test_no_redirect_is_followed_and_no_software_named() -> None:
    """Goal: a peer cannot send us elsewhere or learn what we run. Method: a redirect; read what we asked."""
    asked: list[bytes] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        port = writer.get_extra_info("sockname")[1]
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/x\r\nContent-Length: 0\r\n\r\n" % port
        )
        await writer.drain()

    async with listening(redirect) as port, WebSocketGround() as ground:
        await ground.dial(1, f"{HOST}:{port}")
        assert await ground.near.failures.get() == (1, DialFailed.code)
    assert len(asked) == 1
    names = {line.partition(b":")[0].lower() for line in asked[0].split(b"\r\n")[1:] if line}
    assert names == {
        b"host",
        b"upgrade",
        b"connection",
        b"sec-websocket-version",
        b"sec-websocket-key",
    }


@pytest.mark.parametrize(
    "junk", [b"", b"\x00" * 4096, b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"HTTP/9 1\r\n\r\n"]
)
async def test_a_false_listener_is_a_failed_dial(junk: bytes) -> None:
    """Goal: what a listener answers raises nothing. Method: nothing, zeroes, a hollow upgrade, nonsense."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(junk)
        await writer.drain()

    async with listening(answer) as port, WebSocketGround() as ground:
        await ground.dial(1, f"{HOST}:{port}")
        assert await ground.near.failures.get() == (1, DialFailed.code)


async def test_a_dial_is_one_connection() -> None:
    """Goal: no try beside those that back-off knows of. Method: count connections that are closed at once."""
    connections = 0

    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    async with listening(slam) as port, WebSocketGround() as ground:
        for dial in (1, 2):
            await ground.dial(dial, f"{HOST}:{port}")
            assert await ground.near.failures.get() == (dial, DialFailed.code)
    assert connections == 2


async def test_a_listener_that_compresses_unasked_is_cut_off() -> None:
    """Goal: no decompression, whatever the other side says was agreed. Method: an upgrade that names
    permessage-deflate, then ten megabytes of zeros in one small compressed frame."""
    bomb = zlib.compress(bytes(10_000_000), wbits=-15)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        key = next(line for line in asked.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        magic = key.partition(b": ")[2] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
        accept = base64.b64encode(hashlib.sha1(magic).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        writer.write(b"\xc2\x7e" + len(bomb).to_bytes(2, "big") + bomb)
        await writer.drain()
        await reader.read()

    async with listening(answer) as port, WebSocketGround() as ground:
        ground.dial(1, f"{HOST}:{port}")
        link, dial = await ground.near.ups.get()
        assert dial == 1
        assert await ground.near.downs.get() == (link, MalformedFrame.code)
        assert ground.near.frames.empty()


async def test_dialling_stops_at_the_bound_of_links() -> None:
    """Goal: dials count as links. Method: a node that may have none."""
    async with WebSocketGround() as ground:
        dialer = Dialer(
            sink=ground.near,
            numbers=iter(()),
            admission=Admission(LinkLimits(links_max=0)),
            patience=Patience(),
        )
        await dialer.dial(1, f"{HOST}:{ground.port}")
        assert await ground.near.failures.get() == (1, OverLimit.code)
        await dialer.close()
