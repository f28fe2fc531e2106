"""The reader over SQLite where it differs from dicts: plans of many rows, and indexes in use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import PutOperation
from meshcoal.store import reader as reader_module
from meshcoal.store.reader import Reader
from meshcoal.store.store import Store

KEY = bytes(range(32))
CAMPAIGN = CampaignId(b"c" * 32)
AUTHORS = [AuthorId(bytes([number]) * 32) for number in range(7)]


def operations(count: int) -> list[PutOperation]:
    """Seven authors in turn; the encoded form is the place in the order."""
    return [
        PutOperation(
            campaign=CAMPAIGN,
            id=OperationId(hashlib.sha256(b"%d" % number).digest()),
            author=AUTHORS[number % 7],
            seq=number // 7,
            depth=number,
            context=0,
            kind=16,
            epoch=EpochId(b"e" * 32),
            encoded=b"%d" % number,
            opened=True,
        )
        for number in range(count)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    Store.create(tmp_path, KEY)
    made = Store.open(tmp_path, KEY)
    yield made
    made.close()


def test_more_than_one_plan(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: catch-up crosses the end of a plan without gap or repeat. Method: plans of 50 rows."""
    monkeypatch.setattr(reader_module, "PLAN_ROWS_MAX", 50)
    store.commit(operations(1000))
    frontier = {AUTHORS[0]: 99, AUTHORS[1]: 3}
    expected = [
        b"%d" % number for number in range(1000) if number // 7 > frontier.get(AUTHORS[number % 7], -1)
    ]
    for page_max in (1, 7, 49, 50, 51, 2000):
        found: list[bytes] = []
        row = 0
        while True:
            page, row = store.reader.after(
                CAMPAIGN, frontier, row=row, operations_max=page_max, bytes_max=1 << 20
            )
            if not page:
                break
            found += page
        assert found == expected


def test_plans_are_bounded(store: Store) -> None:
    """Goal: many peers at once cannot make plans pile up. Method: a hundred frontiers, each left half-way."""
    store.commit(operations(700))
    reader = store.reader
    assert isinstance(reader, Reader)
    for number in range(100):
        page, _ = reader.after(CAMPAIGN, {AUTHORS[0]: number}, row=0, operations_max=5, bytes_max=1 << 20)
        assert len(page) == 5
    assert len(reader._plans) == reader_module.PLANS_MAX


def test_page_left_half_way(store: Store) -> None:
    """Goal: a page cut off by its bytes leaves no read open. Method: tidy, which cuts the log, after it."""
    store.commit(operations(100))
    page, _ = store.reader.after(CAMPAIGN, {}, row=0, operations_max=90, bytes_max=3)
    assert page == [b"0", b"1", b"2"]
    store.tidy()
    assert store._database.path.with_name("store.db-wal").stat().st_size == 0


def test_going_back(store: Store) -> None:
    """Goal: a peer that starts over is served from the start. Method: read on, then from row 0 again."""
    store.commit(operations(100))
    first, row = store.reader.after(CAMPAIGN, {}, row=0, operations_max=10, bytes_max=1 << 20)
    store.reader.after(CAMPAIGN, {}, row=row, operations_max=90, bytes_max=1 << 20)
    store.reader.after(CAMPAIGN, {}, row=row + 50, operations_max=10, bytes_max=1 << 20)
    again, _ = store.reader.after(CAMPAIGN, {}, row=0, operations_max=10, bytes_max=1 << 20)
    assert again == first == [b"%d" % number for number in range(10)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT row FROM operations WHERE author = 1 AND seq > 5 AND row > 9",
        "SELECT max(seq) FROM operations WHERE author = 1",
        "SELECT o.row FROM names AS n JOIN operations AS o ON o.row = n.row WHERE n.handle = 1",
        "SELECT count(*) FROM operations WHERE epoch = 1 AND opened = 0",
        "SELECT text FROM messages WHERE channel = 1 AND depth <= 5 ORDER BY depth DESC",
        "SELECT body FROM bodies WHERE campaign = 1 AND about = x'' AND kind = 2 ORDER BY row",
        "SELECT about, kind, count(*) FROM bodies WHERE campaign = 1 GROUP BY about, kind",
        "SELECT value FROM documents WHERE space = 's' AND key >= x'00' AND key < x'01' ORDER BY key",
        "SELECT value FROM secrets WHERE space = 's' AND key >= x'00' AND key < x'01' ORDER BY key",
        "SELECT min(received_ms) FROM messages WHERE channel = 1",
        "DELETE FROM messages WHERE channel = 1 AND received_ms < 5",
        "DELETE FROM authors WHERE campaign = 1",
        "DELETE FROM operations WHERE author = 1",
    ],
)
def test_queries_use_an_index(store: Store, query: str) -> None:
    """Goal: no query on a message's way reads a whole table or sorts. Method: ask SQLite for its plan."""
    details = [row[3] for row in store._database.rows(f"EXPLAIN QUERY PLAN {query}")]
    assert details
    for detail in details:
        assert detail.startswith("SEARCH"), details
