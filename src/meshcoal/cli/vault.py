"""`meshcoal status`, `unlock`, `lock` and `passphrase`: the vault that holds everything."""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import ChangePassphrase, GetStatus, Lock, Unlock
from meshcoal.api.views import CatchingUpView, Done, StatusView, VaultState
from meshcoal.cli import passphrases
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session

_VAULT_IN_WORDS = {
    VaultState.ABSENT: "none yet: make one with `meshcoal identity create`",
    VaultState.LOCKED: "locked: open it with `meshcoal unlock`",
    VaultState.UNLOCKED: "open",
}


@leaf("status", example="meshcoal status")
@click.pass_obj
def status(session: Session) -> None:
    """Show whether the daemon runs and the vault is open."""
    view = session.ask_plainly(GetStatus(), StatusView)
    session.show(view, lambda: print_status(view))


@leaf("unlock", example="meshcoal unlock\nmeshcoal unlock --passphrase-file /run/user/1000/phrase")
@passphrases.passphrase_options
@click.pass_obj
def unlock(session: Session, from_stdin: bool, from_file: Path | None) -> None:
    """Open the vault."""
    passphrase = passphrases.existing(session, from_stdin=from_stdin, from_file=from_file)
    view = session.ask_plainly(Unlock(passphrase=passphrase), StatusView)
    session.show(view, lambda: say("The vault is open. You are {name}.", name=view.name))


@leaf("lock", example="meshcoal lock")
@click.pass_obj
def lock(session: Session) -> None:
    """Close the vault and forget its keys.

    The daemon stays, hangs up on everybody, and holds nothing that opens the vault.
    """
    view = session.ask_plainly(Lock(), StatusView)
    session.show(view, lambda: say("The vault is locked."))


@leaf("passphrase", example="meshcoal passphrase --suggest")
@click.option("--suggest", is_flag=True, help="Propose a passphrase of six words first.")
@passphrases.passphrase_options
@click.pass_obj
def passphrase(session: Session, suggest: bool, from_stdin: bool, from_file: Path | None) -> None:
    """Change the passphrase of the vault.

    From a file or standard input two lines are read: the present passphrase, then the new one. Copies of
    the vault made earlier still open with the old one.
    """
    if suggest:
        passphrases.suggest()
    old, new = passphrases.old_and_new(session, from_stdin=from_stdin, from_file=from_file)
    session.ask_plainly(ChangePassphrase(old=old, new=new), Done)
    session.done(lambda: say("The passphrase is changed."))


def print_status(view: StatusView) -> None:
    say(
        "Daemon:    running as process {process}, version {version}",
        process=view.process,
        version=view.version,
    )
    say("Vault:     {state}", state=_VAULT_IN_WORDS[view.vault])
    if view.name:
        say("Name:      {name}", name=view.name)
    say("Listening: {where}", where=", ".join(view.listening) or "nowhere")
    say_catching_up("Catching up: ", view.catching_up)


def say_catching_up(begin: str, view: CatchingUpView) -> None:
    """How far it is; nothing where nothing is being caught up on."""
    if not view.coming and not view.waiting:
        return
    total = view.coming + view.waiting + view.taken
    say(
        "{begin}{done} %, {coming} to come, {waiting} here to be read in",
        begin=begin,
        done=100 * view.taken // total,
        coming=f"{view.coming:,}",
        waiting=f"{view.waiting:,}",
    )
