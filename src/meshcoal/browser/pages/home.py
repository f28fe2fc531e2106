"""The first page: what needs the reader now, then the campaigns."""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import FoundCampaign, GetStatus, GetTor, ListCampaigns, Seat, ShowToday
from meshcoal.api.views import (
    CampaignSummaryView,
    CampaignsView,
    CampaignView,
    MemberState,
    StatusView,
    TodayItemView,
    TodayKind,
    TodayView,
    TorView,
)
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Field, Values, chosen
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.errors import BadArgument
from meshcoal.limits import TALK_DAYS, TALK_DAYS_MAX
from meshcoal.tui import shown
from meshcoal.tui.channels import CHANNELS, channels_of
from meshcoal.tui.locale import _

SEATS: Final = tuple((seat.value, words) for seat, words in shown.SEATS.items())
_TODAY: Final = {
    TodayKind.ALERT: _("! Alert not answered: %(title)s, %(left)s (%(campaign)s)"),
    TodayKind.SIGN: _("✎ Sign: %(title)s, deadline %(left)s (%(campaign)s)"),
    TodayKind.APPROVE: _("Decide for an office: %(title)s (%(campaign)s)"),
    TodayKind.WARNING: _(
        "!! WARNING: names stand under other keys than before, or devices keep something back: "
        "%(count)s to look into."
    ),
    TodayKind.INTRODUCTION: _("People who want to come in: %(count)s"),
    TodayKind.MENTION: _("You are mentioned: %(title)s (%(campaign)s)"),
    TodayKind.DUE: _("Ask again: %(title)s (%(campaign)s)"),
    TodayKind.GAP: _("! Missing messages: %(count)s (%(campaign)s)"),
    TodayKind.ALONE: _("You are the only organiser: nobody could take your place (%(campaign)s)"),
    TodayKind.UNCOMPARED: _("Words were not compared with %(count)s members (%(campaign)s)"),
    # Translators: a weak spot that weighs is a serious one; slight ones are not counted here.
    TodayKind.WEAK: _("Weak spots of this device that weigh: %(count)s"),
}


class HomePage(Page):
    """What waits, and where."""

    async def show(self, visit: Visit) -> Sheet:
        status = await visit.ask(GetStatus(), StatusView)
        campaigns = (await visit.ask(ListCampaigns(), CampaignsView)).campaigns
        waiting = [_waits(visit, one) for one in (await visit.ask(ShowToday(), TodayView)).items]
        body: list[Child] = [el("h2", _("What needs you now"))]
        if waiting:
            body.append(el("ul", [el("li", one) for one in waiting], class_="things plain"))
        else:
            body.append(el("p", _("Nothing waits for you.")))
        tor = await visit.ask(GetTor(), TorView)
        if tor.sentence:
            body.append(el("p", tor.sentence, class_="warn"))
        body.append(el("h2", _("Campaigns")))
        if campaigns:
            body.append(el("ul", [_campaign(visit, one) for one in campaigns], class_="things plain"))
        else:
            body.append(el("p", _("No campaign yet.")))
        body.append(
            el(
                "ul",
                el("li", visit.link(_("Found a campaign"), "found")),
                el("li", visit.link(_("Accept an invitation"), "accept")),
                el("li", visit.link(_("New people"), "introductions")),
            )
        )
        heading = _("Campaigns of %(name)s") % {"name": name(status.name, 40)}
        return Sheet(heading=heading, body=body)


def _waits(visit: Visit, one: TodayItemView) -> Child:
    """A thing that needs the reader, as a link to where it is done."""
    fields = {
        "title": name(one.title, 80),
        "campaign": name(one.campaign_name, 40),
        "count": str(one.count),
        "left": shown.until(one.until_ms, now_ms=visit.now_ms) if one.until_ms >= 0 else _("no time is set"),
    }
    told = _TODAY[one.kind] % fields
    match one.kind:
        case TodayKind.SIGN | TodayKind.APPROVE | TodayKind.DUE:
            link = visit.link(told, "letter", one.campaign, one.subject)
        case TodayKind.MENTION:
            link = visit.link(told, "message", one.campaign, one.channel, one.subject)
        case TodayKind.WARNING:
            link = visit.link(told, "warnings")
        case TodayKind.INTRODUCTION:
            link = visit.link(told, "introductions")
        case TodayKind.UNCOMPARED | TodayKind.ALONE:
            link = visit.link(told, "members", one.campaign)
        case TodayKind.WEAK:
            link = visit.link(told, "posture")
        case _other:
            link = visit.link(told, "campaign", one.campaign)
    return el("strong", link) if one.kind in (TodayKind.ALERT, TodayKind.WARNING) else link


def _campaign(visit: Visit, one: CampaignSummaryView) -> Element:
    me = one.state == MemberState.ACTIVE
    facts = [shown.reach(one.connected, one.members - me)]
    if not me:
        facts.insert(0, shown.MEMBER_STATES[one.state])
    if one.unread:
        facts.insert(0, shown.unread(one.unread))
    made = el("li", el("p", el("strong", visit.link(said(one.name), "campaign", one.id))))
    if one.goal:
        put(made, el("p", said(one.goal)))
    return put(made, el("p", " · ".join(facts), class_="dim"))


class FoundPage(Page):
    """A campaign of one's own."""

    async def show(self, visit: Visit) -> Sheet:
        fields = (
            Field(name="name", label=_("Name"), required=True),
            Field(name="goal", label=_("Goal, in one sentence")),
            Field(name="my_name", label=_("My name there"), hint=_("empty: my usual name")),
            Field(name="channels", label=_("Channels"), value=CHANNELS, required=True),
            Field(name="seat", label=_("I am"), kind="choice", choices=SEATS, value=Seat.IN_COUNTRY.value),
            Field(name="talk_days", label=_("Messages stay (days)"), value=str(TALK_DAYS), required=True),
        )
        explain = _(
            "Messages vanish from each device so many days after they arrived there. Letters and members "
            "stay. The number cannot be changed later."
        )
        return Sheet(
            heading=_("Found a campaign"),
            body=[el("p", explain), visit.form(fields, (("found", _("Found it")),))],
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        chosen(values, "seat", Seat)
        days = values.line("talk_days")
        if not (days.isascii() and days.isdecimal() and len(days) <= 3 and 1 <= int(days) <= TALK_DAYS_MAX):
            raise BadArgument(
                _("Messages stay from 1 to %(most)d days: write a number.") % {"most": TALK_DAYS_MAX}
            )
        channels = channels_of(values.line("channels"))
        view = await visit.ask(
            FoundCampaign(
                name=values.line("name"),
                goal=values.line("goal"),
                my_name=values.line("my_name"),
                seat=Seat(values["seat"]),
                channels=channels,
                talk_days=int(days),
            ),
            CampaignView,
        )
        return place_of("campaign", view.id)
