"""Thousands of random schedules: whoever should read, can; whoever is out, holds nothing; all agree."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from meshcoal.crypto.agreement import SEALER_PUBLIC_BYTES, XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.group import coverage
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.wire.operation import Kind

sys.path.insert(0, str(Path(__file__).parent))

from groupwork import Coalition, SymbolicCourier, disagreements, play, settle

MEMBERS = 10
STEPS = 40
BLOCK = 250
MUTANT_SCHEDULES = 60


class NoSealer(DeterministicSealer):
    """Public keys that cost nothing, for schedules in which nothing is sealed to them."""

    def public_of(self, seed: bytes) -> bytes:
        return seed.ljust(SEALER_PUBLIC_BYTES, b"\0")


def symbolic(seed: int) -> Coalition:
    entropy = SeededEntropy(seed.to_bytes(8, "big"))
    coalition = Coalition(
        MEMBERS, courier=SymbolicCourier(), sealer=NoSealer(entropy), entropy=entropy, prekeys=0
    )
    play(coalition, random.Random(seed), steps=STEPS)
    coalition.gossip()
    return coalition


@pytest.mark.parametrize("block", range(8))
def test_two_thousand_schedules(block: int) -> None:
    """Goal: the rules hold under any order. Method: 8 times 250 random schedules of ten members; every eighth
    is settled, after which those who take each other for members see the same campaign."""
    kinds: set[Kind] = set()
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        coalition = symbolic(seed)
        assert coalition.problems() == [], seed
        kinds.update(one.place.kind for one in coalition.log)
        if seed % 8 == 0:
            settle(coalition)
            assert disagreements(coalition) == [], seed
    assert kinds == {Kind.CREATE, Kind.ADD, Kind.REMOVE, Kind.LEAVE, Kind.REKEY, Kind.POST}


def broken(first: int) -> int:
    return sum(bool(symbolic(seed).problems()) for seed in range(first, first + MUTANT_SCHEDULES))


def test_without_the_safe_epoch_check_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the test sees what it is for. Method: take every epoch for safe; many schedules must break."""
    monkeypatch.setattr(coverage, "safe", lambda view, covered: sorted(view.began))
    assert broken(0) > MUTANT_SCHEDULES // 4


def test_without_looking_at_who_is_out_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: being the latest is not enough. Method: leave out rules 2 and 3; some schedules must break."""
    monkeypatch.setattr(coverage, "safe", lambda view, covered: coverage.maximal(view))
    assert broken(0) > 2


def test_without_forwards_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the test sees what it is for. Method: hand nothing to members whom an epoch does not cover."""
    monkeypatch.setattr(coverage, "lacking", lambda view, holders: ())
    assert broken(0) > MUTANT_SCHEDULES // 20


@pytest.mark.parametrize("seed", range(20))
def test_schedules_with_real_seals(seed: int) -> None:
    """Goal: the same with nothing left out. Method: twenty schedules with X25519 and X-Wing, settled."""
    entropy = SeededEntropy(seed.to_bytes(8, "big"))
    sealer = XWingSealer()
    courier = PairwiseCourier(sealer=sealer, entropy=entropy)
    coalition = Coalition(MEMBERS, courier=courier, sealer=sealer, entropy=entropy)
    play(coalition, random.Random(seed), steps=STEPS)
    settle(coalition)
    assert coalition.problems() == []
    assert disagreements(coalition) == []
