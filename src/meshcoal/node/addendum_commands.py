"""Commands about addenda.

Law: as in `node.commands`. Who may publish one is who may release; nobody does where publicity is refused.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.node.commands import Commands, handles
from meshcoal.node.statement_commands import check_publicity, only_organisers, statement_of, view_of
from meshcoal.node.step import Step
from meshcoal.statement.addenda import make_addendum
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record


@handles(ask.PublishAddendum)
def _publish_addendum(self: Commands, step: Step, command: ask.PublishAddendum) -> Record:
    campaign = self.acting(command.campaign)
    only_organisers(campaign)
    statement = statement_of(self, campaign, command.statement)
    check_publicity(campaign, statement)
    body = make_addendum(statement, roster=campaign.signer, act_key=campaign.persona.act, now_ms=step.now_ms)
    self.write(campaign, step, Kind.ADDENDUM, body)
    return view_of(self, step, campaign, command.statement)
