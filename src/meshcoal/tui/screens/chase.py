"""Whom to ask for a signature: in words.

Law: who declined is listed like who has not read it. What is not known is said as not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.views import AskedState, AskedView, ChaseView
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.widgets.plain import Styled, lines, name, styled

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

_STATES = {
    AskedState.UNKNOWN: _("nothing shows yet that it has arrived"),
    AskedState.REACHED: _("has the letter"),
    AskedState.EARLIER: _("signed an earlier version"),
}


def whom_to_ask(view: ChaseView, mesh: MeshcoalApp) -> InfoScreen:
    """Who could sign and has not."""
    return InfoScreen(_("Whom to ask"), _told(view, mesh.now_ms()))


def _told(view: ChaseView, now_ms: int) -> Styled:
    count = ngettext("%(count)d signature so far.", "%(count)d signatures so far.", view.counted)
    drawn: list[str | Styled] = [styled((count % {"count": view.counted}, "bold"))]
    due_ms = view.soft_deadline_ms if view.soft_deadline_ms >= 0 else view.deadline_ms
    drawn.append(_("Asked by: %(left)s.") % {"left": shown.until(due_ms, now_ms=now_ms)})
    if not view.asked:
        drawn.append(_("Everybody who could sign has signed."))
    drawn += [_line(one, now_ms) for one in view.asked]
    for office in view.offices:
        facts = {"office": name(office.office, 30), "who": name(office.waits_for, 30)}
        since = shown.since(office.since_ms, now_ms=now_ms)
        drawn.append(styled(_("%(office)s waits for %(who)s") % facts, (f"  {since}", "dim")))
    return lines(drawn)


def _line(one: AskedView, now_ms: int) -> Styled:
    if one.me:
        return styled("  – ", (_("me"), "bold $accent"))
    facts = [_STATES[one.state]]
    if one.connected:
        facts.append(_("connected now"))
    elif one.last_seen_ms >= 0:
        facts.append(_("last met %(when)s") % {"when": shown.since(one.last_seen_ms, now_ms=now_ms)})
    return styled("  – ", (name(one.name, 30), "bold"), ("  " + " · ".join(facts), "dim"))
