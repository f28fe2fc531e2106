"""The store of one home: steps go in, each in one transaction, and the log is read back.

Law: when `commit_step` returns, the step outlives a power cut, unless it was told not to wait for that: then
a crash may take it, and all behind it up to the next that lasts. When anything raises, `rollback` leaves the
store as it was before the step. Traces of what was replaced or erased go by the time `tidy` says that no more
is to be done, but for large tables; else at closing, and at the next opening. One thread opens, uses and
closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from meshcoal.errors import StoreError
from meshcoal.log.changes import (
    BlankMessage,
    Change,
    EraseCampaign,
    EraseDocument,
    EraseFile,
    EraseMessages,
    EraseSpooled,
    MarkOpened,
    PutAttached,
    PutBody,
    PutChunk,
    PutDocument,
    PutMark,
    PutMessage,
    PutOperation,
    PutSpooled,
    RenameFile,
)
from meshcoal.log.reader import LogReader
from meshcoal.store import files
from meshcoal.store.chunks import Chunks
from meshcoal.store.database import Database
from meshcoal.store.documents import Documents
from meshcoal.store.erasing import Erasing, Progress
from meshcoal.store.finding import Finding
from meshcoal.store.migrate import migrate, migrations
from meshcoal.store.names import Names
from meshcoal.store.operations import Operations
from meshcoal.store.reader import Reader
from meshcoal.store.spool import Spool
from meshcoal.store.tidying import ATTACHED, COMPACT, MARKS, MESSAGES, Tidying

STORE_NAME: Final = "store.db"
_SLICES_BETWEEN: Final = 400  # of the index of words: half a minute of them


class Store:
    """Everything a node keeps, under one 32-byte key.

    Either `commit(changes)`, or `begin()`, any number of `apply(changes)`, and `commit_step()` or
    `rollback()`. The reader sees what was applied at once, also before it is committed.

    Every method may raise `DiskFull`, `ReadOnly`, `Corrupt` or `StoreError`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names = Names(database)
        self._documents = Documents(database)
        self._chunks = Chunks(database, self._names)
        self._spool = Spool(database)
        self._erasing = Erasing(database, self._names)
        self._finding = Finding(database)
        self._operations = Operations(database, self._names, self._erasing, self._finding)
        self._reader = Reader(database, self._names, self._erasing, self._finding)
        self._tidying = Tidying(database)
        self._indexing = 0  # slices that may follow before all else is looked after again
        self._stained: set[str] = set()  # which tables hold traces since this step

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
            store._tidying.round(whole=True)  # of what a crash cut short
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
                case PutAttached():
                    flush()
                    self._chunks.put_attached(change)
                case PutChunk():
                    self._chunks.put(change)
                case RenameFile():
                    self._chunks.rename(change)
                case EraseFile():
                    self._chunks.erase(change)
                case PutSpooled():
                    self._spool.put(change)
                case EraseSpooled():
                    self._spool.erase(change)
                case MarkOpened():
                    flush()
                    self._operations.mark_opened(change)
                case PutMark():
                    flush()
                    self._operations.put_mark(change)
                case BlankMessage():
                    flush()
                    self._operations.blank(change)
                    self._stained |= {MESSAGES, MARKS, ATTACHED}
                case EraseMessages():
                    flush()
                    self._operations.erase_messages(change)
                    self._stained |= {MESSAGES, MARKS, ATTACHED}
                case EraseCampaign():
                    flush()
                    if self._erasing.begin(change.campaign):
                        self._stained.add(COMPACT)
                    self._operations.forget()
                    self._reader.forget()
        flush()
        if documents:
            self._stained |= self._documents.write(documents)

    def commit_step(self, *, lasting: bool = True, whole: bool = True) -> None:
        """Ends the step: it is on disk when this returns. If it raises, the step is undone.

        But where the disk fails after all was written, the store is used no more: what it holds shows when it
        is opened anew.

        Args:
            lasting: wait until this step and all before it would outlive a power cut; else it does so from
                the next lasting one on.
            whole: the next step does not write what belongs to this one. Else a crash takes both or none.
        """
        try:
            self._tidying.note(self._stained)
            self._names.settle()
            self._database.commit(lasting=lasting, whole=whole)
        except BaseException:
            self.rollback()
            raise
        self._operations.settle()
        self._stained.clear()

    @property
    def erasing(self) -> Progress:
        """How much of erased campaigns is gone."""
        return self._erasing.progress

    def tidy(self, *, whole: bool = False) -> bool:
        """Between steps, now and then: removes traces of what was replaced or erased since the last time.

        Args:
            whole: everything that is due; else large tables wait their turn, see `store.tidying`, and of
                campaigns that are being erased one slice goes, or one goes into the index of words.

        Returns:
            Whether to call it again soon: there are more slices. Where not, this call has looked after the
            traces as well, however long the index of words was being filled before.

        Never fails for want of room: what could not be done stays due.
        """
        if self._database.amid:
            return True
        if self._indexing and not whole:  # between two slices of it nothing else is due so soon
            self._indexing -= 1
            if self._index_slice():
                return True
            # What was erased meanwhile has waited since the first slice: not until the next call as well.
            self._indexing = 0
        while self._erasing.going:
            if not self._erase_slice():
                return False
            if not whole and self._erasing.going:
                return True
        self._tidying.round(whole=whole)
        self._finding.reload()
        more = not whole and self._index_slice()
        self._indexing = _SLICES_BETWEEN if more else 0
        return more

    def _index_slice(self) -> bool:
        """Fill a part of what was taken in into the index of words. Whether there is more, and room."""
        try:
            return self._finding.slice()
        except StoreError:
            if self._database.closed:
                raise
            self.rollback()
            return False

    def _erase_slice(self) -> bool:
        """Whether there was room for it."""
        try:
            self._database.begin()
            if self._erasing.slice():
                self._tidying.note({COMPACT})
            self._database.commit()
        except StoreError:
            if self._database.closed:
                raise
            self.rollback()
            return False
        self._operations.forget()
        return True

    def rollback(self) -> None:
        """Undoes the step, and those before it which it was to complete."""
        self._database.rollback()
        self._operations.forget()
        self._names.reload()
        self._reader.forget()
        self._stained.clear()
        self._erasing.reload()
        self._tidying.reload()
        self._finding.reload()

    def close(self) -> None:
        """Moves the log into the file and closes it; a step in progress is undone. Again is allowed."""
        if self._database.closed:
            return
        self.rollback()
        try:
            self._put_names()
            self.tidy(whole=True)
        finally:
            self._database.close()

    def _put_names(self) -> None:
        try:
            self._names.finish()
        except StoreError:  # the next opening reads them back
            self._database.rollback()
