"""One node of the rehearsal: a daemon of its own as a process, and a connection to it.

Law: whatever happens to a player's daemon is said with the player's name. No daemon outlives the one who
holds the leash, not even if that one is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

from meshcoal.api.commands import Command, CreateVault, ListCampaigns, StopDaemon, Unlock
from meshcoal.api.views import StatusView
from meshcoal.client.autostart import answers
from meshcoal.client.connection import Client
from meshcoal.errors import DaemonUnreachable, Locked, MeshcoalError, RehearsalFailed
from meshcoal.net.processes import ended
from meshcoal.rehearsal.cast import Part
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)

START_TIMEOUT_S: Final = 60.0
ANSWER_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
_RETRY_MS: Final = 500
_LISTEN: Final = "127.0.0.1:0"


class Player:
    """A part and its node."""

    def __init__(
        self, part: Part, home: Path, passphrase: str, *, leash: int, news: Callable[[], None]
    ) -> None:
        """
        Args:
            home: where the node's files are; made by the daemon.
            leash: reading end of a pipe; the daemon ends when the other end is closed.
            news: called whenever the node says that something changed, and when it ends.
        """
        self.part = part
        self.home = home
        self._passphrase = passphrase
        self._leash = leash
        self._news = news
        self._process: asyncio.subprocess.Process | None = None
        self._client: Client | None = None
        self._listening: asyncio.Task[None] | None = None
        self.when_locked: Callable[[str], Awaitable[None]] | None = (
            None  # told the passphrase, then asked again
        )

    @property
    def name(self) -> str:
        return self.part.name

    @property
    def online(self) -> bool:
        """Whether the node was started, and not sent away since."""
        return self._client is not None

    # --- The process

    async def start(self) -> None:
        """Start the daemon and connect. Raises `RehearsalFailed`."""
        arguments = ["--home", str(self.home), "--leash-fd", str(self._leash)]
        if not self.home.exists():
            arguments += ["--listen", _LISTEN]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "meshcoal.daemon"),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(self._leash,),
            start_new_session=True,  # Ctrl-C is for the one who holds the leash
        )
        self._client = await self._connected(self._process)
        self._listening = asyncio.create_task(self._listen(self._client))

    async def make_vault(self) -> None:
        """Make the identity and its vault. Takes a second on purpose."""
        await self.ask(CreateVault(name=self.name, passphrase=self._passphrase), StatusView)

    async def unlock(self) -> None:
        await self.ask(Unlock(passphrase=self._passphrase), StatusView)

    async def leave(self) -> None:
        """End the daemon as a shutdown of the machine does, and wait until it has ended."""
        assert self._process is not None, "started"
        await self._hang_up()
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        await ended(self._process, STOP_TIMEOUT_S)

    async def end(self) -> None:
        """Hang up and wait for the daemon to end; the leash is let go already. Again is allowed."""
        await self._hang_up()
        if self._process is not None:
            await ended(self._process, STOP_TIMEOUT_S)
        if answers(self.home):
            # An interface that lost its daemon starts another one, which nobody holds on a leash.
            with contextlib.suppress(MeshcoalError):
                other = await Client.connect(self.home)
                try:
                    await other.send(StopDaemon())
                finally:
                    await other.close()

    # --- The conversation

    async def ask(self, command: Command, view: type[V]) -> V:
        """The daemon's answer.

        Raises:
            RehearsalFailed: the node is gone or does not answer.
            MeshcoalError: what it answered.
        """
        while True:
            try:
                answer = await self._answer(command)
            except Locked:
                if self.when_locked is None:
                    raise
                await self.when_locked(self._passphrase)
                continue
            assert isinstance(answer, view), f"{type(command).__name__} is answered by {view.__name__}"
            return answer

    async def is_locked(self) -> bool:
        """Whether questions are answered by the lock. The daemon's status says so a moment later only."""
        try:
            await self._answer(ListCampaigns())
        except Locked:
            return True
        return False

    async def _answer(self, command: Command) -> Record:
        if self._client is None:
            raise RehearsalFailed(f"{self.name}'s node is off.")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await self._client.send(command)
        except DaemonUnreachable as exc:
            raise RehearsalFailed(f"{self.name}'s node does not answer any more.") from exc
        except TimeoutError as exc:
            raise RehearsalFailed(
                f"{self.name}'s node took more than {ANSWER_TIMEOUT_S:.0f} seconds to answer."
            ) from exc

    async def _connected(self, process: asyncio.subprocess.Process) -> Client:
        loop = asyncio.get_running_loop()
        until = loop.time() + START_TIMEOUT_S
        while True:
            try:
                return await Client.connect(self.home, patience_ms=_RETRY_MS)
            except DaemonUnreachable as exc:
                if process.returncode is not None:
                    raise RehearsalFailed(
                        f"{self.name}'s node did not start. {await _last_words(process)}".rstrip()
                    ) from exc
                if loop.time() >= until:
                    raise RehearsalFailed(f"{self.name}'s node did not start in time.") from exc

    async def _listen(self, client: Client) -> None:
        # A daemon that went away is met again by whoever asks it next.
        with contextlib.suppress(MeshcoalError):
            async for _ in client.notices():
                self._news()
        self._news()

    async def _hang_up(self) -> None:
        client, listening = self._client, self._listening
        self._client = self._listening = None
        if listening is not None:
            listening.cancel()
            await asyncio.wait({listening})
        if client is not None:
            await client.close()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None, "a pipe"
    lines = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
