"""Goal: what holds of a few holds of many. Method: small crowds here; the bench runs a campaign of 150."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from meshcoal.node.accept import Acceptor
from meshcoal.sim.broken import Broken
from meshcoal.sim.crowd import Crowd, Figures, Plan
from meshcoal.sim.world import real
from meshcoal.wire.bodies import PostBody

SMALL = Plan(members=12, messages=40, removals=3, joins=3)
SMALLEST = Plan(members=7, messages=10, removals=2, joins=2)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Crowd(SMALL).run()


def test_a_crowd_comes_and_goes_while_it_is_split_and_agrees_at_the_end(figures: Figures) -> None:
    """Goal: the whole story ends in agreement. Method: `run` checks it; here, that all of it happened."""
    assert figures.members == 12
    assert figures.messages == 40
    assert figures.operations >= 1 + 11 + 40 + 3 + 3
    assert figures.disk_bytes_per_node > 0


def test_a_crowd_is_its_seed(figures: Figures) -> None:
    """Goal: what happened once can be seen again. Method: run it twice; and another seed once."""
    assert Crowd(SMALL).run() == figures
    other = dataclasses.replace(SMALLEST, seed=1)
    assert Crowd(other).run().trace != Crowd(SMALLEST).run().trace


def test_a_crowd_lives_with_the_keys_of_the_daemon() -> None:
    """Goal: nothing rests on the simulator's cheap keys. Method: a smaller crowd with real ones."""
    told: list[str] = []
    figures = Crowd(SMALLEST, means=real, tell=lambda stage, done, total: told.append(stage)).run()
    assert figures.members == 7
    stages = list(dict.fromkeys(told))
    assert stages == [
        "forming",
        "coming and going",
        "writing",
        "settling",
        "settling for 5 s",
        "checking",
    ]


def test_a_crowd_notices_a_message_that_one_node_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the check can fail. Method: among all nodes, one message in ten is filed and not shown."""
    honest = Acceptor._apply
    count = 0

    def forgetful(self: Acceptor, *args: Any, **named: Any) -> None:
        nonlocal count
        count += any(isinstance(one, PostBody) for one in args)
        if count % 10 != 9:
            honest(self, *args, **named)

    monkeypatch.setattr(Acceptor, "_apply", forgetful)
    with pytest.raises(Broken, match="promises"):
        Crowd(SMALLEST).run()
    assert count >= 10


def test_a_plan_that_cannot_be_is_refused() -> None:
    """Goal: mistakes in a plan show at once. Method: more newcomers than places, too few members."""
    with pytest.raises(AssertionError, match="make room"):
        Plan(members=10, messages=1, removals=1, joins=2)
    with pytest.raises(AssertionError, match="plain members"):
        Plan(members=6, messages=1, removals=5, joins=0)


def test_who_is_named_in_an_epoch_before_they_are_known_is_read(figures: Figures) -> None:
    """Goal: every member in the sender's view opens the message. Method: in this seed somebody begins an
    epoch for two newcomers, of whom one has not read the other's admission; then the other writes."""
    plan = Plan(members=24, messages=40, removals=4, joins=4, seed=1)
    assert Crowd(plan).run().operations > figures.operations


def test_a_crowd_too_large_for_links_between_all_agrees() -> None:
    """Goal: newcomers of one side of a split come in on the other as well. Method: forty members. In this
    seed one was sent their keys by somebody before it could know them, and once waited for ever."""
    figures = Crowd(Plan(members=40, messages=60, removals=6, joins=6, seed=1)).run()
    assert figures.members == 40
