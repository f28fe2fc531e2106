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
    BlankMessage,
    Change,
    EraseCampaign,
    EraseDocument,
    EraseMessages,
    PutBody,
    PutDocument,
    PutMessage,
    PutOperation,
)
from meshcoal.store import finding
from meshcoal.store import store as store_module
from meshcoal.store.documents import SECRETS
from meshcoal.store.store import Store
from meshcoal.store.tidying import ATTACHED, COMPACT, MARKS, MESSAGES, ROUNDS_MAX, SHARE_BYTES
from meshcoal.text.folding import TERM_CHARS_MAX, question

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


@pytest.mark.parametrize("space", ["chains", "bundles"])
@pytest.mark.parametrize("seed", range(2))
def test_erased_documents(store: Store, tmp_path: Path, space: str, seed: int) -> None:
    """Goal: an erased value is nowhere once tidied, in either table. Method: random puts and erasures."""
    chance = random.Random(seed)
    live: dict[bytes, bytes] = {}
    erased: set[bytes] = set()
    for step in range(60):
        changes: list[Change] = []
        for number in range(chance.randrange(1, 12)):
            key, value = canary("key", seed, step, number), canary("value", seed, step, number)
            live[key] = value
            long = value + bytes(chance.choice((0, 0, 40, 700, 3000, 9000)))
            changes.append(PutDocument(space=space, key=key, value=long))
        before = set(live)
        for key in sorted(before):
            if chance.random() < 0.3:
                erased |= {key, live.pop(key)}
                changes.append(EraseDocument(space=space, key=key))
        store.commit(changes)
        if step % 3 == 0:
            store.tidy()
            assert found(tmp_path, erased) == set()
    store.tidy()
    assert found(tmp_path, erased) == set()
    assert len(erased) > 100
    # A live value may be cut in two by the end of a page, so only most are found in one piece.
    assert len(found(tmp_path, live)) == len(live)


@pytest.mark.parametrize("seed", range(3))
def test_replaced_documents(store: Store, tmp_path: Path, seed: int) -> None:
    """Goal: no older version of a value is anywhere once tidied. Method: wind many values of many sizes."""
    chance = random.Random(seed)
    current: dict[bytes, bytes] = {}
    older: set[bytes] = set()
    traces = 0
    for step in range(60):
        changes: list[Change] = []
        for number in range(chance.randrange(1, 9)):
            key, value = canary("key", chance.randrange(150)), canary(seed, step, number)
            older |= {current[key]} if key in current else set()
            current[key] = value
            changes.append(PutDocument(space="chains", key=key, value=value + bytes(chance.randrange(300))))
        store.commit(changes)
        if step % 7 == 6:
            traces += len(found(tmp_path, older))
            store.tidy()
            assert found(tmp_path, older) == set()
    assert len(older) > 100
    assert traces > 50, "without tidying they are there: the test can find something"
    assert len(found(tmp_path, current.values())) == len(current)


@pytest.mark.parametrize("seed", range(2))
def test_expired_messages(store: Store, tmp_path: Path, seed: int) -> None:
    """Goal: expired talk is in no page, the rest is whole. Method: texts of all sizes, in odd order."""
    chance = random.Random(seed)
    campaign = CampaignId(canary("campaign"))
    texts: dict[int, bytes] = {}
    for step in range(20):
        puts = [written(campaign, step * 20 + number) for number in range(20)]
        store.commit(puts)
        told = list(range(step * 20, step * 20 + 20))
        chance.shuffle(told)
        for number in told:
            text = canary(seed, "text", number).hex()
            texts[number] = text.encode()
            long = text + " " * chance.choice((0, 20, 500, 2_000, 8_000))
            store.commit([said(campaign, number, long, received_ms=number // 3)])
        store.commit([EraseMessages(campaign=campaign, before_ms=step * 5)])
        gone = {texts.pop(number) for number in list(texts) if number // 3 < step * 5}
        if step % 4 == 3:
            store.tidy()
            assert found(tmp_path, gone) == set()
    store.tidy()
    count = store.reader.message_count(campaign, b"c" * 16)
    assert count == len(texts) == len(found(tmp_path, texts.values()))


def test_large_tables_wait_their_turn(store: Store, tmp_path: Path) -> None:
    """Goal: a large table is not written anew each time, but in the end. Method: count rounds."""
    count = 3 * SHARE_BYTES // 3000 + 1
    fill = [PutDocument(space="peers", key=canary(number), value=bytes(3000)) for number in range(count)]
    store.commit(fill)
    store.tidy()
    assert store._tidying.due == frozenset()
    erased = [canary("postponed", step) for step in range(5)]
    for value in erased:
        store.commit([PutDocument(space="chains", key=b"k", value=value)])
    store.commit([EraseDocument(space="chains", key=b"k")])
    for _ in range(3):
        store.tidy()
        assert store._tidying.due == {SECRETS}
    store.tidy()
    assert store._tidying.due == frozenset()
    assert found(tmp_path, erased) == set()
    assert ROUNDS_MAX * 30 <= 3600, "an hour, at a round each half minute"


def test_what_waits_is_done_at_the_next_opening(store: Store, tmp_path: Path) -> None:
    """Goal: closing and opening leave nothing due. Method: each kind of chore; close, and copy as killed."""
    campaign = CampaignId(canary("campaign"))
    store.commit([written(campaign, 0), said(campaign, 0, canary("text").hex(), received_ms=0)])
    store.commit([PutDocument(space="bundles", key=b"k", value=canary("bundle"))])
    store.commit(
        [
            EraseMessages(campaign=campaign, before_ms=1),
            EraseDocument(space="bundles", key=b"k"),
            PutDocument(space="chains", key=b"k", value=canary("chain")),
        ]
    )
    store.commit([PutDocument(space="chains", key=b"k", value=bytes(40))])
    assert store._tidying.due == {SECRETS, "documents", MESSAGES, MARKS, ATTACHED}
    secret = [canary("text").hex().encode(), canary("bundle"), canary("chain")]
    assert found(tmp_path, secret) == set(secret), "the log holds the pages as they were"
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("store.db", "store.db-wal"):
        (crashed / name).write_bytes((tmp_path / name).read_bytes())
    again = Store.open(crashed, KEY)
    assert found(crashed, secret) == set()
    assert again._tidying.due == frozenset()
    again.close()
    store.close()
    assert found(tmp_path, secret) == set()


@pytest.mark.parametrize("slices", [0, 2])
def test_what_is_erased_while_the_index_is_filled(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slices: int
) -> None:
    """Goal: filling the index delays no tidying by more than its slices. Method: erase between two slices;
    tidy until no more is to be done, and for as many slices as may come between two rounds."""
    monkeypatch.setattr(finding, "SLICE_ROWS", 20)
    campaign = CampaignId(canary("campaign"))
    texts = [canary("text", number).hex() for number in range(110)]
    puts = [written(campaign, number) for number in range(110)]
    talk = [said(campaign, number, text, received_ms=number) for number, text in enumerate(texts)]
    store.commit([*puts, *talk, PutDocument(space="chains", key=b"k", value=canary("chain"))])
    if slices:
        monkeypatch.setattr(store_module, "_SLICES_BETWEEN", slices)
    assert store.tidy(), "there is more to be filled in"
    store.commit([EraseMessages(campaign=campaign, before_ms=50), EraseDocument(space="chains", key=b"k")])
    # As it stands in the index too: without what it may begin with alike.
    secret = [canary("chain"), *[text[8:TERM_CHARS_MAX].encode() for text in texts[:50]]]
    assert found(tmp_path, secret), "the log holds the pages as they were"
    if slices:
        for _ in range(slices + 1):
            assert store.tidy(), "there is more to be filled in"
        assert found(tmp_path, secret) == set()
    while store.tidy():
        pass
    assert found(tmp_path, secret) == set()
    assert store.reader.unindexed() == (0, 110)


def test_words_of_erased_messages_leave_the_index(store: Store, tmp_path: Path) -> None:
    """Goal: the index keeps no word of what vanished. Method: fill it, let half vanish, tidy; then more."""
    campaign = CampaignId(canary("campaign"))
    words = [canary("word", number).hex()[:TERM_CHARS_MAX] for number in range(600)]
    texts = [said(campaign, at, f"so {word}", received_ms=at) for at, word in enumerate(words)]
    store.commit([*[written(campaign, at) for at in range(600)], *texts])
    while store.tidy():
        pass
    assert store.reader.unindexed() == (0, 600)
    assert len(store.reader.find(campaign, question(words[7][:20]), before=None, limit=9).rows) == 1
    gone, kept = words[:300], words[300:]
    # Words in an index leave out what they begin with alike.
    secret = [word[8:].encode() for word in gone]
    store.commit([EraseMessages(campaign=campaign, before_ms=300)])
    assert not store.reader.find(campaign, question(gone[7]), before=None, limit=9).rows
    assert store.reader.find(campaign, question(kept[7]), before=None, limit=9).rows
    store.tidy(whole=True)
    assert found(tmp_path, secret) == set()
    assert store.reader.find(campaign, question(kept[7]), before=None, limit=9).rows, "read through meanwhile"
    while store.tidy():
        pass
    assert store.reader.unindexed() == (0, 600)
    assert len(store.reader.find(campaign, question(kept[9]), before=None, limit=9).rows) == 1
    store.commit([BlankMessage(id=texts[500].id)])
    store.tidy(whole=True)
    assert found(tmp_path, [words[500][8:].encode()]) == set()
    store.commit([EraseCampaign(campaign=campaign)])
    store.close()
    assert found(tmp_path, [word[8:].encode() for word in words]) == set()


def written(campaign: CampaignId, number: int) -> PutOperation:
    return PutOperation(
        campaign=campaign,
        id=OperationId(canary(campaign, "id", number)),
        author=AuthorId(canary("author")),
        seq=number,
        depth=number,
        context=0,
        kind=16,
        epoch=EpochId(canary("epoch")),
        encoded=canary("encoded", number),
        opened=True,
    )


def said(campaign: CampaignId, number: int, text: str, *, received_ms: int) -> PutMessage:
    return PutMessage(
        campaign=campaign,
        channel=b"c" * 16,
        id=OperationId(canary(campaign, "id", number)),
        author=AuthorId(canary("author")),
        seq=number,
        depth=number,
        context=0,
        at_ms=0,
        received_ms=received_ms,
        text=text,
        reply_to=b"",
    )


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
                PutBody(campaign=campaign, id=id_, kind=16, about=b"", body=canary(name, "body", number)),
                PutMessage(
                    campaign=campaign,
                    channel=canary(name, "channel")[:16],
                    id=id_,
                    author=author,
                    seq=number // 5,
                    depth=number,
                    context=0,
                    at_ms=0,
                    received_ms=0,
                    text=text,
                    reply_to=b"",
                ),
            ]
        store.commit(changes)
        traces[name] = trace
    assert len(found(tmp_path, traces["gone"])) == len(set(traces["gone"]))
    store.commit([EraseCampaign(campaign=CampaignId(canary("gone")))])
    store.tidy()
    assert found(tmp_path, traces["gone"]) == set()
    assert len(found(tmp_path, traces["kept"])) == len(set(traces["kept"]))
    assert store.reader.operation_count(CampaignId(canary("kept"))) == 120


def test_no_room_to_clean_up(store: Store, tmp_path: Path) -> None:
    """Goal: a clean-up that fails costs neither step nor store. Method: a folder in the way of the copy."""
    campaign = CampaignId(canary("gone"))
    put = written(campaign, 0)
    store.commit([put, PutDocument(space="settings", key=b"k", value=b"kept")])
    in_the_way = tmp_path / "store.db.compact"
    in_the_way.mkdir()
    store.commit([EraseCampaign(campaign=campaign)])
    store.tidy()
    assert store.reader.operation_count(campaign) == 0
    assert store._tidying.due == {COMPACT}
    store.commit([PutDocument(space="settings", key=b"l", value=b"more")])
    store.close()
    in_the_way.rmdir()
    again = Store.open(tmp_path, KEY)
    assert again._tidying.due == frozenset()
    assert [value for _, value in again.reader.documents("settings")] == [b"kept", b"more"]
    assert found(tmp_path, [campaign, put.id, put.encoded]) == set()
    again.close()
