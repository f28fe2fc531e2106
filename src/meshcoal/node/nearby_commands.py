"""What a user asks about meeting on a local network.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import nearby as ask
from meshcoal.clock import MINUTE_MS
from meshcoal.node.commands import Commands, handles
from meshcoal.node.links import TargetKey
from meshcoal.node.step import Step
from meshcoal.wire.record import Record


@handles(ask.StartNearby)
def _start(self: Commands, step: Step, command: ask.StartNearby) -> Record:
    self.core.nearby.start(step, command.minutes * MINUTE_MS)
    return _view(self)


@handles(ask.StopNearby)
def _stop(self: Commands, step: Step, command: ask.StopNearby) -> Record:
    self.core.nearby.stop(step)
    self.core.refresh_targets(step)
    return _view(self)


@handles(ask.ShowNearby)
def _show(self: Commands, step: Step, command: ask.ShowNearby) -> Record:
    return _view(self)


def _view(self: Commands) -> ask.NearbyView:
    core = self.core

    def connected(key: TargetKey) -> bool:
        return core.links.link_to(key) is not None

    return core.nearby.view(core.name_of_target, connected)
