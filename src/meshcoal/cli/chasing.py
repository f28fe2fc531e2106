"""`meshcoal statement chase`: who has not signed yet, how far each has come, and what to send them.

Law: only what is known for certain is said: that nothing shows that somebody has the text does not mean that
they lack it. Who declined is not told apart. Nothing is sent: the person sends, by the way they choose.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import ShowChase
from meshcoal.api.views import AskedState, AskedView, ChaseView
from meshcoal.cli.find import find_statement_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.output import ago, block, plural, say, table
from meshcoal.cli.session import Session


@leaf("chase", example="meshcoal statement chase evin free")
@click.argument("campaign")
@click.argument("statement")
@click.pass_obj
def chase(session: Session, campaign: str, statement: str) -> None:
    """Show who has not signed an open letter, and a text to send them.

    Of each: whether they are known to have the text, whether they agree that it goes out, whether they
    signed an earlier version, and when they were last met.
    """
    where, letter = find_statement_id(session, campaign, statement)
    view = session.ask(ShowChase(campaign=where, statement=letter), ChaseView)
    waited_for = [one for one in view.asked if not one.me]
    now_ms = session.now_ms()

    def for_people() -> None:
        if not view.asked:
            say("Everybody who could sign has signed.")
            return
        say("Not signed yet: {count}.", count=plural(len(view.asked), "member", "members"))
        if len(waited_for) < len(view.asked):
            say("You are one of them.")
        if waited_for:
            table(("MEMBER", "THE TEXT", "STATE", "LAST MET"), [_row(one, now_ms) for one in waited_for])
        if view.sealed:
            say("Who signed sealed stands here too: nobody can tell.")
        for office in view.offices:
            say(
                "{office}: {step} waits for {name} since {since}.",
                office=office.office,
                step=office.step,
                name=office.waits_for,
                since=when(office.since_ms),
            )
        say("")
        say("To send, by a way that is safe for each:")
        block(reminder(view), indent="  ")

    session.show(view, for_people)


def reminder(view: ChaseView) -> str:
    """What to send. It names the letter and its time, and nobody who signed."""
    due_ms = view.soft_deadline_ms if view.soft_deadline_ms >= 0 else view.deadline_ms
    return (
        f"{view.title}: the letter is open for signing until {when_here(due_ms)}. "
        f"Please read it in meshcoal and sign, or say that you do not. Version {view.version}, digest "
        f"{view.digest.hex()[:16]}."
    )


def _row(one: AskedView, now_ms: int) -> tuple[str, ...]:
    met = "connected" if one.connected else ago(one.last_seen_ms, now_ms)
    has = "not known to have it" if one.state is AskedState.UNKNOWN else "has it"
    return one.name, has, _state(one), met


def _state(one: AskedView) -> str:
    if one.state is AskedState.EARLIER:
        return "signed an earlier version"
    if one.decides_for:
        return f"decides for {one.decides_for[0]}"
    return "agrees that it goes out" if one.agrees else ""
