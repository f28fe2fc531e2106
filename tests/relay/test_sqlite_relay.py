"""The SQLite store of a relay as a file: kept over a restart, damaged, and what it says on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from meshcoal.clock import HOUR_MS
from meshcoal.errors import Corrupt
from meshcoal.relay.sqlite import SqliteStore
from meshcoal.relay.store import Envelope
from meshcoal.sync.board import envelope_hash

NOW_MS = 1_800_000_123_456


def envelope(number: int) -> Envelope:
    data = hashlib.shake_256(str(number).encode()).digest(512)
    return Envelope(topic=b"t" * 32, hashed=envelope_hash(data), envelope=data, signature=bytes(64))


async def test_what_was_answered_for_is_there_after_the_process_died(tmp_path: Path) -> None:
    """Goal: an answer lasts. Method: put, copy the files as a crash leaves them, open the copy."""
    store = SqliteStore(tmp_path / "relay.db")
    for number in range(10):
        await store.put(envelope(number), NOW_MS)
    copies = tmp_path / "copy"
    copies.mkdir()
    for name in ("relay.db", "relay.db-wal"):
        (copies / name).write_bytes((tmp_path / name).read_bytes())
    await store.close()
    again = SqliteStore(copies / "relay.db")
    page = await again.page(b"t" * 32, 0, envelopes_max=64, bytes_max=100_000)
    assert [data for data, _ in page.envelopes] == [envelope(number).envelope for number in range(10)]
    assert (await again.put(envelope(11), NOW_MS)).serial == 11
    await again.close()


async def test_moments_are_kept_to_the_hour_and_what_expired_is_off_the_disk(tmp_path: Path) -> None:
    """Goal: no finer time than needed, and nothing left behind. Method: the bytes of the files."""
    path = tmp_path / "relay.db"
    store = SqliteStore(path)
    gone, kept = envelope(1), envelope(2)
    await store.put(gone, NOW_MS)
    await store.put(kept, NOW_MS + 30 * HOUR_MS)
    await store.expire(NOW_MS + 2 * HOUR_MS)
    await store.close()
    data = path.read_bytes()
    assert not path.with_name("relay.db-wal").exists()
    assert gone.envelope[:64] not in data
    assert kept.envelope[:64] in data
    for moment in (NOW_MS, NOW_MS + 30 * HOUR_MS):
        assert moment.to_bytes(8, "big")[2:] not in data


async def test_a_file_that_is_no_store_is_refused_in_words(tmp_path: Path) -> None:
    """Goal: Corrupt, and the file is left alone. Method: garbage in its place."""
    path = tmp_path / "relay.db"
    path.write_bytes(b"something else" * 1_000)
    with pytest.raises(Corrupt):
        SqliteStore(path)
    assert path.read_bytes() == b"something else" * 1_000
