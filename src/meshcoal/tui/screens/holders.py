"""Who is known to hold a message or a letter, and of whom nothing shows it yet: in words.

Law: what is not known is said as not known. Nobody is said to lack anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meshcoal.api.views import HoldersView, HolderView
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.widgets.plain import Styled, lines, name, styled

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


def message_holders(view: HoldersView, mesh: MeshcoalApp) -> InfoScreen:
    """Who holds a message."""
    return InfoScreen(_("Who holds this message"), _told(view, mesh.now_ms()))


def letter_holders(view: HoldersView, mesh: MeshcoalApp) -> InfoScreen:
    """Who holds a letter, with all that matters of it."""
    return InfoScreen(_("Who holds this letter and its signatures"), _told(view, mesh.now_ms()))


def _told(view: HoldersView, now_ms: int) -> Styled:
    count = _("Held by %(by)d of %(of)d.") % {"by": view.held_by, "of": view.held_of}
    drawn: list[str | Styled] = [styled((count, "bold"))]
    drawn += [_holds(one, now_ms, several=view.operations > 1) for one in view.members if not one.lacking]
    waiting = [one for one in view.members if one.lacking]
    if waiting:
        drawn += ["", styled((_("Nothing shows yet that these hold it:"), "bold"))]
        drawn += [_lacks(one, now_ms, several=view.operations > 1) for one in waiting]
    if view.newcomers:
        drawn += [
            "",
            ngettext(
                "Not counted: %(count)d member who came later and cannot open it.",
                "Not counted: %(count)d members who came later and cannot open it.",
                view.newcomers,
            )
            % {"count": view.newcomers},
        ]
    return lines(drawn)


def _holds(one: HolderView, now_ms: int, *, several: bool) -> Styled:
    if one.me:
        return styled("  ✓ ", (_("me"), "bold $accent"))
    facts = [] if several else [shown.HELD_PROOFS[one.proof]]
    facts.append(shown.heard(one, now_ms=now_ms))
    return styled("  ✓ ", (name(one.name, 30), "bold"), ("  " + " · ".join(facts), "dim"))


def _lacks(one: HolderView, now_ms: int, *, several: bool) -> Styled:
    facts = [shown.heard(one, now_ms=now_ms)]
    if several:
        lacking = ngettext("%(count)d part not shown", "%(count)d parts not shown", one.lacking)
        facts.append(lacking % {"count": one.lacking})
    return styled("  – ", (name(one.name, 30), "bold"), ("  " + " · ".join(facts), ""))
