"""What a user asks about paths to people.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import reaching as ask
from meshcoal.node.commands import Commands, handles
from meshcoal.node.reach_shows import contacts_reach, members_reach
from meshcoal.node.step import Step
from meshcoal.wire.record import Record


@handles(ask.ListReach)
def _list_reach(self: Commands, step: Step, command: ask.ListReach) -> Record:
    if command.campaign:
        return members_reach(self.core, self.campaign(command.campaign), step.now_ms)
    return contacts_reach(self.core, step.now_ms)
