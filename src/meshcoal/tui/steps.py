"""What comes first, and how much of it is done: from nothing to a first letter.

Law: what is done follows from what the node holds, and from nothing else; whoever has done a step in another
way finds it done. Nothing is asked of a campaign once a letter was seen.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import (
    ListCampaigns,
    ListContacts,
    ListIntroductions,
    ListInvitations,
    ShowCampaign,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ContactsView,
    IntroductionState,
    IntroductionsView,
    InvitationsView,
    MemberState,
)
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.session import Session

LOOKED_AT_MAX: Final = 3  # campaigns in which a letter is looked for
UNDER_WAY: Final = (
    IntroductionState.ASKING,
    IntroductionState.DIALLING,
    IntroductionState.CARRIED,
    IntroductionState.WAITING,
)


class Step(enum.Enum):
    """In this order; but people take them as they come."""

    IDENTITY = "identity"
    MEET = "meet"
    COMPARE = "compare"
    CAMPAIGN = "campaign"
    LETTER = "letter"


TITLES: Final = {
    Step.IDENTITY: _("You have a name and a passphrase."),
    Step.MEET: _("Meet somebody you work with."),
    Step.COMPARE: _("Compare words with them, aloud."),
    Step.CAMPAIGN: _("Have a campaign: found one, or come into one."),
    Step.LETTER: _("Write a first letter."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """Which are done; `open_invitations` and `under_way` count what waits for somebody else."""

    done: frozenset[Step]
    open_invitations: int = 0
    under_way: int = 0
    campaigns: tuple[tuple[bytes, str], ...] = ()  # those I am in, with their names

    @property
    def finished(self) -> bool:
        return len(self.done) == len(Step)

    @property
    def next(self) -> Step | None:
        return next((step for step in Step if step not in self.done), None)


def waiting_words(steps: FirstSteps) -> str:
    """What was begun and waits; empty where nothing does."""
    if steps.under_way:
        words = ngettext(
            "%(count)d introduction is under way: compare words.",
            "%(count)d introductions are under way: compare words.",
            steps.under_way,
        )
        return words % {"count": steps.under_way}
    if steps.open_invitations:
        words = ngettext(
            "%(count)d invitation of yours waits to be used.",
            "%(count)d invitations of yours wait to be used.",
            steps.open_invitations,
        )
        return words % {"count": steps.open_invitations}
    return ""


async def look(session: Session) -> FirstSteps:
    """How far it is. Raises as the daemon refuses."""
    campaigns = await session.send(ListCampaigns(), CampaignsView)
    met = await session.send(ListIntroductions(), IntroductionsView)
    return await look_further(session, campaigns, met)


async def look_further(session: Session, campaigns: CampaignsView, met: IntroductionsView) -> FirstSteps:
    """The same, where the daemon was asked for these two already."""
    contacts = (await session.send(ListContacts(), ContactsView)).contacts
    mine = [one for one in campaigns.campaigns if one.state == MemberState.ACTIVE]
    done = {Step.IDENTITY}
    if contacts or any(one.members > 1 for one in mine):
        done.add(Step.MEET)
    if any(one.verified for one in contacts):
        done.add(Step.COMPARE)
    if mine:
        done.add(Step.CAMPAIGN)
    for one in mine[:LOOKED_AT_MAX]:
        view = await session.send(ShowCampaign(campaign=one.id), CampaignView)
        if view.statements:
            done.add(Step.LETTER)
            break
    invitations: tuple[object, ...] = ()
    if Step.MEET not in done:
        invitations = (await session.send(ListInvitations(), InvitationsView)).invitations
    return FirstSteps(
        done=frozenset(done),
        open_invitations=len(invitations),
        under_way=sum(one.state in UNDER_WAY for one in met.introductions),
        campaigns=tuple([(one.id, one.name) for one in mine]),
    )
