"""What is owed, suspected and certain, one rule at a time, on a log of made-up places."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from meshcoal.api.views import ShownBy
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.log.dag import Dag
from meshcoal.node.step import Step
from meshcoal.node.watch import CERTAIN_MS, DEBTS_MAX, LATE_MS, LOOK_EVERY_MS, Watch
from meshcoal.sim.disk import MemoryDisk
from meshcoal.wire.frames import Frontier, Held

sys.path.insert(0, str(Path(__file__).parents[1] / "log"))

from logwork import operation

CAMPAIGN = CampaignId(b"c" * 32)
PEER = AuthorId(b"p" * 32)
OTHER = AuthorId(b"q" * 32)
BEN = AuthorId(b"b" * 32)
START_MS = 1_000_000


@dataclass(slots=True, kw_only=True)
class Pipe:
    """A link, as far as a watch looks at it."""

    number: int = 1
    heard_ms: int = START_MS
    partial_ms: int = 0
    steady_s: int = 0


class Scene:
    """One peer, one author, a log that holds what the test says, and a clock."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.watch = Watch(CAMPAIGN)
        self.dag = Dag(CAMPAIGN, MemoryDisk().reader)
        self.pipe = Pipe()
        self.asked = 0
        self.known: set[AuthorId] = {BEN}

    def hold(self, seq: int) -> None:
        """Ben's log is held up to here."""
        self.dag.frontier[BEN] = (seq, OperationId(b"o" * 32))

    def claim(self, seq: int, *, whole: bool = True, peer: AuthorId = PEER) -> None:
        held = (Held(author=BEN, seq=seq, mark=bytes(16)),)
        self.watch.told(Step(self.now_ms), peer, Frontier(whole=whole, held=held))

    def look(self, *, heard: bool = True, partial: bool = False, ask: bool = True) -> None:
        if heard:
            self.pipe.heard_ms = self.now_ms
        if partial:
            self.pipe.partial_ms = self.now_ms
        step = Step(self.now_ms)
        wanted = self.watch.look(
            step, self.pipe, PEER, asked=self.asked, dag=self.dag, lacking={}, known=self.known
        )
        self.asked += wanted and ask

    def wait(self, span_ms: int) -> None:
        """Time goes by, with looks."""
        end_ms = self.now_ms + span_ms
        while self.now_ms < end_ms:
            self.now_ms += LOOK_EVERY_MS
            self.look()

    @property
    def suspected(self) -> list[int]:
        return [debt.count for debt in self.watch.debts if debt.late_ms >= 0]

    @property
    def certain(self) -> dict[AuthorId, set[int]]:
        return {author: verdict.places for (_, author), verdict in self.watch.verdicts.items()}


def test_a_claim_not_kept_becomes_a_suspicion_and_never_more_by_itself() -> None:
    """Goal: an empty claim is no proof. Method: Ben's log is claimed further than it is held, for hours."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8)
    scene.wait(LATE_MS - LOOK_EVERY_MS)
    assert scene.suspected == []
    scene.wait(2 * LOOK_EVERY_MS)
    assert scene.suspected == [3]
    scene.wait(20 * CERTAIN_MS)
    assert scene.certain == {}


def test_what_came_by_another_way_after_a_suspicion_is_certain() -> None:
    """Goal: rule 1. Method: places 6 to 8 come, not from the peer; it had until the next look."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8)
    scene.wait(2 * LATE_MS)
    scene.hold(8)
    scene.look()
    assert scene.certain == {}
    scene.wait(LOOK_EVERY_MS)
    assert scene.certain == {BEN: {6, 7, 8}}
    assert scene.suspected == []


@pytest.mark.parametrize("case", ["partial", "not asked", "silent", "new link", "waits", "backlog"])
def test_whoever_may_still_be_sending_is_not_suspected(case: str) -> None:
    """Goal: no haste. Method: each thing that may explain why nothing came, for a quarter of an hour."""
    scene = Scene()
    scene.hold(5)
    scene.claim(400)
    for turn in range(30):
        scene.now_ms += LOOK_EVERY_MS
        if case == "new link":
            scene.pipe.number += 1
        if case == "backlog" and turn % 3 == 0:
            scene.hold(5 + turn)
        if case == "waits":
            scene.watch.spare(scene.pipe.number, scene.now_ms)
        else:
            scene.look(heard=case != "silent", partial=case == "partial", ask=case != "not asked")
        assert scene.suspected == []
    scene.hold(400)
    scene.wait(2 * LOOK_EVERY_MS)
    assert scene.certain == {}


def test_what_is_taken_back_is_not_owed() -> None:
    """Goal: a peer may correct itself. Method: a suspicion, a lower word, then the places from elsewhere."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8)
    scene.wait(2 * LATE_MS)
    assert scene.suspected == [3]
    scene.claim(5, whole=False)
    scene.look()
    assert scene.suspected == []
    scene.hold(8)
    scene.wait(4 * LOOK_EVERY_MS)
    assert scene.certain == {}


def test_what_others_claim_is_not_owed_by_this_peer() -> None:
    """Goal: nobody is named on hearsay. Method: somebody else claims, and this peer says less."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8, peer=OTHER)
    scene.claim(5)
    scene.wait(3 * LATE_MS)
    scene.hold(8)
    scene.wait(3 * LOOK_EVERY_MS)
    assert scene.suspected == []
    assert scene.certain == {}


def test_what_is_refused_here_when_it_comes_was_passed_on() -> None:
    """Goal: my own refusal is nobody's fault. Method: the peer's copy of Ben's operation was refused."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8)
    scene.watch.excuse(PEER, BEN, scene.now_ms)
    scene.wait(CERTAIN_MS)
    assert scene.suspected == []


@pytest.mark.parametrize("proven", [True, False])
def test_a_copy_that_cannot_be_checked_clears_nobody(proven: bool) -> None:
    """Goal: no way out by forgeries. Method: the peer sends what may be Ben's."""
    scene = Scene()
    scene.hold(5)
    scene.claim(6)
    last = OperationId(b"o" * 32)
    copy = operation(BEN, campaign=CAMPAIGN, seq=6, backlink=last, parents=[last])
    scene.watch.passed_on(PEER, copy, proven=proven)
    scene.watch.missing_ms = {last: scene.now_ms}  # for which it waits
    scene.wait(2 * LATE_MS)
    assert scene.suspected == ([] if proven else [1])
    scene.dag.frontier[BEN] = (6, copy.id)  # it was sound: it waited for something else
    scene.wait(3 * LOOK_EVERY_MS)
    assert scene.certain == {}


def test_a_lost_link_forgets_debts_and_keeps_suspicions() -> None:
    """Goal: hanging up does not wash clean, and proves nothing. Method: before and after two minutes."""
    scene = Scene()
    scene.hold(5)
    scene.claim(8)
    scene.look()
    assert len(scene.watch.debts) == 1
    scene.watch.lost(PEER)
    assert scene.watch.debts == []
    scene.claim(8)
    scene.wait(2 * LATE_MS)
    scene.watch.lost(PEER)
    assert scene.suspected == [3]


def test_what_is_said_of_nobody_known_is_no_debt() -> None:
    """Goal: made-up authors are no suspicion. Method: a claim about a log of nobody who ever was a member."""
    scene = Scene()
    scene.known = set()
    scene.claim(8)
    scene.wait(3 * LATE_MS)
    assert scene.watch.debts == []


def test_what_is_claimed_without_end_is_bounded() -> None:
    """Goal: a liar fills no memory. Method: claims of more authors than are kept, to the highest place."""
    scene = Scene()
    step = Step(scene.now_ms)
    scene.known |= {AuthorId(number.to_bytes(32, "big")) for number in range(1_000)}
    for start in range(0, 9_000, 1_000):
        held = [
            Held(author=number.to_bytes(32, "big"), seq=2**40, mark=bytes(16))
            for number in range(start, start + 1_000)
        ]
        scene.watch.told(step, PEER, Frontier(whole=start == 0, held=tuple(held)))
    scene.wait(2 * LATE_MS)
    assert len(scene.watch.debts) == DEBTS_MAX
    assert all(debt.count <= 10_001 for debt in scene.watch.debts)
    assert {debt.shown_by for debt in scene.watch.debts} == {ShownBy.SAID}
