"""What is erased is gone from the file: pages are decrypted by hand and searched, free space included."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import (
    Change,
    EraseCampaign,
    EraseDocument,
    PutBody,
    PutDocument,
    PutMessage,
    PutOperation,
)
from meshcoal.store.documents import POSTPONED_STEPS_MAX, SMALL_BYTES
from meshcoal.store.store import Store

KEY = bytes(range(32))
PAGE_BYTES = 4096
SALT_BYTES = 16
RESERVE_BYTES = 80  # at the end of each page: 16 bytes of IV, 64 of HMAC-SHA512
LOG_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24


def decrypted(page: bytes, *, first: bool) -> bytes:
    """One page of SQLCipher 4: AES-256 in CBC mode under the raw key."""
    start = SALT_BYTES if first else 0
    iv = page[PAGE_BYTES - RESERVE_BYTES :][:16]
    opener = Cipher(algorithms.AES(KEY), modes.CBC(iv)).decryptor()
    return opener.update(page[start : PAGE_BYTES - RESERVE_BYTES]) + opener.finalize()


def pages(home: Path) -> Iterator[bytes]:
    """Every page of the store and of its log, as they stand on the disk."""
    data = (home / "store.db").read_bytes()
    for at in range(0, len(data), PAGE_BYTES):
        yield decrypted(data[at : at + PAGE_BYTES], first=at == 0)
    log = home / "store.db-wal"
    frames = log.read_bytes()[LOG_HEADER_BYTES:] if log.exists() else b""
    for at in range(0, len(frames), FRAME_HEADER_BYTES + PAGE_BYTES):
        number = int.from_bytes(frames[at : at + 4], "big")
        page = frames[at + FRAME_HEADER_BYTES :][:PAGE_BYTES]
        yield decrypted(page, first=number == 1)


def found(home: Path, canaries: Iterable[bytes]) -> set[bytes]:
    """Which canaries stand anywhere in the decrypted pages; a long value may be cut by a page's end."""
    everything = b"".join(pages(home))
    return {canary for canary in canaries if canary in everything}


def canary(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    Store.create(tmp_path, KEY)
    made = Store.open(tmp_path, KEY)
    yield made
    made.close()


def test_the_search_works(store: Store, tmp_path: Path) -> None:
    """Goal: the search of the other tests sees what is there. Method: in the log, then in the file."""
    store.commit([PutDocument(space="epochs", key=canary("key"), value=canary("value"))])
    assert found(tmp_path, [canary("key"), canary("value")]) == {canary("key"), canary("value")}
    store.close()
    assert found(tmp_path, [canary("key"), canary("value")]) == {canary("key"), canary("value")}


@pytest.mark.parametrize("seed", range(4))
def test_erased_documents(store: Store, tmp_path: Path, seed: int) -> None:
    """Goal: an erased value is nowhere when the step returns. Method: random puts and erasures."""
    chance = random.Random(seed)
    live: dict[bytes, bytes] = {}
    erased: set[bytes] = set()
    for step in range(60):
        changes: list[Change] = []
        for number in range(chance.randrange(1, 12)):
            key, value = canary("key", seed, step, number), canary("value", seed, step, number)
            live[key] = value
            long = value + bytes(chance.choice((0, 0, 40, 700, 3000, 9000)))
            changes.append(PutDocument(space="epochs", key=key, value=long))
        before = set(live)
        for key in sorted(before):
            if chance.random() < 0.3:
                erased |= {key, live.pop(key)}
                changes.append(EraseDocument(space="epochs", key=key))
        store.commit(changes)
        if step % 3 == 0:
            assert found(tmp_path, erased) == set()
    assert found(tmp_path, erased) == set()
    assert len(erased) > 100
    # A live value may be cut in two by the end of a page, so only most are found in one piece.
    assert len(found(tmp_path, live)) == len(live)


def test_postponed_cleaning(store: Store, tmp_path: Path) -> None:
    """Goal: with much to rewrite, cleaning waits, but not for ever. Method: count the chore."""
    count = SMALL_BYTES // 3000 + 1
    fill = [PutDocument(space="peers", key=canary(number), value=bytes(3000)) for number in range(count)]
    store.commit(fill)
    erased = []
    waited = 0
    for step in range(POSTPONED_STEPS_MAX):
        value = canary("postponed", step)
        store.commit([PutDocument(space="epochs", key=b"k", value=value)])
        store.commit([EraseDocument(space="epochs", key=b"k")])
        erased.append(value)
        waited += store._is_due("rewrite")
    assert waited == POSTPONED_STEPS_MAX - 1
    assert not store._is_due("rewrite")
    assert found(tmp_path, erased) == set()
    store.commit([EraseDocument(space="epochs", key=canary(0))])
    assert store._is_due("rewrite")
    store.close()
    again = Store.open(tmp_path, KEY)
    assert not again._is_due("rewrite")
    assert len(again.reader.documents("peers")) == len(fill)
    again.close()


def test_erased_campaign(store: Store, tmp_path: Path) -> None:
    """Goal: nothing of an erased campaign stays, the other is whole. Method: every kind of row, twice."""
    traces: dict[str, list[bytes]] = {}
    for name in ("gone", "kept"):
        campaign = CampaignId(canary(name))
        changes: list[Change] = []
        trace = [canary(name), canary(name, "epoch"), canary(name, "channel")[:16]]
        for number in range(120):
            id_ = OperationId(canary(name, "id", number))
            author = AuthorId(canary(name, "author", number % 5))
            text = canary(name, "text", number).hex()
            trace += [
                id_,
                author,
                text.encode(),
                canary(name, "body", number),
                canary(name, "encoded", number),
            ]
            changes += [
                PutOperation(
                    campaign=campaign,
                    id=id_,
                    author=author,
                    seq=number // 5,
                    depth=number,
                    context=0,
                    kind=16,
                    epoch=EpochId(canary(name, "epoch")),
                    encoded=canary(name, "encoded", number) + bytes(number * 20),
                    opened=number % 2 == 0,
                ),
                PutBody(campaign=campaign, id=id_, body=canary(name, "body", number)),
                PutMessage(
                    campaign=campaign,
                    channel=canary(name, "channel")[:16],
                    id=id_,
                    author=author,
                    seq=number // 5,
                    depth=number,
                    context=0,
                    at_ms=0,
                    text=text,
                    reply_to=b"",
                ),
            ]
        store.commit(changes)
        traces[name] = trace
    assert len(found(tmp_path, traces["gone"])) == len(set(traces["gone"]))
    store.commit([EraseCampaign(campaign=CampaignId(canary("gone")))])
    assert found(tmp_path, traces["gone"]) == set()
    assert len(found(tmp_path, traces["kept"])) == len(set(traces["kept"]))
    assert store.reader.operation_count(CampaignId(canary("kept"))) == 120


def test_no_room_to_clean_up(store: Store, tmp_path: Path) -> None:
    """Goal: a clean-up that fails costs neither step nor store. Method: a folder in the way of the copy."""
    campaign = CampaignId(canary("gone"))
    put = PutOperation(
        campaign=campaign,
        id=OperationId(canary("id")),
        author=AuthorId(canary("author")),
        seq=0,
        depth=0,
        context=0,
        kind=16,
        epoch=EpochId(canary("epoch")),
        encoded=canary("encoded"),
        opened=True,
    )
    store.commit([put, PutDocument(space="settings", key=b"k", value=b"kept")])
    in_the_way = tmp_path / "store.db.compact"
    in_the_way.mkdir()
    store.commit([EraseCampaign(campaign=campaign)])
    assert store.reader.operation_count(campaign) == 0
    assert store._is_due("compact")
    store.commit([PutDocument(space="settings", key=b"l", value=b"more")])
    store.close()
    in_the_way.rmdir()
    again = Store.open(tmp_path, KEY)
    assert not again._is_due("compact")
    assert [value for _, value in again.reader.documents("settings")] == [b"kept", b"more"]
    assert found(tmp_path, [campaign, put.id, put.encoded]) == set()
    again.close()


def test_erasure_before_a_crash(store: Store, tmp_path: Path) -> None:
    """Goal: a clean-up that was cut off is finished at the next opening. Method: leave it out, copy."""
    store.commit([PutDocument(space="epochs", key=b"k", value=canary("secret"))])
    store._remove_traces = lambda: None  # type: ignore[method-assign]  # the power goes before the clean-up
    store.commit([EraseDocument(space="epochs", key=b"k")])
    assert found(tmp_path, [canary("secret")]) == {canary("secret")}
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("store.db", "store.db-wal"):
        (crashed / name).write_bytes((tmp_path / name).read_bytes())
    again = Store.open(crashed, KEY)
    assert found(crashed, [canary("secret")]) == set()
    again.close()
