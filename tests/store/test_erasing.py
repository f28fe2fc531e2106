"""Large campaigns are erased in slices; large tables are written anew, and no start waits for it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.ids import CampaignId, OperationId
from meshcoal.log.changes import (
    Change,
    EraseCampaign,
    EraseMessages,
    PutAttached,
    PutBody,
    PutChunk,
)
from meshcoal.store import erasing, tidying
from meshcoal.store.erasing import Progress
from meshcoal.store.store import Store

sys.path.insert(0, str(Path(__file__).parent))
from test_erasure import KEY, canary, found, said, written

GONE = CampaignId(canary("gone"))
KEPT = CampaignId(canary("kept"))
COUNT = 60
SLICE = 16


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Two campaigns of every kind of row, in a store that erases sixteen rows at a time."""
    monkeypatch.setattr(erasing, "SLICE_ROWS", SLICE)
    Store.create(tmp_path, KEY)
    opened = Store.open(tmp_path, KEY)
    for campaign in (GONE, KEPT):
        opened.commit(filling(campaign))
    yield opened
    opened.close()


def filling(campaign: CampaignId) -> list[Change]:
    changes: list[Change] = []
    for number in range(COUNT):
        put = written(campaign, number)
        changes += [put, said(campaign, number, text_of(campaign, number), received_ms=number)]
        changes.append(PutBody(campaign=campaign, id=put.id, kind=16, about=b"", body=canary("body", number)))
        changes.append(PutAttached(id=put.id, encoded=canary(campaign, "attached", number)))
        chunk = canary(campaign, "chunk", number)
        changes.append(
            PutChunk(campaign=campaign, file=canary("file"), place=number, id=canary(chunk), sealed=chunk)
        )
    return changes


def text_of(campaign: CampaignId, number: int) -> str:
    return canary(campaign, "text", number).hex()


def id_of(campaign: CampaignId, number: int) -> OperationId:
    return OperationId(canary(campaign, "id", number))


def is_gone(store: Store) -> None:
    """Nothing that is asked finds the campaign."""
    reader = store.reader
    assert reader.operation_count(GONE) == 0
    assert reader.frontier(GONE) == {}
    assert reader.message_count(GONE, b"c" * 16) == 0
    assert list(reader.messages(GONE, b"c" * 16, before=None, limit=100)) == []
    assert reader.bodies(GONE, (16,)) == []
    assert reader.body_counts(GONE) == {}
    assert list(reader.attached(GONE)) == []
    assert reader.files(GONE) == []
    assert reader.oldest_message_ms(GONE) is None
    assert reader.after(GONE, {}, row=0, operations_max=9, bytes_max=9_999) == ([], 0)
    for number in range(COUNT):
        one = id_of(GONE, number)
        assert (reader.operation(one), reader.place(one), reader.message(one)) == (None, None, None)
        assert reader.attached_to(one) is None


def is_whole(store: Store, campaign: CampaignId = KEPT) -> None:
    reader = store.reader
    assert reader.operation_count(campaign) == COUNT
    shown = reader.messages(campaign, b"c" * 16, before=None, limit=100)
    assert [row.text for row in shown] == [text_of(campaign, number) for number in range(COUNT)]
    assert reader.message_count(campaign, b"c" * 16) == COUNT
    assert len(list(reader.attached(campaign))) == COUNT
    assert len(reader.bodies(campaign, (16,))) == COUNT
    assert len(reader.chunk_places(campaign, canary("file"))) == COUNT
    assert all(reader.operation(id_of(campaign, number)) is not None for number in range(COUNT))


def traces() -> list[bytes]:
    named = [canary(GONE, what, number) for what in ("id", "attached", "chunk") for number in range(COUNT)]
    return [*named, *[text_of(GONE, number).encode() for number in range(COUNT)], GONE]


def test_an_erasure_in_slices(store: Store, tmp_path: Path) -> None:
    """Goal: it is gone at once, its rows slice by slice, and at last without trace. Method: steps between."""
    assert len(found(tmp_path, traces())) == len(traces())
    store.commit([EraseCampaign(campaign=GONE)])
    is_gone(store)
    told = [store.erasing]
    while store.tidy():
        is_gone(store)
        is_whole(store)
        told.append(store.erasing)
    assert told[0] == Progress(done=0, total=COUNT)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert len(told) > COUNT // SLICE
    assert max(after.done - before.done for before, after in itertools.pairwise(told)) <= SLICE
    assert store.erasing == Progress(done=0, total=0)
    is_gone(store)
    is_whole(store)
    assert found(tmp_path, traces()) == set()


@pytest.mark.parametrize("slices", range(12))
def test_an_erasure_goes_on_after_a_crash(store: Store, tmp_path: Path, slices: int) -> None:
    """Goal: a kill between two slices loses nothing of it. Method: copy the files after each, and open."""
    store.commit([EraseCampaign(campaign=GONE)])
    for _ in range(slices):
        store.tidy()
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("store.db", "store.db-wal"):
        (crashed / name).write_bytes((tmp_path / name).read_bytes())
    again = Store.open(crashed, KEY)
    assert again.erasing.total == store.erasing.total - store.erasing.done
    is_gone(again)
    is_whole(again)
    while again.tidy():
        pass
    assert found(crashed, traces()) == set()
    is_whole(again)
    again.close()


def test_closing_ends_an_erasure(store: Store, tmp_path: Path) -> None:
    """Goal: what was erased is gone when the program has ended. Method: close after the first slice."""
    store.commit([EraseCampaign(campaign=GONE)])
    store.tidy()
    store.close()
    assert found(tmp_path, traces()) == set()


def test_a_step_that_is_undone_erases_nothing(store: Store) -> None:
    """Goal: erasing belongs to its step. Method: undo it, with slices of another erasure waiting or not."""
    store.begin()
    store.apply([EraseCampaign(campaign=GONE)])
    is_gone(store)
    store.rollback()
    is_whole(store, GONE)
    assert store.erasing == Progress(done=0, total=0)
    assert not store.tidy()
    is_whole(store, GONE)


def test_a_campaign_comes_back_while_it_is_erased(store: Store, tmp_path: Path) -> None:
    """Goal: who is admitted again gets it all. Method: put the same operations before the slices are done."""
    store.commit([EraseCampaign(campaign=GONE)])
    store.tidy()
    store.commit(filling(GONE))
    is_whole(store, GONE)
    while store.tidy():
        is_whole(store, GONE)
    is_whole(store, GONE)
    is_whole(store)


def test_two_campaigns_go_one_after_the_other(store: Store) -> None:
    """Goal: slices of several erasures come to an end. Method: erase both at once."""
    store.commit([EraseCampaign(campaign=GONE), EraseCampaign(campaign=KEPT)])
    assert store.erasing.total == 2 * COUNT
    while store.tidy():
        is_gone(store)
    assert store._database.rows("SELECT count(*) FROM operations") == [(0,)]
    assert store._database.rows("SELECT count(*) FROM campaigns") == [(0,)]


def test_no_room_for_a_slice(store: Store) -> None:
    """Goal: a full disk stops an erasure and nothing else. Method: no page may be added meanwhile."""
    store.commit([EraseCampaign(campaign=GONE)])
    pages = store._database.rows("PRAGMA page_count")[0][0]
    store._database.rows(f"PRAGMA max_page_count = {pages}")
    store.tidy()
    is_gone(store)
    is_whole(store)
    store._database.rows("PRAGMA max_page_count = 1000000")
    while store.tidy():
        pass
    is_whole(store)


def test_a_large_table_is_copied_within_the_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: expired talk leaves no trace where it does not fit into memory. Method: a bound of nothing."""
    monkeypatch.setattr(tidying, "ASIDE_BYTES_MAX", 0)
    store.commit([EraseMessages(campaign=GONE, before_ms=COUNT // 2)])
    store.tidy()
    erased = [text_of(GONE, number).encode() for number in range(COUNT // 2)]
    assert found(tmp_path, erased) == set()
    left = store.reader.messages(GONE, b"c" * 16, before=None, limit=100)
    assert [row.text for row in left] == [text_of(GONE, number) for number in range(COUNT // 2, COUNT)]
    is_whole(store)


def test_nobody_waits_for_a_large_table_at_opening(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: a start does not write a large table anew, and a round does. Method: a bound of nothing."""
    store.commit([EraseMessages(campaign=GONE, before_ms=COUNT // 2)])
    monkeypatch.setattr(tidying, "WHOLE_BYTES_MAX", 0)
    store.close()
    again = Store.open(tmp_path, KEY)
    assert again._tidying.due == {tidying.MESSAGES, tidying.ATTACHED}
    again.tidy()
    assert again._tidying.due == frozenset()
    erased = [text_of(GONE, number).encode() for number in range(COUNT // 2)]
    assert found(tmp_path, erased) == set()
    is_whole(again)
    again.close()
