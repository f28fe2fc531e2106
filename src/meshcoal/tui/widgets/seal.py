"""Sealed sign-ons in words: how far they are, how safe, what the signer relies on.

Law: of others one number is shown, and never a name before it is on the list. The sentences are made here
from the daemon's numbers, for every tongue of the interface.
"""

from __future__ import annotations

from datetime import tzinfo

from meshcoal.api.views import SealedMine, SealPhase, SealView
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.sentences import SEALED_MINE
from meshcoal.tui.widgets.plain import Styled, lines, name, styled


def seal_lines(seal: SealView, *, zone: tzinfo | None) -> Styled:
    """Where the sealed sign-ons are."""
    when = shown.exact(seal.expires_ms, zone=zone)
    drawn: list[str | Styled] = [""]
    match seal.phase:
        case SealPhase.UNSAFE:
            drawn.append(
                _("Sealed: not possible. Too few members had keys to sign sealed with at the freeze.")
            )
        case SealPhase.SHUT:
            told = _("Sealed: %(count)d of %(threshold)d, until %(when)s. Shut.")
            numbers = {"count": seal.count, "threshold": seal.threshold, "when": when}
            drawn.append(styled((told % numbers, "bold")))
            risk = _(
                "%(needed)d of %(members)d could open them early together; I verified %(verified)d in person."
            )
            drawn.append(
                risk % {"needed": seal.shares_needed, "members": seal.members, "verified": seal.verified}
            )
        case SealPhase.OPENING:
            drawn.append(styled((_("Sealed: %(count)d. Opening.") % {"count": seal.count}, "bold")))
        case SealPhase.OPEN:
            told = _("Sealed: %(opened)d opened of %(count)d.")
            numbers = {"opened": seal.opened, "count": seal.count + seal.false_envelopes}
            drawn.append(styled((told % numbers, "bold")))
        case SealPhase.EXPIRED:
            drawn.append(_("Sealed: too few signed in time. They stay shut, and the keys are gone."))
    if seal.false_envelopes:
        made_up = _("! %(count)d envelopes held no sign-on. Somebody made up the number.")
        drawn.append(styled((made_up % {"count": seal.false_envelopes}, "$warning")))
    if SEALED_MINE[seal.mine]:
        drawn.append(SEALED_MINE[seal.mine])
    if seal.floor > seal.threshold and seal.mine is not SealedMine.OPEN:
        drawn.append(_("Mine stays shut until %(floor)d have signed.") % {"floor": seal.floor})
    if seal.phase is SealPhase.SHUT and seal.mine is SealedMine.NONE and seal.refusal:
        drawn.append(
            styled((_("! I cannot sign sealed: %(why)s") % {"why": name(seal.refusal, 200)}, "$warning"))
        )
    if seal.without_keys:
        who = ", ".join([name(member, 24) for member in seal.without_keys])
        drawn.append(styled((_("Without keys to sign sealed: %(names)s") % {"names": who}, "dim")))
    return lines(drawn)
