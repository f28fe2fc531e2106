"""What one run of the command line holds: the home, the daemon, and how to ask the person at the keyboard.

Law: everything that reaches outside (daemon, clock, terminal) is a field here, so that a test can stand in
for it; a passphrase is asked for only on a terminal and is never taken from arguments or the environment.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from meshcoal.errors import BadArgument, Locked, MalformedCommand, WrongPassphrase

if TYPE_CHECKING:  # the API's records load the codec, which `--help` and `verify` do without
    from meshcoal.api.commands import Command
    from meshcoal.api.views import Notice
    from meshcoal.wire.record import Record

V = TypeVar("V", bound="Record")

ENDED = "The daemon has ended: nothing more will come."  # for whoever follows its notices
_ATTEMPTS: int = 3


class Daemon(Protocol):
    """The daemon, as far as the command line uses it."""

    def send(self, command: Command) -> Record:
        """The answer to one command. Raises `MeshcoalError`."""

    def notices(self) -> Iterator[Notice]:
        """Notices from now on, until the daemon ends."""

    def close(self) -> None:
        """Hang up."""


def _connect(home: Path, *, start: bool) -> Daemon:
    from meshcoal.cli.connection import connect

    return connect(home, start=start)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask_hidden(question: str) -> str:
    return str(click.prompt(question, hide_input=True, err=True))


@dataclass(slots=True)
class Session:
    """State of one run."""

    home_given: Path | None = None
    as_json: bool = False
    language: str | None = None  # of the interface; everything else here is English
    linear: bool | None = None  # the interface line by line; None: as chosen before, and as the terminal can
    connect: Callable[..., Daemon] = _connect
    now_ms: Callable[[], int] = _now_ms
    on_terminal: Callable[[], bool] = _on_terminal
    ask_hidden: Callable[[str], str] = _ask_hidden
    _daemon: Daemon | None = field(default=None, repr=False)

    @property
    def home(self) -> Path:
        """The home named by `--home`, else by the environment or the platform."""
        if self.home_given is not None:
            return self.home_given
        from meshcoal.home import default_home

        return default_home()

    def daemon(self, *, start: bool = True) -> Daemon:
        """The daemon of this home; started where none runs, unless `start` is false.

        Raises:
            DaemonUnreachable: none runs, and none was to be started or it did not come up.
        """
        if self._daemon is None:
            self._daemon = self.connect(self.home, start=start)
        return self._daemon

    def close(self) -> None:
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None

    def ask(self, command: Command, view: type[V]) -> V:
        """Send a command and return its answer; unlocks first where a person is there to ask.

        Raises:
            Locked: the vault is locked and nobody can be asked for the passphrase.
            MeshcoalError: whatever the daemon answered.
        """
        try:
            return self.ask_plainly(command, view)
        except Locked:
            if not self.on_terminal():
                raise Locked("The vault is locked: open it with `meshcoal unlock` first.") from None
        self.unlock()
        return self.ask_plainly(command, view)

    def ask_plainly(self, command: Command, view: type[V], *, start: bool = True) -> V:
        """Send a command and return its answer, asking nobody anything."""
        answer = self.daemon(start=start).send(command)
        if not isinstance(answer, view):
            raise MalformedCommand(
                "The daemon answered something that was not asked: is it another version?."
            )
        return answer

    def unlock(self) -> None:
        """Ask for the passphrase and open the vault; three attempts. Raises `WrongPassphrase`."""
        from meshcoal.api.commands import Unlock
        from meshcoal.api.views import StatusView
        from meshcoal.cli.output import say

        for attempt in range(1, _ATTEMPTS + 1):
            passphrase = self.ask_hidden("Passphrase")
            try:
                self.ask_plainly(Unlock(passphrase=passphrase), StatusView)
                return
            except WrongPassphrase:
                if attempt == _ATTEMPTS:
                    raise
                say("That is not the passphrase. Try again.", err=True)

    def show(self, view: object, for_people: Callable[[], None]) -> None:
        """Print an answer: as JSON where that was asked for, else in words."""
        if self.as_json:
            from meshcoal.cli.output import emit

            emit(view)
        else:
            for_people()

    def done(self, for_people: Callable[[], None], **more: Any) -> None:
        """Say that something was done which has nothing to show."""
        self.show({"done": True, **more}, for_people)

    def confirm(self, question: str, *, yes: bool, word: str = "yes") -> None:
        """Have something irreversible confirmed by typing a word.

        Raises:
            BadArgument: nobody is there to ask, and `--yes` was not given.
            click.Abort: the person typed something else.
        """
        if yes:
            return
        if not self.on_terminal():
            raise BadArgument("This cannot be undone, and there is no terminal to ask on: add --yes.")
        if click.prompt(question, default="", show_default=False, err=True).strip().casefold() != word:
            raise click.Abort
