"""`meshcoal introduce` and `introduction`: making contacts known to each other, and being made known."""

from __future__ import annotations

import click

from meshcoal.api.commands import AnswerAcquaintance, Introduce, ListAcquaintances, ListContacts
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    AcquaintanceView,
    BrokeredView,
    ContactsView,
)
from meshcoal.cli.leaf import branch, leaf, yes_option
from meshcoal.cli.lookup import Thing, contact_things, pick
from meshcoal.cli.output import ago, say, until
from meshcoal.cli.session import Session
from meshcoal.cli.warning import print_warnings
from meshcoal.ids import short
from meshcoal.limits import NOTE_CHARS_MAX

_STATE_IN_WORDS = {
    AcquaintanceState.OFFERED: "waits for you: `meshcoal introduction accept` or `decline`",
    AcquaintanceState.ACCEPTED: "you accepted; they have not accepted yet",
    AcquaintanceState.MET: "you are contacts; compare words with `meshcoal contact words`",
}


@leaf("introduce", example='meshcoal introduce ben dov --note "Dov is the lawyer we spoke of"')
@click.argument("first")
@click.argument("second")
@click.option("--note", default="", help=f"What both should read; at most {NOTE_CHARS_MAX} characters.")
@yes_option
@click.pass_obj
def introduce(session: Session, first: str, second: str, note: str, yes: bool) -> None:
    """Make two of your contacts known to each other.

    Each is told the name, key and addresses of the other as you know them; ask both before. They become
    contacts once both have accepted. Nobody tells you what they decide.
    """
    contacts = contact_things(session.ask(ListContacts(), ContactsView).contacts)
    one, other = pick("contact", first, contacts), pick("contact", second, contacts)
    session.confirm("Each will see the other's name, key and addresses. Did both agree? Type yes", yes=yes)
    view = session.ask(Introduce(first=one, second=other, note=note), BrokeredView)

    def for_people() -> None:
        say("{one} and {other} are told of each other.", one=view.first_name, other=view.second_name)
        say("They are contacts once both have accepted, and should compare words then.")

    session.show(view, for_people)


@branch("introduction")
def introduction() -> None:
    """Introductions by contacts: list, accept, decline."""


@introduction.command("list", example="meshcoal introduction list")
@click.pass_obj
def list_(session: Session) -> None:
    """List people whom contacts want you to know, and introductions that you made."""
    view = session.ask(ListAcquaintances(), AcquaintancesView)

    def for_people() -> None:
        print_warnings(session)
        if not view.offered and not view.made:
            say("Nothing is under way.")
        for one in view.offered:
            _print_offered(one, session.now_ms())
        for made in view.made:
            _print_made(made, session.now_ms())

    session.show(view, for_people)


@introduction.command("accept", example="meshcoal introduction accept dov")
@click.argument("who")
@click.pass_obj
def accept(session: Session, who: str) -> None:
    """Accept somebody whom a contact introduces.

    What you see of them is what the contact says. A contact who lies could give you a key of their own and
    read along: compare words with the new contact before you trust it with anything.
    """
    one = _find(session, who)
    view = session.ask(AnswerAcquaintance(acquaintance=one.id, accept=True), AcquaintancesView)

    def for_people() -> None:
        print_warnings(session)
        say("Accepted. You are contacts as soon as {name} has accepted too.", name=one.name)
        say(
            "Only {introducer} says that this key belongs to {name}. Afterwards compare words: "
            "meshcoal contact words {key}",
            introducer=one.introducer_name,
            name=one.name,
            key=short(one.person),
        )

    session.show(view, for_people)


@introduction.command("decline", example="meshcoal introduction decline dov")
@click.argument("who")
@click.pass_obj
def decline(session: Session, who: str) -> None:
    """Decline somebody whom a contact introduces, or take an acceptance back.

    Nobody is told: to them it looks as if you had not answered yet.
    """
    one = _find(session, who)
    view = session.ask(AnswerAcquaintance(acquaintance=one.id, accept=False), AcquaintancesView)
    session.show(view, lambda: say("Declined. Nobody is told.", name=one.name))


def _find(session: Session, wanted: str) -> AcquaintanceView:
    offered = session.ask(ListAcquaintances(), AcquaintancesView).offered
    chosen = pick("introduction", wanted, [Thing(one.id, one.name) for one in offered])
    return next(one for one in offered if one.id == chosen)


def _print_offered(one: AcquaintanceView, now_ms: int) -> None:
    say(
        "{id}  {name} (key {key}), introduced by {introducer}{doubt}, {since}",
        id=short(one.id),
        name=one.name,
        key=short(one.person),
        introducer=one.introducer_name,
        doubt="" if one.introducer_verified else " (words not compared)",
        since=ago(one.since_ms, now_ms),
    )
    say("    State: {state}", state=_STATE_IN_WORDS[one.state])
    if one.known:
        say("    This key is a contact of yours already.")
    if one.note:
        say("    {introducer} says: {note}", introducer=one.introducer_name, note=one.note)
    if one.state is not AcquaintanceState.MET:
        say(
            "    Only {introducer} says whose key this is. Ends {until}.",
            introducer=one.introducer_name,
            until=until(one.expires_ms, now_ms),
        )


def _print_made(made: BrokeredView, now_ms: int) -> None:
    say(
        "{id}  by you: {first} ({first_told}) and {second} ({second_told}), {since}",
        id=short(made.id),
        first=made.first_name,
        first_told="told" if made.first_told else "not reached yet",
        second=made.second_name,
        second_told="told" if made.second_told else "not reached yet",
        since=ago(made.since_ms, now_ms),
    )
