"""Writes and reads the sealed chunks of attachments, and what messages say of them.

Law: a place of a file holds one chunk for good; a file goes whole, with its chunks. The store opens none.
"""

# ruff: noqa: S608 - SQL is put together from constants of this file only

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.ids import CampaignId, OperationId
from meshcoal.log.changes import EraseFile, PutAttached, PutChunk, RenameFile
from meshcoal.log.reader import AttachedRow
from meshcoal.store.database import Database, Row
from meshcoal.store.names import Names

_CAMPAIGN: Final = "(SELECT number FROM campaigns WHERE id = ?)"
_ATTACHED: Final = (
    "SELECT o.id, coalesce(c.id, x''), f.encoded, coalesce(b.about, x'') FROM attached AS f "
    "JOIN operations AS o ON o.row = f.row JOIN authors AS a ON a.number = o.author "
    "LEFT JOIN messages AS m ON m.row = f.row LEFT JOIN channels AS c ON c.number = m.channel "
    "LEFT JOIN bodies AS b ON b.row = f.row"
)
_FILE: Final = (
    "(SELECT files.number FROM files JOIN campaigns ON campaigns.number = files.campaign "
    "WHERE campaigns.id = ? AND files.id = ?)"
)


class Chunks:
    """The writing half. Call inside a transaction."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    def put_attached(self, change: PutAttached) -> None:
        """The message, or the body of what stands in a statement, must be there."""
        row = self._names.row(change.id)
        changed = self._database.write(
            "INSERT INTO attached SELECT row, ? FROM "
            "(SELECT row FROM messages WHERE row = ? UNION SELECT row FROM bodies WHERE row = ?) WHERE true "
            "ON CONFLICT (row) DO UPDATE SET encoded = excluded.encoded",
            (change.encoded, row, row),
        )
        assert changed == 1, "attachments belong to a message or a body that is held"

    def put(self, change: PutChunk) -> None:
        self._database.write(
            "INSERT INTO campaigns (id) VALUES (?) ON CONFLICT DO NOTHING", (change.campaign,)
        )
        self._database.write(
            f"INSERT INTO files (campaign, id) VALUES ({_CAMPAIGN}, ?) ON CONFLICT DO NOTHING",
            (change.campaign, change.file),
        )
        self._database.write(
            f"INSERT INTO chunks (file, place, id, sealed) VALUES ({_FILE}, ?, ?, ?) "
            "ON CONFLICT (file, place) DO NOTHING",
            (change.campaign, change.file, change.place, change.id, change.sealed),
        )

    def rename(self, change: RenameFile) -> None:
        changed = self._database.write(
            f"UPDATE files SET id = ? WHERE campaign = {_CAMPAIGN} AND id = ?",
            (change.to, change.campaign, change.file),
        )
        assert changed == 1, "a file that is renamed is held"

    def erase(self, change: EraseFile) -> None:
        self._database.write(
            f"DELETE FROM files WHERE campaign = {_CAMPAIGN} AND id = ?",
            (change.campaign, change.file),
        )


class ChunkReader:
    """The reading half of `log.reader.LogReader`."""

    _database: Database

    def _row(self, operation: OperationId) -> int | None:
        """The row of an operation that is held: `store.reader` knows."""
        raise NotImplementedError

    def attached(self, campaign: CampaignId, *, limit: int | None = None) -> Sequence[AttachedRow]:
        rows = self._database.rows(
            f"{_ATTACHED} WHERE a.campaign = {_CAMPAIGN} ORDER BY f.row DESC LIMIT ?",
            (campaign, -1 if limit is None else limit),
        )
        return [_attached(row) for row in reversed(rows)]

    def attached_to(self, message: OperationId) -> AttachedRow | None:
        found = self._database.row(f"{_ATTACHED} WHERE f.row = ?", (self._row(message),))
        return None if found is None else _attached(found)

    def chunk(self, campaign: CampaignId, chunk: bytes) -> bytes | None:
        rows = self._database.rows(
            "SELECT c.sealed FROM chunks AS c JOIN files AS f ON f.number = c.file "
            f"WHERE c.id = ? AND f.campaign = {_CAMPAIGN} LIMIT 1",
            (chunk, campaign),
        )
        return rows[0][0] if rows else None

    def chunk_at(self, campaign: CampaignId, file: bytes, place: int) -> bytes | None:
        found = self._database.row(
            f"SELECT sealed FROM chunks WHERE file = {_FILE} AND place = ?",
            (campaign, file, place),
        )
        return None if found is None else found[0]

    def chunk_places(self, campaign: CampaignId, file: bytes) -> Sequence[int]:
        rows = self._database.rows(
            f"SELECT place FROM chunks WHERE file = {_FILE} ORDER BY place",
            (campaign, file),
        )
        return [place for (place,) in rows]

    def files(self, campaign: CampaignId) -> Sequence[bytes]:
        rows = self._database.rows(
            f"SELECT id FROM files WHERE campaign = {_CAMPAIGN} ORDER BY id",
            (campaign,),
        )
        return [file for (file,) in rows]


def _attached(found: Row) -> AttachedRow:
    message, channel, encoded, about = found
    return AttachedRow(message=message, channel=channel, encoded=encoded, about=about)
