"""One conversation with tor over its control port.

Law: commands go out one at a time and each gets its reply within `REPLY_TIMEOUT_S`; events stand in a bounded
queue of their own. Whatever goes wrong ends the conversation, and everyone who waits in it hears so by an
error with a code. Nothing that a user or a peer wrote goes into a command but through forms checked here.
Source: tor's control-spec.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import MalformedTor, TorAbsent, TorError, TorForbidden, TorRefused
from meshcoal.net.tor.authentication import Offered, authenticate
from meshcoal.net.tor.replies import Reply, ReplyReader

REPLY_TIMEOUT_S: Final = 20.0
CONNECT_TIMEOUT_S: Final = 10.0
EVENTS_MAX: Final = 1_024
_COMMAND_BYTES_MAX: Final = 16 * 1024
_READ_BYTES: Final = 16 * 1024

ControlAddress = Path | tuple[str, int]


class Control:
    """An authenticated conversation. Made by `open`; must be closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()
        self._waiting: asyncio.Future[Reply] | None = None
        self._failure: TorError | None = None
        self._listening: asyncio.Task[None] | None = None
        # None at the end: no event follows.
        self._events: asyncio.Queue[Reply | None] = asyncio.Queue(EVENTS_MAX + 1)
        self.offered: Offered | None = None

    @classmethod
    async def open(cls, address: ControlAddress, entropy: Entropy, *, open_port: bool = False) -> Control:
        """Connect and authenticate.

        Raises:
            TorAbsent: nobody is at the address.
            TorForbidden: the socket or its cookie is not for us.
            MalformedTor: what is there does not speak the control protocol.
        """
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await _connect(address)
        except PermissionError as exc:
            raise TorForbidden(
                "Tor's control socket is not for you. Become a member of the group that may use it (on "
                "Debian: `sudo adduser $USER debian-tor`, then log in again), or let meshcoal start a tor of "
                "its own with `meshcoal tor on --own`."
            ) from exc
        except (OSError, TimeoutError) as exc:
            raise TorAbsent(
                "No tor answers. Install and start it (on Debian: `sudo apt install tor`), or let meshcoal "
                "start one of its own with `meshcoal tor on --own`."
            ) from exc
        control = cls(reader, writer)
        try:
            control._listening = asyncio.create_task(control._listen())
            control.offered = await authenticate(control.ask, entropy, open_port=open_port)
        except BaseException:
            await control.close()
            raise
        return control

    async def ask(self, command: str) -> Reply:
        """Send one command line and wait for its reply, whatever its code.

        Raises:
            TorAbsent: tor has gone.
            MalformedTor: it does not answer, or not as it should.
        """
        line = command.encode("utf-8")
        assert len(line) <= _COMMAND_BYTES_MAX, "a command is bounded"
        assert not {0, 10, 13} & set(line), "a command is one line"
        async with self._turn:
            if self._failure is not None:
                raise self._failure
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                self._writer.write(line + b"\r\n")
                async with asyncio.timeout(REPLY_TIMEOUT_S):
                    return await self._waiting
            except TimeoutError as exc:
                self._end(MalformedTor("Tor does not answer. Start it afresh."))
                raise MalformedTor("Tor does not answer. Start it afresh.") from exc
            finally:
                self._waiting = None

    async def must(self, command: str) -> Reply:
        """As `ask`; a reply that is not 250 raises `TorRefused`. What tor wrote stays out of the sentence."""
        reply = await self.ask(command)
        if not reply.ok:
            verb = command.partition(" ")[0]
            raise TorRefused(
                f"Tor refused {verb} ({reply.code}). Its version may be too old; 0.4.6 is needed."
            )
        return reply

    async def event(self) -> Reply | None:
        """The next event; None once the conversation has ended."""
        return await self._events.get()

    @property
    def failure(self) -> TorError | None:
        """Why it ended; None while it lasts."""
        return self._failure

    async def close(self) -> None:
        """End it. What was added over it, services and keys, tor forgets."""
        self._end(TorAbsent("The conversation with tor has ended."))
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        replies = ReplyReader()
        try:
            while data := await self._reader.read(_READ_BYTES):
                for reply in replies.feed(data):
                    self._take(reply)
        except MalformedTor as error:
            self._end(MalformedTor(f"What is at tor's control port does not speak as tor does: {error}."))
        except OSError:
            pass  # as the end of the stream
        self._end(TorAbsent("Tor has ended, or was started afresh. meshcoal looks for it again by itself."))

    def _take(self, reply: Reply) -> None:
        if reply.is_event:
            if self._events.qsize() >= EVENTS_MAX:
                raise MalformedTor("more events than anybody could read")
            self._events.put_nowait(reply)
        elif self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(reply)
        else:
            raise MalformedTor("a reply to nothing")

    def _end(self, error: TorError) -> None:
        if self._failure is not None:
            return
        self._failure = error
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self._events.put_nowait(None)
        self._writer.close()


async def _connect(address: ControlAddress) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, Path):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection(*address)
