"""Erases campaigns that are too large for one step, a slice at a time.

Law: from the step that erases a campaign on, nothing finds it or what was in it. Its rows go in slices, each
a transaction of its own, so that others get their turn in between, and a crash or a kill costs one slice at
most. How far it has come stands in the file: what goes is what hangs on a campaign without an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.ids import OperationId
from meshcoal.store.database import Database
from meshcoal.store.names import Names

SLICE_ROWS: Final = 1_000  # some 50 ms

_CHANNELS: Final = "(SELECT number FROM channels WHERE campaign = ?)"
_AUTHORS: Final = "(SELECT number FROM authors WHERE campaign = ?)"
_FILES: Final = "(SELECT number FROM files WHERE campaign = ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Operations of campaigns that are being erased."""

    done: int
    total: int


class Erasing:
    """The campaigns of one store that are going."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names
        self._total = 0
        self._left = 0
        self.going: tuple[int, ...] = ()
        self.reload()

    @property
    def progress(self) -> Progress:
        """How far it has come since the store was opened, or since nothing was left to be erased."""
        return Progress(done=self._total - self._left, total=self._total)

    def reload(self) -> None:
        """The store was opened, or a transaction undone: what goes is what the file says."""
        found = self._database.rows("SELECT number FROM campaigns WHERE typeof(id) = 'integer'")
        self.going = tuple([number for (number,) in found])
        self._left = self._total = sum(self._count(number) for number in self.going)

    def begin(self, campaign: bytes) -> bool:
        """In a step: erase a campaign, or the first slice of it. Whether nothing of it is left."""
        found = self._database.row("SELECT number FROM campaigns WHERE id = ?", (campaign,))
        if found is None:
            return True
        number = int(found[0])
        left = self._count(number)
        if self._slice(number, SLICE_ROWS):
            self._left += left  # of which all are gone
            return True
        # Under its own number it is found by nobody who asks by an id, which is bytes.
        self._database.write("UPDATE campaigns SET id = number WHERE number = ?", (number,))
        self.going = (*self.going, number)
        self._total += left
        self._left += left
        return False

    def make_way(self, operations: Sequence[bytes]) -> None:
        """In a step: these operations come anew, while the campaign that they were in is going."""
        if self.going:
            for operation in operations:
                row = self._names.row(OperationId(operation))
                if row is not None:
                    self._names.drop([row])
                    self._database.write("DELETE FROM operations WHERE row = ?", (row,))

    def slice(self) -> bool:
        """In a step of its own: erase a slice. Whether nothing is left to be erased."""
        assert self.going, "something is going"
        number = self.going[0]
        room = self._slice(number, SLICE_ROWS)
        if room:
            self.going = self.going[1:]
        if not self.going:
            self._left = self._total = 0
        return not self.going

    def _slice(self, number: int, room: int) -> int:
        """Erases rows of one campaign, `room` at most, and at last the campaign. Returns the room left."""
        said = self._rows(f"SELECT row FROM messages WHERE channel IN {_CHANNELS} LIMIT ?", number, room)  # noqa: S608
        self._delete("attached", said)
        room -= self._delete("messages", said)
        done = self._rows(f"SELECT row FROM marks WHERE channel IN {_CHANNELS} LIMIT ?", number, room)  # noqa: S608
        room -= self._delete("marks", done)
        chunks = self._rows(f"SELECT row FROM chunks WHERE file IN {_FILES} LIMIT ?", number, room)  # noqa: S608
        room -= self._delete("chunks", chunks)
        written = self._rows(f"SELECT row FROM operations WHERE author IN {_AUTHORS} LIMIT ?", number, room)  # noqa: S608
        self._names.drop([row for (row,) in written])
        self._delete("attached", written)  # of statements
        room -= self._delete("operations", written)  # bodies go with them
        self._left -= len(written)
        if room:
            self._database.write("DELETE FROM campaigns WHERE number = ?", (number,))
        return room

    def _rows(self, query: str, number: int, room: int) -> list[tuple[int]]:
        return [(int(row),) for (row,) in self._database.rows(query, (number, room))] if room else []

    def _delete(self, table: str, rows: list[tuple[int]]) -> int:
        self._database.write_many(f"DELETE FROM {table} WHERE row = ?", rows)  # noqa: S608
        return len(rows)

    def _count(self, number: int) -> int:
        found = self._database.row(f"SELECT count(*) FROM operations WHERE author IN {_AUTHORS}", (number,))  # noqa: S608
        assert found is not None
        return int(found[0])
