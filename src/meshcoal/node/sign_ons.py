"""From a command that signs to the body that is signed.

Law: the one place that reads who signs out of a command. What a way of signing adds comes as arguments.
"""

from __future__ import annotations

from meshcoal.api.signing import SigningCommand
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands
from meshcoal.node.rights import authority_of
from meshcoal.node.step import Step
from meshcoal.statement.model import Statement
from meshcoal.statement.signon import make_sign_on
from meshcoal.wire.bodies import Need, SignBody
from meshcoal.wire.terms import NameMode


def sign_body(
    self: Commands,
    step: Step,
    campaign: Campaign,
    statement: Statement,
    command: SigningCommand,
    *,
    mode: NameMode = NameMode.NAMED,
    logo: bytes = b"",
    needs: tuple[Need, ...] = (),
    request: bytes = b"",
    mandate: bytes = b"",
    unit_ms: int = 1_000,
    late: bool = False,
) -> SignBody:
    """Sign for the user of this device, who takes part in the campaign. Raises as `make_sign_on` does."""
    member = campaign.my_member()
    assert member is not None, "writable"
    return make_sign_on(
        statement,
        me=campaign.me,
        seat=member.seat,
        act_key=campaign.persona.act,
        digest=command.digest,
        capacity=command.capacity,
        name=command.name,
        title=command.title,
        affiliation=command.affiliation,
        country=command.country,
        languages_read=command.languages_read,
        names=command.names,
        members=command.members,
        mode=mode,
        logo=logo,
        needs=needs,
        request=request,
        mandate=mandate,
        authority=authority_of(campaign.roster()),
        entropy=self.entropy,
        now_ms=step.now_ms,
        unit_ms=unit_ms,
        late=late,
    )
