"""How the interface is started: `run(home)`. Everything slow to import waits until it is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from meshcoal.tui.app import Carried, MeshcoalApp
    from meshcoal.tui.rehearsal import RehearsalDriver
    from meshcoal.tui.session import ClientLike

LINEAR: Final = "linear"  # of the setting


def connector(own: Path) -> Callable[[Path], Awaitable[ClientLike]]:
    """Connects to the daemon of a home; that of `own` is started where none runs.

    Any other home is a rehearsal's, and whoever started its daemon ends it: one that was started in its
    place would outlive the rehearsal, and bring back what was erased.
    """

    async def connect(home: Path) -> ClientLike:
        import asyncio

        from meshcoal.client.autostart import ensure_daemon
        from meshcoal.client.connection import Client

        if home == own:
            await asyncio.to_thread(ensure_daemon, home)
        return await Client.connect(home)

    return connect


def terminal_gone() -> bool:
    """Whether the terminal was closed. A hang-up is also a signal, but not every terminal sends it."""
    import select

    poll = select.poll()
    poll.register(0, select.POLLHUP)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _fd, event in poll.poll(0))


def run_app(app: MeshcoalApp) -> int:
    """Let it run until it closes; returns the exit code.

    Where its terminal is gone, what was still to be written goes nowhere: Python would fail to write it when
    it ends, and end with a code of its own.
    """
    import os

    from meshcoal.tui import bidi
    from meshcoal.tui.app import TERMINAL_GONE_EXIT_CODE

    turns = bidi.mode() is not bidi.Mode.TERMINAL
    if turns:
        os.write(1, bidi.EXPLICIT)
    app.run()
    if turns and app.return_code != TERMINAL_GONE_EXIT_CODE:
        os.write(1, bidi.IMPLICIT)
    if app.return_code == TERMINAL_GONE_EXIT_CODE:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for standard in (1, 2):
            os.dup2(nowhere, standard)
        os.close(nowhere)
    return app.return_code or 0


def _run_line_by_line(app: MeshcoalApp, said_first: str) -> int:
    from meshcoal.tui.linear.app import LinearApp, run_linear

    assert isinstance(app, LinearApp), "made so above"
    return run_linear(app, said_first=said_first)


def line_by_line(asked: bool | None, kept: str, environment: Mapping[str, str]) -> bool:
    """Whether to speak in lines: as asked now, as chosen before, or since the terminal can do no more."""
    from meshcoal.tui.linear.plain_terminals import is_plain

    if asked is not None:
        return asked
    return kept == LINEAR or is_plain(environment)


def forget() -> None:
    """Have every file of the interface imported anew: tables of words are made when a file is imported.

    What runs keeps the files it has; only what is imported from now on is new.
    """
    import sys

    for name in [one for one in sys.modules if f"{one}.".startswith("meshcoal.tui.")]:
        del sys.modules[name]


def run(
    home: Path,
    *,
    rehearse: bool = False,
    rehearsal: Callable[[], RehearsalDriver] | None = None,
    language: str | None = None,
    chance: Callable[[int], bytes] | None = None,
    linear: bool | None = None,
) -> int:
    """Open the interface; returns the exit code when it closes.

    Args:
        home: the user's home, see `meshcoal.home`.
        rehearse: go straight to the rehearsal.
        rehearsal: makes what "Rehearse" starts; without it only the real thing is offered.
        language: what to speak, whatever was chosen before; None to go by that.
        chance: so many bytes that nobody can foresee; without it no passphrase is suggested.
        linear: line by line instead of drawn; None to go by what was chosen, and by the terminal.

    Raises:
        BadArgument: the interface does not speak `language`.
    """
    import os

    surroundings = dict(os.environ)  # Textual takes NO_COLOR out of it
    driver = rehearsal() if rehearsal is not None else None
    state: Carried | None = None
    kept = ""
    while True:
        # In this order, and anew each time round: see `forget`.
        from meshcoal.tui import bidi, locale
        from meshcoal.tui.locale.tongues import chosen
        from meshcoal.tui.settings import read_settings

        settings, broken = read_settings(home)
        given = language if state is None else None
        locale.speak(chosen(given, settings.language, os.environ))
        if state is not None and settings.linear != kept:
            linear = None  # somebody has chosen since they asked
        kept = settings.linear
        by_line = line_by_line(linear, kept, os.environ)
        bidi.begin(bidi.Mode.TERMINAL if by_line else bidi.mode_of(settings.bidi, os.environ))

        from meshcoal.tui.app import MeshcoalApp

        said_first = ""
        kind = MeshcoalApp
        if by_line:
            from meshcoal.tui.linear.app import LinearApp, why

            kind = LinearApp
            if state is None:
                said_first = why(chosen=bool(linear) or settings.linear == LINEAR)
        app = kind(
            home,
            connector(home),
            rehearsal=driver,
            rehearse=rehearse,
            chance=chance,
            terminal_gone=None if by_line else terminal_gone,
            carried=state,
            settings_broken=broken,
            surroundings=surroundings,
        )
        code = _run_line_by_line(app, said_first) if by_line else run_app(app)
        state = app.to_carry
        if state is None:
            return code
        forget()
