"""`meshcoal tor` and `meshcoal paths`: which ways in and out are open, and how Tor stands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import ChoosePaths, GetTor, SetBridges, SwitchTor
from meshcoal.api.views import TorStanding, TorView
from meshcoal.cli.leaf import branch, leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.limits import BRIDGE_CHARS_MAX, BRIDGES_MAX

_FILE_CHARS_MAX: Final = BRIDGES_MAX * BRIDGE_CHARS_MAX * 2

IN_WORDS: Final = {
    TorStanding.OFF: "off",
    TorStanding.LOCKED: "on; it begins when the vault is opened",
    TorStanding.STARTING: "on; looking for tor",
    TorStanding.BOOTSTRAPPING: "on; finding its way into the network",
    TorStanding.READY: "ready",
    TorStanding.FAILED: "on, but not working; it is tried again by itself",
}


@branch("tor")
def tor() -> None:
    """Tor: how it stands, on, off, bridges."""


@tor.command("status", example="meshcoal tor status")
@click.pass_obj
def status(session: Session) -> None:
    """Show how Tor stands, and what to try next."""
    _show(session, session.ask_plainly(GetTor(), TorView))


@tor.command("on", example="meshcoal tor on\nmeshcoal tor on --own\nmeshcoal tor on --control 127.0.0.1:9051")
@click.option("--own", is_flag=True, help="Start a tor of its own, instead of using this machine's.")
@click.option("--control", metavar="ADDRESS", default="", help="Its control port: unix:PATH or HOST:PORT.")
@click.option("--open-port", is_flag=True, help="Use the control port even if it asks for no proof.")
@click.option(
    "--torrc",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with further settings for a tor of its own, such as a proxy.",
)
@click.pass_obj
def on(session: Session, own: bool, control: str, open_port: bool, torrc: Path | None) -> None:
    """Be reachable through Tor, and reach others through it.

    Contacts and members learn your address in Tor by themselves, together with a key; nobody else gets an
    answer there. Plain addresses are still used, unless `meshcoal paths tor` forbids them.
    """
    command = SwitchTor(
        on=True,
        own=own,
        control=control,
        open_port=open_port,
        torrc=str(torrc.absolute()) if torrc is not None else "",
    )
    _show(session, session.ask_plainly(command, TorView))


@tor.command("off", example="meshcoal tor off")
@click.pass_obj
def off(session: Session) -> None:
    """Use Tor no more."""
    command = SwitchTor(on=False, own=False, control="", open_port=False, torrc="")
    _show(session, session.ask_plainly(command, TorView))


@tor.command("bridges", example="meshcoal tor bridges bridges.txt\nmeshcoal tor bridges --none")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--none", "without", is_flag=True, help="Use no bridges any more.")
@click.pass_obj
def bridges(session: Session, file: Path | None, without: bool) -> None:
    """Reach Tor through bridges, where it is blocked.

    FILE holds one bridge a line, as it was sent to you; `-` reads them from standard input. meshcoal then
    starts a tor of its own.
    """
    if (file is None) is not without:
        raise BadArgument("Name a file of bridges, or say --none.")
    lines = _lines(file) if file is not None else ()
    if file is not None and not lines:
        raise BadArgument("The file holds no bridge.")
    if len(lines) > BRIDGES_MAX or any(len(line) > BRIDGE_CHARS_MAX for line in lines):
        raise BadArgument(f"At most {BRIDGES_MAX} bridges, each of at most {BRIDGE_CHARS_MAX} characters.")
    _show(session, session.ask_plainly(SetBridges(bridges=lines), TorView))


@leaf("paths", example="meshcoal paths\nmeshcoal paths tor\nmeshcoal paths any")
@click.argument("choice", type=click.Choice(["any", "tor"]), required=False)
@click.pass_obj
def paths(session: Session, choice: str | None) -> None:
    """Show or choose which ways are open: Tor alone, or any.

    With `tor` no plain address is ever dialled, nothing but tor can come in, and nobody is looked for on the
    local network. It works at once, and stays so.
    """
    command = GetTor() if choice is None else ChoosePaths(only_tor=choice == "tor")
    _show(session, session.ask_plainly(command, TorView))


def _lines(file: Path) -> tuple[str, ...]:
    try:
        if str(file) == "-":
            text = sys.stdin.read(_FILE_CHARS_MAX)
        else:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_FILE_CHARS_MAX)
    except (OSError, UnicodeDecodeError) as exc:
        raise BadArgument("The file of bridges cannot be read.") from exc
    return tuple([line.strip() for line in text.splitlines() if line.strip()])


def _show(session: Session, view: TorView) -> None:
    session.show(view, lambda: print_tor(view))


def print_tor(view: TorView) -> None:
    if view.damaged:
        say("Paths:   none is open")
    else:
        say("Paths:   {words}", words="Tor alone" if view.only_tor else "any")
    if view.standing is TorStanding.BOOTSTRAPPING:
        say(
            "Tor:     on; {percent} % of its way into the network ({doing})",
            percent=view.percent,
            doing=view.doing,
        )
    else:
        say("Tor:     {words}", words=IN_WORDS[view.standing])
    if view.standing is not TorStanding.OFF:
        place = f", at {view.control}" if view.control else ""
        whose = "started by meshcoal" if view.own else f"this machine's{place}"
        version = f", version {view.version}" if view.version else ""
        say("Program: {whose}{version}", whose=whose, version=version)
    if view.bridges:
        say("Bridges: {count}", count=view.bridges)
    if view.standing is TorStanding.READY:
        say(
            "Found:   {published} of {services} addresses of yours can be found by those who know them",
            published=view.published,
            services=view.services,
        )
    if view.sentence:
        say("Next:    {sentence}", sentence=view.sentence)
