"""Writes and erases documents: small values under a key in a named space.

Law: a later write to the same key wins, also inside one batch. What is replaced or erased is gone from the
table with its step, and from unused bytes once `store.tidying` has written the table anew. Spaces that
`log.changes.LASTING_SPACES` names stand in a table of their own, where only erasing asks for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.log.changes import LASTING_SPACES, EraseDocument, PutDocument
from meshcoal.store.database import Database, Row

SPACE_CHARS_MAX: Final = 32
LASTING: Final = "documents"
SECRETS: Final = "secrets"


def table_of(space: str) -> str:
    """The table in which a space stands.

    A space is named by the core, never by a person: anything but 1 to 32 ASCII letters is a bug.
    """
    assert 0 < len(space) <= SPACE_CHARS_MAX, "a space has 1 to 32 characters"
    assert space.isascii(), "a space has ASCII letters"
    return LASTING if space in LASTING_SPACES else SECRETS


class Documents:
    """The writing half of the documents' tables. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, changes: Sequence[PutDocument | EraseDocument]) -> set[str]:
        """Applies puts and erasures in the order given. Returns the tables that now hold traces."""
        # Only the last word on a key counts, and what is never written need not be erased.
        last = {(change.space, change.key): change for change in changes}
        puts: dict[str, list[Row]] = {}
        erasures: dict[str, list[Row]] = {}
        for change in last.values():
            table = table_of(change.space)
            if isinstance(change, PutDocument):
                puts.setdefault(table, []).append((change.space, change.key, change.value))
            else:
                erasures.setdefault(table, []).append((change.space, change.key))
        # A table's name is one of two that are written in this file.
        for table, rows in puts.items():
            self._database.write_many(
                f"INSERT INTO {table} VALUES (?, ?, ?) "  # noqa: S608
                "ON CONFLICT DO UPDATE SET value = excluded.value",
                rows,
            )
        for table, rows in erasures.items():
            self._database.write_many(f"DELETE FROM {table} WHERE space = ? AND key = ?", rows)  # noqa: S608
        return {*erasures, *(table for table in puts if table == SECRETS)}
