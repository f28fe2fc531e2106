"""Asking tor for a connection to an onion service: SOCKS version 5.

Law: only onion names are asked for, never an address and never a name that a resolver would see; each contact
gets circuits of their own, by a user name that differs (`IsolateSOCKSAuth`). What tor answers is read to the
byte. Source: RFC 1928, RFC 1929; tor's socks-extensions and proposal 304 (extended errors).
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Final

from meshcoal.errors import (
    DialFailed,
    LinkError,
    MalformedTor,
    OnionKeyMissing,
    OnionKeyWrong,
    OnionUnreachable,
    TorAbsent,
)

SocksAddress = Path | tuple[str, int]

_USERNAME_PASSWORD: Final = 2
_REFUSALS: Final[dict[int, type[LinkError]]] = {
    0x04: OnionUnreachable,  # "host unreachable": all of the following, where tor is not asked for more
    0x06: OnionUnreachable,  # "TTL expired": tor's time-out
    0xF0: OnionUnreachable,  # no descriptor
    0xF1: OnionUnreachable,  # a descriptor that does not hold
    0xF2: OnionUnreachable,  # introduction failed
    0xF3: OnionUnreachable,  # rendezvous failed
    0xF4: OnionKeyMissing,
    0xF5: OnionKeyWrong,
    0xF6: OnionUnreachable,  # a false address
    0xF7: OnionUnreachable,  # introduction timed out
}


async def connect(proxy: SocksAddress, host: str, port: int, *, isolation: str) -> socket.socket:
    """A connected, non-blocking socket to an onion service. The caller sets the time limit.

    Args:
        isolation: 1 to 255 ASCII characters; two different ones never share a circuit.

    Raises:
        TorAbsent: nobody is at the proxy's address.
        OnionKeyMissing, OnionKeyWrong: the service wants a key, or another one.
        OnionUnreachable: the service cannot be found or reached.
        DialFailed: tor refuses for another reason.
        MalformedTor: the answer is not of SOCKS 5.
    """
    assert host.endswith(".onion"), "only onions are dialled through tor"
    loop = asyncio.get_running_loop()
    family = socket.AF_UNIX if isinstance(proxy, Path) else _family(proxy[0])
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setblocking(False)
    try:
        try:
            await loop.sock_connect(opened, str(proxy) if isinstance(proxy, Path) else proxy)
        except OSError as exc:
            raise TorAbsent("Tor's SOCKS port does not answer.") from exc
        try:
            await _negotiate(loop, opened, isolation.encode("ascii"))
            await _request(loop, opened, host.encode("ascii"), port)
        except OSError as exc:
            raise DialFailed("Tor closed the connection.") from exc
    except BaseException:
        opened.close()
        raise
    return opened


async def _negotiate(loop: asyncio.AbstractEventLoop, opened: socket.socket, name: bytes) -> None:
    assert 0 < len(name) <= 255, "a user name has 1 to 255 bytes"
    await loop.sock_sendall(opened, bytes([5, 1, _USERNAME_PASSWORD]))
    if await _read(loop, opened, 2) != bytes([5, _USERNAME_PASSWORD]):
        raise MalformedTor("the SOCKS port takes no user name: circuits would be shared")
    await loop.sock_sendall(opened, bytes([1, len(name)]) + name + bytes([1]) + b"0")
    if await _read(loop, opened, 2) != bytes([1, 0]):
        raise MalformedTor("the SOCKS port refuses the user name")


async def _request(loop: asyncio.AbstractEventLoop, opened: socket.socket, host: bytes, port: int) -> None:
    await loop.sock_sendall(opened, bytes([5, 1, 0, 3, len(host)]) + host + port.to_bytes(2, "big"))
    version, code, _, kind = await _read(loop, opened, 4)
    if version != 5 or kind not in (1, 3, 4):
        raise MalformedTor("the SOCKS port's answer cannot be read")
    if code:
        raise _REFUSALS.get(code, DialFailed)("Tor did not get through.")
    size = {1: 4, 4: 16}.get(kind) or (await _read(loop, opened, 1))[0]
    await _read(loop, opened, size + 2)


async def _read(loop: asyncio.AbstractEventLoop, opened: socket.socket, count: int) -> bytes:
    """Exactly so many bytes, and not one more: what follows is the peer's."""
    data = b""
    while len(data) < count:
        part = await loop.sock_recv(opened, count - len(data))
        if not part:
            raise DialFailed("Tor closed the connection.")
        data += part
    return data


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
