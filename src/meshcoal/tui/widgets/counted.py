"""Members who are counted and not named, in words: how many, among how many, what a signer relies on.

Law: of others numbers are shown, and no name. The sentences are made here from the daemon's numbers, for
every tongue of the interface.
"""

from __future__ import annotations

from meshcoal.api.views import CountedView
from meshcoal.tui.locale import _
from meshcoal.tui.sentences import COUNTED_MINE
from meshcoal.tui.widgets.plain import Styled, lines, name, styled


def counted_lines(count: CountedView) -> Styled:
    """Where the count is."""
    drawn: list[str | Styled] = [""]
    if not count.members:
        text = _("Counted, not named: not possible. Too few members had keys to be counted by at the freeze.")
        return lines([*drawn, styled((text, "$warning"))])
    numbers = {"counted": count.counted, "crowd": count.crowd}
    text = _("Counted, not named: %(counted)d, among %(crowd)d who are not named.")
    drawn.append(styled((text % numbers, "bold")))
    if count.withdrawn:
        drawn.append(_("Of the released list %(count)d took it back.") % {"count": count.withdrawn})
    if count.everybody:
        text = _("! All who are not named are counted: that each of them signed is no secret.")
        drawn.append(styled((text, "$warning")))
    if COUNTED_MINE[count.mine]:
        drawn.append(COUNTED_MINE[count.mine])
    elif count.refusal and not count.over:
        text = _("! I cannot be counted: %(why)s") % {"why": name(count.refusal, 200)}
        drawn.append(styled((text, "$warning")))
    if count.without_keys and not count.over:
        who = ", ".join([name(member, 24) for member in count.without_keys])
        drawn.append(styled((_("Without keys to be counted by: %(names)s") % {"names": who}, "dim")))
    return lines(drawn)
