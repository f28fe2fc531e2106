"""Where other nodes' links come in.

Law: whoever does not speak our protocol learns nothing: every other request gets the same empty 404, which
names no software. Sockets are counted from the moment they are accepted; one that has not finished its
request within `HANDSHAKE_TIMEOUT_MS` is closed. Specified in docs/protocol/websocket.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from aiohttp import hdrs, web

from meshcoal.errors import OverLimit
from meshcoal.limits import HANDSHAKE_TIMEOUT_MS
from meshcoal.net.admission import Admission, Place
from meshcoal.net.link import Sink, Tasks
from meshcoal.net.meter import Meter
from meshcoal.net.websocket import (
    MESSAGE_BYTES_LIMIT,
    ONION,
    PATH,
    TRANSPORT,
    Patience,
    WebSocketLink,
    transport_to,
)

# A responder says one thing in each of our handshakes (docs/protocol/session.md), nothing to a stranger,
# and the second only to a peer that finished it. Until then a link that came in counts as unconfirmed.
CONFIRMED_AFTER_FRAMES: Final = 2
_HEADER_BYTES_MAX: Final = 2_048
_HEADERS_MAX: Final = 32


class Listener:
    """Accepts links on one address at a time, and from tor for any number of onion services."""

    def __init__(
        self,
        *,
        sink: Sink,
        tasks: Tasks,
        numbers: Iterator[int],
        admission: Admission,
        patience: Patience,
        meter: Meter | None = None,
    ) -> None:
        self._meter = meter
        self._sink = sink
        self._tasks = tasks
        self._numbers = numbers
        self._admission = admission
        self._patience = patience
        self._places: dict[web.RequestHandler, Place] = {}
        self._door: _Door | None = None
        self._server: asyncio.Server | None = None
        self._onions: dict[bytes, tuple[_Door, asyncio.Server]] = {}

    async def open(self, host: str, port: int) -> int:
        """Start to listen; port 0 picks a free one. Returns the port.

        Raises:
            OSError: the address cannot be bound.
        """
        assert self._server is None, "one address at a time"
        self._door = self._new_door(TRANSPORT)
        self._server = await asyncio.get_running_loop().create_server(self._door, host, port)
        bound = self._server.sockets[0].getsockname()[1]
        assert isinstance(bound, int)
        return bound

    def retire(self) -> None:
        """Stop listening. Links that came in live on, until `close`."""
        if self._server is not None:
            self._server.close()

    @property
    def deserted(self) -> bool:
        """Nobody is at the door and no link that came in through it stands."""
        return self._door is None or not self._door.connections

    async def close(self) -> None:
        """Stop listening and end whatever came in."""
        server, self._server = self._server, None
        door, self._door = self._door, None
        if server is None or door is None:
            return
        server.close()
        await door.shutdown(timeout=0.1)

    async def open_onion(self, service: bytes, path: Path | None) -> str:
        """Start to take what tor brings to one of our services, and say where, in tor's words.

        Args:
            service: the service's public key.
            path: where its socket is to be; None: a port of its own on loopback, for a tor of another user,
                which can reach no file of ours.

        Raises:
            OSError: the socket cannot be made.
        """
        await self.close_onion(service)
        loop = asyncio.get_running_loop()
        door = self._new_door(ONION, f"onion {service.hex()}")
        if path is not None:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            server: asyncio.Server = await loop.create_unix_server(door, path)
            await asyncio.to_thread(path.chmod, 0o600)
            where = f"unix:{path}"
        else:
            server = await loop.create_server(door, "127.0.0.1", 0)
            where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._onions[service] = door, server
        return where

    async def close_onion(self, service: bytes) -> None:
        """Take no more for this service. Its links live on until they are closed."""
        found = self._onions.pop(service, None)
        if found is not None:
            door, server = found
            server.close()
            await door.shutdown(timeout=0.1)

    async def close_onions(self) -> None:
        for service in list(self._onions):
            await self.close_onion(service)

    def _new_door(self, transport: str, service: str = "") -> _Door:
        answer = functools.partial(self._answer, transport)
        return _Door(answer, self._admission, self._sink, self._places, service)

    async def _answer(self, transport: str, request: web.BaseRequest) -> web.StreamResponse:
        stream = web.WebSocketResponse(
            timeout=self._patience.close_ms / 1000,
            autoping=False,
            compress=False,
            max_msg_size=MESSAGE_BYTES_LIMIT,
        )
        # No node sends an Origin; a web page that tries to reach a node on its reader's machine has to.
        stranger = hdrs.ORIGIN in request.headers or hdrs.SEC_WEBSOCKET_PROTOCOL in request.headers
        if request.raw_path != PATH or stranger or not stream.can_prepare(request).ok:
            return _nothing()
        place = self._places.get(request.protocol)
        if place is None or not self._admission.open_link():
            self._sink.refused(OverLimit.code)
            return _nothing()
        try:
            with contextlib.suppress(OSError):
                await stream.prepare(request)
                if transport == TRANSPORT:
                    transport = transport_to(stream.get_extra_info("peername"))
                link = WebSocketLink(
                    next(self._numbers),
                    stream,
                    patience=self._patience,
                    transport=transport,
                    meter=self._meter,
                )
                place.proven = lambda: link.frames_sent >= CONFIRMED_AFTER_FRAMES
                # In the daemon's own group, so that a bug in it ends the daemon.
                await asyncio.wait({self._tasks.create_task(link.run(self._sink, None))})
        finally:
            self._admission.close_link()
        return stream


class _Door(web.Server):
    """Counts sockets as they come and go, and turns away those over the limit."""

    def __init__(
        self,
        handler: Any,
        admission: Admission,
        sink: Sink,
        places: dict[web.RequestHandler, Place],
        service: str,
    ) -> None:
        super().__init__(
            handler,
            request_factory=_Request.make,
            access_log=None,
            # From the first byte to the end of the request: no slow dribble of headers holds a place.
            keepalive_timeout=HANDSHAKE_TIMEOUT_MS / 1000,
            lingering_time=0,
            max_line_size=_HEADER_BYTES_MAX,
            max_field_size=_HEADER_BYTES_MAX,
            max_headers=_HEADERS_MAX,
        )
        self._admission = admission
        self._sink = sink
        self._places = places
        self._service = service  # an onion service of ours, or nothing

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        name = transport.get_extra_info("peername")
        host = name[0] if name else ""
        place, pushed = self._admission.accept(host, transport.abort, service=self._service)
        if place is not None:
            self._places[handler] = place
        else:
            transport.abort()
        if place is None or pushed is not None:
            self._sink.refused(OverLimit.code)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        place = self._places.pop(handler, None)
        if place is not None:
            self._admission.release(place)


class _Connection(web.RequestHandler):
    """Answers broken requests as it answers all others, and keeps silent about them."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun")
        return _nothing()

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """What a stranger sent is nobody's business: the library would log it with its address."""


class _Request(web.BaseRequest):
    @classmethod
    def make(cls, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return cls(message, payload, protocol, writer, task, asyncio.get_running_loop())

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.popall(hdrs.SERVER, None)
        response.headers.popall(hdrs.CONTENT_TYPE, None)


def _nothing() -> web.Response:
    response = web.Response(status=404)
    response.force_close()
    return response
