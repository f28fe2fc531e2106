"""Onion addresses: where a node is reached through Tor, and the key without which it does not answer.

Law: one spelling, in small letters: `KEY@ADDRESS.onion:PORT`, or without `KEY@` where the service asks for
none. The address holds its own checksum; a wrong one is never dialled. Whoever holds the line can knock: it
stands only inside what is sealed, and in an invitation. Source: rend-spec-v3, sections "Encoding onion
addresses" and "Client authorization"; docs/protocol/onion.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

from meshcoal.errors import MalformedOnion
from meshcoal.wire.shape import dataclass

ONION_KEY_BYTES: Final = 32  # the service's Ed25519 key
CLIENT_KEY_BYTES: Final = 32  # the X25519 private key of one client
ONION_PORT: Final = 80  # inside the service; nothing on this machine listens there
ONION_TRANSPORT: Final = "onion"  # of links that go or came through Tor
_VERSION: Final = b"\x03"
_CHECKSUM_BYTES: Final = 2
_SPELLING: Final = re.compile(r"(?:([a-z2-7]{52})@)?([a-z2-7]{56})\.onion:([1-9][0-9]{0,4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnionHint:
    """One way to a node through Tor."""

    service: bytes  # 32 bytes, Ed25519 public key
    port: int = ONION_PORT
    client: bytes = b""  # 32 bytes, X25519 private key; empty: the service asks for none

    @property
    def host(self) -> str:
        """Such as `….onion`."""
        return f"{onion_name(self.service)}.onion"


def onion_name(service: bytes) -> str:
    """The 56 letters before `.onion` of a service's 32-byte Ed25519 public key."""
    assert len(service) == ONION_KEY_BYTES, "an Ed25519 public key is 32 bytes"
    return _base32(service + _checksum(service) + _VERSION)


def is_onion(hint: str) -> bool:
    """Whether a hint means to be an onion address; it may be a broken one."""
    return ".onion" in hint.casefold()


def encode_onion(hint: OnionHint) -> str:
    """At most 121 characters."""
    key = f"{_base32(hint.client)}@" if hint.client else ""
    return f"{key}{hint.host}:{hint.port}"


def decode_onion(text: str) -> OnionHint:
    """Inverse of `encode_onion`: takes that spelling and no other.

    Raises:
        MalformedOnion: not an onion address, of another version, or with a wrong checksum.
    """
    found = _SPELLING.fullmatch(text)
    if found is None or int(found[3]) > 65_535:
        raise MalformedOnion("not an onion address")
    packed = _unpack(found[2])
    service, rest = packed[:ONION_KEY_BYTES], packed[ONION_KEY_BYTES:]
    if rest != _checksum(service) + _VERSION:
        raise MalformedOnion("the onion address has a wrong checksum, or another version than 3")
    hint = OnionHint(service=service, port=int(found[3]), client=_unpack(found[1]) if found[1] else b"")
    if encode_onion(hint) != text:  # 52 letters hold four bits more than a key has
        raise MalformedOnion("the key before the onion address has another spelling")
    return hint


def _checksum(service: bytes) -> bytes:
    return hashlib.sha3_256(b".onion checksum" + service + _VERSION).digest()[:_CHECKSUM_BYTES]


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _unpack(text: str) -> bytes:
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error as exc:
        raise MalformedOnion("a letter of the onion address is wrong") from exc
