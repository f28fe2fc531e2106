"""The index of ids that is filled behind: nothing is lost between memory and tree."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from meshcoal.ids import OperationId
from meshcoal.log.changes import EraseCampaign
from meshcoal.store import names as names_module
from meshcoal.store.store import Store

sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

from test_log_reader import ANA, BEN, CAMPAIGN, KEY, OTHER, operation


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(names_module, "FRESH_MAX", 40)
    monkeypatch.setattr(names_module, "_PART_LEAST", 3)
    Store.create(tmp_path, KEY)
    return tmp_path


def held(store: Store) -> int:
    """How many names the tree has."""
    found = store._database.row("SELECT count(*) FROM names")
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("seed", range(4))
def test_every_operation_is_found_whatever_happens(home: Path, seed: int) -> None:
    """Goal: the law. Method: steps of all sizes, undone ones, crashes and restarts; look all up each time."""
    chance = random.Random(seed)
    store = Store.open(home, KEY)
    mine: dict[OperationId, bytes] = {}
    made = 0
    in_tree = set()
    for _ in range(60):
        some = [operation(ANA, made + number) for number in range(chance.randint(1, 12))]
        act = chance.random()
        store.begin()
        store.apply(some)
        if act < 0.2:
            store.rollback()
            assert all(store.reader.operation(one.id) is None for one in some)
        else:
            store.commit_step()
            made += len(some)
            mine |= {one.id: one.encoded for one in some}
        if act > 0.85:
            if act > 0.93:
                store.close()
            else:
                store._database.close()  # as a crash leaves it
            store = Store.open(home, KEY)
        in_tree.add(held(store))
        assert all(store.reader.operation(one) == encoded for one, encoded in mine.items())
    assert len(in_tree) > 5, "it was filled in parts"
    store.close()
    store = Store.open(home, KEY)
    assert held(store) == len(mine)
    assert not store._names._fresh, "closing leaves nothing to read back"
    store.close()


def test_an_erased_campaign_leaves_no_names(home: Path) -> None:
    """Goal: a row that is given anew stands for the new one alone. Method: erase one of two, and reopen."""
    store = Store.open(home, KEY)
    store.commit([operation(ANA, number) for number in range(90)])
    others = [operation(BEN, number, campaign=OTHER) for number in range(90)]
    store.commit(others)
    store.commit([EraseCampaign(campaign=OTHER)])
    store.close()
    store = Store.open(home, KEY)
    assert held(store) == 90
    assert all(store.reader.operation(one.id) is None for one in others)
    again = [operation(BEN, number) for number in range(90)]
    store.commit(again)
    assert all(store.reader.operation(one.id) == one.encoded for one in again)
    assert all(store.reader.operation(one.id) is None for one in others)
    assert store.reader.operation_count(CAMPAIGN) == 180
    store.close()


def test_two_ids_of_one_handle_are_told_apart(home: Path) -> None:
    """Goal: neither chance nor grinding confuses. Method: take seven of the handle's eight bytes away."""
    store = Store.open(home, KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names_module, "_HANDLE_BYTES", 1)
        some = [operation(ANA, number) for number in range(600)]
        store.commit(some)
        store._names.finish()
        assert held(store) == 600
        assert all(store.reader.operation(one.id) == one.encoded for one in some)
        assert store.reader.operation(operation(BEN, 0).id) is None
    store.close()
