"""Late signatories of a released letter: how many stand in which addendum, and who waits for the next."""

from __future__ import annotations

from datetime import tzinfo

from meshcoal.api.views import StatementView
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Styled, lines, name, styled


def addenda_lines(view: StatementView, *, now_ms: int, zone: tzinfo | None) -> Styled | None:
    """None: there is nothing to say."""
    if not view.addenda and view.late is None:
        return None
    drawn: list[str | Styled] = []
    if view.addenda:
        since = sum(one.organisations + one.individuals for one in view.addenda)
        facts = {"released": view.tally.counted, "since": since, "addenda": len(view.addenda)}
        told = ngettext(
            "%(released)d at the release, %(since)d since, in %(addenda)d addendum",
            "%(released)d at the release, %(since)d since, in %(addenda)d addenda",
            len(view.addenda),
        )
        drawn.append(styled((told % facts, "bold")))
    for one in view.addenda:
        added = one.organisations + one.individuals
        line = _("Addendum %(number)d: %(added)d added") % {"number": one.number, "added": added}
        if one.withdrawals:
            line += _(", %(count)d withdrew") % {"count": one.withdrawals}
        when = shown.moment(one.at_ms, now_ms=now_ms, zone=zone)
        by = _("  by %(name)s, %(when)s") % {"name": name(one.name, 24), "when": when}
        drawn.append(styled(line, (by, "dim")))
    if view.late is not None:
        waiting = len(view.late.sign_ons) + view.late.outside + len(view.late.withdrawals)
        told = ngettext(
            "%(count)d late one waits for the next addendum",
            "%(count)d late ones wait for the next addendum",
            waiting,
        )
        drawn.append(styled((told % {"count": waiting}, "bold $warning")))
    return lines(drawn)
