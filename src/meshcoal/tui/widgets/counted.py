"""Members who are counted and not named, in words: how many, among how many, what a signer relies on.

Law: of others numbers are shown, and no name. The sentences are made here from the daemon's numbers, for
every tongue of the interface.
"""

from __future__ import annotations

from meshcoal.api.views import CountedMine, CountedView
from meshcoal.limits import COUNTED_CROWD_MIN
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import Styled, lines, name, styled

_MINE = {
    CountedMine.NONE: "",
    CountedMine.LEAVING: _("I am being counted: stay on for a minute."),
    CountedMine.THERE: _("I am counted."),
    CountedMine.TAKING_BACK: _("My withdrawal is on its way: stay on for a minute."),
    CountedMine.TAKEN_BACK: _("I took it back, and am not counted."),
    CountedMine.NAMED: _("I stand there by name, and am not counted beside it."),
}


def counted_sentences(count: CountedView) -> tuple[str, ...]:
    """What a signer is told before being counted: what it gives, what is left of the risk, small crowds."""
    told = [
        _(
            "Your name stands nowhere: not on the list, not in the files, and no member sees it. You are "
            "counted as one of the %(crowd)d members who are not named."
        )
        % {"crowd": count.crowd},
        _(
            "Whoever opens this device while the letter is open can tell whether you signed. Once it is "
            "released, the key that tells it is erased, and you cannot take it back any more."
        ),
    ]
    if count.counted + 1 >= count.crowd:
        told.append(
            _("With you, all members who are not named have signed: that each did is then no secret.")
        )
    if count.crowd < COUNTED_CROWD_MIN:
        told.append(
            _(
                "The crowd is small. Whoever leans on each of these %(crowd)d people, or asks them one by "
                "one, finds out who signed. Each member who signs by name makes it smaller."
            )
            % {"crowd": count.crowd}
        )
    return tuple(told)


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
    if _MINE[count.mine]:
        drawn.append(_MINE[count.mine])
    elif count.refusal and not count.over:
        text = _("! I cannot be counted: %(why)s") % {"why": name(count.refusal, 200)}
        drawn.append(styled((text, "$warning")))
    if count.without_keys and not count.over:
        who = ", ".join([name(member, 24) for member in count.without_keys])
        drawn.append(styled((_("Without keys to be counted by: %(names)s") % {"names": who}, "dim")))
    return lines(drawn)
