"""What a campaign is at one place of its log, as far as a release asks: who must consent, in which seats."""

from __future__ import annotations

from meshcoal.campaign.membership import Roster
from meshcoal.campaign.quorum import needed
from meshcoal.statement.model import Standing


def standing(roster: Roster) -> Standing:
    """Former members keep their seat: what they signed stands."""
    return Standing(
        needed=needed(roster), seats={author: member.seat for author, member in roster.members.items()}
    )
