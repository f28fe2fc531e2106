"""`meshcoal message show` and `statement holders`: who is known to hold a message, a signature, a letter."""

from __future__ import annotations

import click

from meshcoal.api.commands import ListMessages, ShowHolders, ShowLetterHolders
from meshcoal.api.views import HeldProof, HoldersView, HolderView, MessagesView
from meshcoal.cli.find import find_channel, find_statement, find_statement_id
from meshcoal.cli.leaf import branch, leaf
from meshcoal.cli.lookup import Thing, pick
from meshcoal.cli.output import ago, plural, say, table
from meshcoal.cli.session import Session
from meshcoal.limits import API_PAGE_MAX

_BY = {
    HeldProof.ME: "this device",
    HeldProof.AUTHOR: "wrote it",
    HeldProof.CITED: "has written since, knowing it",
    HeldProof.SAID: "their device said so",
    HeldProof.NONE: "",
}


@branch("message")
def message() -> None:
    """One message: who holds it; change it, take it back, react, pin it, see what it said before."""


@message.command("show", example="meshcoal message show evin general 5f2a")
@click.argument("campaign")
@click.argument("channel")
@click.argument("message_id", metavar="MESSAGE")
@click.pass_obj
def show(session: Session, campaign: str, channel: str, message_id: str) -> None:
    """Show who is known to hold a message, and who not yet.

    MESSAGE is its id, as `meshcoal read` shows it. Counted are the members who were members when it was
    written, and still are. Who is not shown to hold it may hold it all the same.
    """
    where, room = find_channel(session, campaign, channel)
    page = session.ask(ListMessages(campaign=where.id, channel=room.id, limit=API_PAGE_MAX), MessagesView)
    chosen = pick("message", message_id, [Thing(one.id, "") for one in page.messages])
    view = session.ask(ShowHolders(campaign=where.id, operation=chosen), HoldersView)
    session.show(view, lambda: print_holders(view, session.now_ms()))


@leaf("holders", example="meshcoal statement holders evin free\nmeshcoal statement holders evin free 81c0")
@click.argument("campaign")
@click.argument("statement")
@click.argument("part", required=False)
@click.pass_obj
def holders(session: Session, campaign: str, statement: str, part: str | None) -> None:
    """Show who is known to hold a letter with all its signatures, and who not yet.

    With PART only who holds that revision or signature; its id is in `meshcoal statement show --json`.
    """
    if part is None:
        where, letter = find_statement_id(session, campaign, statement)
        view = session.ask(ShowLetterHolders(campaign=where, statement=letter), HoldersView)
    else:
        whole = find_statement(session, campaign, statement)
        things = {one.id: Thing(one.id, "") for one in whole.revisions}
        things |= {one.id: Thing(one.id, one.name) for one in whole.tally.entries}
        command = ShowHolders(campaign=whole.campaign, operation=pick("part", part, things.values()))
        view = session.ask(command, HoldersView)
    session.show(view, lambda: print_holders(view, session.now_ms()))


def print_holders(view: HoldersView, now_ms: int) -> None:
    """The count, a row a member, and who is not counted."""
    say("Held by {by} of {of}.", by=view.held_by, of=view.held_of)
    table(("MEMBER", "HOLDS IT", "LAST MET", "LAST WROTE"), [_row(one, now_ms) for one in view.members])
    if view.newcomers:
        came = plural(view.newcomers, "member who came later and cannot", "members who came later and cannot")
        say("Not counted: {came} open it.", came=came)


def _row(one: HolderView, now_ms: int) -> tuple[str, ...]:
    held = "nothing shows it yet" if one.lacking else f"yes: {_BY[one.proof]}"
    name = one.name + (" (you)" if one.me else "")
    met = "connected" if one.connected and not one.me else "" if one.me else ago(one.last_seen_ms, now_ms)
    return name, held, met, ago(one.wrote_ms, now_ms)
