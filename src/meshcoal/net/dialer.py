"""Opens links to other nodes.

Law: a dial ends within `DIAL_TIMEOUT_MS` in a link or in `dial_failed`, whatever the other side does. It
follows no redirect, uses no proxy, keeps no cookie and names no software.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from meshcoal.errors import BadArgument, DialFailed, OverLimit
from meshcoal.net import address
from meshcoal.net.admission import Admission
from meshcoal.net.link import Sink
from meshcoal.net.websocket import MESSAGE_BYTES_LIMIT, PATH, Patience, WebSocketLink

DIAL_TIMEOUT_MS: Final = 10_000
DIALS_AT_ONCE_MAX: Final = 96  # silent addresses, three of a peer, keep their place for `DIAL_TIMEOUT_MS`


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
    ) -> None:
        self._sink = sink
        self._numbers = numbers
        self._admission = admission
        self._patience = patience
        self._timeout_ms = timeout_ms
        self._turns = asyncio.Semaphore(DIALS_AT_ONCE_MAX)
        self._session: aiohttp.ClientSession | None = None

    async def dial(self, dial: int, hint: str) -> None:
        """Open a link to `hint` and carry it until it ends, or report `dial_failed`."""
        if not self._admission.open_link():
            self._sink.dial_failed(dial, OverLimit.code)
            return
        try:
            try:
                async with self._turns, asyncio.timeout(self._timeout_ms / 1000):
                    stream = await self._connect(*address.parse(hint))
            except (aiohttp.ClientError, OSError, TimeoutError, BadArgument):
                self._sink.dial_failed(dial, DialFailed.code)
                return
            link = WebSocketLink(next(self._numbers), stream, patience=self._patience)
            await link.run(self._sink, dial)
        finally:
            self._admission.close_link()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _connect(self, host: str, port: int) -> aiohttp.ClientWebSocketResponse:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True, use_dns_cache=False),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=(
                    aiohttp.hdrs.USER_AGENT,
                    aiohttp.hdrs.ACCEPT,
                    aiohttp.hdrs.ACCEPT_ENCODING,
                ),
                middlewares=(_stay_here,),
            )
            # Else a connection that is closed at once is made a second time, unseen by any back-off.
            self._session._retry_connection = False
        return await self._session.ws_connect(
            URL.build(scheme="http", host=host, port=port, path=PATH),
            autoping=False,
            compress=0,
            max_msg_size=MESSAGE_BYTES_LIMIT,
            timeout=aiohttp.ClientWSTimeout(ws_close=self._patience.close_ms / 1000),
        )


async def _stay_here(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    # `ws_connect` follows redirects: a peer could make us knock at doors of its choice.
    response = await handler(request)
    if response.status != 101:
        response.close()
        raise aiohttp.ClientConnectionError("no WebSocket there")
    return response
