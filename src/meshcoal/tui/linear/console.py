"""Linear mode's terminal: lines in, lines out, nothing else.

Law: what is written holds no escape sequence; the terminal keeps its own line editing, so that whatever reads
it out reads what is typed. Only its echo is switched off while a secret is typed, and always comes back.
"""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from meshcoal.tui.linear.words import harmless

READ_BYTES: Final = 65_536
LINE_BYTES_MAX: Final = 1_048_576  # a line that never ends fills no memory
IN: Final = 0
OUT: Final = 1


class Console:
    """Standard input and output. Lines wait in a queue; None stands for the end."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._begun = b""
        self._prompt = ""
        self.ended = False

    def impatient(self) -> bool:
        """Whether somebody pressed Enter instead of waiting, or left; takes that Enter."""
        if self.ended:
            return True
        if self.lines.empty():
            return False
        line = self.lines.get_nowait()
        if line:  # typed ahead: it waits for its turn, in its place
            waiting = [line, *[self.lines.get_nowait() for _one in range(self.lines.qsize())]]
            for one in waiting:
                self.lines.put_nowait(one)
        return not line

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Read while this lasts."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end)
        try:
            try:
                loop.add_reader(IN, self._read)
            except PermissionError:  # a file on a disk is always ready, and cannot be waited for
                while not self.ended:
                    self._read()
            yield
        finally:
            if not self.ended:
                loop.remove_reader(IN)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def tell(self, lines: list[str]) -> None:
        """Write these."""
        before = "\n" if self._prompt else ""
        self._write(before + "".join([f"{harmless(line)}\n" for line in lines]))
        if self._prompt:
            self._write(self._prompt)

    async def ask(self, prompt: str, *, secret: bool) -> str | None:
        """The next line; None at the end of the input, or when somebody pressed Ctrl+C."""
        self._prompt = harmless(prompt)
        try:
            # Before the question: who answers at once, or pastes, must find the echo switched off already.
            with self._unseen() if secret else _as_it_is():
                self._write(self._prompt)
                line = await self.lines.get()
        finally:
            self._prompt = ""
        if secret or line is None:
            self._write("\n")  # the one that was typed was not echoed
        return line

    def _read(self) -> None:
        try:
            data = os.read(IN, READ_BYTES)
        except OSError:  # the terminal is gone
            data = b""
        if not data or len(self._begun) > LINE_BYTES_MAX:
            if self._begun and not data:
                self.lines.put_nowait(self._begun.decode("utf-8", "replace"))
            self._end()
            return
        *whole, self._begun = (self._begun + data).split(b"\n")
        for line in whole:
            self.lines.put_nowait(line.removesuffix(b"\r").decode("utf-8", "replace"))

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            try:
                asyncio.get_running_loop().remove_reader(IN)
            finally:
                self.lines.put_nowait(None)

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        while data:
            try:
                data = data[os.write(OUT, data) :]
            except OSError:  # nobody reads any more
                self._end()
                return

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        if not os.isatty(IN):
            yield
            return
        before = termios.tcgetattr(IN)
        hidden = list(before)
        hidden[3] &= ~termios.ECHO
        termios.tcsetattr(IN, termios.TCSADRAIN, hidden)
        try:
            yield
        finally:
            termios.tcsetattr(IN, termios.TCSADRAIN, before)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
