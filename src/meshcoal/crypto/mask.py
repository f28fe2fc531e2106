"""A keystream over bytes that are not uniform by themselves, so that on the wire they are.

Law: a mask hides a form, it does not protect content: it authenticates nothing, and what lies under it is
sealed or public. A key masks one message.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

KEY_BYTES: Final = 32
_COUNTER_AND_NONCE: Final = bytes(16)  # a key is used once, so that neither has anything to tell apart


def mask(key: bytes, data: bytes) -> bytes:
    """XOR with the ChaCha20 keystream of a 32-byte key, block 0 first (RFC 8439, 2.4); its own inverse."""
    assert len(key) == KEY_BYTES, "a mask's key is 32 bytes"
    return Cipher(ChaCha20(key, _COUNTER_AND_NONCE), mode=None).encryptor().update(data)
