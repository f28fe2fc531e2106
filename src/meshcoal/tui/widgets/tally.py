"""The count of a letter as bars: each says its number, so that length and colour only help."""

from __future__ import annotations

from meshcoal.api.views import TallyView
from meshcoal.tui.locale import _
from meshcoal.tui.shown import short_digest
from meshcoal.tui.widgets.plain import Styled, lines, styled

BAR_CELLS_MAX = 30


def bar(count: int, most: int, cells_max: int = BAR_CELLS_MAX) -> str:
    """A bar as long as its share of all; anything above nothing shows."""
    if count == 0 or most == 0:
        return ""
    return "█" * max(1, round(cells_max * count / most))


def tally_lines(tally: TallyView) -> Styled:
    """All counts and the digest that equals everyone's."""
    rows = (
        (_("Organisations"), tally.organisations),
        (_("People"), tally.individuals),
        (_("In the country"), tally.in_country),
        (_("In exile"), tally.exile),
        (_("International"), tally.ingo),
    )
    drawn: list[Styled] = [styled((_("%(count)d signed") % {"count": tally.counted}, "bold"))]
    drawn += [
        styled(f"{label:<16}{count:>4} ", (bar(count, tally.counted), "$primary")) for label, count in rows
    ]
    if tally.outside:
        drawn.append(styled(_("%(count)d of them from outside the campaign") % {"count": tally.outside}))
    if tally.on_paper:
        told = _("beside them on paper: %(count)d, entered by witnesses: %(witnesses)d (k)")
        drawn.append(styled(told % {"count": tally.on_paper, "witnesses": tally.witnesses}))
    drawn.append(styled((_("Count's digest: %(digest)s") % {"digest": short_digest(tally.digest)}, "dim")))
    return lines(drawn)
