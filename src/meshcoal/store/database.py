"""One encrypted SQLite file, open on one thread.

Law: SQLCipher is silenced before it learns the key, learns the key before it reads a byte, and has read
a page before it may write one, so that a wrong key or a damaged file is refused and left as it is.
Every failure is one of our errors, except a bug, which is an assertion.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from sqlcipher3 import dbapi2

from meshcoal.crypto.memory import SecretBytes
from meshcoal.errors import AlreadyRunning, Corrupt, MeshcoalError, StoreError
from meshcoal.store import files

KEY_BYTES: Final = 32
PAGE_BYTES: Final = 4096
BUSY_TIMEOUT_S: Final = 1.0  # long enough for a daemon that is just closing
CACHE_KIB: Final = 16 * 1024
STATEMENTS_CACHED: Final = 64
AFLOAT_MAX: Final = 256  # transactions that need not last, kept back for one commit
AFLOAT_ROWS_MAX: Final = 1_536  # changed by them: some 5 ms of sealing pages
CHECKPOINT_PAGES: Final = 1_000  # 4 MiB of write-ahead log: moving more of it at once, all else waits long

# SQLite's primary result codes, sqlite.org/rescode.html
_READONLY: Final = frozenset({3, 8, 14, 23})  # PERM, READONLY, CANTOPEN, AUTH
_BUSY: Final = frozenset({5, 6, 15})  # BUSY, LOCKED, PROTOCOL
_IOERR: Final = 10
_CORRUPT: Final = frozenset({11, 24, 26})  # CORRUPT, FORMAT, NOTADB
_FULL: Final = 13
_CONSTRAINT: Final = 19

Row = tuple[Any, ...]


class Database:
    """A connection with its pragmas set. Use it only on the thread that opened it.

    `open` and `create` raise:
        Corrupt: missing, truncated or damaged, or not opened by this key.
        AlreadyRunning: another process has it open.
        ReadOnly, DiskFull, StoreError: the disk.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = SecretBytes(key)
        self._failure: StoreError | None = None  # of the disk, to keep what was committed
        self._connect()
        self._thread = threading.get_ident()
        self.closed = False

    @classmethod
    def open(cls, path: Path, key: bytes) -> Database:
        """Opens a store that exists, with a raw 32-byte key."""
        with files.disk_errors(path.name):
            try:
                size = path.stat().st_size
            except FileNotFoundError as exc:
                raise _missing(path.name) from exc
        # SQLite takes an empty file for a new store. A torn last page is healed from the log, if any.
        if size < PAGE_BYTES or (size % PAGE_BYTES and not _has_log(path)):
            raise _corrupt(path.name)
        files.require_writable(path.parent, path)
        return cls(path, key)

    @classmethod
    def create(cls, path: Path, key: bytes) -> Database:
        """Opens a new, empty store under a name that must not be in use."""
        with files.disk_errors(path.name):
            files.create_private(path)
        return cls(path, key)

    def _connect(self) -> None:
        connection = None
        try:
            # A plain path: a URI would put `?` and `#` of a user's folder to other uses.
            connection = dbapi2.connect(
                os.fspath(self.path),
                isolation_level=None,
                timeout=BUSY_TIMEOUT_S,
                cached_statements=STATEMENTS_CACHED,
                check_same_thread=True,
            )
            _prepare(connection, self._key.read())
        except dbapi2.Error as exc:
            if connection is not None:
                connection.close()
            self._raise(exc)
        self._connection = connection
        self._cursor = connection.cursor()
        self._begun = False
        self._afloat = 0  # transactions that were ended and kept back
        self._landed = 0  # `total_changes` when none was
        self.amid = False  # the last of them is half of something
        self._flushed = -1  # `total_changes` when all was last sure to outlive a power cut

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Every row of a query."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        try:
            found: list[Row] = self._cursor.execute(sql, parameters).fetchall()
        except dbapi2.Error as exc:
            self._raise(exc)
        return found

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The only row of a query, or None."""
        found = self.rows(sql, parameters)
        assert len(found) <= 1, "a query for one row found more"
        return found[0] if found else None

    def first_rows(self, sql: str, parameters: Sequence[Any]) -> Iterable[Row]:
        """Rows one by one, for a caller that may stop early; it must not write in between."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        cursor = self._connection.cursor()
        try:
            yield from cursor.execute(sql, parameters)
        except dbapi2.Error as exc:
            self._raise(exc)
        finally:
            cursor.close()  # a read that was left half-way would keep the log from being cut

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Runs one statement. Returns how many rows it changed."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        try:
            changed: int = self._cursor.execute(sql, parameters).rowcount
        except dbapi2.Error as exc:
            self._raise(exc)
        return changed

    def write_many(self, sql: str, rows: Sequence[Row]) -> None:
        """Runs one statement once per row."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        try:
            self._cursor.executemany(sql, rows)
        except dbapi2.Error as exc:
            self._raise(exc)

    def script(self, sql: str) -> None:
        """Runs several statements, as a migration does."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        try:
            self._connection.executescript(sql)
        except dbapi2.Error as exc:
            self._raise(exc)

    @property
    def in_transaction(self) -> bool:
        """Whether something was begun, and not ended yet."""
        return self._begun

    def begin(self) -> None:
        assert not self._begun, "a transaction is open"
        if self._failure is not None:
            raise self._failure
        self.write("SAVEPOINT step" if self._afloat else "BEGIN IMMEDIATE")
        self._begun = True

    def commit(self, *, lasting: bool = True, whole: bool = True) -> None:
        """Ends the transaction. Where `lasting`, it and all before it outlive a power cut when this returns.

        Else it is kept back, and seals no page of its own: it goes to the disk with the next lasting one, or
        with `AFLOAT_MAX` of its kind, or `AFLOAT_ROWS_MAX` rows. Until then a crash of the process takes it
        as well. What is not `whole` is kept back in any case, until something whole follows.
        """
        assert self._begun, "no transaction is open"
        assert whole or not lasting, "half of something does not last"
        self.amid = self.amid or not whole  # until it has succeeded
        rows = self._connection.total_changes - self._landed
        if not whole or (not lasting and self._afloat < AFLOAT_MAX and rows < AFLOAT_ROWS_MAX):
            if self._afloat:
                self.write("RELEASE step")
            self._afloat += 1
            self._begun = False
            self.amid = not whole
            return
        self.write("COMMIT")
        self._begun = self.amid = False
        self._note_landed()
        if lasting:
            self.flush()

    def land(self) -> None:
        """Commits what was kept back."""
        assert not self._begun, "a transaction is open"
        assert not self.amid, "half of something does not last"
        if self._afloat:
            self.write("COMMIT")
            self._note_landed()

    def _note_landed(self) -> None:
        self._afloat = 0
        self._landed = self._connection.total_changes

    def flush(self) -> None:
        """Returns when all that was committed outlives a power cut.

        If the disk fails here, what was committed is there and may go with the power, and a second try could
        succeed without having written anything: the file is used no more until it is opened anew.
        """
        self.land()
        if self._flushed == self._connection.total_changes:
            return
        try:
            with files.disk_errors(self.path.name):
                files.sync_file(self.path.with_name(self.path.name + "-wal"))
        except StoreError as failure:
            self._failure = failure
            raise
        self._flushed = self._connection.total_changes

    def rollback(self) -> None:
        """Undoes the open transaction, and leaves what was kept back before it, unless half of it is missing.

        After some failures SQLite has undone all of both by itself.
        """
        begun, self._begun = self._begun, False
        amid, self.amid = self.amid, False
        if not self._connection.in_transaction:
            self._afloat = 0
        elif amid:
            self.write("ROLLBACK")
            self._afloat = 0
        elif not self._afloat:
            self.write("ROLLBACK")
        elif begun:
            self.write("ROLLBACK TO step")
            self.write("RELEASE step")

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file and cuts the log to nothing."""
        self.land()
        busy, _, _ = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        assert not busy, "nobody else has the file open"

    def copy_into(self, target: Path) -> None:
        """Writes every live row, and nothing else, into a new store under the same key.

        Reads every page on the way. Raises `OSError` where the disk fails outside SQLite.
        """
        self.land()
        files.remove(target)
        files.create_private(target)
        self.write("VACUUM INTO ?", (os.fspath(target),))
        files.sync_file(target)

    def compact(self) -> None:
        """Puts a copy without any trace of removed rows in the place of the file, and goes on with that.

        Needs room for the copy. If this raises, the file holds what it held; `closed` is true if it could
        not be opened again.
        """
        fresh = self.path.with_name(self.path.name + ".compact")
        with files.disk_errors(self.path.name):
            try:
                self.copy_into(fresh)
                # The log must be gone before the rename: it belongs to the old file.
                self.checkpoint()
                self._connection.close()
                try:
                    files.put_in_place(fresh, self.path)
                finally:
                    self.closed = True  # unless this succeeds
                    self._connect()
                    self.closed = False
            finally:
                files.remove(fresh)

    def close(self) -> None:
        """Closes the file. What was committed or kept back stays."""
        assert threading.get_ident() == self._thread, "the store belongs to the thread that opened it"
        try:
            self.land()
        finally:
            self._close()

    def _close(self) -> None:
        try:
            self._connection.close()
        except dbapi2.Error as exc:
            self._raise(exc)
        self._key.close()
        self.closed = True

    def _raise(self, exc: Any) -> NoReturn:
        named = _named(exc, self.path.name)
        if named is None:
            raise exc
        raise named from exc


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _prepare(connection: Any, key: bytes) -> None:
    assert len(key) == KEY_BYTES, "the key is 32 bytes"

    def run(pragma: str) -> Any:
        return connection.execute(pragma).fetchone()

    # It logs to stderr, which is where the interface paints.
    run("PRAGMA cipher_log_level = NONE")
    run(f"PRAGMA key = \"x'{key.hex()}'\"")
    # With the file locked from the first read, the index of the log lives in our memory: no third file.
    run("PRAGMA locking_mode = EXCLUSIVE")
    run("SELECT count(*) FROM sqlite_schema")  # fails here if the key or the file is wrong
    mode = run("PRAGMA journal_mode = WAL")
    assert mode == ("wal",), "write-ahead logging is on"
    # What FULL would do at each commit, `flush` does where a step must outlive a power cut.
    run("PRAGMA synchronous = NORMAL")
    run("PRAGMA secure_delete = ON")
    run("PRAGMA temp_store = MEMORY")
    run("PRAGMA foreign_keys = ON")
    run("PRAGMA trusted_schema = OFF")
    run(f"PRAGMA cache_size = -{CACHE_KIB}")
    run(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _named(exc: Any, name: str) -> MeshcoalError | AssertionError | None:
    """Our error for one of SQLite's; None for what is a bug in how it was called."""
    code = getattr(exc, "sqlite_errorcode", None)
    if code is None:
        return None
    code &= 0xFF  # the extended codes repeat the primary one in their low byte
    if code in _CORRUPT:
        return _corrupt(name)
    if code == _FULL:
        return files.disk_full(name)
    if code in _READONLY:
        return files.read_only(name)
    if code in _BUSY:
        return AlreadyRunning(f"Another program has {name} open. Close it, or use the meshcoal that runs.")
    if code == _IOERR:
        return StoreError(
            f"The disk failed while {name} was used. What was saved before is unharmed; "
            "check the disk and its free space, then start again."
        )
    if code == _CONSTRAINT:
        return AssertionError(f"the core broke a rule of the store: {exc}")
    return None


def _corrupt(name: str) -> Corrupt:
    return Corrupt(
        f"{name} is damaged or cut short, and was left as it is. Copy the whole folder before anything else, "
        "then put back your last backup of it."
    )


def _missing(name: str) -> Corrupt:
    return Corrupt(
        f"{name} is missing although the vault is there. Nothing was changed; "
        f"put {name} back from your last backup of the folder."
    )
