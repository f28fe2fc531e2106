"""Settings of this device as sentences, and its weak spots, the weightiest first.

Law: as in `tui.setting` and `tui.posture`, whose sentences these are. Settings of the terminal's interface
are not shown: they change nothing here. What guards less is sent by a button that says so.
"""

from __future__ import annotations

from itertools import groupby

from meshcoal.api.views import FindingView, Weakness
from meshcoal.browser.elements import Child, Element, el, put
from meshcoal.browser.forms import Field, Values
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.errors import BadArgument, Unknown
from meshcoal.tui.locale import _
from meshcoal.tui.node_settings import all_settings
from meshcoal.tui.posture import BESIDE, DANGERS, NOTHING, WEIGHTS, look_for_weakness, told
from meshcoal.tui.setting import HEADINGS, Known, Setting, apply_steps, look
from meshcoal.tui.settings import Settings

_LESS = "less"


class SettingsPage(Page):
    """What holds."""

    async def show(self, visit: Visit) -> Sheet:
        known = await look(visit.ask, Settings())
        body: list[Child] = [el("p", visit.link(_("Weak spots, the weightiest first"), "posture"))]
        shown = [one for one in all_settings(known) if _is_for_pages(one)]
        for group, held in groupby(shown, key=lambda one: one.group):
            body.append(el("h2", HEADINGS[group]))
            body.append(el("ul", [_held(visit, one, known) for one in held]))
        return Sheet(heading=_("Settings"), body=body)


def _held(visit: Visit, one: Setting, known: Known) -> Element:
    made = el("li", one.now(known))
    if one.choices(known):
        put(made, " ", visit.link(_("Change: %(title)s") % {"title": one.title}, "setting", one.name))
    elif one.typed:
        put(made, " ", el("code", one.typed))
    return made


def _is_for_pages(one: Setting) -> bool:
    """To shut the browser out, there is a button on each page."""
    return not one.field and one.name != "browser"


class SettingPage(Page):
    """The choices of one."""

    async def show(self, visit: Visit) -> Sheet:
        setting, known = await _found(visit)
        held = setting.choice(known)
        choices = tuple([(one.value, f"{one.holds} {one.means}") for one in setting.choices(known)])
        fields = [
            Field(
                name="choice",
                label=setting.title,
                kind="choice",
                choices=choices,
                value=setting.value(known),
                required=True,
            )
        ]
        less = _("It may guard me less than what holds now.")
        if held is not None and any(setting.weakens(known, one) for one in setting.choices(known)):
            fields.append(Field(name="sure", label=_("I know"), kind="checks", choices=((_LESS, less),)))
        body = [
            el("p", _("Now: %(holds)s") % {"holds": setting.now(known)}),
            visit.form(fields, (("choose", _("Choose")),)),
        ]
        trail = (visit.link(_("Settings"), "settings"),)
        return Sheet(heading=setting.title, body=body, trail=trail)

    async def act(self, visit: Visit, values: Values) -> Answer:
        setting, known = await _found(visit)
        value = values["choice"]
        chosen = next((one for one in setting.choices(known) if one.value == value), None)
        if chosen is None:
            raise BadArgument(_("choose one of those that are offered"))
        if setting.weakens(known, chosen) and _LESS not in values.all("sure"):
            raise BadArgument(_("this guards you less than what holds now: say that you know it"))
        await apply_steps(visit.ask, setting, known, value)
        visit.told = _("It holds from now on.")
        return place_of("settings")


async def _found(visit: Visit) -> tuple[Setting, Known]:
    known = await look(visit.ask, Settings())
    for one in all_settings(known):
        if one.name == visit.word(0) and one.choices(known) and _is_for_pages(one):
            return one, known
    raise Unknown("There is nothing at this address.")


class PosturePage(Page):
    """What would hurt most."""

    async def show(self, visit: Visit) -> Sheet:
        found = [one for one in await look_for_weakness(visit.ask, Settings()) if _for_pages(one)]
        body: list[Child] = []
        if found:
            body.append(el("ol", [_finding(visit, one) for one in found]))
        body.append(el("p", BESIDE if found else NOTHING))
        trail = (visit.link(_("Settings"), "settings"),)
        return Sheet(heading=_("Weak spots, the weightiest first"), body=body, trail=trail)


def _for_pages(one: FindingView) -> bool:
    """Not what is about the terminal's interface, nor that a browser is let in: this is one."""
    return one.weakness not in (Weakness.NO_LOCK, Weakness.BROWSER)


_PLACES = {
    "warnings": "warnings",
    "members": "members",
    "campaign": "campaign",
    "nearby": "network",
    "relays": "network",
}


def _finding(visit: Visit, one: FindingView) -> Element:
    words = told(one)
    made = el("li", el("p", el("strong", f"{WEIGHTS[one.weight]}: {words.what}")))
    put(made, el("p", f"{DANGERS[one.danger]}: {words.why}"))
    page = _PLACES.get(words.door, "")
    if words.door.startswith("setting "):
        do: Child = visit.link(words.do, "setting", words.door.removeprefix("setting "))
    elif page in ("members", "campaign"):
        do = visit.link(words.do, page, one.campaign)
    elif page:
        do = visit.link(words.do, page)
    else:
        do = words.do
    return put(made, el("p", do))
