"""How a rehearsal is started. Everything slow to import waits until it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meshcoal.rehearsal.driver import Driver


def run_headless(*, keep: Path | None = None) -> int:
    """Play all parts without a terminal. Returns the exit code.

    Args:
        keep: an empty or new folder in which the six homes and the letter stay.
    """
    from meshcoal.rehearsal.headless import run

    return run(keep=keep)


def make_driver(*, keep: Path | None = None) -> Driver:
    """What the interface starts behind "Rehearse"."""
    from meshcoal.rehearsal.driver import Driver

    return Driver(keep=keep)
