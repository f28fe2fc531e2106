"""The process that serves pages: started by the daemon, ended with it.

Law: it holds no key and opens no file of the vault: all it knows it asks through the local socket, as every
client. What it says to the daemon is one line at a time: `ready PORT`, `token TOKEN UNTIL_MS`, `standing
ENTERED UNTIL_MS`, `note WORDS`. What it is told: `token`, `standing`; the end of that pipe ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from meshcoal.browser.gate import Gate
from meshcoal.browser.server import Pages
from meshcoal.client.connection import Client
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.errors import LocalError
from meshcoal.hardening import harden
from meshcoal.tui.session import ClientLike, Session

LOOK_S: Final = 5.0
_LINE_BYTES_MAX: Final = 1_024


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def serve(home: Path, *, told: int, tell: Callable[[str], None]) -> None:
    """Serve pages until nobody has a use for them, or the daemon lets go.

    Args:
        told: descriptor of a pipe in which the daemon says what it wants.
        tell: says one line to the daemon.
    """

    async def connect() -> ClientLike:
        return await Client.connect(home)

    session = Session(connect)
    pages = Pages(
        gate=Gate(OsEntropy()),
        session=session,
        now_ms=now_ms,
        note=lambda line: tell(f"note {line}"),
    )
    _silence(tell)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, pages.over.set)
    await pages.door.open()
    tell(f"ready {pages.door.port}")
    try:
        async with asyncio.TaskGroup() as tasks:
            aside = [
                tasks.create_task(_listen(told, pages, tell)),
                tasks.create_task(_look(pages)),
                tasks.create_task(pages.watch()),
            ]
            await pages.over.wait()
            for task in aside:
                task.cancel()
    finally:
        await pages.door.close()
        await session.close()


async def _listen(told: int, pages: Pages, tell: Callable[[str], None]) -> None:
    """Do what the daemon says, until it lets go."""
    reader = asyncio.StreamReader(limit=_LINE_BYTES_MAX)
    pipe = os.fdopen(told, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    while line := (await reader.readline()).decode("ascii", "replace").strip():
        at_ms = now_ms()
        if line == "token":
            token, until_ms = pages.gate.new_token(at_ms)
            tell(f"token {token} {until_ms}")
        elif line == "standing":
            tell(f"standing {int(pages.gate.entered)} {pages.gate.waiting_until_ms(at_ms)}")
    pages.over.set()


async def _look(pages: Pages) -> None:
    """End when pages have no use any more. The first address is asked for at once, so not before a look."""
    while True:
        await asyncio.sleep(LOOK_S)
        if pages.gate.is_over(now_ms(), locked=pages.locked):
            pages.over.set()


class _Places(logging.Handler):
    """Of an error that a library caught: its class and where it was, and nothing that was in it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        where = "unknown"
        kind = "error"
        if record.exc_info and record.exc_info[1] is not None:
            kind = type(record.exc_info[1]).__name__
            trace = record.exc_info[2]
            while trace is not None:
                where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
                trace = trace.tb_next
        self._tell(f"note browser bug {kind} {where}")


def _silence(tell: Callable[[str], None]) -> None:
    root = logging.getLogger()
    root.handlers = [_Places(tell)]
    root.setLevel(logging.ERROR)
    logging.raiseExceptions = False


def run(home: Path) -> int:
    """Be the process; returns its exit code. Standard input and output are the two pipes."""
    harden()
    said = os.dup(1)
    told = os.dup(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # a library that writes there writes nowhere
        os.dup2(nowhere, standard)
    os.close(nowhere)

    def tell(line: str) -> None:
        with contextlib.suppress(OSError):  # the daemon has gone
            os.write(said, f"{line}\n".encode())

    try:
        asyncio.run(serve(home, told=told, tell=tell))
    except OSError as exc:
        tell(f"note browser no-port {exc.errno}")
        return LocalError.exit_code
    return 0
