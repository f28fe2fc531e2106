"""The spool under attack and under pressure: garbage has no effect, and what finds no room comes later."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from meshcoal.clock import MINUTE_MS
from meshcoal.node import catching
from meshcoal.sim.coalition import post, timeline
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.world import World
from meshcoal.sync import exchange
from meshcoal.sync.exchange import Exchange
from meshcoal.wire import canonical
from meshcoal.wire.frames import PackedRun, Run

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, counted

MESSAGES = 30
BODIES = 12  # which column


@pytest.fixture(autouse=True)
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "RUN_OPERATIONS_MAX", 5)
    monkeypatch.setattr(catching, "SLICE_WEIGHT", 2)
    monkeypatch.setattr(catching, "SPOOL_AT_LEAST_OPERATIONS", 1)


def behind(*names: str) -> tuple[World, Any]:
    """Ben was away while Ana wrote."""
    world, campaign = coalition(*names)
    world.offline("ben")
    world.run_ms(1_000)
    for number in range(MESSAGES):
        post(world, "ana", campaign, f"message {number}")
    world.run_ms(5_000)
    return world, campaign


def corrupted(run: PackedRun) -> PackedRun:
    """Operations of the same authors at the same places, with other bodies: nobody signed any of them."""
    columns: list[Any] = list(canonical.reread(run.packed))
    columns[BODIES] = tuple([bytes(len(body)) for body in columns[BODIES]])
    return PackedRun(packed=canonical.encode(tuple(columns)))


def test_what_nobody_signed_has_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: what is spooled unchecked is checked before it counts. Method: Ana's node sends operations that
    nobody signed, three times; then it sends true ones."""
    world, campaign = behind("ana", "ben")
    whole = Exchange._page
    left = [3]

    def page(self: Exchange, operations: tuple[bytes, ...]) -> Run | PackedRun:
        made = whole(self, operations)
        if isinstance(made, PackedRun) and left[0] > 0:
            left[0] -= 1
            return corrupted(made)
        return made

    monkeypatch.setattr(Exchange, "_page", page)
    world.online("ben")
    assert world.run_until(lambda: counted(world, "ben").get("bad-signature", 0) > 0, 5 * MINUTE_MS)
    assert settle(world, limit_ms=20 * MINUTE_MS)
    check_converged(world)
    assert timeline(world, "ben", campaign) == [f"message {number}" for number in range(MESSAGES)]
    assert left[0] == 0


def test_garbage_of_one_is_had_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: nobody can keep an operation from others by putting garbage in its place. Method: every run that
    Ana's node sends to Ben is false; Chi's are true."""
    world, campaign = behind("ana", "ben", "chi")
    ana = world.core("ana")._core.links  # type: ignore[attr-defined]
    whole = Exchange._page

    def page(self: Exchange, operations: tuple[bytes, ...]) -> Run | PackedRun:
        made = whole(self, operations)
        by_ana = any(link.exchange is self for link in ana.by_number.values())
        return corrupted(made) if by_ana and isinstance(made, PackedRun) else made

    monkeypatch.setattr(Exchange, "_page", page)
    world.online("ben")
    wanted = [f"message {number}" for number in range(MESSAGES)]
    assert world.run_until(lambda: timeline(world, "ben", campaign) == wanted, 20 * MINUTE_MS)


@pytest.mark.parametrize("bound", ["SPOOL_BYTES_MAX", "SPOOL_PEER_BYTES_MAX"])
def test_what_finds_no_room_comes_again(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Goal: a bounded spool that loses nothing. Method: room for one run or two."""
    world, campaign = behind("ana", "ben")
    most = [0]
    monkeypatch.setattr(catching, bound, 9_000)
    whole = catching.Catching._set_timer

    def watching(step: Any, waiting: Any) -> None:
        most[0] = max([most[0], *[one.spool.size_bytes for one in waiting]])
        whole(step, waiting)

    monkeypatch.setattr(catching.Catching, "_set_timer", staticmethod(watching))
    world.online("ben")
    assert settle(world, limit_ms=20 * MINUTE_MS)
    check_converged(world)
    assert timeline(world, "ben", campaign) == [f"message {number}" for number in range(MESSAGES)]
    assert 0 < most[0] <= 9_000
