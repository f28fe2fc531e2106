"""An invitation: a short text that lets one person reach another once, before its date.

Law: the text names nobody. It holds a random code, the inviter's public link key, addresses, a date and a
checksum; one that can be answered by a file holds a sealing key as well. Whoever holds it can use it, once.
The same text is the file and the QR code. Specified in docs/protocol/invitation.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import Malformed, MalformedInvitation, MeshcoalError, OverLimit
from meshcoal.limits import (
    HINT_CHARS_MAX,
    HINTS_MAX,
    INVITATION_LONG_CHARS_MAX,
    INVITATION_TEXT_CHARS_MAX,
)
from meshcoal.wire import record
from meshcoal.wire.bodies import OptionalSealPublic
from meshcoal.wire.record import Chars, Id32, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

CODE_BYTES: Final = 16
PREFIX: Final = "MESHCOAL1"
_CHECKSUM_BYTES: Final = 4
_PERSON: Final = b"meshcoal-invit-1"
_DIGEST_PERSON: Final = b"meshcoal-invit-d"
MARK_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Record):
    """What stands in the text; with a `seal` it can be answered by a file."""

    error: ClassVar[type[MeshcoalError]] = MalformedInvitation

    version: Annotated[int, Range(1, 1)] = 1
    code: Annotated[bytes, Size(CODE_BYTES)]  # 128 random bits
    person: Id32  # the inviter's X25519 link key
    hints: Annotated[tuple[Annotated[str, Chars(1, HINT_CHARS_MAX)], ...], Items(0, HINTS_MAX)]
    expires_ms: TimeMs
    seal: OptionalSealPublic = b""  # X-Wing: what a request as a file is sealed to; empty: only links
    mark: Annotated[bytes, Size(0, MARK_BYTES, between=False)] = b""  # of the campaign, with a seal

    @property
    def by_file(self) -> bool:
        """Whether it can be answered by a file."""
        return bool(self.seal)

    @property
    def digest(self) -> bytes:
        """32 bytes of all that stands in it: what a request is bound to."""
        return hashlib.blake2b(record.encode(self), digest_size=32, person=_DIGEST_PERSON).digest()


def encode_invitation(invitation: Invitation) -> str:
    """Upper-case letters and digits only, so that a QR code stays small and a phone call is possible.

    Raises:
        OverLimit: the addresses do not fit into `INVITATION_TEXT_CHARS_MAX` characters; of one by file,
            `INVITATION_LONG_CHARS_MAX`.
    """
    data = record.encode(invitation)
    packed = base64.b32encode(data + _checksum(data)).decode("ascii").rstrip("=")
    text = PREFIX + packed
    if len(text) > (INVITATION_LONG_CHARS_MAX if invitation.by_file else INVITATION_TEXT_CHARS_MAX):
        raise OverLimit("the addresses are too long for an invitation; name fewer")
    return text


def decode_invitation(text: str) -> Invitation:
    """Inverse of `encode_invitation`; forgives case, spaces, hyphens and line breaks.

    Raises:
        MalformedInvitation: not an invitation, or damaged; the text says which.
    """
    packed = "".join(text.split()).replace("-", "").upper()
    if len(packed) > INVITATION_LONG_CHARS_MAX:
        raise MalformedInvitation("this is too long to be an invitation")
    if not packed.startswith(PREFIX):
        raise MalformedInvitation(f"an invitation begins with {PREFIX}; copy it from there to its end")
    packed = packed[len(PREFIX) :]
    try:
        data = base64.b32decode(packed + "=" * (-len(packed) % 8))
    except (binascii.Error, ValueError) as exc:
        raise MalformedInvitation("a character is wrong or missing; copy the invitation again") from exc
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if checksum != _checksum(body):
        raise MalformedInvitation("a character is wrong or missing; copy the invitation again")
    try:
        return record.decode(Invitation, body)
    except (Malformed, OverLimit) as exc:
        raise MalformedInvitation("this invitation is of a kind that this version does not know") from exc


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM_BYTES, person=_PERSON).digest()
