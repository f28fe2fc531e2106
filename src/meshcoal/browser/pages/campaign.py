"""One campaign: how it stands, its channels, letters and members."""

from __future__ import annotations

from meshcoal.api.commands import OpenChannel, ShowCampaign
from meshcoal.api.views import (
    CampaignView,
    CaseSummaryView,
    ChannelView,
    MemberState,
    StatementPhase,
    StatementSummaryView,
)
from meshcoal.browser.elements import Child, Element, el, name, said
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext


class CampaignPage(Page):
    """Channels and letters."""

    async def show(self, visit: Visit) -> Sheet:
        view = await visit.ask(ShowCampaign(campaign=visit.id()), CampaignView)
        body: list[Child] = [
            el("p", said(view.goal)) if view.goal else None,
            el("p", _about(view), class_="dim"),
        ]
        if view.state != MemberState.ACTIVE:
            state = shown.MEMBER_STATES[view.state]
            body.append(el("p", _("! You take part no longer: %(state)s.") % {"state": state}, class_="warn"))
        told = gaps(view, visit.now_ms)
        if told:
            body.append(el("div", [el("p", "! " + one) for one in told], class_="warn"))
        catching = shown.catching_up(view.catching_up)
        if catching:
            body.append(el("p", catching))
        body.append(el("h2", _("Letters")))
        if view.statements:
            letters = [_letter(visit, view, one) for one in reversed(view.statements)]
            body.append(el("ul", letters, class_="things plain"))
        else:
            body.append(el("p", _("None yet.")))
        body.append(el("p", visit.link(_("Draft a letter"), "draft", view.id)))
        body.append(el("h2", _("Channels")))
        body.append(el("ul", [_channel(visit, view, one) for one in view.channels], class_="things plain"))
        body.append(el("p", visit.link(_("Open a channel"), "open-channel", view.id)))
        open_ = [one for one in view.cases if not one.closed]
        if open_:
            body.append(el("h2", _("Cases")))
            body.append(el("ul", [_case(visit, one) for one in open_], class_="things plain"))
        active = sum(member.state == MemberState.ACTIVE for member in view.members)
        members = ngettext("%(count)d member", "%(count)d members", active) % {"count": active}
        body.append(el("h2", _("Members")))
        body.append(el("p", visit.link(members, "members", view.id)))
        return Sheet(heading=name(view.name, 60), body=body)


class OpenChannelPage(Page):
    """Ids: campaign."""

    async def show(self, visit: Visit) -> Sheet:
        hint = _("Every member of the campaign sees it.")
        field = Field(name="name", label=_("Name"), hint=hint, required=True)
        return Sheet(
            heading=_("Open a channel"),
            body=[visit.form((field,), (("channel", _("Open it")),))],
            trail=await trail(visit, visit.id()),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        await visit.ask(OpenChannel(campaign=visit.id(), name=values.line("name")), CampaignView)
        return place_of("campaign", visit.id())


def gaps(view: CampaignView, now_ms: int) -> list[str]:
    """What is known to be missing, or kept back, in full."""
    told = [shown.withheld_in_full(one, now_ms=now_ms) for one in view.withheld]
    told += [shown.gap_in_full(one, now_ms=now_ms) for one in view.gaps]
    told += [shown.wait_in_full(one, now_ms=now_ms) for one in view.waits]
    if view.unopened:
        told.append(
            ngettext(
                "%(count)d thing waits for its key", "%(count)d things wait for their key", view.unopened
            )
            % {"count": view.unopened}
        )
    return told + [shown.busy(one) for one in view.busy]


def _about(view: CampaignView) -> str:
    others = [one for one in view.members if one.state == MemberState.ACTIVE and not one.me]
    facts = _("%(reach)s  ·  I am %(role)s, %(seat)s") % {
        "reach": shown.reach(sum(one.connected for one in others), len(others)),
        "role": shown.ROLES[view.role],
        "seat": shown.SEATS[view.seat],
    }
    vanish = ngettext(
        "Messages vanish after %(days)d day", "Messages vanish after %(days)d days", view.talk_days
    ) % {"days": view.talk_days}
    return f"{facts}  ·  {vanish}" if view.talk_days else facts


def _channel(visit: Visit, view: CampaignView, channel: ChannelView) -> Element:
    link = visit.link(("# ", said(channel.name)), "channel", view.id, channel.id)
    return el("li", el("p", el("strong", link), " ", shown.unread(channel.unread)))


def _letter(visit: Visit, view: CampaignView, one: StatementSummaryView) -> Element:
    facts = [shown.PHASES[one.phase]]
    if one.phase is not StatementPhase.DRAFT:
        facts.append(shown.signed(one.counted))
    if one.signed_by_me:
        facts.append(_("✓ signed by me"))
    if one.phase is StatementPhase.OPEN:
        facts.append(shown.deadline(one.deadline_ms, now_ms=visit.now_ms))
        if not one.signed_by_me:
            facts.insert(0, _("✎ to sign"))
    if one.follow_ups_ms:
        left = shown.until(one.follow_ups_ms[0], now_ms=visit.now_ms)
        over = one.follow_ups_ms[0] <= visit.now_ms
        facts.append(_("! ask again now") if over else _("ask again %(left)s") % {"left": left})
    return el(
        "li",
        el("p", el("strong", visit.link(said(one.title), "letter", view.id, one.id))),
        el("p", " · ".join(facts), class_="dim"),
    )


def _case(visit: Visit, case: CaseSummaryView) -> Element:
    facts = [
        _("alert by %(name)s") % {"name": name(case.name, 24)},
        shown.since(case.at_ms, now_ms=visit.now_ms),
    ]
    if case.answer_by_ms >= 0:
        facts.append(shown.answer_by(case.answer_by_ms, now_ms=visit.now_ms))
    todo = None if case.answered_by_me else el("p", el("strong", _("! not answered by you")))
    return el("li", el("p", el("strong", said(case.title))), todo, el("p", " · ".join(facts), class_="dim"))


async def trail(visit: Visit, campaign: bytes, *, view: CampaignView | None = None) -> tuple[Element, ...]:
    """The way back to a campaign."""
    found = view or await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
    return (visit.link(said(found.name), "campaign", campaign),)
