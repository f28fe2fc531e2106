"""`meshcoal statement chase`: who has not signed yet, how far each has come, and what to send them.

Law: only what is known for certain is said: that nothing shows that somebody has the text does not mean that
they lack it. Who declined is not told apart. Nothing is sent: the person sends, by the way they choose.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import ShowHolders
from meshcoal.api.views import HoldersView, HolderView, RequestView, StatementPhase, StatementView
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when_here
from meshcoal.cli.output import ago, block, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import WrongPhase


@leaf("chase", example="meshcoal statement chase evin free")
@click.argument("campaign")
@click.argument("statement")
@click.pass_obj
def chase(session: Session, campaign: str, statement: str) -> None:
    """Show who has not signed an open letter, and a text to send them.

    Of each: whether they are known to have the text, whether they agree that it goes out, whether they
    signed an earlier version, and when they were last met.
    """
    letter = find_statement(session, campaign, statement)
    if letter.phase is not StatementPhase.OPEN:
        raise WrongPhase("Only a letter that is open for signing has anybody to ask.")
    frozen = next(one.id for one in letter.revisions if one.frozen)
    held = session.ask(ShowHolders(campaign=letter.campaign, operation=frozen), HoldersView)
    waited_for = [one for one in held.members if one.name in letter.unsigned and not one.me]
    message = reminder(letter)
    now_ms = session.now_ms()

    def for_people() -> None:
        if not waited_for:
            say("Everybody who could sign has signed.")
            return
        say("Not signed yet: {count}.", count=plural(len(waited_for), "member", "members"))
        table(("MEMBER", "THE TEXT", "STATE", "LAST MET"), [_row(letter, one, now_ms) for one in waited_for])
        if letter.seal is not None:
            say("Who signed sealed stands here too: nobody can tell.")
        say("")
        say("To send, by a way that is safe for each:")
        block(message, indent="  ")

    session.show(
        {"title": letter.title, "waited_for": [_plain(letter, one) for one in waited_for]}, for_people
    )


def reminder(letter: StatementView) -> str:
    """What to send. It names the letter and its time, and nobody who signed."""
    return (
        f"{letter.title}: the letter is open for signing until {when_here(letter.deadline_ms)}. "
        f"Please read it in meshcoal and sign, or say that you do not. Version {letter.version}, digest "
        f"{letter.digest.hex()[:16]}."
    )


def _row(letter: StatementView, one: HolderView, now_ms: int) -> tuple[str, ...]:
    met = "connected" if one.connected else ago(one.last_seen_ms, now_ms)
    return one.name, "not known to have it" if one.lacking else "has it", _state(letter, one), met


def _plain(letter: StatementView, one: HolderView) -> dict[str, object]:
    return {
        "member": one.name,
        "author": one.author.hex(),
        "has_text": not one.lacking,
        "lapsed": one.name in letter.lapsed,
        "agrees": one.name in letter.agreed,
        "decides_for": [request.office for request in letter.requests if _waits_for(request, one.name)],
        "last_met_ms": one.last_seen_ms,
    }


def _state(letter: StatementView, one: HolderView) -> str:
    if one.name in letter.lapsed:
        return "signed an earlier version"
    waiting = [request for request in letter.requests if _waits_for(request, one.name)]
    if waiting:
        return f"decides for {waiting[0].office}"
    return "agrees that it goes out" if one.name in letter.agreed else ""


def _waits_for(request: RequestView, name: str) -> bool:
    return name == request.waits_for or name in request.deputies
