"""Sealed sign-ons on the command line: what is told before, and what is shown after; members' words.

Law: nobody seals without having read what it protects from and what not. Of others one number is shown, and
never a name before it is on the list.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    ConfirmMember,
    ShowMemberWords,
    SignSealed,
    SignStatement,
    WithdrawSealed,
    who_signs,
)
from meshcoal.api.views import (
    MemberWordsView,
    SealedMine,
    SealPhase,
    SealView,
    StatementView,
    spelled,
)
from meshcoal.cli.find import find_campaign, find_member
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import parse_moment, when_here
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.cli.word_lists import chosen, print_list_note, print_words, words_option
from meshcoal.errors import UnsafeSeal, WrongPhase
from meshcoal.limits import MEMBERS_MAX, SEALED_THRESHOLD_MIN

MINE_IN_WORDS = {
    SealedMine.NONE: "You have not signed sealed.",
    SealedMine.LEAVING: "Your sealed sign-on is on its way: stay on for a minute.",
    SealedMine.THERE: "Your sealed sign-on is there.",
    SealedMine.TAKING_BACK: "Your withdrawal is on its way: stay on for a minute.",
    SealedMine.TAKEN_BACK: "You took your sealed sign-on back.",
    SealedMine.OPEN: "Your sealed sign-on is opened: your name is on the list.",
}

until_option = click.option(
    "--sealed-until",
    type=click.IntRange(SEALED_THRESHOLD_MIN, MEMBERS_MAX),
    help="Members may sign sealed; their names open when so many have.",
)
expires_option = click.option(
    "--seal-expires", help="Then what is not open stays shut; else at the deadline, with its grace period."
)


def expiry(session: Session, sealed_until: int | None, seal_expires: str | None) -> int:
    """Milliseconds, or 0 where none is given."""
    if seal_expires is None:
        return 0
    if sealed_until is None:
        raise click.UsageError("--seal-expires goes with --sealed-until")
    return parse_moment(seal_expires, session.now_ms())


def tell_seal(view: StatementView) -> None:
    """What a freeze has made of it, for whoever froze."""
    seal = view.seal
    if seal is None:
        return
    if seal.phase is SealPhase.UNSAFE:
        say("Careful: {refusal} Freeze a next version once they have.", refusal=seal.refusal, err=True)
    else:
        say("Members may sign sealed until {at}.", at=when_here(seal.expires_ms))
        for sentence in seal.sentences[:3]:
            say("  {sentence}", sentence=sentence)
    if seal.without_keys:
        say("Cannot sign sealed, having published no keys: {names}", names=", ".join(seal.without_keys))


def print_seal(seal: SealView) -> None:
    """Progress and what is left of the risk; no names."""
    say("")
    match seal.phase:
        case SealPhase.UNSAFE:
            say("Sealed sign-ons: not possible. {refusal}", refusal=seal.refusal)
            return
        case SealPhase.SHUT:
            say(
                "Sealed sign-ons: {count} of {threshold}, until {at}. Shut.",
                count=seal.count,
                threshold=seal.threshold,
                at=when_here(seal.expires_ms),
            )
        case SealPhase.OPENING:
            say("Sealed sign-ons: {count}. They are being opened.", count=seal.count)
        case SealPhase.OPEN:
            say(
                "Sealed sign-ons: {opened} opened of {count}.",
                opened=seal.opened,
                count=seal.count + seal.false_envelopes,
            )
        case SealPhase.EXPIRED:
            say("Sealed sign-ons: too few signed in time. They stay shut, and the keys are gone.")
    if seal.false_envelopes:
        say(
            "Careful: {count} held no sign-on. Somebody made up the number.",
            count=plural(seal.false_envelopes, "envelope", "envelopes"),
        )
    say("{mine}", mine=MINE_IN_WORDS[seal.mine])
    if seal.floor > seal.threshold and seal.mine is not SealedMine.OPEN:
        say("You asked that it stays shut until {floor} have signed.", floor=seal.floor)
    if seal.phase is SealPhase.SHUT:
        say(
            "{needed} of {members} members could open them early together; you verified {verified} of the "
            "others in person.",
            needed=seal.shares_needed,
            members=seal.members,
            verified=seal.verified,
        )
        if seal.refusal and seal.mine is SealedMine.NONE:
            say("You cannot sign sealed: {refusal}", refusal=seal.refusal)


def tell_before_sealing(view: StatementView, floor: int) -> None:
    """Refuse where it is not safe; else say in words what the signer relies on."""
    seal = view.seal
    if seal is None:
        raise WrongPhase("This letter is not signed sealed: whoever freezes a text decides that.")
    if seal.refusal:
        raise UnsafeSeal(seal.refusal)
    say("", err=True)
    for sentence in seal.sentences:
        say("  {sentence}", sentence=sentence, err=True)
    if floor > seal.threshold:
        say(
            "  Yours stays shut until {floor} have signed; everybody sees that number.", floor=floor, err=True
        )


def sign_sealed(session: Session, command: SignStatement, floor: int) -> None:
    """The same sign-on, sealed."""
    sealed = SignSealed(**who_signs(command), floor=floor)
    view = session.ask(sealed, StatementView)
    session.show(view, lambda: print_seal(view.seal) if view.seal is not None else None)


def withdraw_sealed(session: Session, letter: StatementView, *, yes: bool) -> None:
    """Take back what is not opened."""
    if not yes:
        say("You cannot sign this text sealed again.", err=True)
    session.confirm("Take your sealed sign-on back? Type yes", yes=yes)
    view = session.ask(WithdrawSealed(campaign=letter.campaign, statement=letter.id), StatementView)
    session.show(view, lambda: print_seal(view.seal) if view.seal is not None else None)


# --- Members who are verified in person


@leaf("words", example="meshcoal campaign words evin chi\nmeshcoal campaign words evin chi --words russian")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@words_option
@click.pass_obj
def member_words(session: Session, campaign_name: str, member: str, word_list: str | None) -> None:
    """Show the words to compare with a member, in person or in a voice you know.

    They show that each of you holds the other's true key in this campaign. Whom you verified counts when you
    sign sealed.
    """
    before = find_campaign(session, campaign_name)
    whom = find_member(before, member)
    view = session.ask(ShowMemberWords(campaign=before.id, author=whom.author), MemberWordsView)

    def for_people() -> None:
        shown = chosen(session, word_list)
        say("{name} sees these words too; read them to each other in turn:", name=view.name)
        print_words(view.words, shown)
        print_list_note(shown)
        if view.verified:
            say("You verified {name} before.", name=view.name)

    session.show(
        {"author": view.author, "words": spelled(view.words, chosen(session, word_list))}, for_people
    )


@leaf("confirm", example="meshcoal campaign confirm evin chi --match")
@click.argument("campaign_name", metavar="CAMPAIGN")
@click.argument("member")
@click.option("--match/--differ", default=None, help="Whether every word agreed.")
@click.pass_obj
def confirm_member(session: Session, campaign_name: str, member: str, match: bool | None) -> None:
    """Say whether a member's words agreed with yours."""
    if match is None:
        raise click.UsageError("Say --match or --differ")
    before = find_campaign(session, campaign_name)
    whom = find_member(before, member)
    command = ConfirmMember(campaign=before.id, author=whom.author, match=match)
    view = session.ask(command, MemberWordsView)

    def for_people() -> None:
        if match:
            say("{name} is verified in person.", name=view.name)
        else:
            say(
                "{name} is not verified. Somebody may have shown you two different keys: "
                "ask who admitted them.",
                name=view.name,
            )

    session.show(view, for_people)
