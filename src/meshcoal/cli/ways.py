"""`meshcoal campaign ways` and `meshcoal contact ways`: which ways this machine takes, and to whom."""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import (
    ListContacts,
    SetPersonWays,
    SetWays,
    ShowPersonWays,
    ShowWays,
)
from meshcoal.api.views import Advice, CampaignView, ContactsView, PersonWaysView, Reason, WaysView
from meshcoal.cli.find import find_campaign, find_member
from meshcoal.cli.leaf import leaf
from meshcoal.cli.lookup import contact_things, pick
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument

_BY: Final = {
    Reason.MACHINE: "this machine uses Tor alone (`meshcoal paths`)",
    Reason.CAMPAIGN: "you chose so for this campaign",
    Reason.PERSON: "you chose so for somebody in it",
    Reason.ADVICE: "the organisers recommend it for your seat, and you follow",
}
_BY_FOR_PERSON: Final = {
    **_BY,
    Reason.CAMPAIGN: "you chose so for the whole campaign",
    Reason.PERSON: "you chose so for this person",
    Reason.ADVICE: "the organisers recommend it for your seat or theirs, and you follow",
}


@leaf(
    "ways",
    example="meshcoal campaign ways evin tor\nmeshcoal campaign ways evin any --no-nearby\n"
    "meshcoal campaign ways evin --advice follow\nmeshcoal campaign ways evin tor --member dov",
)
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("choice", required=False, type=click.Choice(["any", "tor"]))
@click.option("--nearby/--no-nearby", default=None, help="Whether local networks are used.")
@click.option(
    "--advice",
    type=click.Choice([one.value for one in Advice]),
    help="Follow or refuse what the organisers recommend for your seat.",
)
@click.option("--member", metavar="MEMBER", help="Choose for the links to one member only.")
@click.pass_obj
def ways(
    session: Session,
    campaign_name: str,
    choice: str | None,
    nearby: bool | None,
    advice: str | None,
    member: str | None,
) -> None:
    """Show or choose by which ways this campaign's links go from here.

    `tor`: nothing but Tor, and relays that are reached through it; the members are told no other address of
    yours, and whoever knocks in another way gets no answer. `any`: every way this machine has. The strictest
    wins: of the machine, the campaign, the person, and what organisers recommend for your seat, if you follow
    it. The choice concerns this machine alone. What members were told before, they know.
    """
    campaign = find_campaign(session, campaign_name)
    if member is not None:
        if advice is not None:
            raise BadArgument("Advice is for a seat: choose it for the campaign, without --member.")
        _person(session, campaign.id, find_member(campaign, member).author, choice, nearby)
        return
    view = session.ask(ShowWays(campaign=campaign.id), WaysView)
    if choice is not None or nearby is not None or advice is not None:
        command = SetWays(
            campaign=campaign.id,
            only_tor=view.only_tor if choice is None else choice == "tor",
            nearby=view.nearby if nearby is None else nearby,
            advice=view.advice if advice is None else Advice(advice),
        )
        view = session.ask(command, WaysView)
    session.show(view, lambda: _print(view, campaign))


@leaf("ways", example="meshcoal contact ways ben\nmeshcoal contact ways ben any --no-nearby")
@click.argument("person")
@click.argument("choice", required=False, type=click.Choice(["any", "tor"]))
@click.option("--nearby/--no-nearby", default=None, help="Whether local networks are used.")
@click.pass_obj
def contact_ways(session: Session, person: str, choice: str | None, nearby: bool | None) -> None:
    """Show or choose by which ways this machine talks with one person, in every campaign.

    Members hear what is told to a campaign together: where one of them must not learn your plain address, or
    that you are on a network, none of that campaign is told. What they were told before, they know.
    """
    contacts = session.ask(ListContacts(), ContactsView).contacts
    _person(session, b"", pick("contact", person, contact_things(contacts)), choice, nearby)


def _person(session: Session, campaign: bytes, who: bytes, choice: str | None, nearby: bool | None) -> None:
    view = session.ask(ShowPersonWays(campaign=campaign, who=who), PersonWaysView)
    if choice is not None or nearby is not None:
        command = SetPersonWays(
            campaign=campaign,
            who=who,
            only_tor=view.only_tor if choice is None else choice == "tor",
            nearby=view.nearby if nearby is None else nearby,
        )
        view = session.ask(command, PersonWaysView)
    session.show(view, lambda: _print_person(view))


def _print(view: WaysView, campaign: CampaignView) -> None:
    if view.only_tor_by == (Reason.PERSON,):
        say("No plain address of yours is told to its members: you chose so for somebody in it.")
        say("The others are dialled by every way that is open: `meshcoal campaign paths`.")
    elif view.only_tor_by:
        say("Nothing but Tor: {why}.", why=" and ".join([_BY[one] for one in view.only_tor_by]))
        if Reason.MACHINE not in view.only_tor_by:
            say("Switch it on with `meshcoal tor on`; until then nobody here is reached.")
    else:
        say("Every way that this machine has.")
        if view.apart_by:
            say("Not on local networks: {why}.", why=" and ".join([_BY[one] for one in view.apart_by]))
            say("Its members are not met there, and no address of such a network is told or dialled.")
    if view.advised_only_tor or not view.advised_nearby:
        _print_advice(view, campaign)
    for name in view.exposed:
        say("! {name} is advised to use Tor alone, and their device tells plain addresses.", name=name)


def _print_advice(view: WaysView, campaign: CampaignView) -> None:
    what = "Tor alone" if view.advised_only_tor else "no local networks"
    say("The organisers recommend for your seat ({seat}): {what}.", seat=campaign.seat.value, what=what)
    if view.advice is Advice.REFUSE:
        say("You refuse. To follow: `meshcoal campaign ways CAMPAIGN --advice follow`.")
    elif view.advised_only_tor and view.advice is Advice.UNDECIDED:
        say("It is not followed yet, because Tor is off here. `meshcoal tor on`, and it is; or refuse it:")
        say("`meshcoal campaign ways CAMPAIGN --advice refuse`.")
    else:
        say("You follow. To refuse: `meshcoal campaign ways CAMPAIGN --advice refuse`.")


def _print_person(view: PersonWaysView) -> None:
    if view.only_tor_by:
        why = " and ".join([_BY_FOR_PERSON[one] for one in view.only_tor_by])
        say("To {name}: nothing but Tor: {why}.", name=view.name, why=why)
    elif view.apart_by:
        why = " and ".join([_BY_FOR_PERSON[one] for one in view.apart_by])
        say("To {name}: every way but local networks: {why}.", name=view.name, why=why)
    else:
        say("To {name}: every way that this machine has.", name=view.name)
    stricter = view.only_tor or not view.nearby
    for campaign in view.campaigns if stricter else ():
        what = "no plain address of yours is told" if view.only_tor else "you are not announced nearby"
        say("Because of it {what} to anybody in {campaign}.", what=what, campaign=campaign)
