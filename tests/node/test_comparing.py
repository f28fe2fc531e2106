"""Members' nodes meet: equal stores say one digest each, others only what differs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from meshcoal.clock import MINUTE_MS
from meshcoal.node.links import Link, Links
from meshcoal.node.step import Step
from meshcoal.sim.coalition import post, timeline
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.wire.frames import MESSAGES, Frontier, Message, PackedRun, Ping, Pong, Run, Taken
from meshcoal.wire.reconciling import Behind, Digest, Outline

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Everything that is said from now on on links of a campaign, but for pings."""
    found: list[Message] = []
    say = Links.say

    def listening(self: Links, step: Step, link: Link, messages: Iterable[Message]) -> None:
        told = list(messages)
        if link.campaign is not None:
            found.extend([one for one in told if not isinstance(one, (Ping, Pong))])
        say(self, step, link, told)

    monkeypatch.setattr(Links, "say", listening)
    return found


def test_equal_stores_say_one_digest_each(said: list[Message]) -> None:
    """Goal: a link that opens where nothing happened costs next to nothing. Method: cut and meet again."""
    world, _ = coalition("ana", "ben")
    world.offline("ben")
    world.run_ms(MINUTE_MS)
    said.clear()
    world.online("ben")
    world.run_ms(3 * MINUTE_MS)
    assert [type(one) for one in said] == [Digest, Digest]
    assert all(len(MESSAGES.encode(one)) < 100 for one in said)


def test_whoever_was_away_is_told_what_differs(said: list[Message]) -> None:
    """Goal: few bytes beside what is missing, whoever wrote. Method: both write while apart, and meet."""
    world, campaign = coalition("ana", "ben")
    world.offline("ben")
    world.run_ms(1_000)
    for number in range(30):
        post(world, "ana", campaign, f"from ana {number}")
    post(world, "ben", campaign, "from ben")
    said.clear()
    world.online("ben")
    assert settle(world, limit_ms=5 * MINUTE_MS)
    check_converged(world)
    assert timeline(world, "ana", campaign) == timeline(world, "ben", campaign)
    kinds = [type(one) for one in said]
    assert kinds.count(Digest) == 2
    assert kinds.count(Outline) == kinds.count(Behind) == 1
    beside = [one for one in said if not isinstance(one, (Run, PackedRun, Taken))]
    assert sum(len(MESSAGES.encode(one)) for one in beside) < 1_500
    assert kinds.count(PackedRun) == 1
    assert kinds.count(Run) <= 1
    first = next(one for one in said if isinstance(one, (Frontier, Run, PackedRun)))
    assert isinstance(first, (Frontier, Run)), "who holds more says so before it sends"


def test_what_is_ahead_is_known_before_it_comes(said: list[Message]) -> None:
    """Goal: the whole is known from the beginning. Method: the frontier that is said when two stores were
    compared names the logs that the other lacks, and no others."""
    world, campaign = coalition("ana", "ben")
    world.offline("ben")
    world.run_ms(1_000)
    for number in range(5):
        post(world, "ana", campaign, f"from ana {number}")
    said.clear()
    world.online("ben")
    world.run_ms(20_000)
    opening = next(one for one in said if isinstance(one, (Frontier, Run, PackedRun)))
    assert isinstance(opening, Frontier)
    assert len(opening.held) == 1
    assert not opening.whole, "it names what the other lacks, and is no list of all that is held"
