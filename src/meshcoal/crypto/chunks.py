"""Sealing a file chunk by chunk, so that each can be kept and checked by whoever cannot open it.

Law: one key seals one content. The key of the chunks depends on the hash of the whole file besides the file's
key, so that even a file key that is used for two contents never meets a nonce twice. A chunk is named by the
hash of what is sealed.

Ours, unreviewed; ChaCha20-Poly1305 (RFC 8439) and BLAKE2b (RFC 7693) inside. docs/protocol/attachments.md.
"""

from __future__ import annotations

import hashlib
from typing import Final

from meshcoal.crypto import sealing
from meshcoal.crypto.sealing import KEY_BYTES, NONCE_BYTES

_DIGEST_CONTEXT: Final = b"meshcoal file digest 1"
_CHUNK_CONTEXT: Final = b"meshcoal file chunks 1"
_PERSON_CHUNK: Final = b"meshcoal-chunk-1"
HASH_BYTES: Final = 32


def digest_of(key: bytes, hash: bytes) -> bytes:
    """32 bytes that tell whoever holds the file's key whether a file is this one, and nobody else."""
    assert len(hash) == HASH_BYTES, "a file's hash is 32 bytes"
    return sealing.derive(key, _DIGEST_CONTEXT, hash)


def chunk_key(key: bytes, digest: bytes, campaign: bytes) -> bytes:
    """The key of all chunks of a file, from the file's key, its digest and the campaign (32 bytes each)."""
    assert len(digest) == len(campaign) == KEY_BYTES, "digest and campaign are 32 bytes"
    return sealing.derive(key, _CHUNK_CONTEXT, digest + campaign)


def seal_chunk(key: bytes, place: int, plain: bytes) -> bytes:
    """Seal the chunk at a place: 0 is the manifest, 1 the first of the file. Adds 16 bytes.

    Args:
        key: of `chunk_key`. place: also the nonce, 12 bytes big-endian.
    """
    return sealing.seal(key, place.to_bytes(NONCE_BYTES, "big"), plain, b"")


def open_chunk(key: bytes, place: int, sealed: bytes) -> bytes:
    """Inverse of `seal_chunk`. Raises `BadSeal`."""
    return sealing.unseal(key, place.to_bytes(NONCE_BYTES, "big"), sealed, b"")


def chunk_id(sealed: bytes) -> bytes:
    """32 bytes that name a sealed chunk."""
    return hashlib.blake2b(sealed, digest_size=32, person=_PERSON_CHUNK).digest()
