"""Goal: the invariants bite. Method: shells and nodes that are wrong on purpose must be caught."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from meshcoal.clock import MINUTE_MS
from meshcoal.log.changes import Change, MarkOpened, PutBody, PutMessage, PutOperation
from meshcoal.node.accept import Acceptor
from meshcoal.node.effects import Effect, Persist
from meshcoal.sim.broken import Broken
from meshcoal.sim.coalition import form_campaign, post
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.machine import Crashed, Machine
from meshcoal.sim.world import World


class SendsFirst(World):
    """A shell that performs everything else before it writes to disk."""

    def perform(self, machine: Machine, effects: tuple[Effect, ...], boundary: int | None) -> None:
        others = [effect for effect in effects if not isinstance(effect, Persist)]
        for place, effect in enumerate(others):
            if boundary == place:
                self.crash(machine.name)
                return
            self.act(machine, effect)
        if boundary == len(others):
            self.crash(machine.name)
            return
        super().perform(machine, tuple([e for e in effects if isinstance(e, Persist)]), None)

    def waits(self, effects: tuple[Effect, ...]) -> bool:
        return True


class SendsFirstQuietly(SendsFirst):
    """The same, but users are told last, so that only the wire gives it away."""

    def perform(self, machine: Machine, effects: tuple[Effect, ...], boundary: int | None) -> None:
        replies = [effect for effect in effects if type(effect).__name__ == "Reply"]
        rest = tuple([effect for effect in effects if type(effect).__name__ != "Reply"])
        super().perform(machine, rest, boundary)
        for reply in replies:
            if machine.up:
                self.act(machine, reply)


class NeverWaits(World):
    """A shell that never waits until the disk has it."""

    def waits(self, effects: tuple[Effect, ...]) -> bool:
        return False


def test_a_shell_that_does_not_wait_for_the_disk_is_caught() -> None:
    """Goal: what leaves or is promised outlives a power cut. Method: such a shell; the power goes."""
    world = NeverWaits(1)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    post(world, "ana", campaign, "sent, told, and not on disk")
    world.run_ms(MINUTE_MS)
    world.crash("ana")
    with pytest.raises(Broken) as caught:
        world.restart("ana")
    assert caught.value.name in ("promises", "total", "contiguous logs")


def test_a_shell_that_answers_before_it_persists_is_caught() -> None:
    """Goal: disk before wire is checked. Method: such a shell, without any fault."""
    world = SendsFirst(1)
    world.spawn("ana", "ben")
    campaign = form_campaign(world, "ana", ("ben",))
    with pytest.raises(Broken) as caught:
        post(world, "ana", campaign, "told too early")
    assert caught.value.name == "promises"


def fork_oneself(boundary: int) -> None:
    """Ana dies while she posts, comes back alone, and writes again."""
    world = SendsFirstQuietly(2)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    post(world, "ana", campaign, "before")
    world.run_ms(MINUTE_MS)
    world.crash_at("ana", boundary, writing=True)
    with contextlib.suppress(Crashed):
        post(world, "ana", campaign, "sent, and perhaps not on disk")
    world.run_ms(MINUTE_MS)
    world.partition(["ana"], ["ben", "chi"])
    world.restart("ana")
    post(world, "ana", campaign, "perhaps another at the same place")
    settle(world, limit_ms=MINUTE_MS)


def test_a_shell_that_sends_before_it_persists_is_caught() -> None:
    """Goal: a fork of one's own log is seen. Method: die at each boundary; behind the frames it must show."""
    broken = set()
    for boundary in range(8):
        try:
            fork_oneself(boundary)
        except Broken as caught:
            broken.add(caught.name)
    assert broken == {"one log"}


class Forgetful(World):
    """Drops every fiftieth operation on its way to disk, with all that belongs to it, and says nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.dropped = 0
        self._count = 0
        super().__init__(*args, **kwargs)

    def perform(self, machine: Machine, effects: tuple[Effect, ...], boundary: int | None) -> None:
        kept: list[Effect] = []
        for effect in effects:
            kept.append(
                Persist(changes=self._thin(effect.changes)) if isinstance(effect, Persist) else effect
            )
        super().perform(machine, tuple(kept), boundary)

    def _thin(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        lost = set()
        for change in changes:
            if isinstance(change, PutOperation):
                self._count += 1
                if self._count % 50 == 0:
                    self.dropped += 1
                    lost.add(change.id)
        return tuple(
            [
                change
                for change in changes
                if not (
                    isinstance(change, (PutOperation, PutBody, PutMessage, MarkOpened)) and change.id in lost
                )
            ]
        )


def test_a_store_that_drops_every_fiftieth_operation_is_caught() -> None:
    """Goal: silent loss is seen. Method: post until one operation was dropped, and a little longer."""
    world = Forgetful(3)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))

    def talk() -> None:
        for index in range(60):
            post(world, ("ana", "ben", "chi")[index % 3], campaign, f"number {index}")
        settle(world, limit_ms=5 * MINUTE_MS)
        check_converged(world)

    with pytest.raises(Broken) as caught:
        talk()
    assert world.dropped > 0
    assert caught.value.name in (
        "promises",
        "contiguous logs",
        "parents before children",
        "total",
        "recovery",
    )


def test_a_node_that_drops_every_fiftieth_operation_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: silent loss in the core is seen. Method: it files some operations without opening them."""
    honest = Acceptor._apply
    count = 0

    def forgetful(self: Acceptor, *args: Any, **named: Any) -> None:
        nonlocal count
        count += 1
        if count % 50:
            honest(self, *args, **named)

    monkeypatch.setattr(Acceptor, "_apply", forgetful)
    world = World(4)
    world.spawn("ana", "ben", "chi")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    for index in range(30):
        post(world, ("ana", "ben", "chi")[index % 3], campaign, f"number {index}")
        world.run_ms(1_000)
    assert count >= 50
    settle(world, limit_ms=5 * MINUTE_MS)
    with pytest.raises(Broken) as caught:
        check_converged(world)
    assert caught.value.name == "promises"
