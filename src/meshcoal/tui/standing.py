"""How I stand towards a letter: what I can give to it, what I gave, and what taking that back means.

Law: read from the daemon's view alone, in words for every interface; it draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.api.commands import Command, NameMode, WithdrawCounted, WithdrawSealed, WithdrawSignature
from meshcoal.api.views import (
    Action,
    CountedMine,
    EntryState,
    SealedMine,
    SealPhase,
    StatementPhase,
    StatementView,
    TallyView,
)
from meshcoal.tui.locale import _


def may_seal(view: StatementView) -> bool:
    """Whether I can sign sealed now."""
    seal = view.seal
    fresh = seal is not None and seal.mine is SealedMine.NONE and not seal.refusal
    return fresh and Action.SIGN in view.actions


def may_count(view: StatementView) -> bool:
    """Whether I can be counted now."""
    count = view.unnamed
    fresh = count is not None and count.mine is CountedMine.NONE and not count.refusal
    return fresh and Action.SIGN in view.actions


def is_sealed(view: StatementView) -> bool:
    """Whether a sealed sign-on of mine can be taken back."""
    return view.seal is not None and view.seal.mine in (SealedMine.LEAVING, SealedMine.THERE)


def is_counted(view: StatementView) -> bool:
    """Whether I am counted, and can take it back."""
    count = view.unnamed
    return count is not None and not count.over and count.mine in (CountedMine.LEAVING, CountedMine.THERE)


def tally_rows(tally: TallyView) -> tuple[tuple[str, int], ...]:
    """What the count is made of, each with its number."""
    return (
        (_("Organisations"), tally.organisations),
        (_("People"), tally.individuals),
        (_("In the country"), tally.in_country),
        (_("In exile"), tally.exile),
        (_("International"), tally.ingo),
    )


def mode_rows(view: StatementView) -> tuple[tuple[str, int], ...]:
    """In which ways they stand on the letter, those that occur; also who is not on the list by an entry."""
    listed = [one for one in view.tally.entries if one.state in (EntryState.COUNTED, EntryState.ADDED)]
    seal, unnamed = view.seal, view.unnamed
    shut = seal.count if seal is not None and seal.phase in (SealPhase.SHUT, SealPhase.OPENING) else 0
    rows = (
        (_("With their name"), sum(one.mode is NameMode.NAMED for one in listed)),
        (_("By role"), sum(one.mode is NameMode.ROLE for one in listed)),
        (_("To the addressee only"), sum(one.mode is NameMode.ADDRESSEE for one in listed)),
        (_("From outside"), view.tally.outside),
        (_("Counted, not named"), unnamed.counted if unnamed is not None else 0),
        (_("Sealed as yet"), shut),
        (_("On paper"), view.tally.on_paper),
    )
    return tuple([(label, count) for label, count in rows if count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What taking back is called, what is to be known before, and what does it."""

    title: str
    explain: str
    command: Command


def withdrawal(view: StatementView) -> Withdrawal:
    """Of what I gave: my place in the count, what was sealed, or my name."""
    where, which = view.campaign, view.id
    if is_counted(view):
        return Withdrawal(
            title=_("Be counted no more"),
            explain=_("Nobody sees who it was. You cannot be counted on this text again."),
            command=WithdrawCounted(campaign=where, statement=which),
        )
    if is_sealed(view):
        return Withdrawal(
            title=_("Take my sealed sign-on back"),
            explain=_("Nobody sees whose it was. You cannot sign this text sealed again."),
            command=WithdrawSealed(campaign=where, statement=which),
        )
    if view.phase == StatementPhase.RELEASED:
        explain = _(
            "The letter is out. A signed notice says that you withdrew, and later exports carry it; copies "
            "that people already have go on showing your name. Nobody can call those back."
        )
    else:
        explain = _(
            "Your signature no longer counts, and your name will not stand on the released list.\n"
            "The members of this campaign have seen it and go on holding it."
        )
    return Withdrawal(
        title=_("Withdraw my signature"),
        explain=explain,
        command=WithdrawSignature(campaign=where, statement=which),
    )
