"""`meshcoal contact`: people this node has met."""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    ConfirmWords,
    ForgetContact,
    ListContacts,
    ListIntroductions,
    SetPetname,
    ShowIdentity,
)
from meshcoal.api.views import ContactsView, ContactView, Done, IdentityView, IntroductionsView
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.lookup import contact_things, pick
from meshcoal.cli.output import ago, say, table, words
from meshcoal.cli.session import Session
from meshcoal.ids import short


@branch("contact")
def contact() -> None:
    """People you know: list, name, compare words."""


@contact.command("list", example="meshcoal contact list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the people you know."""
    view = session.ask(ListContacts(), ContactsView)
    now_ms = session.now_ms()

    def for_people() -> None:
        if not view.contacts:
            say("Nobody yet. Make an invitation with `meshcoal invite make`, or accept one.")
            return
        table(
            ("ID", "NAME", "CALLS THEMSELF", "WORDS", "SEEN"),
            [
                (
                    short(one.person),
                    _name(one),
                    one.given_name,
                    "compared" if one.verified else "not compared",
                    "now" if one.connected else ago(one.last_seen_ms, now_ms),
                )
                for one in view.contacts
            ],
        )

    session.show(view, for_people)


@contact.command("rename", example='meshcoal contact rename ben "Ben (lawyer)"')
@click.argument("person")
@click.argument("petname")
@click.pass_obj
def rename(session: Session, person: str, petname: str) -> None:
    """Give a person a name of your own, which nobody else sees.

    An empty name goes back to the one they gave.
    """
    who = _find(session, person).person
    view = session.ask(SetPetname(person=who, petname=petname), ContactView)
    session.show(view, lambda: say("You call this person {name} now.", name=_name(view)))


@contact.command("words", example="meshcoal contact words ben")
@click.argument("person")
@click.pass_obj
def show_words(session: Session, person: str) -> None:
    """Show the words to compare with a person, aloud and in a voice you know.

    Then say what came out with `meshcoal contact confirm`.
    """
    them = _find(session, person)
    me = session.ask(ShowIdentity(), IdentityView)
    met = [
        one
        for one in session.ask(ListIntroductions(), IntroductionsView).introductions
        if one.person == them.person and one.words
    ]
    together = met[-1].words if met else ()

    def for_people() -> None:
        if together:
            say("Both of you see these words; read them to each other in turn:")
            words(together)
        say("Their words: they find them under `meshcoal identity show`.")
        words(them.fingerprint)
        say("Your words: they find them under `meshcoal contact words` with your name.")
        words(me.fingerprint)
        say("All agree: meshcoal contact confirm {person} --match", person=short(them.person))
        say("Any other: meshcoal contact confirm {person} --differ", person=short(them.person))

    session.show(
        {"person": them.person, "together": together, "theirs": them.fingerprint, "mine": me.fingerprint},
        for_people,
    )


@contact.command("confirm", example="meshcoal contact confirm ben --match")
@click.argument("person")
@click.option("--match/--differ", default=None, help="Whether every word agreed.")
@click.pass_obj
def confirm(session: Session, person: str, match: bool | None) -> None:
    """Say whether the words compared aloud agreed.

    A difference means that somebody may sit between you: the contact is cut off at once.
    """
    if match is None:
        raise click.UsageError("Say --match or --differ")
    view = session.ask(ConfirmWords(person=_find(session, person).person, match=match), ContactView)

    def for_people() -> None:
        if match:
            say("{name} is marked as compared.", name=_name(view))
        else:
            say("{name} is cut off. Meet in another way, and invite each other afresh.", name=_name(view))

    session.show(view, for_people)


@contact.command("forget", example="meshcoal contact forget ben --yes")
@click.argument("person")
@yes_option
@click.pass_obj
def forget(session: Session, person: str, yes: bool) -> None:
    """Erase a contact.

    Campaigns you share are untouched: remove them there with `meshcoal campaign remove`.
    """
    them = _find(session, person)
    session.confirm("Erase this contact? Type yes", yes=yes)
    session.ask(ForgetContact(person=them.person), Done)
    session.done(lambda: say("{name} is erased from your contacts.", name=_name(them)))


def _find(session: Session, wanted: str) -> ContactView:
    contacts = session.ask(ListContacts(), ContactsView).contacts
    who = pick("contact", wanted, contact_things(contacts))
    return next(one for one in contacts if one.person == who)


def _name(view: ContactView) -> str:
    return view.petname or view.given_name or short(view.person)
