"""Removes the traces that replaced and erased values leave in a store's two files.

Law: what was replaced or erased before a table was written anew, and the log cut after it, is in no page of
either file. What is still due stands in a table, so that a crash does not make us forget it.

secure_delete wipes a row where it stands. But SQLite moves rows from page to page as a table grows and
shrinks, and leaves copies in the unused middle of a page; and the write-ahead log holds pages as they were.
Emptying a table wipes whole pages; cutting the log to nothing takes the rest. A table too large for memory is
copied within the file meanwhile: pages that are freed are wiped as well.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import StoreError
from meshcoal.limits import MIB
from meshcoal.store import finding
from meshcoal.store.database import PAGE_BYTES, Database
from meshcoal.store.documents import LASTING, SECRETS

MESSAGES: Final = "messages"
MARKS: Final = "marks"
ATTACHED: Final = "attached"
COMPACT: Final = "compact"

SHARE_BYTES: Final = 1 * MIB  # a table waits one round for each of these: some 70 ms of work a round
ROUNDS_MAX: Final = 120  # but no longer than this
ASIDE_BYTES_MAX: Final = 8 * MIB  # a larger table is not copied to memory
WHOLE_BYTES_MAX: Final = 32 * MIB  # nobody waits at opening and closing for what is larger than this
_MESSAGE_BYTES: Final = 400  # a usual one, where they are only counted

# The order of rows in the file is that of their key, so that each table is filled from its end on.
_KEYS: Final = {SECRETS: "space, key", LASTING: "space, key", MESSAGES: "row", MARKS: "row", ATTACHED: "row"}
_SIZES: Final = {
    SECRETS: "length(key) + length(value) + 16",
    LASTING: "length(key) + length(value) + 16",
    MESSAGES: "length(CAST(text AS BLOB)) + 120",
    MARKS: "length(CAST(text AS BLOB)) + 120",
    ATTACHED: "length(encoded)",
}


class Tidying:
    """Keeps account of what is due in one store, and does it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due: set[str] = set()
        self._waited: dict[str, int] = {}
        self._size_bytes: dict[str, int] = {}  # when the table was last written anew
        self._log_is_cut = False
        self.reload()

    @property
    def due(self) -> frozenset[str]:
        """What is still to be written anew."""
        return frozenset(self._due)

    def note(self, names: set[str]) -> None:
        """In a step: these hold traces from now on."""
        self._log_is_cut = False
        for name in sorted(names - self._due):
            self._database.write("INSERT INTO chores VALUES (?) ON CONFLICT DO NOTHING", (name,))
            self._due.add(name)

    def reload(self) -> None:
        """A step was undone, or the store was opened: what is due is what the file says."""
        self._due = {name for (name,) in self._database.rows("SELECT name FROM chores")}

    def round(self, *, whole: bool) -> None:
        """Between steps: does what is due, or as much of it as one round bears.

        Raises `StoreError` only where the store cannot be used any longer: having no room for tidying up
        must not stop the work. What failed stays due.
        """
        if self._log_is_cut and not self._due:
            return
        try:
            names = sorted(self._due & _KEYS.keys())
            if whole:
                self._rewrite([name for name in names if self._size(name) <= WHOLE_BYTES_MAX])
            else:
                self._rewrite([name for name in names if self._is_turn(name)])
            if COMPACT in self._due and not (whole and self._file_bytes() > WHOLE_BYTES_MAX):
                # Many rows of many tables: only a fresh file is sure to hold nothing of them.
                self._empty_index()
                self._database.compact()
                self._database.write("DELETE FROM chores WHERE name = ?", (COMPACT,))
                self._due.discard(COMPACT)
            self._database.checkpoint()
            self._log_is_cut = True
        except StoreError:
            if self._database.closed:
                raise
            self._database.rollback()
            self.reload()

    def _empty_index(self) -> None:
        self._database.begin()
        finding.empty(self._database)
        self._database.commit()

    def _is_turn(self, name: str) -> bool:
        waited = self._waited.get(name, 0)
        size_bytes = self._size(name) if name == MESSAGES else self._size_bytes.get(name, 0)
        if waited < min(size_bytes // SHARE_BYTES, ROUNDS_MAX - 1):
            self._waited[name] = waited + 1
            return False
        return True

    def _rewrite(self, names: list[str]) -> None:
        if not names:
            return
        self._database.begin()
        if MESSAGES in names:  # words of what was erased
            finding.empty(self._database)
        for name in names:
            # Names are those of this file. Temporary tables live in memory only (temp_store).
            temporary = "TEMPORARY" if self._measure(name) <= ASIDE_BYTES_MAX else ""
            for sql in (
                f"CREATE {temporary} TABLE held AS SELECT * FROM {name}",  # noqa: S608
                f"DELETE FROM {name}",  # noqa: S608
                f"INSERT INTO {name} SELECT * FROM held ORDER BY {_KEYS[name]}",  # noqa: S608
                "DROP TABLE held",
                f"DELETE FROM chores WHERE name = '{name}'",  # noqa: S608
            ):
                self._database.write(sql)
        self._database.commit()
        for name in names:
            self._size_bytes[name] = self._measure(name)
            self._waited[name] = 0
            self._due.discard(name)

    def _size(self, name: str) -> int:
        """About how many bytes a table has."""
        if name not in self._size_bytes:
            self._size_bytes[name] = self._measure(name)
        return self._size_bytes[name]

    def _measure(self, name: str) -> int:
        if name == MESSAGES:  # a million of them are not read for that
            found = self._database.row("SELECT coalesce(sum(messages), 0) FROM channels")
            assert found is not None
            counted_bytes = int(found[0]) * _MESSAGE_BYTES
            if counted_bytes > WHOLE_BYTES_MAX:
                return counted_bytes
        found = self._database.row(f"SELECT coalesce(sum({_SIZES[name]}), 0) FROM {name}")  # noqa: S608
        assert found is not None
        return int(found[0])

    def _file_bytes(self) -> int:
        found = self._database.row("PRAGMA page_count")
        assert found is not None
        return int(found[0]) * PAGE_BYTES
