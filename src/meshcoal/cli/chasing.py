"""`meshcoal statement chase`: who has not signed yet, how far each has come, and what to send them.

Law: only what is known for certain is said: that nothing shows that somebody has the text does not mean that
they lack it. Who declined is not told apart. Nothing is sent: the person sends, by the way they choose.
"""

from __future__ import annotations

from typing import Final

import click

from meshcoal.api.commands import MarkAsked, ShowChase, Way
from meshcoal.api.views import AskedState, AskedView, ChaseView
from meshcoal.cli.find import find_statement_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.moments import when, when_here
from meshcoal.cli.output import ago, block, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.clock import DAY_MS

_WAYS: Final = [way.value for way in Way if way is not Way.NONE]


@leaf("chase", example="meshcoal statement chase evin free --asked ben --by call")
@click.argument("campaign")
@click.argument("statement")
@click.option(
    "--asked", "members", multiple=True, metavar="MEMBER", help="Note that you asked them now; repeatable."
)
@click.option("--by", "way", type=click.Choice(_WAYS), default="message", help="With --asked: by which way.")
@click.option("--again", is_flag=True, help="With --asked: although somebody else asked less than a day ago.")
@click.pass_obj
def chase(
    session: Session, campaign: str, statement: str, members: tuple[str, ...], way: str, again: bool
) -> None:
    """Show who has not signed an open letter, and a text to send them.

    Of each: whether they are known to have the text, whether they agree that it goes out, whether they
    signed an earlier version, and when they were last met. Organisers note with --asked whom they asked, and
    see whom the others asked, so that nobody is pressed twice; the other members do not see it.
    """
    where, letter = find_statement_id(session, campaign, statement)
    view = session.ask(ShowChase(campaign=where, statement=letter), ChaseView)
    if members:
        things = [Thing(one.author, one.name) for one in view.asked if not one.me]
        command = MarkAsked(
            campaign=where,
            statement=letter,
            members=tuple(dict.fromkeys([pick("member", wanted, things) for wanted in members])),
            way=Way(way),
            again=again,
        )
        view = session.ask(command, ChaseView)
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
            table(
                ("MEMBER", "THE TEXT", "STATE", "LAST MET", "LAST ASKED"),
                [_row(one, now_ms) for one in waited_for],
            )
        if view.sealed:
            say("Who signed sealed stands here too: nobody can tell.")
        if view.unnamed:
            say("Who is counted and not named stands here too: nobody can tell.")
        for office in view.offices:
            say(
                "{office}: {step} waits for {name} since {since}.",
                office=office.office,
                step=office.step,
                name=office.waits_for,
                since=when(office.since_ms),
            )
        say("")
        lately = [one.name for one in waited_for if one.asked_ms >= 0 and now_ms - one.asked_ms < DAY_MS]
        if lately:
            say("Asked less than a day ago, so better not again: {names}.", names=", ".join(lately))
        if view.may_mark:
            say("Once you asked somebody, note it: `--asked MEMBER --by call`.")
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
    return one.name, has, _state(one), met, _asked(one, now_ms)


def _asked(one: AskedView, now_ms: int) -> str:
    if one.asked_ms < 0:
        return ""
    times = f", {one.times} times" if one.times > 1 else ""
    return f"{ago(one.asked_ms, now_ms)} by {one.asked_by}, {one.asked_way.value}{times}"


def _state(one: AskedView) -> str:
    if one.state is AskedState.EARLIER:
        return "signed an earlier version"
    if one.decides_for:
        return f"decides for {one.decides_for[0]}"
    return "agrees that it goes out" if one.agrees else ""
