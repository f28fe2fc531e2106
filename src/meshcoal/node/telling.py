"""What contacts are told on any link that stands: decisions, introductions, where I am.

Law: it is repeated until they are known to have it, and hearing it twice changes nothing. A decision names
the persona that asked, and whom to turn to only where the answer is yes.
"""

from __future__ import annotations

from collections.abc import Mapping

from meshcoal.api.views import IntroductionState
from meshcoal.ids import CampaignId
from meshcoal.node.campaign import Campaign
from meshcoal.node.introducing import Introducing
from meshcoal.node.links import Link, Links, Target
from meshcoal.node.people import People
from meshcoal.node.records import IntroductionRecord
from meshcoal.node.step import Step
from meshcoal.node.whereabouts import MyWhereabouts
from meshcoal.wire.frames import Decided, Kept, Message, ToldPeer, Whereabouts


class Telling:
    """Tells contacts what waits for them."""

    def __init__(
        self,
        *,
        people: People,
        introducing: Introducing,
        links: Links,
        campaigns: Mapping[CampaignId, Campaign],
    ) -> None:
        self._people = people
        self._introducing = introducing
        self._links = links
        self._campaigns = campaigns
        self._whereabouts = MyWhereabouts(people=people, links=links)

    def begin(self, step: Step, link: Link) -> None:
        """A link to a contact stands: all that waits for them."""
        assert link.session is not None
        self.decisions(step, link.session.remote_static)
        self.introductions(step, link.session.remote_static)
        self._whereabouts.tell(step, link)

    def switched(self, step: Step) -> None:
        """Tor was switched on or off: those who are connected hear of it at once."""
        for link in list(self._links.by_number.values()):
            if link.heard and not link.closing and link.campaign is None and not link.to_relay:
                self._whereabouts.tell(step, link)

    def targets(self, now_ms: int) -> list[Target]:
        """Whom to dial only to tell them where I am."""
        return [] if self._links.sparing else self._whereabouts.targets(now_ms)

    def hear(self, step: Step, link: Link, message: Message) -> bool:
        """What contacts say about where they are; False: it is about something else."""
        match message:
            case Whereabouts():
                self._whereabouts.on_told(step, link, message)
            case Kept():
                self._whereabouts.on_kept(step, link)
            case _:
                return False
        return True

    def decisions(self, step: Step, person: bytes) -> None:
        """Tell somebody what was decided about their request, if they can be reached now.

        On every link to them: an older one may be dead without our knowing, and hearing twice does no harm.
        """
        for link in self._links.by_number.values():
            if not link.established or link.closing or link.campaign is not None or link.session is None:
                continue
            if link.session.remote_static != person:
                continue
            for _, met in self._people.decisions_for(person):
                campaign = self._campaigns.get(CampaignId(met.campaign))
                own = met.card.link if met.card else b""
                peers = (
                    [peer for peer in peers_to_tell(step, self._people, campaign) if peer[0] != own]
                    if campaign
                    else []
                )
                self._links.say(step, link, [decision(met, told_peers(peers))])

    def introductions(self, step: Step, person: bytes) -> None:
        """Tell a contact whom I want them to know, if they can be reached now."""
        waiting = self._introducing.to_tell(person, step.now_ms)
        for link in self._links.by_number.values():
            known = link.session is not None and link.session.remote_static == person
            if known and link.established and not link.closing and link.campaign is None:
                self._links.say(step, link, waiting)


def peers_to_tell(step: Step, people: People, campaign: Campaign) -> list[tuple[bytes, tuple[str, ...]]]:
    """Myself first, then the other active members."""
    roster = campaign.roster()
    peers = [(campaign.persona.link.public, people.hints_in(step, campaign.id))]
    for author in roster.active():
        if author != campaign.me and campaign.hints_of(author):
            peers.append((roster.members[author].card.link, campaign.hints_of(author)))
    return peers


def told_peers(peers: list[tuple[bytes, tuple[str, ...]]]) -> tuple[ToldPeer, ...]:
    """Members a newcomer can turn to; at most sixteen."""
    return tuple([ToldPeer(link=link, hints=hints) for link, hints in peers[:16]])


def decision(met: IntroductionRecord, peers: tuple[ToldPeer, ...]) -> Decided:
    """What to tell somebody about their request."""
    admitted = met.state is IntroductionState.ADMITTED
    assert met.card is not None, "a card is kept until its owner knows the decision"
    return Decided(
        admitted=admitted,
        campaign=met.campaign,
        peers=peers if admitted else (),
        author=met.card.author,
    )
