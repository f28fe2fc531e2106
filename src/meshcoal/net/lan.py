"""The local network: announces this node there for a while, takes links, and tells who else is announced.

Law: only on addresses that mean something on this network alone (private and link-local), under a type that
others use too, and names and a port of chance that are new with each announcement. What others announce is a
guess: bounded, resolved a few at a time, and told only with addresses of the same kind. `close` takes back
what was announced. Specified in docs/protocol/nearby.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import ipaddress
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import NoNetwork, PathClosed
from meshcoal.limits import NEARBY_HINTS_MAX
from meshcoal.net import address
from meshcoal.net.admission import Admission
from meshcoal.net.link import Sink, Tasks
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES

if TYPE_CHECKING:
    # It takes a seventh of a second to load, and most days nobody meets.
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    # The daemon knows this file before its vault is open, and these load what only links need.
    from meshcoal.net.listener import Listener
    from meshcoal.net.websocket import Patience

SERVICE_TYPE: Final = "_http._tcp.local."  # as printers and music players say
FIELD: Final = b"id"
LOOK_AROUND_S: Final = 5.0
_RESOLVE_MS: Final = 3_000
_RESOLVED_AT_ONCE_MAX: Final = 8
_LOOKS_MAX: Final = 512  # of one announcement: whoever fills the network with names is looked at so often
_LISTENERS_MAX: Final = 6
_LIFETIME_S: Final = 120  # how long others may keep what was announced
_NAME_BYTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who hears of the local network; the methods do not wait."""

    began: Callable[[], None]
    failed: Callable[[str], None]
    moved: Callable[[], None]
    sighted: Callable[[bytes, tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """An address of this machine on a local network."""

    host: str  # as a socket takes it: IPv6 with its scope
    interface: str | int  # as zeroconf takes it

    @property
    def packed(self) -> bytes:
        return ipaddress.ip_address(self.host.partition("%")[0]).packed


def places() -> tuple[Place, ...]:
    """The machine's private and link-local addresses, IPv4 first, at most six."""
    found: list[Place] = []
    for host, index in address.interfaces():
        if not is_local(host):
            continue
        here = ipaddress.ip_address(host)
        scope = f"%{index}" if here.version == 6 and here.is_link_local else ""
        found.append(Place(host=host + scope, interface=host if here.version == 4 else index))
    return tuple(sorted(found, key=lambda place: (":" in place.host, place.host))[:_LISTENERS_MAX])


def is_local(host: str) -> bool:
    """Whether an address means something on this network and not beyond."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return (found.is_private or found.is_link_local) and not (
        found.is_loopback or found.is_unspecified or found.is_multicast or found.is_reserved
    )


class Lan:
    """Announces, listens and looks, as asked last."""

    def __init__(
        self,
        *,
        watcher: Watcher,
        sink: Sink,
        tasks: Tasks,
        numbers: Iterator[int],
        admission: Admission,
        patience: Patience,
        entropy: Entropy,
    ) -> None:
        from meshcoal.net.listener import Listener

        self._watcher = watcher
        self._new_listener: Callable[[], Listener] = lambda: Listener(
            sink=sink, tasks=tasks, numbers=numbers, admission=admission, patience=patience
        )
        self._tasks = tasks
        self._entropy = entropy
        self._wanted: bytes | None = None
        self._changed = asyncio.Event()
        self._stay: _Stay | None = None
        self._retired: list[Listener] = []
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self.allowed = True  # whether the user lets this node use more than Tor

    def announce(self, data: bytes) -> None:
        """Say this from now on, under new names."""
        assert len(data) == ANNOUNCEMENT_BYTES, "an announcement"
        if self.allowed:
            self._want(data)
        else:
            self._watcher.failed(PathClosed.code)

    def hush(self) -> None:
        """Take back what is announced, and listen no more."""
        self._want(None)

    async def close(self) -> None:
        """As `hush`, and done when this returns."""
        self._closed = True
        worker, self._worker = self._worker, None
        if worker is not None:
            self._want(None)
            await asyncio.wait({worker})
        for listener in self._retired:
            await listener.close()

    def _want(self, data: bytes | None) -> None:
        self._wanted = data
        self._changed.set()
        if self._worker is None and data is not None and not self._closed:
            self._worker = self._tasks.create_task(self._work())

    async def _work(self) -> None:
        """One thing after the other: what is asked for while something is under way comes next."""
        try:
            while True:
                self._changed.clear()
                wanted = self._wanted
                await self._leave()
                if wanted is None:
                    if self._closed:
                        return
                else:
                    await self._begin(wanted)
                while not self._changed.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), LOOK_AROUND_S if wanted else None)
                    if wanted is not None and not self._changed.is_set() and self._is_elsewhere():
                        await self._leave()
                        self._watcher.moved()  # and is asked to announce anew
                        wanted = None
        finally:
            await self._leave()

    def _is_elsewhere(self) -> bool:
        here = places()
        return here != self._stay.places if self._stay is not None else bool(here)

    async def _begin(self, data: bytes) -> None:
        here = places()
        stay = _Stay(self._watcher, self._tasks, here)
        try:
            if not here:
                raise NoNetwork("There is no local network here.")
            await stay.open(data, self._new_listener, self._random_name)
        except NoNetwork as error:
            await self._end(stay)
            self._watcher.failed(error.code)
            return
        self._stay = stay
        self._watcher.began()

    async def _leave(self) -> None:
        stay, self._stay = self._stay, None
        if stay is not None:
            await self._end(stay)

    async def _end(self, stay: _Stay) -> None:
        # Links that came in go on; their listeners are let go of when the last of them has ended.
        await stay.close()
        self._retired = [listener for listener in self._retired + stay.listeners if not listener.deserted]

    def _random_name(self) -> str:
        return base64.b32encode(self._entropy.take(_NAME_BYTES)).decode().lower()


class _Stay:
    """One announcement on one network, from beginning to end."""

    def __init__(self, watcher: Watcher, tasks: Tasks, here: tuple[Place, ...]) -> None:
        self.places = here
        self._watcher = watcher
        self._tasks = tasks
        self.listeners: list[Listener] = []
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._own = ""
        self._resolving: dict[str, asyncio.Task[None]] = {}  # by the name that is looked at
        self._looks = 0
        self._turns = asyncio.Semaphore(_RESOLVED_AT_ONCE_MAX)

    async def open(self, data: bytes, new_listener: Callable[[], Listener], name: Callable[[], str]) -> None:
        """Raises `NoNetwork`: no address can be bound, or multicast is not possible here."""
        from zeroconf import Error, IPVersion, ServiceInfo
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

        _keep_silent()
        bound, port = await self._listen(new_listener)
        if not bound:
            raise NoNetwork("No address of this network can be used.")
        instance, host = name(), name()
        self._own = f"{instance}.{SERVICE_TYPE}"
        info = ServiceInfo(
            SERVICE_TYPE,
            self._own,
            addresses=[place.packed for place in bound],
            port=port,
            server=f"{host}.local.",
            properties={FIELD: base64.urlsafe_b64encode(data).rstrip(b"=")},
            host_ttl=_LIFETIME_S,
            other_ttl=_LIFETIME_S,
        )
        version = IPVersion.All if any(":" in place.host for place in bound) else IPVersion.V4Only
        try:
            self._zeroconf = AsyncZeroconf(
                interfaces=list(dict.fromkeys([place.interface for place in bound])), ip_version=version
            )
            self._browser = AsyncServiceBrowser(
                self._zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._on_change]
            )
            await (await self._zeroconf.async_register_service(info))
        except (OSError, Error) as exc:
            raise NoNetwork("This network lets nobody announce anything.") from exc

    async def _listen(self, new_listener: Callable[[], Listener]) -> tuple[list[Place], int]:
        """One port on as many of the addresses as have it free."""
        bound: list[Place] = []
        port = 0
        for place in self.places:
            listener = new_listener()
            try:
                port = await listener.open(place.host, port)
            except OSError:
                continue
            self.listeners.append(listener)
            bound.append(place)
        return bound, port

    async def close(self) -> None:
        for task in self._resolving.values():
            task.cancel()
        if self._browser is not None:
            await self._browser.async_cancel()
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()
        for listener in self.listeners:
            listener.retire()

    # --- Others

    def _on_change(self, zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        from zeroconf import ServiceStateChange

        if state_change is ServiceStateChange.Removed or name == self._own or name in self._resolving:
            return
        if self._looks >= _LOOKS_MAX:
            return
        self._looks += 1
        self._resolving[name] = task = self._tasks.create_task(self._resolve(name))
        task.add_done_callback(lambda _: self._resolving.pop(name, None))

    async def _resolve(self, name: str) -> None:
        from zeroconf import Error
        from zeroconf.asyncio import AsyncServiceInfo

        assert self._zeroconf is not None
        async with self._turns:
            try:
                info = AsyncServiceInfo(SERVICE_TYPE, name)
                if not await info.async_request(self._zeroconf.zeroconf, _RESOLVE_MS):
                    return
            except (OSError, Error, UnicodeDecodeError):
                return  # what a stranger says need not be well-formed
        found = announced(info)
        if found is not None:
            self._watcher.sighted(*found)


def announced(info: ServiceInfo) -> tuple[bytes, tuple[str, ...]] | None:
    """The bytes and the local addresses of an announcement; None: it is something else's, or broken."""
    spelled = info.properties.get(FIELD) or b""
    if len(spelled) > 2 * ANNOUNCEMENT_BYTES or not info.port:
        return None
    try:
        data = base64.b64decode(spelled + b"=" * (-len(spelled) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    if len(data) != ANNOUNCEMENT_BYTES:
        return None
    hosts = [host for host in info.parsed_scoped_addresses() if is_local(host)]
    hints = tuple([address.join(host, info.port) for host in hosts[:NEARBY_HINTS_MAX]])
    return (data, hints) if hints else None


def _keep_silent() -> None:
    """The library would log names and addresses of others."""
    logger = logging.getLogger("zeroconf")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
