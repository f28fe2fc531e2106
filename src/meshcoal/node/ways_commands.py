"""What a user chooses of a campaign's ways.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import ways as ask
from meshcoal.errors import PathClosed
from meshcoal.node.commands import Commands, handles
from meshcoal.node.step import Step
from meshcoal.node.ways import WaysRecord
from meshcoal.wire.record import Record


@handles(ask.SetWays)
def _set_ways(self: Commands, step: Step, command: ask.SetWays) -> Record:
    core = self.core
    campaign = self.campaign(command.campaign)
    chosen = WaysRecord(only_tor=command.only_tor, nearby=command.nearby)
    ways = core.people.ways
    if chosen != ways.of(campaign.id):
        ways.choose(step, campaign.id, chosen)
        for link in ways.closed(campaign.id, core.links.by_number.values()):
            core.links.cut(step, link, PathClosed.code)
        core.tell_hints(step)
        core.refresh_targets(step)
        core.nearby.again(step)
    return _view(self, campaign.id)


@handles(ask.ShowWays)
def _show_ways(self: Commands, step: Step, command: ask.ShowWays) -> Record:
    return _view(self, self.campaign(command.campaign).id)


def _view(self: Commands, campaign: bytes) -> ask.WaysView:
    ways = self.core.people.ways.of(campaign)
    return ask.WaysView(campaign=campaign, only_tor=ways.only_tor, nearby=ways.nearby)
