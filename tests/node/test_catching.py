"""Catching up: what was written down does not travel again, whatever is cut, and all of it is taken in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meshcoal.api.commands import ListCampaigns, ShowCampaign
from meshcoal.api.views import CampaignsView, CampaignView, CatchingUpView
from meshcoal.clock import MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.node import catching
from meshcoal.node.catching import Catching
from meshcoal.node.step import Step
from meshcoal.sim.coalition import admit, campaign_view, found, post, timeline
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.world import World
from meshcoal.sync import exchange
from meshcoal.wire.packing import Unpacked, unpack

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition

MESSAGES = 40
IN_A_RUN = 5


@pytest.fixture(autouse=True)
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a few operations, each spooled, so that forty messages are many runs, of many slices."""
    monkeypatch.setattr(exchange, "RUN_OPERATIONS_MAX", IN_A_RUN)
    monkeypatch.setattr(catching, "SLICE_WEIGHT", 2)
    monkeypatch.setattr(catching, "SPOOL_AT_LEAST_OPERATIONS", 1)


def spooled_ids(world: World, campaign: CampaignId) -> set[bytes]:
    """What stands in Ben's spool on disk."""
    reader = world.machines["ben"].disk.reader
    found: set[bytes] = set()
    for row in reader.spooled(campaign):
        packed = reader.spooled_run(campaign, row.number)
        assert packed is not None
        found.update(unpack(campaign, packed).ids)
    return found


class Watch:
    """Looks at each run that reaches Ben; what his disk holds must not be in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = 0
        self.spooled_most = 0
        self.world: World | None = None
        self.campaign = CampaignId(bytes(32))
        self.at: dict[int, Callable[[], None]] = {}
        whole = Catching.keep
        watch = self

        def keep(self: Catching, *given: Any) -> bool:
            run = given[4]
            assert isinstance(run, Unpacked)
            watch.look(run)
            kept = whole(self, *given)
            act = watch.at.pop(watch.runs, None)
            if act is not None:
                act()
            return kept

        monkeypatch.setattr(Catching, "keep", keep)

    def look(self, run: Unpacked) -> None:
        if self.world is None:
            return
        self.runs += 1
        waiting = spooled_ids(self.world, self.campaign)
        self.spooled_most = max(self.spooled_most, len(waiting))
        reader = self.world.machines["ben"].disk.reader
        again = [one for one in run.ids if one in waiting or reader.place(one) is not None]
        assert again == [], "what is on disk came again"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def behind(watch: Watch) -> tuple[World, CampaignId]:
    """Ben was away while Ana wrote; he is about to come back."""
    world, campaign = coalition("ana", "ben")
    world.offline("ben")
    world.run_ms(1_000)
    for number in range(MESSAGES):
        post(world, "ana", campaign, f"message {number}")
    watch.world, watch.campaign = world, campaign
    return world, campaign


def caught_up(world: World, campaign: CampaignId) -> None:
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    assert timeline(world, "ben", campaign) == [f"message {number}" for number in range(MESSAGES)]
    assert world.machines["ben"].disk.reader.spooled(campaign) == []
    assert campaign_view(world, "ben", campaign).catching_up == CatchingUpView()


def test_whoever_was_away_is_sent_runs_once(watch: Watch) -> None:
    """Goal: runs are spooled, taken in, and gone. Method: forty messages while Ben is away."""
    world, campaign = behind(watch)
    world.online("ben")
    caught_up(world, campaign)
    assert watch.runs >= MESSAGES // IN_A_RUN
    assert watch.spooled_most >= 2 * IN_A_RUN, "several runs waited at the same time"


@pytest.mark.parametrize("runs", range(1, 9))
def test_a_cut_behind_any_run_repeats_nothing(watch: Watch, runs: int) -> None:
    """Goal: a cut loses only what was under way. Method: Ben's network fails as he writes down a run."""
    world, campaign = behind(watch)
    watch.at[runs] = lambda: world.after(0, lambda: world.offline("ben"))
    world.online("ben")
    world.run_ms(5_000)
    world.online("ben")
    caught_up(world, campaign)
    assert not watch.at, "it was cut"


@pytest.mark.parametrize("runs", [1, 2, 4, 7])
@pytest.mark.parametrize("boundary", [0, 1, 2])
def test_a_crash_behind_any_run_repeats_nothing(watch: Watch, runs: int, boundary: int) -> None:
    """Goal: what is on disk stays, and is taken in after the start. Method: Ben dies within a step."""
    world, campaign = behind(watch)
    watch.at[runs] = lambda: world.crash_at("ben", boundary, writing=True)
    world.online("ben")
    world.run_until(lambda: not world.machines["ben"].up, 20_000)
    world.run_ms(1_000)
    assert not watch.at, "it was reached"
    world.restart("ben")
    caught_up(world, campaign)


def test_a_start_takes_in_what_waits_without_any_peer(watch: Watch) -> None:
    """Goal: what was received need not be received again. Method: die with runs in the spool; no network."""
    world, campaign = behind(watch)
    watch.at[6] = lambda: world.crash_at("ben", 1, writing=True)
    world.online("ben")
    world.run_until(lambda: not world.machines["ben"].up, 20_000)
    waiting = spooled_ids(world, campaign)
    assert len(waiting) >= IN_A_RUN
    world.offline("ben")
    world.restart("ben")
    world.run_ms(5_000)
    reader = world.machines["ben"].disk.reader
    assert reader.spooled(campaign) == []
    assert all(reader.place(one) is not None for one in waiting)  # type: ignore[arg-type]


def test_progress_is_told_as_it_is(watch: Watch) -> None:
    """Goal: a bar that tells the truth. Method: look at each notice and view while Ben catches up."""
    world, campaign = behind(watch)
    seen: list[CatchingUpView] = []
    for runs in range(1, 9):

        def look() -> None:
            (one,) = world.look("ben", ListCampaigns(), CampaignsView).campaigns
            seen.append(one.catching_up)

        watch.at[runs] = lambda look=look: world.after(0, look)  # type: ignore[misc]
    world.online("ben")
    caught_up(world, campaign)
    assert len(seen) == 8
    totals = {one.coming + one.waiting + one.taken for one in seen}
    assert len(totals) == 1, "the whole is known from the beginning, and stays"
    assert MESSAGES <= totals.pop() <= MESSAGES + 3
    received = [one.waiting + one.taken for one in seen]
    assert received == sorted(received)
    assert received[0] < received[-1]


class Slices:
    """Looks at each step in which Ben takes in something of what waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0  # operations taken in by one step
        self.between = 0  # steps after which some of a run was in the log and the rest in the spool
        self.count = 0
        self.at: dict[int, Callable[[], None]] = {}
        whole = Catching._go_on
        slices = self

        def go_on(self: Catching, step: Step, going: Any) -> None:
            before = going.campaign.count
            whole(self, step, going)
            taken = going.campaign.count - before
            slices.most = max(slices.most, taken)
            slices.count += taken > 0
            slices.between += taken > 0 and not going.taking.done
            if taken and (act := slices.at.pop(slices.count, None)) is not None:
                act()

        monkeypatch.setattr(Catching, "_go_on", go_on)


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> Slices:
    return Slices(monkeypatch)


def test_nothing_waits_longer_than_for_a_slice(watch: Watch, slices: Slices) -> None:
    """Goal: a few operations a step, others in between. Method: Ben writes while half a run is taken in."""
    world, campaign = behind(watch)
    slices.count = slices.most = slices.between = 0
    written = []

    def write() -> None:
        post(world, "ben", campaign, "meanwhile")
        written.append(slices.count)

    slices.at[5] = lambda: world.after(0, write)
    world.online("ben")
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    assert sorted(timeline(world, "ben", campaign)) == sorted(
        ["meanwhile", *[f"message {number}" for number in range(MESSAGES)]]
    )
    assert slices.most <= 2
    assert slices.between >= MESSAGES // IN_A_RUN
    assert written[0] < slices.count, "it did not wait for the end"


@pytest.mark.parametrize("looked_at", [0, 1])
def test_what_a_user_looks_at_is_whole_first(monkeypatch: pytest.MonkeyPatch, looked_at: int) -> None:
    """Goal: the open campaign before others, and these in between. Method: note whose runs are begun."""
    world, first = coalition("ana", "ben")
    second = found(world, "ana", name="Second coalition")
    admit(world, "ana", "ben", second)
    world.run_ms(20_000)
    world.offline("ben")
    world.run_ms(1_000)
    for number in range(MESSAGES):
        for campaign in (first, second):
            post(world, "ana", campaign, f"message {number}")
    begun: list[tuple[CampaignId, int]] = []
    whole = Catching._next

    def chosen(self: Catching, waiting: Any, now_ms: int) -> Any:
        picked = whole(self, waiting, now_ms)
        begun.append((picked.id, len(waiting)))
        return picked

    monkeypatch.setattr(Catching, "_next", chosen)
    monkeypatch.setattr(catching, "_AT_ONCE_OPERATIONS_MAX", IN_A_RUN)
    monkeypatch.setattr(catching, "_EVERY_MS", 5_000)  # runs of both have come by then
    open_one = (first, second)[looked_at]
    world.look("ben", ShowCampaign(campaign=open_one), CampaignView)
    world.online("ben")
    assert settle(world, limit_ms=10 * MINUTE_MS)
    check_converged(world)
    contested = [campaign for campaign, waiting in begun if waiting > 1]
    assert len(contested) >= 6, "both waited"
    assert contested.count(open_one) > len(contested) / 2
    assert set(contested) == {first, second}, "the other one is not forgotten"
    last = {campaign: at for at, (campaign, _) in enumerate(begun)}
    assert last[open_one] < max(last.values()), "it is whole before the other"


@pytest.mark.parametrize("at", [1, 2, 5, 9, 12])
@pytest.mark.parametrize("boundary", [0, 1])
def test_a_crash_between_slices_loses_nothing(watch: Watch, slices: Slices, at: int, boundary: int) -> None:
    """Goal: half a run in the log and all of it in the spool is sound. Method: Ben dies behind a slice."""
    world, campaign = behind(watch)
    slices.count = 0
    slices.at[at] = lambda: world.crash_at("ben", boundary, writing=True)
    world.online("ben")
    world.run_until(lambda: not world.machines["ben"].up, 20_000)
    world.run_ms(1_000)
    assert not slices.at, "it was reached"
    world.restart("ben")
    caught_up(world, campaign)
