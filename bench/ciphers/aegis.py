"""As much of DB-API over `apsw-sqlite3mc` as `store.database` uses, so that the store can be measured on it.

The key is given raw, as to SQLCipher; pages are sealed with AEGIS-256.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw

Error = apsw.Error


class Cursor:
    """One cursor; it is its own result."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        self._cursor.execute(sql, tuple(parameters))
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        self._cursor.executemany(sql, rows)
        return self

    @property
    def rowcount(self) -> int:
        return int(self._connection.changes())

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        return list(self._cursor.fetchall())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def close(self) -> None:
        self._cursor.close(True)


class Connection:
    """Autocommit, as `isolation_level=None` is elsewhere."""

    def __init__(self, path: str, cached_statements: int) -> None:
        self._connection = apsw.Connection(path, statementcachesize=cached_statements)

    def execute(self, sql: str) -> Cursor:
        if sql.startswith("PRAGMA key ="):
            key = sql.partition("x'")[2].partition("'")[0]
            Cursor(self._connection).execute("PRAGMA cipher = 'aegis'").fetchall()
            sql = f"PRAGMA key = 'raw:{key}'"
        return Cursor(self._connection).execute(sql)

    def executescript(self, sql: str) -> None:
        self._connection.cursor().execute(sql).fetchall()

    def cursor(self) -> Cursor:
        return Cursor(self._connection)

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    @property
    def total_changes(self) -> int:
        return int(self._connection.total_changes())

    def close(self) -> None:
        self._connection.close()


def connect(
    path: str, *, isolation_level: None, timeout: float, cached_statements: int, check_same_thread: bool
) -> Connection:
    """As `sqlite3.connect`; the defaults of others are not needed."""
    assert isolation_level is None
    assert check_same_thread
    assert timeout
    return Connection(path, cached_statements)
