"""The store of one home: steps go in, each in one transaction, and the log is read back.

Law: when `commit_step` returns, the step outlives a power cut; when anything raises, `rollback` leaves the
store as it was before the step. One thread opens, uses and closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from meshcoal.errors import StoreError
from meshcoal.log.changes import (
    Change,
    EraseCampaign,
    EraseDocument,
    EraseFile,
    MarkOpened,
    PutAttached,
    PutBody,
    PutChunk,
    PutDocument,
    PutMessage,
    PutOperation,
    RenameFile,
)
from meshcoal.log.reader import LogReader
from meshcoal.store import files
from meshcoal.store.chunks import Chunks
from meshcoal.store.database import Database
from meshcoal.store.documents import Documents
from meshcoal.store.migrate import migrate, migrations
from meshcoal.store.operations import Operations
from meshcoal.store.reader import Reader

STORE_NAME: Final = "store.db"

# Chores: what must still be done after an erasure, see docs/internals/store.md.
_COMPACT: Final = "compact"
_REWRITE: Final = "rewrite"


class Store:
    """Everything a node keeps, under one 32-byte key.

    Either `commit(changes)`, or `begin()`, any number of `apply(changes)`, and `commit_step()` or
    `rollback()`. The reader sees what was applied at once, also before it is committed.

    Every method may raise `DiskFull`, `ReadOnly`, `Corrupt` or `StoreError`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._operations = Operations(database)
        self._documents = Documents(database)
        self._chunks = Chunks(database)
        self._reader = Reader(database)
        self._erased: set[type[Change]] = set()  # which kinds of erasure this step has

    @classmethod
    def open(cls, home: Path, key: bytes) -> Store:
        """Opens the store of a home and brings it to the newest layout.

        Raises:
            Corrupt: missing, truncated, damaged, or not written under `key`.
            SchemaTooNew: written by a newer meshcoal.
            AlreadyRunning: another process has it open.
            ReadOnly, DiskFull, StoreError: the disk. In each case the file is left as it was.
        """
        database = Database.open(home / STORE_NAME, key)
        try:
            migrate(database, migrations())
            store = cls(database)
            store._rewrite_if_due()
            store._remove_traces()  # of an erasure that a crash cut short
            return store
        except BaseException:
            database.close()
            raise

    @classmethod
    def create(cls, home: Path, key: bytes) -> None:
        """Writes an empty store under the home's name for it, whole or not at all; none may be there.

        Raises:
            ReadOnly, DiskFull, StoreError: the disk.
        """
        path = home / STORE_NAME
        assert not path.exists(), "a store is never overwritten"
        fresh = path.with_name(path.name + ".new")
        with files.disk_errors(path.name):
            for leftover in (fresh, fresh.with_name(fresh.name + "-wal")):
                files.remove(leftover)
            try:
                database = Database.create(fresh, key)
                try:
                    migrate(database, migrations())
                    database.checkpoint()
                finally:
                    database.close()
                files.sync_file(fresh)
                fresh.rename(path)
            finally:
                files.remove(fresh)
            files.sync_directory(home)

    @property
    def reader(self) -> LogReader:
        return self._reader

    def commit(self, changes: Sequence[Change]) -> None:
        """One step of one batch."""
        self.begin()
        try:
            self.apply(changes)
        except BaseException:
            self.rollback()
            raise
        self.commit_step()

    def begin(self) -> None:
        """Starts a step."""
        self._database.begin()

    def apply(self, changes: Sequence[Change]) -> None:
        """Writes changes into the step; the reader sees them from now on.

        If this raises, the step must be rolled back.
        """
        assert self._database.in_transaction, "changes belong to a step"
        operations: list[PutOperation] = []
        bodies: list[PutBody] = []
        messages: list[PutMessage] = []
        documents: list[PutDocument | EraseDocument] = []

        def flush() -> None:
            if operations:
                self._operations.put(operations)
            if bodies:
                self._operations.put_bodies(bodies)
            if messages:
                self._operations.put_messages(messages)
            operations.clear()
            bodies.clear()
            messages.clear()

        # Grouped by table, because one statement over many rows is far quicker than many statements.
        for change in changes:
            match change:
                case PutOperation():
                    operations.append(change)
                case PutBody():
                    bodies.append(change)
                case PutMessage():
                    messages.append(change)
                case PutDocument():
                    documents.append(change)
                case EraseDocument():
                    documents.append(change)
                    self._erased.add(EraseDocument)
                case PutAttached():
                    flush()
                    self._chunks.put_attached(change)
                case PutChunk():
                    self._chunks.put(change)
                case RenameFile():
                    self._chunks.rename(change)
                case EraseFile():
                    self._chunks.erase(change)
                    self._erased.add(EraseFile)
                case MarkOpened():
                    flush()
                    self._operations.mark_opened(change)
                case EraseCampaign():
                    flush()
                    self._operations.erase(change.campaign)
                    self._reader.forget()
                    self._erased.add(EraseCampaign)
        flush()
        if documents:
            self._documents.write(documents)

    def commit_step(self) -> None:
        """Ends the step: it is on disk when this returns. If it raises, the step is undone."""
        try:
            if EraseDocument in self._erased:
                self._chore(_REWRITE, due=not self._documents.clean_up())
            if EraseCampaign in self._erased:
                self._chore(_COMPACT, due=True)
            self._database.commit()
        except BaseException:
            self.rollback()
            raise
        self._operations.settle()
        if self._erased:
            self._erased.clear()
            self._remove_traces()

    def rollback(self) -> None:
        """Undoes the step."""
        self._database.rollback()
        self._operations.forget()
        self._reader.forget()
        self._erased.clear()

    def close(self) -> None:
        """Moves the log into the file and closes it; a step in progress is undone. Again is allowed."""
        if self._database.closed:
            return
        self.rollback()
        try:
            self._rewrite_if_due()
            self._remove_traces()
        finally:
            self._database.close()

    def _chore(self, name: str, *, due: bool) -> None:
        # In a table, so that a crash does not make us forget it.
        if due:
            self._database.write("INSERT INTO chores VALUES (?) ON CONFLICT DO NOTHING", (name,))
        else:
            self._database.write("DELETE FROM chores WHERE name = ?", (name,))

    def _is_due(self, name: str) -> bool:
        return self._database.row("SELECT 1 FROM chores WHERE name = ?", (name,)) is not None

    def _rewrite_if_due(self) -> None:
        if not self._is_due(_REWRITE):
            return
        try:
            self._database.begin()
            self._documents.rewrite()
            self._chore(_REWRITE, due=False)
            self._database.commit()
        except StoreError:  # for want of room, say: it stays due
            self._database.rollback()

    def _remove_traces(self) -> None:
        try:
            if self._is_due(_COMPACT):
                # Many rows of many tables: only a fresh file is sure to hold nothing of them.
                self._database.compact()
                self._chore(_COMPACT, due=False)
            # The write-ahead log still holds the pages as they were before.
            self._database.checkpoint()
        except StoreError:
            # The step itself is on disk. Having no room for tidying up must not stop the work: the next
            # erasure tries again, and so do `close` and `open`.
            if self._database.closed:
                raise
