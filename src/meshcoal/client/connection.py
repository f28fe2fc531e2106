"""A client of the daemon: commands out, views back, notices in between.

Law: a client never talks to another user's daemon, for it hands over the passphrase. A view that arrives
answers the request whose number it carries; a connection that ends fails every request still open.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from meshcoal.api import framing
from meshcoal.api.backlog import Backlog
from meshcoal.api.commands import Command, Subscribe
from meshcoal.api.views import ErrorView, Notice
from meshcoal.errors import DaemonUnreachable, Malformed, MalformedCommand, MeshcoalError, OverLimit, by_code
from meshcoal.home import is_mine, peer_is_me, socket_path
from meshcoal.wire.record import Record

RETRY_MIN_MS: Final = 10
RETRY_MAX_MS: Final = 250


class Client:
    """One connection. Make it with `connect`; close it when done."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: str) -> None:
        self.version: Final = version  # the daemon's
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[Record]] = {}
        self._backlog = Backlog()
        self._news = asyncio.Event()  # a notice, or the end
        self._end: MeshcoalError | None = None
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, home: Path, *, patience_ms: int = 0) -> Client:
        """A connection to the daemon of `home`.

        Args:
            patience_ms: how long to try again while no daemon answers, as when it is just starting.

        Raises:
            DaemonUnreachable: none answers, or it is not this user's.
            VersionMismatch: it speaks another version.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_ms / 1000
        wait_s = RETRY_MIN_MS / 1000
        while True:
            try:
                return await cls._connect_once(home)
            except DaemonUnreachable:
                if loop.time() >= until:
                    raise
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, RETRY_MAX_MS / 1000)

    @classmethod
    async def _connect_once(cls, home: Path) -> Client:
        path = socket_path(home)
        if path.exists() and not is_mine(path.parent):
            raise DaemonUnreachable(
                "The folder of the daemon's socket belongs to, or can be written by, somebody else. "
                "Nothing was sent there."
            )
        try:
            reader, writer = await asyncio.open_unix_connection(str(path))
        except OSError as exc:
            raise absent() from exc
        try:
            if not peer_is_me(writer.get_extra_info("socket")):
                raise DaemonUnreachable(
                    "The daemon that answers belongs to another user. Nothing was sent to it."
                )
            version = framing.check_greeting(await _payload(reader))
        except BaseException as exc:
            await _hang_up(writer)
            if isinstance(exc, (OSError, EOFError, OverLimit)):
                raise absent() from exc
            raise
        return cls(reader, writer, version)

    async def send(self, command: Command) -> Record:
        """The daemon's view.

        Raises:
            MeshcoalError: what the daemon answered, as the class that carries its code.
            DaemonUnreachable: the connection is, or went, down. The command may have been carried out.
        """
        if self._end is not None:
            raise type(self._end)(str(self._end))
        request = next(self._numbers)
        answer: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        data = framing.frame(framing.encode_request(request, command))
        self._open[request] = answer
        try:
            self._writer.write(data)
            await self._drain()
            view = await answer
        finally:
            self._open.pop(request, None)
        if isinstance(view, ErrorView):
            raise by_code(view.code)(view.message)
        return view

    async def notices(self) -> AsyncGenerator[Notice, None]:
        """Subscribe, then yield notices until the daemon hangs up."""
        await self.send(Subscribe())
        while True:
            while len(self._backlog):
                yield self._backlog.pop()
            if self._end is not None:
                return
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        """Hang up. Open requests fail. Again is allowed."""
        self._finish(DaemonUnreachable("The connection to the daemon was closed."))
        self._task.cancel()
        await asyncio.wait({self._task})
        await _hang_up(self._writer)

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except OSError:
            return  # the reader meets the same end, and tells everybody

    async def _read(self) -> None:
        try:
            while True:
                request, view = framing.decode_answer(await _payload(self._reader))
                if request:
                    answer = self._open.get(request)
                    if answer is not None and not answer.done():
                        answer.set_result(view)
                elif isinstance(view, Notice):
                    self._backlog.add(view)
                    self._news.set()
                elif isinstance(view, ErrorView):
                    self._finish(by_code(view.code)(view.message))
                    return
                else:
                    raise MalformedCommand("a view arrived that answers nothing")
        except (OSError, EOFError):
            self._finish(DaemonUnreachable("The daemon ended the connection before it answered."))
        except (Malformed, OverLimit) as exc:
            self._finish(exc)
        finally:
            self._writer.transport.abort()

    def _finish(self, reason: MeshcoalError) -> None:
        if self._end is None:
            self._end = reason
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(type(reason)(str(reason)))
        self._news.set()


def absent() -> DaemonUnreachable:
    """The sentence for a home whose daemon does not answer."""
    return DaemonUnreachable("The daemon does not run. Start it with `meshcoal daemon start`.")


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _payload(reader: asyncio.StreamReader) -> bytes:
    length = await reader.readexactly(framing.LENGTH_BYTES)
    return await reader.readexactly(framing.payload_bytes(length))
