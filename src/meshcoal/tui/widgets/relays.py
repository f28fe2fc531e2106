"""A relay in words: whether it works, when last, and what it may be keeping back.

Law: what rests on a member's word is told apart from what this device saw itself.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.views import RelayFault, RelayState, RelayView
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Styled, name, styled


def relay_lines(one: RelayView, campaign: str, moment: Callable[[int], str]) -> Styled:
    """Address and who added it; then its state; then its fault, if any.

    Args:
        moment: puts milliseconds into words.
    """
    who = _("added by you") if one.mine else _("added by %(who)s") % {"who": name(one.named_by, 30)}
    parts: list[tuple[str, str] | str] = [
        (name(one.address, 60), "bold"),
        (f"  {name(campaign, 30)}, {who}", "dim"),
        "\n    " + _state(one, moment),
    ]
    if not one.closing:
        parts.append(("\n    " + _terms(one), "dim"))
    if one.waiting:
        parts.append("\n    " + _("%(count)s of your envelopes wait to be taken") % {"count": one.waiting})
    if one.fault is not RelayFault.NONE:
        seen = _(" (seen %(when)s)") % {"when": moment(max(0, one.fault_ms))}
        parts.append("\n    " + fault_words(one) + seen)
    return styled(*parts)


def _state(one: RelayView, moment: Callable[[int], str]) -> str:
    if one.closing:
        state = _("– not used any more; what is there is read to its end")
    elif one.state is RelayState.WORKING:
        state = _("✓ works")
    elif one.state is RelayState.REFUSING:
        state = _("✗ takes nothing now (%(error)s)") % {"error": name(one.last_error, 30)}
    elif one.state is RelayState.UNREACHED:
        state = _("✗ cannot be reached (%(error)s)") % {"error": name(one.last_error, 30)}
    elif one.through_tor:
        state = _("– not tried yet: is Tor on? (meshcoal tor on)")
    else:
        state = _("– not tried yet")
    if one.answered_ms >= 0:
        state += _("; it answered last %(when)s") % {"when": moment(one.answered_ms)}
    if one.taken_ms >= 0:
        state += _(", and took something of yours last %(when)s") % {"when": moment(one.taken_ms)}
    return state


def _terms(one: RelayView) -> str:
    """How it is reached, and for how long it keeps things."""
    if one.through_tor:
        way = _("through Tor: it does not see from where you ask")
    else:
        way = _("not through Tor: it sees your network address")
    if not one.kept_days:
        return way
    keeps = ngettext("keeps what is there %(count)d day", "keeps what is there %(count)d days", one.kept_days)
    return _("%(keeps)s; %(way)s") % {"keeps": keeps % {"count": one.kept_days}, "way": way}


def fault_words(one: RelayView) -> str:
    """What it did wrong, and how sure that is."""
    match one.fault:
        case RelayFault.NONE:
            return ""
        case RelayFault.SILENT:
            return _("! It leaves what is asked without an answer.")
        case RelayFault.BEHIND if not one.keeps_back:
            return _("! It showed late what a member had put there; all of it has come since.")
        case RelayFault.BEHIND:
            return _(
                "! It may be keeping back %(count)s envelopes: a member says it took more than it shows, "
                "unless that member says what is not so."
            ) % {"count": one.keeps_back}
        case RelayFault.PARTED:
            return _(
                "! It showed a member something else than it shows here, unless that member says what is "
                "not so."
            )
        case RelayFault.LOST:
            return _(
                "!! WARNING: it does not show what it took, or showed before: it lost it, or keeps it back. "
                "Use another relay beside it."
            )
        case RelayFault.FALSE:
            return _(
                "!! WARNING: it showed what no member put there, or the same twice, or in another order. "
                "Nothing false got in. Use another relay."
            )
