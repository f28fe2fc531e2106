"""Tor in the service of one node: keeps its addresses up, dials those of others, says how it stands.

Law: tor may be absent, refuse, end or start afresh at any time; everything is added anew when it is back, and
tries are spaced by a doubling time with jitter. A service is only ever added with client authorisation, so
that none answers a stranger; its keys, and those of others' services, are in tor's memory alone. Nothing here
ever connects to anything but tor.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.onion import expanded, service_public
from meshcoal.errors import MalformedTor, TorError, TorOff, TorRefused
from meshcoal.net.tor import socks
from meshcoal.net.tor.control import Control, ControlAddress
from meshcoal.net.tor.process import OwnTor, TorProcess
from meshcoal.net.tor.replies import Reply
from meshcoal.net.tor.socks import SocksAddress
from meshcoal.net.tor.status import TorState, TorStatus
from meshcoal.node.effects import OnionService
from meshcoal.wire.onion import ONION_PORT, OnionHint, onion_name

BACKOFF_MIN_S: Final = 1.0
BACKOFF_MAX_S: Final = 60.0
# tor stopped publishing somewhere between 330 and 400 authorised clients, without an error.
CLIENTS_MAX: Final = 64
CLIENT_KEYS_MAX: Final = 1_024  # of others' services, in tor's memory at a time
_EVENTS: Final = "SETEVENTS STATUS_CLIENT STATUS_GENERAL HS_DESC"
_KEY_ADDED: Final = (250, 251, 252)  # control-spec, ONION_CLIENT_AUTH_ADD


@dataclass(frozen=True, slots=True, kw_only=True)
class TorSetup:
    """Which tor to use."""

    control: ControlAddress | None = None  # of the system's tor
    own: OwnTor | None = None  # else one of our own
    open_port: bool = False  # a control port that asks for no proof may be used


# Opens where tor hands a service's connections, given its key; says where: `host:port` or `unix:path`.
Door = Callable[[bytes], Awaitable[str]]
Shut = Callable[[bytes], Awaitable[None]]


class Tor:
    """One node's Tor. `run` lives as long as it is wanted; the other methods may be called at any time."""

    def __init__(
        self,
        setup: TorSetup,
        *,
        entropy: Entropy,
        door: Door,
        shut: Shut | None = None,
        tell: Callable[[TorStatus], None] = lambda _: None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`door` opens where a service's connections come in, once for each; `tell` hears of each change."""
        self._setup = setup
        self._entropy = entropy
        self._door = door
        self._shut = shut
        self._tell = tell
        self._pause = pause
        self._secret = entropy.take(32)  # circuits of this run are not those of the last
        self._wanted: dict[bytes, OnionService] = {}
        self._served: dict[bytes, OnionService] = {}
        self._published: set[str] = set()
        self._client_keys: dict[bytes, bytes] = {}  # in the order in which they were added
        self._adding = asyncio.Lock()
        self._wake = asyncio.Event()
        self._control: Control | None = None
        self._socks: SocksAddress | None = None
        self._failures = 0
        self.status = TorStatus()

    # --- What is wanted of it

    def serve(self, services: tuple[OnionService, ...]) -> None:
        """From now on keep exactly these up."""
        self._wanted = {service_public(one.seed): one for one in services}
        self._wake.set()
        self._set(replace(self.status, services=len(self._wanted)))

    def isolation(self, hint: OnionHint, apart: bytes) -> str:
        """What tor is told of a connection: one to another service, or for another end, has other circuits.

        A keyed hash: tor learns nothing from it, and after a start it is another.
        """
        return hashlib.blake2b(hint.service + apart, key=self._secret, digest_size=16).hexdigest()

    async def connect(self, hint: OnionHint, apart: bytes = b"") -> socket.socket:
        """A connection to somebody's service. The caller sets the time limit.

        Raises:
            TorOff: tor is not there, or not ready.
            TorError, LinkError: as `socks.connect`, and where tor refuses the key.
        """
        control, proxy = self._control, self._socks
        if control is None or proxy is None or self.status.state is not TorState.READY:
            raise TorOff("Tor is not ready.")
        if hint.client:
            await self._add_key(control, hint)
        isolation = self.isolation(hint, apart)
        return await socks.connect(proxy, hint.host, hint.port, isolation=isolation)

    async def run(self) -> None:
        """Be there until cancelled."""
        while True:
            self._set(replace(self.status, state=TorState.STARTING) if not self.status.code else self.status)
            try:
                await self._converse()
            except TorError as error:
                self._set(self.status.failed(error))
            await self._pause(self._next_try_s())

    def _next_try_s(self) -> float:
        base_s = min(BACKOFF_MAX_S, BACKOFF_MIN_S * (1 << min(self._failures, 16)))
        self._failures += 1
        return base_s * (0.5 + self._entropy.take(1)[0] / 256)

    # --- One conversation

    async def _converse(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            address = self._setup.control
            if self._setup.own is not None:
                process = await TorProcess.start(self._setup.own)
                stack.push_async_callback(process.stop)
                address = process.control
            assert address is not None, "a tor of the system's, or one of our own"
            control = await Control.open(address, self._entropy, open_port=self._setup.open_port)
            stack.push_async_callback(control.close)
            stack.callback(self._forget)
            await control.must(_EVENTS)
            self._socks = await _socks_address(control)
            self._control = control
            phase = await _info(control, "status/bootstrap-phase")
            self._failures = 0
            version = control.offered.version[:40] if control.offered else ""
            fresh = TorStatus(version=version, services=len(self._wanted))
            self._set(fresh.told(Reply(code=250, lines=(phase,))))
            self._wake.set()
            await self._attend(control)

    async def _attend(self, control: Control) -> None:
        """Hear events and keep services up until the conversation ends, with the reason."""
        keeping = asyncio.create_task(self._keep_up(control))
        hearing = asyncio.create_task(self._hear(control))
        try:
            await asyncio.wait({keeping, hearing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (keeping, hearing):
                if task.done():
                    await task
        finally:
            for task in (keeping, hearing):
                task.cancel()
            await asyncio.gather(keeping, hearing, return_exceptions=True)
        raise control.failure or TorRefused("Tor ended the conversation.")

    def _forget(self) -> None:
        self._control = self._socks = None
        self._served.clear()
        self._published.clear()
        self._client_keys.clear()

    async def _hear(self, control: Control) -> None:
        while (event := await control.event()) is not None:
            words = event.lines[0].split(" ")
            if words[0] == "HS_DESC" and len(words) > 2:
                if words[1] == "UPLOADED" and words[2] in map(onion_name, self._served):
                    self._published.add(words[2])
                    self._set(replace(self.status, published=len(self._published)))
            else:
                self._set(self.status.told(event))

    async def _keep_up(self, control: Control) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            for key in [key for key, one in self._served.items() if self._wanted.get(key) != one]:
                name = onion_name(key)
                await control.must(f"DEL_ONION {name}")
                self._published.discard(name)
                if self._served.pop(key).seed and key not in self._wanted and self._shut is not None:
                    await self._shut(key)
            for key, service in list(self._wanted.items()):
                if key not in self._served and service.clients:
                    await self._add_service(control, key, service)
            self._set(replace(self.status, published=len(self._published)))

    async def _add_service(self, control: Control, key: bytes, service: OnionService) -> None:
        assert 0 < len(service.clients) <= CLIENTS_MAX, "sharded well below what tor can publish"
        target = await self._door(key)
        secret = base64.b64encode(expanded(service.seed)).decode("ascii")
        clients = " ".join(f"ClientAuthV3={_base32(client)}" for client in service.clients)
        reply = await control.must(
            f"ADD_ONION ED25519-V3:{secret} Flags=V3Auth Port={ONION_PORT},{target} {clients}"
        )
        if reply.value("ServiceID") != onion_name(key):
            raise MalformedTor("Tor serves another address than it was asked to.")
        self._served[key] = service

    async def _add_key(self, control: Control, hint: OnionHint) -> None:
        async with self._adding:
            if self._client_keys.get(hint.service) == hint.client:
                return
            if len(self._client_keys) >= CLIENT_KEYS_MAX:
                oldest = next(iter(self._client_keys))
                del self._client_keys[oldest]
                await control.ask(f"ONION_CLIENT_AUTH_REMOVE {onion_name(oldest)}")
            # Without the flag `Permanent`: tor writes it to no disk.
            key = base64.b64encode(hint.client).decode("ascii")
            reply = await control.ask(f"ONION_CLIENT_AUTH_ADD {onion_name(hint.service)} x25519:{key}")
            if reply.code not in _KEY_ADDED:
                raise TorRefused(f"Tor refused the key of an address ({reply.code}).")
            self._client_keys[hint.service] = hint.client

    def _set(self, status: TorStatus) -> None:
        if status != self.status:
            self.status = status
            self._tell(status)


async def _info(control: Control, key: str) -> str:
    value = (await control.must(f"GETINFO {key}")).value(key)
    if value is None:
        raise MalformedTor("Tor does not say what it was asked.")
    return value


async def _socks_address(control: Control) -> SocksAddress:
    """Where tor takes connections; a socket of the file system first, which other users do not see."""
    listeners = [one.strip('"') for one in (await _info(control, "net/listeners/socks")).split(" ")]
    for one in listeners:
        if one.startswith("unix:"):
            return Path(one.removeprefix("unix:"))
    for one in listeners:
        host, _, port = one.rpartition(":")
        if port.isascii() and port.isdecimal() and 0 < int(port) < 65_536:
            return host.strip("[]"), int(port)
    raise TorRefused("This tor has no SOCKS port. Set `SocksPort 9050` in its torrc, and start it afresh.")


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=")
