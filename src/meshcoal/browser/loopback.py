"""A port on this machine's loopback: who is at the other end, and how much anybody may hold open.

Law: only this user's programs are answered, where the system tells whose a connection is (Linux does). A
connection is one request; who is slow is cut off, and the slowest first where there are too many.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import time
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

HOST: Final = "127.0.0.1"
CONNECTIONS_MAX: Final = 32
HEADERS_S: Final = 10.0  # until a whole request line with its headers has come
CONNECTION_S: Final = 180.0  # altogether; a file of the largest size takes a few seconds
_TABLE: Final = Path("/proc/net/tcp")
_TABLE_BYTES_MAX: Final = 8 * 1024 * 1024


def owner_of(peer_port: int, own_port: int) -> int | None:
    """The user whose socket is at the other end of a loopback connection; None where that is not told."""
    try:
        with _TABLE.open("rb") as table:
            lines = table.read(_TABLE_BYTES_MAX).decode("ascii", "replace").splitlines()
    except OSError:
        return None
    wanted = [_spelled(peer_port), _spelled(own_port)]
    for line in lines[1:]:
        columns = line.split()
        if columns[1:3] == wanted:
            return int(columns[7])
    return None


def _spelled(port: int) -> str:
    """As proc(5) writes it: the address as the machine keeps it, in hexadecimal."""
    (number,) = struct.unpack("=I", socket.inet_aton(HOST))
    return f"{number:08X}:{port:04X}"


class Door:
    """Listens, and keeps the connections few."""

    def __init__(self, server: web.Server) -> None:
        self._server = server
        self._open: dict[RequestHandler, tuple[float, bool]] = {}  # when it came; whether its request is here
        self._listening: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Take any free port. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._admit, HOST, 0, reuse_address=False)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Take nothing more, and let go of what is open."""
        if self._listening is not None:
            self._listening.close()
        await self._server.shutdown(1.0)

    def is_mine(self, request: web.BaseRequest) -> bool:
        """Whether a program of this user asks, as far as the system tells."""
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        owner = owner_of(peer[1], self.port) if peer is not None else None
        return owner is None or owner == os.getuid()

    def begun(self, request: web.BaseRequest) -> None:
        """Its headers are here."""
        handler = request.protocol
        if handler in self._open:
            self._open[handler] = (self._open[handler][0], True)

    def _admit(self) -> RequestHandler:
        self._prune()
        if len(self._open) >= CONNECTIONS_MAX:
            slowest = min(self._open, key=lambda one: (self._open[one][1], self._open[one][0]))
            self._cut(slowest)
        handler = self._server()
        self._open[handler] = (time.monotonic(), False)
        loop = asyncio.get_running_loop()
        loop.call_later(HEADERS_S, self._expect, handler)
        loop.call_later(CONNECTION_S, self._cut, handler)
        return handler

    def _prune(self) -> None:
        gone = [one for one in self._open if one.transport is None and self._open[one][1]]
        for one in gone:
            del self._open[one]

    def _expect(self, handler: RequestHandler) -> None:
        if not self._open.get(handler, (0.0, True))[1]:
            self._cut(handler)

    def _cut(self, handler: RequestHandler) -> None:
        self._open.pop(handler, None)
        if handler.transport is not None:
            with contextlib.suppress(OSError):
                handler.transport.abort()
