"""The daemon's process: one a home, started and ended cleanly, leaving no traces of secrets behind.

Law: a home has one daemon, held by a lock that dies with it. It writes no core dump and lets nobody trace it.
Asserts are part of the program: it does not start without them, and a failed one ends it (exit code 70)
before anything else is written or sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from meshcoal import __version__
from meshcoal.daemon.backing import Backing, HomeBacking
from meshcoal.daemon.journal import Journal, silence_libraries
from meshcoal.daemon.keeper import Keeper
from meshcoal.daemon.lines import LineChoice, kept_lines
from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.paths import PathsFile
from meshcoal.daemon.server import ApiServer
from meshcoal.errors import AlreadyRunning, ReadOnly, Unsupported
from meshcoal.hardening import harden
from meshcoal.home import is_mine, socket_path

LOCK_NAME: Final = "lock"
BUG_EXIT_CODE: Final = 70  # EX_SOFTWARE of sysexits.h


def run(
    home: Path,
    *,
    listen: str | None = None,
    only_tor: bool | None = None,
    lines: tuple[str, ...] | None = None,
    ready: Callable[[], None] = lambda: None,
    backing: Callable[[Path], Backing] = HomeBacking,
    leash: int | None = None,
) -> int:
    """Be the daemon of `home` until told to stop.

    Args:
        listen: `host:port` to accept links on, from now on; None: where it was last, first on loopback.
        only_tor: use nothing but Tor from now on, or plain addresses as well; None: as it was.
        lines: serial lines to use from now on (`daemon.lines.parse_line`); None: as it was.
        ready: called once clients are served.
        backing: what stands behind the passphrase; another one serves tests.
        leash: descriptor of a pipe's reading end; when the other end is closed, as by the death of whoever
            holds it, the daemon ends cleanly.

    Returns:
        The exit code: 0, or 70 after a bug, whose place `daemon.log` tells.

    Raises:
        AlreadyRunning: the home has a daemon.
        BadArgument: `listen` is not `host:port`, or a line is not spelled as one.
        DaemonUnreachable: the local socket cannot be made.
        ReadOnly: the home cannot be written, or is not the user's own.
        Unsupported: Python runs without asserts, or OpenSSL is too old.
    """
    if not __debug__:
        raise Unsupported("meshcoal does not run under `python -O`: its checks are part of it.")
    home = home.absolute()
    harden()
    silence_libraries()
    _prepare(home)
    with _held(home), contextlib.closing(_journal(home)) as journal:
        daemon = Daemon(
            home,
            backing=backing(home),
            listen=ListenAddress(home, listen),
            paths=PathsFile(home, only=only_tor),
            lines=kept_lines(home, lines),
            note=journal.note,
        )
        journal.note(f"started {__version__}")
        try:
            asyncio.run(daemon.serve(ready, on_bug=journal.bug, leash=leash))
        except Exception as exc:
            refusal = daemon.refusal
            if refusal is not None:
                raise refusal from exc
            journal.bug(exc)
            return BUG_EXIT_CODE
        journal.note("stopped")
    return 0


class Daemon:
    """Everything the process does, without the process around it."""

    def __init__(
        self,
        home: Path,
        *,
        backing: Backing,
        listen: ListenAddress,
        paths: PathsFile,
        lines: tuple[LineChoice, ...] = (),
        note: Callable[[str], None],
    ) -> None:
        self._home = home
        self._backing = backing
        self._listen = listen
        self._paths = paths
        self._lines = lines
        self._note = note
        self.refusal: Exception | None = None  # why it could not start

    async def serve(
        self,
        ready: Callable[[], None],
        *,
        on_bug: Callable[[BaseException], None] | None = None,
        leash: int | None = None,
    ) -> None:
        """Serve clients until a signal, `StopDaemon`, or the end of the leash."""
        loop = asyncio.get_running_loop()
        if on_bug is not None:
            loop.set_exception_handler(lambda _, context: on_bug(context.get("exception") or RuntimeError()))
        async with asyncio.TaskGroup() as tasks:
            server = ApiServer(socket_path(self._home), version=__version__, tasks=tasks)
            keeper = Keeper(
                home=self._home,
                backing=self._backing,
                paths=self._paths,
                listen=self._listen,
                lines=self._lines,
                version=__version__,
                process=os.getpid(),
                now_ms=now_ms,
                tasks=tasks,
                publish=server.publish,
                note=self._note,
            )
            try:
                await server.open(keeper)
            except Exception as exc:
                self.refusal = exc
                raise
            with _signals(loop, keeper.stopping.set), _leashed(loop, leash, keeper.stopping.set):
                ready()
                await keeper.stopping.wait()
                await keeper.close()
                await server.close()


def now_ms() -> int:
    """Unix time in milliseconds: the only clock the core ever hears of."""
    return time.time_ns() // 1_000_000


def _prepare(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_uid == os.getuid():
            home.chmod(0o700)
    except OSError as exc:
        raise ReadOnly(f"The home cannot be made or written: {exc.strerror}.") from exc
    if not is_mine(home):
        raise ReadOnly("The home is a link, or a folder of somebody else. Choose a folder of your own.")


def _journal(home: Path) -> Journal:
    try:
        return Journal(home)
    except OSError as exc:
        raise ReadOnly(f"Nothing can be written in the home: {exc.strerror}.") from exc


@contextlib.contextmanager
def _held(home: Path) -> Iterator[None]:
    try:
        descriptor = os.open(home / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise ReadOnly(f"Nothing can be written in the home: {exc.strerror}.") from exc
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise AlreadyRunning(
                "A daemon runs for this home already. Stop it, or use another home."
            ) from exc
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _leashed(loop: asyncio.AbstractEventLoop, leash: int | None, stop: Callable[[], None]) -> Iterator[None]:
    if leash is None:
        yield
        return

    def pulled() -> None:
        # A pipe is readable at its end as well; whatever is written into it means nothing.
        if not os.read(leash, 4_096):
            loop.remove_reader(leash)
            stop()

    loop.add_reader(leash, pulled)
    try:
        yield
    finally:
        loop.remove_reader(leash)
