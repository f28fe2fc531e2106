"""Members who are counted and not named, on the command line: what is told before, and what is shown after.

Law: nobody is counted without having read what it protects from and what not. Of others numbers are shown.
"""

from __future__ import annotations

from meshcoal.api.commands import SignCounted, WithdrawCounted
from meshcoal.api.views import CountedMine, CountedView, StatementPhase, StatementView
from meshcoal.cli.exact import show_changes, show_exactly
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, UnsafeSeal, WrongPhase

MINE_IN_WORDS = {
    CountedMine.NONE: "",
    CountedMine.LEAVING: "You are being counted: stay on for a minute.",
    CountedMine.THERE: "You are counted.",
    CountedMine.TAKING_BACK: "Your withdrawal is on its way: stay on for a minute.",
    CountedMine.TAKEN_BACK: "You took it back, and are not counted.",
    CountedMine.NAMED: "You stand there by name, and are not counted beside it.",
}


def print_unnamed(count: CountedView) -> None:
    """How many, among how many; no names."""
    say("")
    if not count.members:
        say("Counted and not named: not possible. {refusal}", refusal=count.refusal)
        return
    say(
        "Counted and not named: {members}, among {crowd} who are not named.",
        members=plural(count.counted, "member", "members"),
        crowd=count.crowd,
    )
    if count.withdrawn:
        say("Of the released list {count} took it back.", count=count.withdrawn)
    if count.everybody:
        say("Careful: all who are not named are counted, so that each of them signed is no secret.")
    if count.mine is not CountedMine.NONE:
        say("{mine}", mine=MINE_IN_WORDS[count.mine])
    elif count.refusal and not count.over:
        say("You cannot be counted: {refusal}", refusal=count.refusal)
    if count.without_keys and not count.over:
        say("Cannot be counted, having published no keys: {names}", names=", ".join(count.without_keys))


def sign_counted(session: Session, letter: StatementView, named: bytes | None, *, yes: bool) -> None:
    """Be counted under the exact text."""
    count = letter.unnamed
    if letter.phase is StatementPhase.DRAFT or not letter.digest:
        raise WrongPhase("This letter is still a draft: it can be signed once it is frozen.")
    if count is None:
        raise WrongPhase("On this letter nobody is counted without a name: whoever freezes a text decides.")
    if named is not None and named != letter.digest:
        raise BadArgument("The frozen text has another digest than the one you named: nothing was signed.")
    if count.refusal:
        raise UnsafeSeal(count.refusal)
    if not yes:
        show_exactly(letter)
        if letter.earlier_text:
            show_changes(letter)
        say("", err=True)
        for sentence in count.sentences:
            say("  {sentence}", sentence=sentence, err=True)
        session.confirm("To be counted under exactly this text, type count", yes=False, word="count")
    command = SignCounted(campaign=letter.campaign, statement=letter.id, digest=letter.digest)
    _show(session, session.ask(command, StatementView))


def withdraw_counted(session: Session, letter: StatementView, *, yes: bool) -> None:
    """Be counted no more."""
    if not yes:
        say("You cannot be counted on this text again.", err=True)
    session.confirm("Be counted no more? Type yes", yes=yes)
    _show(session, session.ask(WithdrawCounted(campaign=letter.campaign, statement=letter.id), StatementView))


def tell_counted(view: StatementView) -> None:
    """What a freeze has made of it, for whoever froze."""
    count = view.unnamed
    if count is None:
        return
    if not count.members:
        say("Careful: {refusal} Freeze a next version once they have.", refusal=count.refusal, err=True)
        return
    say("Members may be counted and not named: {members} have keys to be counted by.", members=count.members)
    if count.without_keys:
        say("Cannot be counted, having published no keys: {names}", names=", ".join(count.without_keys))


def _show(session: Session, view: StatementView) -> None:
    session.show(view, lambda: print_unnamed(view.unnamed) if view.unnamed is not None else None)
