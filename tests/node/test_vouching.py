"""Runs: one signature for what an author wrote in a row, and what false signatures come to."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from meshcoal.clock import SECOND_MS
from meshcoal.crypto import signing
from meshcoal.errors import BadSignature
from meshcoal.ids import CampaignId
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sim.coalition import form_campaign, post
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.haste import Hasty
from meshcoal.sim.insider import replace_signature
from meshcoal.sim.world import World
from meshcoal.wire.operation import Operation

sys.path.insert(0, str(Path(__file__).parent))

from forgery import COURIER, NOW_MS, SEALER, held_operations
from nodework import CALM

FALSE = bytes(64)


class Scene:
    """Ana and Ben have talked while Chi was away; Chi's disk as it was, and what Chi lacks."""

    def __init__(self, seed: int, *, hasty: bool = False, posts: int = 6, alone: bool = False) -> None:
        self.world = World(seed, CALM, maker=Hasty()) if hasty else World(seed, CALM)
        self.world.spawn("ana", "ben", "chi")
        self.campaign: CampaignId = form_campaign(self.world, "ana", ("ben", "chi"))
        self.world.run_ms(10 * SECOND_MS)
        for name in ("ana", "ben"):
            post(self.world, name, self.campaign, "first")
            self.world.run_ms(10 * SECOND_MS)
        self.world.offline("chi")
        self.disk: MemoryDisk = self.world.machines["chi"].disk.copy()
        for number in range(posts):
            for name in ("ana",) if alone else ("ana", "ben"):
                post(self.world, name, self.campaign, f"number {number}")
                self.world.run_ms(SECOND_MS)
        known = {one.id for one in held_operations(self.world, "chi", self.campaign)}
        self.news = [one for one in held_operations(self.world, "ana", self.campaign) if one.id not in known]
        self.ana = open_campaign(self.world.machines["ana"].disk, self.campaign).me
        self.counters: dict[str, int] = {}
        self.acceptor = Acceptor(sealer=SEALER, courier=COURIER, counters=self.counters)
        self.chi: Campaign = open_campaign(self.disk, self.campaign)
        self.step = Step(NOW_MS)

    def give(self, *run: Operation) -> list[object]:
        """To Chi, as one run. For each operation its outcome, or the code of the refusal."""
        found = self.acceptor.receive_run(self.chi, self.step, [one.encoded for one in run])
        return [one.code if not isinstance(one, Outcome) else one for one in found]

    def of_ana(self) -> list[Operation]:
        return [one for one in self.news if one.header.author == self.ana]


def spoilt(one: Operation) -> Operation:
    return replace_signature(one, FALSE)


def ends(news: list[Operation]) -> list[Operation]:
    """What speaks for itself: the last of each author, and what closes a key."""
    last = {one.header.author: one for one in news}
    return [one for one in news if one.header.successor or last[one.header.author] is one]


@pytest.mark.parametrize("hasty", [False, True])
def test_a_run_is_checked_by_the_ends_of_its_chains(monkeypatch: pytest.MonkeyPatch, hasty: bool) -> None:
    """Goal: one check a chain. Method: count checks of a run in which every other signature is false."""
    scene = Scene(3, hasty=hasty)
    kept = ends(scene.news)
    assert len(kept) < len(scene.news)
    asked = []

    def verify(public: bytes, message: bytes, signature: bytes) -> None:
        asked.append(message)
        real(public, message, signature)

    real = signing.verify
    monkeypatch.setattr(signing, "verify", verify)
    run = [one if one in kept else spoilt(one) for one in scene.news]
    assert scene.give(*run) == [Outcome.NEW] * len(run)
    assert len(asked) == len(kept)
    assert scene.counters == {}
    assert all(scene.chi.dag.holds(one.id) for one in scene.news)


def test_what_closes_a_key_is_vouched_for_by_nobody() -> None:
    """Goal: a key is handed on by its own signature alone. Method: spoil that of each closing in turn."""
    scene = Scene(4, hasty=True, alone=True)
    closings = [one for one in scene.of_ana() if one.header.successor]
    assert closings
    for closing in closings:
        scene = Scene(4, hasty=True, alone=True)
        run = [spoilt(one) if one.id == closing.id else one for one in scene.news]
        outcomes = scene.give(*run)
        assert outcomes[scene.news.index(closing)] == BadSignature.code
        assert not scene.chi.dag.holds(closing.id)
        behind = [one for one in scene.of_ana() if one.header.seq > closing.header.seq]
        assert not any(scene.chi.dag.holds(one.id) for one in behind)
        assert scene.give(closing) == [Outcome.NEW]


def test_a_false_end_costs_nothing_before_it() -> None:
    """Goal: a valid prefix is taken. Method: false signatures on the last two of a log, then on all."""
    scene = Scene(5, alone=True)
    run = scene.of_ana()
    given = scene.give(*run[:-2], spoilt(run[-2]), spoilt(run[-1]))
    assert given == [Outcome.NEW] * (len(run) - 2) + [BadSignature.code] * 2
    assert scene.chi.dag.frontier[scene.ana][1] == run[-3].id
    scene = Scene(5, alone=True)
    assert set(scene.give(*map(spoilt, run))) == {BadSignature.code}
    assert not any(scene.chi.dag.holds(one.id) for one in run)
    assert scene.give(*run) == [Outcome.NEW] * len(run)


def test_what_was_refused_enters_when_a_later_one_vouches() -> None:
    """Goal: who took a run holds what another must be able to take. Method: cut a run behind each place."""
    for cut in range(1, len(Scene(6, alone=True).of_ana())):
        scene = Scene(6, alone=True)
        run = [*map(spoilt, scene.of_ana()[:-1]), scene.of_ana()[-1]]
        assert set(scene.give(*run[:cut])) == {BadSignature.code}
        assert scene.give(*run[cut:]) == [Outcome.NEW] * (len(run) - cut)
        assert scene.chi.dag.frontier[scene.ana][1] == run[-1].id


def test_a_voucher_that_came_first_vouches_when_it_can() -> None:
    """Goal: no order keeps what is sound out. Method: the end of a log, and then what it vouches for."""
    scene = Scene(7, alone=True)
    run = [*map(spoilt, scene.of_ana()[:-1]), scene.of_ana()[-1]]
    assert scene.give(run[-1]) == [Outcome.WAITING]
    for one in run[:-1]:
        scene.give(one)
    assert scene.chi.dag.frontier[scene.ana][1] == run[-1].id
    assert len(scene.chi.pending) == 0


def test_who_cannot_enter_vouches_for_nobody() -> None:
    """Goal: whoever holds a vouched operation holds its voucher. Method: the voucher's other parent lacks."""
    scene = Scene(8)
    mine = {one.id for one in scene.of_ana()}
    end = next(
        one for one in reversed(scene.of_ana()) if any(parent not in mine for parent in one.header.parents)
    )
    before = [one for one in scene.of_ana() if one.header.seq < end.header.seq]
    citing = next(
        place
        for place, one in enumerate([*before, end])
        if any(parent not in mine and not scene.chi.dag.holds(parent) for parent in one.header.parents)
    )
    given = scene.give(*map(spoilt, before), end)
    assert given[:citing] == [BadSignature.code] * citing
    assert not any(scene.chi.dag.holds(one) for one in mine)
    scene.give(*[one if one.id not in mine or one.id == end.id else spoilt(one) for one in scene.news])
    assert all(scene.chi.dag.holds(one.id) for one in [*before, end])


@pytest.mark.parametrize("seed", range(12))
def test_any_cut_and_any_false_signatures_end_with_all(seed: int) -> None:
    """Goal: convergence. Method: spoil what others vouch for, cut at random, send again until all is held."""
    chance = random.Random(seed)
    scene = Scene(20 + seed % 3, hasty=bool(seed % 2), posts=4)
    kept = {one.id for one in ends(scene.news)}
    run = [one if one.id in kept or chance.random() < 0.5 else spoilt(one) for one in scene.news]
    for _ in range(4):
        rest = list(run)
        while rest:
            count = chance.randint(1, 6)
            scene.give(*rest[:count])
            rest = rest[count:]
        if all(scene.chi.dag.holds(one.id) for one in scene.news):
            break
    assert all(scene.chi.dag.holds(one.id) for one in scene.news)
    assert len(scene.chi.pending) == 0
