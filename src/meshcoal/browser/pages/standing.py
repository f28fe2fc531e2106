"""Where sealed and counted sign-ons stand, and what of mine can be given or taken back.

Law: of others numbers are told, and never a name before it is on the list.
"""

from __future__ import annotations

from datetime import tzinfo

from meshcoal.api.views import CountedView, SealedMine, SealPhase, SealView, StatementView
from meshcoal.browser.elements import name
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.sentences import COUNTED_MINE, SEALED_MINE
from meshcoal.tui.standing import is_counted, is_sealed


def mine_back(view: StatementView) -> bool:
    """Whether something that shows no name can be taken back."""
    return is_sealed(view) or is_counted(view)


def seal_standing(seal: SealView, *, zone: tzinfo | None) -> list[str]:
    """Where the sealed sign-ons are."""
    when = shown.exact(seal.expires_ms, zone=zone)
    told: list[str] = []
    match seal.phase:
        case SealPhase.UNSAFE:
            told.append(
                _("Sealed: not possible. Too few members had keys to sign sealed with at the freeze.")
            )
        case SealPhase.SHUT:
            fields = {"count": seal.count, "threshold": seal.threshold, "when": when}
            told.append(_("Sealed: %(count)d of %(threshold)d, until %(when)s. Shut.") % fields)
            risk = _(
                "%(needed)d of %(members)d could open them early together; I verified %(verified)d in person."
            )
            told.append(
                risk % {"needed": seal.shares_needed, "members": seal.members, "verified": seal.verified}
            )
        case SealPhase.OPENING:
            told.append(_("Sealed: %(count)d. Opening.") % {"count": seal.count})
        case SealPhase.OPEN:
            fields = {"opened": seal.opened, "count": seal.count + seal.false_envelopes}
            told.append(_("Sealed: %(opened)d opened of %(count)d.") % fields)
        case SealPhase.EXPIRED:
            told.append(_("Sealed: too few signed in time. They stay shut, and the keys are gone."))
    if seal.false_envelopes:
        made_up = _("! %(count)d envelopes held no sign-on. Somebody made up the number.")
        told.append(made_up % {"count": seal.false_envelopes})
    if SEALED_MINE[seal.mine]:
        told.append(SEALED_MINE[seal.mine])
    if seal.phase is SealPhase.SHUT and seal.mine is SealedMine.NONE and seal.refusal:
        told.append(_("! I cannot sign sealed: %(why)s") % {"why": name(seal.refusal, 200)})
    if seal.without_keys:
        who = ", ".join([name(one, 24) for one in seal.without_keys])
        told.append(_("Without keys to sign sealed: %(names)s") % {"names": who})
    return told


def counted_standing(count: CountedView) -> list[str]:
    """Where the count is."""
    if not count.members:
        return [
            _("Counted, not named: not possible. Too few members had keys to be counted by at the freeze.")
        ]
    fields = {"counted": count.counted, "crowd": count.crowd}
    told = [_("Counted, not named: %(counted)d, among %(crowd)d who are not named.") % fields]
    if count.withdrawn:
        told.append(_("Of the released list %(count)d took it back.") % {"count": count.withdrawn})
    if count.everybody:
        told.append(_("! All who are not named are counted: that each of them signed is no secret."))
    if COUNTED_MINE[count.mine]:
        told.append(COUNTED_MINE[count.mine])
    elif count.refusal and not count.over:
        told.append(_("! I cannot be counted: %(why)s") % {"why": name(count.refusal, 200)})
    if count.without_keys and not count.over:
        who = ", ".join([name(one, 24) for one in count.without_keys])
        told.append(_("Without keys to be counted by: %(names)s") % {"names": who})
    return told
