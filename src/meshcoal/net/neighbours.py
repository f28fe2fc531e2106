"""Everybody within reach without an address: the local network, and lines to whoever is at their other end.

Law: all of them say the same, and are silent together. A line that cannot be opened, or ends, is tried again
every few seconds while it is wanted. Whoever was seen over a line is dialled over it, and over no other; a
name of a line that a peer tells leads nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from meshcoal.errors import BadArgument, DialFailed
from meshcoal.net.lan import Lan, Watcher
from meshcoal.net.line import Bytes, Line
from meshcoal.net.link import Sink, Tasks
from meshcoal.wire.path import LINE_HINT

OPENED_AGAIN_S: Final = 5.0
_LINE: Final = LINE_HINT

NewLine = Callable[[Bytes, Callable[[bytes], None]], Line]


class Dial(Protocol):
    """As `net.dialer.Dialer.dial`."""

    async def __call__(self, dial: int, hint: str, apart: bytes, /) -> None: ...


class Neighbours:
    """The local network and all lines of one node."""

    def __init__(
        self,
        *,
        lan: Lan,
        lines: Mapping[str, Callable[[], Bytes]],
        new_line: NewLine,
        watcher: Watcher,
        sink: Sink,
        tasks: Tasks,
        dial: Dial,
    ) -> None:
        """`lines`: how to open each; raises `OSError`, `BadArgument`. `dial`: where it is no line."""
        self._lan = lan
        self._openers = dict(lines)
        self._new_line = new_line
        self._watcher = watcher
        self._sink = sink
        self._tasks = tasks
        self._dial = dial
        self._said = b""
        self._lines: dict[str, Line] = {}
        self._keepers: list[asyncio.Task[None]] = []

    def announce(self, data: bytes) -> None:
        """Say this everywhere from now on."""
        self._said = data
        self._lan.announce(data)
        if not self._lan.allowed:
            return
        if not self._keepers:
            self._keepers = [self._tasks.create_task(self._keep(name)) for name in self._openers]
        for line in self._lines.values():
            line.announce(data)

    def hush(self) -> None:
        """Nothing is said any more. Links go on."""
        self._said = b""
        self._lan.hush()
        for line in self._lines.values():
            line.announce(b"")

    def restrict(self, *, allowed: bool) -> None:
        """Whether any of this may be used; where not, links over lines end."""
        self._lan.allowed = allowed
        if not allowed:
            self.hush()
            for line in list(self._lines.values()):
                line.close()

    def lan_failed(self, code: str) -> None:
        """The local network cannot be used: that is told where no line stands either."""
        if self._lines:
            self._watcher.began()
        else:
            self._watcher.failed(code)

    async def dial(self, dial: int, hint: str, apart: bytes = b"") -> None:
        """Open a link to where somebody was seen, or to an address; `apart` as in `net.dialer`."""
        if not hint.startswith(_LINE):
            await self._dial(dial, hint, apart)
            return
        line = self._lines.get(hint.removeprefix(_LINE))
        if line is None:
            self._sink.dial_failed(dial, DialFailed.code)
        else:
            await line.dial(dial)

    async def close(self) -> None:
        """Silence, and the end of all lines."""
        await self._lan.close()
        for keeper in self._keepers:
            keeper.cancel()
        for line in list(self._lines.values()):
            line.close()

    async def _keep(self, name: str) -> None:
        """Open a line, carry it, and again when it ended."""
        while True:
            if self._lan.allowed:
                try:
                    stream = self._openers[name]()
                except (OSError, BadArgument):
                    pass  # not plugged in, or somebody else's: it is tried again
                else:
                    await self._carry(name, stream)
            await asyncio.sleep(OPENED_AGAIN_S)

    async def _carry(self, name: str, stream: Bytes) -> None:
        def sighted(data: bytes) -> None:
            self._watcher.sighted(data, (_LINE + name,))

        line = self._lines[name] = self._new_line(stream, sighted)
        try:
            if self._said:
                line.announce(self._said)
                self._watcher.began()
            await line.run()
        finally:
            del self._lines[name]
