"""Starts the daemon of a home where none runs.

Law: the daemon outlives who started it, keeps none of their files and no terminal, and says through a pipe
whether it came up, so that a failure reaches the person as its own sentence.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from meshcoal.client.connection import RETRY_MAX_MS, RETRY_MIN_MS, absent
from meshcoal.errors import AlreadyRunning, DaemonUnreachable, by_code
from meshcoal.home import socket_path

START_TIMEOUT_MS: Final = 30_000
_WORD_BYTES_MAX: Final = 4_096


def ensure_daemon(
    home: Path,
    listen: str | None = None,
    paths: str | None = None,
    *,
    lines: tuple[str, ...] = (),
    timeout_ms: int = START_TIMEOUT_MS,
) -> None:
    """Return once a daemon of `home` answers; start it first where none does.

    Waits; in an event loop call it through `asyncio.to_thread`.

    Args:
        listen: `host:port` for a daemon that has to be started; None: where it listened last time.
        paths: `tor` or `any`, for a daemon that has to be started; None: as it was.
        lines: serial lines likewise; none: as it was.

    Raises:
        DaemonUnreachable: it did not come up in time, or ended without a word.
        MeshcoalError: why it did not come up, in its own words.
    """
    if answers(home):
        return
    until = time.monotonic() + timeout_ms / 1000
    try:
        _start(home, listen, paths, lines, until)
    except AlreadyRunning:
        _await_other(home, until)


def answers(home: Path) -> bool:
    """Whether something accepts connections at the socket of `home`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(socket_path(home)))
        except OSError:
            return False
    return True


def _start(home: Path, listen: str | None, paths: str | None, lines: tuple[str, ...], until: float) -> None:
    ready, told = os.pipe()
    try:
        # -P: the folder somebody happens to stand in is no place to take code from.
        arguments = [sys.executable, "-P", "-m", "meshcoal.daemon", "--home", str(home.absolute())]
        arguments += ["--detach", "--ready-fd", str(told)]
        if listen is not None:
            arguments += ["--listen", listen]
        if paths is not None:
            arguments += ["--paths", paths]
        for line in lines:
            arguments += ["--line", line]
        try:
            starter = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(told,),
            )
        finally:
            os.close(told)
        word = _word(ready, until)
        starter.wait()  # it splits off the daemon and ends
    finally:
        os.close(ready)
    if word == "ready":
        return
    code, _, sentence = word.removeprefix("error ").partition(" ")
    if not sentence:
        raise DaemonUnreachable(
            "The daemon did not start. Run `meshcoal daemon run` to see why; `daemon.log` in the home "
            "may say more."
        )
    raise by_code(code)(sentence)


def _word(ready: int, until: float) -> str:
    """What the daemon says: `ready`, or `error CODE SENTENCE`; empty if it ends or takes too long."""
    said = b""
    while not said.endswith(b"\n") and len(said) < _WORD_BYTES_MAX:
        if not select.select([ready], [], [], max(0.0, until - time.monotonic()))[0]:
            return ""
        data = os.read(ready, _WORD_BYTES_MAX)
        if not data:
            return ""
        said += data
    return said.decode(errors="replace").strip()


def _await_other(home: Path, until: float) -> None:
    # Somebody else started it in the same moment, and it is not listening yet.
    wait_s = RETRY_MIN_MS / 1000
    while not answers(home):
        if time.monotonic() >= until:
            raise absent()
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, RETRY_MAX_MS / 1000)
