"""What a user chooses of ways: for a campaign, towards a person.

Law: as in `node.commands`.
"""

from __future__ import annotations

from meshcoal.api import ways as ask
from meshcoal.api.ways import Reason
from meshcoal.errors import BadArgument, Unknown
from meshcoal.ids import AuthorId, PersonId
from meshcoal.limits import CAMPAIGNS_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.choosing import apply_ways
from meshcoal.node.commands import Commands, handles
from meshcoal.node.shows import campaign_name
from meshcoal.node.step import Step
from meshcoal.node.ways import OPEN, Policy, WaysRecord
from meshcoal.wire.path import PathKind, path_of_hint
from meshcoal.wire.record import Record


@handles(ask.SetWays)
def _set_ways(self: Commands, step: Step, command: ask.SetWays) -> Record:
    campaign = self.campaign(command.campaign)
    chosen = WaysRecord(only_tor=command.only_tor, nearby=command.nearby, advice=command.advice)
    ways = self.core.people.ways
    if chosen != ways.choice(campaign.id):
        ways.choose(step, campaign.id, chosen)
        apply_ways(self.core, step)
    return _view(self, campaign)


@handles(ask.ShowWays)
def _show_ways(self: Commands, step: Step, command: ask.ShowWays) -> Record:
    return _view(self, self.campaign(command.campaign))


@handles(ask.SetPersonWays)
def _set_person_ways(self: Commands, step: Step, command: ask.SetPersonWays) -> Record:
    _check(self, command.campaign, command.who)
    ways = self.core.people.ways
    policy = Policy(only_tor=command.only_tor, nearby=command.nearby)
    if policy != ways.choice_of(command.campaign, command.who):
        ways.choose_of(step, command.campaign, command.who, policy)
        apply_ways(self.core, step)
    return _person_view(self, command.campaign, command.who)


@handles(ask.ShowPersonWays)
def _show_person_ways(self: Commands, step: Step, command: ask.ShowPersonWays) -> Record:
    _check(self, command.campaign, command.who)
    return _person_view(self, command.campaign, command.who)


def _check(self: Commands, campaign: bytes, who: bytes) -> None:
    """Raises `Unknown`, `BadArgument`."""
    if not campaign:
        self.core.people.contact(who)
        return
    found = self.campaign(campaign)
    if AuthorId(who) not in found.roster().members:
        raise Unknown("There is no such member in this campaign.")
    if who == found.me:
        raise BadArgument("That is you. Choose for the campaign as a whole.")


def _view(self: Commands, campaign: Campaign) -> ask.WaysView:
    ways = self.core.people.ways
    choice = ways.choice(campaign.id)
    seat = ways.my_seat(campaign.id)
    advised = ways.advised(campaign.id, seat)
    sources = [
        (Reason.MACHINE, _machine(self)),
        (Reason.CAMPAIGN, choice.policy),
        (Reason.ADVICE, ways.followed_here(campaign.id)),
        (Reason.PERSON, ways.persons_in(campaign.id)),
    ]
    return ask.WaysView(
        campaign=campaign.id,
        only_tor=choice.only_tor,
        nearby=choice.nearby,
        advice=choice.advice,
        advised_only_tor=advised.only_tor,
        advised_nearby=advised.nearby,
        only_tor_by=_closing(sources, PathKind.PLAIN),
        apart_by=_closing(sources, PathKind.NEARBY),
        exposed=_exposed(self, campaign),
    )


def _person_view(self: Commands, campaign: bytes, who: bytes) -> ask.PersonWaysView:
    core = self.core
    ways = core.people.ways
    policy = ways.choice_of(campaign, who)
    sources = [(Reason.MACHINE, _machine(self)), (Reason.PERSON, policy)]
    if campaign:
        found = self.campaign(campaign)
        theirs = ways.followed(campaign, found.roster().members[AuthorId(who)].seat)
        mine = ways.followed_here(campaign)
        sources += [(Reason.CAMPAIGN, ways.choice(campaign).policy), (Reason.ADVICE, mine.strictest(theirs))]
        name = core.shows.name_of(found, AuthorId(who))
    else:
        name = core.people.name_of(PersonId(who))
    place = ways.place(campaign, who)
    shared = [
        campaign_name(core.campaigns, one.id)
        for one in core.campaigns.values()
        if any(ways.place(one.id, author) == place for author in one.roster().active() if author != one.me)
    ]
    return ask.PersonWaysView(
        campaign=campaign,
        who=who,
        name=name,
        only_tor=policy.only_tor,
        nearby=policy.nearby,
        only_tor_by=_closing(sources, PathKind.PLAIN),
        apart_by=_closing(sources, PathKind.NEARBY),
        campaigns=tuple(sorted(shared)[:CAMPAIGNS_MAX]),
    )


def _machine(self: Commands) -> Policy:
    return OPEN if self.core.links.direct else Policy(only_tor=True)


def _closing(sources: list[tuple[Reason, Policy]], path: PathKind) -> tuple[Reason, ...]:
    return tuple([reason for reason, policy in sources if not policy.permits(path)])


def _exposed(self: Commands, campaign: Campaign) -> tuple[str, ...]:
    """Members for whose seat Tor alone is recommended, and whose devices tell plain addresses."""
    ways = self.core.people.ways
    roster = campaign.roster()
    return tuple(
        [
            self.core.shows.name_of(campaign, author)
            for author in roster.active()
            if ways.advised(campaign.id, roster.members[author].seat).only_tor
            and any(path_of_hint(hint) is not PathKind.ONION for hint in campaign.hints_of(author))
        ]
    )
