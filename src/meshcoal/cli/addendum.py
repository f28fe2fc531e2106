"""`meshcoal statement addendum`: publish who signed since the release.

Law: whoever publishes sees first who will stand in it. What was released does not change.
"""

from __future__ import annotations

import click

from meshcoal.api.commands import PublishAddendum
from meshcoal.api.views import AddendumView, EntryView, StatementView
from meshcoal.cli.find import find_statement
from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.moments import when
from meshcoal.cli.options import CAPACITY_IN_WORDS
from meshcoal.cli.output import plural, say, table
from meshcoal.cli.session import Session
from meshcoal.errors import WrongPhase


@leaf("addendum", example="meshcoal statement addendum evin free")
@click.argument("campaign")
@click.argument("statement")
@click.option("--preview", is_flag=True, help="Only show who would stand in it.")
@yes_option
@click.pass_obj
def addendum(session: Session, campaign: str, statement: str, preview: bool, yes: bool) -> None:
    """Publish an addendum to a released letter: who signed late, and who withdrew.

    Addenda are numbered, and each is tied to the one before it. The list that was released stays as it is.
    Write the files anew afterwards, with `meshcoal statement export`: their names say how many addenda they
    hold, and the older ones stay true.
    """
    letter = find_statement(session, campaign, statement)
    if preview:
        session.show(waiting_in(letter), lambda: _tell_waiting(letter, err=False))
        return
    if letter.late is None:
        raise WrongPhase("The letter is not released, or nobody signed or withdrew since: nothing to add.")
    if not yes:
        _tell_waiting(letter, err=True)
    number = len(letter.addenda) + 1
    session.confirm(f"Publish addendum {number}? Type yes", yes=yes)
    view = session.ask(PublishAddendum(campaign=letter.campaign, statement=letter.id), StatementView)

    def for_people() -> None:
        print_addenda(view)
        say("Write the files anew with `meshcoal statement export`, and hand them on.")

    session.show(view, for_people)


def waiting_in(letter: StatementView) -> tuple[EntryView, ...]:
    """Members' sign-ons that would stand in an addendum that is published now."""
    wanted = set(letter.late.sign_ons) if letter.late is not None else set()
    return tuple([entry for entry in letter.tally.entries if entry.id in wanted])


def _tell_waiting(letter: StatementView, *, err: bool) -> None:
    if letter.late is None:
        say("Nobody signed or withdrew since.", err=err)
        return
    entries = waiting_in(letter)
    if entries:
        table(
            ("NAME", "COUNTRY", "AS", "MEMBER", "SIGNED", "STATE"),
            [
                (
                    entry.name,
                    entry.country,
                    CAPACITY_IN_WORDS[entry.capacity],
                    entry.member,
                    when(entry.at_ms),
                    entry.state.value,
                )
                for entry in entries
            ],
            err=err,
        )
    if letter.late.outside:
        say(
            "From outside the campaign: {count} (`meshcoal statement outside`).",
            count=plural(letter.late.outside, "sign-on", "sign-ons"),
            err=err,
        )
    for name in letter.late.withdrawals:
        say("Withdrew since: {name}.", name=name or "named to the addressee only", err=err)


def print_addenda(view: StatementView) -> None:
    """How many at the release and since, each addendum, and that some wait."""
    if view.addenda:
        since = sum(one.organisations + one.individuals for one in view.addenda)
        say(
            "Signatures: {released} at the release, {since} since, in {addenda}.",
            released=view.tally.counted,
            since=since,
            addenda=plural(len(view.addenda), "addendum", "addenda"),
        )
    for one in view.addenda:
        say(
            "Addendum {number}, {at}, by {name}: {what}.",
            number=one.number,
            at=when(one.at_ms),
            name=one.name,
            what=_what(one),
        )
    if view.late is not None:
        waiting = len(view.late.sign_ons) + view.late.outside + len(view.late.withdrawals)
        say(
            "{waiting} for an addendum: `meshcoal statement addendum`.",
            waiting=plural(waiting, "sign-on or withdrawal waits", "sign-ons or withdrawals wait"),
        )


def _what(one: AddendumView) -> str:
    parts = [
        plural(one.organisations, "organisation", "organisations"),
        plural(one.individuals, "individual", "individuals"),
    ]
    if one.outside:
        parts.append(f"{one.outside} of these from outside")
    if one.withdrawals:
        parts.append(plural(one.withdrawals, "withdrawal", "withdrawals"))
    return ", ".join(parts)
