"""The process that serves pages to a web browser: started when asked for, spoken to by lines, ended with us.

Law: it is off until somebody asks. It holds none of our keys: it is a client of the local socket. An address
that lets a browser in is handed to whoever asked and kept nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from meshcoal.api.browser import BrowserView
from meshcoal.errors import NoBrowserView
from meshcoal.net.processes import ended

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 3.0


class Showing:
    """At most one such process."""

    def __init__(self, home: Path, *, note: Callable[[str], None]) -> None:
        self._home = home
        self._note = note
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self._language = ""

    async def start(self, language: str) -> BrowserView:
        """Start it where it does not run, and have it let one browser in. Raises `NoBrowserView`.

        `language`: a code of the interface's; where it runs in another, it begins anew. Empty: any.
        """
        async with self._turn:
            if language and language != self._language:
                await self._end()
            if not self._runs():
                await self._launch(language)
            words = await self._asked("token")
            if len(words) != 2:
                raise NoBrowserView("The pages for a web browser ended at once. Ask for them again.")
            token, until_ms = words
            return BrowserView(
                running=True,
                address=f"http://127.0.0.1:{self._port}/{token}",
                until_ms=int(until_ms),
            )

    async def show(self) -> BrowserView:
        """Whether it runs, and whether somebody is in."""
        async with self._turn:
            words = await self._asked("standing") if self._runs() else []
            if len(words) != 2:
                return BrowserView(running=False)
            return BrowserView(running=True, entered=words[0] == "1", until_ms=int(words[1]))

    async def stop(self) -> BrowserView:
        """End it. Not running is fine too."""
        async with self._turn:
            await self._end()
            return BrowserView(running=False)

    def _runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _launch(self, language: str) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "meshcoal.browser", str(self._home), language,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the daemon, which ends it
            )  # fmt: skip
        except OSError as exc:
            raise NoBrowserView(f"The pages for a web browser cannot be started: {exc.strerror}.") from exc
        words = await self._answer("ready")
        if len(words) != 1:
            await self._end()
            raise NoBrowserView("The pages for a web browser did not come up. `daemon.log` may say why.")
        self._port = int(words[0])
        self._language = language
        self._note("browser started")

    async def _asked(self, what: str) -> list[str]:
        assert self._process is not None, "asked only while it runs"
        assert self._process.stdin is not None, "a pipe"
        with contextlib.suppress(OSError):  # it has ended, which the answer tells
            self._process.stdin.write(f"{what}\n".encode())
            await self._process.stdin.drain()
        return await self._answer(what)

    async def _answer(self, what: str) -> list[str]:
        """The words behind `what`, of the next line that begins with it; none where it ended."""
        assert self._process is not None, "asked only while it runs"
        assert self._process.stdout is not None, "a pipe"
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while line := (await self._process.stdout.readline()).decode("ascii", "replace"):
                    head, _, rest = line.strip().partition(" ")
                    if head == what:
                        return rest.split(" ")
                    self._note(rest if head == "note" else f"browser {rest}")
        except TimeoutError:
            self._note("browser silent")
        return []

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        await ended(process, STOP_TIMEOUT_S)
