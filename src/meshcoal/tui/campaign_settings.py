"""The settings of this device in one campaign, one entry each: its ways, its relays, how long messages stay.

Law: as in `tui.setting`. What is chosen here holds for this device alone; what holds for all members is told.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import CoverRelays, SetWays
from meshcoal.api.views import Advice, RelaysView, WaysView
from meshcoal.ids import short
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.setting import Choice, Group, Known, KnownCampaign, Setting, Steps, one_of
from meshcoal.tui.widgets.plain import name

NAME_CELLS: Final = 30
_COVER_MINUTES: Final = (1, 5, 15, 60)


def settings_of_campaign(one: KnownCampaign) -> list[Setting]:
    found = [_ways(one)]
    if one.ways.advised_only_tor or not one.ways.advised_nearby:
        found.append(_advice(one))
    if one.relays.relays:
        found.append(_cover(one))
    found.append(_talk(one))
    return found


def _called(kind: str, one: KnownCampaign) -> str:
    return f"{kind}-{short(one.view.id)}"


def _in(one: KnownCampaign) -> dict[str, str]:
    return {"campaign": name(one.view.name, NAME_CELLS)}


def _ways(one: KnownCampaign) -> Setting:
    choices = (
        Choice(
            value="tor",
            holds=_("In %(campaign)s nothing but Tor is used.") % _in(one),
            means=_(
                "Its members are told, and dialled by, no other way; what they were told before, they know. "
                "It needs Tor at both ends: until then relays and sticks carry what is written."
            ),
            guards=2,
        ),
        Choice(
            value="apart",
            holds=_("In %(campaign)s every way is used but local networks.") % _in(one),
            means=_("Its members are not met on networks around you, and learn no address there."),
            guards=1,
        ),
        Choice(
            value="any",
            holds=_("In %(campaign)s every way is used that this machine has.") % _in(one),
            means=_("Members reach you soonest, and learn the addresses of this machine."),
        ),
    )
    view = one.ways
    value = "tor" if view.only_tor else "any" if view.nearby else "apart"

    def steps(_known: Known, chosen: str) -> Steps:
        command = SetWays(
            campaign=view.campaign,
            only_tor=chosen == "tor",
            nearby=chosen == "any",
            advice=view.advice,
        )
        return ((command, WaysView),)

    title = _("Ways of %(campaign)s") % _in(one)
    return one_of(_called("ways", one), Group.SEEN, title, choices, value, steps)


def _advice(one: KnownCampaign) -> Setting:
    view = one.ways
    recommended = (
        _("The organisers recommend Tor alone for your seat.")
        if view.advised_only_tor
        else _("The organisers recommend for your seat to keep off local networks.")
    )
    choices = (
        Choice(
            value=Advice.FOLLOW.value,
            holds=_("In %(campaign)s you follow what the organisers recommend for your seat.") % _in(one),
            means=recommended,
            guards=2,
        ),
        Choice(
            value=Advice.UNDECIDED.value,
            holds=_("In %(campaign)s you follow what is recommended, but Tor alone only if Tor is on.")
            % _in(one),
            means=recommended,
            guards=1,
        ),
        Choice(
            value=Advice.REFUSE.value,
            holds=_("In %(campaign)s you do not follow what the organisers recommend.") % _in(one),
            means=_("Nobody is told. Your own choice of ways holds."),
        ),
    )

    def steps(_known: Known, chosen: str) -> Steps:
        command = SetWays(
            campaign=view.campaign, only_tor=view.only_tor, nearby=view.nearby, advice=Advice(chosen)
        )
        return ((command, WaysView),)

    title = _("What organisers of %(campaign)s recommend") % _in(one)
    return one_of(_called("advice", one), Group.SEEN, title, choices, view.advice.value, steps)


def _cover(one: KnownCampaign) -> Setting:
    held = one.relays.cover_minutes
    off = Choice(
        value="0",
        holds=_("In %(campaign)s your device posts at relays when there is something to say.") % _in(one),
        means=_("What you write is there in seconds. A relay sees at what hours a device posts, not whose."),
    )
    means = _(
        "A relay does not see at what hours you write. What you write waits for its moment, up to twice as "
        "long, and every member's device fetches what yours posts."
    )
    choices = [off]
    for minutes in sorted({*_COVER_MINUTES, *([held] if held else [])}):
        told = ngettext(
            "In %(campaign)s your device posts at relays once a minute, whether or not you write.",
            "In %(campaign)s your device posts at relays every %(count)d minutes, whether or not you write.",
            minutes,
        )
        choices.append(
            Choice(value=str(minutes), holds=told % {**_in(one), "count": minutes}, means=means, guards=1)
        )

    def steps(_known: Known, chosen: str) -> Steps:
        return ((CoverRelays(campaign=one.view.id, minutes=int(chosen)), RelaysView),)

    title = _("Posting at relays of %(campaign)s") % _in(one)
    return one_of(_called("relay-cover", one), Group.SEEN, title, tuple(choices), str(held), steps)


def _talk(one: KnownCampaign) -> Setting:
    days = one.view.talk_days
    told = ngettext(
        "Messages in %(campaign)s vanish from here a day after they came.",
        "Messages in %(campaign)s vanish from here %(count)d days after they came.",
        days,
    ) % {**_in(one), "count": days}
    unknown = _("How long messages in %(campaign)s stay is not known here yet.") % _in(one)
    return Setting(
        name=_called("talk", one),
        group=Group.KEPT,
        title=_("Messages of %(campaign)s") % _in(one),
        now=lambda _known: told if days else unknown,
        why=_("Whoever founded the campaign chose it for all members, and nobody can change it later."),
        place=one.view.id,
    )
