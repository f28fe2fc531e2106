"""Whom a campaign wants links to, and who may come in.

Law: only active members of the roster; until a newcomer has the roster, those of whom they were told. Keys
decide, never addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from meshcoal.api.views import MemberState
from meshcoal.errors import NotAuthorized
from meshcoal.ids import AuthorId
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import CAMPAIGN, Target
from meshcoal.sync.knock import Pattern, campaign_psk

_SECOND_DIALLER_WAITS_MS: Final = 3_000


def campaign_targets(campaign: Campaign, chosen: tuple[AuthorId, ...] | None) -> Iterator[Target]:
    """Whom this campaign wants links to: those chosen, or everybody. Each is made when it is looked at."""
    if campaign.my_state is not MemberState.ACTIVE and not campaign.parting:
        return
    persona = campaign.persona
    wanted: dict[bytes, tuple[tuple[str, ...], int]] = {}
    if campaign.my_member() is None:
        for peer in campaign.record.peers:  # until my own admission has arrived
            if peer.link != persona.link.public:
                wanted[peer.link] = (peer.hints, 0)
    else:
        roster = campaign.roster()
        for author in roster.active() if chosen is None else chosen:
            if author == campaign.me:
                continue
            # The smaller key dials first; the other waits, so that mostly one link is made and not two.
            link = roster.members[author].card.link
            waits = chosen is None and persona.link.public > link
            wanted[link] = (campaign.hints_of(author), _SECOND_DIALLER_WAITS_MS if waits else 0)
    psk = campaign_psk(campaign.id)
    for link, (hints, delay) in wanted.items():
        yield Target(
            key=(CAMPAIGN, campaign.id, link),
            pattern=Pattern.KNOWN,
            static=persona.link,
            remote=link,
            psk=psk,
            hints=hints,
            delay_ms=delay,
        )


def admit_peer(campaign: Campaign, remote: bytes) -> AuthorId | None:
    """The member behind a link key; an empty author for the peers a newcomer was told of.

    Raises:
        NotAuthorized: nobody who may talk to this campaign.
    """
    if remote == campaign.persona.link.public:
        raise NotAuthorized("a link to myself")
    author = campaign.member_by_link(remote)
    if author is not None:
        return author
    if campaign.my_member() is None and any(peer.link == remote for peer in campaign.record.peers):
        return None
    raise NotAuthorized("a link by nobody in this campaign")
