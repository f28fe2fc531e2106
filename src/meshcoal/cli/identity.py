"""`meshcoal identity`: who this node is to others."""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import CreateVault, SetHints, SetName, SetWordList, ShowIdentity, WordList
from meshcoal.api.views import IdentityView, StatusView
from meshcoal.cli import passphrases
from meshcoal.cli.leaf import branch
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.cli.word_lists import LISTS, print_list_note, print_words, words_option


@branch("identity")
def identity() -> None:
    """Your identity: make it, show it, name it."""


@identity.command("create", example='meshcoal identity create "Ana, Committee of Families" --suggest')
@click.argument("name")
@click.option("--suggest", is_flag=True, help="Propose a passphrase of six words first.")
@passphrases.passphrase_options
@click.pass_obj
def create(session: Session, name: str, suggest: bool, from_stdin: bool, from_file: Path | None) -> None:
    """Make an identity and the vault that holds it.

    NAME is what people see who accept your invitation. It need not be your legal name. The passphrase
    cannot be recovered by anybody: without it the vault stays shut.
    """
    if suggest:
        passphrases.suggest()
    passphrase = passphrases.chosen(session, from_stdin=from_stdin, from_file=from_file)
    view = session.ask_plainly(CreateVault(name=name, passphrase=passphrase), StatusView)
    session.show(view, lambda: say("The identity {name} is made and its vault is open.", name=view.name))


@identity.command("show", example="meshcoal identity show --qr")
@click.option("--qr", is_flag=True, help="Draw the public key as a QR code.")
@words_option
@click.pass_obj
def show(session: Session, qr: bool, word_list: str | None) -> None:
    """Show your name, your words and your addresses.

    Read the words aloud to somebody who looks at their `meshcoal contact words` of you: if all agree,
    nobody sits between you. Or give them the key's text, which is also what the QR code holds, by a way
    that you both trust: they compare it with `meshcoal contact compare`.
    """
    view = session.ask(ShowIdentity(), IdentityView)

    def for_people() -> None:
        _print(view, WordList(word_list) if word_list else view.word_list)
        if qr:
            from meshcoal.cli import qr as drawing

            drawing.draw(view.link_text)

    session.show(view, for_people)


@identity.command("name", example='meshcoal identity name "Ana B."')
@click.argument("name")
@click.pass_obj
def rename(session: Session, name: str) -> None:
    """Change the name that people see whom you meet from now on."""
    view = session.ask(SetName(name=name), IdentityView)
    session.show(view, lambda: say("You are called {name} from now on.", name=view.name))


@identity.command("address", example="meshcoal identity address 192.0.2.7:7600 home.example.org:7600")
@click.argument("addresses", metavar="HOST:PORT...", nargs=-1)
@click.pass_obj
def address(session: Session, addresses: tuple[str, ...]) -> None:
    """Set the addresses under which others reach this machine.

    They stand in every invitation you make. Without any: wherever the daemon listens.
    """
    view = session.ask(SetHints(hints=addresses), IdentityView)
    session.show(view, lambda: _addresses(view))


@identity.command("words", example="meshcoal identity words russian")
@click.argument("word_list", metavar="LIST", type=LISTS)
@click.pass_obj
def words(session: Session, word_list: str) -> None:
    """Choose the list in which words to compare are shown: english or russian.

    Two people who compare must look at the same list. `--words` chooses another one for a single call.
    """
    view = session.ask(SetWordList(word_list=WordList(word_list)), IdentityView)
    session.show(view, lambda: say("Words are shown in {list} from now on.", list=view.word_list.value))


def _print(view: IdentityView, word_list: WordList) -> None:
    say("Name:       {name}", name=view.name)
    _addresses(view)
    say("Public key: {key}", key=view.person.hex())
    say("Its text:   {text}", text=view.link_text)
    say("Your words, the same for everybody who knows you:")
    print_words(view.fingerprint, word_list)
    print_list_note(word_list)


def _addresses(view: IdentityView) -> None:
    say("Addresses:  {hints}", hints=", ".join(view.hints) or "wherever the daemon listens")
