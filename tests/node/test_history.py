"""What happened in a campaign: what is told, in which order, and what is not."""

from __future__ import annotations

import sys
from pathlib import Path

from meshcoal.api.commands import (
    OpenCase,
    OpenChannel,
    PostMessage,
    RemoveMember,
    ShowHistory,
)
from meshcoal.api.views import CampaignView, CaseView, Happening, HistoryView, MessageView
from meshcoal.sim.coalition import author_of, channel_of
from meshcoal.sim.invariants import CANARY

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, frozen_letter


def test_what_counts_is_told_and_talk_is_not() -> None:
    """Goal: everybody reads the same story. Method: a coalition does something of each kind; two read it."""
    world, campaign = coalition("ana", "ben", "chi")
    text = f"{CANARY} said"
    channel = channel_of(world, "ana", campaign)
    world.command("ben", PostMessage(campaign=campaign, channel=channel, text=text), MessageView)
    world.command("ana", OpenChannel(campaign=campaign, name=f"{CANARY} press"), CampaignView)
    case = world.command("ben", OpenCase(campaign=campaign, title=f"{CANARY} taken", text=""), CaseView)
    letter = frozen_letter(world, "ana", campaign, f"{CANARY} Dear Minister,")
    removal = RemoveMember(campaign=campaign, author=author_of(world, "chi", campaign))
    world.command("ana", removal, CampaignView)
    world.run_ms(10_000)
    told = {
        name: world.look(name, ShowHistory(campaign=campaign), HistoryView).items for name in ("ana", "ben")
    }
    kinds = [one.what for one in told["ana"]]
    assert kinds == [one.what for one in told["ben"]]
    assert kinds[0] is Happening.REMOVED
    assert kinds[-1] is Happening.FOUNDED
    assert kinds.count(Happening.ADMITTED) == 2
    assert kinds.index(Happening.FROZEN) < kinds.index(Happening.DRAFTED)
    by_kind = {one.what: one for one in told["ben"]}
    assert by_kind[Happening.REMOVED].whom == "chi"
    assert by_kind[Happening.ALERT].me
    assert by_kind[Happening.ALERT].subject == case.id
    assert by_kind[Happening.FROZEN].subject == letter.id
    assert by_kind[Happening.CHANNEL].title == f"{CANARY} press"
    assert not any(text in one.title for one in told["ana"])
