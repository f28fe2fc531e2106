"""Forms that choose ways: for a campaign, and towards one person; each says what it costs.

Law: what is closed otherwise is shown, so that nobody takes a choice here for more than it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meshcoal.api.commands import SetPersonWays, SetWays
from meshcoal.api.views import Advice, PersonWaysView, Reason, WaysView
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


def _choices() -> tuple[tuple[str, str], ...]:
    return (
        ("any", _("Every way this machine has")),
        ("apart", _("No local networks")),
        ("tor", _("Nothing but Tor")),
    )


def _chosen(*, only_tor: bool, nearby: bool) -> str:
    return "tor" if only_tor else "any" if nearby else "apart"


def campaign_form(mesh: MeshcoalApp, view: WaysView, campaign_name: str) -> Form[WaysView]:
    """Choose for a campaign, and what to do with what organisers recommend."""

    async def choose(values: Values) -> WaysView:
        command = SetWays(
            campaign=view.campaign,
            only_tor=values["ways"] == "tor",
            nearby=values["ways"] == "any",
            advice=Advice(values["advice"]) if "advice" in values else view.advice,
        )
        return await mesh.session.send(command, WaysView)

    ways = _chosen(only_tor=view.only_tor, nearby=view.nearby)
    fields = [Field(name="ways", label=_("Ways"), kind="choice", choices=_choices(), value=ways)]
    told = [
        _(
            "Of this campaign alone, on this machine alone. Members are told, and dialled by, no way that is "
            "closed; what they were told before, they know. Nothing but Tor needs Tor at both ends: until "
            "then relays and sticks carry what is written."
        )
    ]
    if view.advised_only_tor or not view.advised_nearby:
        told.append(_recommended(view))
        fields.append(
            Field(
                name="advice",
                label=_("Advice"),
                kind="choice",
                choices=(
                    (Advice.UNDECIDED.value, _("By itself: Tor alone only if Tor is in use")),
                    (Advice.FOLLOW.value, _("Follow")),
                    (Advice.REFUSE.value, _("Refuse")),
                ),
                value=view.advice.value,
            )
        )
    told += [closed_by(one) for one in view.only_tor_by or view.apart_by]
    told += [
        _("! %(name)s is advised to use Tor alone, and their device tells plain addresses.")
        % {"name": name(one, 30)}
        for one in view.exposed
    ]
    title = _("Ways of %(campaign)s") % {"campaign": name(campaign_name, 40)}
    return Form(title, fields, choose, submit=_("Choose"), explain="\n".join(told))


def person_form(mesh: MeshcoalApp, view: PersonWaysView) -> Form[PersonWaysView]:
    """Choose towards one person."""

    async def choose(values: Values) -> PersonWaysView:
        command = SetPersonWays(
            campaign=view.campaign,
            who=view.who,
            only_tor=values["ways"] == "tor",
            nearby=values["ways"] == "any",
        )
        return await mesh.session.send(command, PersonWaysView)

    ways = _chosen(only_tor=view.only_tor, nearby=view.nearby)
    told = [
        _(
            "Towards this person alone, on this machine alone. Members hear together what a campaign is "
            "told: what this person must not learn, nobody is told in the campaigns that you share."
        )
    ]
    if view.campaigns:
        shared = ", ".join([name(one, 30) for one in view.campaigns])
        told.append(_("You share: %(campaigns)s.") % {"campaigns": shared})
    told += [closed_by(one) for one in view.only_tor_by or view.apart_by if one is not Reason.PERSON]
    return Form(
        _("Ways to %(name)s") % {"name": name(view.name, 40)},
        (Field(name="ways", label=_("Ways"), kind="choice", choices=_choices(), value=ways),),
        choose,
        submit=_("Choose"),
        explain="\n".join(told),
    )


def _recommended(view: WaysView) -> str:
    if view.advised_only_tor:
        return _("The organisers recommend Tor alone for your seat.")
    return _("The organisers recommend for your seat to keep off local networks.")


def closed_by(reason: Reason) -> str:
    """Whose choice closes ways now."""
    words: dict[Reason, Callable[[], str]] = {
        Reason.MACHINE: lambda: _("Closed now by the choice for this whole machine."),
        Reason.CAMPAIGN: lambda: _("Closed now by your choice for the campaign."),
        Reason.PERSON: lambda: _("Not told to members, by your choice for somebody among them."),
        Reason.ADVICE: lambda: _("Closed now because you follow what the organisers recommend."),
    }
    return words[reason]()
