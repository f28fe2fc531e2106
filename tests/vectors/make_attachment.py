"""Makes `attachment.json`: a file of two chunks, sealed, and what a message says of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.chunks import chunk_id, chunk_key, digest_of, seal_chunk
from meshcoal.crypto.sealing import pad
from meshcoal.limits import CHUNK_BYTES
from meshcoal.wire import record
from meshcoal.wire.attachment import Attachment, Manifest, chunk_count, file_hash, padded_file_bytes

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("attachment.json")
SIZE: Final = 40_000
SIZES: Final = (0, 1_024, 1_025, 32_640, 32_641, 40_000, 1_000_000, 20 * 1024 * 1024)


def build() -> dict[str, Any]:
    data, key, campaign = fixed("a file", SIZE), fixed("file key", 32), fixed("campaign", 32)
    digest = digest_of(key, file_hash(data))
    sealing = chunk_key(key, digest, campaign)
    padded = data.ljust(padded_file_bytes(SIZE), b"\x00")
    chunks = [
        seal_chunk(sealing, place, padded[(place - 1) * CHUNK_BYTES : place * CHUNK_BYTES])
        for place in range(1, chunk_count(SIZE) + 1)
    ]
    plain = record.encode(Manifest(chunks=tuple([chunk_id(sealed) for sealed in chunks])))
    manifest = seal_chunk(sealing, 0, pad(plain))
    said = Attachment(
        name="scan.pdf",
        media_type="application/pdf",
        size=SIZE,
        key=key,
        digest=digest,
        manifest=chunk_id(manifest),
    )
    return {
        "about": "docs/protocol/attachments.md. The file is SHAKE256('a file'), 40,000 bytes. Bytes in hex; "
        "of sealed chunks the first and last 32 bytes.",
        "padding": [
            {"size": size, "padded": padded_file_bytes(size), "chunks": chunk_count(size)} for size in SIZES
        ],
        "campaign": campaign.hex(),
        "key": key.hex(),
        "hash": file_hash(data).hex(),
        "digest": digest.hex(),
        "chunk_key": sealing.hex(),
        "chunks": [
            {"id": chunk_id(one).hex(), "bytes": len(one), "first": one[:32].hex(), "last": one[-32:].hex()}
            for one in chunks
        ],
        "manifest_plain": plain.hex(),
        "manifest_sealed": manifest.hex(),
        "manifest_id": chunk_id(manifest).hex(),
        "attachment": record.encode(said).hex(),
    }


if __name__ == "__main__":
    run(FILE, build)
