"""Reaches the daemon of a home: the only place where the command line loads the client."""

from __future__ import annotations

from pathlib import Path

from meshcoal.cli.session import Daemon
from meshcoal.client.autostart import ensure_daemon
from meshcoal.client.blocking import BlockingClient


def connect(home: Path, *, start: bool) -> Daemon:
    """A connection to the daemon of `home`; started where none runs, unless `start` is false.

    Raises:
        DaemonUnreachable: none runs, and none was to be started or it did not come up.
        VersionMismatch: it is of another version.
    """
    if start:
        ensure_daemon(home)
    return BlockingClient(home)
