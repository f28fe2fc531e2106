"""A relay's name: where it is, its key, its pass; and the one line by which people hand it on.

Law: one relay has one text, and a slip is told from another relay by a checksum. Specified in
docs/protocol/relay.md. Ours, unreviewed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import BadArgument, MalformedBody, MeshcoalError
from meshcoal.ids import ID_BYTES
from meshcoal.limits import HINT_CHARS_MAX
from meshcoal.wire.record import Chars, Id32, Record, Size
from meshcoal.wire.shape import dataclass

PASS_BYTES: Final = 16
RELAY_PREFIX: Final = "MESHCOALRELAY1"
_CHECKSUM_BYTES: Final = 2  # with key and pass 50 bytes: 80 characters without padding
_SECRET_CHARS: Final = (ID_BYTES + PASS_BYTES + _CHECKSUM_BYTES) * 8 // 5
_PERSON: Final = b"meshcoal-relay-t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay(Record):
    """Where a relay is, by which key it is known, and what one has to know to be let in."""

    error: ClassVar[type[MeshcoalError]] = MalformedBody

    address: Annotated[str, Chars(1, HINT_CHARS_MAX)]
    key: Id32  # X25519, of its links
    passing: Annotated[bytes, Size(PASS_BYTES)]


def encode_relay(relay: Relay) -> str:
    """One line: the prefix, 80 letters and digits for key and pass, `@`, the address."""
    secret = relay.key + relay.passing
    text = base64.b32encode(secret + _checksum(secret + relay.address.encode())).decode("ascii")
    return f"{RELAY_PREFIX}{text}@{relay.address}"


def decode_relay(text: str) -> Relay:
    """Inverse of `encode_relay`; forgives spaces and line breaks.

    Raises:
        BadArgument: not the text of a relay, or damaged; the sentence says which.
    """
    packed = "".join(text.split())
    head, at, address = packed.partition("@")
    head = head.upper()
    if not at or not head.startswith(RELAY_PREFIX):
        raise BadArgument(f"The text of a relay begins with {RELAY_PREFIX}; copy it from there to its end.")
    if len(head) != len(RELAY_PREFIX) + _SECRET_CHARS or not 1 <= len(address) <= HINT_CHARS_MAX:
        raise BadArgument("Something of the relay's text is missing or too much; copy it again.")
    try:
        data = base64.b32decode(head[len(RELAY_PREFIX) :])
    except (binascii.Error, ValueError):
        raise BadArgument("A character of the relay's text is wrong; copy it again.") from None
    secret, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if checksum != _checksum(secret + address.encode()):
        raise BadArgument("A character of the relay's text is wrong; copy it again.")
    return Relay(address=address, key=secret[:ID_BYTES], passing=secret[ID_BYTES:])


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM_BYTES, person=_PERSON).digest()
