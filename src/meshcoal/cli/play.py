"""`meshcoal`, `meshcoal tui` and `meshcoal rehearse`: the interface and the rehearsal.

Law: neither is imported before it is asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from meshcoal.cli.leaf import leaf
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument


@leaf("tui", example="meshcoal tui")
@click.pass_obj
def tui(session: Session) -> int:
    """Open the interface."""
    if session.as_json:
        raise BadArgument("The interface has no JSON form: use the other commands.")
    if not _on_terminal() and not session.linear:
        raise BadArgument("The interface needs a terminal, or: meshcoal --linear.")
    return _open(session)


@leaf("rehearse", example="meshcoal rehearse --headless --keep rehearsal")
@click.option("--headless", is_flag=True, help="Play all parts, without the interface.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the six homes and the letter here.",
)
@click.pass_obj
def rehearse(session: Session, headless: bool, keep: Path | None) -> int:
    """Act out a case with five others on this machine.

    Six real nodes, each with a vault of its own, talk over this machine's loopback: an arrest is reported, a
    letter drafted, frozen, signed, released and verified. Nothing leaves the machine.
    """
    return play(session, headless=headless, keep=keep)


def begin(session: Session) -> int:
    """`meshcoal` alone: the interface on a terminal, else the headless rehearsal."""
    if _on_terminal() or session.linear:
        return _open(session)
    return play(session, headless=True, keep=None)


def play(session: Session, *, headless: bool, keep: Path | None) -> int:
    """The rehearsal: in the interface where there is a terminal, else by itself. Returns an exit code."""
    if headless or session.as_json or not (_on_terminal() or session.linear):
        from meshcoal.rehearsal.main import run_headless

        return run_headless(keep=keep)
    return _open(session, rehearse=True, keep=keep)


def _open(session: Session, *, rehearse: bool = False, keep: Path | None = None) -> int:
    from meshcoal.crypto.entropy import OsEntropy
    from meshcoal.rehearsal.main import make_driver
    from meshcoal.tui.main import run

    return run(
        session.home,
        rehearse=rehearse,
        rehearsal=lambda: make_driver(keep=keep),
        language=session.language,
        chance=OsEntropy().take,
        linear=session.linear,
    )


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
