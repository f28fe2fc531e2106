"""Finding talk and letters again by their words.

Law: what is looked for travels in a form, so that no address and no history holds it.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import Search
from meshcoal.api.views import FoundKind, FoundsView, FoundView
from meshcoal.browser.elements import Child, Element, el, name, put, said
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.visit import Answer, Page, Sheet, Visit
from meshcoal.errors import BadArgument
from meshcoal.tui.locale import _

_MORE: Final = "more"
_BEFORE: Final = "before"
_KINDS: Final = {
    FoundKind.MESSAGE: _("message"),
    FoundKind.EDITION: _("an earlier wording"),
    FoundKind.LETTER: _("letter"),
    FoundKind.COMMENT: _("comment"),
    FoundKind.CASE: _("case"),
}


class SearchPage(Page):
    """Ids: the campaign; none: in all."""

    async def show(self, visit: Visit) -> Sheet:
        return Sheet(heading=_("Search"), body=[_form(visit)], typed=True)

    async def act(self, visit: Visit, values: Values) -> Answer:
        wanted = values.line("words")
        if not wanted:
            raise BadArgument(_("write what you look for"))
        before = values[_BEFORE]
        view = await visit.ask(
            Search(
                text=wanted,
                campaign=visit.id() if visit.word(0) else b"",
                before=int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else 0,
            ),
            FoundsView,
        )
        visit.values = values
        body: list[Child] = [_form(visit)]
        if view.unindexed:
            fields = {"left": view.unindexed, "all": view.operations}
            told = _("Not all is looked through yet: %(left)d of %(all)d are left. Search again in a while.")
            body.append(el("p", told % fields, class_="warn"))
        if view.found:
            body.append(el("ul", [_found(visit, one) for one in view.found], class_="things plain"))
        else:
            body.append(el("p", _("Nothing was found.")))
        if view.before:
            hidden = {"words": wanted, _BEFORE: str(view.before)}
            body.append(visit.form((), ((_MORE, _("Older ones")),), hidden=hidden, prefix=_MORE))
        return Sheet(heading=_("Search"), body=body, typed=True)


def _form(visit: Visit) -> Element:
    field = Field(name="words", label=_("What was said or written"), required=True)
    return visit.form((field,), (("search", _("Search")),))


def _found(visit: Visit, one: FoundView) -> Element:
    if one.channel:
        link = visit.link(said(one.place), "message", one.campaign, one.channel, one.message)
    elif one.kind is FoundKind.CASE:
        link = visit.link(said(one.place), "campaign", one.campaign)
    else:
        link = visit.link(said(one.place), "letter", one.campaign, one.about)
    who: Child = _("me") if one.me else said(one.name)
    head = el("p", el("strong", link), " · ", _KINDS[one.kind], " · ", who, ", ", visit.moment(one.at_ms))
    lit = el("strong", one.excerpt[one.lit_from : one.lit_to])
    text = el("p", one.excerpt[: one.lit_from], lit, one.excerpt[one.lit_to :], dir="auto", class_="said")
    return put(el("li", head, text), el("p", name(one.campaign_name, 40), class_="dim"))
