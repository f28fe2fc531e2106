"""The local socket: where the user's own programs talk to the daemon.

Law: only this user gets in. A client that sends nonsense gets an error and may go on; one that does not
read is never waited for by anybody but itself: its requests stop being read, its notices become one
`OVERRUN`. Specified in docs/reference/api.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from meshcoal.api import framing
from meshcoal.api.backlog import Backlog
from meshcoal.api.commands import Command, Subscribe
from meshcoal.api.views import Done, ErrorView, Notice
from meshcoal.errors import Busy, DaemonUnreachable, MalformedCommand, MeshcoalError, OverLimit
from meshcoal.home import is_mine, peer_is_me
from meshcoal.limits import API_CLIENTS_MAX, API_REQUESTS_MAX
from meshcoal.wire.record import Record

Answer = Record | MeshcoalError
Respond = Callable[[Answer], None]

_FLUSH_TIMEOUT_S: Final = 2.0
_MESSAGE_CHARS_MAX: Final = 1_000


class Desk(Protocol):
    """Who carries out commands."""

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        """Take a command; call `respond` exactly once, now or later. Clients take turns."""


class ApiServer:
    """Listens on a Unix socket and serves each client."""

    def __init__(self, path: Path, *, version: str, tasks: asyncio.TaskGroup) -> None:
        self._path = path
        self._version = version
        self._desk: Desk | None = None
        self._tasks = tasks
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        self._last_client = 0

    async def open(self, desk: Desk) -> None:
        """Start to listen. The caller holds the home's lock, so a socket that lies there is a dead daemon's.

        Raises:
            DaemonUnreachable: the place of the socket is not safe, or taken.
        """
        self._desk = desk
        folder = self._path.parent
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if not is_mine(folder):
                raise DaemonUnreachable(
                    "The folder for the daemon's socket belongs to, or can be written by, somebody else. "
                    "Make it yours alone (chmod 700), or choose another home."
                )
            folder.chmod(0o700)
            if self._path.exists():
                if not stat.S_ISSOCK(self._path.lstat().st_mode):
                    raise DaemonUnreachable("A file named api.sock is in the way of the daemon's socket.")
                self._path.unlink()
            self._server = await asyncio.start_unix_server(self._admit, str(self._path))
            self._path.chmod(0o600)
        except OSError as exc:
            raise DaemonUnreachable(f"The daemon's socket cannot be made: {exc.strerror}.") from exc

    async def close(self) -> None:
        """Stop listening, send what is queued, and hang up."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._path.unlink(missing_ok=True)
        clients = list(self._clients)
        for client in clients:
            client.finish()
        if clients:
            await asyncio.wait({client.ended for client in clients}, timeout=_FLUSH_TIMEOUT_S)
        for client in clients:
            client.cut()

    def publish(self, notice: Notice) -> None:
        """Tell every client that subscribed."""
        for client in self._clients:
            client.notify(notice)

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not peer_is_me(writer.get_extra_info("socket")):
            writer.transport.abort()
            return
        assert self._desk is not None
        self._last_client += 1
        client = _Client(self._last_client, reader, writer, self._desk)
        client.greet(self._version)
        if len(self._clients) >= API_CLIENTS_MAX:
            client.refuse(Busy(f"The daemon serves {API_CLIENTS_MAX} programs already. Close one of them."))
        else:
            self._clients.add(client)
        self._tasks.create_task(self._serve(client))

    async def _serve(self, client: _Client) -> None:
        try:
            await client.run()
        finally:
            self._clients.discard(client)


class _Client:
    """One connection: reads requests, and writes answers before notices."""

    def __init__(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, desk: Desk
    ) -> None:
        self._number = number
        self._reader = reader
        self._writer = writer
        self._desk = desk
        self._outbox: deque[tuple[bytes, bool]] = deque()  # and whether it answers a request that was read
        self._backlog = Backlog()
        self._subscribed = False
        self._wake = asyncio.Event()
        self._room = asyncio.Semaphore(API_REQUESTS_MAX)
        self._finished = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def greet(self, version: str) -> None:
        self._queue(framing.frame(framing.encode_greeting(version)), counted=False)

    def refuse(self, error: MeshcoalError) -> None:
        """Say why, and hang up."""
        self._answer(0, error, counted=False)
        self.finish()

    def notify(self, notice: Notice) -> None:
        if self._subscribed and not self._finished:
            self._backlog.add(notice)
            self._wake.set()

    def finish(self) -> None:
        """Read no more, write what is queued, and hang up."""
        self._finished = True
        self._wake.set()

    def cut(self) -> None:
        self._writer.transport.abort()

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._read())
                await self._write()
                reading.cancel()
            with contextlib.suppress(OSError, TimeoutError):
                self._writer.close()
                await asyncio.wait_for(self._writer.wait_closed(), _FLUSH_TIMEOUT_S)
        finally:
            self.cut()
            if not self.ended.done():
                self.ended.set_result(None)

    async def _read(self) -> None:
        try:
            while not self._finished:
                await self._room.acquire()
                length = framing.payload_bytes(await self._reader.readexactly(framing.LENGTH_BYTES))
                await self._request(await self._reader.readexactly(length))
        except (OSError, EOFError):
            self.finish()
        except OverLimit as exc:
            # Where the next frame begins is unknown now.
            self.refuse(exc)

    async def _request(self, data: bytes) -> None:
        request = 0
        try:
            request = framing.request_of(data)
            if request == 0:
                raise MalformedCommand("requests are numbered from 1")
            _, command = framing.decode_request(data)
        except MeshcoalError as exc:
            self._answer(request, exc, counted=True)
            return
        if isinstance(command, Subscribe):
            self._subscribed = True
            self._answer(request, Done(), counted=True)
        else:
            await self._desk.submit(
                command, lambda answer: self._answer(request, answer, counted=True), self._number
            )

    def _answer(self, request: int, answer: Answer, *, counted: bool) -> None:
        view = error_view(answer) if isinstance(answer, MeshcoalError) else answer
        try:
            data = framing.frame(framing.encode_answer(request, view))
        except OverLimit as exc:
            data = framing.frame(framing.encode_answer(request, error_view(exc)))
        self._queue(data, counted=counted)

    def _queue(self, data: bytes, *, counted: bool) -> None:
        self._outbox.append((data, counted))
        self._wake.set()

    async def _write(self) -> None:
        try:
            while True:
                while self._outbox or len(self._backlog):
                    counted = False
                    if self._outbox:
                        data, counted = self._outbox.popleft()
                    else:
                        data = framing.frame(framing.encode_answer(0, self._backlog.pop()))
                    self._writer.write(data)
                    await self._writer.drain()
                    if counted:  # only now: who does not read its answers may not ask on
                        self._room.release()
                if self._finished:
                    return
                self._wake.clear()
                await self._wake.wait()
        except OSError:
            self._finished = True


def error_view(error: MeshcoalError) -> ErrorView:
    return ErrorView(code=error.code, message=str(error)[:_MESSAGE_CHARS_MAX])
