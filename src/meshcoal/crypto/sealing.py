"""Sealing with a shared key: ChaCha20-Poly1305 (RFC 8439), and the derivation of keys.

Law: no key meets the same nonce twice. A body's key is derived from the lane key and a fresh salt, is used
for one body, and therefore takes the zero nonce. What is not secret but must not be exchanged (campaign,
author, place in the log) is authenticated with it.

The body key, and the padding that blurs a body's length, are ours, unreviewed. Bytes:
docs/protocol/contexts.md lists the labels; docs/protocol/operation.md the header they belong to.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.errors import BadSeal, OverLimit, Truncated
from meshcoal.limits import BODY_BYTES_MAX

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
DERIVED_BYTES_MAX: Final = 64
CONTEXT_BYTES_MAX: Final = 255

BODY_CLASSES_BYTES: Final = (64, 128, 256, 512, 1024, 2048)  # padded plaintext; above these, Padme
BODY_PLAINTEXT_BYTES_MAX: Final = BODY_BYTES_MAX - TAG_BYTES - 1  # the padding is at least one byte

_BODY_CONTEXT: Final = b"meshcoal body key 1"
_BODY_SALT_BYTES: Final = 16
_BODY_ID_BYTES: Final = 32
_ZERO_NONCE: Final = bytes(NONCE_BYTES)
_MARK: Final = b"\x80"


def derive(key: bytes, context: bytes, data: bytes = b"", size: int = 32) -> bytes:
    """A key from a key: keyed BLAKE2b (RFC 7693) over length of context (1 byte), context, data.

    Args:
        key: 16 to 64 bytes, secret and uniform.
        context: an ASCII label of 1 to 255 bytes from docs/protocol/contexts.md; says what the result is for.
        data: what else the result depends on. Where it has several parts the caller keeps them apart,
            by fixed sizes or length prefixes.
        size: 1 to 64 bytes; a different size gives an unrelated result, not a longer or shorter one.
    """
    assert 16 <= len(key) <= DERIVED_BYTES_MAX, "a key is 16 to 64 bytes"
    assert 1 <= len(context) <= CONTEXT_BYTES_MAX, "a context is 1 to 255 bytes"
    assert context.isascii(), "a context is ASCII"
    return hashlib.blake2b(bytes([len(context)]) + context + data, key=key, digest_size=size).digest()


def deriver(context: bytes) -> Callable[[bytes], bytes]:
    """`derive` of 32 bytes for one context, without data: what depends on the context alone is done once."""
    assert 1 <= len(context) <= CONTEXT_BYTES_MAX, "a context is 1 to 255 bytes"
    assert context.isascii(), "a context is ASCII"
    labelled = bytes([len(context)]) + context
    blake2b = hashlib.blake2b

    def derived(key: bytes) -> bytes:
        assert 16 <= len(key) <= DERIVED_BYTES_MAX, "a key is 16 to 64 bytes"
        return blake2b(labelled, key=key, digest_size=32).digest()

    return derived


def seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Encrypt and authenticate. Key 32 bytes, nonce 12 bytes and never twice under one key; adds 16 bytes."""
    assert len(key) == KEY_BYTES, "a key is 32 bytes"
    assert len(nonce) == NONCE_BYTES, "a nonce is 12 bytes"
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, associated)


def unseal(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Inverse of `seal`.

    Raises:
        BadSeal: another key, nonce or associated data, a changed byte, or shorter than a tag.
    """
    assert len(key) == KEY_BYTES, "a key is 32 bytes"
    assert len(nonce) == NONCE_BYTES, "a nonce is 12 bytes"
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, associated)
    except InvalidTag as exc:
        raise BadSeal("the seal does not hold") from exc


def seal_body(
    lane_key: bytes, salt: bytes, author: bytes, seq: int, campaign: bytes, plaintext: bytes
) -> bytes:
    """Seal an operation's body under an epoch's lane key. Ours, unreviewed.

    The message key is `derive(lane_key, "meshcoal body key 1", salt | author | seq)`, the nonce zero, the
    associated data campaign | author | seq; seq is 8 bytes big-endian. The plaintext is padded first.

    Args:
        lane_key: 32 bytes. salt: 16 fresh bytes. author, campaign: 32 bytes each (campaign is zeros in
            `create`). seq: place in the author's log.

    Returns:
        `padded_size(len(plaintext)) + 16` bytes.

    Raises:
        OverLimit: the plaintext is longer than `BODY_PLAINTEXT_BYTES_MAX`.
    """
    if len(plaintext) > BODY_PLAINTEXT_BYTES_MAX:
        raise OverLimit(f"a body is at most {BODY_PLAINTEXT_BYTES_MAX} bytes")
    key, associated = _body_key(lane_key, salt, author, seq, campaign)
    return seal(key, _ZERO_NONCE, _pad(plaintext), associated)


def unseal_body(
    lane_key: bytes, salt: bytes, author: bytes, seq: int, campaign: bytes, sealed: bytes
) -> bytes:
    """Inverse of `seal_body`.

    Raises:
        Truncated: of a length that `seal_body` never makes.
        BadSeal: the seal does not hold, or the padding is not the one that `seal_body` makes.
        OverLimit: longer than any body may be.
    """
    check_sealed_size(sealed)
    key, associated = _body_key(lane_key, salt, author, seq, campaign)
    return _unpad(unseal(key, _ZERO_NONCE, sealed, associated))


def pad(plaintext: bytes) -> bytes:
    """Blur a length: a mark, then zeros up to `padded_size`. Ours, unreviewed.

    Raises:
        OverLimit: the plaintext is longer than `BODY_PLAINTEXT_BYTES_MAX`.
    """
    if len(plaintext) > BODY_PLAINTEXT_BYTES_MAX:
        raise OverLimit(f"a body is at most {BODY_PLAINTEXT_BYTES_MAX} bytes")
    return _pad(plaintext)


def unpad(padded: bytes) -> bytes:
    """Inverse of `pad`. Raises `BadSeal` where the padding is not the one that `pad` makes."""
    return _unpad(padded)


def check_sealed_size(sealed: bytes) -> None:
    """Refuse what cannot be a sealed, padded plaintext by its length alone, which is no secret.

    Raises:
        OverLimit: longer than any body may be.
        Truncated: of a length that padding never gives: cut off, or joined.
    """
    if len(sealed) > BODY_BYTES_MAX:
        raise OverLimit(f"a sealed body is at most {BODY_BYTES_MAX} bytes")
    size = len(sealed) - TAG_BYTES
    if size < BODY_CLASSES_BYTES[0] or padded_size(size - 1) != size:
        raise Truncated("sealed bytes of a length that padding never gives")


def padded_size(size: int) -> int:
    """Bytes a plaintext of `size` bytes has once padded: a size class, or Padme above the largest.

    Padme (Nikitin et al., PoPETs 2019, "Reducing metadata leakage from encrypted files", section 4) leaks
    O(log log size) bits of the length and adds at most 12 %.
    """
    least = size + len(_MARK)
    if least <= BODY_CLASSES_BYTES[-1]:
        return BODY_CLASSES_BYTES[bisect_left(BODY_CLASSES_BYTES, least)]
    exponent = least.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return min((least + mask) & ~mask, BODY_BYTES_MAX - TAG_BYTES)


def _body_key(lane_key: bytes, salt: bytes, author: bytes, seq: int, campaign: bytes) -> tuple[bytes, bytes]:
    assert len(lane_key) == KEY_BYTES, "a lane key is 32 bytes"
    assert len(salt) == _BODY_SALT_BYTES, "a salt is 16 bytes"
    assert len(author) == len(campaign) == _BODY_ID_BYTES, "author and campaign are 32 bytes"
    place = author + seq.to_bytes(8, "big")
    return derive(lane_key, _BODY_CONTEXT, salt + place), campaign + place


def _pad(plaintext: bytes) -> bytes:
    # ISO/IEC 7816-4: a mark, then zeros. Prefix-free, so any plaintext comes back as it was.
    return (plaintext + _MARK).ljust(padded_size(len(plaintext)), b"\x00")


def _unpad(padded: bytes) -> bytes:
    marked = padded.rstrip(b"\x00")
    if not marked.endswith(_MARK):
        raise BadSeal("the padding is wrong")
    plaintext = marked[: -len(_MARK)]
    if len(padded) != padded_size(len(plaintext)):
        raise BadSeal("the padding is of the wrong length")
    return plaintext
