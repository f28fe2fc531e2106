"""What the interface needs of a rehearsal: six nodes on this machine, and somebody who says what is next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

from meshcoal.rehearsal.coach import CoachLine as CoachLine
from meshcoal.rehearsal.coach import parts_of
from meshcoal.tui.locale import _


def in_words(text: str) -> str:
    """A line of the rehearsal in the user's language: marked where it was made, translated here."""
    said = []
    for sentence, gaps in parts_of(text):
        filled = {key: _(value) if isinstance(value, str) and value else value for key, value in gaps}
        said.append((_(sentence) % filled if filled else _(sentence)) if sentence else "")
    return " ".join(said)


class RehearsalDriver(Protocol):
    """Starts the nodes, plays the others, ends everything. `meshcoal.rehearsal.driver.Driver` is one."""

    async def start(self, progress: Callable[[str, int, int], None]) -> Path:
        """Start all nodes; answers the home of the user's node, unlocked. `progress(what, done, total)`."""
        ...

    def steps(self) -> AsyncIterator[CoachLine]:
        """Lines for the user as the case unfolds; the last has `done == total`."""
        ...

    async def stop(self) -> None:
        """End all nodes and erase their homes."""
        ...
