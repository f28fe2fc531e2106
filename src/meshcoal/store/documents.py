"""Writes and erases documents: small values under a key in a named space.

Law: a later write to the same key wins, also inside one batch; an erased value leaves nothing behind in
the file once the log has been moved into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.log.changes import EraseDocument, PutDocument
from meshcoal.store.database import Database

SPACE_CHARS_MAX: Final = 32

_PUT: Final = "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_ERASE: Final = "DELETE FROM documents WHERE space = ? AND key = ?"


def check_space(space: str) -> None:
    """A space is named by the core, never by a person: anything else is a bug."""
    assert 0 < len(space) <= SPACE_CHARS_MAX, "a space has 1 to 32 characters"
    assert space.isascii(), "a space has ASCII letters"


class Documents:
    """The writing half of the documents' table. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
