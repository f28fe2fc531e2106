"""`meshcoal contact`: people this node has met."""

from __future__ import annotations

import click

from meshcoal.api.commands import (
    CompareKey,
    ConfirmWords,
    ForgetContact,
    ListContacts,
    ListIntroductions,
    SetPetname,
    ShowIdentity,
)
from meshcoal.api.views import (
    ComparedView,
    Comparison,
    ContactsView,
    ContactView,
    Done,
    IdentityView,
    IntroductionsView,
)
from meshcoal.cli import files
from meshcoal.cli.leaf import branch, yes_option
from meshcoal.cli.lookup import contact_things, pick
from meshcoal.cli.moments import when
from meshcoal.cli.output import ago, say, table
from meshcoal.cli.reach import contact_paths
from meshcoal.cli.session import Session
from meshcoal.cli.warning import print_warnings
from meshcoal.cli.ways import contact_ways
from meshcoal.cli.word_lists import chosen, print_list_note, print_words, words_option
from meshcoal.ids import short


@branch("contact")
def contact() -> None:
    """People you know: list, name, compare words."""


_TEXT_BYTES_MAX = 1_000


@contact.command("list", example="meshcoal contact list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the people you know."""
    view = session.ask(ListContacts(), ContactsView)
    now_ms = session.now_ms()

    def for_people() -> None:
        print_warnings(session)
        if not view.contacts:
            say("Nobody yet. Make an invitation with `meshcoal invite make`, or accept one.")
            return
        table(
            ("ID", "NAME", "CALLS THEMSELF", "WORDS", "INTRODUCED BY", "SEEN"),
            [
                (
                    short(one.person),
                    _name(one),
                    one.given_name,
                    f"{'!! ' if one.warned else ''}{'compared' if one.verified else 'not compared'}",
                    one.introduced_by,
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


@contact.command("show", example="meshcoal contact show ben --qr")
@click.argument("person")
@click.option("--qr", is_flag=True, help="Draw their public key as a QR code, for them to compare.")
@words_option
@click.pass_obj
def show(session: Session, person: str, qr: bool, word_list: str | None) -> None:
    """Show what is known of a person: key, words, how you met, whether words were compared."""
    them = _find(session, person)

    def for_people() -> None:
        print_warnings(session)
        say("Name:       {name}", name=_name(them))
        say("Calls themself: {name}", name=them.given_name)
        say("Met:        {how}", how=_how_met(them))
        say("Words:      {state}", state=_compared(them))
        say("Public key: {key}", key=them.person.hex())
        say("Its text:   {text}", text=them.link_text)
        shown = chosen(session, word_list)
        say("The words of this key:")
        print_words(them.fingerprint, shown)
        print_list_note(shown)
        if qr:
            from meshcoal.cli import qr as drawing

            drawing.draw(them.link_text)

    session.show(them, for_people)


@contact.command("words", example="meshcoal contact words ben\nmeshcoal contact words ben --words russian")
@click.argument("person")
@words_option
@click.pass_obj
def show_words(session: Session, person: str, word_list: str | None) -> None:
    """Show the words to compare with a person, aloud and in a voice you know.

    Both must look at the same list. Then say what came out with `meshcoal contact confirm`.
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
        print_warnings(session)
        shown = chosen(session, word_list)
        if them.introduced_by:
            say("{name} was {how}.", name=_name(them), how=_how_met(them))
        if together:
            say("Both of you see these words; read them to each other in turn:")
            print_words(together, shown)
            say("Or these, which both of you see at any time:")
        else:
            say("Both of you see these words; read them to each other in turn:")
        print_words(them.words, shown)
        say("Their words: they find them under `meshcoal identity show`.")
        print_words(them.fingerprint, shown)
        say("Your words: they find them under `meshcoal contact words` with your name.")
        print_words(me.fingerprint, shown)
        print_list_note(shown)
        say("All agree: meshcoal contact confirm {person} --match", person=short(them.person))
        say("Any other: meshcoal contact confirm {person} --differ", person=short(them.person))

    session.show(
        {
            "person": them.person,
            "together": together,
            "words": them.words,
            "theirs": them.fingerprint,
            "mine": me.fingerprint,
        },
        for_people,
    )


@contact.command(
    "compare", example="meshcoal contact compare ben MESHCOALKEY1...\nmeshcoal contact compare ben -"
)
@click.argument("person")
@click.argument("text")
@click.pass_obj
def compare(session: Session, person: str, text: str) -> None:
    """Compare a person's key with the text that their QR code holds.

    Scan the QR code on their screen (`meshcoal identity show --qr`, or Me in the interface) and give what it
    holds, or `-` for standard input. Equal: they are marked as compared. It says that you hold their key; to
    know that they hold yours, they compare your text in the same way.
    """
    them = _find(session, person)
    found = files.read_text(text, bytes_max=_TEXT_BYTES_MAX, inline=True)
    view = session.ask(CompareKey(person=them.person, text=found.strip()), ComparedView)

    def for_people() -> None:
        match view.outcome:
            case Comparison.SAME:
                say("EQUAL: this is the key kept for {name}. It is marked as compared.", name=_name(them))
            case Comparison.MINE:
                say("This is YOUR OWN key, not theirs: nothing was compared. Scan their screen.", err=True)
            case Comparison.OTHER_CONTACT:
                say(
                    "!! DIFFERENT: this is the key of {other}, another contact of yours, and not the one "
                    "kept for {name}. Nothing was changed.",
                    other=view.other_name,
                    name=_name(them),
                    err=True,
                )
            case Comparison.DIFFERENT:
                say("!! DIFFERENT: this is NOT the key kept for {name}.", name=_name(them), err=True)
                print_warnings(session)

    session.show(view, for_people)
    if view.outcome is not Comparison.SAME:
        click.get_current_context().exit(1)


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


def _how_met(view: ContactView) -> str:
    if not view.introduced_by:
        return "through an invitation"
    return f"introduced by {view.introduced_by} on {when(view.introduced_ms)}"


def _compared(view: ContactView) -> str:
    if view.verified:
        return f"compared on {when(view.verified_ms)}" if view.verified_ms >= 0 else "compared"
    return "not compared yet"


contact.add_command(contact_paths)
contact.add_command(contact_ways)
