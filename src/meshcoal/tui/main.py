"""How the interface is started: `run(home)`. Everything slow to import waits until it is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp
    from meshcoal.tui.rehearsal import RehearsalDriver
    from meshcoal.tui.session import ClientLike


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

    from meshcoal.tui.app import TERMINAL_GONE_EXIT_CODE

    app.run()
    if app.return_code == TERMINAL_GONE_EXIT_CODE:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for standard in (1, 2):
            os.dup2(nowhere, standard)
        os.close(nowhere)
    return app.return_code or 0


def run(home: Path, *, rehearse: bool = False, rehearsal: Callable[[], RehearsalDriver] | None = None) -> int:
    """Open the interface; returns the exit code when it closes.

    Args:
        home: the user's home, see `meshcoal.home`.
        rehearse: go straight to the rehearsal.
        rehearsal: makes what "Rehearse" starts; without it only the real thing is offered.
    """
    from meshcoal.tui.app import MeshcoalApp

    driver = rehearsal() if rehearsal is not None else None
    app = MeshcoalApp(home, connector(home), rehearsal=driver, rehearse=rehearse, terminal_gone=terminal_gone)
    return run_app(app)
