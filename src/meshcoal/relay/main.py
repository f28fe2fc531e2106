"""The relay's process: a folder with its key and its envelopes, a socket, and nothing else.

Law: the folder is the operator's alone. It holds the relay's key and pass, the store, and no line about
anybody. The process ends cleanly at Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy, OsEntropy
from meshcoal.errors import BadArgument, Corrupt, ReadOnly, Unsupported
from meshcoal.limits import RELAY_BYTES_MAX, RELAY_TOPIC_BYTES_MAX, SHELF_LIFE_DAYS
from meshcoal.net import address
from meshcoal.net.admission import LinkLimits
from meshcoal.relay.desk import DeskLimits
from meshcoal.relay.server import RelayServer
from meshcoal.relay.sqlite import SqliteStore
from meshcoal.relay.store import Store, StoreLimits
from meshcoal.wire.onion import decode_onion, is_onion
from meshcoal.wire.relay_text import PASS_BYTES, Relay, encode_relay

KEY_FILE: Final = "relay.key"
STORE_FILE: Final = "relay.db"
_KEY_BYTES: Final = 32
_GUESTS_MAX: Final = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """What an operator decides."""

    folder: Path
    listen: str
    public: tuple[str, ...] = ()  # addresses to hand on; none: where it listens
    days: int = SHELF_LIFE_DAYS
    bytes_max: int = RELAY_BYTES_MAX
    topic_bytes_max: int = RELAY_TOPIC_BYTES_MAX
    store: str = ""  # empty: SQLite in the folder; else nats://...
    shared_address: bool = False  # all links come from one address, as behind an onion service


def run(options: RelayOptions, *, ready: Callable[[tuple[str, ...]], None]) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        ready: called with the relay's texts, one for each address, once links are taken.

    Raises:
        BadArgument, Corrupt, ReadOnly, Unsupported: it cannot be served so.
    """
    if not __debug__:
        raise Unsupported("meshcoal does not run under `python -O`: its checks are part of it.")
    os.umask(0o077)
    try:
        options.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = read_key(options.folder, OsEntropy())
    except PermissionError as exc:
        raise ReadOnly("The relay's folder cannot be written.") from exc
    asyncio.run(serve(options, secret, ready))
    return 0


def read_key(folder: Path, entropy: Entropy) -> bytes:
    """The relay's private key and pass, made at the first start. Raises `Corrupt`."""
    path = folder / KEY_FILE
    if not path.exists():
        fresh = entropy.take(_KEY_BYTES + PASS_BYTES)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
    secret = path.read_bytes()
    if len(secret) != _KEY_BYTES + PASS_BYTES:
        raise Corrupt(f"{KEY_FILE} is damaged. Put back a copy; or remove it, and the relay has a new name.")
    return secret


def texts_of(options: RelayOptions, secret: bytes, port: int) -> tuple[str, ...]:
    """What to hand on: one text for each address under which the relay is reached."""
    static = AgreementKey.from_private(secret[:_KEY_BYTES])
    host, _ = address.parse(options.listen)
    hints = options.public or address.reachable(host, port)
    return tuple(
        [encode_relay(Relay(address=hint, key=static.public, passing=secret[_KEY_BYTES:])) for hint in hints]
    )


async def open_store(options: RelayOptions) -> Store:
    """The store that the operator chose. Raises `BadArgument` or `Corrupt`."""
    limits = StoreLimits(bytes_max=options.bytes_max, topic_bytes_max=options.topic_bytes_max)
    if not options.store:
        return SqliteStore(options.folder / STORE_FILE, limits)
    from meshcoal.relay.jetstream import JetStreamStore  # its library is an extra

    return await JetStreamStore.connect(options.store, limits, days=options.days)


async def serve(
    options: RelayOptions,
    secret: bytes,
    ready: Callable[[tuple[str, ...]], None],
    *,
    stopping: asyncio.Event | None = None,
) -> None:
    """Serve until `stopping`, or a signal."""
    host, port = address.parse(options.listen)
    for public in options.public:
        if is_onion(public):
            decode_onion(public)
        else:
            address.parse(public)
    stop = stopping if stopping is not None else asyncio.Event()
    loop = asyncio.get_running_loop()
    if stopping is None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    store = await open_store(options)
    one_address = options.shared_address or address.is_loopback(host)
    links = LinkLimits(
        links_max=_GUESTS_MAX,
        links_per_address_max=_GUESTS_MAX if one_address else LinkLimits().links_per_address_max,
        handshakes_pending_max=256,
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            server = RelayServer(
                store=store,
                static=AgreementKey.from_private(secret[:_KEY_BYTES]),
                passing=secret[_KEY_BYTES:],
                entropy=OsEntropy(),
                tasks=tasks,
                now_ms=lambda: time.time_ns() // 1_000_000,
                links=links,
                limits=DeskLimits(days=options.days, topic_bytes_max=options.topic_bytes_max),
            )
            try:
                bound = await server.open(host, port)
            except OSError as exc:
                raise BadArgument(f"The relay cannot listen there: {exc.strerror}.") from exc
            ready(texts_of(options, secret, bound))
            await stop.wait()
            await server.close()
            raise _Stopped
    except* _Stopped:
        with contextlib.suppress(asyncio.CancelledError):
            await store.close()


class _Stopped(Exception):
    """Ends the task group."""
