"""Somebody who comes in gets their keys, in whatever order what they are sent arrives."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from meshcoal.api.commands import RenewKeys
from meshcoal.api.views import CampaignView
from meshcoal.errors import RemoteError
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sim.coalition import admit, form_campaign, post, timeline
from meshcoal.sim.world import World


@pytest.mark.parametrize("seed", range(12))
def test_a_newcomer_is_in_whatever_comes_first(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: an admission is read though it came before what proves it, or its author. Method: shuffle what a
    newcomer's node is sent; the admission, or all, in reverse, or any order."""
    honest = Acceptor.receive_run
    chance = Random(seed)
    shuffled = []

    def receive(
        self: Acceptor, campaign: Campaign, step: Step, operations: Sequence[bytes]
    ) -> list[Outcome | RemoteError]:
        order = list(operations)
        if campaign.my_member() is None:
            if seed == 0:
                order.reverse()
            elif seed == 1:
                order.insert(0, order.pop())
            else:
                chance.shuffle(order)
            shuffled.append(len(order))
        return honest(self, campaign, step, order)

    monkeypatch.setattr(Acceptor, "receive_run", receive)
    world = World(seed)
    world.spawn("ana", "ben", "chi", "dov")
    campaign = form_campaign(world, "ana", ("ben", "chi"))
    post(world, "ben", campaign, "one")
    world.run_ms(5_000)
    world.command("ben", RenewKeys(campaign=campaign), CampaignView)  # an epoch by somebody else
    world.run_ms(5_000)
    admit(world, "ana", "dov", campaign)
    assert max(shuffled) > 4
    world.run_ms(5_000)
    post(world, "dov", campaign, "two")
    world.run_ms(5_000)
    assert timeline(world, "ana", campaign) == ["one", "two"]
