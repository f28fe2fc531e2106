"""Members: who they are, how current each is, and whether words were compared."""

from __future__ import annotations

from meshcoal.api.commands import ConfirmMember, ShowCampaign, ShowIdentity, ShowMemberWords
from meshcoal.api.views import (
    CampaignView,
    ForkState,
    IdentityView,
    MemberState,
    MemberView,
    MemberWordsView,
    spelled,
)
from meshcoal.browser.elements import Element, el, name, put, said
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.errors import BadArgument
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext

_SAME = "same"
_OTHER = "other"


class MembersPage(Page):
    """Ids: campaign."""

    async def show(self, visit: Visit) -> Sheet:
        view = await visit.ask(ShowCampaign(campaign=visit.id()), CampaignView)
        active = sum(one.state == MemberState.ACTIVE for one in view.members)
        heading = ngettext(
            "%(count)d member of %(campaign)s", "%(count)d members of %(campaign)s", active
        ) % {
            "count": active,
            "campaign": name(view.name, 50),
        }
        ordered = sorted(view.members, key=lambda one: one.state != MemberState.ACTIVE)
        note = _("Provable: a seized device can show who wrote it; older words it cannot.")
        return Sheet(
            heading=heading,
            body=[
                el("ul", [_member(visit, view, one) for one in ordered], class_="things plain"),
                el("p", note, class_="dim"),
            ],
            trail=(visit.link(said(view.name), "campaign", view.id),),
        )


def _member(visit: Visit, view: CampaignView, one: MemberView) -> Element:
    facts = [shown.ROLES[one.role], shown.SEATS[one.seat]]
    if one.state != MemberState.ACTIVE:
        facts.append(shown.MEMBER_STATES[one.state])
    if not one.me:
        facts.append(shown.compared(verified=one.verified, introduced_by=one.introduced_by))
    live = []
    if not one.me and one.state == MemberState.ACTIVE:
        live.append(
            shown.seen(one.last_seen_ms, connected=one.connected, now_ms=visit.now_ms, zone=visit.zone)
        )
    live.append(shown.provable(one.deniable_ms, now_ms=visit.now_ms, zone=visit.zone))
    if one.admitted_by:
        live.append(_("admitted by %(name)s") % {"name": name(one.admitted_by, 24)})
    if one.namesake:
        live.append(_("not shown to be your contact %(name)s") % {"name": name(one.namesake, 24)})
    made = el("li", el("p", el("strong", said(one.name)), _(" (me)") if one.me else None))
    if one.given_name != one.name and not one.me:
        put(made, el("p", _("calls themselves %(name)s") % {"name": name(one.given_name, 24)}))
    if one.warned:
        put(made, el("p", _("!! WARNING: this name stood under another key before."), class_="warn"))
    if one.fork != ForkState.NONE:
        put(made, el("p", shown.FORK_STATES[one.fork], class_="warn"))
    put(made, el("p", " · ".join(facts)), el("p", " · ".join(live), class_="dim"))
    if not one.me and one.state == MemberState.ACTIVE:
        words = _("Compare words with %(name)s") % {"name": name(one.name, 40)}
        put(made, el("p", visit.link(words, "words", view.id, one.author)))
    return made


class WordsPage(Page):
    """Ids: campaign, member."""

    async def show(self, visit: Visit) -> Sheet:
        campaign = visit.id()
        view = await visit.ask(ShowMemberWords(campaign=campaign, author=visit.id(1)), MemberWordsView)
        me = await visit.ask(ShowIdentity(), IdentityView)
        explain = _(
            "%(name)s sees these words too. Read them to each other, in person or in a voice you know:"
        ) % {"name": name(view.name, 40)}
        words = el("ol", [el("li", said(word)) for word in spelled(view.words, me.word_list)])
        question = Field(
            name="agreed",
            label=_("The words"),
            kind="choice",
            choices=((_OTHER, _("differ, or I have not compared them")), (_SAME, _("agree, all of them"))),
            value=_SAME if view.verified else _OTHER,
        )
        return Sheet(
            heading=_("Words with %(name)s") % {"name": name(view.name, 40)},
            body=[
                el("p", explain),
                words,
                el("p", _("Whom you verified counts when you sign sealed.")),
                visit.form((question,), (("agreed", _("Keep")),)),
            ],
            trail=(visit.link(_("Members"), "members", campaign),),
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        if values["agreed"] not in (_SAME, _OTHER):
            raise BadArgument(_("choose one of those that are offered"))
        command = ConfirmMember(campaign=visit.id(), author=visit.id(1), match=values["agreed"] == _SAME)
        await visit.ask(command, MemberWordsView)
        return place_of("members", visit.id())
