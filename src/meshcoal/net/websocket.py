"""A link over a WebSocket: binary messages, one frame each, compression off.

Law: a peer that sends anything but binary messages of 1 to `FRAME_BYTES_MAX` bytes is cut off and counted,
and so is one that does not read what it is sent. Specified in docs/protocol/websocket.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import ClientWebSocketResponse, WebSocketError, WSCloseCode, WSMsgType, web

from meshcoal.errors import LinkClosed, MalformedFrame, OverLimit
from meshcoal.limits import FRAME_BYTES_MAX, LINK_IDLE_TIMEOUT_MS, LINK_QUEUE_BYTES_MAX
from meshcoal.net.link import CLOSED, Sink
from meshcoal.net.meter import Meter
from meshcoal.wire.onion import ONION_TRANSPORT
from meshcoal.wire.path import NEARBY_TRANSPORT, is_local_host

PATH: Final = "/link"
TRANSPORT: Final = "websocket"
ONION: Final = ONION_TRANSPORT  # the same through Tor
NEARBY: Final = NEARBY_TRANSPORT  # the same between two machines of one network
# aiohttp refuses messages of this many bytes and more, before it buffers any of them.
MESSAGE_BYTES_LIMIT: Final = FRAME_BYTES_MAX + 1
_NOTSENT_LOWAT: Final = {"linux": 25, "darwin": 0x201}.get(sys.platform, 0)  # TCP_NOTSENT_LOWAT
_ONION_CLOSE_MS: Final = 15_000
_IP: Final = (socket.AF_INET, socket.AF_INET6)
_UNSENT_BYTES_MAX: Final = 2 * FRAME_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a link waits for what; short ones serve tests."""

    idle_ms: int = LINK_IDLE_TIMEOUT_MS  # without a frame from the peer
    close_ms: int = 2_000  # for the queue to leave and the peer to say goodbye
    queue_bytes_max: int = LINK_QUEUE_BYTES_MAX

    def over_tor(self) -> Patience:
        """As much as a way through six relays needs to carry the last words."""
        return replace(self, close_ms=max(self.close_ms, _ONION_CLOSE_MS))


class WebSocketLink:
    """One end of a WebSocket. `run` lives as long as the link; the other methods never wait."""

    def __init__(
        self,
        number: int,
        stream: web.WebSocketResponse | ClientWebSocketResponse,
        *,
        patience: Patience,
        transport: str = TRANSPORT,
        dialled: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self.number: Final = number
        self.transport: Final = transport
        self.frames_sent = 0
        self._stream = stream
        self._dialled = dialled
        self._meter = meter if transport != NEARBY else None
        if self._meter is not None:
            self._meter.opened()
        self._patience = patience if transport != ONION else patience.over_tor()
        self._raw: socket.socket | None = stream.get_extra_info("socket")
        if self._raw is not None and _NOTSENT_LOWAT and self._raw.family in _IP:
            # What the system holds unsent is in front of everything that is more urgent.
            self._raw.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES_MAX)
        self._queue: deque[bytes | Callable[[], None]] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._abrupt = False

    def send(self, frame: bytes) -> None:
        assert 0 < len(frame) <= FRAME_BYTES_MAX, "a frame has 1 to FRAME_BYTES_MAX bytes"
        if self._end.done():
            return
        if self._queued_bytes + len(frame) > self._patience.queue_bytes_max:
            self._cut_off(OverLimit.code)
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._wake.set()

    def tell_sent(self, tell: Callable[[], None]) -> None:
        if not self._end.done():
            self._queue.append(tell)
            self._wake.set()

    def close(self, code: str) -> None:
        if not self._end.done():
            self._end.set_result(code)
            self._wake.set()

    def _cut_off(self, code: str) -> None:
        """End the link at once: the peer broke a rule of this module."""
        if not self._end.done():
            self._abrupt = True
            self.close(code)

    async def run(self, sink: Sink, dial: int | None) -> None:
        """Announce the link, carry frames both ways until it ends, and say that it has."""
        try:
            await sink.link_up(self, dial)
        except asyncio.CancelledError:
            self._cut()
            raise
        try:
            async with asyncio.TaskGroup() as group:
                reader = group.create_task(self._read(sink))
                writer = group.create_task(self._write())
                await asyncio.shield(self._end)
                reader.cancel()
                if not self._abrupt:
                    await asyncio.wait({writer}, timeout=self._patience.close_ms / 1000)
                writer.cancel()
            if not self._abrupt:
                # The close frame never says why: every end looks the same from outside.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._patience.close_ms / 1000):
                        await self._stream.close()
        finally:
            self._cut()
            if not self._end.done():
                self._end.set_result(CLOSED)
            if self._abrupt:
                sink.refused(self._end.result())
            sink.link_down(self, self._end.result())

    async def _write(self) -> None:
        while True:
            while self._queue:
                frame = self._queue[0]
                if not isinstance(frame, bytes):
                    self._queue.popleft()
                    if not self._end.done():
                        frame()
                    continue
                try:
                    await self._stream.send_bytes(frame)
                except OSError:  # aiohttp's own connection errors are among these
                    self.close(CLOSED)
                    return
                self._queue.popleft()
                self._queued_bytes -= len(frame)
                self.frames_sent += 1
                if self._meter is not None:
                    self._meter.frame(len(frame), masked=self._dialled)
            if self._end.done():
                return
            self._wake.clear()
            await self._wake.wait()

    async def _read(self, sink: Sink) -> None:
        loop = asyncio.get_running_loop()
        idle = self._patience.idle_ms / 1000
        while True:
            try:
                async with asyncio.timeout_at(loop.time() + idle):
                    message = await self._stream.receive()
            except TimeoutError:
                self.close(LinkClosed.code)
                return
            if self._meter is not None and isinstance(message.data, bytes):
                self._meter.frame(len(message.data), masked=not self._dialled)
            if message.type is WSMsgType.BINARY and message.data:
                await sink.frame(self, message.data)
                continue
            code = _verdict(message.type, message.data)
            if code == CLOSED:
                self.close(code)
            else:
                self._cut_off(code)
            return

    def _cut(self) -> None:
        # The transport's own close would wait for a peer that does not read; shutting the socket down does
        # not, and the transport notices.
        if self._raw is not None:
            with contextlib.suppress(OSError):
                self._raw.shutdown(socket.SHUT_RDWR)


def transport_to(peername: object) -> str:
    """How a link goes whose socket is connected to this address: over one network only, or beyond."""
    host = peername[0] if isinstance(peername, tuple) and peername else ""
    return NEARBY if isinstance(host, str) and is_local_host(host) else TRANSPORT


def _verdict(kind: WSMsgType, data: object) -> str:
    """Why a message that is no frame ends the link."""
    if kind in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
        return CLOSED
    if kind is WSMsgType.ERROR:
        if not isinstance(data, WebSocketError):
            return CLOSED  # the connection broke
        if data.code == WSCloseCode.MESSAGE_TOO_BIG:
            return OverLimit.code
    return MalformedFrame.code
