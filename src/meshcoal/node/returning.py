"""Being admitted to a campaign, for the first time or again under a new persona.

Law: nobody is to stand in the roster whose keys nobody has.
"""

from __future__ import annotations

from typing import Protocol

from meshcoal.api.views import MemberState, NoticeKind
from meshcoal.crypto.agreement import Sealer
from meshcoal.errors import LinkClosed
from meshcoal.ids import CampaignId
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.compose import Composer
from meshcoal.node.links import Link, Links
from meshcoal.node.people import People
from meshcoal.node.persona import Persona
from meshcoal.node.records import CAMPAIGNS, CampaignRecord, IntroductionRecord
from meshcoal.node.step import Step
from meshcoal.wire.bodies import LeaveBody
from meshcoal.wire.frames import Decided, Noted
from meshcoal.wire.operation import Kind


class Parts(Protocol):
    """What it takes of a node."""

    sealer: Sealer
    links: Links
    composer: Composer
    acceptor: Acceptor
    people: People
    campaigns: dict[CampaignId, Campaign]

    def open_campaign(self, step: Step, campaign: CampaignId, kept: CampaignRecord) -> Campaign:
        """A campaign that is new here."""

    def refresh_targets(self, step: Step) -> None:
        """Work out afresh whom to keep links to."""


def on_decided(core: Parts, step: Step, link: Link, message: Decided) -> None:
    """I am let in, or not."""
    met = core.people.on_decided(step, link, message)
    core.links.say(step, link, [Noted(author=message.author)])
    if met is not None:
        enter(core, step, met, message)
    core.refresh_targets(step)


def enter(core: Parts, step: Step, met: IntroductionRecord, message: Decided) -> None:
    """I am let in with the persona that I asked with, if I have it still."""
    if met.persona is None:
        return
    campaign = CampaignId(message.campaign)
    kept = CampaignRecord(
        persona=met.persona,
        state=MemberState.ACTIVE,
        peers=message.peers,
        admitted_by=met.person,
    )
    if campaign in core.campaigns:
        _return_as(core, step, core.campaigns[campaign], kept)
    else:
        core.open_campaign(step, campaign, kept)
    step.notice(NoticeKind.CAMPAIGNS)


def _return_as(core: Parts, step: Step, campaign: Campaign, kept: CampaignRecord) -> None:
    """Admitted again to a campaign that is here already: go on under the new persona.

    The old one leaves, where it is still a member as far as is known here: nobody is to stand in the
    roster whose keys nobody has.
    """
    if Persona(kept.persona, core.sealer).author == campaign.me:
        return  # admitted by a second member under the persona I have
    for link in list(core.links.by_number.values()):
        if link.campaign == campaign.id:
            core.links.cut(step, link, LinkClosed.code)
    member = campaign.my_member()
    if member is not None and member.active and not campaign.seeds.lost:
        core.composer.write(campaign, step, Kind.LEAVE, LeaveBody(at_ms=step.now_ms))
    campaign.take_persona(step, kept)
    core.acceptor.take_again(campaign, step)
    step.put(CAMPAIGNS, campaign.id, campaign.record)
