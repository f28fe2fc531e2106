"""A serial port as a stream of bytes: a cable between two machines, a radio modem, a pseudo-terminal.

Law: the port is put into raw mode and given back as it was. Reading and writing never block the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
import tty
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument

READ_BYTES: Final = 4_096
DEFAULT_BAUD: Final = 115_200


class SerialPort:
    """A `net.line.Bytes` over a device."""

    def __init__(self, device: Path, baud: int = DEFAULT_BAUD) -> None:
        """Raises `OSError`: it cannot be opened; `BadArgument`: it has no such speed, or is no terminal."""
        speed = getattr(termios, f"B{baud}", None)
        if speed is None:
            raise BadArgument("The serial port has no such speed. Usual ones are 9600, 57600 and 115200.")
        self._file = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            self._before = termios.tcgetattr(self._file)
            tty.setraw(self._file)
            settings = termios.tcgetattr(self._file)
            settings[4] = settings[5] = speed
            termios.tcsetattr(self._file, termios.TCSANOW, settings)
        except termios.error as exc:
            os.close(self._file)
            raise BadArgument("That is no serial port.") from exc
        self._open = True
        self._waiting: set[asyncio.Future[None]] = set()

    async def read(self) -> bytes:
        while self._open:
            try:
                return os.read(self._file, READ_BYTES)
            except BlockingIOError:
                await self._ready(writing=False)
        return b""

    async def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            if not self._open:
                raise BrokenPipeError
            try:
                left = left[os.write(self._file, left) :]
            except BlockingIOError:
                await self._ready(writing=True)

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._file)
        loop.remove_writer(self._file)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        with contextlib.suppress(termios.error):  # it may have been pulled out
            termios.tcsetattr(self._file, termios.TCSANOW, self._before)
        os.close(self._file)

    async def _ready(self, *, writing: bool) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        add, remove = (
            (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
        )

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        add(self._file, wake)
        self._waiting.add(ready)
        try:
            await ready
        finally:
            self._waiting.discard(ready)
            if self._open:
                remove(self._file)
