"""Envelopes in one SQLite file.

Law: as in `relay.store`. One thread writes, and many puts share a transaction: whoever waits for one waits
for the disk once. Nothing here says who put what; when an envelope came is kept to the hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from meshcoal.clock import HOUR_MS
from meshcoal.errors import Corrupt, DiskFull
from meshcoal.relay.store import End, Envelope, Full, Page, Placed, StoreLimits
from meshcoal.sync.board import NO_HEAD, head_after

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY, topic BLOB NOT NULL UNIQUE, last INTEGER NOT NULL, head BLOB NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS envelopes (
    topic INTEGER NOT NULL, serial INTEGER NOT NULL, hour INTEGER NOT NULL, hash BLOB NOT NULL,
    before BLOB NOT NULL, signature BLOB NOT NULL, envelope BLOB NOT NULL,
    PRIMARY KEY (topic, serial)
);
CREATE UNIQUE INDEX IF NOT EXISTS envelopes_by_hash ON envelopes (topic, substr(hash, 1, 12));
CREATE INDEX IF NOT EXISTS envelopes_by_hour ON envelopes (hour);
"""
_GROUP_MAX: Final = 512  # puts of one transaction
_EXPIRED_AT_ONCE: Final = 2_000
_READERS: Final = 2

T = TypeVar("T")


@dataclass(slots=True)
class _Put:
    envelope: Envelope
    hour: int
    answer: asyncio.Future[Placed]


@dataclass(slots=True)
class _Topic:
    number: int
    last: int
    head: bytes
    size_bytes: int


class SqliteStore:
    """A `Store`. Made inside a running loop; must be closed.

    Raises:
        Corrupt: the file is no database of a relay.
    """

    def __init__(self, path: Path, limits: StoreLimits | None = None) -> None:
        self._limits = limits or StoreLimits()
        self._loop = asyncio.get_running_loop()
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        try:
            self._writer = self._connect()
            self._writer.executescript(_SCHEMA)
            row = self._writer.execute("SELECT coalesce(sum(bytes), 0) FROM topics").fetchone()
        except sqlite3.DatabaseError:
            for connection in self._open:
                connection.close()
            raise Corrupt("the relay's file cannot be read") from None
        self._bytes = int(row[0])
        self._waiting: deque[_Put] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._closed = False
        self._write_thread = ThreadPoolExecutor(1, "relay-write")
        self._read_threads = ThreadPoolExecutor(_READERS, "relay-read")

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._open.append(made)
        made.execute("PRAGMA auto_vacuum = INCREMENTAL")  # in force only where it comes first
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = FULL")
        made.execute("PRAGMA cache_size = -8192")
        made.execute("PRAGMA secure_delete = ON")
        return made

    # --- Writing

    async def put(self, envelope: Envelope, now_ms: int) -> Placed:
        assert not self._closed, "the store is closed"
        waiting = _Put(envelope, now_ms // HOUR_MS, self._loop.create_future())
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = self._loop.create_task(self._write())
        return await asyncio.shield(waiting.answer)

    async def _write(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(_GROUP_MAX, len(self._waiting)))]
                answers = await self._loop.run_in_executor(self._write_thread, self._put_all, group)
                for put, answer in zip(group, answers, strict=True):
                    if put.answer.cancelled():
                        continue
                    if isinstance(answer, Placed):
                        put.answer.set_result(answer)
                    else:
                        put.answer.set_exception(answer)
        finally:
            self._writing = None

    def _put_all(self, group: list[_Put]) -> list[Placed | Full | DiskFull]:
        answers: list[Placed | Full | DiskFull] = []
        before = self._bytes
        topics: dict[bytes, _Topic] = {}
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for put in group:
                answers.append(self._put(put, topics))
            self._writer.executemany(
                "UPDATE topics SET last = ?, head = ?, bytes = ? WHERE id = ?",
                [(one.last, one.head, one.size_bytes, one.number) for one in topics.values()],
            )
            self._writer.execute("COMMIT")
        except sqlite3.OperationalError:  # the disk is full, or cannot be written
            with contextlib.suppress(sqlite3.OperationalError):
                self._writer.execute("ROLLBACK")
            self._bytes = before
            return [DiskFull("the relay's disk is full") for _ in group]
        return answers

    def _topic(self, name: bytes) -> _Topic | None:
        row = self._writer.execute(
            "SELECT id, last, head, bytes FROM topics WHERE topic = ?", (name,)
        ).fetchone()
        return None if row is None else _Topic(*row)

    def _put(self, put: _Put, topics: dict[bytes, _Topic]) -> Placed | Full:
        execute, one = self._writer.execute, put.envelope
        size = len(one.envelope)
        topic = topics.get(one.topic) or self._topic(one.topic)
        if topic is not None and self._bytes + size > self._limits.bytes_max:
            known = self._known(topic, one)  # where there is no room, what is there is still answered for
            if known is not None:
                return known
        if self._bytes + size > self._limits.bytes_max:
            return Full(topic=False)
        if size + (topic.size_bytes if topic is not None else 0) > self._limits.topic_bytes_max:
            return (self._known(topic, one) if topic is not None else None) or Full(topic=True)
        if topic is None:
            made = execute(
                "INSERT INTO topics (topic, last, head, bytes) VALUES (?, 0, ?, 0)", (one.topic, NO_HEAD)
            )
            assert made.lastrowid is not None
            topic = _Topic(made.lastrowid, 0, NO_HEAD, 0)
        topics[one.topic] = topic
        stored = execute(
            "INSERT INTO envelopes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (topic.number, topic.last + 1, put.hour, one.hashed, topic.head, one.signature, one.envelope),
        )
        if not stored.rowcount:
            known = self._known(topic, one)
            assert known is not None, "what is in the way is the same"
            return known
        topic.last += 1
        topic.head = head_after(topic.head, one.hashed)
        topic.size_bytes += size
        self._bytes += size
        return Placed(serial=topic.last, head=topic.head, new=True)

    def _known(self, topic: _Topic, one: Envelope) -> Placed | None:
        row = self._writer.execute(
            "SELECT serial, before FROM envelopes WHERE topic = ? AND substr(hash, 1, 12) = ?",
            (topic.number, one.hashed[:12]),
        ).fetchone()
        if row is None:
            return None
        return Placed(serial=row[0], head=head_after(row[1], one.hashed), new=False)

    async def expire(self, before_ms: int) -> int:
        gone = 0
        while True:
            some = await self._loop.run_in_executor(
                self._write_thread, self._expire_some, before_ms // HOUR_MS
            )
            gone += some
            if some < _EXPIRED_AT_ONCE:
                return gone

    def _expire_some(self, before_hour: int) -> int:
        execute = self._writer.execute
        rows = execute(
            "SELECT topic, serial, length(envelope) FROM envelopes WHERE hour < ? LIMIT ?",
            (before_hour, _EXPIRED_AT_ONCE),
        ).fetchall()
        if not rows:
            return 0
        execute("BEGIN IMMEDIATE")
        for topic, serial, size in rows:
            execute("DELETE FROM envelopes WHERE topic = ? AND serial = ?", (topic, serial))
            execute("UPDATE topics SET bytes = bytes - ? WHERE id = ?", (size, topic))
            self._bytes -= size
        execute("DELETE FROM topics WHERE bytes = 0")
        execute("COMMIT")
        execute("PRAGMA incremental_vacuum")
        return len(rows)

    # --- Reading

    async def _reading(self, read: Callable[[sqlite3.Connection], T]) -> T:
        def run() -> T:
            connection: Any = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
            return read(connection)

        return await self._loop.run_in_executor(self._read_threads, run)

    async def page(self, topic: bytes, after: int, *, envelopes_max: int, bytes_max: int) -> Page:
        def read(connection: sqlite3.Connection) -> Page:
            rows = connection.execute(
                "SELECT serial, before, envelope, signature FROM envelopes"
                " WHERE topic = (SELECT id FROM topics WHERE topic = ?) AND serial > ?"
                " ORDER BY serial LIMIT ?",
                (topic, after, envelopes_max),
            )
            first, before, size = 0, NO_HEAD, 0
            found: list[tuple[bytes, bytes]] = []
            for serial, head, envelope, signature in rows:
                size += len(envelope)
                if found and size > bytes_max:
                    break
                if not found:
                    first, before = serial, head
                found.append((envelope, signature))
            return Page(first=first, before=before, envelopes=found)

        return await self._reading(read)

    async def end(self, topic: bytes) -> End:
        def read(connection: sqlite3.Connection) -> End:
            row = connection.execute("SELECT last, head FROM topics WHERE topic = ?", (topic,)).fetchone()
            return End() if row is None else End(last=row[0], head=row[1])

        return await self._reading(read)

    async def ends(self, topics: list[bytes]) -> list[End]:
        def read(connection: sqlite3.Connection) -> list[End]:
            found = []
            for topic in topics:
                row = connection.execute("SELECT last, head FROM topics WHERE topic = ?", (topic,)).fetchone()
                found.append(End() if row is None else End(last=row[0], head=row[1]))
            return found

        return await self._reading(read)

    async def filled(self) -> float:
        return self._bytes / self._limits.bytes_max

    async def close(self) -> None:
        self._closed = True
        if self._writing is not None:
            await self._writing
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        for connection in self._open:
            connection.close()
