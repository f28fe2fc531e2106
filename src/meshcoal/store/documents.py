"""Writes and erases documents: small values under a key in a named space.

Law: a later write to the same key wins, also inside one batch. An erased value is gone from the table with
its step; copies that SQLite left in unused bytes go with it too while there is little to rewrite, and else
within `POSTPONED_STEPS_MAX` steps that erase, at closing, or at the next opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.log.changes import EraseDocument, PutDocument
from meshcoal.store.database import Database

SPACE_CHARS_MAX: Final = 32
SMALL_BYTES: Final = 256 * 1024  # rewriting this much takes some 8 ms
POSTPONED_STEPS_MAX: Final = 64
_ROW_BYTES: Final = 16  # what a row takes beside its key and value, roughly

_PUT: Final = "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_ERASE: Final = "DELETE FROM documents WHERE space = ? AND key = ?"

# Temporary tables live in memory only (temp_store).
_REWRITE: Final = (
    "CREATE TEMPORARY TABLE held AS SELECT * FROM documents",
    "DELETE FROM documents",
    "INSERT INTO documents SELECT * FROM held ORDER BY space, key",
    "DROP TABLE held",
)


def check_space(space: str) -> None:
    """A space is named by the core, never by a person: anything else is a bug."""
    assert 0 < len(space) <= SPACE_CHARS_MAX, "a space has 1 to 32 characters"
    assert space.isascii(), "a space has ASCII letters"


class Documents:
    """The writing half of the documents' table. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._size_bytes: int | None = None  # until it matters; then this or somewhat less
        self._steps_postponed = 0

    def write(self, changes: Sequence[PutDocument | EraseDocument]) -> None:
        """Applies puts and erasures in the order given."""
        # Only the last word on a key counts, and what is never written need not be erased.
        last = {(change.space, change.key): change for change in changes}
        puts = []
        erasures = []
        for change in last.values():
            check_space(change.space)
            if isinstance(change, PutDocument):
                puts.append((change.space, change.key, change.value))
            else:
                erasures.append((change.space, change.key))
        self._database.write_many(_PUT, puts)
        self._database.write_many(_ERASE, erasures)
        if self._size_bytes is not None:  # replaced values count twice until the next rewrite
            self._size_bytes += sum(_ROW_BYTES + len(key) + len(value) for _, key, value in puts)

    def clean_up(self) -> bool:
        """At the end of a step that erased: rewrites, or postpones that where it would take long.

        Returns:
            False if it was postponed.
        """
        self._steps_postponed += 1
        if self._size_bytes is None:
            self._size_bytes = self._measure()
        if self._size_bytes > SMALL_BYTES and self._steps_postponed < POSTPONED_STEPS_MAX:
            return False
        self.rewrite()
        return True

    def rewrite(self) -> None:
        """Writes all documents anew, so that no trace of an erased one stays between them.

        secure_delete wipes a row where it stands, but SQLite moves rows from page to page as a table grows
        and shrinks, and leaves copies in the unused middle of a page. Emptying the table wipes whole pages.
        """
        for sql in _REWRITE:
            self._database.write(sql)
        self._size_bytes = self._measure()
        self._steps_postponed = 0

    def _measure(self) -> int:
        found = self._database.row(
            "SELECT coalesce(sum(length(key) + length(value) + ?), 0) FROM documents", (_ROW_BYTES,)
        )
        assert found is not None
        return int(found[0])
