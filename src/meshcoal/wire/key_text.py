"""A public key as text: what a QR code of it holds, and what is pasted to compare it.

Law: one key has one text, and a slip is told from another key: the text ends in a checksum, so that a letter
that was lost on the way is "cannot be read", and never "this is somebody else". Specified in
docs/protocol/introduction.md. Ours, unreviewed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from meshcoal.errors import MalformedKeyText
from meshcoal.ids import ID_BYTES, PersonId

KEY_PREFIX: Final = "MESHCOALKEY1"
_CHECKSUM_BYTES: Final = 3  # with the key 35 bytes: 56 characters without padding
_PERSON: Final = b"meshcoal-keytext"
_CHARS: Final = len(KEY_PREFIX) + (ID_BYTES + _CHECKSUM_BYTES) * 8 // 5


def encode_key_text(person: bytes) -> str:
    """68 upper-case letters and digits for a key of 32 bytes."""
    assert len(person) == ID_BYTES, "a person is 32 bytes"
    return KEY_PREFIX + base64.b32encode(person + _checksum(person)).decode("ascii")


def decode_key_text(text: str) -> PersonId:
    """Inverse of `encode_key_text`; forgives case, spaces, hyphens and line breaks.

    Raises:
        MalformedKeyText: not the text of a key, or damaged; the sentence says which.
    """
    packed = "".join(text.split()).replace("-", "").upper()
    if not packed.startswith(KEY_PREFIX):
        raise MalformedKeyText(f"the text of a key begins with {KEY_PREFIX}; copy it from there to its end")
    if len(packed) != _CHARS:
        raise MalformedKeyText("something is missing or too much; copy it again")
    try:
        data = base64.b32decode(packed[len(KEY_PREFIX) :])
    except (binascii.Error, ValueError) as exc:
        raise MalformedKeyText("a character is wrong; copy it again") from exc
    person, checksum = data[:ID_BYTES], data[ID_BYTES:]
    if checksum != _checksum(person):
        raise MalformedKeyText("a character is wrong; copy it again")
    return PersonId(person)


def _checksum(person: bytes) -> bytes:
    return hashlib.blake2b(person, digest_size=_CHECKSUM_BYTES, person=_PERSON).digest()
