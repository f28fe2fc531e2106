"""Showing tor's control port that we may use it.

Law: the cookie's content never leaves unless the port has shown that it knows it (safe-cookie), but to a tor
that offers nothing better; then the file must be of a cookie's size. No authentication at all is refused:
such a port is open to every program on the machine, unless the user said that it may. Source: tor's
control-spec, sections 3.5, 3.21 and 3.24.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import MalformedTor, TorForbidden
from meshcoal.net.tor.replies import Reply, pairs

COOKIE_BYTES: Final = 32
_NONCE_BYTES: Final = 32
_SERVER: Final = b"Tor safe cookie authentication server-to-controller hash"
_CLIENT: Final = b"Tor safe cookie authentication controller-to-server hash"

Ask = Callable[[str], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a port says of itself before authentication."""

    methods: frozenset[str]
    cookie: str  # the path of the cookie's file; empty: none
    version: str


def read_offer(reply: Reply) -> Offered:
    """Raises `MalformedTor`."""
    if not reply.ok or not reply.lines or reply.lines[0] != "PROTOCOLINFO 1":
        raise MalformedTor("the port does not say how to authenticate")
    methods: frozenset[str] = frozenset()
    cookie = version = ""
    for line in reply.lines[1:]:
        kind, _, rest = line.partition(" ")
        said = pairs(rest)
        if kind == "AUTH":
            methods = frozenset(said.get("METHODS", "").split(","))
            cookie = said.get("COOKIEFILE", "")
        elif kind == "VERSION":
            version = said.get("Tor", "")
    return Offered(methods=methods, cookie=cookie, version=version)


async def authenticate(ask: Ask, entropy: Entropy, *, open_port: bool = False) -> Offered:
    """Authenticate, by safe-cookie where it is offered.

    Args:
        ask: sends one command line and gives its reply.
        open_port: whether a port that asks for nothing may be used.

    Raises:
        TorForbidden: the cookie cannot be read, the port did not know it, or it wants what we do not have.
        MalformedTor: an answer is not of the control protocol.
    """
    offered = read_offer(await ask("PROTOCOLINFO 1"))
    if "SAFECOOKIE" in offered.methods:
        cookie = _read_cookie(offered.cookie)
        nonce = entropy.take(_NONCE_BYTES)
        challenge = await ask(f"AUTHCHALLENGE SAFECOOKIE {nonce.hex()}")
        proof = _answer(challenge, cookie, nonce)
    elif "COOKIE" in offered.methods:
        proof = _read_cookie(offered.cookie)
    elif "NULL" in offered.methods and open_port:
        proof = b""
    elif "NULL" in offered.methods:
        raise TorForbidden(
            "Tor's control port asks for no proof, so that every program on this machine can use it. Set "
            "`CookieAuthentication 1` in the torrc, or say that it may stay open."
        )
    else:
        raise TorForbidden(
            "Tor's control port wants a password. Set `CookieAuthentication 1` in the torrc instead."
        )
    reply = await ask(f"AUTHENTICATE {proof.hex()}".rstrip())
    if not reply.ok:
        raise TorForbidden("Tor refused the cookie. Start tor afresh, and try again.")
    return offered


def _answer(challenge: Reply, cookie: bytes, nonce: bytes) -> bytes:
    if not challenge.ok or not challenge.lines[0].startswith("AUTHCHALLENGE "):
        raise MalformedTor("the port does not answer the challenge")
    said = pairs(challenge.lines[0])
    try:
        theirs, shown = bytes.fromhex(said["SERVERNONCE"]), bytes.fromhex(said["SERVERHASH"])
    except (KeyError, ValueError) as exc:
        raise MalformedTor("the port's answer to the challenge cannot be read") from exc
    if len(theirs) != _NONCE_BYTES:
        raise MalformedTor("the port's nonce has a wrong size")
    told = cookie + nonce + theirs
    if not hmac.compare_digest(shown, hmac.digest(_SERVER, told, hashlib.sha256)):
        raise TorForbidden(
            "What answers at tor's control port does not know tor's cookie: it is another tor than the one "
            "whose cookie is read, or no tor. Check the address of the control port."
        )
    return hmac.digest(_CLIENT, told, hashlib.sha256)


def _read_cookie(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            cookie = file.read(COOKIE_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise TorForbidden(
            "Tor's cookie cannot be read by you. Become a member of the group that may (on Debian: "
            "`sudo adduser $USER debian-tor`, then log in again), or let meshcoal start a tor of its own "
            "with `meshcoal tor on --own`."
        ) from exc
    if len(cookie) != COOKIE_BYTES:
        raise TorForbidden("What tor names as its cookie is no cookie: it is not of 32 bytes.")
    return cookie
