"""A keystream over bytes that are not uniform by themselves, so that on the wire they are.

Law: a mask hides a form, it does not protect content: it authenticates nothing, and what lies under it is
sealed or public. A key makes one stream, and each byte of the stream covers one byte.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

KEY_BYTES: Final = 32
_COUNTER_AND_NONCE: Final = bytes(16)  # a key is used once, so that neither has anything to tell apart


class Mask:
    """The ChaCha20 keystream of a 32-byte key, from block 0 on (RFC 8439, section 2.4)."""

    __slots__ = ("_stream",)

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "a mask's key is 32 bytes"
        self._stream = Cipher(ChaCha20(key, _COUNTER_AND_NONCE), mode=None).encryptor()

    def over(self, data: bytes) -> bytes:
        """XOR with the next bytes of the stream: puts the mask on, and takes it off."""
        return self._stream.update(data)

    def __repr__(self) -> str:
        return "Mask(...)"
