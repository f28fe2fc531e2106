"""The ways in and out of one unlocked node: the plain listener, the dialer and Tor, as the user has chosen.

Law: where only Tor is allowed no plain address is listened on, and none dialled, from before the first dial;
a change of mind closes what is not allowed any more before anything else is opened. Through Tor others come
to sockets of ours that nobody but tor is told of.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from meshcoal.crypto.entropy import Entropy, OsEntropy
from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.paths import Paths
from meshcoal.errors import TorRefused
from meshcoal.home import short_folder
from meshcoal.net.address import own_addresses
from meshcoal.net.dialer import Dialer
from meshcoal.net.listener import Listener
from meshcoal.net.neighbours import Neighbours
from meshcoal.net.tor.status import TorState, TorStatus
from meshcoal.net.tor.tor import Tor
from meshcoal.net.websocket import NEARBY, ONION, TRANSPORT
from meshcoal.node.effects import OnionService

TOR_FOLDER = "tor"
_LONGEST_SOCKET = "control-or-longer"


class Heard(Protocol):
    """As much of `daemon.runtime.Runtime` as is told of ways."""

    def listening(self, hints: tuple[str, ...], *, onion: bool = False, direct: bool = True) -> None: ...

    def close_links(self, transport: str) -> None: ...


class Ways:
    """From unlock to lock. `use` before anything is dialled, `close` at the end."""

    def __init__(
        self,
        *,
        home: Path,
        listen: ListenAddress,
        listener: Listener,
        dialer: Dialer,
        neighbours: Neighbours,
        heard: Heard,
        note: Callable[[str], None],
        tell: Callable[[], None],
        entropy: Entropy | None = None,
        addresses: Callable[[], tuple[str, ...]] = own_addresses,
    ) -> None:
        """`note` writes a line to the log; `tell` says that the standing of Tor has changed.

        `addresses`: those of this machine now.
        """
        self._data = home / TOR_FOLDER / "data"
        self._sockets = short_folder(home, TOR_FOLDER, _LONGEST_SOCKET)
        self._listen = listen
        self._listener = listener
        self._dialer = dialer
        self._neighbours = neighbours
        self._heard = heard
        self._note = note
        self._tell = tell
        self._entropy = entropy or OsEntropy()
        self._addresses = addresses
        self._around: tuple[str, ...] = ()
        self._paths = Paths(damaged=True)
        self._services: tuple[OnionService, ...] = ()
        self._listens = False
        self._tor: Tor | None = None
        self._running: asyncio.Task[None] | None = None
        self._doors = 0
        self._ready = False
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.hints: tuple[str, ...] = ()

    @property
    def tor_status(self) -> TorStatus:
        return self._tor.status if self._tor is not None else TorStatus()

    def restrict(self, paths: Paths) -> None:
        """Close what is not allowed, at once; open nothing."""
        self._dialer.direct = paths.direct
        self._neighbours.restrict(allowed=paths.direct)
        if not paths.tor or paths.damaged:
            self._dialer.onion = None

    async def use(self, paths: Paths) -> None:
        """From now on these ways."""
        self.restrict(paths)
        if not paths.direct:
            await self._listener.close()
            self._listens, self.hints = False, ()
            self._heard.close_links(TRANSPORT)
            self._heard.close_links(NEARBY)
        if paths != self._paths:
            await self._end_tor()
        if paths.direct and not self._listens:
            await self._open_listener()
        before, self._paths = self._paths, paths
        if paths.tor and not paths.damaged and paths != before:
            self._begin_tor(paths)
        elif not paths.tor:
            self._heard.close_links(ONION)
        self._announce()

    def serve(self, services: tuple[OnionService, ...]) -> None:
        """What the core wants to be found under."""
        self._services = services
        if self._tor is not None:
            self._tor.serve(services)

    def look_around(self) -> None:
        """The machine may be in another network now: others are told, and what failed is tried afresh."""
        before, now = self._around, self._addresses()
        self._around = now or before  # a cable that is out for a moment is no other network
        hints = self._listen.hints() if self._listens else ()
        moved = bool(hints) and hints != self.hints
        if moved:
            self.hints = hints
        if moved or (before and self._around != before):
            self._announce()

    async def close(self) -> None:
        await self._end_tor()
        await self._listener.close()

    # --- Plain addresses

    async def _open_listener(self) -> None:
        try:
            self.hints = await self._listen.open(self._listener)
        except OSError as exc:
            self._note(f"listen-failed errno {exc.errno}")
        self._listens = bool(self.hints)

    def _announce(self) -> None:
        self._heard.listening(self.hints, onion=self._paths.tor, direct=self._paths.direct)

    # --- Tor

    def _begin_tor(self, paths: Paths) -> None:
        self._ready = False
        self._tor = Tor(
            paths.setup(self._data, self._sockets),
            entropy=self._entropy,
            door=self._open_door,
            shut=self._shut_door,
            tell=self._on_status,
        )
        self._tor.serve(self._services)
        self._dialer.onion = self._tor.connect
        self._running = asyncio.create_task(self._tor.run())
        self._running.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        # It runs until it is cancelled: anything else is a bug, which ends the daemon.
        if not task.cancelled() and not self.failed.done():
            self.failed.set_exception(task.exception() or AssertionError("Tor's task ended"))

    async def _end_tor(self) -> None:
        running, self._running = self._running, None
        self._tor = self._dialer.onion = None
        if running is not None:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        await self._listener.close_onions()

    def _on_status(self, status: TorStatus) -> None:
        ready = status.state is TorState.READY
        if ready and not self._ready:
            self._announce()  # what failed before is tried afresh
        if status.code:
            self._note(f"tor {status.code}")
        self._ready = ready
        self._tell()

    async def _open_door(self, service: bytes) -> str:
        path = None
        if self._paths.own:
            # A number, so that the folder tells nothing of the address.
            self._doors += 1
            path = self._sockets / f"s{self._doors}"
        try:
            return await self._listener.open_onion(service, path)
        except OSError as exc:
            raise TorRefused(f"No socket can be made to which tor brings others: {exc.strerror}.") from exc

    async def _shut_door(self, service: bytes) -> None:
        await self._listener.close_onion(service)
