"""People who come in: an invitation that was given, introductions under way, warnings about names."""

from __future__ import annotations

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    ConfirmWords,
    DismissWarning,
    ListIntroductions,
    ListWarnings,
    Refuse,
    Role,
    Seat,
    ShowIdentity,
)
from meshcoal.api.views import (
    CampaignView,
    ContactView,
    Done,
    IdentityView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    WarningsView,
    spelled,
)
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Field, Values, chosen
from meshcoal.browser.pages.home import SEATS
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.errors import BadArgument, Unknown
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.wire.record import Record

_MATCH = "match"
_DIFFER = "differ"
_ROLES = tuple((role.value, words) for role, words in shown.ROLES.items())


class AcceptPage(Page):
    """An invitation that somebody handed over."""

    async def show(self, visit: Visit) -> Sheet:
        explain = _(
            "Paste the whole text. It works once. Afterwards compare a few words with the person who gave it "
            "to you, aloud, to be sure that nobody stands between you."
        )
        field = Field(name="text", label=_("The invitation"), kind="text", required=True)
        form = visit.form((field,), (("accept", _("Accept")),))
        return Sheet(heading=_("Accept an invitation"), body=[el("p", explain), form], typed=True)

    async def act(self, visit: Visit, values: Values) -> Answer:
        text = "".join(values["text"].split())  # mail programs break long lines
        await visit.ask(AcceptInvitation(text=text), IntroductionView)
        visit.told = _("Accepted. Now the other machine is being reached.")
        return place_of("introductions")


class IntroductionsPage(Page):
    """Whom one meets just now: words to compare, and what to decide."""

    async def show(self, visit: Visit) -> Sheet:
        met = (await visit.ask(ListIntroductions(), IntroductionsView)).introductions
        me = await visit.ask(ShowIdentity(), IdentityView)
        rows = [_introduction(visit, one, me) for one in met]
        body: list[Child] = [el("ul", rows, class_="things plain") if rows else el("p", _("Nobody yet."))]
        body.append(el("p", visit.link(_("Look again"), "introductions")))
        return Sheet(heading=_("New people"), body=body)

    async def act(self, visit: Visit, values: Values) -> Answer:
        met = (await visit.ask(ListIntroductions(), IntroductionsView)).introductions
        one = next((one for one in met if one.id.hex() == values["introduction"]), None)
        if one is None:
            raise Unknown(_("This introduction is over."))
        match values["do"]:
            case "compared":
                if values["agreed"] not in (_MATCH, _DIFFER):
                    raise BadArgument(_("choose one of those that are offered"))
                command = ConfirmWords(person=one.person, match=values["agreed"] == _MATCH)
                await visit.ask(command, ContactView)
            case "admit":
                chosen(values, "seat", Seat)
                chosen(values, "role", Role)
                admit = Admit(introduction=one.id, seat=Seat(values["seat"]), role=Role(values["role"]))
                await visit.ask(admit, CampaignView)
            case _other:
                await visit.ask(Refuse(introduction=one.id), Done)
        return visit.place


def _introduction(visit: Visit, one: IntroductionView, me: IdentityView) -> Element:
    made = el("li", el("p", el("strong", said(one.name or "–"))))
    if one.campaign_name:
        put(made[0], " · ", said(one.campaign_name))
    put(made, el("p", shown.INTRODUCTION_STATES[one.state], class_="dim"))
    if one.warned:
        put(made, el("p", _("!! WARNING: this name stood under another key before."), class_="warn"))
    key = one.id.hex()
    words = spelled(one.words, me.word_list)
    if words:
        ask = _("Read these words to %(name)s, and hear theirs, in person or in a voice you know:")
        put(made, el("p", ask % {"name": name(one.name, 40)}))
        put(made, el("ol", [el("li", said(word)) for word in words]))
        question = Field(
            name="agreed",
            label=_("The words"),
            kind="choice",
            choices=((_MATCH, _("agree, all of them")), (_DIFFER, _("differ: cut this contact off"))),
            value=_MATCH if one.verified else "",
        )
        hidden = {"introduction": key}
        put(made, visit.form((question,), (("compared", _("Keep")),), hidden=hidden, prefix=f"w{key}"))
    if one.state is IntroductionState.ASKING:
        fields = (
            Field(name="seat", label=_("Seat"), kind="choice", choices=SEATS, value=one.seat.value),
            Field(name="role", label=_("Role"), kind="choice", choices=_ROLES, value=Role.MEMBER.value),
        )
        put(
            made,
            visit.form(
                fields,
                (("admit", _("Admit")), ("refuse", _("Refuse"))),
                hidden={"introduction": key},
                prefix=f"a{key}",
            ),
        )
    return made


class WarningsPage(Page):
    """Names under another key than before, and devices that keep something back."""

    async def show(self, visit: Visit) -> Sheet:
        found = (await visit.ask(ListWarnings(), WarningsView)).warnings
        rows = []
        for one in found:
            row = el("li", el("p", el("strong", said(one.name))))
            if one.campaign_name:
                put(row[0], " · ", said(one.campaign_name))
            if one.known:
                told = _("Known by this name before, under another key: %(name)s")
                put(row, el("p", told % {"name": name(one.known_name, 40)}))
            else:
                put(row, el("p", _("This device certainly keeps something back.")))
            put(row, el("p", _("Ask them by another way before you rely on it."), class_="dim"))
            hidden = {"warning": one.id.hex()}
            words = _("Put away, I have asked them")
            put(row, visit.form((), (("dismiss", words),), hidden=hidden, prefix=f"d{one.id.hex()}"))
            rows.append(row)
        body = [el("ul", rows, class_="things plain") if rows else el("p", _("Nothing to look into."))]
        return Sheet(heading=_("Warnings"), body=body)

    async def act(self, visit: Visit, values: Values) -> Answer:
        try:
            warning = bytes.fromhex(values["warning"])
        except ValueError as exc:
            raise Unknown(_("This warning is over.")) from exc
        await visit.ask(DismissWarning(warning=warning), Record)
        return visit.place
