"""Sealed sign-ons by bundle: somebody reachable by sticks alone signs, opens and counts with the others."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bundlework import begin, carry, look, take, write
from sealwork import Sealers

from meshcoal.api.commands import ShowCampaign
from meshcoal.api.views import CampaignView
from meshcoal.clock import MINUTE_MS


def digests(stage: Sealers) -> set[bytes]:
    show = ShowCampaign(campaign=stage.campaign)
    return {stage.world.look(name, show, CampaignView).heads_digest for name in stage.names}


def test_one_by_bundles_only_takes_part_in_a_sealed_round() -> None:
    """Goal: a stick carries what has no author, too. Method: one of seven is never linked again; a freeze
    goes out by bundle, a sealed sign-on comes back, and what opens goes out once more."""
    stage = Sealers(7)
    world, campaign = stage.world, stage.campaign
    far, near = stage.names[6], stage.names[0]
    world.partition(set(stage.names[:6]), {far})
    world.run_ms(MINUTE_MS)
    stage.freeze()
    world.run_ms(MINUTE_MS)

    assert carry(world, near, far, campaign).taken >= 1
    world.run_ms(MINUTE_MS)
    stage.seal(far)
    world.run_ms(10 * MINUTE_MS)
    assert begin(world, far, campaign).shipments[0].items == 0, "not without being asked for"
    back = write(world, far, campaign, begun=True)
    for name in stage.names[1:5]:
        stage.seal(name)
    world.run_ms(10 * MINUTE_MS)
    assert stage.shown(near).count == 4

    assert look(world, near, back).news[0].new_items == 1
    assert not take(world, near, back).refused
    world.run_ms(20 * MINUTE_MS)
    everybody = sorted([f"signatory {name}" for name in (*stage.names[1:5], far)])
    assert stage.signed(near) == everybody

    assert stage.signed(far) == []
    view = carry(world, near, far, campaign)
    assert not view.refused
    world.run_ms(MINUTE_MS)
    assert stage.signed(far) == everybody
    (with_mine,) = begin(world, far, campaign, begun=True).shipments
    assert with_mine.items == begin(world, far, campaign).shipments[0].items, "it is spread now"
    carry(world, far, near, campaign)
    world.run_ms(MINUTE_MS)
    assert len(digests(stage)) == 1
