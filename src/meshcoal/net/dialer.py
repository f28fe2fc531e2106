"""Opens links to other nodes.

Law: a dial ends within `DIAL_TIMEOUT_MS`, through Tor within `ONION_TIMEOUT_MS`, in a link or in
`dial_failed`, whatever the other side does. It follows no redirect, uses no proxy but tor for onion
addresses, keeps no cookie and names no software. Where direct paths are closed no socket is opened and no
name resolved.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from meshcoal.errors import (
    BadArgument,
    DialFailed,
    LinkError,
    MalformedOnion,
    OnionUnreachable,
    OverLimit,
    PathClosed,
    TorOff,
)
from meshcoal.net import address
from meshcoal.net.admission import Admission
from meshcoal.net.link import Sink
from meshcoal.net.meter import Meter
from meshcoal.net.websocket import MESSAGE_BYTES_LIMIT, ONION, PATH, Patience, WebSocketLink, transport_to
from meshcoal.wire.onion import OnionHint, decode_onion, is_onion

DIAL_TIMEOUT_MS: Final = 10_000
# Beyond it tor may still be at it: it waits a minute and more where a descriptor it holds is out of date.
ONION_TIMEOUT_MS: Final = 45_000
DIALS_AT_ONCE_MAX: Final = 96  # silent addresses, three of a peer, keep their place for `DIAL_TIMEOUT_MS`

OnionConnect = Callable[[OnionHint, bytes], Awaitable[socket.socket]]


class Dialer:
    """Dials hints. Must be closed."""

    def __init__(
        self,
        *,
        sink: Sink,
        numbers: Iterator[int],
        admission: Admission,
        patience: Patience,
        timeout_ms: int = DIAL_TIMEOUT_MS,
        onion_timeout_ms: int = ONION_TIMEOUT_MS,
        meter: Meter | None = None,
    ) -> None:
        self._meter = meter
        self._sink = sink
        self._numbers = numbers
        self._admission = admission
        self._patience = patience
        self._timeout_ms = timeout_ms
        self._onion_timeout_ms = onion_timeout_ms
        self.direct = True  # whether addresses other than onions may be dialled
        self.onion: OnionConnect | None = None  # how onions are reached; None: not at all
        self._turns = asyncio.Semaphore(DIALS_AT_ONCE_MAX)
        self._session: aiohttp.ClientSession | None = None

    async def dial(self, dial: int, hint: str, apart: bytes = b"") -> None:
        """Open a link to `hint` and carry it until it ends, or report `dial_failed`.

        Args:
            apart: through Tor, links to one service of which this differs never share a circuit.
        """
        if not self._admission.open_link():
            self._sink.dial_failed(dial, OverLimit.code)
            return
        try:
            if is_onion(hint):
                await self._through_tor(dial, hint, apart)
            else:
                await self._directly(dial, hint)
        finally:
            self._admission.close_link()

    async def _directly(self, dial: int, hint: str) -> None:
        if not self.direct:
            self._sink.dial_failed(dial, PathClosed.code)
            return
        try:
            async with self._turns, asyncio.timeout(self._timeout_ms / 1000):
                stream = await self._connect(*address.parse(hint))
        except (aiohttp.ClientError, OSError, TimeoutError, BadArgument):
            self._sink.dial_failed(dial, DialFailed.code)
            return
        await self._carry(dial, stream, transport_to(stream.get_extra_info("peername")))

    async def _through_tor(self, dial: int, hint: str, apart: bytes) -> None:
        session: aiohttp.ClientSession | None = None
        through: OneSocket | None = None
        try:
            try:
                async with self._turns, asyncio.timeout(self._onion_timeout_ms / 1000):
                    where = decode_onion(hint)
                    if self.onion is None:
                        raise TorOff("Tor is off.")
                    through = OneSocket(await self.onion(where, apart))
                    session = _session(through)
                    stream = await self._ask(session, where.host, where.port)
            except (LinkError, MalformedOnion) as refusal:
                self._sink.dial_failed(dial, refusal.code)
                return
            except TimeoutError:
                self._sink.dial_failed(dial, OnionUnreachable.code)
                return
            except (aiohttp.ClientError, OSError):
                self._sink.dial_failed(dial, DialFailed.code)
                return
            await self._carry(dial, stream, ONION)
        finally:
            if through is not None:
                through.drop()
            if session is not None:
                await session.close()

    async def _carry(self, dial: int, stream: aiohttp.ClientWebSocketResponse, transport: str) -> None:
        link = WebSocketLink(
            next(self._numbers),
            stream,
            patience=self._patience,
            transport=transport,
            dialled=True,
            meter=self._meter,
        )
        try:
            await link.run(self._sink, dial)
        finally:
            stream._response.close()  # what was cut off stays open else, as far as the library knows

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _connect(self, host: str, port: int) -> aiohttp.ClientWebSocketResponse:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, force_close=True, use_dns_cache=False)
            self._session = _session(connector)
        return await self._ask(self._session, host, port)

    async def _ask(
        self, session: aiohttp.ClientSession, host: str, port: int
    ) -> aiohttp.ClientWebSocketResponse:
        return await session.ws_connect(
            URL.build(scheme="http", host=host, port=port, path=PATH),
            autoping=False,
            compress=0,
            max_msg_size=MESSAGE_BYTES_LIMIT,
            timeout=aiohttp.ClientWSTimeout(ws_close=self._patience.close_ms / 1000),
        )


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=(
            aiohttp.hdrs.USER_AGENT,
            aiohttp.hdrs.ACCEPT,
            aiohttp.hdrs.ACCEPT_ENCODING,
        ),
        middlewares=(_stay_here,),
    )
    # Else a connection that is closed at once is made a second time, unseen by any back-off.
    session._retry_connection = False
    return session


class OneSocket(aiohttp.BaseConnector):
    """Gives the one connection that tor has made."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(limit=1, force_close=True)
        self._connected: socket.socket | None = connected

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[aiohttp.tracing.Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # the library's own name
    ) -> aiohttp.client_proto.ResponseHandler:
        connected, self._connected = self._connected, None
        if connected is None:
            raise aiohttp.ClientConnectionError("one connection, one use")
        _, protocol = await self._loop.create_connection(self._factory, sock=connected)
        return protocol

    def drop(self) -> None:
        """Close the connection, if it was not used."""
        connected, self._connected = self._connected, None
        if connected is not None:
            connected.close()


async def _stay_here(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    # `ws_connect` follows redirects: a peer could make us knock at doors of its choice.
    response = await handler(request)
    if response.status != 101:
        response.close()
        raise aiohttp.ClientConnectionError("no WebSocket there")
    return response
