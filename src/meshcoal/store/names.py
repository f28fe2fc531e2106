"""Which row an operation's id stands for: an index that is filled behind, in the order of its own keys.

Law: every operation in the table is found, in whichever step it came. Ids are chance, so that putting each
into a tree at once writes a page for each. They are held in memory until there are many, and go into the tree
sorted, a part of them with each step. What is not in the tree yet is read back when the store is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.ids import OperationId
from meshcoal.store.database import Database

FRESH_MAX: Final = 16_384  # then sorting begins; twice as many may be held while it lasts
_PART_LEAST: Final = 64  # put into the tree with each step, at the least; else twice what the step brought
_HANDLE_BYTES: Final = 8  # of an id: in the tree; who makes two with one handle finds both looked at


class Names:
    """Rows by ids. Call `add` and `settle` inside a transaction; after one is undone, `reload`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fresh: dict[bytes, int] = {}  # not all of it in the tree
        self._sorted: list[bytes] = []  # of these, which to put in next; last ones first
        self._sorted_to = 0  # the last row among these
        self._added = 0  # in this step
        self.reload()

    def reload(self) -> None:
        """What the file says: of a store that was opened, or where a step was undone."""
        self._sorted = []
        self._added = 0
        self._fresh = dict(
            self._database.rows(
                "SELECT id, row FROM operations WHERE row > (SELECT coalesce(max(row), 0) FROM named)"
            )
        )

    def row(self, operation: OperationId) -> int | None:
        """The row of an operation, or None if it is not held."""
        found = self._fresh.get(operation)
        if found is None:
            held = self._database.row(
                "SELECT o.row FROM names AS n JOIN operations AS o ON o.row = n.row "
                "WHERE n.handle = ? AND o.id = ?",
                (_handle(operation), operation),
            )
            found = None if held is None else int(held[0])
        return found

    def add(self, operation: OperationId, row: int) -> None:
        """An operation was put into a row, the highest so far."""
        self._fresh[operation] = row
        self._added += 1

    def settle(self, *, whole: bool = False) -> None:
        """The step ends: put a part of what waits into the tree.

        Args:
            whole: all of it.
        """
        if not self._sorted and (len(self._fresh) >= FRESH_MAX or (whole and self._fresh)):
            self._sorted = sorted(self._fresh, reverse=True)
            self._sorted_to = max(self._fresh.values())
        if self._sorted:
            count = len(self._sorted) if whole else max(_PART_LEAST, 2 * self._added)
            part, self._sorted = self._sorted[-count:], self._sorted[:-count]
            rows = [(_handle(one), self._fresh[one]) for one in reversed(part)]
            self._database.write_many("INSERT INTO names VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
            if not self._sorted:
                self._database.write("DELETE FROM named")
                self._database.write("INSERT INTO named VALUES (?)", (self._sorted_to,))
                last = self._sorted_to
                self._fresh = {one: row for one, row in self._fresh.items() if row > last}
        self._added = 0

    def finish(self) -> None:
        """Between steps: put all that waits into the tree, so that the next opening need not read it back."""
        while self._fresh:
            self._database.begin()
            self.settle(whole=True)
            self._database.commit()

    def drop(self, rows: Sequence[int]) -> None:
        """In a step: these rows are about to be removed, and their names with them."""
        gone = set()
        for row in rows:
            ((operation,),) = self._database.rows("SELECT id FROM operations WHERE row = ?", (row,))
            self._fresh.pop(operation, None)
            gone.add(operation)
            self._database.write("DELETE FROM names WHERE handle = ? AND row = ?", (_handle(operation), row))
        self._sorted = [one for one in self._sorted if one not in gone]


def _handle(operation: bytes) -> int:
    """The first bytes as a number: signed, as SQLite keeps numbers, so the upper half stands first."""
    return int.from_bytes(operation[:_HANDLE_BYTES], "big", signed=True)
