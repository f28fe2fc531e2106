"""The question that founds a campaign.

Law: what cannot be changed later is said before it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.commands import Command, FoundCampaign, Seat
from meshcoal.api.views import CampaignView
from meshcoal.errors import BadArgument
from meshcoal.limits import TALK_DAYS, TALK_DAYS_MAX
from meshcoal.tui import shown
from meshcoal.tui.channels import CHANNELS, channels_of
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

SEAT_CHOICES = tuple((seat.value, words) for seat, words in shown.SEATS.items())


def found_form(app: MeshcoalApp) -> Form[CampaignView]:
    """Name, goal, channels, seat, and how long messages stay."""

    async def found(values: Values) -> CampaignView:
        channels = channels_of(values["channels"])
        command: Command = FoundCampaign(
            name=values["name"],
            goal=values["goal"],
            my_name=values["my_name"],
            seat=Seat(values["seat"]),
            channels=channels,
            talk_days=_talk_days(values["talk_days"]),
        )
        return await app.session.send(command, CampaignView)

    return Form(
        _("Found a campaign"),
        (
            Field(name="name", label=_("Name"), required=True),
            Field(name="goal", label=_("Goal, in one sentence")),
            Field(name="my_name", label=_("My name there"), placeholder=_("empty: my usual name")),
            Field(name="channels", label=_("Channels"), value=CHANNELS, required=True),
            Field(
                name="seat",
                label=_("I am"),
                kind="choice",
                choices=SEAT_CHOICES,
                value=Seat.IN_COUNTRY.value,
            ),
            Field(name="talk_days", label=_("Messages stay (days)"), value=str(TALK_DAYS), required=True),
        ),
        found,
        submit=_("Found it"),
        explain=_(
            "Messages vanish from each device so many days after they arrived there. Letters and members "
            "stay. The number cannot be changed later."
        ),
    )


def _talk_days(text: str) -> int:
    if text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= TALK_DAYS_MAX:
        return int(text)
    raise BadArgument(_("Messages stay from 1 to %(most)d days: write a number.") % {"most": TALK_DAYS_MAX})
