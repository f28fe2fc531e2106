"""The client for those who wait: the command line, scripts, benchmarks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from meshcoal.api.commands import Command
from meshcoal.api.views import Notice
from meshcoal.client.connection import Client
from meshcoal.wire.record import Record


class BlockingClient:
    """`Client`, with a loop of its own. Not for use where a loop runs already. Close it when done."""

    def __init__(self, home: Path, *, patience_ms: int = 0) -> None:
        """Connects. Raises what `Client.connect` raises."""
        self._closed = False
        self._runner = asyncio.Runner()
        try:
            self._client = self._runner.run(Client.connect(home, patience_ms=patience_ms))
        except BaseException:
            self._runner.close()
            raise

    def send(self, command: Command) -> Record:
        """The daemon's view. Raises what `Client.send` raises."""
        return self._runner.run(self._client.send(command))

    def notices(self) -> Iterator[Notice]:
        """Subscribe, then yield notices until the daemon hangs up."""
        source = self._client.notices()

        async def following() -> Notice | None:
            return await anext(source, None)

        while (notice := self._runner.run(following())) is not None:
            yield notice

    def close(self) -> None:
        """Hang up. Again is allowed."""
        if not self._closed:
            self._closed = True
            self._runner.run(self._client.close())
            self._runner.close()

    def __enter__(self) -> BlockingClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
