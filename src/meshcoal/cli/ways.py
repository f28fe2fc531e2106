"""`meshcoal campaign ways`: by which ways a campaign's links go from this machine."""

from __future__ import annotations

import click

from meshcoal.api.commands import SetWays, ShowWays
from meshcoal.api.views import WaysView
from meshcoal.cli.find import find_campaign
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session


@leaf("ways", example="meshcoal campaign ways evin tor\nmeshcoal campaign ways evin any --no-nearby")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("choice", required=False, type=click.Choice(["any", "tor"]))
@click.option("--nearby/--no-nearby", default=None, help="Whether its members may be met on a local network.")
@click.pass_obj
def ways(session: Session, campaign_name: str, choice: str | None, nearby: bool | None) -> None:
    """Show or choose by which ways this campaign's links go from here.

    `tor`: nothing but Tor, and relays that are reached through it; the members are told no other address of
    yours, and whoever knocks in another way gets no answer. `any`: every way this machine has. The choice
    concerns this machine alone, and nobody is told of it. What members were told before, they know.
    """
    campaign = find_campaign(session, campaign_name)
    view = session.ask(ShowWays(campaign=campaign.id), WaysView)
    if choice is not None or nearby is not None:
        command = SetWays(
            campaign=campaign.id,
            only_tor=view.only_tor if choice is None else choice == "tor",
            nearby=view.nearby if nearby is None else nearby,
        )
        view = session.ask(command, WaysView)
    session.show(view, lambda: _print(view))


def _print(view: WaysView) -> None:
    if view.only_tor:
        say("Nothing but Tor. Switch it on with `meshcoal tor on`; until then nobody here is reached.")
        return
    say("Every way that this machine has.")
    if not view.nearby:
        say("Its members are not met on local networks.")
