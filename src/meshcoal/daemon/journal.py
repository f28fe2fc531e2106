"""The daemon's log file: that it started, stopped or failed, and where in the code. Nothing else.

Law: no content, no names, no addresses, nothing a peer or a user wrote; not even the text of an exception,
which may quote them. Nothing of this reaches a terminal, which the interface paints on.
"""

from __future__ import annotations

import logging
import logging.handlers
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FILE_NAME: Final = "daemon.log"
FILE_BYTES_MAX: Final = 512 * 1024  # and as much again in the one before
_PLACES_MAX: Final = 12


class Journal:
    """Appends lines to `daemon.log` in the home. Close it at the end."""

    def __init__(self, home: Path) -> None:
        """Raises `OSError`: the file cannot be written."""
        self._file = logging.handlers.RotatingFileHandler(
            home / FILE_NAME, maxBytes=FILE_BYTES_MAX, backupCount=1, encoding="ascii", errors="replace"
        )
        (home / FILE_NAME).chmod(0o600)
        form = logging.Formatter("%(asctime)sZ %(message)s", "%Y-%m-%dT%H:%M:%S")
        form.converter = time.gmtime
        self._file.setFormatter(form)
        # A full disk must not end up as a traceback on a terminal.
        self._file.handleError = lambda record: None  # type: ignore[method-assign]

    def note(self, line: str) -> None:
        """One line: codes, numbers, short ids."""
        self._file.emit(logging.LogRecord("meshcoal", logging.INFO, "", 0, line, None, None))

    def bug(self, error: BaseException) -> None:
        """Where an unexpected exception came from: types, files and line numbers."""
        for one in _leaves(error):
            frames = traceback.extract_tb(one.__traceback__)[-_PLACES_MAX:]
            places = " ".join([f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames])
            self.note(f"bug {type(one).__name__} {places}")

    def close(self) -> None:
        self._file.close()


def silence_libraries() -> None:
    """Keep every library's log off the terminal: theirs name addresses, and show what strangers sent."""
    logging.lastResort = None
    root = logging.getLogger()
    root.handlers = [logging.NullHandler()]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
